# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class GroupBuyRewardMixin(models.AbstractModel):
    """What somebody gets: a coupon, points, or the right to buy at a low price.

    Coupons and points are Odoo's own (`loyalty`). Models add kinds of their own with a
    method `_give_<kind>`.
    """

    _name = "groupbuy.reward.mixin"
    _description = "Group Buying Reward"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    reward_type = fields.Selection(
        selection=[
            ("coupon", "Coupon"),
            ("points", "Points"),
            ("low_price", "Low price"),
        ],
        string="Reward",
        required=True,
        default="coupon",
    )
    coupon_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        string="Coupon Program",
        domain="[('program_type', '=', 'coupons'),"
        " ('company_id', 'in', (False, company_id))]",
        index="btree_not_null",
        ondelete="restrict",
    )
    coupon_days = fields.Integer(
        string="Coupon Lasts", default=30, help="Days; 0 for ever."
    )
    points_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        string="Points Program",
        domain="[('program_type', '=', 'loyalty'),"
        " ('company_id', 'in', (False, company_id))]",
        index="btree_not_null",
        ondelete="restrict",
    )
    points = fields.Float(digits=(16, 2))
    offer_line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        string="Product at a Low Price",
        domain="[('company_id', '=', company_id),"
        " ('campaign_id.state', 'in', ('draft', 'scheduled', 'open'))]",
        index="btree_not_null",
        ondelete="restrict",
    )
    offer_price = fields.Monetary(
        string="Low Price", help="Of one unit, tax included, as residents see prices."
    )
    offer_quantity = fields.Integer(
        string="Units at the Low Price",
        default=1,
        help="Up to so many units in one order; whoever orders more pays the price of"
        " the campaign for all.",
    )
    budget_id = fields.Many2one(
        comodel_name="groupbuy.reward.budget",
        string="Budget",
        domain="[('company_id', '=', company_id)]",
        index="btree_not_null",
        ondelete="restrict",
    )
    unit_value = fields.Monetary(
        string="Worth", help="What one reward takes from the budget."
    )

    def _get_reward_problem(self):
        """Return what is missing for this reward to be given.

        :return: A sentence, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        env = self.env
        if self.budget_id and self.unit_value <= 0:
            return env._("Enter what one reward takes from the budget.")
        if self.budget_id and self.budget_id.company_id != self.company_id:
            return env._("The budget belongs to another company.")
        if self.reward_type == "coupon":
            program = self.coupon_program_id
            if program.program_type != "coupons" or not program.active:
                return env._("Choose a coupon program that is in use.")
            if program.company_id not in (self.company_id, env["res.company"]):
                return env._("The coupon program belongs to another company.")
        elif self.reward_type == "points":
            program = self.points_program_id
            if program.program_type != "loyalty" or not program.active:
                return env._("Choose a loyalty program that is in use.")
            if program.company_id not in (self.company_id, env["res.company"]):
                return env._("The loyalty program belongs to another company.")
            if self.points <= 0:
                return env._("Enter how many points are given.")
        elif self.reward_type == "low_price":
            return self._get_offer_problem()
        return ""

    def _get_offer_problem(self):
        """Return what is missing for a right to a low price."""
        line = self.offer_line_id
        if not line or line.company_id != self.company_id:
            return self.env._("Choose the product of a campaign of this company.")
        if not 0 < self.offer_price < line.start_price:
            return self.env._(
                "The low price must be above zero and below the price of the campaign,"
                " which is %s.",
                line.currency_id.format(line.start_price),
            )
        if self.offer_quantity < 1:
            return self.env._("The low price must be good for one unit at least.")
        return ""

    @api.constrains("coupon_days", "unit_value", "points", "offer_quantity")
    def _check_reward_numbers(self):
        for rule in self:
            if min(rule.coupon_days, rule.unit_value, rule.points) < 0:
                raise ValidationError(
                    self.env._("Days, points and worth cannot be negative.")
                )

    def _get_reward_text(self):
        """Return what is given, in the reader's language.

        :rtype: str
        """
        self.ensure_one()
        # Elevated: residents have no rights on programs and campaigns; the names of
        # what they are promised are for them to read.
        rule = self.sudo()
        if rule.reward_type == "coupon":
            return self.env._("Coupon: %s", rule.coupon_program_id.name or "")
        if rule.reward_type == "points":
            return self.env._("%s points", f"{rule.points:g}")
        line = rule.offer_line_id
        return self.env._(
            "%(product)s for %(price)s",
            product=line.product_id.name or "",
            price=line.currency_id.format(rule.offer_price),
        )

    # === GIVING === #

    def _give(self, claims):
        """Give the reward to everybody who has earned it.

        The caller has locked the claims and marks them as given in the same
        transaction, so each is given once.

        :param list claims: Records with `partner_id` and :meth:`_get_claim_key`.
        :raise UserError: If the reward can no longer be given; nothing was, then.
        """
        self.ensure_one()
        if problem := self._get_reward_problem():
            raise UserError(problem)
        getattr(self, f"_give_{self.reward_type}")(claims)

    def _give_coupon(self, claims):
        """Make personal coupons, in one go."""
        expiry = False
        if self.coupon_days:
            expiry = fields.Date.today() + timedelta(days=self.coupon_days)
        coupons = (
            self.env["loyalty.card"]
            .with_context(loyalty_no_mail=True, tracking_disable=True)
            .create(
                [
                    {
                        "program_id": self.coupon_program_id.id,
                        "partner_id": claim.partner_id.id,
                        "points": 1,
                        "expiration_date": expiry,
                    }
                    for claim in claims
                ]
            )
        )
        for claim, coupon in zip(claims, coupons, strict=True):
            claim.coupon_id = coupon

    def _give_points(self, claims):
        """Book points on the cards of residents.

        The standings are taken first, as by whoever changes points.
        """
        partners = self.env["res.partner"].union(*(c.partner_id for c in claims))
        self.env["groupbuy.standing"]._touch(self.company_id, partners)
        program = self.points_program_id
        cards = program._groupbuy_get_cards(partners)
        self.env["groupbuy.points.entry"]._book(
            [
                {
                    "key": claim._get_claim_key(),
                    "kind": claim._points_kind,
                    "card": cards[program, claim.partner_id],
                    "company": self.company_id,
                    "points": self.points,
                    "description": self.display_name,
                }
                for claim in claims
            ]
        )

    def _give_low_price(self, claims):
        """Give the right to buy a product of a campaign at the low price."""
        if self.offer_line_id.campaign_id.state not in ("draft", "scheduled", "open"):
            raise UserError(
                self.env._(
                    "%s has closed: nobody can buy in it any more.",
                    self.offer_line_id.campaign_id.name,
                )
            )
        self.env["groupbuy.price.right"].create(
            [
                {
                    "key": claim._get_claim_key(),
                    "partner_id": claim.partner_id.id,
                    "line_id": self.offer_line_id.id,
                    "price": self.offer_price,
                    "quantity": self.offer_quantity,
                }
                for claim in claims
            ]
        )
