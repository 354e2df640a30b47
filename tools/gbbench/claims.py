# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Claims on one hot line: our addon against the same statement in plain SQL."""

import json
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2

from gbtools import ToolError

from . import claims_worker, odoo
from .claims_worker import GATE, SOLD_OUT
from .rows import at_least, at_most

PROCESSES = 4
THREADS = 4
CLAIMS = 10_000
UNITS = 1_000
REPETITIONS = 3
_HERE = claims_worker.__file__


def prepare(env, caps):
    """Make a campaign with a line for each limit. Runs inside of Odoo.

    :return: {"campaign": id, "lines": ids}
    """
    from .campaigns_odoo import make_campaign, make_products

    products = make_products(env, len(caps))
    campaign = make_campaign(
        env,
        "Hot lines",
        [
            {"product_id": product.id, "start_price": 20, "cap": cap}
            for product, cap in zip(products, caps, strict=True)
        ],
    )
    return {"campaign": campaign.id, "lines": campaign.line_ids.sorted("id").ids}


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    with bench.database("claims", "installed") as db:
        # A pair of rounds for each repetition and limit; the sides take turns.
        caps = [cap for cap in (0, UNITS) for _ in range(2 * REPETITIONS)]
        made = odoo.call(bench.env, db, "claims", "prepare", caps=caps)
        rounds = list(enumerate(made["lines"]))
        results = run_rounds(bench, db, made["campaign"], rounds)
        rates = [_get_rate(threads) for threads in results]
        middle = 2 * REPETITIONS
        ours = [_sum_answers(results[number]) for number in range(1, 2 * middle, 2)]
        oversold = _count_oversold(bench, db)
    errors = sum(
        count
        for answers in ours
        for answer, count in answers.items()
        if answer not in ("ok", SOLD_OUT)
    )
    sold = [answers.get("ok", 0) for answers in ours]
    if sold != [CLAIMS] * REPETITIONS + [UNITS] * REPETITIONS and not errors:
        raise ToolError(f"so many claims were granted: {sold}")
    median = statistics.median
    who = f"{PROCESSES * THREADS} connections, {PROCESSES} processes"
    return [
        at_least(
            f"claims on one hot line, all granted ({who})",
            median(rates[1:middle:2]),
            median(rates[:middle:2]),
            "claims/s",
            0.5,
        ),
        at_least(
            f"claims, {CLAIMS:,} for {UNITS:,} units",
            median(rates[middle + 1 :: 2]),
            median(rates[middle::2]),
            "claims/s",
            0.5,
        ),
        at_most("units oversold", oversold, None, "units", 0),
        at_most("errors other than sold out", errors, None, "errors", 0),
    ]


def run_rounds(bench, db, campaign_id, rounds):
    """Run all rounds: even ones in plain SQL, odd ones through our addon.

    :return: for each round the results of all threads.
    :rtype: list
    """
    dsn = bench.env.pg_dsn(db)
    gate = psycopg2.connect(dsn)
    gate.autocommit = True
    cr = gate.cursor()
    for number, _line in rounds:
        cr.execute("SELECT pg_advisory_lock(%s, %s)", [GATE, number])
    settings = {
        "dsn": dsn,
        "threads": THREADS,
        "claims": CLAIMS // (PROCESSES * THREADS),
        "campaign_id": campaign_id,
    }
    with ThreadPoolExecutor(2 * PROCESSES) as pool:
        sides = []
        for side, worker in enumerate((_run_sql, _run_odoo)):
            own = settings | {"rounds": rounds[side::2]}
            sides.append(
                [
                    pool.submit(worker, bench, db, own | {"number": number})
                    for number in range(PROCESSES)
                ]
            )
        running = [future for side in sides for future in side]
        for number, _line in rounds:
            _wait_for_all(cr, number, running)
            cr.execute("SELECT pg_advisory_unlock(%s, %s)", [GATE, number])
        results = [
            [thread for future in side for thread in future.result()] for side in sides
        ]
    gate.close()
    return [
        [thread[number // 2] for thread in results[number % 2]] for number, _ in rounds
    ]


def _run_sql(bench, _db, settings):
    done = subprocess.run(
        [bench.env.python, _HERE, json.dumps(settings)],
        capture_output=True,
        text=True,
        check=False,
        env=bench.env.process_environment(),
    )
    if done.returncode:
        raise ToolError(f"claims in SQL failed: {done.stderr[-300:]}")
    return json.loads(done.stdout.removeprefix("RESULT "))


def _run_odoo(bench, db, settings):
    return odoo.call(bench.env, db, "claims_worker", "work_in_odoo", **settings)


def _wait_for_all(cr, number, running):
    """Wait until every connection of a round stands at its gate."""
    deadline = time.monotonic() + 300
    waiting = 0
    while waiting < PROCESSES * THREADS:
        cr.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND classid = %s AND objid = %s AND NOT granted",
            [GATE, number],
        )
        waiting = cr.fetchone()[0]
        for future in running:
            if future.done() and future.exception():
                cr.execute("SELECT pg_advisory_unlock_all()")
                raise future.exception()
        if time.monotonic() > deadline:
            cr.execute("SELECT pg_advisory_unlock_all()")
            raise ToolError(f"only {waiting} connections came to round {number}")
        time.sleep(0.01)


def _get_rate(threads):
    """Return the claims of all threads in a second, from the first to the last."""
    count = sum(sum(answers.values()) for _begin, _end, answers in threads)
    begin = min(begin for begin, _end, _answers in threads)
    return count / (max(end for _begin, end, _answers in threads) - begin)


def _sum_answers(threads):
    total = {}
    for _begin, _end, answers in threads:
        for answer, count in answers.items():
            total[answer] = total.get(answer, 0) + count
    return total


def _count_oversold(bench, db):
    """Return the units held beyond a limit, and those the counter does not know."""
    return int(
        float(
            bench.env.sql(
                db,
                "SELECT COALESCE(sum(greatest(h.held - q.cap, 0))"
                " FILTER (WHERE q.cap > 0), 0)"
                " + COALESCE(sum(abs(h.held - q.taken)), 0)"
                " FROM groupbuy_quota q JOIN (SELECT line_id, sum(quantity) AS held"
                " FROM groupbuy_hold GROUP BY line_id) h ON h.line_id = q.line_id",
            )
        )
    )
