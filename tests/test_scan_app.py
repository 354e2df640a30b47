# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The scan app on a real phone-sized browser, against a real server."""

import base64

import pytest
from playwright.sync_api import expect
from point_phone import DELIVER, browser, normalize, phone, write_camera_picture
from shop_database import ShopDatabase

PEOPLE = 6
# What a phone keeps of each line of the list.
ROW = {
    "picking_id",
    "resident",
    "phone_end",
    "orders",
    "state",
    "lines",
    "items",
    "token_id",
    "version",
    "expires",
    "code_hash",
    "verification_id",
    "collected_at",
    "collected_by",
    "undo_until",
}


@pytest.fixture(scope="module")
def delivered(odoo):
    """Return a database in which goods lie at a point."""
    with odoo.claimed_db("groupbuy_system_delivered") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        shop = ShopDatabase(odoo, name)
        shop.run(f"{DELIVER}\ndeliver({PEOPLE})")
        # Made once and for all copies.
        yield name
        odoo.drop_db(name)


@pytest.fixture
def point(odoo, delivered):
    """Return a copy of it with its number of the point."""
    with odoo.claimed_db("groupbuy_system") as name:
        odoo.create_db(name, delivered)
        shop = ShopDatabase(odoo, name)
        shop.point_id = shop.value("SELECT id FROM groupbuy_pickup_point")
        yield shop
        odoo.drop_db(name)


@pytest.fixture
def server(point):
    """Return a server of that database."""
    with point.odoo.start_server(point.name, workers=2) as server:
        server.wait_ready()
        yield server


def count(shop, kind="pickup"):
    """Return how many verifications of a kind there are."""
    return shop.value(
        "SELECT COUNT(*) FROM groupbuy_verification WHERE kind = %s", kind
    )


def get_picture(shop, number):
    """Return the QR picture of a resident's code, and the code itself."""
    answer = shop.run(
        f"""{DELIVER}
import base64
code = get_code({number})
answer(png=base64.b64encode(code._get_qr_png()).decode(), text=code._get_text())
"""
    )
    return base64.b64decode(answer["png"]), answer["text"]


def test_a_code_held_before_the_camera_is_handed_out(point, server, tmp_path):
    png, _text = get_picture(point, 2)
    film = tmp_path / "code.y4m"
    write_camera_picture(png, film)
    with browser(f"--use-file-for-fake-video-capture={film}") as chromium:
        with phone(chromium, server.url, point.point_id, "li") as one:
            one.page.click(".gbv-scan")
            sheet = one.sheet("found")
            expect(sheet.locator("h2")).to_have_text("Resident 2")
            expect(sheet.locator(".gbv-lines")).to_contain_text("Tomatoes")
            sheet.locator(".gbv-do").click()
            expect(one.sheet("verified")).to_contain_text("Resident 2")
            one.close_sheet()
            # Held before the camera once more, it is used.
            one.page.click(".gbv-scan")
            one.page.click(".gbv-scan")
            refused = one.sheet("refused")
            expect(refused).to_contain_text("Already collected")
            expect(refused).to_contain_text("Li Na")
    assert point.query(
        "SELECT v.method, p.state FROM groupbuy_verification v"
        " JOIN stock_picking p ON p.id = v.picking_id"
    ) == [("scan", "done")]


