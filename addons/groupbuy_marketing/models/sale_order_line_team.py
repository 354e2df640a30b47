# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _compute_price_unit(self):
        """Override: who sits in the team already is not counted once more."""
        orders = self.filtered("groupbuy_line_id").order_id.filtered(
            lambda order: (
                order.groupbuy_state == "cart"
                and order.groupbuy_group_id
                and order._groupbuy_is_for_team()
                and order._groupbuy_is_team_member()
            )
        )
        lines = self.filtered(lambda line: line.order_id in orders)
        if lines:
            super(
                SaleOrderLine, lines.with_context(groupbuy_team_member=True)
            )._compute_price_unit()
        return super(SaleOrderLine, self - lines)._compute_price_unit()
