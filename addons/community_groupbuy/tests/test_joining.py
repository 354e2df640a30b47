# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.community_groupbuy.const import PRIVILEGE
from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestJoining(GroupBuyCommon):
    def test_a_paid_order_waits_and_is_not_confirmed(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        self.assertEqual(order.state, "sent")
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertFalse(order.picking_ids)
        self.assertEqual(campaign.people_count, 1)

    def test_an_authorized_order_waits_and_is_not_confirmed(self):
        order = self._join(self._create_campaign(), state="authorized")
        self.assertEqual(order.state, "sent")
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertEqual(order.transaction_ids.state, "authorized")

    def test_the_cart_takes_the_price_of_the_campaign(self):
        campaign = self._create_campaign(lines=[{"start_price": 9.9}])
        order = self._create_cart(campaign, quantities={campaign.line_ids: 3})
        self.assertEqual(order.order_line.filtered("groupbuy_line_id").price_unit, 9.9)
        self.assertAlmostEqual(order.amount_total, 29.7)

    def test_the_shown_price_falls_when_a_tier_is_reached(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 9.0)], "tier_measure": "people"}]
        )
        first = self._join(campaign, self.resident)
        self.assertEqual(first.amount_total, 10.0)
        second = self._join(campaign, self.neighbour)
        self.assertEqual(second.amount_total, 10.0)
        third = self._join(campaign, self.third)
        self.assertEqual(third.amount_total, 9.0)

    def test_nothing_is_sold_beyond_the_limit(self):
        campaign = self._create_campaign(lines=[{"cap": 5}])
        line = campaign.line_ids
        self._join(campaign, self.resident, {line: 3})
        cart = self._create_cart(campaign, self.neighbour, {line: 3})
        self.assertFalse(cart.order_line)
        cart = self._create_cart(campaign, self.neighbour, {line: 2})
        self.assertEqual(cart.order_line.product_uom_qty, 2)
        self.assertEqual(line.available_quantity, 0)
        self.assertQuotaMatchesHolds(campaign)

    def test_the_limit_per_resident_counts_all_orders(self):
        campaign = self._create_campaign(lines=[{"limit_per_resident": 3}])
        line = campaign.line_ids
        self._join(campaign, self.resident, {line: 2})
        cart = self._create_cart(campaign, self.resident, {line: 2})
        self.assertFalse(cart.order_line)
        cart = self._create_cart(campaign, self.resident, {line: 1})
        self.assertTrue(cart.order_line)

    def test_a_cart_holds_one_campaign(self):
        campaign = self._create_campaign()
        other = self._create_campaign(name="Eggs", lines=[{"product": self.egg}])
        cart = self._create_cart(campaign)
        with self.assertRaises(UserError):
            cart._cart_add(self.egg.id, 1, groupbuy_line_id=other.line_ids.id)
        with self.assertRaises(UserError):
            cart._cart_add(self.egg.id, 1)

    def test_forged_lines_are_refused(self):
        campaign = self._create_campaign()
        draft = self._create_campaign(state="draft", lines=[{"product": self.egg}])
        cart = self._create_cart(campaign)
        for line_id in (
            0,
            -1,
            "x",
            None,
            10**9,
            1e99,
            "1 OR 1=1",
            draft.line_ids.id,
        ):
            if line_id is None:
                continue
            with self.assertRaises(UserError):
                cart._cart_add(self.egg.id, 1, groupbuy_line_id=line_id)
        with self.assertRaises(UserError):
            cart._cart_add(self.egg.id, 1, groupbuy_line_id=campaign.line_ids.id)

    def test_quantities_that_are_none_are_refused(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        for quantity in (-1, 0.5, 1e9, float("nan"), float("inf")):
            cart = self._create_cart(campaign, quantities={line: quantity})
            self.assertFalse(cart.order_line, quantity)
        self.assertEqual(line.taken_quantity, 0)

    def test_nobody_joins_after_the_closing_time_even_if_the_job_is_late(self):
        campaign = self._create_campaign()
        cart = self._create_cart(campaign)
        campaign.with_context(groupbuy_system_write=PRIVILEGE).write(
            {
                "open_at": fields.Datetime.now() - timedelta(days=2),
                "close_at": fields.Datetime.now() - timedelta(minutes=1),
            }
        )
        with self.assertRaises(ValidationError):
            cart._check_cart_is_ready_to_be_paid()

    def test_a_payment_that_arrives_after_the_close_is_refunded(self):
        campaign = self._create_campaign()
        cart = self._create_cart(campaign)
        tx = self._pay(cart, post_process=False)
        self._close(campaign)
        tx._post_process()
        self.assertEqual(cart.groupbuy_state, "failed")
        self.assertEqual(cart.groupbuy_failure, "late")
        self._run_jobs()
        self.assertEqual(cart.groupbuy_amount_refunded, tx.amount)
        tx._post_process()
        self._run_jobs()
        self.assertEqual(cart.groupbuy_amount_refunded, tx.amount)

    def test_a_second_payment_is_refunded_once(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        second = self._pay(order)
        second._post_process()
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, second.amount)
        self.assertEqual(order.groupbuy_state, "waiting")

    def test_a_smaller_payment_does_not_join_and_is_returned(self):
        campaign = self._create_campaign()
        cart = self._create_cart(campaign)
        self._pay(cart, amount=1.0)
        self.assertEqual(cart.groupbuy_state, "cart")
        self._run_jobs()
        self.assertEqual(cart.groupbuy_amount_refunded, 1.0)

    def test_a_late_payment_of_an_expired_hold_claims_again(self):
        campaign = self._create_campaign(lines=[{"cap": 1}])
        cart = self._create_cart(campaign)
        self._expire_holds()
        self.assertEqual(campaign.line_ids.taken_quantity, 0)
        self._pay(cart)
        self.assertEqual(cart.groupbuy_state, "waiting")
        self.assertQuotaMatchesHolds(campaign)

    def test_a_late_payment_is_refunded_when_nothing_is_left(self):
        campaign = self._create_campaign(lines=[{"cap": 1}])
        late = self._create_cart(campaign, self.resident)
        self._expire_holds()
        self._join(campaign, self.neighbour)
        tx = self._pay(late)
        self.assertEqual(late.groupbuy_failure, "sold_out")
        self._run_jobs()
        self.assertEqual(late.groupbuy_amount_refunded, tx.amount)
        self.assertEqual(campaign.line_ids.sold_quantity, 1)
        self.assertQuotaMatchesHolds(campaign)

    def _expire_holds(self):
        self.env.cr.execute(
            "UPDATE groupbuy_hold SET expires_at = now() - interval '1 hour'"
            " WHERE state = 'held'"
        )
        self.env.ref("community_groupbuy.ir_cron_expire_holds").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_resident_cancels_until_the_close_and_frees_the_quota(self):
        campaign = self._create_campaign(lines=[{"cap": 1}])
        order = self._join(campaign)
        order._groupbuy_cancel_by_resident()
        self.assertEqual(order.groupbuy_state, "cancelled")
        self.assertEqual(campaign.line_ids.available_quantity, 1)
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        with self.assertRaises(UserError):
            order._groupbuy_cancel_by_resident()

    def test_a_cancelled_authorization_is_voided(self):
        campaign = self._create_campaign()
        order = self._join(campaign, state="authorized")
        order._groupbuy_cancel_by_resident()
        self._run_jobs()
        self.assertEqual(order.transaction_ids.state, "cancel")
        self.assertEqual(order.groupbuy_amount_charged, 0)

    def test_a_resident_reduces_an_order_and_gets_the_rest_back(self):
        campaign = self._create_campaign(lines=[{"cap": 5}])
        line = campaign.line_ids
        order = self._join(campaign, quantities={line: 5})
        order._groupbuy_reduce({order.order_line.filtered("groupbuy_line_id").id: 2})
        self._run_jobs()
        self.assertEqual(order.amount_total, 20.0)
        self.assertEqual(order.groupbuy_amount_refunded, 30.0)
        self.assertEqual(line.available_quantity, 3)
        self.assertEqual(campaign.amount_sum, 20.0)
        self.assertQuotaMatchesHolds(campaign)

    def test_the_waitlist_is_served_in_order(self):
        campaign = self._create_campaign(lines=[{"cap": 1}])
        line = campaign.line_ids
        order = self._join(campaign)
        waitlist = self.env["groupbuy.waitlist"]
        first = waitlist._join(line, self.neighbour, 1)
        second = waitlist._join(line, self.third, 1)
        self.assertEqual((first | second).mapped("position"), [1, 2])
        order._groupbuy_cancel_by_resident()
        self.assertEqual(first.state, "offered")
        self.assertEqual(second.state, "waiting")
        overtaking = self._create_cart(campaign, self.third)
        self.assertFalse(overtaking.order_line)
        self._join(campaign, self.neighbour)
        self.assertEqual(first.state, "joined")
        self.assertQuotaMatchesHolds(campaign)
