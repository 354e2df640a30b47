# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Pages of residents in a real browser: for everybody, on a narrow phone, without
JavaScript, and live."""

import importlib.resources
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect, sync_playwright
from shop_database import ShopDatabase

from gbtools import browser

# The narrowest phone that the shop is made for.
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1400, "height": 900}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def shop(odoo):
    """Return a shop with an open campaign, one that is to come, and a resident."""
    with odoo.claimed_db("groupbuy_system_pages") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        shop = ShopDatabase(odoo, name)
        shop.pages = shop.run(
            """
campaign = make_shop(4, min_people=3, cap=2)
first = campaign.line_ids
first.with_context(groupbuy_edit_reason="A ladder").tier_text = "2: 9; 5: 8"
second = first.product_id.copy({"name": "Eggs", "is_published": True})
env["groupbuy.campaign.line"].with_context(groupbuy_edit_reason="More").create(
    {
        "campaign_id": campaign.id,
        "product_id": second.id,
        "start_price": 20.0,
        "tier_text": "3: 18",
        "limit_per_resident": 4,
    }
)
coming = campaign.copy({"name": "Weekend Fruit"})
coming.open_at = fields.Datetime.now() + timedelta(days=1)
coming.action_schedule()
coming.is_published = True
waiting = join(campaign, 0)
gone = join(campaign, 1)
gone._groupbuy_cancel_by_resident()
join(campaign, 2)
env["res.users"].create(
    {
        "partner_id": get_resident(0).id,
        "login": "anna",
        "password": "anna-of-sunny-garden",
        "group_ids": [Command.set(env.ref("base.group_portal").ids)],
    }
)
answer(
    list="/group-buy",
    nothing="/group-buy?search=nothing-like-this",
    campaign=campaign.website_url,
    coming=coming.website_url,
    product=second.website_url,
    waiting=waiting.get_portal_url(),
    cancelled=gone.get_portal_url(),
    orders="/my/group-buys",
    cart="/shop/cart",
)
# With the tokens of the orders' addresses.
env.cr.commit()
"""
        )
        yield shop
        odoo.drop_db(name)


@pytest.fixture(scope="module")
def server(odoo, shop):
    """Return a running server of that shop."""
    with odoo.start_server(shop.name) as server:
        server.wait_ready()
        yield server


@pytest.fixture(scope="module")
def chromium():
    """Return the machine's browser; a test fails where it cannot be started."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=browser.executable(), args=FLAGS
        )


@contextmanager
def opened(chromium, server, path, size=PHONE, scripts=True, login=False):
    """Open a page as a visitor, or as Anna."""
    context = chromium.new_context(
        viewport=size,
        java_script_enabled=scripts,
        locale="en-US",
        base_url=server.url,
    )
    try:
        page = context.new_page()
        if login:
            page.goto("/web/login")
            page.fill("input[name=login]", "anna")
            page.fill("input[name=password]", "anna-of-sunny-garden")
            page.click("form.oe_login_form button[type=submit]")
            page.wait_for_url("**/my**")
        page.goto(path)
        yield page
    finally:
        context.close()


def find_barriers(page):
    """Return what keeps people from using the parts of the page that are ours.

    :return: Rule and markup of each serious or critical violation that axe finds.
    """
    script = importlib.resources.files("axe_playwright_python") / "axe.min.js"
    page.evaluate(script.read_text("utf-8"))
    found = page.evaluate("axe.run('.o_groupbuy', {resultTypes: ['violations']})")
    return [
        (violation["id"], node["html"])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


PAGES = ("list", "nothing", "campaign", "coming", "product")
OWN_PAGES = ("campaign", "waiting", "cancelled", "orders", "cart")


@pytest.mark.parametrize("login", (False, True), ids=("visitor", "resident"))
@pytest.mark.parametrize("size", (PHONE, DESKTOP), ids=("phone", "desktop"))
def test_pages_are_for_everybody(shop, server, chromium, size, login):
    for name in OWN_PAGES if login else PAGES:
        path = shop.pages[name]
        with opened(chromium, server, path, size, login=login) as page:
            if name == "cart":
                page.goto(shop.pages["campaign"])
                page.click(".gb-line:not(.is-sold-out) .gb-join [type=submit]")
                expect(page.locator("[data-gb=cart-quantity]")).to_have_text("1")
                page.goto(path)
            # The buttons wait for their scripts.
            page.wait_for_load_state("load")
            assert page.locator(".o_groupbuy").count(), name
            assert find_barriers(page) == [], name
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], (name, width)


def test_campaign_can_be_read_without_scripts(shop, server, chromium):
    path = shop.pages["campaign"]
    with opened(chromium, server, path, scripts=False) as page:
        expect(page.locator(".gb-ladder").first).to_be_visible()
        expect(page.locator(".gb-people")).to_contain_text("2 neighbours")
        expect(page.locator("[data-gb=bar-text]").first).to_be_visible()
        expect(page.locator("noscript .alert, .alert-info").first).to_contain_text(
            "allow JavaScript"
        )
        expect(page.locator(".gb-points")).to_contain_text("North Gate")


def test_numbers_move_without_a_reload(shop, server, chromium):
    with opened(chromium, server, shop.pages["campaign"]) as page:
        page.wait_for_load_state("load")
        page.evaluate("window.neverReloaded = true")
        expect(page.locator(".gb-people")).to_contain_text("2 neighbours")
        shop.run(
            """
campaign = env["groupbuy.campaign"].search([("state", "=", "open")])
campaign.line_ids[0].with_context(groupbuy_edit_reason="Found more").cap = 9
env.cr.commit()
join(campaign, 3)
"""
        )
        # The page asks every ten seconds.
        patience = {"timeout": 40_000}
        expect(page.locator(".gb-people")).to_contain_text("3 neighbours", **patience)
        expect(page.locator("[data-gb=goal]")).to_contain_text("Goal reached")
        assert page.evaluate("window.neverReloaded") is True
