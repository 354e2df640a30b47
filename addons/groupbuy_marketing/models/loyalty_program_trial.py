# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.fields import Command


class LoyaltyProgram(models.Model):
    """The program behind the coupons of trial goods: one for each product."""

    _inherit = "loyalty.program"

    groupbuy_trial_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Trial of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    _groupbuy_trial_uniq = models.UniqueIndex(
        "(company_id, groupbuy_trial_product_id)"
        " WHERE groupbuy_trial_product_id IS NOT NULL AND active",
        "There is a program for trials of this product already.",
    )

    @api.model
    def _groupbuy_get_trial_program(self, trial):
        """Return the program of coupons that make one unit of a product free.

        :param groupbuy.trial trial: What is tried.
        :rtype: loyalty.program
        """
        product, company = trial.product_id, trial.company_id
        program = self.search(
            [
                ("groupbuy_trial_product_id", "=", product.id),
                ("company_id", "=", company.id),
            ],
            limit=1,
        )
        if program:
            return program
        return self.create(
            {
                "name": self.env._("Trial: %s", product.display_name),
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "company_id": company.id,
                "groupbuy_trial_product_id": product.id,
                "communication_plan_ids": [Command.clear()],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "percent",
                            "discount": 100,
                            "discount_applicability": "specific",
                            "discount_product_ids": [Command.set(product.ids)],
                            "required_points": 1,
                            "description": self.env._(
                                "Trial: %s", product.display_name
                            ),
                        }
                    )
                ],
            }
        )
