# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Closing a campaign, against stock confirmations of the same orders."""

import statistics

from . import cloning, odoo
from .rows import at_most

ORIGINALS = 100
FEW = 1_000
MANY = 10_000


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    few, many = bench.scaled(FEW, ORIGINALS), bench.scaled(MANY, ORIGINALS)
    say = bench.progress.say
    with bench.database("joined", "installed", "demo") as joined:
        with bench.progress.step(f"{ORIGINALS} residents join through the shop"):
            odoo.call(bench.env, joined, "closing_odoo", "join", people=ORIGINALS)
        small, large = [], None
        # Few, many, few: what else the machine does falls on both sizes.
        for count in (few, many, few):
            with bench.database("orders", joined) as db:
                cloning.grow(bench.env.cluster.dsn(db, "postgres"), count)
                if count == many:
                    theirs = _run(bench, db, "confirm")
                    large = _run(bench, db, "close")
                    say(f"  {count} orders, {large['lines']} lines")
                else:
                    small.append(_run(bench, db, "close"))
    ours = _per_order(large)
    seconds_few = statistics.mean(_per_order(result) for result in small)
    unit = "ms/order"
    return [
        at_most(
            f"closing {many:,} orders, {large['lines']:,} lines, to action_confirm",
            ours,
            _per_order(theirs),
            unit,
            0.35,
        ),
        at_most(
            f"closing {many:,} orders against {few:,}", ours, seconds_few, unit, 1.15
        ),
        at_most(
            f"memory growth closing {many:,} orders",
            large["megabytes"],
            None,
            "MB",
            300,
        ),
    ]


def _run(bench, template, function):
    """Measure in a copy of a database of orders."""
    with bench.database("close", template) as db:
        with bench.progress.step(f"{function} the orders of {template}"):
            return odoo.call(bench.env, db, "closing_odoo", function)


def _per_order(result):
    return 1000 * result["seconds"] / result["orders"]
