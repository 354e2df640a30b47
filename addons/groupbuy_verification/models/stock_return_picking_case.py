# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockReturnPicking(models.TransientModel):
    _inherit = "stock.return.picking"

    def _prepare_picking_default_values(self):
        """Override of `stock` to bring goods of a case to the pickup point."""
        values = super()._prepare_picking_default_values()
        if facts := self.env.context.get("groupbuy_return"):
            values["groupbuy_case_id"] = facts["case_id"]
            if facts["location_id"]:
                values["location_dest_id"] = facts["location_id"]
        return values


class StockReturnPickingLine(models.TransientModel):
    _inherit = "stock.return.picking.line"

    def _prepare_move_default_values(self, new_picking):
        """Override of `stock`: goods that are exchanged stay delivered."""
        values = super()._prepare_move_default_values(new_picking)
        if facts := self.env.context.get("groupbuy_return"):
            values["to_refund"] = facts["to_refund"]
        return values
