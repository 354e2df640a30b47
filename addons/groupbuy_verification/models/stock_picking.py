# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _groupbuy_get_blocked_quantities(self):
        """Return what must not be handed out, because an open case is about it.

        :return: Stock move id → quantity in the unit of the move.
        :rtype: dict[int, float]
        """
        return {}
