# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Handing goods out with a code, against the validation of the same transfers."""

from dataclasses import replace

from . import cloning, odoo
from .rows import at_most

ISSUE = 3
PRODUCTS = 60
ORIGINALS = 20
REPETITIONS = 60
WARM_UP = 5
BATCH = 200


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    repetitions = bench.scaled(REPETITIONS, 20)
    batch = bench.scaled(BATCH, 20)
    people = 2 * (repetitions + WARM_UP) + 2 * batch
    with bench.database("handing_out", "installed", "demo") as db:
        with bench.progress.step(f"{ORIGINALS} residents order {PRODUCTS} products"):
            odoo.call(
                bench.env,
                db,
                "receipt_odoo",
                "join",
                people=ORIGINALS,
                products=PRODUCTS,
            )
        cloning.grow(bench.env.cluster.dsn(db, "postgres"), people)
        with bench.progress.step(f"{people} orders close, are bought and arrive"):
            odoo.call(bench.env, db, "receipt_odoo", "bring")
            odoo.call(bench.env, db, "verification_odoo", "arrive")
        bench.env.sql(db, "ANALYZE")
        single = odoo.call(
            bench.env,
            db,
            "verification_odoo",
            "compare",
            repetitions=repetitions,
            warm_up=WARM_UP,
        )
        many = odoo.call(bench.env, db, "verification_odoo", "batch", count=batch)
    for side in ("ours", "theirs"):
        bench.progress.say(
            f"  {side}: {1000 * single[side]['seconds']:.1f} ms,"
            f" {single[side]['queries']:.1f} queries"
        )
    bench.progress.say(
        f"  {batch} in a batch: {many['batch']['queries']:.1f} queries each, one by"
        f" one {many['single']['queries']:.1f}"
    )
    rows = [
        at_most(
            "a verification with its code against button_validate: time",
            1000 * single["ours"]["seconds"],
            1000 * single["theirs"]["seconds"],
            "ms",
            1.3,
        ),
        at_most(
            "a verification with its code against button_validate: queries",
            single["ours"]["queries"],
            single["theirs"]["queries"],
            "queries",
            1.3,
        ),
        at_most(
            f"{batch} verifications as a batch against one by one",
            1000 * many["batch"]["seconds"],
            1000 * many["single"]["seconds"],
            "ms/transfer",
            0.5,
        ),
    ]
    return [replace(row, issue=ISSUE) for row in rows]
