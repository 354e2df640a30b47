# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One process that claims; many of them at once are the benchmark of claims.py.

Runs inside of Odoo for our side and in plain Python for the other.
"""

import json
import sys
import threading
import time
from contextlib import contextmanager

import psycopg2

# Namespace of the advisory locks with which the rounds are started.
GATE = 7070
SOLD_OUT = "sold_out"
# What :meth:`groupbuy.hold._claim` does, without Odoo.
PLAIN_CLAIM = """
    WITH claimed AS (
        UPDATE groupbuy_quota SET taken = taken + 1
         WHERE line_id = %(line)s
           AND (COALESCE(cap, 0) <= 0 OR taken + 1 <= cap)
     RETURNING line_id
    )
    INSERT INTO groupbuy_hold (
        line_id, campaign_id, order_id, quantity, state, expires_at,
        create_uid, create_date, write_uid, write_date)
    SELECT line_id, %(campaign)s, %(order)s, 1, 'held',
           now() AT TIME ZONE 'UTC' + interval '15 minutes',
           1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
      FROM claimed
    RETURNING id
"""


def work_in_odoo(env, **settings):
    """Claim through our addon; see :func:`work`."""

    @contextmanager
    def claimer(campaign_id):
        with env.registry.cursor() as cr:
            own_env = env(cr=cr)
            lines = own_env["groupbuy.campaign.line"]
            holds = own_env["groupbuy.hold"]

            def claim(line_id, order_id):
                result = holds._claim(lines.browse(line_id), order_id, 1)
                # The end of the visitor's request.
                cr.commit()
                return result

            yield claim

    return work(claimer, **settings)


def work_in_sql(**settings):
    """Claim in plain SQL; see :func:`work`."""

    @contextmanager
    def claimer(campaign_id):
        connection = psycopg2.connect(settings["dsn"])
        cr = connection.cursor()

        def claim(line_id, order_id):
            values = {"line": line_id, "campaign": campaign_id, "order": order_id}
            cr.execute(PLAIN_CLAIM, values)
            row = cr.fetchone()
            connection.commit()
            return "ok" if row else SOLD_OUT

        yield claim
        connection.close()

    return work(claimer, **settings)


def work(claimer, dsn, number, threads, claims, campaign_id, rounds):
    """Claim in several threads, each with a connection of its own, round by round.

    :param claimer: context manager that yields a function of line and order.
    :param str dsn: the database, for the gates.
    :param int number: of this process.
    :param int threads: how many.
    :param int claims: of each thread in a round.
    :param int campaign_id: the campaign of the lines.
    :param list rounds: pairs of gate and line.
    :return: for each thread, for each round: [begin, end, {answer: count}]
    :rtype: list
    """
    results = [[] for _ in range(threads)]

    def run(thread):
        gate = psycopg2.connect(dsn)
        gate.autocommit = True
        with claimer(campaign_id) as claim:
            for number_of_gate, line_id in rounds:
                first = (number_of_gate * 100 + number * threads + thread) * 100_000
                gate.cursor().execute(
                    "SELECT pg_advisory_lock_shared(%s, %s)", [GATE, number_of_gate]
                )
                results[thread].append(_claim_all(claim, line_id, first, claims))
        gate.close()

    workers = [threading.Thread(target=run, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return results


def _claim_all(claim, line_id, first, claims):
    answers = {}
    begin = time.time()
    for order_id in range(first, first + claims):
        try:
            answer = claim(line_id, order_id)
        except Exception as error:  # noqa: BLE001 (any error is what is counted)
            answer = f"{type(error).__name__}: {error}"
        answers[answer] = answers.get(answer, 0) + 1
    return [begin, time.time(), answers]


if __name__ == "__main__":
    print("RESULT " + json.dumps(work_in_sql(**json.loads(sys.argv[1]))))
