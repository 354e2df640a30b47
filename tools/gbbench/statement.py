# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A leader's statement after a long history, against a stock portal page, over HTTP."""

from . import odoo
from .client import Client, QueryLog
from .pages import compare
from .rows import at_most

ENTRIES = 20_000
# Of these, what is not settled yet: about two weeks of a busy point.
OPEN = 300
# Settled entries that are made with orders and transfers of their own; the rest of the
# history is copied from them.
ORIGINALS = 600
# Rows on either page.
SHOWN = 20
REPETITIONS = 60


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    env = bench.env
    total = bench.scaled(ENTRIES, 2 * (OPEN + ORIGINALS))
    with (
        bench.database("statement_ours", "installed") as ours,
        bench.database("statement_stock", "stock") as stock,
    ):
        with bench.progress.step(f"A ledger of {total:,} entries"):
            odoo.call(
                *(env, ours, "settlement_odoo", "fill_ours"),
                **{"leaders": 1, "lines": OPEN, "history": ORIGINALS},
            )
            odoo.call(env, ours, "statement_odoo", "prepare_leader", entries=total)
        with bench.progress.step(f"A stock portal of {SHOWN} orders"):
            odoo.call(env, stock, "statement_odoo", "prepare_orders", orders=SHOWN)
        for db in (ours, stock):
            env.sql(db, "ANALYZE")
        with (
            env.start_server(ours) as our_server,
            env.start_server(stock) as stock_server,
        ):
            our_server.wait_ready()
            stock_server.wait_ready()
            leader, customer = Client(our_server, {}), Client(stock_server, {})
            leader.sign_in(ours)
            customer.sign_in(stock)
            page = compare(
                (leader, customer),
                ("/my/leader/statement", "/my/orders"),
                bench.scaled(REPETITIONS, 20),
            )
            log = QueryLog(our_server)
            leader.get("/my/leader/statement")
            queries = log.count()
    return [
        at_most(
            f"statement of {total:,} entries against /my/orders",
            *page,
            "ms/page",
            1.5,
            issue=4,
        ),
        at_most("queries of that statement", queries, None, "queries", 39, issue=4),
    ]
