# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    groupbuy_commission_plan_id = fields.Many2one(
        comodel_name="groupbuy.commission.plan",
        string="Commission Plan",
        domain="[('company_id', 'in', (False, id))]",
        help="Of leaders who have neither a plan of their own nor one of their tier."
        " When empty, the plan that came with the program.",
    )
    groupbuy_koc_plan_id = fields.Many2one(
        comodel_name="groupbuy.commission.plan",
        string="Plan of Sharers",
        domain="[('company_id', 'in', (False, id))]",
    )
    groupbuy_settlement_approval_amount = fields.Monetary(
        string="Approval of Settlements Above",
        default=1000.0,
        help="A second person approves settlements above this amount.",
    )
    groupbuy_adjustment_approval_amount = fields.Monetary(
        string="Approval of Adjustments Above",
        default=100.0,
        help="A second person approves adjustments above this amount, up or down.",
    )
    groupbuy_commission_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Journal of Leaders' Bills",
        domain="[('type', '=', 'purchase'), ('is_self_billing', '=', True),"
        " ('company_id', '=', id)]",
        help="Vendor bills that the company writes in the name of its leaders. Made"
        " with the first bill.",
    )

    _groupbuy_approval_positive = models.Constraint(
        "CHECK ((groupbuy_settlement_approval_amount IS NULL"
        " OR groupbuy_settlement_approval_amount >= 0)"
        " AND (groupbuy_adjustment_approval_amount IS NULL"
        " OR groupbuy_adjustment_approval_amount >= 0))",
        "An amount above which a second person approves cannot be negative.",
    )

    def _groupbuy_get_commission_journal(self):
        """Return the self-billing journal of leaders, making it if there is none.

        :rtype: account.journal
        """
        self.ensure_one()
        company = self.sudo()
        if not company.groupbuy_commission_journal_id:
            journals = self.env["account.journal"].sudo().with_company(self)
            company.groupbuy_commission_journal_id = journals.search(
                [
                    ("company_id", "=", self.id),
                    ("type", "=", "purchase"),
                    ("is_self_billing", "=", True),
                    ("code", "=", "GBC"),
                ],
                limit=1,
            ) or journals.create(
                {
                    "name": self.env._("Leader Commissions"),
                    "code": "GBC",
                    "type": "purchase",
                    "is_self_billing": True,
                    "company_id": self.id,
                }
            )
        return company.groupbuy_commission_journal_id
