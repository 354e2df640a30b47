# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _trigger_assign(self):
        """Override of `stock` to leave residents' transfers to their own order.

        What arrives at a pickup point is reserved by
        :meth:`stock.picking._groupbuy_reserve_for_residents`.
        """
        return super(
            StockMove,
            self.filtered(lambda move: move.picking_id.groupbuy_role != "to_point"),
        )._trigger_assign()
