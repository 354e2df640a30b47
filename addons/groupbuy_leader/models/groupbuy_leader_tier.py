# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..assessment import unmet_conditions


class GroupBuyLeaderTier(models.Model):
    """A level of leaders, with what it takes and what it gives."""

    _name = "groupbuy.leader.tier"
    _description = "Leader Tier"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10, help="The best tier comes first.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company", index="btree_not_null")
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_currency_id"
    )
    grant_limit = fields.Monetary(
        help="Up to this amount, tax included, a leader may grant a refund without"
        " asking the staff."
    )

    # Conditions
    period_months = fields.Integer(
        string="Months Looked At",
        default=1,
        required=True,
        help="The figures of so many whole months decide.",
    )
    min_orders = fields.Integer(string="Orders", help="At least; 0 asks for none.")
    min_pickup_rate = fields.Float(
        string="Collected in Time (%)",
        digits=(5, 1),
        help="Share of the residents' parcels that were collected within the pickup"
        " window, at least; 0 asks for none.",
    )
    min_receipt_rate = fields.Float(
        string="Received in Time (%)",
        digits=(5, 1),
        help="Share of the transfers to the points that had been received when the"
        " pickup began, at least; 0 asks for none.",
    )
    min_review = fields.Float(
        string="Average Review",
        digits=(3, 2),
        help="At least, of 5; 0 asks for none. Counts only where residents review.",
    )
    limits_cases = fields.Boolean(string="Limit Cases")
    max_cases = fields.Integer(
        string="Cases", help="At most so many cases against the leader in the months."
    )
    grace_months = fields.Integer(
        string="Months to Improve",
        default=1,
        required=True,
        help="After a warning, the leader has until the end of so many whole months.",
    )
    # Effects beside the plan and the limit of grants
    is_listed_first = fields.Boolean(
        string="Listed First",
        help="Points of these leaders come before others of the resident's community.",
    )
    leader_count = fields.Integer(string="Leaders", compute="_compute_leader_count")

    _conditions_range = models.Constraint(
        "CHECK (min_orders >= 0 AND min_pickup_rate BETWEEN 0 AND 100"
        " AND min_receipt_rate BETWEEN 0 AND 100 AND min_review BETWEEN 0 AND 5"
        " AND max_cases >= 0)",
        "Counts cannot be negative, rates lie between 0 and 100 %, reviews between 0"
        " and 5.",
    )
    _months_range = models.Constraint(
        "CHECK (period_months BETWEEN 1 AND 24 AND grace_months BETWEEN 1 AND 24)",
        "Months lie between 1 and 24.",
    )
    _grant_limit_positive = models.Constraint(
        "CHECK (grant_limit >= 0)", "The limit of refunds cannot be negative."
    )
    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is a tier with this code already."
    )

    def _compute_currency_id(self):
        for tier in self:
            tier.currency_id = (tier.company_id or self.env.company).currency_id

    def _compute_leader_count(self):
        counts = dict(
            self.env["groupbuy.leader"]
            .sudo()
            ._read_group(
                [("tier_id", "in", self.ids), ("state", "!=", "left")],
                ["tier_id"],
                ["__count"],
            )
        )
        for tier in self:
            tier.leader_count = counts.get(tier, 0)

    @api.constrains("active")
    def _check_unused(self):
        if used := self.filtered(lambda tier: not tier.active and tier.leader_count):
            raise ValidationError(
                self.env._(
                    "Move its leaders to another tier first: %s.",
                    ", ".join(used.mapped("name")),
                )
            )

    @api.model
    def _get_default_tier(self, company):
        """Return the tier that new leaders start in: the lowest.

        :param res.company company: The company.
        :rtype: groupbuy.leader.tier
        """
        return self._get_ladder(company)[-1:]

    @api.model
    def _get_ladder(self, company):
        """Return the tiers of a company, the best first.

        :param res.company company: The company.
        :rtype: groupbuy.leader.tier
        """
        return self.search([("company_id", "in", (False, company.id))])

    def _get_conditions(self):
        """Return what the tier asks for, as :func:`unmet_conditions` wants it.

        :return: Name of a figure → (operator, value); what is not asked is left out.
        :rtype: dict[str, tuple[str, float]]
        """
        self.ensure_one()
        conditions = {}
        for figure, value in (
            ("orders", self.min_orders),
            ("pickup_rate", self.min_pickup_rate),
            ("receipt_rate", self.min_receipt_rate),
            ("review", self.min_review),
        ):
            if value:
                conditions[figure] = (">=", value)
        if self.limits_cases:
            conditions["cases"] = ("<=", self.max_cases)
        return conditions

    def _get_unmet(self, figures):
        """Return the conditions that figures do not meet.

        :param dict figures: Figures of the tier's own months.
        :return: Rows of figure, operator, required, actual and a text for people.
        :rtype: list[dict]
        """
        labels = self._get_figure_labels()
        rows = []
        for figure, operator, required, actual in unmet_conditions(
            self._get_conditions(), figures
        ):
            rows.append(
                {
                    "figure": figure,
                    "operator": operator,
                    "required": required,
                    "actual": actual,
                    "text": self._format_condition(
                        labels[figure], figure, operator, required, actual
                    ),
                }
            )
        return rows

    def _format_condition(self, label, figure, operator, required, actual):
        """Return a condition that is not met, as a sentence."""
        unit = " %" if figure.endswith("_rate") else ""
        values = {
            "label": label,
            "required": f"{required:g}{unit}",
            "actual": f"{actual:g}{unit}",
        }
        if operator == "<=":
            return self.env._("%(label)s: %(actual)s, at most %(required)s", **values)
        return self.env._("%(label)s: %(actual)s of %(required)s", **values)

    @api.model
    def _get_figure_labels(self):
        """Return the names of the figures, as people read them.

        :rtype: dict[str, str]
        """
        return {
            "orders": self.env._("Orders"),
            "residents": self.env._("Residents"),
            "amount": self.env._("Sales"),
            "pickup_rate": self.env._("Collected in time"),
            "receipt_rate": self.env._("Received in time"),
            "review": self.env._("Average review"),
            "cases": self.env._("Cases"),
        }
