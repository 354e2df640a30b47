# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Joining a campaign against ordering in the stock shop, over HTTP."""

import statistics
import time

from gbtools import ToolError

from . import odoo
from .client import Client, QueryLog
from .rows import at_most

REPETITIONS = 60
WARM_UP = 5
# The log names the queries of each request.
ARGUMENTS = ("--log-handler", "werkzeug:INFO")


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    repetitions = bench.scaled(REPETITIONS, 10)
    env = bench.env
    with (
        bench.database("join_ours", "installed") as ours,
        bench.database("join_stock", "stock") as stock,
        env.start_server(ours, arguments=ARGUMENTS) as our_server,
        env.start_server(stock, arguments=ARGUMENTS) as stock_server,
    ):
        sides = []
        for db, server in ((ours, our_server), (stock, stock_server)):
            shop = odoo.call(env, db, "shop_odoo", "prepare", products=1)
            server.wait_ready()
            client = Client(server, shop)
            client.sign_in(db)
            sides.append((client, QueryLog(server), [], []))
        for number in range(WARM_UP + repetitions):
            # The one who begins changes: whatever wears off meets both.
            for client, log, seconds, queries in sides[:: 1 if number % 2 else -1]:
                log.count()
                started = time.perf_counter()
                client.order()
                seconds.append(time.perf_counter() - started)
                queries.append(log.count())
        total = WARM_UP + repetitions
        _check(env, ours, "groupbuy_state = 'waiting' AND state = 'sent'", total)
        _check(env, stock, "state = 'sale'", total)
    our_side, their_side = (
        [statistics.median(values[WARM_UP:]) for values in side[2:]] for side in sides
    )
    name = "from add-to-cart to paid"
    return [
        at_most(
            f"{name}: time", 1000 * our_side[0], 1000 * their_side[0], "ms/order", 1.0
        ),
        at_most(f"{name}: queries", our_side[1], their_side[1], "queries/order", 1.0),
    ]


def _check(env, db, where, count):
    """Check that all orders have come to their end."""
    found = int(env.sql(db, f"SELECT count(*) FROM sale_order WHERE {where}"))
    if found != count:
        raise ToolError(f"{db}: {found} of {count} orders are {where}")
