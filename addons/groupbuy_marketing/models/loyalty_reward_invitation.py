# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.exceptions import ValidationError


class LoyaltyReward(models.Model):
    _inherit = "loyalty.reward"

    def _groupbuy_get_worth(self, points):
        """Return the most that a discount takes off one order.

        :param float points: Points of the card.
        :return: In the program's currency; 0 where it cannot be told.
        :rtype: float
        """
        self.ensure_one()
        if self.discount_mode == "per_order":
            worth = self.discount
        elif self.discount_mode == "per_point":
            worth = self.discount * points
        else:
            worth = self.discount_max_amount
        if self.discount_max_amount:
            worth = min(worth, self.discount_max_amount)
        return worth

    def _groupbuy_is_free_order(self):
        """Return whether a reward takes off all that an order costs.

        :rtype: bool
        """
        self.ensure_one()
        return (
            self.reward_type == "discount"
            and self.discount_mode == "percent"
            and self.discount >= 100
        )

    def _groupbuy_check_ceiling(self):
        """Check that a free order that is given for an invitation has a ceiling.

        :raise ValidationError: If one takes everything off without a limit.
        """
        for reward in self:
            if reward._groupbuy_is_free_order() and not reward.discount_max_amount:
                raise ValidationError(
                    self.env._(
                        "%s makes orders of any amount free. Set a maximum discount on"
                        " its reward first.",
                        reward.program_id.name,
                    )
                )

    @api.constrains("discount", "discount_mode", "discount_max_amount", "reward_type")
    def _check_groupbuy_ceiling(self):
        free = self.filtered(lambda reward: reward._groupbuy_is_free_order())
        if not free:
            return
        # Elevated: who edits promotions need not see invitations.
        gifts = (
            self.env["groupbuy.invitation.gift"]
            .sudo()
            .search([("loyalty_program_id", "in", free.program_id.ids)])
        )
        free.filtered(
            lambda reward: reward.program_id in gifts.loyalty_program_id
        )._groupbuy_check_ceiling()
