# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    groupbuy_replaces_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The line of what did not arrive.",
    )
    groupbuy_offer_ids = fields.One2many(
        comodel_name="groupbuy.replacement.offer",
        inverse_name="order_line_id",
        string="Offered Replacements",
        readonly=True,
    )

    def _groupbuy_get_allowed_products(self):
        """Override of `community_groupbuy` to allow what replaces missing goods."""
        products = super()._groupbuy_get_allowed_products()
        if self.groupbuy_replaces_id.groupbuy_line_id == self.groupbuy_line_id:
            # The offer is looked at, not the campaign line, which may name another
            # replacement meanwhile.
            products |= self.groupbuy_replaces_id.groupbuy_offer_ids.product_id
        return products

    def _groupbuy_get_quantity_to_hand_out(self):
        """Override of `community_groupbuy`: what is asked about does not come."""
        quantity = super()._groupbuy_get_quantity_to_hand_out()
        asked = self.sudo().groupbuy_offer_ids.filtered(
            lambda offer: offer.state == "offered"
        )
        if asked:
            quantity -= self.product_id.uom_id._compute_quantity(
                sum(asked.mapped("quantity")), self.product_uom_id, round=False
            )
        return quantity
