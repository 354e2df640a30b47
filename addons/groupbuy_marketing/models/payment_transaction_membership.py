# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        """Override of `sale` to start the memberships that were paid for."""
        result = super()._post_process()
        self.filtered(
            lambda tx: tx.state == "done"
        ).sale_order_ids._groupbuy_start_memberships()
        return result


class AccountMove(models.Model):
    _inherit = "account.move"

    def _invoice_paid_hook(self):
        """Override of `account` to start memberships that were paid by invoice."""
        result = super()._invoice_paid_hook()
        self.line_ids.sale_line_ids.order_id._groupbuy_start_memberships()
        return result
