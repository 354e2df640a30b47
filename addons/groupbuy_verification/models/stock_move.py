# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _groupbuy_sum_reserved(self):
        """Return what moves have reserved, by product.

        :return: Product → quantity in its unit, above zero.
        :rtype: dict
        """
        quantities = defaultdict(float)
        for line in self.move_line_ids:
            quantities[line.product_id] += line.quantity_product_uom
        return {
            product: quantity for product, quantity in quantities.items() if quantity
        }

    def _groupbuy_sum_by_order_line(self, name):
        """Return a quantity of moves by the order and order line they are for.

        :param str name: Field of the move, in its unit.
        :return: Order → order line → quantity in the line's unit, above zero.
        :rtype: dict
        """
        result = {}
        for move in self:
            quantity = move.product_uom._compute_quantity(
                move[name], move.sale_line_id.product_uom_id
            )
            if quantity > 0:
                lines = result.setdefault(
                    move.sale_line_id.order_id, defaultdict(float)
                )
                lines[move.sale_line_id] += quantity
        return result
