# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_groupbuy.const import PRIVILEGE
from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestCampaignLife(GroupBuyCommon):
    """Series, copies, extensions, cancellations, and who is served first."""

    # === SERIES === #

    def _create_series(self, recurrence, **values):
        """Return a campaign from 10:00 to 12:00 UTC on Monday, 2027-03-01."""
        return self._create_campaign(
            state="draft",
            tz="Asia/Shanghai",
            open_at=datetime(2027, 3, 1, 10),
            close_at=datetime(2027, 3, 1, 12),
            pickup_from=datetime(2027, 3, 2, 8),
            pickup_until=datetime(2027, 3, 2, 12),
            recurrence=recurrence,
            **{"lines": [{}], **values},
        )

    def _run_series(self, campaign, moment):
        """Run the scheduled jobs once at a moment, as after a long downtime."""
        with freeze_time(moment):
            self._run_open_and_close()
            self._run_jobs()
        return campaign.next_campaign_ids

    def test_a_daily_series_goes_on_from_now_after_a_long_downtime(self):
        self.tomato.seller_ids.delay = 0
        campaign = self._create_series("daily")
        with freeze_time("2027-02-28"):
            campaign.action_schedule()
        # Ten days later, in the middle of what would be a round.
        following = self._run_series(campaign, "2027-03-11 11:00:00")
        self.assertEqual(campaign.state, "failed")
        self.assertEqual(len(following), 1)
        self.assertEqual(following.open_at, datetime(2027, 3, 11, 10))
        self.assertEqual(following.close_at, datetime(2027, 3, 11, 12))
        self.assertEqual(following.pickup_from, datetime(2027, 3, 12, 8))
        self.assertEqual(following.state, "scheduled")
        self._run_series(campaign, "2027-03-11 11:01:00")
        self.assertEqual(following.state, "open")
        self.assertEqual(len(campaign.next_campaign_ids), 1)
        self.assertFalse(following.next_campaign_ids)
        second = self._run_series(following, "2027-03-11 12:00:00")
        self.assertEqual(second.open_at, datetime(2027, 3, 12, 10))

    def test_a_weekly_series_keeps_its_day_after_a_long_downtime(self):
        self.tomato.seller_ids.delay = 0
        campaign = self._create_series("weekly")
        with freeze_time("2027-02-28"):
            campaign.action_schedule()
        following = self._run_series(campaign, "2027-03-30 09:00:00")
        self.assertEqual(following.open_at, datetime(2027, 4, 5, 10))
        self.assertEqual(following.open_at.weekday(), 0)
        self.assertEqual(following.pickup_until, datetime(2027, 4, 6, 12))

    def test_a_series_ends_on_its_day(self):
        self.tomato.seller_ids.delay = 0
        campaign = self._create_series("daily", recurrence_until=date(2027, 3, 2))
        with freeze_time("2027-02-28"):
            campaign.action_schedule()
        second = self._run_series(campaign, "2027-03-01 12:00:00")
        self.assertEqual(second.open_at, datetime(2027, 3, 2, 10))
        self.assertFalse(self._run_series(second, "2027-03-02 12:00:00"))
        self.assertEqual(second.state, "failed")

    def test_a_round_that_cannot_be_scheduled_asks_for_help_and_stops_nothing(self):
        self.tomato.seller_ids.delay = 0
        campaign = self._create_series("daily", user_id=self.manager.id)
        with freeze_time("2027-02-28"):
            campaign.action_schedule()
        self.tomato.seller_ids.delay = 30
        following = self._run_series(campaign, "2027-03-01 12:00:00")
        self.assertEqual(following.state, "draft")
        self.assertEqual(following.activity_ids.user_id, self.manager)
        self.assertIn("longer", following.activity_ids.note)

    def test_a_series_keeps_its_lines_and_what_a_manager_accepted(self):
        self.tomato.seller_ids.delay = 0
        campaign = self._create_series(
            "daily",
            lines=[{"start_price": 3.0, "cap": 7, "tiers": [(2, 2.0)]}],
        )
        campaign.line_ids.with_user(self.manager).action_approve_below_cost()
        with freeze_time("2027-02-28"):
            campaign.action_schedule()
        following = self._run_series(campaign, "2027-03-01 12:00:00")
        self.assertEqual(following.state, "scheduled")
        self.assertTrue(following.is_published)
        line = following.line_ids
        self.assertEqual(line.below_cost_approved_by, self.manager)
        self.assertEqual((line.start_price, line.cap), (3.0, 7.0))
        self.assertEqual(line._get_tiers(), [(2.0, 2.0)])

    # === COPIES === #

    def test_a_copy_has_the_offers_and_none_of_the_history(self):
        campaign = self._create_campaign(
            min_people=1,
            community_ids=[Command.set(self.community.ids)],
            pickup_point_ids=[Command.set(self.other_point.ids)],
            lines=[
                {
                    "cap": 9,
                    "limit_per_resident": 4,
                    "min_per_order": 2,
                    "case_size": 6,
                    "tiers": [(5, 9.0), (8, 8.0)],
                    "tier_measure": "quantity",
                },
                {"product": self.egg, "start_price": 20.0},
            ],
        )
        tomato = campaign.line_ids[0]
        self._join(campaign, quantities={tomato: 4}, point=self.other_point)
        self._close(campaign)
        copy = campaign.with_user(self.user).copy()
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.is_published)
        self.assertEqual(copy.name, "Weekend Vegetables (copy)")
        self.assertNotEqual(copy.reference, campaign.reference)
        self.assertEqual(copy.pickup_point_ids, self.other_point)
        for name in ("order_ids", "group_ids", "job_ids", "picking_ids", "closed_at"):
            self.assertFalse(copy[name], name)
        self.assertFalse(copy.is_supply_launched)
        line = copy.line_ids[0]
        for name in (
            "product_id", "start_price", "cap", "limit_per_resident", "min_per_order",
            "case_size", "tier_measure",
        ):  # fmt: skip
            self.assertEqual(line[name], tomato[name], name)
        self.assertEqual(line._get_tiers(), tomato._get_tiers())
        self.assertFalse(line.outcome_ids)
        self.assertFalse(line.stock_quantity)
        self.assertEqual((line.taken_quantity, line.available_quantity), (0, 9))
        self.assertNotEqual(line.quota_id, tomato.quota_id)

    def test_a_copy_keeps_the_lengths_of_its_times(self):
        campaign = self._create_campaign()
        copy = campaign.copy()
        self.assertEqual(
            copy.close_at - copy.open_at, campaign.close_at - campaign.open_at
        )
        self.assertEqual(
            copy.pickup_until - copy.open_at, campaign.pickup_until - campaign.open_at
        )
        self.assertLess(abs(copy.open_at - fields.Datetime.now()), timedelta(minutes=1))
        copy.action_open_now()
        self.assertEqual(copy.state, "open")

    # === EXTENSION === #

    def test_an_extension_moves_the_pickup_only_if_it_has_to(self):
        campaign = self._create_campaign(
            min_people=2, shortfall_policy="extend", extend_hours=24, extend_max=9
        )
        self._join(campaign)
        pickup = campaign.pickup_from, campaign.pickup_until
        self._close(campaign)
        self.assertEqual((campaign.pickup_from, campaign.pickup_until), pickup)

    def test_an_extension_beyond_the_pickup_moves_it_and_keeps_its_length(self):
        campaign = self._create_campaign(
            min_people=2, shortfall_policy="extend", extend_hours=24 * 5, extend_max=1
        )
        order = self._join(campaign)
        length = campaign.pickup_until - campaign.pickup_from
        close_at = campaign.close_at
        self._close(campaign)
        self.assertEqual(campaign.state, "open")
        self.assertEqual(campaign.close_at, close_at + timedelta(days=5))
        self.assertEqual(campaign.pickup_from, campaign.close_at)
        self.assertEqual(campaign.pickup_until - campaign.pickup_from, length)
        self.assertIn("extended to", "".join(campaign.message_ids.mapped("body")))
        # Those who have joined may still go, and new ones may come.
        self._join(campaign, self.neighbour)
        self._close(campaign)
        self.assertEqual(order.state, "sale")

    def test_an_extension_after_downtime_starts_from_now(self):
        campaign = self._create_campaign(
            min_people=2, shortfall_policy="extend", extend_hours=5, extend_max=1
        )
        self._join(campaign)
        now = fields.Datetime.now()
        campaign.with_context(groupbuy_system_write=PRIVILEGE).write(
            {"open_at": now - timedelta(days=2), "close_at": now - timedelta(hours=30)}
        )
        self._run_open_and_close()
        self.assertEqual(campaign.state, "open")
        self.assertGreaterEqual(campaign.close_at, now + timedelta(hours=5))

    # === CANCELLATION === #

    def test_a_cancelled_campaign_refunds_and_voids_everything(self):
        campaign = self._create_campaign(lines=[{"cap": 3}])
        line = campaign.line_ids
        paid = self._join(campaign, self.resident)
        authorized = self._join(campaign, self.neighbour, state="authorized")
        cart = self._create_cart(campaign, self.third)
        waiting = self.env["groupbuy.waitlist"]._join(
            line, self._create_residents(1), 1
        )
        campaign.with_user(self.user).action_cancel()
        self._run_jobs()
        self.assertEqual(campaign.state, "cancelled")
        self.assertEqual(paid.groupbuy_failure, "cancelled")
        self.assertEqual(paid.groupbuy_amount_refunded, 10.0)
        self.assertEqual(authorized.transaction_ids.state, "cancel")
        self.assertEqual(authorized.groupbuy_amount_charged, 0.0)
        self.assertEqual(waiting.state, "expired")
        self.assertEqual(line.sold_quantity, 0)
        # A cart of it can no longer be paid, and a payment under way is returned.
        tx = self._pay(cart)
        self._run_jobs()
        self.assertEqual(cart.groupbuy_amount_refunded, tx.amount)
        self.assertEqual(line.taken_quantity, 0)
        with self.assertRaises(UserError):
            campaign.action_cancel()

    def test_a_campaign_that_succeeded_is_not_cancelled(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        self._close(campaign)
        with self.assertRaisesRegex(UserError, "one by one"):
            campaign.action_cancel()
        self.assertEqual(order.state, "sale")

    # === ONE DELIVERY === #

    def test_the_orders_of_a_resident_are_merged_but_not_those_of_others(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        first = self._join(campaign, self.resident, {tomato: 2})
        second = self._join(campaign, self.resident, {tomato: 1, egg: 1})
        elsewhere = self._join(
            campaign, self.resident, {egg: 1}, point=self.other_point
        )
        neighbour = self._join(campaign, self.neighbour, {tomato: 1})
        self._close(campaign)
        picking = first.groupbuy_picking_ids
        self.assertEqual(len(picking), 1)
        self.assertEqual(second.groupbuy_picking_ids, picking)
        self.assertNotEqual(elsewhere.groupbuy_picking_ids, picking)
        self.assertNotEqual(neighbour.groupbuy_picking_ids, picking)
        # One of them is cancelled: the other's goods stay on the transfer.
        second.action_cancel()
        self._run_jobs()
        moves = picking.move_ids.filtered(lambda move: move.state != "cancel")
        self.assertEqual(moves.sale_line_id.order_id, first)
        self.assertEqual(moves.product_uom_qty, 2)

    # === PRIORITY === #

    def test_urgent_orders_are_reserved_first_when_too_little_arrives(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        first = self._join(campaign, self.resident, {line: 2})
        second = self._join(campaign, self.neighbour, {line: 2})
        urgent = self._join(campaign, self.third, {line: 2})
        urgent.groupbuy_priority = "2"
        self._close(campaign)
        purchase = campaign.purchase_order_ids
        purchase.button_confirm()
        receipt = purchase.picking_ids
        # Six were ordered, four come.
        receipt.move_ids.write({"quantity": 4, "picked": True})
        receipt.with_context(skip_backorder=True).button_validate()
        to_point = campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_point"
        )
        to_point.action_assign()
        to_point.move_ids.write({"quantity": 4, "picked": True})
        to_point.with_context(skip_backorder=True).button_validate()
        self.env.invalidate_all()
        self.assertEqual(urgent.groupbuy_picking_ids.priority, "1")
        self.assertEqual(urgent.groupbuy_picking_ids.state, "assigned")
        self.assertEqual(first.groupbuy_picking_ids.state, "assigned")
        self.assertEqual(second.groupbuy_picking_ids.state, "confirmed")

    # === TO THE DOOR === #

    def _create_home_carrier(self):
        return self.env["delivery.carrier"].create(
            {
                "name": "To the door",
                "delivery_type": "fixed",
                "fixed_price": 5.0,
                "product_id": self.carrier.product_id.id,
                "is_published": True,
            }
        )

    def test_home_delivery_has_a_group_of_its_own_and_is_paid_for(self):
        self.carrier.product_id.taxes_id = False
        home = self._create_home_carrier()
        campaign = self._create_campaign(
            carrier_ids=[Command.set(home.ids)],
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}],
        )
        order = self._create_cart(campaign)
        self.assertIn(home, order._get_delivery_methods())
        order._set_delivery_method(home)
        self.assertFalse(order.groupbuy_point_id)
        self.assertFalse(order.groupbuy_group_id.pickup_point_id)
        self.assertEqual(order.amount_total, 15.0)
        order._check_cart_is_ready_to_be_paid()
        self._pay(order)
        self._join(campaign, self.neighbour)
        self._close(campaign)
        # The price of the goods has fallen, that of the delivery has not.
        self.assertEqual(order.amount_total, 13.0)
        self.assertEqual(order.groupbuy_amount_refunded, 2.0)
        picking = order.picking_ids
        self.assertEqual(picking.location_id, self.warehouse.lot_stock_id)
        self.assertEqual(picking.partner_id, self.resident)
        self.assertEqual(picking.move_ids.product_uom_qty, 1)
        # Two are bought, one of them goes to the pickup point.
        self.assertEqual(campaign.purchase_order_ids.order_line.product_qty, 2)
        to_point = campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_point"
        )
        self.assertEqual(to_point.move_ids.product_uom_qty, 1)

    def test_a_failed_home_delivery_returns_its_price_as_well(self):
        self.carrier.product_id.taxes_id = False
        home = self._create_home_carrier()
        campaign = self._create_campaign(
            min_people=3, carrier_ids=[Command.set(home.ids)]
        )
        order = self._create_cart(campaign)
        order._set_delivery_method(home)
        self._pay(order)
        self._close(campaign)
        self.assertEqual(order.groupbuy_amount_refunded, 15.0)

    def test_a_method_that_the_campaign_does_not_offer_is_not_available(self):
        home = self._create_home_carrier()
        order = self._create_cart(self._create_campaign())
        self.assertFalse(home._is_available_for_order(order))
        self.assertNotIn(home, order._get_delivery_methods())
