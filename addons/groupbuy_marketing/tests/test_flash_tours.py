# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_flash_routes import FlashHttpCase


class FlashTours(FlashHttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment_method.active = True

    def _buy_in_browser(self):
        campaign = self._create_flash(
            state="scheduled",
            cap=1,
            # The browser needs some seconds to come, then waits for the start.
            open_at=fields.Datetime.now() + timedelta(seconds=25),
            close_at=fields.Datetime.now() + timedelta(minutes=10),
        )
        self.env.flush_all()
        self.start_tour(
            campaign.website_url, "groupbuy_flash_checkout", login="anna", timeout=180
        )
        self.env.invalidate_all()
        order = campaign.order_ids
        self.assertEqual(order.partner_id, self.anna)
        self.assertEqual((order.state, order.groupbuy_state), ("sent", "waiting"))
        self.assertEqual(campaign.state, "open")
        ticket = self._get_tickets(campaign)
        self.assertEqual((ticket.state, ticket.partner_id), ("bought", self.anna))
        self.assertQuotaMatchesHolds(campaign)


@tagged("post_install", "-at_install")
class TestFlashOnADesktop(FlashTours):
    browser_size = "1400x900"

    def test_resident_buys_on_a_desktop(self):
        self._buy_in_browser()


@tagged("post_install", "-at_install")
class TestFlashOnAPhone(FlashTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_resident_buys_on_a_phone(self):
        self._buy_in_browser()

    def test_resident_waits_in_line_on_a_phone(self):
        campaign = self._create_flash(cap=1)
        self._ask(campaign, self.neighbour)
        self.env.flush_all()
        self.start_tour(campaign.website_url, "groupbuy_flash_wait", login="anna")
        self.assertEqual(
            self._get_tickets(campaign).mapped("state"), ["admitted", "waiting"]
        )
