# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Settling leaders, against OCA's commission_oca with the same figures.

commission_oca and account_commission_oca are fetched for the measurement only: they
are installed into the cache and into a database of their own, never with our addons.
"""

import subprocess

from gbtools import ToolError

from . import odoo
from .rows import at_most

LEADERS = 100
LINES = 10_000
HISTORY = 500_000
FEW, MANY = 10, 1_000
PACKAGES = (
    "odoo-addon-commission-oca==19.0.2.0.0.10",
    "odoo-addon-account-commission-oca==19.0.1.0.1.4",
)


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    sizes = {
        "leaders": LEADERS,
        "lines": bench.scaled(LINES, LEADERS),
        "history": bench.scaled(HISTORY, LEADERS),
    }
    with bench.database("settle_ours", "installed") as db:
        with bench.progress.step("Our ledger, with its history"):
            odoo.call(bench.env, db, "settlement_odoo", "fill_ours", **sizes)
        bench.env.sql(db, "ANALYZE")
        with bench.progress.step("Our settlement run"):
            ours = odoo.call(bench.env, db, "settlement_odoo", "settle_ours")
        few, many = FEW, bench.scaled(MANY, 2 * FEW)
        queries = [
            odoo.call(
                *(bench.env, db, "settlement_odoo", "count_queries"), leaders=leaders
            )
            for leaders in (few, many)
        ]
    theirs = _measure_theirs(bench, sizes)
    if (ours["settlements"], ours["lines"], ours["amount"]) != (
        theirs["settlements"],
        theirs["lines"],
        theirs["amount"],
    ):
        raise AssertionError(f"the figures differ: {ours}, {theirs}")
    return [
        at_most(
            f"settle {sizes['lines']:,} lines of {LEADERS} leaders after"
            f" {sizes['history']:,}, to commission_oca",
            ours["seconds"],
            theirs["seconds"],
            "s",
            1 / 20,
            issue=4,
        ),
        at_most(
            f"queries to settle {many:,} leaders, to {few}",
            queries[1],
            queries[0],
            "queries",
            1,
            issue=4,
        ),
    ]


def _measure_theirs(bench, sizes):
    env = bench.env
    addons = _fetch(env)
    paths = [str(path) for path in (*env.odoo_source.addons_paths, addons)]
    path = ("--addons-path", ",".join(paths))
    with bench.database("settle_theirs", "stock") as db:
        with bench.progress.step("commission_oca: its ledger, with its history"):
            env.odoo(
                *("-d", db, "-i", "account_commission_oca", *path),
                *("--stop-after-init", "--no-http"),
                log=env.cache / "log" / "bench-oca.log",
            )
            odoo.call(
                *(env, db, "settlement_odoo", "fill_theirs"), options=path, **sizes
            )
        env.sql(db, "ANALYZE")
        with bench.progress.step("commission_oca: its settlement run"):
            return odoo.call(env, db, "settlement_odoo", "settle_theirs", options=path)


def _fetch(env):
    """Return the folder with OCA's addons, fetched from the package index."""
    target = env.cache / "oca-commission"
    addons = target / "odoo" / "addons"
    if not (addons / "account_commission_oca").is_dir():
        command = [env.python, "-m", "pip", "install", "--quiet", "--no-deps"]
        done = subprocess.run(
            [*map(str, command), "--target", str(target), *PACKAGES],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ToolError(f"cannot fetch {PACKAGES[0]}: {done.stderr.strip()[-200:]}")
    return addons