def test_the_list_hands_out_with_a_tap_and_takes_back(point, server):
    with browser() as chromium:
        with phone(chromium, server.url, point.point_id, "li") as one:
            expect(one.page.locator(".gbv-app-title")).to_contain_text("North Gate")
            expect(one.page.locator(".gbv-app-title")).to_contain_text("Li Na")
            expect(one.page.locator(".gbv-row")).to_have_count(PEOPLE)
            one.hand_out("Resident 3")
            sheet = one.sheet("verified")
            assert (
                point.value(
                    "SELECT state FROM stock_picking WHERE id ="
                    " (SELECT picking_id FROM groupbuy_verification)"
                )
                == "done"
            )
            sheet.locator(".gbv-undo").click()
            sheet.locator(".gbv-undo-reason").first.click()
            one.sheet("undone")
            one.close_sheet()
            expect(one.row("Resident 3")).to_have_attribute(
                "data-state", "due", timeout=20_000
            )
            # By name: what the resident shows has to be looked at first.
            one.page.fill("input[type=search]", "1004")
            expect(one.page.locator(".gbv-row")).to_have_count(1)
            one.hand_out("Resident 4")
            found = one.sheet("found")
            expect(found.locator(".gbv-do")).to_be_disabled()
            found.locator(".gbv-check input").check()
            found.locator(".gbv-do").click()
            one.sheet("verified")
            one.close_sheet()
            one.page.fill("input[type=search]", "")
            # A neighbour collects for two others.
            one.page.click(".gbv-several")
            for name in ("Resident 0", "Resident 1"):
                one.row(name).locator("input").check()
            one.page.click(".gbv-batch")
            one.page.locator(".gbv-sheet .gbv-check input").check()
            one.page.locator(".gbv-sheet .gbv-do").click()
            one.sheet("verified")
    rows = point.query("SELECT kind, method FROM groupbuy_verification ORDER BY id")
    assert rows == [
        ("pickup", "list"),
        ("undo", "list"),
        ("pickup", "name"),
        ("pickup", "batch"),
        ("pickup", "batch"),
    ]


def test_a_typed_code_and_a_wrong_one(point, server):
    _png, text = get_picture(point, 5)
    with browser() as chromium:
        with phone(chromium, server.url, point.point_id, "li") as one:
            one.page.click(".gbv-type")
            one.page.fill("#gbv_code", "AAAA-AAAA-AA")
            one.page.press("#gbv_code", "Enter")
            refused = one.sheet("refused")
            expect(refused).to_have_attribute("data-refusal", "unknown")
            one.close_sheet()
            one.page.fill("#gbv_code", text.lower())
            one.page.press("#gbv_code", "Enter")
            expect(one.sheet("found").locator("h2")).to_have_text("Resident 5")
    assert count(point) == 0


def test_it_goes_on_without_a_network_and_sends_each_event_once(
    point, server, tmp_path
):
    png, text = get_picture(point, 1)
    film = tmp_path / "code.y4m"
    write_camera_picture(png, film)
    with browser(f"--use-file-for-fake-video-capture={film}") as chromium:
        with phone(chromium, server.url, point.point_id, "li") as one:
            one.wait_kept()
            one.go_offline()
            # What the counter needs lies on the phone, and nothing more of a resident.
            [kept] = one.read_database("lists")
            assert set(kept["rows"][0]) <= ROW
            assert {row["phone_end"] for row in kept["rows"]} >= {"1001", "1002"}
            for private in ("example.com", "5550", text):
                assert private not in str(kept)
            # A phone that is opened anew without a network has all it needs.
            one.page.reload()
            one.wait_ready()
            expect(one.page.locator(".gbv-row")).to_have_count(PEOPLE)
            expect(one.page.locator(".gbv-banner")).to_contain_text("No network")
            # The signature is checked in the browser.
            one.page.click(".gbv-scan")
            found = one.sheet("found")
            expect(found.locator("h2")).to_have_text("Resident 1")
            found.locator(".gbv-do").click()
            one.sheet("saved")
            one.close_sheet()
            one.hand_out("Resident 2")
            one.sheet("saved")
            one.close_sheet()
            # Taken back before it was sent: nothing is left of it.
            one.hand_out("Resident 3")
            saved = one.sheet("saved")
            saved.locator(".gbv-undo").click()
            saved.locator(".gbv-undo-reason").first.click()
            one.sheet("undone")
            one.close_sheet()
            assert one.get_queue() == 2
            assert count(point) == 0
            events = one.read_database("events")
            assert "Resident" not in str(events)
            # Opened anew once more: what waits is still there.
            one.page.reload()
            one.wait_ready()
            assert one.get_queue() == 2
            one.go_online()
            expect(one.page.locator(".gbv-queue")).to_have_count(0, timeout=30_000)
            one.page.locator(".gbv-filters .btn").nth(2).click()
            expect(one.page.locator(".gbv-row")).to_have_count(2, timeout=20_000)
            assert not one.read_database("events")
            # Nothing is sent a second time, whenever the network comes and goes.
            one.go_offline()
            one.go_online()
            one.page.wait_for_timeout(2000)
    assert point.query(
        "SELECT kind, method, count(*) FROM groupbuy_verification GROUP BY 1, 2"
    ) == [("pickup", "offline", 2)]


