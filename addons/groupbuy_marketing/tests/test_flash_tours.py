# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import time
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.http import request
from odoo.tests import tagged

from ..controllers import flash
from .test_flash_routes import FlashHttpCase

# The tour sets it when it has seen the page wait.
SIGNAL = "flash_tour_go_on"


class FlashTours(FlashHttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment_method.active = True

    @contextmanager
    def _start_on_signal(self, campaign):
        """Let the sale start when the tour says so, however slow the browser is.

        The server's clock, which the page asks for, then shows two seconds before the
        start and goes on from there; who draws a place finds that the time has come.
        """
        start = campaign.open_at.timestamp()
        signalled_at = []

        def tell_time():
            if request.cookies.get(SIGNAL) and not signalled_at:
                signalled_at.append(time.time())
            if not signalled_at:
                return time.time()
            return start - 2 + time.time() - signalled_at[0]

        answer = flash.FlashSale._answer

        def answer_after_the_start(controller, line_id, draw=False):
            if draw:
                sale = request.env["groupbuy.campaign"].sudo().browse(campaign.id)
                sale.open_at = fields.Datetime.now() - timedelta(seconds=1)
                sale.flush_recordset()
            return answer(controller, line_id, draw)

        with (
            patch.object(flash, "time", SimpleNamespace(time=tell_time)),
            patch.object(flash.FlashSale, "_answer", answer_after_the_start),
        ):
            yield

    def _buy_in_browser(self):
        now = fields.Datetime.now()
        campaign = self._create_flash(
            state="scheduled",
            cap=1,
            open_at=now + timedelta(hours=1),
            close_at=now + timedelta(hours=2),
        )
        self.env.flush_all()
        with self._start_on_signal(campaign):
            self.start_tour(
                campaign.website_url, "groupbuy_flash_checkout", login="anna"
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
