# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    groupbuy_claim_line_ids = fields.One2many(
        comodel_name="account.move.line",
        inverse_name="groupbuy_purchase_line_id",
        string="Claimed Back",
        domain=[("parent_state", "!=", "cancel")],
        readonly=True,
    )

    def _groupbuy_get_paid_for(self):
        """Return how much of the line is paid for or will be.

        :return: In the unit of the line.
        :rtype: float
        """
        self.ensure_one()
        if self.product_id.purchase_method == "purchase":
            return max(self.product_qty, self.qty_invoiced)
        return max(self.qty_received, self.qty_invoiced)
