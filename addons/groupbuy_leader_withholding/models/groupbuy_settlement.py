# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.fields import Command


class GroupBuySettlement(models.Model):
    """What was withheld when a settlement was paid."""

    _inherit = "groupbuy.settlement"

    amount_withheld = fields.Monetary(
        string="Withheld",
        compute="_compute_amount_withheld",
        compute_sudo=True,
        help="Kept back from the payments of the bill, for the tax office.",
    )

    @api.depends("bill_id.matched_payment_ids.withholding_line_ids.amount")
    def _compute_amount_withheld(self):
        """Sum what the payments of each bill have withheld."""
        for settlement in self:
            payments = settlement.bill_id.reconciled_payment_ids.filtered(
                lambda payment: payment.state in ("in_process", "paid")
            )
            settlement.amount_withheld = sum(
                payments.withholding_line_ids.mapped("amount")
            )

    def _create_bills(self, company):
        """Override of `groupbuy_leader` to add the tax that is withheld to the bills.

        Beside the taxes that the fiscal position gives: Odoo leaves a tax on payment
        out of the bill's total and proposes it when the bill is paid.
        """
        bills = super()._create_bills(company)
        for settlement, bill in zip(self, bills, strict=True):
            # Elevated: who bills need not be allowed to read the leader's card.
            tax = settlement.sudo().leader_id.withholding_tax_id
            if tax:
                bill.invoice_line_ids.tax_ids = [Command.link(tax.id)]
        return bills