def test_a_phone_without_the_scanner_asks_for_the_code(point, server):
    with (
        browser() as chromium,
        phone(chromium, server.url, point.point_id, "li") as one,
    ):
        one.wait_kept()
        one.page.evaluate(
            """async () => {
                const cache = await caches.open("groupbuy-scan");
                // Deleted, it would come from the browser's own cache.
                await cache.put(
                    "/web/static/lib/zxing-library/zxing-library.js",
                    new Response("", {status: 404})
                );
            }"""
        )
        one.go_offline()
        one.page.click(".gbv-scan")
        expect(one.page.get_by_role("alert")).to_contain_text(
            "The scanner is not on this phone yet"
        )
        # The list goes on working.
        one.hand_out("Resident 2")
        one.sheet("saved")


def test_without_a_network_the_phone_refuses_what_the_shop_has_not_signed(
    point, server
):
    tokens = point.run(
        f"""{DELIVER}
from cryptography.hazmat.primitives.asymmetric import ec
from odoo.addons.groupbuy_verification import keys, token
secret = keys.get_keys(env.cr.dbname).private
code = get_code(1)
genuine = code._get_token()
payload = token.verify(secret.public_key(), genuine)
def sign(private=secret, **values):
    return token.sign(private, dict(payload, **values))
answer(
    genuine=genuine,
    unknown=[
        sign(ec.generate_private_key(ec.SECP256R1())),
        sign(d="another base"),
        genuine[:-8] + ("A" * 8 if not genuine.endswith("A" * 8) else "B" * 8),
        genuine.replace(".", ".A", 1),
        "GB1..",
    ],
    wrong_point=[sign(p=payload["p"] + 1)],
    replaced=[sign(v=payload["v"] + 1)],
    no_network=[sign(t=2**30), "AAAA-AAAA-AA"],
)
"""
    )
    with browser() as chromium:
        with phone(chromium, server.url, point.point_id, "li") as one:
            one.go_offline()
            # A hand-held scanner types what it reads into the field.
            one.page.click(".gbv-type")
            for refusal in ("unknown", "wrong_point", "replaced", "no_network"):
                for text in tokens[refusal]:
                    one.page.fill("#gbv_code", text)
                    one.page.press("#gbv_code", "Enter")
                    sheet = one.sheet("refused")
                    expect(sheet).to_have_attribute("data-refusal", refusal)
                    one.close_sheet()
                    expect(one.page.locator(".gbv-sheet")).to_have_count(0)
            one.page.fill("#gbv_code", tokens["genuine"])
            one.page.press("#gbv_code", "Enter")
            sheet = one.sheet("found")
            expect(sheet.locator("h2")).to_have_text("Resident 1")
            sheet.locator(".gbv-do").click()
            one.sheet("saved")
            one.close_sheet()
            # Shown once more, it is used.
            one.page.fill("#gbv_code", tokens["genuine"])
            one.page.press("#gbv_code", "Enter")
            expect(one.sheet("refused")).to_have_attribute(
                "data-refusal", "already_collected"
            )
            assert one.get_queue() == 1
    assert count(point) == 0


def test_a_tap_while_older_work_is_being_sent_gets_its_own_answer(point, server):
    with browser() as chromium:
        with phone(chromium, server.url, point.point_id, "li") as one:
            one.go_offline()
            one.hand_out("Resident 1")
            one.sheet("saved")
            one.close_sheet()

            def answer_slowly(route):
                response = route.fetch()
                one.page.wait_for_timeout(3000)
                route.fulfill(response=response)

            one.page.route("**/groupbuy/scan/hand-out", answer_slowly, times=1)
            one.context.set_offline(False)
            expect(one.page.locator(".gbv-banner.is-info")).to_contain_text(
                "Being sent", timeout=30_000
            )
            one.hand_out("Resident 2")
            expect(one.sheet("verified")).to_contain_text("Resident 2")
            assert not one.read_database("events")
    assert point.query("SELECT method FROM groupbuy_verification ORDER BY id") == [
        ("offline",),
        ("list",),
    ]


