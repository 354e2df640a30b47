# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _groupbuy_get_reserved(self):
        """Return what is reserved for the move.

        :return: In the unit of the product.
        :rtype: float
        """
        self.ensure_one()
        if self.state not in ("assigned", "partially_available"):
            return 0.0
        return self.product_uom._compute_quantity(self.quantity, self.product_id.uom_id)
