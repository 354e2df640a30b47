# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    """Reviews that tasks ask for, and rights to a low price in carts."""

    _inherit = "sale.order"

    def _groupbuy_on_reviewed(self, has_photo):
        """Override of `community_groupbuy` to count reviews with a photo."""
        result = super()._groupbuy_on_reviewed(has_photo)
        if has_photo:
            for company, orders in self.grouped("company_id").items():
                self.env["groupbuy.task"]._groupbuy_count_many(
                    "review",
                    [(order.partner_id, f"order/{order.id}") for order in orders],
                    company=company,
                )
        return result

    def _verify_cart(self):
        """Override of `website_sale`: a right that is gone no longer lowers a price.

        It may be in another cart, or the cart may have got an owner by signing in.
        """
        result = super()._verify_cart()
        if self.groupbuy_state == "cart":
            self._groupbuy_refresh_rights()
        return result

    def _groupbuy_refresh_rights(self):
        """Take the prices of lines anew whose right came or went.

        :return: The lines whose price was taken anew.
        :rtype: sale.order.line
        """
        lines = self.order_line.filtered("groupbuy_line_id")
        changed = lines._groupbuy_find_rights()
        if changed:
            changed._groupbuy_reprice()
        return changed

    def _groupbuy_check_payable(self):
        """Override of `community_groupbuy` to keep rights for the payment.

        :raise ValidationError: If a low price in the cart is no longer this cart's.
        """
        result = super()._groupbuy_check_payable()
        minutes = self.groupbuy_campaign_id.sudo().payment_minutes
        for line in self.order_line:
            # Elevated: the right was looked up for the owner of this cart.
            right = line.sudo().groupbuy_right_id
            if not right:
                continue
            if line.product_uom_qty > right.quantity or not right._hold(self, minutes):
                raise ValidationError(
                    self.env._(
                        "The low price of %s is used in another order of yours. Please"
                        " look at your cart again: it shows the price of the campaign.",
                        line.groupbuy_line_id.sudo().name,
                    )
                )
        return result

    def _groupbuy_refuse_join(self, tx):
        """Override of `community_groupbuy`: each right is used in one order.

        A payment that came so late that another order took the right meanwhile goes
        back.
        """
        if reason := super()._groupbuy_refuse_join(tx):
            return reason
        for line in self.order_line:
            right = line.sudo().groupbuy_right_id
            if right and not right._use(self):
                return "right"
        return ""

    def _groupbuy_get_failure_text(self):
        """Override of `community_groupbuy` to say that a low price was gone."""
        if self.groupbuy_failure == "right":
            return self.env._(
                "Your low price had been used for another order before your payment"
                " arrived. Your money goes back to you."
            )
        return super()._groupbuy_get_failure_text()
