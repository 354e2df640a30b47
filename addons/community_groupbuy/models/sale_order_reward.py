# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import models
from odoo.exceptions import ValidationError

from ..const import JOINED_STATES


class SaleOrder(models.Model):
    """Coupons, wallets and points on orders that wait for a group.

    Odoo applies a coupon to a quotation and takes its points when the order is
    confirmed. Between joining and the close lie days, in which the same coupon could
    pay a second order, expire, or stop to apply because the price fell below its
    minimum. So here:

    - the points are taken when the order joins, and given back when its group fails;
    - what was granted at joining stays granted: nothing is checked or applied anew;
    - when less is delivered or the price falls, the discount shrinks with the goods it
      was given for, tax by tax. What a resident gets back is what was paid for it.
    """

    _inherit = "sale.order"

    # === WHO MAY USE A COUPON === #

    def _try_apply_code(self, code):
        """Override of `sale_loyalty` to keep coupons for whom they are reserved.

        `loyalty.card.partner_id` says "reserved for this partner", but nothing
        compares it with the order.
        """
        card = self.env["loyalty.card"].sudo().search([("code", "=", code)], limit=1)
        if error := self._groupbuy_get_card_refusal(card):
            return {"error": error}
        return super()._try_apply_code(code)

    def _groupbuy_get_card_refusal(self, card):
        """Return why this order's owner may not use a card.

        :param loyalty.card card: A coupon, gift card or wallet; may be empty.
        :return: A sentence, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        owner = card.partner_id
        if not owner or owner.is_public:
            return ""
        if owner.commercial_partner_id == self.partner_id.commercial_partner_id:
            return ""
        if self.website_id and self.partner_id == self.website_id.sudo().partner_id:
            return self.env._("Please sign in first: this coupon is a personal one.")
        return self.env._("This coupon is reserved for somebody else.")

    def _check_cart_is_ready_to_be_paid(self):
        """Override of `website_sale` to look at the coupons right before the payment.

        :raise ValidationError: If one is somebody else's, or has been used meanwhile.
        """
        self._groupbuy_check_coupons()
        return super()._check_cart_is_ready_to_be_paid()

    def _groupbuy_check_coupons(self):
        """Check that the coupons in a cart may be used by its owner, and still can.

        :raise ValidationError: If not.
        """
        self.ensure_one()
        for card in self.order_line.coupon_id.sudo():
            if refusal := self._groupbuy_get_card_refusal(card):
                raise ValidationError(refusal)
        if self.groupbuy_campaign_id and not self._groupbuy_are_coupons_left():
            raise ValidationError(
                self.env._(
                    "A coupon in your cart has been used already. Please remove it."
                )
            )

    def _groupbuy_are_coupons_left(self):
        """Return whether the cards of a cart hold the points that it uses.

        :rtype: bool
        """
        self.ensure_one()
        return all(
            self._get_real_points_for_coupon(card) >= 0
            for card in self.order_line.coupon_id.sudo()
        )

    def _get_claimable_rewards(self, forced_coupons=None):
        """Override of `sale_loyalty`: a campaign delivers what it offers, no gifts.

        A free product would neither be bought nor brought to the pickup point.
        """
        result = super()._get_claimable_rewards(forced_coupons=forced_coupons)
        if not self.groupbuy_campaign_id:
            return result
        for card in list(result):
            rewards = result[card].filtered(lambda r: r.reward_type != "product")
            if rewards:
                result[card] = rewards
            else:
                del result[card]
        return result

    # === POINTS WHILE THE ORDER WAITS === #

    def _groupbuy_get_used_points(self):
        """Return the points that a waiting order has taken from cards.

        What the order itself earns for the reward that it uses is not on the card yet
        and so is not taken from it.

        :return: Card → points, only what is above zero.
        :rtype: dict[loyalty.card, float]
        """
        self.ensure_one()
        used = defaultdict(float)
        for line in self.order_line.filtered("points_cost"):
            used[line.coupon_id] += line.points_cost
        for entry in self.coupon_point_ids:
            if (
                entry.coupon_id in used
                and entry.coupon_id.program_id.applies_on != "future"
            ):
                used[entry.coupon_id] -= entry.points
        return {card: points for card, points in used.items() if points > 0}

    def _groupbuy_take_points(self):
        """Take the points of the rewards of orders that join now.

        Why it is safe: the card's row is written, so of two orders that use one coupon
        at the same moment one fails to serialise, is repeated, and then finds it used
        (see :meth:`_groupbuy_are_coupons_left`).
        """
        for order in self.sudo():
            for card, points in order._groupbuy_get_used_points().items():
                card.points -= points

    def _groupbuy_give_points_back(self):
        """Give the points of waiting orders back, right before they leave that state.

        A confirmation takes them again, in the same transaction and by Odoo's own
        code; an order that fails has not used its coupon.
        """
        for order in self.sudo().filtered(lambda o: o.groupbuy_state == "waiting"):
            for card, points in order._groupbuy_get_used_points().items():
                card.points += points

    def _update_programs_and_rewards(self):
        """Override of `sale_loyalty` to keep what was granted at joining.

        It also spares the close a handful of queries for each order.
        """
        self.ensure_one()
        if self.groupbuy_campaign_id and self.groupbuy_state in JOINED_STATES:
            return None
        return super()._update_programs_and_rewards()

    def _groupbuy_update_earned_points(self):
        """Count anew what confirmed orders earn, at the price they really cost.

        Where the fallen price no longer reaches a program's minimum, the points that
        were promised at joining stay.
        """
        for order in self.filtered("coupon_point_ids"):
            entries = order.coupon_point_ids.filtered(
                lambda entry: (
                    entry.coupon_id.program_id.applies_on != "current"
                    and entry.coupon_id.program_id.active
                )
            )
            programs = entries.coupon_id.program_id
            statuses = order._program_check_compute_points(programs)
            for program in programs:
                points = [p for p in statuses[program].get("points", []) if p]
                own = entries.filtered(
                    lambda entry, program=program: entry.coupon_id.program_id == program
                )
                for entry, value in zip(own.sudo(), points, strict=False):
                    entry.points = min(value, entry.points)

    # === DISCOUNTS OF FEWER OR CHEAPER GOODS === #

    def _groupbuy_get_reward_bases(self):
        """Return what the discounts of joined orders were given for.

        :return: Reward line → its base, see :meth:`_groupbuy_get_reward_base`.
        :rtype: dict[sale.order.line, float]
        """
        return {
            line: line.order_id._groupbuy_get_reward_base(line)
            for line in self.order_line
            if line.reward_id.reward_type == "discount"
        }

    def _groupbuy_get_reward_base(self, reward_line, without=None):
        """Return the value of the goods that a discount line was given for.

        A percentage follows the price of the goods. A fixed amount (a voucher, a
        wallet) does not change when the price falls, only when there is less of them:
        its base is the value at joining of what is left.

        :param sale.order.line reward_line: A discount of this order.
        :param sale.order.line without: Goods that are left out.
        :return: In the order's currency; only its proportion to another value counts.
        :rtype: float
        """
        self.ensure_one()
        reward = reward_line.reward_id
        goods = self.order_line.filtered(
            lambda line: line.groupbuy_line_id and line.product_uom_qty
        )
        if without:
            goods -= without
        is_payment = reward.program_id.is_payment_program
        if not is_payment:
            if reward.discount_applicability == "specific":
                products = goods.product_id.filtered_domain(
                    reward._get_discount_product_domain()
                )
                goods = goods.filtered(lambda line: line.product_id in products)
            # Odoo makes one discount line for each combination of taxes, and one for
            # goods without any; the fiscal position is applied to each.
            position = self.fiscal_position_id
            goods = goods.filtered(
                lambda line: (
                    position.map_tax(line._groupbuy_get_discount_taxes())
                    == reward_line.tax_ids
                )
            )
        values = [
            line._groupbuy_get_reward_value(reward.discount_mode == "percent")
            for line in goods
        ]
        if reward.discount_applicability == "cheapest" and not is_payment:
            return min(
                (
                    value / line.product_uom_qty
                    for value, line in zip(values, goods, strict=True)
                ),
                default=0.0,
            )
        if is_payment:
            values += self.order_line.filtered("is_delivery").mapped("price_total")
        return sum(values)

    def _groupbuy_scale_rewards(self, bases):
        """Let the discounts shrink with the goods that they were given for.

        Why it is safe: the bases are taken before and after one change of the lines, so
        that repeating a change that is done already finds equal bases and changes
        nothing. The total never becomes negative.

        :param dict bases: What :meth:`_groupbuy_get_reward_bases` gave before.
        """
        for line, before in bases.items():
            after = line.order_id._groupbuy_get_reward_base(line)
            if after < before:
                line._groupbuy_scale_reward(after / before)
        for order in {line.order_id for line in bases}:
            order._groupbuy_limit_rewards()

    def _groupbuy_limit_rewards(self):
        """Take off discounts what they exceed the goods by.

        Wallets come first: what they do not pay stays on them.
        """
        self.ensure_one()
        rewards = self.order_line.filtered(
            lambda line: line.reward_id.reward_type == "discount"
        ).sorted(lambda line: not line.reward_id.program_id.is_payment_program)
        for line in rewards:
            excess = -self.amount_total
            if self.currency_id.compare_amounts(excess, 0) <= 0:
                return
            discount = -line.price_total
            if discount > 0:
                line._groupbuy_scale_reward(max(discount - excess, 0.0) / discount)
