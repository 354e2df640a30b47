# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the leaders of the demo shop have earned; see demo_orders.py.

Used where the addon `groupbuy_leader` is installed. One leader's commission is settled
and billed, the other's waits for approval, so that each screen has something to show.
"""

from datetime import timedelta

from odoo import fields

BILLED = "groupbuy_leader.leader_zhou"
LEADERS = (BILLED, "groupbuy_leader.leader_lin")
PLAN = "groupbuy_leader.groupbuy_commission_plan_default"
PREPARER = "community_groupbuy.user_shen"
NAMES = {"en_US": "Three days to complain", "zh_CN": "三天售后期"}


def prepare(env):
    """Give the leaders a plan by which the oldest campaign can be settled by now.

    :param env: Odoo's environment, before anybody has ordered.
    """
    plan = env.ref(PLAN).copy({"name": NAMES[env.lang], "window_days": 3})
    for xmlid in LEADERS:
        env.ref(xmlid).plan_id = plan


def settle(env):
    """Settle what is payable by now, as the wizard does for finance.

    :param env: Odoo's environment, after the demo's campaigns were handed out.
    """
    preparer = env.ref(PREPARER)
    today = fields.Date.context_today(preparer)
    run = (
        env["groupbuy.settlement.run"]
        .with_user(preparer)
        .create(
            {
                "company_id": env.ref("base.main_company").id,
                "mode": "custom",
                "date_from": today - timedelta(days=45),
                "date_to": today,
            }
        )
    )
    action = run.action_settle()
    settlements = env["groupbuy.settlement"].search(action["domain"])
    mine = settlements.with_user(preparer)
    mine.action_submit()
    billed = mine.filtered(
        lambda settlement: (
            settlement.leader_id == env.ref(BILLED) and settlement.state == "approved"
        )
    )
    billed.action_bill()
    print("settlements:", len(settlements), "billed:", len(billed))
