# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A checkout with a coupon in a campaign, with groupbuy_marketing and without."""

import statistics
import time
from dataclasses import replace
from urllib.parse import urlencode

from gbtools import ToolError

from . import odoo
from .client import Client, QueryLog
from .rows import at_most

ISSUE = 5
REPETITIONS = 40
WARM_UP = 5
ARGUMENTS = ("--log-handler", "werkzeug:INFO")


class CouponClient(Client):
    """A visitor who types a coupon into each cart."""

    def __init__(self, server, shop):
        super().__init__(server, shop)
        self.codes = iter(shop["codes"])

    def get(self, path):
        """Get a page; the first look at a cart is followed by typing a code."""
        text = super().get(path)
        if path == "/shop/cart":
            query = urlencode({"promo": next(self.codes)})
            text = super().get(f"/shop/pricelist?{query}")
        return text


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    repetitions = bench.scaled(REPETITIONS, 10)
    total = WARM_UP + repetitions
    env = bench.env
    with bench.database("coupons_core", "stock") as core:
        with bench.progress.step("The core alone"):
            env.install_addons(core, names=["community_groupbuy"])
        with bench.database("coupons_ours", core) as ours:
            with bench.progress.step("The same with groupbuy_marketing"):
                env.install_addons(ours, names=["groupbuy_marketing"])
            our_side, core_side = _run(env, ours, core, total)
    name = "checkout with a coupon in a campaign, to the core alone"
    rows = [
        at_most(
            f"{name}: time", 1000 * our_side[0], 1000 * core_side[0], "ms/order", 1.25
        ),
        at_most(f"{name}: queries", our_side[1], core_side[1], "queries/order", 1.25),
    ]
    return [replace(row, issue=ISSUE) for row in rows]


def _run(env, ours, core, total):
    """Return the medians of seconds and queries of an order, ours and the core's.

    :param str ours: database with groupbuy_marketing.
    :param str core: database without.
    :param int total: orders on each side, those to warm up included.
    """
    with (
        env.start_server(ours, arguments=ARGUMENTS) as our_server,
        env.start_server(core, arguments=ARGUMENTS) as core_server,
    ):
        sides = []
        for db, server in ((ours, our_server), (core, core_server)):
            shop = odoo.call(env, db, "coupons_odoo", "prepare", coupons=total)
            server.wait_ready()
            client = CouponClient(server, shop)
            client.sign_in(db)
            sides.append((client, QueryLog(server), [], []))
        for number in range(total):
            # The one who begins changes: whatever wears off meets both.
            for client, log, seconds, queries in sides[:: 1 if number % 2 else -1]:
                log.count()
                started = time.perf_counter()
                client.order()
                seconds.append(time.perf_counter() - started)
                queries.append(log.count())
    for db in (ours, core):
        _check(env, db, total)
    return [
        [statistics.median(values[WARM_UP:]) for values in side[2:]] for side in sides
    ]


def _check(env, db, count):
    """Check that all orders have joined, each with its coupon."""
    found = int(
        env.sql(
            db,
            "SELECT count(DISTINCT o.id) FROM sale_order o JOIN sale_order_line l"
            " ON l.order_id = o.id WHERE o.groupbuy_state = 'waiting'"
            " AND l.coupon_id IS NOT NULL AND l.points_cost = 1",
        )
    )
    if found != count:
        raise ToolError(f"{db}: {found} of {count} orders joined with a coupon")
