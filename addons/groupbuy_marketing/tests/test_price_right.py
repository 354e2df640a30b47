# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .tasks_common import TasksCommon


@tagged("post_install", "-at_install")
class TestPriceRight(TasksCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls._prepare(cls._create_campaign)
        cls.line = cls.campaign.line_ids

    def _give(self, partner=None, price=6.0, quantity=1, key="test/1"):
        return self.env["groupbuy.price.right"].create(
            {
                "key": key,
                "partner_id": (partner or self.resident).id,
                "line_id": self.line.id,
                "price": price,
                "quantity": quantity,
            }
        )

    def _pay_cart(self, cart):
        cart._check_cart_is_ready_to_be_paid()
        return self._pay(cart)

    def test_a_task_gives_the_right_to_a_low_price(self):
        self._create_task(
            target=1,
            reward_type="low_price",
            offer_line_id=self.line.id,
            offer_price=6,
        )
        self._do()
        self._work()
        order = self._join(self.campaign)
        self.assertEqual(order.amount_total, 6)
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertTrue(order.order_line.groupbuy_right_id.is_used)
        self._close(self.campaign)
        self.assertEqual(order.groupbuy_state, "confirmed")
        self.assertEqual(order.order_line.groupbuy_final_price, 6)
        self._receive(self.campaign)
        self._hand_out(order)
        self._run_jobs()
        self.assertMoneyReconciles(order)

    def test_the_right_is_its_residents(self):
        self._give()
        self.assertEqual(self._create_cart(self.campaign).amount_total, 6)
        cart = self._create_cart(self.campaign, self.neighbour)
        self.assertEqual(cart.amount_total, 10)

    def test_a_right_is_used_in_one_order(self):
        right = self._give()
        first = self._create_cart(self.campaign)
        second = self._create_cart(self.campaign)
        self.assertEqual((first.amount_total, second.amount_total), (6, 6))
        self._pay_cart(first)
        self.assertEqual(right.order_id, first)
        with self.assertRaisesRegex(ValidationError, "used in another order"):
            second._check_cart_is_ready_to_be_paid()
        second._verify_cart()
        self.assertEqual(second.amount_total, 10)
        self._pay_cart(second)
        self.assertEqual(second.groupbuy_state, "waiting")
        self.assertEqual(self._create_cart(self.campaign).amount_total, 10)

    def test_a_cart_that_is_being_paid_has_the_right_for_its_minutes(self):
        right = self._give()
        first = self._create_cart(self.campaign)
        first._check_cart_is_ready_to_be_paid()
        self.assertEqual(right.order_id, first)
        self.assertFalse(right.is_used)
        self.assertEqual(self._create_cart(self.campaign).amount_total, 10)
        right.sudo().held_until = fields.Datetime.now() - timedelta(minutes=1)
        self.assertEqual(self._create_cart(self.campaign).amount_total, 6)

    def test_a_payment_that_comes_after_the_right_was_used_goes_back(self):
        right = self._give()
        late = self._create_cart(self.campaign)
        late._check_cart_is_ready_to_be_paid()
        right.sudo().held_until = fields.Datetime.now() - timedelta(minutes=1)
        quick = self._create_cart(self.campaign)
        self._pay_cart(quick)
        self.assertEqual(quick.groupbuy_state, "waiting")
        payment = self._pay(late)
        self._run_jobs()
        self.assertEqual(
            (late.groupbuy_state, late.groupbuy_failure), ("failed", "right")
        )
        self.assertIn("low price had been used", late._groupbuy_get_failure_text())
        refunds = payment.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund"
        )
        self.assertEqual(refunds.amount, -6)
        self.assertEqual(right.order_id, quick)
        self.assertQuotaMatchesHolds(self.campaign)

    def test_a_payment_that_is_late_but_first_keeps_the_right(self):
        right = self._give()
        late = self._create_cart(self.campaign)
        late._check_cart_is_ready_to_be_paid()
        right.sudo().held_until = fields.Datetime.now() - timedelta(minutes=1)
        self._pay(late)
        self.assertEqual(late.groupbuy_state, "waiting")
        self.assertTrue(right.is_used)

    def test_a_larger_order_pays_the_price_of_the_campaign(self):
        self._give(quantity=2)
        cart = self._create_cart(self.campaign, quantities={self.line: 2})
        self.assertEqual(cart.amount_total, 12)
        cart = self._create_cart(self.campaign, quantities={self.line: 3})
        self.assertEqual(cart.amount_total, 30)

    def test_a_cancelled_order_gives_the_right_back(self):
        right = self._give()
        order = self._join(self.campaign)
        order._groupbuy_cancel_by_resident()
        self._run_jobs()
        self.env.invalidate_all()
        self.assertFalse(right.is_used)
        self.assertEqual(self._join(self.campaign).amount_total, 6)

    def test_a_group_price_below_the_right_is_what_is_paid_in_the_end(self):
        campaign = self._create_campaign(state="draft", lines=[{"tiers": [(2, 5.0)]}])
        campaign.action_open_now()
        self.line = campaign.line_ids
        self._give()
        order = self._join(campaign)
        self.assertEqual(order.amount_total, 6)
        self._join(campaign, self.neighbour)
        self._close(campaign)
        self.assertEqual(order.order_line.groupbuy_final_price, 5)
        self.assertMoneyReconciles(order)

    def test_the_best_of_several_rights_is_used(self):
        self._give(price=8.0, key="a")
        self._give(price=5.0, key="b")
        first = self._join(self.campaign)
        second = self._join(self.campaign)
        self.assertEqual((first.amount_total, second.amount_total), (5, 8))

    def test_nobody_writes_rights_by_hand(self):
        right = self._give(self.neighbour)
        cart = self._create_cart(self.campaign)
        self.user.group_ids += self.env.ref("sales_team.group_sale_manager")
        with self.assertRaisesRegex(AccessError, "are earned"):
            cart.order_line.with_user(self.user).write({"groupbuy_right_id": right.id})
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            right.with_user(self.manager).write({"price": 1})
        self.assertEqual(cart.amount_total, 10)

    def test_a_low_price_makes_sense(self):
        for values in (
            {"offer_price": 0},
            {"offer_price": 10},
            {"offer_price": 6, "offer_quantity": 0},
            {"offer_line_id": False},
        ):
            task = self._create_task(
                is_open=False,
                **{
                    "reward_type": "low_price",
                    "offer_line_id": self.line.id,
                    **values,
                },
            )
            with self.subTest(values=values), self.assertRaises(UserError):
                task.action_open()
        with (
            self.assertRaisesRegex(Exception, "price_positive"),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._give(price=0.0, key="zero")

    def test_used_and_unused_rights_can_be_searched(self):
        right = self._give()
        rights = self.env["groupbuy.price.right"]
        self.assertIn(right, rights.search([("is_used", "=", False)]))
        self._join(self.campaign)
        self.env.invalidate_all()
        self.assertIn(right, rights.search([("is_used", "=", True)]))
        self.assertNotIn(right, rights.search([("is_used", "=", False)]))
