# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models

# Fields of a reward that say how much it takes off.
AMOUNTS = frozenset(
    (
        "reward_type",
        "discount",
        "discount_mode",
        "discount_applicability",
        "discount_max_amount",
        "discount_product_domain",
        "discount_product_ids",
        "discount_product_category_id",
        "discount_product_tag_id",
        "required_points",
        "program_id",
        "active",
    )
)


class LoyaltyReward(models.Model):
    """Discounts that may be added to each other, and who accepted their height."""

    _inherit = "loyalty.reward"

    @api.depends("program_id.groupbuy_combining")
    def _compute_is_global_discount(self):
        """Override of `loyalty`: an order has one "global" discount at most.

        What a program says about others replaces that rule where it says something.
        """
        result = super()._compute_is_global_discount()
        for reward in self:
            if reward.program_id.groupbuy_combining in ("all", "chosen"):
                reward.is_global_discount = False
        return result

    @api.model_create_multi
    def create(self, vals_list):
        """Override to take a manager's acceptance back: it was for other discounts."""
        rewards = super().create(vals_list)
        rewards._groupbuy_forget_acceptance()
        return rewards

    def write(self, vals):
        """Override to take a manager's acceptance back when more may be taken off."""
        result = super().write(vals)
        if AMOUNTS & vals.keys():
            self._groupbuy_forget_acceptance()
        return result

    def _groupbuy_forget_acceptance(self):
        """Let a manager look again at programs whose discounts have changed."""
        # Elevated: who may change a reward may not write the acceptance by hand.
        programs = self.program_id.sudo().filtered("groupbuy_below_cost_approved_by")
        if programs:
            programs.groupbuy_below_cost_approved_by = False
