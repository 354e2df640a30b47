# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    groupbuy_right_id = fields.Many2one(
        comodel_name="groupbuy.price.right",
        string="Low Price",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The right to a low price that the price of the line comes from.",
    )

    def _groupbuy_check_facts(self, names):
        """Override of `community_groupbuy`: nobody gives a line a right by hand."""
        # It may be a generator, which is read once.
        names = set(names)
        if not self.env.su and "groupbuy_right_id" in names:
            raise AccessError(
                self.env._("Rights to a low price are earned: they cannot be written.")
            )
        return super()._groupbuy_check_facts(names)

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale` to note the rights that new lines of carts use.

        Their price is computed before they are there to note anything on.
        """
        lines = super().create(vals_list)
        carts = lines._groupbuy_get_cart_lines()
        if carts:
            carts._groupbuy_find_rights()
        return lines

    def _groupbuy_get_cart_lines(self):
        """Return the lines of carts whose price comes from a campaign."""
        return self.filtered(
            lambda line: (
                line.groupbuy_line_id and line.order_id.groupbuy_state == "cart"
            )
        )

    def _compute_price_unit(self):
        """Override of `community_groupbuy` to look up rights to a low price first."""
        carts = self._groupbuy_get_cart_lines()
        if carts:
            carts._groupbuy_find_rights()
        return super()._compute_price_unit()

    def _groupbuy_find_rights(self):
        """Note which rights to a low price the lines of carts use.

        One query for each cart. A larger quantity than a right is good for pays the
        price of the campaign.

        :return: The lines whose right has changed.
        :rtype: sale.order.line
        """
        changed = self.browse()
        for order, lines in self.grouped("order_id").items():
            rights = self.env["groupbuy.price.right"]._find(
                order, lines.groupbuy_line_id
            )
            for line in lines:
                right = rights.get(line.groupbuy_line_id.id)
                if right and line.product_uom_qty > right.quantity:
                    right = None
                right = right or self.env["groupbuy.price.right"]
                if line.groupbuy_right_id.id != right.id:
                    # Elevated: the right was looked up for the owner of the cart.
                    line.sudo().groupbuy_right_id = right.id
                    changed |= line
        return changed

    def _groupbuy_get_price(self):
        """Override of `community_groupbuy`: a right lowers the price of a cart.

        From joining on, the price at joining says it.
        """
        price = super()._groupbuy_get_price()
        # Elevated: residents have no rights on this model; it is the cart's own.
        right = self.sudo().groupbuy_right_id
        if right and self.order_id.groupbuy_state == "cart":
            return min(price, right.price)
        return price
