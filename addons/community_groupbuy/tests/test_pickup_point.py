# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json
from datetime import date, datetime

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestPickupPoint(GroupBuyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Evenings",
                "tz": "Asia/Shanghai",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": day,
                            "dayofweek": str(number),
                            "hour_from": 16.0,
                            "hour_to": 21.0,
                        }
                    )
                    for number, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri"))
                ],
            }
        )

    def _cart(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        order._set_delivery_method(self.carrier)
        return order

    def test_stock_of_a_point_is_not_free_for_the_shop(self):
        self.assertFalse(self.point.location_id.warehouse_id)
        self.env["stock.quant"]._update_available_quantity(
            self.tomato, self.point.location_id, 7
        )
        free = self.tomato.with_context(warehouse_id=self.warehouse.id).free_qty
        self.assertEqual(free, 0)

    def test_open_days_follow_hours_and_days_off_in_the_points_zone(self):
        self.point.calendar_id = self.calendar
        # Friday 2026-11-27 00:00 to Tuesday 24:00 in Shanghai.
        start, end = datetime(2026, 11, 26, 16), datetime(2026, 12, 1, 16)
        days = [date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)]
        self.assertEqual(self.point._get_open_days(start, end), days)
        self.point.day_off_ids = [
            Command.create({"date_from": "2026-11-30", "date_to": "2026-11-30"})
        ]
        self.assertEqual(self.point._get_open_days(start, end), [days[0], days[2]])

    def test_a_night_of_clock_change_neither_loses_nor_doubles_a_day(self):
        self.point.tz = "Europe/Berlin"
        # The clocks go back on 2026-10-25: that day has 25 hours.
        start, end = datetime(2026, 10, 23, 22), datetime(2026, 10, 26, 23)
        days = [date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)]
        self.assertEqual(self.point._get_open_days(start, end), days)
        self.calendar.tz = "Europe/Berlin"
        self.calendar.attendance_ids = [
            Command.create(
                {
                    "name": "Sun",
                    "dayofweek": "6",
                    "hour_from": 0.0,
                    "hour_to": 24.0,
                    "day_period": "afternoon",
                }
            )
        ]
        self.point.calendar_id = self.calendar
        self.assertEqual(
            self.point._get_open_days(start, end),
            [date(2026, 10, 25), date(2026, 10, 26)],
        )

    def test_everything_is_derived_from_the_id(self):
        order = self._cart()
        forged = {"id": self.other_point.id, "name": "My door", "street": "Nowhere 1"}
        order._set_pickup_location(json.dumps(forged))
        self.assertEqual(order.groupbuy_point_id, self.other_point)
        self.assertEqual(order.pickup_location_data["name"], "South Gate")
        self.assertNotEqual(order.pickup_location_data["street"], "Nowhere 1")

    def test_a_point_that_cannot_be_had_is_refused_and_changes_nothing(self):
        order = self._cart()
        order._set_pickup_location(json.dumps({"id": self.point.id}))
        foreign = self.env["groupbuy.pickup.point"].create(
            {"name": "Far away", "company_id": self.company.id}
        )
        for bad in (
            json.dumps({"id": foreign.id}),
            json.dumps({"id": 0}),
            json.dumps({"id": "1; DROP TABLE"}),
            json.dumps({"id": 2**40}),
            json.dumps([self.point.id]),
            "{not json",
        ):
            with self.subTest(bad=bad), self.assertRaises(ValidationError):
                order._set_pickup_location(bad)
            self.assertEqual(order.groupbuy_point_id, self.point)

    def test_a_paused_a_closed_and_a_full_point_are_refused(self):
        order = self._cart()
        campaign = order.groupbuy_campaign_id
        location = json.dumps({"id": self.other_point.id})
        self.other_point.is_paused = True
        with self.assertRaisesRegex(ValidationError, "no new orders"):
            order._set_pickup_location(location)
        self.other_point.is_paused = False
        self.other_point.day_off_ids = [
            Command.create(
                {"date_from": campaign.pickup_from, "date_to": campaign.pickup_until}
            )
        ]
        with self.assertRaisesRegex(ValidationError, "closed"):
            order._set_pickup_location(location)
        self.other_point.day_off_ids.unlink()
        order._set_pickup_location(location)

    def test_a_point_is_full_when_the_days_of_the_window_are(self):
        campaign = self._create_campaign()
        days = len(
            self.other_point._get_open_days(campaign.pickup_from, campaign.pickup_until)
        )
        self.other_point.daily_capacity = 1
        for partner in self._create_residents(days):
            self._join(campaign, partner, point=self.other_point)
        order = self._create_cart(campaign, point=self.point)
        order._set_delivery_method(self.carrier)
        with self.assertRaisesRegex(ValidationError, "full"):
            order._set_pickup_location(json.dumps({"id": self.other_point.id}))
        points = order._get_pickup_locations()["pickup_locations"]
        self.assertEqual([point["id"] for point in points], [self.point.id])

    def test_points_of_the_residents_community_come_first_then_the_nearest(self):
        far = self.env["groupbuy.community"].create(
            {"name": "Far", "company_id": self.company.id}
        )
        near, away = self.env["groupbuy.pickup.point"].create(
            [
                {
                    "name": name,
                    "company_id": self.company.id,
                    "community_ids": [Command.set(far.ids)],
                    "latitude": latitude,
                    "longitude": 120.0,
                }
                for name, latitude in (("Near", 30.01), ("Away", 30.5))
            ]
        )
        self.community.write({"latitude": 30.0, "longitude": 120.0})
        campaign = self._create_campaign(
            community_ids=[Command.set((self.community | far).ids)]
        )
        order = self._create_cart(campaign)
        order._set_delivery_method(self.carrier)
        found = order._get_pickup_locations("310000")["pickup_locations"]
        self.assertEqual(
            [point["id"] for point in found],
            [self.point.id, self.other_point.id, near.id, away.id],
        )
        self.assertAlmostEqual(found[2]["distance"], 1.11, places=2)

    def test_the_carrier_serves_group_orders_only(self):
        order = self._cart()
        self.assertTrue(self.carrier._is_available_for_order(order))
        stock_order = self.env["sale.order"].create(
            {"partner_id": self.resident.id, "website_id": self.website.id}
        )
        self.assertFalse(self.carrier._is_available_for_order(stock_order))

    def test_confirmation_makes_no_address_for_a_point(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        order._set_delivery_method(self.carrier)
        order._set_pickup_location(json.dumps({"id": self.point.id}))
        self._pay(order)
        self._close(campaign)
        self.assertEqual(order.state, "sale")
        self.assertFalse(self.resident.child_ids)

    def test_residents_cannot_read_points_and_staff_cannot_change_them(self):
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "portal_point",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.point.with_user(portal).read(["name"])
        with self.assertRaises(AccessError):
            self.point.with_user(self.user).write({"is_paused": True})
        self.point.with_user(self.manager).write({"is_paused": True})
        with self.assertRaisesRegex(ValidationError, "new pickup point"):
            self.point.company_id = self.env["res.company"].create({"name": "Other"})
