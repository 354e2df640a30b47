# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import models

from odoo.addons.community_groupbuy.const import JOINED_STATES


class SaleOrder(models.Model):
    """Uses of limited offers, coupons of orders that fail, and of successful ones."""

    _inherit = "sale.order"

    # === JOINING === #

    def _groupbuy_refuse_join(self, tx):
        """Override of `community_groupbuy`: limited offers are claimed, or refused.

        The last word: many residents may have the same offer in their carts, and one
        resident the same offer in two.
        """
        if reason := super()._groupbuy_refuse_join(tx):
            return reason
        return "" if self._groupbuy_claim_coupons() else "coupon"

    def _groupbuy_claim_coupons(self):
        """Claim a use of each limited offer in this order.

        Why it is safe: see :meth:`groupbuy.coupon.claim._claim`. A claim names the
        order, so a registration that is repeated claims nothing more; one that is
        refused after this gives it back.

        :return: Whether the order may have them all.
        :rtype: bool
        """
        self.ensure_one()
        # Elevated: residents have no rights on programs; their uses are only counted.
        programs = (
            self.sudo()
            ._get_reward_programs()
            .filtered(lambda program: program._groupbuy_needs_claim())
        )
        if not programs:
            return True
        if (
            any(programs.mapped("groupbuy_first_order"))
            and self._groupbuy_has_ordered()
        ):
            return False
        return self.env["groupbuy.coupon.claim"].sudo()._claim(self, programs)

    def _groupbuy_reject(self, tx, reason, lines=None):
        """Override of `community_groupbuy` to give the uses of offers back."""
        result = super()._groupbuy_reject(tx, reason, lines)
        # Elevated: nobody has rights to write claims.
        self.env["groupbuy.coupon.claim"].sudo()._give_back(self.ids)
        return result

    # === LEAVING === #

    def _groupbuy_fail(self, reason):
        """Override of `community_groupbuy`: coupons come back by their program's rule.

        The core gives all of them back; what the rule keeps is taken again in the same
        transaction, with a line in the coupon's history. Orders that have failed
        already are left alone, so a repetition changes nothing.

        :param str reason: Selection value of the job.
        """
        orders = self.sudo().filtered(
            lambda order: order.groupbuy_state in JOINED_STATES
        )
        confirmed = orders.filtered(lambda order: order.groupbuy_state == "confirmed")
        kept, returned, kept_uses = orders._groupbuy_sort_coupons(reason)
        result = super()._groupbuy_fail(reason)
        history = []
        for (order, card), points in kept.items():
            card.with_context(
                tracking_disable=True, loyalty_no_mail=True
            ).points -= points
            history.append(
                {
                    "card_id": card.id,
                    "description": self.env._(
                        "Order %s was cancelled: not given back", order.name
                    ),
                    "issued": 0.0,
                    "used": points,
                    "order_model": order._name,
                    "order_id": order.id,
                }
            )
        if history:
            self.env["loyalty.history"].sudo().create(history)
        # Cards that an order had made for itself are gone with it.
        returned.exists()._groupbuy_prolong()
        claims = self.env["groupbuy.coupon.claim"].sudo()
        for program_ids, group in kept_uses.items():
            claims._give_back(group, program_ids)
        confirmed._groupbuy_queue_coupons("withdraw")
        return result

    def _groupbuy_sort_coupons(self, reason):
        """Sort the coupons of orders that are about to fail by their program's rule.

        :param str reason: Selection value of the job.
        :return: (order, card) → points that stay used; cards that are given back;
            program ids whose uses stay → ids of the orders.
        :rtype: tuple[dict, loyalty.card, dict]
        """
        kept, kept_uses = {}, defaultdict(list)
        returned = self.env["loyalty.card"].sudo()
        for order in self:
            programs = order.order_line.reward_id.program_id
            stay = programs.filtered(lambda p: p._groupbuy_keeps_coupon(reason))
            kept_uses[tuple(sorted(stay.ids))].append(order.id)
            for card, points in order._groupbuy_get_used_points().items():
                program = card.program_id
                if program in stay:
                    # A card that the order itself made goes with the order.
                    if card not in order.coupon_point_ids.coupon_id:
                        kept[order, card] = points
                elif not program.is_payment_program:
                    returned |= card
        return kept, returned, kept_uses

    # === SUCCESS === #

    def _groupbuy_on_confirmed(self):
        """Override of `community_groupbuy` to queue the campaigns' success coupons."""
        result = super()._groupbuy_on_confirmed()
        self._groupbuy_queue_coupons("success")
        return result

    def _groupbuy_queue_coupons(self, event):
        """Queue that success coupons are given or withdrawn.

        :param str event: What happened to the orders; part of the job's key.
        """
        orders = self.filtered(
            lambda order: order.groupbuy_campaign_id.sudo().success_program_id
        )
        if orders:
            # Elevated: who cancels an order has no rights on jobs; what they do is
            # derived.
            self.env["groupbuy.job"].sudo()._add(
                [
                    {
                        "key": f"coupon/{event}/{order.id}",
                        "kind": "coupon",
                        "order": order,
                    }
                    for order in orders
                ]
            )
