# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.community_groupbuy.const import PRIVILEGE

from .common_flash import FlashCommon


@tagged("post_install", "-at_install")
class TestFlashSale(FlashCommon):
    """The window of a flash sale, to the second."""

    def _create_scheduled(self, open_at, seconds=60, **values):
        """Return a flash sale that is going to open at a moment (UTC)."""
        with freeze_time(open_at - timedelta(days=1)):
            return self._create_flash(
                state="scheduled",
                **{
                    "open_at": open_at,
                    "close_at": open_at + timedelta(seconds=seconds),
                    "pickup_from": open_at + timedelta(days=4),
                    "pickup_until": open_at + timedelta(days=6),
                    **values,
                },
            )

    def test_sale_opens_and_closes_to_the_second(self):
        start = datetime(2026, 6, 18, 2, 0, 7)
        campaign = self._create_scheduled(start)
        for seconds, is_joinable in ((-1, False), (0, True), (59, True), (60, False)):
            with freeze_time(start + timedelta(seconds=seconds)):
                self.assertEqual(campaign._is_joinable(), is_joinable, seconds)
        self.assertEqual(campaign.state, "scheduled", "No scheduled job has run")

    def test_first_request_opens_the_sale(self):
        start = datetime(2026, 6, 18, 2, 0, 7)
        campaign = self._create_scheduled(start)
        self.env.flush_all()
        with freeze_time(start - timedelta(seconds=1)):
            self.assertFalse(campaign._flash_open_if_due(campaign.id))
        with freeze_time(start):
            self.assertTrue(campaign._flash_open_if_due(campaign.id))
            self.assertFalse(campaign._flash_open_if_due(campaign.id), "Once")
        self.assertEqual(campaign.state, "open")
        self.assertEqual(len(campaign.group_ids), 2)

    def test_draft_never_opens_by_its_time(self):
        campaign = self._create_flash(state="draft")
        self.assertFalse(campaign._is_joinable())
        self.env.flush_all()
        self.assertFalse(campaign._flash_open_if_due(campaign.id))

    def test_scheduled_job_opens_what_no_request_opened(self):
        campaign = self._create_flash(
            state="scheduled", open_at=fields.Datetime.now() - timedelta(seconds=5)
        )
        self._run_open_and_close()
        self.assertEqual(campaign.state, "open")

    def test_sale_that_nobody_opened_ends_after_downtime(self):
        now = fields.Datetime.now()
        campaign = self._create_flash(
            state="scheduled",
            open_at=now - timedelta(hours=2),
            close_at=now - timedelta(hours=1),
        )
        self._run_open_and_close()
        self.assertEqual(campaign.state, "failed")

    def test_window_in_the_night_of_a_clock_change(self):
        # In Berlin 25 October 2026 has 02:30 twice: 00:30 and 01:30 in UTC.
        start = datetime(2026, 10, 25, 0, 30, 0)
        campaign = self._create_scheduled(start, seconds=3600 + 15, tz="Europe/Berlin")
        for moment, is_joinable in (
            (start - timedelta(seconds=1), False),
            (start, True),
            # The clock shows 02:30 again: the sale is on.
            (datetime(2026, 10, 25, 1, 30, 0), True),
            (datetime(2026, 10, 25, 1, 30, 14), True),
            (datetime(2026, 10, 25, 1, 30, 15), False),
        ):
            with freeze_time(moment):
                self.assertEqual(campaign._is_joinable(), is_joinable, moment)
        # In spring 02:30 is skipped: a minute from 01:59:30 ends at 03:00:30.
        start = datetime(2027, 3, 28, 0, 59, 30)
        campaign = self._create_scheduled(start, seconds=60, tz="Europe/Berlin")
        with freeze_time(datetime(2027, 3, 28, 1, 0, 29)):
            self.assertTrue(campaign._is_joinable())
            live = campaign._get_live_values()
            self.assertEqual(live["close_at"], "2027-03-28T01:00:30Z")
            self.assertEqual(live["server_now"], "2027-03-28T01:00:29Z")

    # === PAYING === #

    def test_joining_a_flash_sale(self):
        campaign = self._create_flash()
        self._ask(campaign, self.resident)
        order = self._join(campaign, self.resident)
        self.assertEqual((order.state, order.groupbuy_state), ("sent", "waiting"))
        self.assertEqual(self._get_tickets(campaign).state, "bought")
        self._close(campaign)
        self.assertEqual(order.groupbuy_state, "confirmed")
        self.assertMoneyReconciles(order)

    def test_payment_opens_a_sale_that_is_open_by_its_time_alone(self):
        campaign = self._create_flash(
            state="scheduled", open_at=fields.Datetime.now() - timedelta(seconds=1)
        )
        self.env.flush_all()
        self._ask(campaign, self.resident)
        order = self._join(campaign, self.resident)
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertEqual(campaign.state, "open")

    def _end(self, campaign):
        """Let the sale end now, holds and turns staying as they are."""
        campaign.with_context(groupbuy_system_write=PRIVILEGE).close_at = (
            fields.Datetime.now() - timedelta(seconds=1)
        )
        self.env.flush_all()

    def test_cart_of_the_last_second_can_be_paid_in_its_minutes(self):
        campaign = self._create_flash()
        self._ask(campaign, self.resident)
        order = self._create_cart(campaign, self.resident)
        self._end(campaign)
        self._run_open_and_close()
        self.assertEqual(campaign.state, "open", "The close waits for the cart")
        order._check_cart_is_ready_to_be_paid()
        self._pay(order)
        self.assertEqual(order.groupbuy_state, "waiting")
        self._run_open_and_close()
        self.assertEqual(campaign.state, "succeeded")

    def test_nothing_new_is_taken_after_the_end(self):
        campaign = self._create_flash(cap=3, limit=2)
        self._ask(campaign, self.resident)
        self._ask(campaign, self.neighbour)
        order = self._create_cart(campaign, self.resident)
        self._end(campaign)
        warning = order._cart_update_line_quantity(order.order_line.id, 2)["warning"]
        self.assertIn("closed", warning)
        self.assertEqual(order.order_line.product_uom_qty, 1)
        with self.assertRaisesRegex(UserError, "closed"):
            self._create_cart(campaign, self.neighbour)

    def test_expired_cart_is_not_paid_after_the_end(self):
        campaign = self._create_flash()
        self._ask(campaign, self.resident)
        order = self._create_cart(campaign, self.resident)
        self._end(campaign)
        self._expire_holds(campaign)
        self.env["groupbuy.hold"]._expire()
        with self.assertRaisesRegex(ValidationError, "closed"):
            order._check_cart_is_ready_to_be_paid()
        self._run_open_and_close()
        self.assertEqual(campaign.state, "failed")

    def test_grace_cannot_be_asked_for_by_a_context(self):
        campaign = self._create_flash()
        self._end(campaign)
        for value in (True, 1, "PRIVILEGE"):
            forged = campaign.with_context(groupbuy_flash_grace=value)
            self.assertFalse(forged._is_joinable())

    # === SETTING UP === #

    def test_flash_sale_needs_a_cap_and_a_limit(self):
        for values in ({"cap": 0}, {"limit": 0}):
            campaign = self._create_flash(state="draft", **values)
            with self.assertRaisesRegex(UserError, "cap"):
                campaign.action_schedule()
            self.assertEqual(campaign.state, "draft")
        campaign = self._create_flash(state="draft", limit=0, flash_queue=False)
        campaign.action_schedule()
        self.assertEqual(campaign.state, "scheduled")

    def test_mode_of_an_open_campaign_stays(self):
        campaign = self._create_flash()
        with self.assertRaisesRegex(UserError, "Duplicate"):
            campaign.mode = "community"
        other = self._create_campaign()
        with self.assertRaisesRegex(UserError, "Duplicate"):
            other.mode = "flash"

    def test_form_suggests_short_holds(self):
        campaign = self._create_flash(state="draft", mode="community")
        campaign.hold_minutes = 15
        with Form(campaign.with_user(self.manager)) as form:
            form.mode = "flash"
        self.assertEqual(campaign.hold_minutes, 5)

    def test_other_campaigns_are_left_alone(self):
        campaign = self._create_campaign()
        self.assertTrue(self._create_cart(campaign).order_line)
        self._end(campaign)
        self.assertFalse(campaign._is_joinable())
        self._run_open_and_close()
        self.assertEqual(campaign.state, "failed", "No grace without a flash sale")
