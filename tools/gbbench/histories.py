# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Random histories of sales, refunds and settlements, against a recount."""

from .rows import at_most

HISTORIES = 1_000
TEST = "/groupbuy_leader:TestCommissionHistory"


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    count = bench.scaled(HISTORIES, 20)
    log = bench.env.cache / "log" / "bench-histories.log"
    with bench.database("histories", "installed") as db:
        with bench.progress.step(f"{count} random histories"):
            code = bench.env.odoo(
                *("-d", db, "--test-tags", TEST),
                *("--stop-after-init", "--no-http", "--workers=0"),
                log=log,
                check=False,
                env={"GROUPBUY_HISTORIES": str(count)},
            )
    text = log.read_text("utf-8")
    wrong = 0 if not code and "0 failed, 0 error(s) of 1 tests" in text else 1
    name = f"random commission histories ({count:,}) that differ from a recount"
    return [at_most(name, wrong, None, "histories", 0, issue=4)]
