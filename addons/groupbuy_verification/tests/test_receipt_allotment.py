# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import random

from odoo.tests import BaseCase, tagged

from odoo.addons.groupbuy_verification.allotment import (
    PAYMENT_ORDER,
    PROPORTIONAL,
    Demand,
    allot,
)


def demands(*quantities):
    return [Demand(key, quantity, (key,)) for key, quantity in enumerate(quantities)]


@tagged("post_install", "-at_install")
class TestAllotment(BaseCase):
    def test_who_paid_last_bears_a_shortage_by_order_of_payment(self):
        self.assertEqual(allot(3, demands(2, 2, 2), PAYMENT_ORDER, 1), {1: 1, 2: 2})

    def test_the_order_of_the_list_does_not_matter(self):
        shuffled = list(reversed(demands(2, 2, 2)))
        self.assertEqual(allot(3, shuffled, PAYMENT_ORDER, 1), {1: 1, 2: 2})

    def test_everybody_gets_the_same_share_in_proportion(self):
        self.assertEqual(
            allot(6, demands(2, 4, 6), PROPORTIONAL, 1), {0: 1, 1: 2, 2: 3}
        )

    def test_largest_remainders_get_the_last_pieces(self):
        # 10 of 12 come: the exact shares are 4.17, 3.33 and 2.5.
        self.assertEqual(allot(2, demands(5, 4, 3), PROPORTIONAL, 1), {0: 1, 1: 1})

    def test_on_equal_remainders_who_paid_first_is_served(self):
        self.assertEqual(allot(2, demands(1, 1, 1), PROPORTIONAL, 1), {1: 1, 2: 1})

    def test_what_is_weighed_is_allotted_finely(self):
        less = allot(0.5, demands(1.0, 1.0, 1.0), PROPORTIONAL, 0.01)
        self.assertAlmostEqual(sum(less.values()), 0.5)
        self.assertEqual(sorted(less.values()), [0.16, 0.17, 0.17])

    def test_nobody_loses_more_than_he_waits_for(self):
        for rule in (PAYMENT_ORDER, PROPORTIONAL):
            self.assertEqual(allot(9, demands(2, 1), rule, 1), {0: 2, 1: 1})
            self.assertEqual(allot(0, demands(2, 1), rule, 1), {})
            self.assertEqual(allot(3, [], rule, 1), {})

    def test_an_unknown_rule_is_refused(self):
        with self.assertRaises(ValueError):
            allot(1, demands(1), "loudest first", 1)

    def test_random_shortages_keep_the_promises_of_the_rules(self):
        dice = random.Random(3)
        for _time in range(2000):
            step = dice.choice((1, 0.01))
            waiting = demands(
                *(dice.randint(1, 30) * step for _i in range(dice.randint(1, 12)))
            )
            total = sum(demand.quantity for demand in waiting)
            shortage = dice.randint(0, round(total / step)) * step
            for rule in (PAYMENT_ORDER, PROPORTIONAL):
                less = allot(shortage, waiting, rule, step)
                self.assertAlmostEqual(sum(less.values()), shortage, places=6)
                served = [d.quantity - less.get(d.key, 0.0) for d in waiting]
                for demand, got in zip(waiting, served, strict=True):
                    self.assertGreaterEqual(got, -1e-9)
                    self.assertLessEqual(got, demand.quantity + 1e-9)
                    self.assertAlmostEqual(got / step, round(got / step), places=6)
                if rule == PROPORTIONAL:
                    self._check_proportional(waiting, served, total, shortage, step)
                else:
                    self._check_payment_order(waiting, less, shortage, step)

    def _check_proportional(self, waiting, served, total, shortage, step):
        for demand, got in zip(waiting, served, strict=True):
            exact = demand.quantity * (total - shortage) / total
            self.assertLess(abs(got - exact), step)
        by_wish = sorted(
            zip(waiting, served, strict=True), key=lambda pair: pair[0].quantity
        )
        for (small, less), (large, more) in zip(by_wish, by_wish[1:], strict=False):
            if small.quantity < large.quantity:
                self.assertLessEqual(less, more + 1e-9)

    def _check_payment_order(self, waiting, less, shortage, step):
        # Once somebody got less, nobody who paid later gets anything at all.
        hit = False
        for demand in waiting:
            reduction = less.get(demand.key, 0.0)
            if hit:
                self.assertAlmostEqual(reduction, demand.quantity)
            hit = hit or reduction > 0
        # A larger shortage never gives anything back to anybody.
        larger = allot(shortage + step, waiting, PAYMENT_ORDER, step)
        for demand in waiting:
            self.assertGreaterEqual(
                larger.get(demand.key, 0.0) + 1e-9, less.get(demand.key, 0.0)
            )
