# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who waits for whom, on real connections: nobody is told to come back later.

`LockError` is an error for the user and is not tried again; a failed serialization is.
The queue therefore passes over what is locked, and a payment waits for the close.
"""

import threading
import time

import psycopg2


def test_the_queue_passes_over_a_job_that_somebody_else_is_working_on(shop):
    shop.run(
        """
campaign = make_shop(3)
for number in range(3):
    join(campaign, number)
run_jobs("process_jobs")
campaign.action_close_now()
campaign._decide()
env.cr.commit()
"""
    )
    pending = "SELECT id FROM groupbuy_job WHERE state = 'pending' ORDER BY id"
    jobs = [row[0] for row in shop.query(pending)]
    assert len(jobs) == 3
    other = psycopg2.connect(shop.odoo.pg_dsn(shop.name))
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM groupbuy_job WHERE id = %s FOR NO KEY UPDATE",
                [jobs[0]],
            )
            shop.run('run_jobs("process_jobs")')
            left = shop.query(
                "SELECT id, attempts, last_error FROM groupbuy_job"
                " WHERE state != 'done' AND kind = 'confirm'"
            )
        assert left == [(jobs[0], 0, None)]
    finally:
        other.rollback()
        other.close()
    shop.run('run_jobs("process_jobs")')
    states = shop.query("SELECT DISTINCT groupbuy_state, state FROM sale_order")
    assert states == [("confirmed", "sale")]
    assert shop.value("SELECT COUNT(*) FROM groupbuy_job WHERE state != 'done'") == 0


def test_a_payment_that_meets_the_close_waits_is_repeated_and_goes_back(shop):
    shop.run(
        """
campaign = make_shop(1)
start_payment(fill_cart(campaign, get_resident(0)))
"""
    )
    closing = psycopg2.connect(shop.odoo.pg_dsn(shop.name))
    results = []

    def register():
        results.append(
            shop.run(
                """
from functools import partial
from odoo.service.model import retrying

tx = env["payment.transaction"].search([], limit=1)
tx._process("demo", {"reference": tx.reference, "simulated_state": "done"})
env.cr.commit()
tries = []

def post_process():
    tries.append(1)
    tx._post_process()

retrying(post_process, env)
env.cr.commit()
run_jobs("process_jobs")
order = tx.sale_order_ids
answer(
    tries=len(tries), state=order.groupbuy_state, why=order.groupbuy_failure,
    refunded=order.groupbuy_amount_refunded,
    taken=order.groupbuy_campaign_id.line_ids.taken_quantity,
)
"""
            )
        )

    buyer = threading.Thread(target=register)
    try:
        with closing.cursor() as cursor:
            # What the close does, not committed yet.
            cursor.execute("UPDATE groupbuy_campaign SET state = 'closing'")
            buyer.start()
            end = time.monotonic() + 120
            while not shop.value(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND query LIKE '%%FOR SHARE%%' AND datname = current_database()"
            ):
                assert time.monotonic() < end, "the payment does not wait"
                time.sleep(0.05)
        closing.commit()
    finally:
        closing.close()
        buyer.join()
    assert results == [
        {"tries": 2, "state": "failed", "why": "late", "refunded": 10.0, "taken": 0.0}
    ]
    shop.assert_quota_matches_holds()