def test_an_answer_that_is_lost_is_asked_for_again_and_done_once(point, server):
    with browser() as chromium:
        with phone(chromium, server.url, point.point_id, "li") as one:
            lost = []

            def lose_the_answer(route):
                route.fetch()
                lost.append(route.request.post_data_json["params"]["request_key"])
                route.abort()

            pattern = "**/groupbuy/scan/hand-out"
            one.page.route(pattern, lose_the_answer)
            one.hand_out("Resident 2")
            one.sheet("saved")
            one.close_sheet()
            assert count(point) == 1
            assert len(one.read_database("events")) == 1
            one.page.unroute(pattern)
            expect(one.page.locator(".gbv-queue")).to_have_count(0, timeout=60_000)
            assert not one.read_database("events")
    assert point.query("SELECT kind, request_key FROM groupbuy_verification") == [
        ("pickup", lost[0])
    ]


def test_two_phones_that_hand_out_the_same_without_a_network(point, server):
    with browser() as chromium:
        with (
            phone(chromium, server.url, point.point_id, "li") as first,
            phone(chromium, server.url, point.point_id, "zhao") as second,
        ):
            for one in (first, second):
                one.go_offline()
            for one in (first, second):
                one.hand_out("Resident 2")
                one.sheet("saved")
                one.close_sheet()
            second.hand_out("Resident 4")
            second.sheet("saved")
            second.close_sheet()
            for one in (first, second):
                one.go_online()
                expect(one.page.locator(".gbv-queue")).to_have_count(0, timeout=30_000)
            card = second.page.locator(".gbv-attention .is-conflict")
            expect(card).to_contain_text("Resident 2")
            expect(card).to_contain_text("Li Na")
            card.get_by_role("button").click()
            expect(card).to_have_count(0)
            assert not second.read_database("events")
            assert not first.page.locator(".gbv-attention").count()
    rows = point.query(
        "SELECT v.kind, u.login, p.name FROM groupbuy_verification v"
        " JOIN res_users u ON u.id = v.user_id"
        " JOIN res_partner p ON p.id = v.partner_id ORDER BY v.id"
    )
    assert rows == [
        ("pickup", "li", "Resident 2"),
        ("conflict", "zhao", "Resident 2"),
        ("pickup", "zhao", "Resident 4"),
    ]
    # Staff find a case of it, with the goods.
    assert point.query(
        "SELECT t.code, p.name, COUNT(l.id) FROM groupbuy_case c"
        " JOIN groupbuy_case_type t ON t.id = c.type_id"
        " JOIN stock_picking s ON s.id = c.picking_id"
        " JOIN res_partner p ON p.id = s.partner_id"
        " LEFT JOIN groupbuy_case_line l ON l.case_id = c.id GROUP BY 1, 2"
    ) == [("conflict", "Resident 2", 1)]


def test_the_list_is_forgotten_at_sign_out_and_what_waits_is_not(point, server):
    with browser() as chromium:
        with phone(chromium, server.url, point.point_id, "li") as one:
            one.wait_kept()
            assert "Resident 2" in str(one.read_database("lists"))
            one.page.route("**/groupbuy/scan/*", lambda route: route.abort())
            one.page.wait_for_selector(".gbv-hand-out[data-online='0']", timeout=30_000)
            one.hand_out("Resident 2")
            one.sheet("saved")
            one.close_sheet()
            one.page.unroute("**/groupbuy/scan/*")
            # Signed out on another page, as people do.
            one.page.goto(f"{server.url}/web/session/logout?redirect=/web/login")
            one.page.wait_for_selector("form.oe_login_form")
            one.page.wait_for_timeout(1000)
            assert not one.read_database("lists")
            waiting = one.read_database("events")
            assert len(waiting) == 1
            assert "Resident" not in str(waiting)
            # Somebody else does not send it in his own name.
            one.sign_in("zhao")
            told = one.page.get_by_role("status").filter(has_text="another manager")
            expect(told).to_contain_text("waits to be sent (1)")
            one.page.wait_for_timeout(1500)
            assert count(point) == 0
            one.page.click(".gbv-menu")
            one.page.click(".gbv-sign-out")
            one.page.click(".gbv-sign-out-now")
            one.page.wait_for_selector("form.oe_login_form")
            one.sign_in("li")
            # No queue is shown before it is read: only what was accepted is gone.
            one.wait_empty("events")
    assert point.query(
        "SELECT u.login FROM groupbuy_verification v JOIN res_users u"
        " ON u.id = v.user_id"
    ) == [("li",)]


