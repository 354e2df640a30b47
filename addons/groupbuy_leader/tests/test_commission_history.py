# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import os
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .commission_common import CommissionCommon

# `make bench` asks for more of them.
HISTORIES = int(os.environ.get("GROUPBUY_HISTORIES") or 200)

LINES = 6
STEPS = st.one_of(
    st.tuples(st.just("give"), st.integers(0, LINES - 1), st.integers(1, 4)),
    st.tuples(st.just("compensate"), st.integers(0, LINES - 1), st.integers(1, 4000)),
    st.tuples(st.just("hand_out"), st.integers(0, 1)),
    st.tuples(st.just("cancel"), st.integers(0, 1)),
    st.tuples(st.just("adjust"), st.integers(-900, 900).filter(bool)),
    st.tuples(st.just("wait"), st.integers(1, 12)),
    st.tuples(st.just("settle")),
    st.tuples(st.just("bill")),
    st.tuples(st.just("pay")),
    st.tuples(st.just("reverse")),
)


def round_cent(value):
    """Round half away from zero to the cent, without any code of the addon."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@tagged("post_install", "-at_install")
class TestCommissionHistory(CommissionCommon):
    """Whatever happens to an order and in whatever order: the ledger is the recount."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea = cls._create_product("Tea", cost=1.0)
        tax = cls.env["account.tax"].create(
            {
                "name": "Included 9%",
                "amount": 9.0,
                "price_include_override": "tax_included",
            }
        )
        cls.egg.taxes_id = tax
        cls.sharer = cls.env["groupbuy.leader"].create(
            {
                "partner_id": cls.third.id,
                "company_id": cls.company.id,
                "kind": "koc",
            }
        )
        cls.resident._groupbuy_bind(cls.sharer, "link")
        cls.env["loyalty.program"].create(
            {
                "name": "Three off",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create({"minimum_qty": 0})],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 3,
                            "discount_mode": "per_order",
                            "discount_applicability": "order",
                        }
                    )
                ],
            }
        )
        cls.plan.minimum_payout = 0.5
        cls.plan.rule_ids = [
            Command.create(
                {
                    "product_tmpl_id": cls.egg.product_tmpl_id.id,
                    "amount_type": "fixed",
                    "unit_amount": 0.333,
                }
            ),
            Command.create(
                {
                    "product_tmpl_id": cls.tea.product_tmpl_id.id,
                    "amount_type": "bracket",
                    "bracket_ids": [
                        Command.create({"lower_bound": lower, "percent": percent})
                        for lower, percent in ((0, 5), (20, 7.77), (33.33, 12))
                    ],
                }
            ),
        ]

    def setUp(self):
        super().setUp()
        campaign = self._create_campaign(
            lines=[
                {"product": self.tomato, "start_price": 7.77},
                {"product": self.egg, "start_price": 12.35},
                {"product": self.tea, "start_price": 6.66},
            ]
        )
        self.orders = self.env["sale.order"].union(
            *(
                self._join_with_coupon(
                    campaign,
                    resident,
                    dict(zip(campaign.line_ids, quantities, strict=True)),
                )
                for resident, quantities in (
                    (self.resident, (3, 5, 4)),
                    (self.neighbour, (1, 2, 3)),
                )
            )
        )
        self._close(campaign)
        self._receive(campaign)
        self.lines = self.orders.order_line.filtered("groupbuy_line_id").sorted("id")
        self.assertEqual(len(self.lines), LINES)
        # What the rules say, counted by hand and not by the addon's code.
        self.accrued = self._count_accrued()
        self.clock = fields.Datetime.now()
        now = patch.object(
            fields.Datetime, "now", staticmethod(lambda *_args: self.clock)
        )
        now.start()
        self.addCleanup(now.stop)

    def _join_with_coupon(self, campaign, resident, quantities):
        """Return an order that is paid with a coupon of 3.00."""
        order = self._create_cart(campaign, resident, quantities)
        order._update_programs_and_rewards()
        order._auto_apply_rewards()
        self.assertTrue(order.order_line.filtered("reward_id"))
        self._pay(order)
        return order

    def _count_bases(self):
        """Return what each line costs after its share of the coupon.

        Odoo makes one discount line for each tax; a line of goods bears its part of
        that of its own tax, in the order of the lines, rounded as a running total.
        """
        bases = {}
        for order in self.orders:
            goods = self.lines.filtered(
                lambda line, order=order: line.order_id == order
            )
            rewards = order.order_line.filtered("reward_id")
            self.assertEqual(len(rewards), 2)
            for reward in rewards:
                own = goods.filtered(
                    lambda line, reward=reward: line.tax_ids == reward.tax_ids
                )
                whole = sum(Fraction(str(line.price_total)) for line in own)
                running, given = Fraction(0), Decimal(0)
                for line in own:
                    running += Fraction(str(line.price_total))
                    reached = round_cent(
                        Fraction(str(reward.price_subtotal)) * running / whole
                    )
                    bases[line] = Fraction(str(line.price_subtotal)) + Fraction(
                        reached - given
                    )
                    given = reached
        return bases

    def _count_accrued(self):
        """Return what each line earns, counted from the rules in fractions.

        The volume of the brackets runs through the orders as they were confirmed.
        """
        accrued, volume = {}, Fraction(0)

        def marginal(amount):
            slices = ((0, 20, "5"), ("20", "33.33", "7.77"), ("33.33", None, "12"))
            return sum(
                (
                    (
                        (min(amount, Fraction(upper)) if upper else amount)
                        - Fraction(lower)
                    )
                    * Fraction(rate)
                    / 100
                    for lower, upper, rate in slices
                    if amount > Fraction(lower)
                ),
                Fraction(0),
            )

        self.bases = self._count_bases()
        for line in self.lines:
            base = self.bases[line]
            if line.product_id == self.egg:
                accrued[line] = round_cent(
                    Fraction("0.333") * Fraction(str(line.product_uom_qty))
                )
            elif line.product_id == self.tea:
                before = round_cent(marginal(volume))
                volume += base
                accrued[line] = round_cent(marginal(volume)) - before
            else:
                accrued[line] = round_cent(base * 10 / 100)
        self.shared = {
            line: round_cent(self.bases[line] * 3 / 100)
            for line in self.lines
            if line.order_id == self.orders[0]
        }
        self.quantities = {line: line.product_uom_qty for line in self.lines}
        return accrued

    def _recount(self, accrued):
        """Return what each line's commission is now, from the facts alone."""
        result = {}
        for line, commission in accrued.items():
            facts = self.orders.groupbuy_allowance_ids.filtered(
                lambda fact, line=line: fact.order_line_id == line
            )
            given = sum(facts.mapped("quantity"))
            taken = sum(
                (
                    Fraction(str(fact.amount_untaxed))
                    for fact in facts
                    if not fact.quantity
                ),
                Fraction(0),
            )
            base, quantity = self.bases[line], self.quantities[line]
            if line.order_id.state == "cancel" or given >= quantity:
                left = Fraction(0)
            else:
                pieces = 1 - Fraction(str(given)) / Fraction(str(quantity))
                left = max(pieces - taken / base, Fraction(0))
            result[line] = round_cent(Fraction(str(commission)) * left)
        return result

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        derandomize=HISTORIES <= 200,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(st.lists(STEPS, min_size=3, max_size=12))
    def test_the_ledger_is_the_recount_after_any_history(self, steps):
        begin = self.clock
        self.adjusted = Decimal(0)
        self.number = 0
        with self.env.cr.savepoint() as savepoint:
            try:
                for name, *arguments in steps:
                    self._do(name, *arguments)
                self._check()
            finally:
                self.clock = begin
                savepoint.rollback()
                self.env.invalidate_all()

    def _do(self, name, *arguments):
        """Do a step; one that is refused changes nothing."""
        self.number += 1
        self.clock += timedelta(hours=1)
        adjusted = self.adjusted
        try:
            with self.env.cr.savepoint():
                getattr(self, f"_do_{name}")(*arguments)
                self.env.flush_all()
        except UserError:
            self.adjusted = adjusted
        self.env.invalidate_all()

    def _do_give(self, index, quantity):
        line = self.lines[index]
        line.order_id._groupbuy_give_back(
            {line: quantity}, "staff", f"case/{self.number}"
        )

    def _do_compensate(self, index, cents):
        line = self.lines[index]
        line.order_id._groupbuy_compensate(
            {line: cents / 100}, "staff", f"case/{self.number}"
        )

    def _do_hand_out(self, index):
        pickings = self.orders[index].groupbuy_picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )
        for picking in pickings:
            self._validate(picking)

    def _do_cancel(self, index):
        self.orders[index].action_cancel()

    def _do_adjust(self, cents):
        adjustment = self.env["groupbuy.commission.adjustment"].create(
            {
                "leader_id": self.leader.id,
                "amount": cents / 100,
                "reason": "For the test",
            }
        )
        adjustment.action_submit()
        self.adjusted += Decimal(cents) / 100

    def _do_wait(self, days):
        self.clock += timedelta(days=days)

    def _do_settle(self):
        self.env["groupbuy.settlement"]._settle(self.company, self.leader | self.sharer)

    def _get_settlements(self, *states):
        return self.env["groupbuy.settlement"].search(
            [
                ("leader_id", "in", (self.leader | self.sharer).ids),
                ("state", "in", states),
            ]
        )

    def _do_bill(self):
        drafts = self._get_settlements("draft")
        drafts.action_submit()
        self._get_settlements("approved").action_bill()

    def _do_pay(self):
        bills = self._get_settlements("billed").bill_id
        if bills:
            self._pay_bills(bills)

    def _do_reverse(self):
        self._get_settlements("draft", "billed", "carried")[:1]._reverse("A mistake")

    def _check(self):
        """Assert that ledger, settlements, bills and facts agree to the cent."""
        recount = self._recount(self.accrued)
        entries = self.ledger.search([("leader_id", "=", self.leader.id)])

        def total(records, name="amount"):
            return sum(
                (Decimal(str(round(value, 6))) for value in records.mapped(name)),
                Decimal(0),
            )

        for line, expected in recount.items():
            own = entries.filtered(lambda entry, line=line: entry.order_line_id == line)
            self.assertEqual(total(own), expected, line.name)
        for line, expected in self._recount(self.shared).items():
            own = self.ledger.search(
                [
                    ("leader_id", "=", self.sharer.id),
                    ("order_line_id", "=", line.id),
                ]
            )
            self.assertEqual(total(own), expected, line.name)
        whole = sum(recount.values()) + self.adjusted
        self.assertEqual(total(entries), whole)
        # Where the money of the ledger is.
        settlements = self.env["groupbuy.settlement"].search(
            [("leader_id", "=", self.leader.id), ("state", "!=", "reversed")]
        )
        waiting = entries.filtered(lambda entry: not entry.settlement_id)
        last = settlements.filtered(lambda rec: not rec.carried_into_id)
        self.assertEqual(total(waiting) + total(last, "balance"), whole)
        for settlement in settlements:
            self.assertEqual(total(settlement.entry_ids), total(settlement))
            self.assertTrue(
                settlement.balance > 0 or settlement.state == "carried",
                "A negative total is never billed",
            )
        items = self.env["account.move.line"].search(
            [
                ("move_id.partner_id", "=", self.leader.partner_id.id),
                ("move_id.journal_id.is_self_billing", "=", True),
                ("parent_state", "=", "posted"),
                ("display_type", "=", "product"),
            ]
        )
        billed = settlements.filtered(lambda rec: rec.state in ("billed", "paid"))
        self.assertEqual(total(items, "balance"), total(billed, "balance"))
        wrong = self.env["groupbuy.settlement.reconciliation"].search(
            [
                ("leader_id", "=", self.leader.id),
                (
                    "cause",
                    "in",
                    (
                        "ledger",
                        "carried",
                        "bill_missing",
                        "bill_differs",
                        "reversal_missing",
                    ),
                ),
            ]
        )
        self.assertFalse(wrong.mapped("cause"))
        self.assertFacts(self.orders)
