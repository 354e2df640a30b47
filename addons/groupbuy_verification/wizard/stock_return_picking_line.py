# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockReturnPickingLine(models.TransientModel):
    _inherit = "stock.return.picking.line"

    def _prepare_move_default_values(self, new_picking):
        """Override of `stock`: goods that are exchanged stay delivered."""
        values = super()._prepare_move_default_values(new_picking)
        if facts := self.env.context.get("groupbuy_return"):
            values["to_refund"] = facts["to_refund"]
        return values
