# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leader's statement with a long history, against a stock portal page."""

from . import odoo
from .client import Client, QueryLog
from .pages import compare
from .rows import at_most

ENTRIES = 20_000
ORDERS = 500
REPETITIONS = 60
PAGE = "/my/leader/statement"
THEIRS = "/my/orders"


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    entries = bench.scaled(ENTRIES, 200)
    orders = bench.scaled(ORDERS, 40)
    env = bench.env
    with (
        bench.database("statement_ours", "installed") as ours,
        bench.database("statement_stock", "stock") as stock,
    ):
        with bench.progress.step(f"A leader with {entries:,} ledger entries"):
            odoo.call(env, ours, "statement_odoo", "fill_ours", entries=entries)
        with bench.progress.step(f"A resident with {orders} orders"):
            odoo.call(env, stock, "statement_odoo", "fill_stock", orders=orders)
        for db in (ours, stock):
            env.sql(db, "ANALYZE")
        with (
            env.start_server(ours) as our_server,
            env.start_server(stock) as stock_server,
        ):
            visitors = []
            for server, db in ((our_server, ours), (stock_server, stock)):
                server.wait_ready()
                visitors.append(Client(server, {}))
                visitors[-1].sign_in(db)
            seconds = compare(visitors, (PAGE, THEIRS), bench.scaled(REPETITIONS, 10))
            log = QueryLog(our_server)
            visitors[0].get(PAGE)
            queries = log.count()
    return [
        at_most(
            f"a leader's statement of {entries:,} entries, to {THEIRS}",
            *seconds,
            "ms/page",
            1.5,
            issue=4,
        ),
        at_most("queries of that statement", queries, None, "queries", 39, issue=4),
    ]
