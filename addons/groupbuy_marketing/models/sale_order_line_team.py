# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _groupbuy_get_price(self):
        """Override: who sits in the team already is not counted twice."""
        order = self.order_id
        if (
            order.groupbuy_state == "cart"
            and order.groupbuy_group_id
            and order._groupbuy_is_for_team()
            and order._groupbuy_is_team_member()
        ):
            line = self.with_context(groupbuy_team_member=True, groupbuy_prices=None)
            return super(SaleOrderLine, line)._groupbuy_get_price()
        return super()._groupbuy_get_price()
