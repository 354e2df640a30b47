# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        """Override of `stock` to look at invitations when goods were collected.

        Also when they came back: what an invitation brought may be taken back.
        """
        result = super()._action_done()
        self.env["sale.order"]._groupbuy_queue_invitations(
            [
                (picking.move_ids.sale_line_id.order_id, f"transfer{picking.id}")
                for picking in self.filtered(lambda p: p.state == "done")
            ]
        )
        return result
