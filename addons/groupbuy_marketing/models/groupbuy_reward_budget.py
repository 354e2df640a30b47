# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class GroupBuyRewardBudget(models.Model):
    """Money that rewards may cost; when it is used up, no more are given."""

    _name = "groupbuy.reward.budget"
    _description = "Budget of Rewards"
    _order = "id desc"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        required=True, help="What the rewards of this budget may be worth in all."
    )
    counter_ids = fields.One2many(
        comodel_name="groupbuy.reward.counter",
        inverse_name="budget_id",
        groups="base.group_system",
    )
    spent = fields.Monetary(
        compute="_compute_spent", help="Given, or promised as prizes of open draws."
    )
    left = fields.Monetary(compute="_compute_spent")

    _amount_positive = models.Constraint(
        "CHECK (amount >= 0)", "A budget cannot be negative."
    )

    @api.depends("amount", "counter_ids.taken")
    def _compute_spent(self):
        for budget in self:
            # Elevated: the counter is nobody's to read but through this.
            budget.spent = sum(budget.sudo().counter_ids.mapped("taken"))
            budget.left = budget.amount - budget.spent

    @api.model_create_multi
    def create(self, vals_list):
        budgets = super().create(vals_list)
        # Elevated: counters are nobody's to write.
        self.env["groupbuy.reward.counter"].sudo().create(
            [{"budget_id": budget.id, "cap": budget.amount} for budget in budgets]
        )
        return budgets

    def write(self, vals):
        """Move the limit of the counter with the amount.

        The CHECK of the counter refuses an amount below what is spent.
        """
        result = super().write(vals)
        if "amount" in vals:
            # Elevated as above; the write on the budget itself was checked.
            self.sudo().counter_ids.write({"cap": vals["amount"]})
        return result