def test_a_resident_checks_in_and_is_called(point, server):
    values = point.run(
        f"""{DELIVER}
partner = get_resident(3)
env["res.users"].with_context(no_reset_password=True).create({{
    "partner_id": partner.id, "name": partner.name, "login": "three",
    "password": "three", "group_ids": [Command.set(env.ref("base.group_portal").ids)],
}})
env.cr.commit()
point = env["groupbuy.pickup.point"].search([])
answer(token=point._get_check_in_token())
"""
    )
    with browser() as chromium:
        with phone(chromium, server.url, point.point_id, "li") as one:
            context = chromium.new_context(viewport={"width": 360, "height": 740})
            page = context.new_page()
            path = f"/pickup/{values['token']}"
            page.goto(f"{server.url}/web/login?redirect={path}")
            page.fill("input[name=login]", "three")
            page.fill("input[name=password]", "three")
            page.click("form.oe_login_form button[type=submit]")
            page.click(".gbv-here")
            expect(page.locator(".gbv-check-in-card")).to_contain_text("next")
            waiting = one.page.locator(".gbv-waiting")
            expect(waiting).to_contain_text("Resident 3", timeout=30_000)
            waiting.get_by_role("button").click()
            expect(one.sheet("verified")).to_contain_text("Resident 3")
            expect(waiting).to_have_count(0)
            # The resident's page follows without a reload.
            expect(page.locator("h1")).to_contain_text("Nothing lies", timeout=30_000)
            page.goto(f"{server.url}/pickup/{values['token'][:-1]}x")
            assert "not valid" in normalize(page.inner_text(".gbv-check-in-card"))
            context.close()
    assert point.query("SELECT method FROM groupbuy_verification") == [("self",)]


def test_boards_and_the_order_page_follow_over_the_bus(point):
    """Their own looks, two a minute at most, are switched off: the bus is left."""
    values = point.run(
        f"""{DELIVER}
users = env["res.users"].with_context(no_reset_password=True)
partner = get_resident(2)
users.create([
    {{
        "partner_id": partner.id, "name": partner.name, "login": "two",
        "password": "two", "group_ids": [Command.set(env.ref("base.group_portal").ids)],
    }},
    {{
        "name": "Sun Li", "login": "staff", "password": "staff",
        "group_ids": [
            Command.link(env.ref("community_groupbuy.group_groupbuy_user").id)
        ],
    }},
])
env.cr.commit()
answer(order=get_transfer(2).move_ids.sale_line_id.order_id.id)
"""
    )
    pages = {
        "two": f"/my/orders/{values['order']}",
        "li": "/my/points/board",
        "staff": "/odoo/group-buy-board",
    }
    # In one process, the bus is at the address of the pages.
    with point.odoo.start_server(point.name, workers=0) as server:
        server.wait_ready()
        with browser() as chromium:
            opened = {}
            for login, path in pages.items():
                page = chromium.new_context().new_page()
                page.add_init_script(
                    "const plan = window.setTimeout; window.setTimeout ="
                    " (work, delay, ...rest) =>"
                    " delay > 5000 ? 0 : plan(work, delay, ...rest);"
                )
                page.goto(f"{server.url}/web/login?redirect={path}")
                page.fill("input[name=login]", login)
                page.fill("input[name=password]", login)
                page.click("form.oe_login_form button[type=submit]")
                page.wait_for_url(f"**{path}*")
                opened[login] = page
            order = opened["two"].locator(".gb-order-page")
            boards = [
                opened[login].locator(".gbv-board-point .is-collected dd")
                for login in ("li", "staff")
            ]
            expect(order.locator(".gbv-code")).to_be_visible(timeout=30_000)
            for board in boards:
                expect(board).to_have_text("0", timeout=30_000)
            with phone(chromium, server.url, point.point_id, "zhao") as one:
                # The connections of the bus are open by now.
                one.page.wait_for_timeout(3000)
                one.hand_out("Resident 2")
                one.sheet("verified")
                for board in boards:
                    expect(board).to_have_text("1", timeout=8_000)
                expect(order.locator(".gbv-handed-out")).to_be_visible(timeout=8_000)
                expect(order.locator(".gbv-code")).to_have_count(0)
