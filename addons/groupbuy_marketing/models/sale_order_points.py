# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import models
from odoo.tools import float_compare, float_is_zero, float_round

PRECISION = 2


class SaleOrder(models.Model):
    """Points of group orders: earned when the goods are collected, not when paid.

    The points are those of a `loyalty` program with its rules; only the moment is
    ours. What an order has earned is always derived from what is collected and paid
    for at that moment, and an event books the difference to what was booked before.
    So refunds, returns and allowances take back their part, whatever the order in
    which they come.
    """

    _inherit = "sale.order"

    def _program_check_compute_points(self, programs):
        """Override of `sale_loyalty`: group orders earn nothing at confirmation.

        The program still counts as applied, so that points can be spent. And programs
        that are kept for levels, members or segments apply to them only.
        """
        result = super()._program_check_compute_points(programs)
        if self.groupbuy_campaign_id:
            for program in programs.filtered("groupbuy_on_collection"):
                if "points" in result.get(program, {}):
                    result[program]["points"] = [0]
        partner = self.partner_id
        for program in programs.filtered("groupbuy_is_restricted"):
            # Elevated: residents have no rights on standings and segments.
            if reason := program.sudo()._groupbuy_get_refusal(partner, self.company_id):
                result[program] = {"error": reason}
        return result

    def _groupbuy_queue_points(self, events):
        """Queue the counting of points of group orders where there is a program.

        :param list[tuple] events: Pairs of orders and what happened to them, unique for
            an order, such as "transfer7".
        """
        vals_list = [
            {"key": f"points/{order.id}/{event}", "kind": "points", "order": order}
            for orders, event in events
            for order in orders.filtered("groupbuy_campaign_id")
        ]
        if not vals_list:
            return
        companies = self.browse().union(*(v["order"] for v in vals_list)).company_id
        # Elevated: who hands out or refunds has no rights on programs and jobs; what
        # they do is derived.
        if self.env["loyalty.program"].sudo()._groupbuy_has_earning(companies):
            self.env["groupbuy.job"].sudo()._add(vals_list)

    def _groupbuy_on_allowed(self, allowances):
        """Override of `community_groupbuy` to take points back for refunds."""
        result = super()._groupbuy_on_allowed(allowances)
        event = f"allowance{min(allowances.ids, default=0)}"
        self._groupbuy_queue_points([(self, event)])
        return result

    def _groupbuy_sync_points(self, company, keys):
        """Book the difference between what orders have earned and what was booked.

        A constant number of queries for any number of orders, besides one statement
        for the balances.

        Why it is safe: the residents' standings are taken first, so of two events of
        one resident the second is repeated on the figures of the first; the entry's
        key is unique; the amount is a difference to the entries there are, so a
        repetition books zero. A card is not overdrawn: what was spent already is set
        off against what the resident earns next.

        :param res.company company: The orders' company.
        :param dict keys: Order → key of the entry.
        """
        orders = self.sudo().filtered("partner_id")
        programs = (
            self.env["loyalty.program"].sudo()._groupbuy_get_earning_programs(company)
        )
        if not orders or not programs:
            return
        self.env["groupbuy.standing"]._touch(company, orders.partner_id)
        entries = self.env["groupbuy.points.entry"].sudo()
        booked = {
            (order.id, program.id): earned
            for order, program, earned in entries._read_group(
                [("order_id", "in", orders.ids), ("program_id", "in", programs.ids)],
                ["order_id", "program_id"],
                ["earned:sum"],
            )
        }
        # Read here, for all orders in one go.
        orders.order_line.mapped("groupbuy_reduction_ids.price_total")
        wanted = []
        for order in orders.sorted("id"):
            for program in programs:
                target = order._groupbuy_get_earned_points(program)
                delta = float_round(
                    target - booked.get((order.id, program.id), 0.0),
                    precision_digits=PRECISION,
                )
                if not float_is_zero(delta, precision_digits=PRECISION):
                    wanted.append((order, program, delta))
        if not wanted:
            return
        cards = programs._groupbuy_get_cards(
            self.browse(o.id for o, _p, _d in wanted).partner_id
        )
        debts = self._groupbuy_get_point_debts(cards)
        left = {card: card.points for card in set(cards.values())}
        moves = []
        for order, program, delta in wanted:
            card = cards[program, order.partner_id]
            points = delta - debts[card]
            if float_compare(points, -left[card], precision_digits=PRECISION) < 0:
                points = -max(left[card], 0.0)
            debts[card] = float_round(
                points - (delta - debts[card]), precision_digits=PRECISION
            )
            left[card] += points
            moves.append(
                {
                    "key": f"{keys[order]}/{program.id}",
                    "kind": "order",
                    "card": card,
                    "company": company,
                    "order_id": order.id,
                    "points": float_round(points, precision_digits=PRECISION),
                    "earned": delta,
                    "description": self.env._("Order %s", order.name),
                }
            )
        entries._book(moves)

    def _groupbuy_get_point_debts(self, cards):
        """Return the points that could not be taken back because they were spent.

        :param dict cards: (program, partner) → card.
        :return: Card → points, zero or more.
        :rtype: dict
        """
        records = self.env["loyalty.card"].union(*cards.values())
        debts = defaultdict(float)
        for card, points, earned in (
            self.env["groupbuy.points.entry"]
            .sudo()
            ._read_group(
                [("card_id", "in", records.ids), ("kind", "=", "order")],
                ["card_id"],
                ["points:sum", "earned:sum"],
            )
        ):
            debts[card] = float_round(
                max(points - earned, 0.0), precision_digits=PRECISION
            )
        return debts

    def _groupbuy_get_earned_points(self, program):
        """Return what an order has earned by what was collected of it.

        Formula, for each rule that the whole order meets: rate × Σ paid × collected ÷
        ordered (money), rate × Σ collected (unit), rate × collected value ÷ value
        (order). Paid is what is left after refunds and discounts; what a wallet pays
        is money and counts. Rounded down to two digits.

        :param loyalty.program program: A program of points.
        :return: Zero or more.
        :rtype: float
        """
        self.ensure_one()
        if self.groupbuy_state != "confirmed":
            return 0.0
        lines = self.order_line.filtered(
            lambda line: line.groupbuy_line_id and line.product_uom_qty > 0
        )
        valid = program._get_valid_products(lines.product_id)
        total = 0.0
        for rule in program.rule_ids.filtered(lambda rule: rule.mode == "auto"):
            products = valid.get(rule) or self.env["product.product"]
            goods = lines.filtered(lambda line, p=products: line.product_id in p)
            ordered = sum(goods.mapped("product_uom_qty"))
            value = sum(goods.mapped("price_total"))
            untaxed = sum(goods.mapped("price_subtotal"))
            if (
                not goods
                or ordered < rule.minimum_qty
                or rule._compute_amount(self.currency_id)
                > (value if rule.minimum_amount_tax_mode == "incl" else untaxed)
            ):
                continue
            paid = collected = paid_collected = 0.0
            for line in goods:
                share = min(max(line.qty_delivered / line.product_uom_qty, 0.0), 1.0)
                worth = line._groupbuy_get_points_value()
                paid += worth
                paid_collected += worth * share
                collected += line.product_uom_qty * share
            if rule.reward_point_mode == "money":
                total += rule.reward_point_amount * paid_collected
            elif rule.reward_point_mode == "unit":
                total += rule.reward_point_amount * collected
            elif paid > 0:
                total += rule.reward_point_amount * paid_collected / paid
        return float_round(
            max(total, 0.0), precision_digits=PRECISION, rounding_method="DOWN"
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _groupbuy_get_points_value(self):
        """Return what a group line cost its resident, coupons taken off.

        As :meth:`_groupbuy_get_paid`, but what a wallet or gift card paid counts.

        :return: Tax included, in the order's currency, never below zero.
        :rtype: float
        """
        self.ensure_one()
        order = self.order_id
        value = self._groupbuy_get_price_left()
        for reward_line, base in order._groupbuy_get_reward_bases().items():
            if base > 0 and not reward_line.reward_id.program_id.is_payment_program:
                without = order._groupbuy_get_reward_base(reward_line, without=self)
                value += reward_line._groupbuy_get_price_left() * (1 - without / base)
        return max(value, 0.0)
