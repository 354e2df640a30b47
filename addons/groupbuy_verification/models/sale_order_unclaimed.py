# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.fields import Command


class SaleOrder(models.Model):
    """The fee for goods that were not collected."""

    _inherit = "sale.order"

    def _groupbuy_get_goods_value(self, quantities):
        """Return what was paid for goods of this order.

        :param dict quantities: `sale.order.line` → quantity in its unit.
        :return: Tax included, in the order's currency.
        :rtype: float
        """
        self.ensure_one()
        return sum(
            line._groupbuy_get_paid_for(quantity)
            for line, quantity in quantities.items()
        )

    def _groupbuy_add_fee(self, fee, picking):
        """Add the fee for goods that were not collected, once for each transfer.

        :param float fee: Tax included, in the order's currency.
        :param stock.picking picking: The transfer.
        """
        self.ensure_one()
        product = self.env.ref("groupbuy_verification.product_product_unclaimed_fee")
        if self.currency_id.compare_amounts(fee, 0) <= 0 or self.order_line.filtered(
            lambda line: line.groupbuy_unclaimed_picking_id == picking
        ):
            return
        taxes = product.taxes_id._filter_taxes_by_company(self.company_id)
        if self.fiscal_position_id:
            taxes = self.fiscal_position_id.map_tax(taxes)
        price = fee
        if taxes and not all(tax.price_include for tax in taxes):
            price = taxes._get_tax_details(
                fee, 1.0, product=product, special_mode="total_included"
            )["total_excluded"]
        self.order_line = [
            Command.create(
                {
                    "product_id": product.id,
                    "name": self.env._("Goods not collected: fee for %s", picking.name),
                    "product_uom_qty": 1.0,
                    "price_unit": price,
                    "technical_price_unit": price,
                    "tax_ids": [Command.set(taxes.ids)],
                    "groupbuy_unclaimed_picking_id": picking.id,
                }
            )
        ]
