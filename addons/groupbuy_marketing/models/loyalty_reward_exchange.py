# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class LoyaltyReward(models.Model):
    """Coupons that points are exchanged for, in the portal and not in a cart."""

    _inherit = "loyalty.reward"

    reward_type = fields.Selection(
        selection_add=[("groupbuy_coupon", "Coupon for Later")],
        ondelete={"groupbuy_coupon": "cascade"},
    )
    groupbuy_coupon_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        string="Coupon Program",
        domain="[('program_type', '=', 'coupons')]",
        help="The program of the coupon that residents get for their points.",
        ondelete="restrict",
    )
    groupbuy_coupon_days = fields.Integer(
        string="Coupon Lasts", default=90, help="Days; 0 for ever."
    )

    @api.constrains("reward_type", "groupbuy_coupon_program_id", "required_points")
    def _check_groupbuy_coupon(self):
        for reward in self.filtered(lambda r: r.reward_type == "groupbuy_coupon"):
            program = reward.groupbuy_coupon_program_id
            if program.program_type != "coupons" or program == reward.program_id:
                raise ValidationError(
                    self.env._(
                        "Choose the coupon program that points are exchanged for."
                    )
                )
            if reward.required_points <= 0:
                raise ValidationError(self.env._("A coupon must cost some points."))
            if reward.program_id.program_type != "loyalty":
                raise ValidationError(
                    self.env._("Only points of a loyalty program buy coupons.")
                )

    @api.depends("groupbuy_coupon_program_id.name")
    def _compute_description(self):
        """Override of `loyalty` to name the coupon."""
        result = super()._compute_description()
        for reward in self.filtered(lambda r: r.reward_type == "groupbuy_coupon"):
            reward.description = reward.groupbuy_coupon_program_id.name or self.env._(
                "Coupon"
            )
        return result

    def _groupbuy_exchange(self, partner, company, request_key):
        """Give a resident a coupon for points.

        Why it is safe: the resident's standing is taken first, so of two requests at
        once the second is repeated and sees what the first has done; the request's key
        is unique and the same request gets the same coupon; the points are looked at
        on the card that this transaction writes.

        :param res.partner partner: The resident.
        :param res.company company: The company of the website.
        :param str request_key: Made by the page; the same for a repeated request.
        :return: The coupon, which works for this resident only.
        :rtype: loyalty.card
        :raise UserError: If the reward is not there for this resident, or there are too
            few points.
        """
        self.ensure_one()
        # Elevated: residents have no rights on programs and cards; what they may have
        # is checked here.
        reward = self.sudo()
        program = reward.program_id
        if (
            reward.reward_type != "groupbuy_coupon"
            or not (reward.active and program.active)
            or not reward.groupbuy_coupon_program_id.active
            or program.company_id not in (company, company.browse())
        ):
            raise UserError(self.env._("This reward does not exist any more."))
        self.env["groupbuy.standing"]._touch(company, partner)
        entries = self.env["groupbuy.points.entry"].sudo()
        key = f"exchange/{partner.id}/{request_key}"
        if done := entries.search([("key", "=", key)]):
            return done.coupon_id
        if reason := program._groupbuy_get_refusal(partner, company):
            raise UserError(reason)
        card = program._groupbuy_get_cards(partner)[program, partner]
        card.lock_for_update()
        if card.points < reward.required_points:
            raise UserError(
                self.env._(
                    "You have %(have)s. This coupon costs %(need)s: collect some more"
                    " orders first.",
                    have=card._format_points(card.points),
                    need=card._format_points(reward.required_points),
                )
            )
        days = reward.groupbuy_coupon_days
        coupon = (
            self.env["loyalty.card"]
            .sudo()
            .with_context(loyalty_no_mail=True)
            .create(
                {
                    "program_id": reward.groupbuy_coupon_program_id.id,
                    "partner_id": partner.id,
                    "points": 1,
                    "expiration_date": (
                        fields.Date.add(fields.Date.today(), days=days)
                        if days
                        else False
                    ),
                }
            )
        )
        entries._book(
            [
                {
                    "key": key,
                    "kind": "exchange",
                    "card": card,
                    "company": company,
                    "points": -reward.required_points,
                    "coupon_id": coupon.id,
                    "description": self.env._("Exchanged: %s", reward.description),
                }
            ]
        )
        return coupon


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_claimable_rewards(self, forced_coupons=None):
        """Override of `sale_loyalty`: coupons for later are exchanged in the portal."""
        result = super()._get_claimable_rewards(forced_coupons=forced_coupons)
        for card in list(result):
            rewards = result[card].filtered(
                lambda reward: reward.reward_type != "groupbuy_coupon"
            )
            if rewards:
                result[card] = rewards
            else:
                del result[card]
        return result

    def _apply_program_reward(self, reward, coupon, **kwargs):
        """Override of `sale_loyalty`: a forged request cannot put one into a cart."""
        if reward.reward_type == "groupbuy_coupon":
            return {
                "error": self.env._(
                    "Exchange your points for this coupon on the page of your points."
                )
            }
        return super()._apply_program_reward(reward, coupon, **kwargs)
