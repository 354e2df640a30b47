# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import LeaderCommon


class CommissionCommon(LeaderCommon):
    """A plan of ten percent, settled every week, and the staff of finance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.plan = cls.env["groupbuy.commission.plan"].create(
            {
                "name": "Ten percent",
                "company_id": cls.company.id,
                "period": "week",
                "window_days": 7,
                "rule_ids": [Command.create({"percent": 10.0})],
            }
        )
        cls.company.groupbuy_commission_plan_id = cls.plan
        cls.finance, cls.approver, cls.other_approver = (
            new_test_user(
                cls.env, login=login, groups=f"groupbuy_leader.group_settlement_{role}"
            )
            for login, role in (
                ("finance_user", "user"),
                ("finance_approver", "approver"),
                ("finance_other_approver", "approver"),
            )
        )
        cls.ledger = cls.env["groupbuy.commission.entry"]

    def _confirmed(self, quantity=3, partner=None, point=None, coupon=0.0, **values):
        """Return an order whose group has succeeded, and its line of goods."""
        campaign = self._create_campaign(lines=[values])
        order = self._join(campaign, partner, {campaign.line_ids[:1]: quantity}, point)
        self._close(campaign)
        return order, order.order_line.filtered("groupbuy_line_id")

    def _delivered(self, quantity=3, **values):
        """Return an order that was handed out to its resident."""
        order, line = self._confirmed(quantity, **values)
        self._receive(order.groupbuy_campaign_id)
        self._hand_out(order)
        self._run_jobs()
        return order, line

    def _entries(self, order=None, **domain):
        """Return the ledger entries, of an order if one is given."""
        terms = [(name, "=", value) for name, value in domain.items()]
        if order:
            terms.append(("order_id", "=", order.id))
        self.env.invalidate_all()
        return self.ledger.search(terms, order="id")

    def _settle(self, leaders=None, days=14, period=None, is_final=False):
        """Run the settlement as if so many days had passed."""
        now = fields.Datetime.now() + timedelta(days=days)
        with freeze_time(now):
            settlements = self.env["groupbuy.settlement"]._settle(
                self.company, leaders or self.leader, period, is_final
            )
        self.env.invalidate_all()
        return settlements

    def _bill(self, settlements):
        """Submit, approve and bill settlements, by two people."""
        settlements.with_user(self.finance).action_submit()
        waiting = settlements.filtered(lambda rec: rec.state == "to_approve")
        if waiting:
            waiting.with_user(self.approver).action_approve()
        settlements.with_user(self.finance).action_bill()
        return settlements.bill_id

    def _pay_bills(self, bills):
        """Pay bills by Odoo's own wizard."""
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bills.ids
        ).create({})._create_payments()
        self.env.invalidate_all()

    def assertLedger(self, orders, amount):
        """Assert what the ledger says about orders, and that the facts say the same."""
        entries = self._entries()
        entries = entries.filtered(lambda entry: entry.order_id in orders)
        self.assertAlmostEqual(sum(entries.mapped("amount")), amount, 2)
        self.assertFacts(orders)

    def assertFacts(self, orders):
        """Assert that the ledger of orders is what a recount of the facts gives."""
        self.env.flush_all()
        different = self.env["groupbuy.commission.check"].search(
            [("order_id", "in", orders.ids), ("cause", "!=", "none")]
        )
        self.assertFalse(different.mapped(lambda row: (row.cause, row.difference)))
