# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.exceptions import ValidationError

from odoo.addons.community_groupbuy.const import JOINED_STATES

# Programs further down the list than this are all taken off last.
LAST_RANK = 1_000


class BelowCostError(Exception):
    """A reward would bring an order below what its goods cost us."""


class SaleOrder(models.Model):
    """For whom an offer is, which offers go together, and never below cost.

    - A program's conditions are looked at whenever its points are counted, so that an
      offer disappears from a cart that it is no longer for, and once more, strictly,
      right before the payment.
    - What goes together is looked at when a reward is put into the cart.
    - Discounts are taken off in the order of the programs' list.
    """

    _inherit = "sale.order"

    # === FOR WHOM === #

    def _try_apply_code(self, code):
        """Override of `sale_loyalty` to say why an offer is not for this order.

        Before anything is changed: Odoo would accept some codes and offer nothing.
        """
        program = self._groupbuy_find_program(code)
        if program:
            if refusal := self._groupbuy_refuse_program(program):
                return {"error": refusal}
            refusals = [
                self._groupbuy_get_reward_refusal(reward)
                for reward in program.reward_ids
            ]
            if refusals and all(refusals):
                return {"error": refusals[0]}
        return super()._try_apply_code(code)

    def _groupbuy_find_program(self, code):
        """Return the program of a code; empty when there is none.

        :param code: What the visitor typed; only looked up.
        :rtype: loyalty.program
        """
        if not isinstance(code, str) or not code:
            return self.env["loyalty.program"].sudo()
        # Elevated: residents have no rights on programs and cards.
        card = self.env["loyalty.card"].sudo().search([("code", "=", code)], limit=1)
        if card:
            return card.program_id
        return (
            self.env["loyalty.rule"]
            .sudo()
            .search([("mode", "=", "with_code"), ("code", "=", code)], limit=1)
            .program_id
        )

    def _program_check_compute_points(self, programs):
        """Override of `sale_loyalty` to apply the conditions of a group purchase."""
        result = super()._program_check_compute_points(programs)
        for program, refusal in self._groupbuy_get_program_refusals(programs).items():
            result[program] = {"error": refusal}
        return result

    def _groupbuy_get_program_refusals(self, programs, is_final=False):
        """Return why programs are not for this order.

        A constant number of queries, for any number of programs.

        :param loyalty.program programs: Programs that could apply.
        :param bool is_final: Whether the order is about to be paid, so that nothing is
            left open.
        :return: Program → sentence; only those that are refused.
        :rtype: dict[loyalty.program, str]
        """
        self.ensure_one()
        # Elevated: residents have no rights on programs.
        limited = programs.sudo().filtered(lambda p: p._groupbuy_has_conditions())
        if not limited:
            return {}
        facts = self._groupbuy_get_coupon_facts(limited, is_final)
        refusals = {}
        for program in limited:
            if refusal := program._groupbuy_get_program_refusal(self, facts):
                refusals[programs.browse(program.id)] = refusal
        return refusals

    def _groupbuy_refuse_program(self, program, is_final=False):
        """Return why one program is not for this order; an empty string if it is."""
        return self._groupbuy_get_program_refusals(program, is_final).get(program, "")

    def _groupbuy_get_coupon_facts(self, programs, is_final=False):
        """Look up what the conditions of programs ask for, for all of them together.

        An extension point like `loyalty.program._groupbuy_get_program_refusal`.

        :param loyalty.program programs: Programs with conditions.
        :param bool is_final: Whether the order is about to be paid.
        :return: is_final; community; has_ordered; has_used_first; uses (program id →
            how often the resident has used it).
        :rtype: dict
        """
        self.ensure_one()
        resident = self._groupbuy_get_resident()
        facts = {
            "is_final": is_final,
            "community": self.env["groupbuy.community"],
            "has_ordered": False,
            "has_used_first": False,
            "uses": {},
        }
        if any(program.groupbuy_community_ids for program in programs):
            facts["community"] = self._groupbuy_get_community()
        counted = programs.filtered(
            lambda p: p.groupbuy_first_order or p.groupbuy_resident_limit
        )
        if not counted or not resident:
            return facts
        if any(program.groupbuy_first_order for program in counted):
            facts["has_ordered"] = self._groupbuy_has_ordered()
        claims = self.env["groupbuy.coupon.claim"]
        facts["uses"], facts["has_used_first"] = claims._get_uses(
            resident, self.company_id, counted.ids
        )
        return facts

    def _groupbuy_has_ordered(self):
        """Return whether the resident has another group order that was not cancelled.

        :rtype: bool
        """
        self.ensure_one()
        # Elevated: residents see their own orders, but not those of their household.
        return bool(
            self.sudo().search_count(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("groupbuy_state", "in", list(JOINED_STATES)),
                    ("id", "!=", self.id),
                ],
                limit=1,
            )
        )

    # === WHAT GOES TOGETHER === #

    def _groupbuy_get_discount_programs(self):
        """Return the programs that discount this cart; wallets are payments.

        :rtype: loyalty.program
        """
        self.ensure_one()
        return (
            self._get_reward_programs()
            .sudo()
            .filtered(lambda program: not program.is_payment_program)
        )

    def _groupbuy_get_reward_refusal(self, reward):
        """Return why a reward does not go together with what is in the cart.

        Of two discounts on the whole order of which the shop takes the better one,
        the other is replaced and does not count.

        :param loyalty.reward reward: A reward that could be put into the cart.
        :return: A sentence, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        reward = reward.sudo()
        program = reward.program_id
        if program.is_payment_program:
            return ""
        # Elevated: residents have no rights on campaigns.
        policy = self.groupbuy_campaign_id.sudo().coupon_policy
        if policy == "none":
            return self.env._(
                "%s takes no coupons: its price is a special one already.",
                self.groupbuy_campaign_id.sudo().name,
            )
        others = self._groupbuy_get_discount_programs() - program
        if reward.is_global_discount:
            others -= self._get_applied_global_discount().sudo().program_id
        if not others:
            return ""
        if policy == "one":
            return self.env._(
                "One offer for each order: remove %s first.", others[0].name
            )
        for other in others:
            if not program._groupbuy_combines_with(other):
                return self.env._(
                    "%(offer)s cannot be combined with %(other)s. Remove that first.",
                    offer=program.name,
                    other=other.name,
                )
        return ""

    def _get_claimable_rewards(self, forced_coupons=None):
        """Override of `sale_loyalty` to offer only what can be put into the cart."""
        result = super()._get_claimable_rewards(forced_coupons=forced_coupons)
        return self._groupbuy_drop_refused(result)

    def _get_claimable_and_showable_rewards(self):
        """Override of `website_sale_loyalty`: it adds the resident's other cards."""
        return self._groupbuy_drop_refused(
            super()._get_claimable_and_showable_rewards()
        )

    def _groupbuy_drop_refused(self, claimable):
        """Remove from claimable rewards those that this order is refused.

        :param dict claimable: Card → rewards; changed in place.
        :return: The same.
        :rtype: dict
        """
        if not claimable:
            return claimable
        programs = self.env["loyalty.program"].sudo()
        for card in claimable:
            programs |= card.sudo().program_id
        refused = self._groupbuy_get_program_refusals(programs)
        for card in list(claimable):
            rewards = claimable[card]
            if card.sudo().program_id in refused:
                rewards = rewards.browse()
            rewards = rewards.filtered(
                lambda reward: not self._groupbuy_get_reward_refusal(reward)
            )
            if rewards:
                claimable[card] = rewards
            else:
                del claimable[card]
        return claimable

    def _apply_program_reward(self, reward, coupon, **kwargs):
        """Override of `sale_loyalty` to refuse what does not go together.

        Also what would bring the order below cost: then nothing of it stays.
        """
        program = reward.sudo().program_id
        if refusal := self._groupbuy_refuse_program(program):
            return {"error": refusal}
        if refusal := self._groupbuy_get_reward_refusal(reward):
            return {"error": refusal}
        if not self.groupbuy_campaign_id or program.is_payment_program:
            return super()._apply_program_reward(reward, coupon, **kwargs)
        try:
            with self.env.cr.savepoint():
                status = super()._apply_program_reward(reward, coupon, **kwargs)
                if "error" not in status and self._groupbuy_is_below_cost():
                    raise BelowCostError
        except BelowCostError:
            return {"error": self._groupbuy_below_cost_message(program)}
        return status

    # === IN WHICH ORDER === #

    def _get_reward_line_values(self, reward, coupon, **kwargs):
        """Override of `sale_loyalty` to sort discounts by the list of programs."""
        vals_list = super()._get_reward_line_values(reward, coupon, **kwargs)
        if self.groupbuy_campaign_id:
            rank = min(max(reward.sudo().program_id.sequence, 0), LAST_RANK)
            for vals in vals_list or ():
                if "sequence" in vals:
                    vals["sequence"] += rank
        return vals_list

    def _update_programs_and_rewards(self):
        """Override of `sale_loyalty` to take discounts off in their order.

        And to drop what an order cannot have any more: others were added, or it became
        smaller.
        """
        self.ensure_one()
        if not self.groupbuy_campaign_id or self.groupbuy_state in JOINED_STATES:
            return super()._update_programs_and_rewards()
        self._groupbuy_sort_rewards()
        result = super()._update_programs_and_rewards()
        self._groupbuy_drop_conflicts()
        return result

    def _groupbuy_sort_rewards(self):
        """Let the discounts of a cart be counted in the order of their programs.

        Odoo counts them in the order of the lines, and a new line stands last in
        memory, whatever its sequence.
        """
        ranks = [line.sequence for line in self.order_line if line.reward_id]
        if self.ids and ranks != sorted(ranks):
            self.invalidate_recordset(["order_line"])

    def _groupbuy_drop_conflicts(self):
        """Take off discounts that do not go with earlier ones, or go below cost."""
        lines = self.order_line.filtered(
            lambda line: (
                line.reward_id
                and not line.reward_id.sudo().program_id.is_payment_program
            )
        )
        if not lines:
            return
        policy = self.groupbuy_campaign_id.sudo().coupon_policy
        programs = self.env["loyalty.program"].sudo()
        dropped = programs
        for program in lines.reward_id.sudo().program_id:
            if (
                policy == "none"
                or (policy == "one" and programs)
                or not all(program._groupbuy_combines_with(kept) for kept in programs)
            ):
                dropped |= program
            else:
                programs |= program
        if dropped:
            self._groupbuy_remove_rewards(dropped)
        # The last ones first, until the goods are paid for.
        for program in reversed(programs):
            if not self._groupbuy_is_below_cost():
                return
            if not program.groupbuy_below_cost_approved_by:
                self._groupbuy_remove_rewards(program)

    def _groupbuy_remove_rewards(self, programs):
        """Remove the discounts of programs from a cart; their coupons stay usable."""
        self.order_line.filtered(
            lambda line: line.reward_id.sudo().program_id in programs
        ).unlink()

    # === NEVER BELOW COST === #

    def _groupbuy_is_below_cost(self):
        """Return whether discounts bring this order below what its goods cost us.

        Formula, without tax: Σ quantity × lowest price the line can fall to, less the
        discounts at that price, against Σ quantity × cost. A percentage falls with the
        price, a fixed amount does not. Where a manager accepted a price below cost for
        a line, that price takes the place of the cost; discounts of programs that a
        manager accepted are left out.

        :rtype: bool
        """
        self.ensure_one()
        discounts = self.order_line.filtered(
            lambda line: (
                line.reward_id.reward_type == "discount"
                and not line.reward_id.sudo().program_id.is_payment_program
                and not line.reward_id.sudo().program_id.groupbuy_below_cost_approved_by
            )
        )
        goods = self.order_line.filtered("groupbuy_line_id")
        if not discounts or not goods:
            return False
        convert = self._groupbuy_to_company_currency
        now = worst = cost = 0.0
        for line in goods:
            # Elevated: residents have no rights on costs; none is shown to them.
            offer = line.groupbuy_line_id.sudo()
            amount = convert(line.price_subtotal)
            now += amount
            worst += min(line.product_uom_qty * offer.lowest_price, amount)
            cost += line.product_uom_qty * min(offer.cost, offer.lowest_price)
        share = worst / now if now else 1.0
        taken = sum(
            -convert(line.price_subtotal)
            * (share if line.reward_id.discount_mode == "percent" else 1.0)
            for line in discounts
        )
        # An order never costs less than nothing.
        left = max(worst - taken, 0.0)
        return self.company_id.currency_id.compare_amounts(left, cost) < 0

    def _groupbuy_below_cost_message(self, program):
        """Return a sentence that says why a discount is too much for an order."""
        return self.env._(
            "%s takes off more than this order allows: its price is close to what the"
            " goods cost. Add more goods, or use it for another order.",
            program.name,
        )

    # === RIGHT BEFORE THE PAYMENT === #

    def _groupbuy_check_coupons(self):
        """Override of `community_groupbuy` to apply all conditions, strictly.

        :raise ValidationError: If an offer in the cart is not for this order.
        """
        super()._groupbuy_check_coupons()
        programs = self._get_reward_programs().sudo()
        if not programs:
            return
        for refusal in self._groupbuy_get_program_refusals(programs, True).values():
            raise ValidationError(refusal)
        if not self.groupbuy_campaign_id:
            return
        for reward in self.order_line.reward_id:
            if refusal := self._groupbuy_get_reward_refusal(reward):
                raise ValidationError(refusal)
        if self._groupbuy_is_below_cost():
            raise ValidationError(
                self._groupbuy_below_cost_message(
                    self._groupbuy_get_discount_programs()[-1:]
                )
            )
