# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        """Override of `stock` to book points for what was collected or came back.

        A return counts like a collection: what an order has earned is counted anew.
        """
        result = super()._action_done()
        self.env["sale.order"]._groupbuy_queue_points(
            [
                (picking.move_ids.sale_line_id.order_id, f"transfer{picking.id}")
                for picking in self.filtered(lambda p: p.state == "done")
            ]
        )
        return result
