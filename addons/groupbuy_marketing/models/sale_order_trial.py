# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    """Trial goods in group orders: one unit for a coupon, in a campaign."""

    _inherit = "sale.order"

    def _groupbuy_get_card_refusal(self, card):
        """Override of `community_groupbuy`: trials are for campaigns."""
        refusal = super()._groupbuy_get_card_refusal(card)
        if not refusal and card.program_id.groupbuy_trial_product_id:
            if not self.groupbuy_campaign_id:
                return self.env._(
                    "This coupon is for a group campaign: choose the product there."
                )
        return refusal

    def _groupbuy_get_trial_refusal(self):
        """Return why the trial coupons in a cart cannot be used as they are.

        A percentage would make any number of units free.

        :return: A sentence, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        # Elevated: residents have no rights on programs.
        programs = self.order_line.reward_id.sudo().program_id
        for program in programs.filtered("groupbuy_trial_product_id"):
            product = program.groupbuy_trial_product_id
            quantity = sum(
                line.product_uom_qty
                for line in self.order_line
                if line.product_id == product and not line.is_reward_line
            )
            if quantity > 1:
                return self.env._(
                    "You may try one %(product)s for nothing. Please reduce the"
                    " quantity to 1, or remove the coupon.",
                    product=product.display_name,
                )
        return ""

    def _groupbuy_check_coupons(self):
        """Override of `community_groupbuy` to look at the quantity of trial goods."""
        super()._groupbuy_check_coupons()
        if refusal := self._groupbuy_get_trial_refusal():
            raise ValidationError(refusal)

    def _groupbuy_refuse_join(self, tx):
        """Override of `community_groupbuy`: nor may it grow between check and join."""
        if self._groupbuy_get_trial_refusal():
            return "coupon"
        return super()._groupbuy_refuse_join(tx)

    def _groupbuy_on_joined(self):
        """Override of `community_groupbuy` to note by which order goods are tried."""
        result = super()._groupbuy_on_joined()
        cards = self.order_line.coupon_id.sudo().filtered(
            "program_id.groupbuy_trial_product_id"
        )
        if cards:
            # Elevated: residents have no rights on trials; the coupon is theirs.
            self.env["groupbuy.trial"].sudo().search(
                [("card_id", "in", cards.ids), ("state", "=", "accepted")]
            ).write({"state": "ordered", "order_id": self.id})
        return result

    def _groupbuy_fail(self, reason):
        """Override of `community_groupbuy`: with the coupon the offer is back."""
        result = super()._groupbuy_fail(reason)
        self.env["groupbuy.trial"].sudo().search(
            [
                ("order_id", "in", self.ids),
                ("state", "=", "ordered"),
                ("order_id.groupbuy_state", "in", ("failed", "cancelled")),
            ]
        ).write({"state": "accepted", "order_id": False})
        return result
