# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Settlement runs at once, and confirmations that count one volume, on real
connections."""

# Leaders with payable entries, made in a process of its own.
LEADERS = """
leaders = env["groupbuy.leader"].create(
    [
        {"partner_id": env["res.partner"].create({"name": f"Leader {number}"}).id}
        for number in range(40)
    ]
)
for leader in leaders:
    for number in range(5):
        leader._grant_bonus(10 + number, f"test/{number}", "For the test")
env.cr.execute(
    "UPDATE groupbuy_commission_entry SET date = date - interval '90 days'"
)
env.cr.commit()
"""

# Two requests at once, as Odoo's own dispatcher runs and repeats them.
RACE = """
import threading
from functools import partial
from odoo import api
from odoo.modules.registry import Registry
from odoo.service.model import retrying

registry = Registry(env.cr.dbname)
barrier = threading.Barrier({count}, timeout=60)
# Read here: the threads share no cursor with the script.
uid = {uid}
answers = []


def run(work):
    with registry.cursor() as cr:
        own = api.Environment(cr, uid, {{}})
        # The snapshot of each begins before any of them has settled anything.
        own.cr.execute("SELECT count(*) FROM groupbuy_settlement")
        barrier.wait()
        try:
            answers.append(retrying(partial(work, own), own))
        except Exception as error:
            answers.append(type(error).__name__)


def race(*works):
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
"""


def _race(count, uid="1"):
    return RACE.format(count=count, uid=uid)


def test_two_settlement_runs_at_once_settle_everything_once(shop):
    answer = shop.run(
        LEADERS
        + _race(4)
        + """
def settle(own):
    leaders = own["groupbuy.leader"].search([])
    return len(own["groupbuy.settlement"]._settle(own.company, leaders))


answer(made=sorted(race(*[settle] * 4)))
"""
    )
    assert answer == {"made": [0, 0, 0, 40]}
    assert shop.value("SELECT count(*) FROM groupbuy_settlement") == 40
    assert not shop.query(
        "SELECT id FROM groupbuy_commission_entry WHERE settlement_id IS NULL"
    )
    assert not shop.query(
        """
        SELECT s.id FROM groupbuy_settlement s
          JOIN groupbuy_commission_entry e ON e.settlement_id = s.id
         GROUP BY s.id HAVING SUM(e.amount) <> s.amount OR COUNT(*) <> 5
        """
    )


def test_two_scheduled_jobs_at_once_settle_everything_once(shop):
    answer = shop.run(
        LEADERS
        + _race(3)
        + """
# Nobody repeats a scheduled job: it has to begin again by itself.
def retrying(work, own):
    return work()


def job(own):
    own["groupbuy.settlement"]._cron_settle()
    return "done"


answer(made=race(job, job, job))
"""
    )
    assert answer == {"made": ["done"] * 3}
    assert shop.value("SELECT count(*) FROM groupbuy_settlement") == 40
    assert not shop.query(
        "SELECT id FROM groupbuy_commission_entry WHERE settlement_id IS NULL"
    )
    assert not shop.query(
        """
        SELECT s.id FROM groupbuy_settlement s
          JOIN groupbuy_commission_entry e ON e.settlement_id = s.id
         GROUP BY s.id HAVING SUM(e.amount) <> s.amount OR COUNT(*) <> 5
        """
    )


def test_two_different_periods_at_once_do_not_overlap(shop):
    answer = shop.run(
        LEADERS
        + _race(2)
        + """
from datetime import date, timedelta

today = date.today()


def settle(days, own):
    leaders = own["groupbuy.leader"].search([])
    period = (today - timedelta(days=days), today - timedelta(days=1))
    return len(own["groupbuy.settlement"]._settle(own.company, leaders, period))


answer(made=sorted(map(str, race(partial(settle, 30), partial(settle, 7)))))
"""
    )
    assert answer == {"made": ["40", "UserError"]}
    assert shop.value("SELECT count(*) FROM groupbuy_settlement") == 40


def test_two_clicks_on_create_bill_make_one_bill(shop):
    answer = shop.run(
        LEADERS
        + _race(3, "env.ref('base.user_admin').id")
        + """
env["res.company"].search([]).groupbuy_settlement_approval_amount = 10 ** 6
settlements = env["groupbuy.settlement"]._settle(
    env.company, env["groupbuy.leader"].search([], limit=3)
)
settlements.action_submit()
env.cr.commit()
ids = settlements.ids


def bill(own):
    own["groupbuy.settlement"].browse(ids).action_bill()
    return "billed"


answer(made=sorted(race(bill, bill, bill)))
"""
    )
    # The others are told that somebody is working on it, or that it is done.
    assert answer["made"].count("billed") == 1
    assert set(answer["made"]) <= {"billed", "LockError", "UserError"}
    assert shop.value("SELECT count(*) FROM account_move WHERE ref LIKE 'GBS/%%'") == 3


def test_confirmations_at_once_count_the_volume_of_a_leader_once_each(shop):
    answer = shop.run(
        LEADERS
        + _race(4)
        + """
from decimal import Decimal

leader = env["groupbuy.leader"].search([], limit=1)
plan = env.ref("groupbuy_leader.groupbuy_commission_plan_default")
key = (leader.id, plan.rule_ids[0].id, fields.Date.today())


def count(own):
    before = own["groupbuy.commission.volume"]._add({key: Decimal("10.10")})
    return str(before[key])


answer(before=sorted(race(*[count] * 4)))
"""
    )
    assert answer == {"before": ["0.00", "10.10", "20.20", "30.30"]}
    assert float(shop.value("SELECT volume FROM groupbuy_commission_volume")) == 40.4
