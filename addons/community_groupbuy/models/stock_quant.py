# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models

from .. import const


class StockQuant(models.Model):
    _inherit = "stock.quant"

    @api.model
    def _update_reserved_quantity(
        self,
        product_id,
        location_id,
        quantity,
        lot_id=None,
        package_id=None,
        owner_id=None,
        strict=True,
    ):
        """Override of `stock` to reserve for many move lines at once.

        Under the context key `groupbuy_reservations` it is only noted what to reserve;
        who made the move lines then reserves the sums. No context that arrives by RPC
        holds an object of that class.
        """
        noted = self.env.context.get("groupbuy_reservations")
        if (
            not isinstance(noted, const.Reservations)
            or lot_id
            or package_id
            or owner_id
        ):
            return super()._update_reserved_quantity(
                product_id,
                location_id,
                quantity,
                lot_id=lot_id,
                package_id=package_id,
                owner_id=owner_id,
                strict=strict,
            )
        key = (product_id.id, location_id.id)
        noted[key] = noted.get(key, 0.0) + quantity
        return None
