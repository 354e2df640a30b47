# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""`make bench`: our figures against stock Odoo and plain SQL, as ratios in one run.

ONLY names the subjects to measure, as a pattern; SCALE=0.1 takes a tenth of the orders
and repetitions. See docs/benchmark.md.
"""

import os
import re
import sys

from gbbench import (
    claims,
    closing,
    commission,
    coupons,
    day_list,
    flash,
    histories,
    join,
    levels,
    pages,
    posters,
    receipt,
    settlement,
    statement,
    verification,
)
from gbbench.rows import print_table, write
from gbbench.run import Bench

from gbtools import Environment, Progress, ToolError
from gbtools.paths import BUILD

SUBJECTS = {
    "join": join,
    "claims": claims,
    "closing": closing,
    "pages": pages,
    "receipt": receipt,
    "verification": verification,
    "day_list": day_list,
    "commission": commission,
    "settlement": settlement,
    "statement": statement,
    "histories": histories,
    "flash": flash,
    "levels": levels,
    "coupons": coupons,
    "posters": posters,
}
REPORT = BUILD / "bench.json"


def main():
    """Run the benchmark and return the exit code.

    :return: 0; 1 when a bound does not hold or a subject cannot be measured.
    :rtype: int
    """
    progress = Progress()
    try:
        subjects = _choose(os.environ.get("ONLY"))
        scale = _read_scale(os.environ.get("SCALE"))
        bench = Bench(Environment.ensure(progress), progress, scale)
        rows = []
        for name in subjects:
            with progress.step(f"Benchmark: {name}"):
                rows += SUBJECTS[name].measure(bench)
            # What has been measured is kept, whatever happens to the rest.
            write(rows, REPORT)
    except ToolError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print_table(rows)
    print(f"  {REPORT}", flush=True)
    failed = [row.name for row in rows if not row.holds]
    for name in failed:
        print(f"bench: out of bounds: {name}", file=sys.stderr)
    return 1 if failed else 0


def _choose(pattern):
    try:
        chosen = [name for name in SUBJECTS if re.search(pattern or "", name)]
    except re.error as error:
        raise ToolError(f"ONLY={pattern} is no pattern: {error}") from error
    if not chosen:
        raise ToolError(f"ONLY={pattern} names none of {', '.join(SUBJECTS)}")
    return chosen


def _read_scale(text):
    try:
        scale = float(text or 1)
    except ValueError:
        scale = 0
    if not 0 < scale <= 1:
        raise ToolError(f"SCALE={text} is no share above 0, up to 1")
    return scale
