# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class SaleOrder(models.Model):
    """The events of an order that the commission ledger has to know."""

    _inherit = "sale.order"

    def _groupbuy_on_confirmed(self):
        """Override of `community_groupbuy` to write the commission of the lines."""
        result = super()._groupbuy_on_confirmed()
        self.env["groupbuy.commission.entry"].sudo()._accrue(self)
        return result

    def _groupbuy_on_allowed(self, allowances):
        """Override of `community_groupbuy` to take back the commission on it."""
        result = super()._groupbuy_on_allowed(allowances)
        self.env["groupbuy.commission.entry"].sudo()._take_back(
            allowances.order_line_id
        )
        return result

    def _groupbuy_fail(self, reason):
        """Override of `community_groupbuy` to take back what confirmed orders earned.

        Orders that fail at the close have earned nothing yet.
        """
        result = super()._groupbuy_fail(reason)
        cancelled = self.sudo().filtered(
            lambda order: order.state == "cancel" and order.groupbuy_leader_id
        )
        self.env["groupbuy.commission.entry"].sudo()._take_back(
            cancelled.order_line.filtered("groupbuy_line_id")
        )
        return result
