# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockReturnPicking(models.TransientModel):
    _inherit = "stock.return.picking"

    def _prepare_picking_default_values_based_on(self, picking):
        """Override of `stock`: what is undone comes back to the point it left."""
        vals = super()._prepare_picking_default_values_based_on(picking)
        if location_id := self.env.context.get("groupbuy_return_to"):
            vals["location_dest_id"] = location_id
        return vals

    def _prepare_picking_default_values(self):
        """Override of `stock` to bring goods of a case to the pickup point."""
        values = super()._prepare_picking_default_values()
        if facts := self.env.context.get("groupbuy_return"):
            values["groupbuy_case_id"] = facts["case_id"]
            if facts["location_id"]:
                values["location_dest_id"] = facts["location_id"]
        return values
