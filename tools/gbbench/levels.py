# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Nightly levels and segments against the bare SQL aggregate of the same figures."""

from dataclasses import replace

from . import odoo
from .rows import at_most

ISSUE = 5
RESIDENTS = 100_000
ORDERS = 1_000_000
FEW = 100
REPETITIONS = 3


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    residents = bench.scaled(RESIDENTS, 2 * FEW)
    orders = bench.scaled(ORDERS, 20 * FEW)
    with bench.database("levels_few", "installed") as db:
        few = _run(bench, db, FEW, 10 * FEW)
    with bench.database("levels", "installed") as db:
        many = _run(bench, db, residents, orders)
    if many["standings"] != residents or many["levels"] < 2:
        raise AssertionError(f"not all residents were counted: {many}")
    what = f"of {residents:,} residents with {orders:,} orders"
    rows = [
        at_most(
            f"nightly levels and segments {what}, to the bare aggregate",
            many["ours"],
            many["theirs"],
            "s",
            3.0,
        ),
        at_most(
            f"queries of a night, {residents:,} residents to {FEW}",
            many["queries"],
            few["queries"],
            "queries",
            1.0,
        ),
    ]
    return [replace(row, issue=ISSUE) for row in rows]


def _run(bench, db, residents, orders):
    """Return the measurements in one database."""
    env = bench.env
    with bench.progress.step(f"{residents:,} residents with {orders:,} orders"):
        odoo.call(env, db, "levels_odoo", "fill", residents=residents, orders=orders)
        env.sql(db, "ANALYZE")
    with bench.progress.step("Nights"):
        return odoo.call(env, db, "levels_odoo", "compare", repetitions=REPETITIONS)
