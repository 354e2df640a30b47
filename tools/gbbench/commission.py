# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What writing the commission ledger adds to a confirmation."""

from . import cloning, odoo
from .rows import at_most

ORIGINALS = 100
ORDERS = 1_000
LINES = 4


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    count = bench.scaled(ORDERS, ORIGINALS)
    with bench.database("commission", "installed", "demo") as db:
        with bench.progress.step(f"{ORIGINALS} residents order {LINES} lines each"):
            odoo.call(
                *(bench.env, db, "commission_odoo", "join"),
                people=ORIGINALS,
                lines=LINES,
            )
        cloning.grow(bench.env.cluster.dsn(db, "postgres"), count)
        with bench.progress.step(f"confirm {count} orders"):
            result = odoo.call(bench.env, db, "commission_odoo", "confirm")
    if (result["orders"], result["entries"]) != (count, count * LINES):
        raise AssertionError(f"not every line has its entry: {result}")
    return [
        at_most(
            f"confirming {count:,} orders of {LINES} lines, with the ledger to without",
            1000 * result["seconds"] / count,
            1000 * (result["seconds"] - result["ledger"]) / count,
            "ms/order",
            1.08,
            issue=4,
        ),
        at_most(
            f"queries of the ledger in a slice of {result['slice']} orders, to one of"
            f" {result['least']}",
            result["queries"],
            result["least_queries"],
            "queries",
            1,
            issue=4,
        ),
    ]
