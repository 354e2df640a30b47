# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A merchant's coupon from a resident's phone to the camera at the counter."""

from contextlib import contextmanager

from playwright.sync_api import expect
from point_phone import PHONE, browser, write_camera_picture

# A coffee for a resident; a clerk of the café, both with a portal login.
COFFEE = """
merchant = env["res.partner"].create({"name": "Corner Cafe", "is_company": True})
program = env["loyalty.program"].create(
    {
        "name": "Coffee", "program_type": "coupons", "trigger": "with_code",
        "applies_on": "current", "groupbuy_merchant_id": merchant.id,
        "groupbuy_gift": "A coffee", "communication_plan_ids": [Command.clear()],
        "reward_ids": [Command.create({"reward_type": "discount", "discount": 1})],
    }
)
users = env["res.users"].with_context(no_reset_password=True).create(
    [
        {
            "name": name, "login": login, "password": login,
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }
        for login, name in (("anna", "Anna Miller"), ("clerk", "Bert Clerk"))
    ]
)
users[1].partner_id.parent_id = merchant
card = env["loyalty.card"].create(
    {"program_id": program.id, "partner_id": users[0].partner_id.id, "points": 1}
)
env.cr.commit()
answer(card_id=card.id, clerk_id=users[1].id)
"""


@contextmanager
def signed_in(chromium, url, login, path):
    """Yield a page of the portal on a phone."""
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    errors = []
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{url}/web/login?redirect={path}")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", login)
        page.click("form.oe_login_form button[type=submit]")
        page.wait_for_url(f"**{path}")
        yield page
        assert not errors, errors
    finally:
        context.close()


def test_a_coupon_on_a_residents_phone_is_scanned_and_redeemed_once(shop, tmp_path):
    answer = shop.run(COFFEE)
    card_id = answer["card_id"]
    film = tmp_path / "coupon.y4m"
    with shop.odoo.start_server(shop.name, workers=2) as server:
        server.wait_ready()
        with browser() as chromium:
            path = f"/my/coupons/{card_id}"
            with signed_in(chromium, server.url, "anna", path) as page:
                write_camera_picture(page.locator(".gb-coupon-qr").screenshot(), film)
        with browser(f"--use-file-for-fake-video-capture={film}") as chromium:
            with signed_in(chromium, server.url, "clerk", "/my/merchant") as page:
                page.click("[data-gb=scan]")
                found = page.get_by_role("button", name="Redeem now")
                expect(found).to_be_visible(timeout=30_000)
                assert not shop.value("SELECT count(*) FROM groupbuy_coupon_redemption")
                found.click()
                expect(page.locator(".alert-success")).to_contain_text("A coffee")
                # Held before the camera once more, it is used.
                page.click("[data-gb=scan]")
                refused = page.locator(".alert-warning")
                expect(refused).to_contain_text("was redeemed on", timeout=30_000)
                expect(refused).to_contain_text("Bert Clerk")
    assert shop.query(
        "SELECT r.card_id, r.redeemed_by, c.points"
        " FROM groupbuy_coupon_redemption r JOIN loyalty_card c ON c.id = r.card_id"
    ) == [(card_id, answer["clerk_id"], 0.0)]
