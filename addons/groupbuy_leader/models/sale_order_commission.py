# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import models

from ..brackets import exact, share, to_unit


class SaleOrder(models.Model):
    """The events of an order that the commission ledger has to know."""

    _inherit = "sale.order"

    def _groupbuy_on_confirmed(self):
        """Override of `community_groupbuy` to write the commission of the lines."""
        result = super()._groupbuy_on_confirmed()
        self.env["groupbuy.commission.entry"].sudo()._accrue(self)
        return result

    def _groupbuy_on_allowed(self, allowances):
        """Override of `community_groupbuy` to take back the commission on it."""
        result = super()._groupbuy_on_allowed(allowances)
        self.env["groupbuy.commission.entry"].sudo()._take_back(
            allowances.order_line_id
        )
        return result

    def _groupbuy_fail(self, reason):
        """Override of `community_groupbuy` to take back what confirmed orders earned.

        Orders that fail at the close have earned nothing yet.
        """
        result = super()._groupbuy_fail(reason)
        cancelled = self.sudo().filtered(
            lambda order: (
                order.state == "cancel"
                and (order.groupbuy_leader_id or order.groupbuy_sharer_id)
            )
        )
        self.env["groupbuy.commission.entry"].sudo()._take_back(
            cancelled.order_line.filtered("groupbuy_line_id")
        )
        return result

    def _groupbuy_get_line_discounts(self):
        """Return by how much coupons lower the lines of goods.

        A coupon's line is shared by the goods that it was given for, in proportion to
        their value, so that the shares sum to it to the cent. It is what the core
        gives back with the goods, too. Store credit and gift cards pay and lower
        nothing; free transport is no matter of goods.

        One query tells which orders have a coupon at all; most have none.

        :return: Order line id → untaxed amount in the order's currency, below zero.
        :rtype: dict[int, decimal.Decimal]
        """
        rewards = (
            self.env["sale.order.line"]
            .sudo()
            .search(
                [
                    ("order_id", "in", self.ids),
                    ("reward_id.reward_type", "=", "discount"),
                    (
                        "reward_id.program_id.program_type",
                        "not in",
                        ("gift_card", "ewallet"),
                    ),
                ]
            )
        )
        discounts = defaultdict(lambda: exact(0))
        for order, lines in rewards.grouped("order_id").items():
            unit = exact(order.currency_id.rounding)
            for line in lines:
                values = order._groupbuy_split_reward_base(line)
                parts = share(
                    to_unit(min(exact(line.price_subtotal), exact(0)), unit),
                    list(values.values()),
                    unit,
                )
                for goods, part in zip(values, parts, strict=True):
                    discounts[goods.id] += part
        return discounts

    def _groupbuy_split_reward_base(self, reward_line):
        """Return what each line of goods counts for in the base of a discount.

        What the base would be less without the line. Where that is nothing for any
        (the cheapest product is free), all lines bear it.

        :param sale.order.line reward_line: A discount of this order.
        :return: Line of goods → value, zero or more.
        :rtype: dict[sale.order.line, decimal.Decimal]
        """
        self.ensure_one()
        goods = self.order_line.filtered(
            lambda line: line.groupbuy_line_id and line.product_uom_qty
        )
        base = self._groupbuy_get_reward_base(reward_line)
        values = {
            line: exact(
                max(base - self._groupbuy_get_reward_base(reward_line, line), 0.0)
            )
            for line in goods
        }
        if not any(values.values()):
            return {line: exact(max(line.price_subtotal, 0.0)) for line in goods}
        return values
