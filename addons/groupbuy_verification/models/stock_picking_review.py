# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        """Override of `stock` to ask for a review of what was collected, some later.

        Home deliveries are asked about as well as what is collected at a point.
        """
        result = super()._action_done()
        orders = self.filtered(
            lambda picking: (
                picking.state == "done" and picking.location_dest_id.usage == "customer"
            )
        ).move_ids.sale_line_id.order_id.filtered("groupbuy_campaign_id")
        if orders:
            orders.sudo()._groupbuy_schedule_review()
        return result
