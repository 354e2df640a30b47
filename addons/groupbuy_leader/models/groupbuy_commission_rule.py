# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..brackets import exact


class GroupBuyCommissionRule(models.Model):
    """What is earned on some goods: the most specific rule of a plan wins."""

    _name = "groupbuy.commission.rule"
    _description = "Commission Rule"
    _order = "plan_id, sequence, id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        comodel_name="groupbuy.commission.plan",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    tier_id = fields.Many2one(
        comodel_name="groupbuy.leader.tier",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template",
        string="Product",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    categ_id = fields.Many2one(
        comodel_name="product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="cascade",
        help="With all categories below it; the closest one wins.",
    )
    amount_type = fields.Selection(
        selection=[
            ("percent", "Percent of the Untaxed Amount"),
            ("fixed", "Fixed per Unit"),
            ("bracket", "Percent by Volume of the Period"),
        ],
        string="Commission",
        required=True,
        default="percent",
    )
    percent = fields.Float(string="Rate (%)", digits=(7, 4))
    unit_amount = fields.Float(string="Per Unit", digits=(16, 4))
    bracket_ids = fields.One2many(
        comodel_name="groupbuy.commission.bracket", inverse_name="rule_id", copy=True
    )

    _percent_range = models.Constraint(
        "CHECK (percent IS NULL OR percent BETWEEN 0 AND 100)", "A rate is 0 to 100 %."
    )
    _unit_amount_positive = models.Constraint(
        "CHECK (unit_amount IS NULL OR unit_amount >= 0)",
        "A commission per unit cannot be negative.",
    )
    _criteria_uniq = models.UniqueIndex(
        "(plan_id, COALESCE(leader_id, 0), COALESCE(tier_id, 0),"
        " COALESCE(campaign_id, 0), COALESCE(product_tmpl_id, 0),"
        " COALESCE(categ_id, 0)) WHERE active",
        "The plan has another rule for exactly the same case.",
    )

    @api.depends(
        "leader_id", "tier_id", "campaign_id", "product_tmpl_id", "categ_id", "plan_id"
    )
    def _compute_display_name(self):
        for rule in self:
            parts = [
                rule.leader_id.display_name,
                rule.tier_id.display_name,
                rule.campaign_id.display_name,
                rule.product_tmpl_id.display_name,
                rule.categ_id.display_name,
            ]
            case = ", ".join(part for part in parts if part) or self.env._("Default")
            rule.display_name = f"{rule.plan_id.name}: {case}"

    @api.constrains("amount_type", "bracket_ids")
    def _check_brackets(self):
        """Refuse brackets that leave out the beginning, and those of other rules.

        :raises ValidationError: when the first bracket does not begin at zero
        """
        for rule in self:
            bounds = rule.bracket_ids.mapped("lower_bound")
            if rule.amount_type == "bracket" and (not bounds or min(bounds) != 0):
                raise ValidationError(
                    self.env._(
                        "The first bracket of a rule begins at 0: what is sold below"
                        " would have no rate."
                    )
                )
            if rule.amount_type != "bracket" and bounds:
                raise ValidationError(
                    self.env._("Only a rule by volume has brackets. Remove them first.")
                )

    @api.constrains("amount_type", "unit_amount", "bracket_ids", "plan_id")
    def _check_currency(self):
        """Refuse amounts of money in a plan that companies share.

        :raises ValidationError: when companies with other currencies could use it
        """
        # Elevated: how many currencies there are is no secret, and who edits a plan
        # need not see every company.
        currencies = self.env["res.company"].sudo()._read_group([], ["currency_id"])
        for rule in self:
            has_money = rule.amount_type == "fixed" or any(
                rule.bracket_ids.mapped("lower_bound")
            )
            if has_money and not rule.plan_id.company_id and len(currencies) > 1:
                raise ValidationError(
                    self.env._(
                        "Companies with different currencies share the plan %s. Set"
                        " the plan's company before you enter amounts of money.",
                        rule.plan_id.name,
                    )
                )

    @api.model
    def _load(self, plans):
        """Read the rules of plans for many choices, in two queries.

        :param groupbuy.commission.plan plans: Any.
        :return: Plan id → the rules as dictionaries, the most specific first.
        :rtype: dict[int, list[dict]]
        """
        loaded = {plan.id: [] for plan in plans}
        rules = self.sudo().search([("plan_id", "in", plans.ids)])
        for rule in rules:
            path = rule.categ_id.parent_path or ""
            loaded[rule.plan_id.id].append(
                {
                    "id": rule.id,
                    "leader_id": rule.leader_id.id,
                    "tier_id": rule.tier_id.id,
                    "campaign_id": rule.campaign_id.id,
                    "product_tmpl_id": rule.product_tmpl_id.id,
                    "categ_path": path,
                    "rank": (
                        bool(rule.leader_id),
                        bool(rule.tier_id),
                        bool(rule.campaign_id),
                        bool(rule.product_tmpl_id),
                        path.count("/"),
                        -rule.sequence,
                        -rule.id,
                    ),
                    "amount_type": rule.amount_type,
                    "percent": exact(rule.percent),
                    "unit_amount": exact(rule.unit_amount),
                    "brackets": [
                        (exact(bracket.lower_bound), exact(bracket.percent))
                        for bracket in rule.bracket_ids.sorted("lower_bound")
                    ],
                }
            )
        for rules_of_plan in loaded.values():
            rules_of_plan.sort(key=lambda rule: rule["rank"], reverse=True)
        return loaded

    @api.model
    def _choose(self, rules, case):
        """Return the most specific rule that applies to a case.

        :param list[dict] rules: From :meth:`_load`, the most specific first.
        :param dict case: leader_id, tier_id, campaign_id, product_tmpl_id and
            categ_path.
        :rtype: dict | None
        """
        for rule in rules:
            if all(
                not rule[name] or rule[name] == case[name]
                for name in ("leader_id", "tier_id", "campaign_id", "product_tmpl_id")
            ) and case["categ_path"].startswith(rule["categ_path"]):
                return rule
        return None
