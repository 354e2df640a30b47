# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..periods import KINDS


class GroupBuyCommissionPlan(models.Model):
    """What leaders earn, when it is theirs and when it is settled (佣金方案)."""

    _name = "groupbuy.commission.plan"
    _inherit = ["mail.thread"]
    _description = "Commission Plan"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Without one, every company can use the plan; amounts are then in each"
        " company's own currency.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_currency_id"
    )
    period = fields.Selection(
        selection=[
            ("week", "Weekly"),
            ("half_month", "Twice a Month"),
            ("month", "Monthly"),
        ],
        string="Settled",
        required=True,
        default="month",
        tracking=True,
    )
    window_days = fields.Integer(
        string="After-sales Window (Days)",
        required=True,
        default=7,
        tracking=True,
        help="How long after the pickup a commission waits: residents may send things"
        " back until then. It is frozen when an order is confirmed.",
    )
    minimum_payout = fields.Monetary(
        tracking=True,
        help="A smaller balance is carried forward into the next settlement.",
    )
    rule_ids = fields.One2many(
        comodel_name="groupbuy.commission.rule", inverse_name="plan_id", copy=True
    )

    _window_days_range = models.Constraint(
        "CHECK (window_days BETWEEN 0 AND 365)",
        "The after-sales window is 0 to 365 days.",
    )
    _minimum_payout_positive = models.Constraint(
        "CHECK (minimum_payout IS NULL OR minimum_payout >= 0)",
        "The minimum payout cannot be negative.",
    )

    def _compute_currency_id(self):
        for plan in self:
            plan.currency_id = (plan.company_id or self.env.company).currency_id

    @api.constrains("company_id")
    def _check_company_in_use(self):
        """Refuse a company that the leaders and tiers of the plan are not of."""
        for plan in self.filtered("company_id"):
            users = plan.env["groupbuy.leader"].sudo()
            if users.search_count(
                [("plan_id", "=", plan.id), ("company_id", "!=", plan.company_id.id)],
                limit=1,
            ):
                raise ValidationError(
                    self.env._("Leaders of another company use the plan %s.", plan.name)
                )

    @api.model
    def _get_for_leaders(self, leaders):
        """Return the plan of each leader: the own one, the tier's, the company's.

        :param groupbuy.leader leaders: Leaders of any companies.
        :return: Leader → plan, with elevated rights; nothing where there is none.
        :rtype: dict
        """
        plans, seeded = {}, {}
        for leader in leaders.sudo():
            company = leader.company_id
            plan = (
                leader.plan_id
                or leader.tier_id.commission_plan_id
                or (
                    company.groupbuy_koc_plan_id
                    if leader.kind == "koc"
                    else company.groupbuy_commission_plan_id
                )
            )
            if not plan:
                # Looked up once: each look-up is a query.
                if leader.kind not in seeded:
                    seeded[leader.kind] = self._get_seeded(leader.kind)
                plan = seeded[leader.kind]
            plans[leader] = plan
        return plans

    @api.model
    def _get_seeded(self, kind):
        """Return the plan that came with the addon, if it is still in use."""
        name = "koc" if kind == "koc" else "default"
        plan = self.env.ref(
            f"groupbuy_leader.groupbuy_commission_plan_{name}",
            raise_if_not_found=False,
        )
        return (plan or self).sudo().filtered("active")

    def _get_period_kind(self):
        """Return the kind of period, monthly without a plan."""
        return self.period if self.period in KINDS else "month"
