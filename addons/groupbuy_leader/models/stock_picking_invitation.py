# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockPicking(models.Model):
    """Bonuses for invitations, when goods were handed out."""

    _inherit = "stock.picking"

    def _action_done(self):
        """Override of `stock` to grant the inviters of leaders their bonus.

        At a pickup point or at the door: what has reached the resident counts.
        """
        result = super()._action_done()
        orders = (
            self.filtered(
                lambda picking: (
                    picking.state == "done"
                    and picking.location_dest_id.usage == "customer"
                )
            )
            .move_ids.sale_line_id.order_id.sudo()
            .filtered(lambda rec: rec.groupbuy_leader_id or rec.groupbuy_sharer_id)
        )
        if orders:
            self.env["groupbuy.leader.invitation"].sudo()._grant_for_orders(orders)
        return result
