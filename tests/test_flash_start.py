# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The start of a flash sale: a crowd in front of two servers that behave as one."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from shop_database import ShopDatabase

CONNECTIONS = 16
VISITORS = 160
UNITS = 20


class Visitor:
    """A visitor with a browser of their own, who talks to one of the servers."""

    def __init__(self, server, ids):
        self.url = server.url
        self.ids = ids
        self.session = requests.Session()
        self.status = None
        self.answer = None

    def call(self, route, **params):
        """Call a JSON route and return its result."""
        response = self.session.post(
            self.url + route,
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            timeout=120,
        )
        response.raise_for_status()
        body = response.json()
        assert "error" not in body, body
        return body["result"]

    def get_in_line(self):
        """Draw a place, or hear which it is."""
        self.status = self.call(
            "/group-buy/flash/ticket", line_id=self.ids["groupbuy_line_id"]
        )
        return self.status

    def ask(self):
        """Ask for the place, as the page does while it waits."""
        line_id = self.ids["groupbuy_line_id"]
        response = self.session.get(
            f"{self.url}/group-buy/flash/{line_id}/status", timeout=120
        )
        response.raise_for_status()
        self.status = response.json()
        return self.status

    def buy(self):
        """Try to put one unit into the cart, whether it is one's turn or not."""
        self.answer = self.call("/shop/cart/add", quantity=1, **self.ids)
        return self.answer


@pytest.fixture(scope="module")
def sales(odoo):
    """Return two servers of one database, and two flash sales that start later."""
    with odoo.claimed_db("groupbuy_system_flash") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        shop = ShopDatabase(odoo, name)
        shop.made = shop.run(
            f"""
campaign = make_shop(0, cap={UNITS})
made = {{}}
for key in ("crowd", "windows"):
    sale = campaign.copy(
        {{"name": "Ten O'Clock Sale", "mode": "flash", "flash_address_requests": 0}}
    )
    line = sale.line_ids
    line.limit_per_resident = 1
    sale.open_at = fields.Datetime.now() + timedelta(hours=1)
    sale.action_schedule()
    made[key] = {{
        "campaign": sale.id,
        "ids": {{
            "groupbuy_line_id": line.id,
            "product_id": line.product_id.id,
            "product_template_id": line.product_id.product_tmpl_id.id,
        }},
    }}
env.cr.commit()
answer(**made)
"""
        )
        with odoo.start_server(name) as first, odoo.start_server(name) as second:
            first.wait_ready(300)
            second.wait_ready(300)
            shop.servers = (first, second)
            yield shop
        odoo.drop_db(name)


def make_visitors(sales, made, count):
    """Return visitors, every other one at the other server."""
    return [Visitor(sales.servers[number % 2], made["ids"]) for number in range(count)]


def start_sale(sales, made):
    """Let the sale start now, without a scheduled job."""
    sales.execute(
        "UPDATE groupbuy_campaign"
        " SET open_at = date_trunc('second', now() at time zone 'utc') WHERE id = %s",
        made["campaign"],
    )


def count_tickets(sales, made):
    return sales.value(
        "SELECT count(*) FROM groupbuy_flash_ticket WHERE campaign_id = %s",
        made["campaign"],
    )


def get_taken(sales, made):
    return sales.value(
        "SELECT taken FROM groupbuy_quota WHERE line_id = %s",
        made["ids"]["groupbuy_line_id"],
    )


def test_crowd_at_the_start_of_a_sale(sales):
    made = sales.made["crowd"]
    visitors = make_visitors(sales, made, VISITORS)
    early = visitors[0].get_in_line()
    assert early["state"] == "early"
    assert count_tickets(sales, made) == 0
    start_sale(sales, made)
    # No scheduled job runs: the first request opens the sale.
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(Visitor.get_in_line, visitors))
        # Everybody tries to buy, those whose turn it is not as well.
        list(pool.map(Visitor.buy, visitors))
    assert {visitor.status["state"] for visitor in visitors} <= {"waiting", "admitted"}
    places = sorted(visitor.status["place"] for visitor in visitors)
    assert places == list(range(1, VISITORS + 1))
    got = [v for v in visitors if v.answer["quantity"] == 1]
    # The first in line, and nobody else.
    assert sorted(v.status["place"] for v in got) == list(range(1, UNITS + 1))
    for visitor in visitors:
        if visitor not in got:
            assert "not your turn" in visitor.answer["warning"]
    assert get_taken(sales, made) == UNITS
    sales.assert_quota_matches_holds()
    assert sales.value("SELECT count(*) FROM sale_order") == UNITS
    state = "SELECT state FROM groupbuy_campaign WHERE id = %s"
    assert sales.value(state, made["campaign"]) == "open"

    # Five carts run out: the next five in line come to their turn, whoever asks first.
    sales.execute(
        "UPDATE groupbuy_hold SET expires_at = now() at time zone 'utc'"
        " - interval '1 minute' WHERE id IN (SELECT id FROM groupbuy_hold LIMIT 5)"
    )
    sales.execute(
        "UPDATE groupbuy_flash_ticket SET admitted_until = now() at time zone 'utc'"
        " - interval '1 minute' WHERE state = 'admitted'"
    )
    # The last look at what is free is a second ago.
    sales.execute("UPDATE groupbuy_flash_gate SET checked_at = NULL")
    waiting = [v for v in visitors if v not in got]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(Visitor.ask, reversed(waiting)))
        list(pool.map(Visitor.ask, waiting))
        list(pool.map(Visitor.buy, waiting))
    late = [v for v in waiting if v.answer["quantity"] == 1]
    assert sorted(v.status["place"] for v in late) == list(range(UNITS + 1, UNITS + 6))
    sales.assert_quota_matches_holds()
    for server in sales.servers:
        log = server.log.read_text("utf-8")
        assert "Traceback" not in log
        assert "could not serialize" not in log


def test_one_visitor_with_many_windows_has_one_place(sales):
    made = sales.made["windows"]
    start_sale(sales, made)
    visitor = make_visitors(sales, made, 1)[0]
    first = visitor.get_in_line()
    windows = make_visitors(sales, made, CONNECTIONS)
    start = threading.Barrier(CONNECTIONS)

    def ask_and_buy(window):
        window.session.cookies.set(
            "groupbuy_ticket", visitor.session.cookies["groupbuy_ticket"]
        )
        start.wait()
        window.get_in_line()
        start.wait()
        window.buy()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(ask_and_buy, windows))
    assert {window.status["place"] for window in windows} == {first["place"]}
    assert count_tickets(sales, made) == 1
    # One ticket, one cart, however many windows claim at the same moment.
    assert sum(window.answer["quantity"] for window in windows) == 1
    assert get_taken(sales, made) == 1
    sales.assert_quota_matches_holds()
