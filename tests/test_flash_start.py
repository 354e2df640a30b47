# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The start of a flash sale: a crowd in front of two servers that behave as one."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

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


@pytest.fixture
def sale(shop):
    """Return two servers of one database, and a flash sale that starts soon."""
    shop.made = shop.run(
        f"""
campaign = make_shop(0, cap={UNITS}).copy(
    {{"name": "Ten O'Clock Sale", "mode": "flash", "flash_address_requests": 0}}
)
line = campaign.line_ids
line.limit_per_resident = 1
campaign.open_at = fields.Datetime.now() + timedelta(hours=1)
campaign.action_schedule()
env.cr.commit()
answer(
    campaign=campaign.id,
    ids={{
        "groupbuy_line_id": line.id,
        "product_id": line.product_id.id,
        "product_template_id": line.product_id.product_tmpl_id.id,
    }},
)
"""
    )
    with (
        shop.odoo.start_server(shop.name) as first,
        shop.odoo.start_server(shop.name) as second,
    ):
        first.wait_ready(300)
        second.wait_ready(300)
        shop.servers = (first, second)
        yield shop


def make_visitors(sale, count):
    """Return visitors, every other one at the other server."""
    return [
        Visitor(sale.servers[number % 2], sale.made["ids"]) for number in range(count)
    ]


def wait_for_the_start(sale):
    """Let the sale start in a second, and wait until then.

    However long the servers took to be up; they read the time with each request.
    """
    sale.execute(
        "UPDATE groupbuy_campaign"
        " SET open_at = now() at time zone 'utc' + interval '1 second' WHERE id = %s",
        sale.made["campaign"],
    )
    time.sleep(1.1)


def read_places(sale):
    """Return place and state of all tickets, in the order of the places."""
    return sale.query("SELECT place, state FROM groupbuy_flash_ticket ORDER BY place")


def test_crowd_at_the_start_of_a_sale(sale):
    visitors = make_visitors(sale, VISITORS)
    early = visitors[0].get_in_line()
    assert early["state"] == "early"
    assert not read_places(sale)
    wait_for_the_start(sale)
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
    assert (
        sale.value(
            "SELECT taken FROM groupbuy_quota WHERE line_id = %s",
            sale.made["ids"]["groupbuy_line_id"],
        )
        == UNITS
    )
    sale.assert_quota_matches_holds()
    assert sale.value("SELECT count(*) FROM sale_order") == UNITS
    assert (
        sale.value(
            "SELECT state FROM groupbuy_campaign WHERE id = %s", sale.made["campaign"]
        )
        == "open"
    )

    # Five carts run out: the next five in line come to their turn, whoever asks first.
    sale.execute(
        "UPDATE groupbuy_hold SET expires_at = now() at time zone 'utc'"
        " - interval '1 minute' WHERE id IN (SELECT id FROM groupbuy_hold LIMIT 5)"
    )
    sale.execute(
        "UPDATE groupbuy_flash_ticket SET admitted_until = now() at time zone 'utc'"
        " - interval '1 minute' WHERE state = 'admitted'"
    )
    time.sleep(1.2)
    waiting = [v for v in visitors if v not in got]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(Visitor.ask, reversed(waiting)))
        list(pool.map(Visitor.ask, waiting))
        list(pool.map(Visitor.buy, waiting))
    late = [v for v in waiting if v.answer["quantity"] == 1]
    assert sorted(v.status["place"] for v in late) == list(range(UNITS + 1, UNITS + 6))
    sale.assert_quota_matches_holds()
    for server in sale.servers:
        log = server.log.read_text("utf-8")
        assert "Traceback" not in log
        assert "could not serialize" not in log


def test_one_visitor_with_many_windows_has_one_place(sale):
    visitor = make_visitors(sale, 1)[0]
    wait_for_the_start(sale)
    first = visitor.get_in_line()
    windows = make_visitors(sale, CONNECTIONS)
    start = threading.Barrier(CONNECTIONS)

    def ask_and_buy(window):
        window.session.cookies.set(
            "groupbuy_flash", visitor.session.cookies["groupbuy_flash"]
        )
        start.wait()
        window.get_in_line()
        start.wait()
        window.buy()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(ask_and_buy, windows))
    assert {window.status["place"] for window in windows} == {first["place"]}
    assert len(read_places(sale)) == 1
    # One ticket, one cart, however many windows claim at the same moment.
    assert sum(window.answer["quantity"] for window in windows) == 1
    assert sale.value("SELECT sum(taken) FROM groupbuy_quota") == 1
    sale.assert_quota_matches_holds()
