# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GroupBuyInvitationGift(models.Model):
    """Something that an invitation brings, through a program of Odoo's `loyalty`.

    A coupon of that program, points on the resident's card, or credit on the wallet.
    Facts keep what was given, so that a gift may be changed for those to come.
    """

    _name = "groupbuy.invitation.gift"
    _description = "Gift of an Invitation Program"
    _order = "program_id, role, threshold, id"
    _rec_name = "loyalty_program_id"

    program_id = fields.Many2one(
        comodel_name="groupbuy.invitation.program",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    role = fields.Selection(
        selection=[
            ("invited", "Who was invited"),
            ("inviter", "Who invites, each time"),
            ("milestone", "Who invites, once at a number"),
        ],
        string="For",
        required=True,
        default="inviter",
    )
    threshold = fields.Integer(
        string="Invited Residents",
        default=0,
        help="How many invited residents have to count until the gift is given.",
    )
    loyalty_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        string="What",
        required=True,
        index=True,
        domain="[('program_type', 'in', ('coupons', 'loyalty', 'ewallet')),"
        " ('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
        help="A program of coupons gives a new, personal coupon; a loyalty program its"
        " points; an eWallet its credit.",
    )
    program_type = fields.Selection(related="loyalty_program_id.program_type")
    points = fields.Float(
        string="Amount",
        required=True,
        default=1.0,
        help="Points of the card; 1 for a coupon that can be used once; the amount of"
        " a wallet.",
    )
    valid_days = fields.Integer(
        string="Valid for", default=90, help="Days that a coupon lasts; 0 for ever."
    )
    cost = fields.Monetary(
        compute="_compute_cost",
        store=True,
        readonly=False,
        precompute=True,
        help="What the gift takes from the budget.",
    )

    _values_positive = models.Constraint(
        "CHECK (points > 0 AND COALESCE(cost, 0) >= 0"
        " AND COALESCE(valid_days, 0) >= 0)",
        "A gift is more than nothing, and neither its cost nor its days are negative.",
    )
    _milestone_needs_threshold = models.Constraint(
        "CHECK ((role = 'milestone') = (COALESCE(threshold, 0) > 0))",
        "A milestone needs the number of invited residents at which it is given; other"
        " gifts have none.",
    )

    _once_uniq = models.UniqueIndex(
        "(program_id, role, COALESCE(threshold, 0), loyalty_program_id)",
        "This gift is given at this number already: change its amount instead.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override to accept that free orders are below cost."""
        gifts = super().create(vals_list)
        gifts._accept_free_orders()
        return gifts

    def write(self, vals):
        """Override to accept that free orders are below cost."""
        result = super().write(vals)
        if "loyalty_program_id" in vals:
            self._accept_free_orders()
        return result

    def _accept_free_orders(self):
        """Accept that free orders are below cost, or residents could not use them.

        Only managers may write gifts: who makes a free order one of them, with its
        ceiling and its cost in the budget, decides that.
        """
        free = self.loyalty_program_id.filtered(
            lambda program: (
                not program.groupbuy_below_cost_approved_by
                and any(r._groupbuy_is_free_order() for r in program.reward_ids)
            )
        )
        if free:
            # Elevated: managers of group buying may not own the shop's programs.
            free.sudo().groupbuy_below_cost_approved_by = self.env.user

    @api.onchange("role")
    def _onchange_role(self):
        self.threshold = 3 if self.role == "milestone" else 0

    @api.depends("loyalty_program_id", "points")
    def _compute_cost(self):
        """Propose the most that a gift can cost."""
        for gift in self:
            program = gift.loyalty_program_id
            if program.program_type == "ewallet":
                gift.cost = gift.points
                continue
            costs = [
                reward._groupbuy_get_worth(gift.points)
                for reward in program.reward_ids
                if reward.reward_type == "discount"
            ]
            gift.cost = max(costs, default=0.0)

    @api.constrains("loyalty_program_id", "program_id")
    def _check_loyalty_program(self):
        for gift in self:
            program = gift.loyalty_program_id
            if program.program_type not in ("coupons", "loyalty", "ewallet"):
                raise ValidationError(
                    self.env._(
                        "%s gives neither coupons nor points nor store credit: choose"
                        " another program.",
                        program.name,
                    )
                )
            if program.company_id and program.company_id != gift.company_id:
                raise ValidationError(
                    self.env._("%s belongs to another company.", program.name)
                )
            program.reward_ids._groupbuy_check_ceiling()

    def _describe(self, points=None):
        """Return what a gift is, in the reader's language.

        :param float points: What was given; what is given now by default.
        :rtype: str
        """
        self.ensure_one()
        program = self.loyalty_program_id
        value = self.points if points is None else points
        if program.program_type == "ewallet":
            return self.env._(
                "%(amount)s store credit",
                amount=(program.currency_id or self.currency_id).format(value),
            )
        if program.program_type == "loyalty":
            shown = f"{value:.2f}".rstrip("0").rstrip(".")
            return f"{shown} {program.portal_point_name or self.env._('points')}"
        return self.env._(
            "Coupon: %s", program.reward_ids[:1].description or program.name
        )

    def _get_expiration(self):
        """Return the last day of a coupon that is given today, or nothing.

        :rtype: date | bool
        """
        self.ensure_one()
        if self.program_type != "coupons" or not self.valid_days:
            return False
        return fields.Date.add(fields.Date.context_today(self), days=self.valid_days)
