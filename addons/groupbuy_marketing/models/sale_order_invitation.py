# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.http import request


class SaleOrder(models.Model):
    """Orders of invited residents, and whether they were collected."""

    _inherit = "sale.order"

    def _check_cart_is_ready_to_be_paid(self):
        """Override of `website_sale` to accept an invitation before the payment.

        The payment may be registered by a request of the provider, which knows nothing
        of the visitor's session.
        """
        result = super()._check_cart_is_ready_to_be_paid()
        if self.groupbuy_campaign_id and request and not self._is_anonymous_cart():
            self.env["groupbuy.invitation"]._accept_from_session(self.sudo().partner_id)
        return result

    def _groupbuy_get_collection(self):
        """Return whether what a group order carries was collected, or paid back.

        :return: "open" while something is under way, "collected", or "paid_back" when
            nothing of it is left with the resident or all of its price was returned.
        :rtype: str
        """
        self.ensure_one()
        if self.groupbuy_state != "confirmed":
            return "open"
        goods = self.order_line.filtered("groupbuy_line_id")
        moves = goods.move_ids.filtered(lambda move: move.state != "cancel")
        if any(move.state != "done" for move in moves):
            return "open"
        kept = goods.filtered(
            lambda line: line.product_uom_qty > 0 and line.qty_delivered > 0
        )
        if not kept:
            ordered = any(line.product_uom_qty > 0 for line in goods)
            return "open" if ordered and not moves else "paid_back"
        left = sum(line._groupbuy_get_price_left() for line in kept)
        if self.currency_id.compare_amounts(left, 0) <= 0:
            return "paid_back"
        return "collected"

    def _groupbuy_is_worth(self, minimum):
        """Return whether what was collected cost enough, coupons taken off.

        :param float minimum: In the company's currency; an order that cost nothing is
            never enough.
        :rtype: bool
        """
        self.ensure_one()
        goods = self.order_line.filtered(
            lambda line: line.groupbuy_line_id and line.qty_delivered > 0
        )
        value = self._groupbuy_to_company_currency(
            sum(line._groupbuy_get_points_value() for line in goods)
        )
        currency = self.company_id.currency_id
        return (
            currency.compare_amounts(value, 0) > 0
            and currency.compare_amounts(value, minimum or 0.0) >= 0
        )

    def _groupbuy_queue_invitations(self, events):
        """Queue a look at invitations and trials of orders of which something changed.

        Two searches, for any number of events.

        :param list[tuple] events: Pairs of orders and what happened to them, unique for
            an order, such as "transfer7".
        """
        # Elevated: who hands out or refunds has no rights on invitations and jobs; what
        # they do is derived.
        orders = (
            self.sudo()
            .union(*(orders.sudo() for orders, _event in events))
            .filtered("groupbuy_campaign_id")
        )
        if not orders:
            return
        invited = (
            self.env["groupbuy.invitation"]
            .sudo()
            .search(
                [
                    ("invited_id", "in", orders.partner_id.ids),
                    ("state", "in", ("pending", "waiting", "rewarded")),
                ]
            )
            .invited_id
        )
        tried = (
            self.env["groupbuy.trial"]
            .sudo()
            .search([("order_id", "in", orders.ids), ("state", "=", "ordered")])
            .order_id
        )
        wanted = orders.filtered(
            lambda order: order.partner_id in invited or order in tried
        )
        vals_list = [
            {
                "key": f"invitation/{order.id}/{event}",
                "kind": "invitation",
                "order": order,
            }
            for some, event in events
            for order in some.sudo() & wanted
        ]
        if vals_list:
            self.env["groupbuy.job"].sudo()._add(vals_list)

    def _groupbuy_on_allowed(self, allowances):
        """Override of `community_groupbuy`: what is paid back does not count."""
        result = super()._groupbuy_on_allowed(allowances)
        event = f"allowance{min(allowances.ids, default=0)}"
        self._groupbuy_queue_invitations([(self, event)])
        return result
