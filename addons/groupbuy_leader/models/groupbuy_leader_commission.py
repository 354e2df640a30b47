# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..brackets import exact
from ..periods import get_period, to_day


class GroupBuyLeader(models.Model):
    """What a leader earns and is owed."""

    _inherit = "groupbuy.leader"

    plan_id = fields.Many2one(
        comodel_name="groupbuy.commission.plan",
        string="Commission Plan",
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', 'in', (False, company_id))]",
        help="When empty, the plan of the tier or of the company.",
    )
    commission_balance = fields.Monetary(
        string="Commission Owed",
        compute="_compute_commission_balance",
        compute_sudo=True,
        groups="groupbuy_leader.group_settlement_user,"
        "groupbuy_leader.group_leader_manager",
        help="All that the ledger says, less what was billed. Negative: the leader owes"
        " it.",
    )

    @api.constrains("plan_id", "company_id")
    def _check_plan_company(self):
        for leader in self:
            company = leader.plan_id.company_id
            if company and company != leader.company_id:
                raise ValidationError(
                    self.env._(
                        "The plan %(plan)s is of another company than %(leader)s.",
                        plan=leader.plan_id.name,
                        leader=leader.display_name,
                    )
                )

    def _compute_commission_balance(self):
        """Sum the ledger, less what bills of the leader have taken from it."""
        sums = {}
        if self.ids:
            self.env["groupbuy.settlement"].flush_model(["step"])
            sums = dict(
                self.env.execute_query(
                    SQL(
                        """
                        SELECT id, COALESCE(ledger.amount, 0)
                                   - COALESCE(billed.amount, 0)
                          FROM groupbuy_leader l
                          LEFT JOIN LATERAL (
                               SELECT SUM(amount) AS amount
                                 FROM groupbuy_commission_entry
                                WHERE leader_id = l.id) ledger ON TRUE
                          LEFT JOIN LATERAL (
                               SELECT SUM(balance) AS amount FROM groupbuy_settlement
                                WHERE leader_id = l.id AND step = 'billed'
                               ) billed ON TRUE
                         WHERE id = ANY(%s)
                        """,
                        self.ids,
                    )
                )
            )
        for leader in self:
            leader.commission_balance = sums.get(leader.id, 0.0)

    def _grant_bonus(self, amount, reference, note):
        """Add a bonus to the ledger.

        Why it is safe: the reference is part of a unique key, so the same bonus is
        granted once, however often it is asked for.

        :param float amount: In the currency of the company, above zero.
        :param str reference: What it is for, such as "invitation/7".
        :param str note: The reason, as the leader reads it.
        :return: The entry, new or old.
        :rtype: groupbuy.commission.entry
        :raise UserError: If there is nothing to grant or no reason.
        """
        self.ensure_one()
        currency = self.company_id.currency_id
        if currency.compare_amounts(amount, 0) <= 0 or not (note or "").strip():
            raise UserError(
                self.env._("A bonus is an amount above zero, with its reason.")
            )
        key = f"bonus/{self.id}/{reference}"
        entries = self.env["groupbuy.commission.entry"].sudo()
        entries._post(
            [
                {
                    "key": key,
                    "kind": "bonus",
                    "leader_id": self.id,
                    "company_id": self.company_id.id,
                    "currency_id": currency.id,
                    "amount": exact(currency.round(amount)),
                    "note": note,
                }
            ]
        )
        return entries.search([("key", "=", key)])

    def _on_left(self):
        """Override of `groupbuy_leader` to settle what is owed to who leaves.

        What is payable now is settled at once, whatever the minimum; what still waits
        for a pickup or the window is settled by the scheduled job later.
        """
        result = super()._on_left()
        for company, leaders in self.grouped("company_id").items():
            today = to_day(fields.Datetime.now(), company.partner_id.tz or "UTC")
            settlements = self.env["groupbuy.settlement"].sudo()
            settled = settlements._get_settled_until(company, leaders)
            plans = self.env["groupbuy.commission.plan"]._get_for_leaders(leaders)
            for leader in leaders:
                first, _last = get_period(plans[leader]._get_period_kind(), today)
                # A day is settled once; what comes later that day waits for the job.
                if leader not in settled or settled[leader] < today:
                    last_settled = settled.get(leader)
                    if last_settled and last_settled >= first:
                        first = fields.Date.add(last_settled, days=1)
                    settlements._settle(company, leader, (first, today), is_final=True)
        return result

    def action_open_commission(self):
        """Open the ledger of the leader.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_leader.groupbuy_commission_entry_action"
        )
        return action | {
            "domain": [("leader_id", "=", self.id)],
            "context": {},
            "display_name": self.display_name,
        }
