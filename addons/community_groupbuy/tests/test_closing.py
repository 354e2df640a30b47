# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.community_groupbuy.const import PRIVILEGE
from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestClosing(GroupBuyCommon):
    def test_success_confirms_orders_and_returns_the_difference_once(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 9.0), (3, 8.0)], "tier_measure": "people"}]
        )
        orders = self.env["sale.order"]
        for partner in (self.resident, self.neighbour, self.third):
            orders |= self._join(campaign, partner)
        self.assertEqual(orders.mapped("amount_total"), [10.0, 10.0, 9.0])
        self._close(campaign)
        self.assertEqual(campaign.state, "delivering")
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(orders.mapped("amount_total"), [8.0, 8.0, 8.0])
        self.assertEqual(orders.mapped("groupbuy_amount_refunded"), [2.0, 2.0, 1.0])
        self._run_jobs()
        self.assertEqual(orders.mapped("groupbuy_amount_refunded"), [2.0, 2.0, 1.0])
        self.assertMoneyReconciles(orders)

    def test_a_threshold_is_reached_exactly_at_its_value(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(5, 9.0)], "tier_measure": "quantity"}]
        )
        order = self._join(campaign, quantities={campaign.line_ids: 5})
        self._close(campaign)
        self.assertEqual(order.amount_total, 45.0)

    def test_a_shortfall_refunds_everybody(self):
        campaign = self._create_campaign(min_people=3)
        paid = self._join(campaign, self.resident)
        authorized = self._join(campaign, self.neighbour, state="authorized")
        self._close(campaign)
        self.assertEqual(campaign.state, "failed")
        self.assertEqual((paid | authorized).mapped("state"), ["cancel", "cancel"])
        self.assertEqual(paid.groupbuy_amount_refunded, 10.0)
        self.assertEqual(paid.groupbuy_amount_owed, 0.0)
        self.assertEqual(authorized.transaction_ids.state, "cancel")
        self.assertFalse(campaign.picking_ids | paid.picking_ids)
        self.assertFalse(campaign.purchase_order_ids)
        self.assertEqual(campaign.line_ids.taken_quantity, 0)
        self.assertQuotaMatchesHolds(campaign)

    def test_authorized_money_is_captured_at_the_final_price(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        first = self._join(campaign, self.resident, state="authorized")
        self._join(campaign, self.neighbour, state="authorized")
        self._close(campaign)
        self.assertEqual(first.state, "sale")
        self.assertEqual(first.groupbuy_amount_charged, 8.0)
        self.assertEqual(first.groupbuy_amount_refunded, 0.0)
        self.assertEqual(first.amount_total, 8.0)

    def test_each_group_succeeds_or_fails_on_its_own(self):
        campaign = self._create_campaign(success_scope="group", min_people=2)
        north = self._join(campaign, self.resident) | self._join(
            campaign, self.neighbour
        )
        south = self._join(campaign, self.third, point=self.other_point)
        self._close(campaign)
        self.assertEqual(set(north.mapped("groupbuy_state")), {"confirmed"})
        self.assertEqual(south.groupbuy_state, "failed")
        self.assertEqual(south.groupbuy_amount_refunded, 10.0)

    def test_tiers_counted_by_group_fall_group_by_group(self):
        campaign = self._create_campaign(
            lines=[
                {"tiers": [(2, 7.0)], "tier_measure": "people", "tier_scope": "group"}
            ]
        )
        north = self._join(campaign, self.resident) | self._join(
            campaign, self.neighbour
        )
        south = self._join(campaign, self.third, point=self.other_point)
        self._close(campaign)
        self.assertEqual(north.mapped("amount_total"), [7.0, 7.0])
        self.assertEqual(south.amount_total, 10.0)

    def test_a_shortfall_extends_so_often_and_then_cancels(self):
        campaign = self._create_campaign(
            min_people=2, shortfall_policy="extend", extend_hours=5, extend_max=1
        )
        order = self._join(campaign)
        close_at = campaign.close_at
        self._close(campaign)
        self.assertEqual(campaign.state, "open")
        self.assertEqual(campaign.close_at, close_at + timedelta(hours=5))
        self.assertEqual(order.groupbuy_state, "waiting")
        self._close(campaign)
        self.assertEqual(campaign.state, "failed")
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)

    def test_a_shortfall_may_proceed_at_the_price_paid(self):
        campaign = self._create_campaign(min_people=9, shortfall_policy="proceed")
        order = self._join(campaign)
        self._close(campaign)
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.amount_total, 10.0)

    def test_a_campaign_that_nobody_joined_fails(self):
        campaign = self._create_campaign(shortfall_policy="proceed")
        self._close(campaign)
        self.assertEqual(campaign.state, "failed")

    def test_a_line_below_its_minimum_is_dropped_and_refunded(self):
        campaign = self._create_campaign(
            lines=[{}, {"product": self.egg, "start_price": 20.0, "min_quantity": 5}]
        )
        tomato, egg = campaign.line_ids
        order = self._join(campaign, quantities={tomato: 1, egg: 2})
        only_egg = self._join(campaign, self.neighbour, {egg: 1})
        self._close(campaign)
        self.assertEqual(order.amount_total, 10.0)
        self.assertEqual(order.groupbuy_amount_refunded, 40.0)
        self.assertEqual(only_egg.groupbuy_failure, "dropped")
        self.assertEqual(only_egg.groupbuy_amount_refunded, 20.0)
        self.assertEqual(order.groupbuy_picking_ids.move_ids.product_id, self.tomato)

    def test_the_price_does_not_rise_when_joiners_cancel(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        first = self._join(campaign, self.resident)
        second = self._join(campaign, self.neighbour)
        third = self._join(campaign, self.third)
        self.assertEqual(third.amount_total, 8.0)
        (first | second)[0]._groupbuy_cancel_by_resident()
        second._groupbuy_cancel_by_resident()
        self._close(campaign)
        self.assertEqual(third.amount_total, 8.0)

    def test_a_failed_refund_is_tried_again_and_paid_once(self):
        campaign = self._create_campaign(min_people=2)
        order = self._join(campaign)
        calls = []
        send = type(self.env["payment.transaction"])._send_refund_request

        unreachable = "The provider cannot be reached."

        def refuse_twice(tx):
            calls.append(tx.reference)
            if len(calls) <= 2:
                raise ValidationError(unreachable)
            return send(tx)

        with patch.object(
            type(self.env["payment.transaction"]), "_send_refund_request", refuse_twice
        ):
            self._close(campaign)
            job = order.groupbuy_job_ids.filtered(lambda job: job.kind == "refund")
            self.assertEqual((job.state, job.attempts), ("pending", 1))
            self.assertIn("cannot be reached", job.last_error)
            for _attempt in range(3):
                job.next_try_at = False
                self._run_jobs()
        self.assertEqual(job.state, "done")
        self.assertEqual(len(calls), 3)
        self.assertEqual(len(set(calls)), 1, "The reference is the idempotency key")
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)

    def test_a_job_that_stays_stuck_alerts_the_responsible(self):
        campaign = self._create_campaign(min_people=2)
        order = self._join(campaign)

        refusal = "Refused."

        def refuse(tx):
            raise ValidationError(refusal)

        with patch.object(
            type(self.env["payment.transaction"]), "_send_refund_request", refuse
        ):
            self._close(campaign)
            job = order.groupbuy_job_ids.filtered(lambda job: job.kind == "refund")
            for _attempt in range(8):
                job.next_try_at = False
                self._run_jobs()
        self.assertEqual(job.state, "failed")
        self.assertTrue(order.activity_ids)
        job.with_user(self.manager).action_retry()
        self._run_jobs()
        self.assertEqual(job.state, "done")

    def test_one_orders_failure_stops_no_other(self):
        campaign = self._create_campaign()
        good = self._join(campaign, self.resident)
        bad = self._join(campaign, self.neighbour)
        create = type(bad)._groupbuy_create_pickings

        problem = "This order is broken."

        def fail_for_one(orders):
            if bad in orders:
                raise UserError(problem)
            return create(orders)

        with patch.object(type(bad), "_groupbuy_create_pickings", fail_for_one):
            self._close(campaign)
        self.assertEqual(good.state, "sale")
        self.assertEqual(bad.groupbuy_state, "waiting")
        job = bad.groupbuy_job_ids.filtered(lambda job: job.kind == "confirm")
        self.assertEqual(job.attempts, 1)
        job.next_try_at = False
        self._run_jobs()
        self.assertEqual(bad.state, "sale")

    def test_after_three_hours_of_downtime_everything_is_caught_up_once(self):
        now = fields.Datetime.now()
        campaign = self._create_campaign(
            state="draft",
            open_at=now - timedelta(hours=8),
            close_at=now + timedelta(hours=1),
            lines=[{}],
        )
        campaign.action_schedule()
        self._run_open_and_close()
        self.assertEqual(campaign.state, "open")
        order = self._join(campaign)
        campaign.with_context(groupbuy_system_write=PRIVILEGE).close_at = (
            now - timedelta(hours=3)
        )
        self._run_open_and_close()
        self._run_jobs()
        self._run_open_and_close()
        self._run_jobs()
        self.assertEqual(campaign.state, "delivering")
        self.assertEqual(order.state, "sale")
        self.assertEqual(len(order.groupbuy_picking_ids), 1)

    def test_a_daily_campaign_keeps_its_wall_clock_over_a_clock_change(self):
        campaign = self._create_campaign(
            state="draft",
            tz="Europe/Berlin",
            # 18:00 to 20:00 in Berlin on the day before the clocks go back.
            open_at=datetime(2027, 10, 30, 16, 0),
            close_at=datetime(2027, 10, 30, 18, 0),
            pickup_from=datetime(2027, 10, 31, 17, 0),
            pickup_until=datetime(2027, 10, 31, 19, 0),
            recurrence="daily",
            lines=[{}],
        )
        campaign._create_next()
        following = campaign.next_campaign_ids
        self.assertEqual(following.open_at, datetime(2027, 10, 31, 17, 0))
        self.assertEqual(following.close_at, datetime(2027, 10, 31, 19, 0))
        campaign._create_next()
        self.assertEqual(len(campaign.next_campaign_ids), 1)

    def test_an_outcome_cannot_be_changed(self):
        campaign = self._create_campaign()
        self._join(campaign)
        self._close(campaign)
        outcome = campaign.line_ids.outcome_ids
        with self.assertRaises(UserError):
            outcome.price = 1.0
        with self.assertRaises(UserError):
            outcome.unlink()

    def test_a_running_campaign_cannot_be_made_worse(self):
        campaign = self._create_campaign(lines=[{"tiers": [(5, 9.0)]}])
        line = campaign.line_ids
        self._join(campaign)
        with self.assertRaises(UserError):
            line.start_price = 9.5
        edited = line.with_context(groupbuy_edit_reason="Supplier got cheaper")
        edited.start_price = 9.5
        with self.assertRaises(UserError):
            edited.start_price = 11.0
        with self.assertRaises(UserError):
            edited.tier_ids.price = 9.2
        with self.assertRaises(UserError):
            edited.tier_ids.unlink()
        edited_campaign = campaign.with_context(groupbuy_edit_reason="Rain")
        with self.assertRaises(UserError):
            edited_campaign.pickup_from = campaign.pickup_from + timedelta(hours=1)
        edited_campaign.pickup_until = campaign.pickup_until + timedelta(hours=1)

    def test_a_limit_below_what_is_claimed_is_refused(self):
        campaign = self._create_campaign(lines=[{"cap": 5}])
        line = campaign.line_ids.with_context(groupbuy_edit_reason="Less harvest")
        self._join(campaign, quantities={campaign.line_ids: 3})
        line.cap = 3
        with self.assertRaises(UserError):
            line.cap = 2

    def test_a_price_below_cost_needs_a_manager(self):
        campaign = self._create_campaign(state="draft", lines=[{"start_price": 3.0}])
        with self.assertRaises(UserError):
            campaign.with_user(self.user).action_open_now()
        with self.assertRaises(UserError):
            campaign.line_ids.with_user(self.user).action_approve_below_cost()
        campaign.line_ids.with_user(self.manager).action_approve_below_cost()
        campaign.with_user(self.user).action_open_now()
        self.assertEqual(campaign.state, "open")

    def test_a_lead_time_longer_than_the_pickup_window_allows_is_refused(self):
        self.tomato.seller_ids.delay = 30
        campaign = self._create_campaign(state="draft", lines=[{}])
        with self.assertRaises(UserError):
            campaign.action_schedule()

    def test_residents_are_told_once_and_in_their_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.neighbour.lang = "zh_CN"
        campaign = self._create_campaign(min_people=3)
        english = self._join(campaign, self.resident)
        chinese = self._join(campaign, self.neighbour)
        self._close(campaign)
        self._run_jobs()
        subjects = {
            order: self.env["mail.mail"]
            .search([("model", "=", "sale.order"), ("res_id", "=", order.id)])
            .mapped("subject")
            for order in english | chinese
        }
        self.assertEqual(len(subjects[english]), 2, "joined and refunded")
        self.assertEqual(len(subjects[chinese]), 2)
        self.assertTrue(any("you have joined" in text for text in subjects[english]))
        self.assertFalse(any("you have joined" in text for text in subjects[chinese]))
