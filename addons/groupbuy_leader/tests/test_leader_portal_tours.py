# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .test_leader_portal import PortalCommon


class PortalTours(PortalCommon):
    """A leader's day, in a real browser."""

    def _spend_a_day(self, prefix=""):
        self._confirmed(3)
        # Closes last, so that it comes first.
        campaign = self._create_campaign(
            name="Breakfast for the weekend",
            close_at=fields.Datetime.now() + timedelta(days=2),
        )
        self._join(campaign, self.resident)
        self.start_tour(f"{prefix}/my", "groupbuy_leader_portal", login="leader_li")
        self.env.invalidate_all()
        message = self.env["groupbuy.leader.message"].search([])
        self.assertEqual(message.body, "Please bring a bag.")
        self.assertEqual(message.campaign_id, campaign)
        self.assertEqual(self.point.day_off_ids.name, "Family visit")
        self.assertEqual(self.leader.announce_mode, "at_once")


@tagged("post_install", "-at_install")
class TestLeaderPortalOnAPhone(PortalTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_a_leader_spends_a_day(self):
        self._spend_a_day()

    def test_a_leader_spends_a_day_in_chinese(self):
        chinese = self.env["res.lang"]._activate_lang("zh_CN")
        self.website.language_ids = [Command.link(chinese.id)]
        self._spend_a_day("/zh_CN")


@tagged("post_install", "-at_install")
class TestLeaderPortalOnADesktop(PortalTours):
    browser_size = "1400x900"

    def test_a_leader_spends_a_day(self):
        self._spend_a_day()
