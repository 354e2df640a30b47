# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Receiving a transfer of many products for many residents at a pickup point."""

from dataclasses import replace

from . import cloning, odoo
from .rows import at_most

ISSUE = 3
PRODUCTS = 60
SHORT = 5
ORIGINALS = 20
FEW = 100
MANY = 500


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    few, many = bench.scaled(FEW, ORIGINALS), bench.scaled(MANY, 3 * ORIGINALS)
    say = bench.progress.say
    results = {}
    with bench.database("ordered", "installed", "demo") as ordered:
        with bench.progress.step(f"{ORIGINALS} residents order {PRODUCTS} products"):
            odoo.call(
                bench.env,
                ordered,
                "receipt_odoo",
                "join",
                people=ORIGINALS,
                products=PRODUCTS,
            )
        for people in (few, many):
            with bench.database("arriving", ordered) as db:
                cloning.grow(bench.env.cluster.dsn(db, "postgres"), people)
                with bench.progress.step(f"{people} orders close and are bought"):
                    odoo.call(bench.env, db, "receipt_odoo", "bring")
                bench.env.sql(db, "ANALYZE")
                for lost in (1, 4) if people == many else (1,):
                    result = _receive(bench, db, lost)
                    results[people, lost] = result
                    say(
                        f"  {people} residents, {result['affected']} get less:"
                        f" {result['queries']} queries, {result['seconds']:.2f} s"
                    )
    small, large, larger = results[few, 1], results[many, 1], results[many, 4]
    per_affected = (larger["queries"] - large["queries"]) / (
        larger["affected"] - large["affected"]
    )
    # The few who get less are of the same number in both.
    per_unaffected = (large["queries"] - small["queries"]) / (many - few)
    rows = [
        at_most(
            f"receipt of {PRODUCTS} products, {SHORT} short, for {many} residents"
            f" against {few}",
            1000 * large["seconds"] / many,
            1000 * small["seconds"] / few,
            "ms/resident",
            1.15,
        ),
        at_most(
            "receipt, for each resident who gets less",
            per_affected,
            None,
            "queries",
            25,
        ),
        at_most(
            # Rows are written and read by the hundred: that is what is left.
            "receipt, for each resident who gets everything",
            max(per_unaffected, 0.0),
            None,
            "queries",
            0.25,
        ),
    ]
    return [replace(row, issue=ISSUE) for row in rows]


def _receive(bench, template, lost):
    """Measure in a copy of a database of arriving goods."""
    with bench.database("receipt", template) as db:
        return odoo.call(
            bench.env, db, "receipt_odoo", "receive", short=SHORT, lost=lost
        )
