# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Posters: drawn once within a bound, then answered from what was kept."""

from dataclasses import replace

from . import odoo
from .rows import at_most

ISSUE = 5
# Milliseconds that a drawing may take.
BOUND = 400.0
REPETITIONS = 7


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    repetitions = max(int(bench.scaled(REPETITIONS, 3)), 3)
    with bench.database("posters", "installed") as db:
        with bench.progress.step("Posters"):
            figures = odoo.call(
                bench.env, db, "posters_odoo", "compare", repetitions=repetitions
            )
    rows = [
        at_most(
            f"poster ({kind}) drawn once, in milliseconds",
            figures[kind]["first"],
            None,
            "ms",
            BOUND,
        )
        for kind in ("png", "pdf", "card")
    ]
    rows += [
        at_most(
            f"poster ({kind}) from what was kept, to drawing it",
            figures[kind]["kept"],
            figures[kind]["first"],
            "ms",
            0.25,
        )
        for kind in ("png", "pdf")
    ]
    return [replace(row, issue=ISSUE) for row in rows]
