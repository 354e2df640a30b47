# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .test_application import ApplicationCommon


class ApplicationTours(ApplicationCommon, HttpCase):
    """A visitor applies, the staff approve: in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chinese = cls.env["res.lang"]._activate_lang("zh_CN")
        cls.website.language_ids = [Command.link(cls.chinese.id)]
        # Some builds of Odoo leave out this file of the video calls, which no page here
        # uses: without it the bundle of the back office reports an error.
        cls.env["ir.asset"].create(
            {
                "name": "No video background",
                "bundle": "web.assets_backend",
                "directive": "remove",
                "path": "mail/static/lib/selfie_segmentation/selfie_segmentation.js",
            }
        )
        cls.community.write({"latitude": 30.25, "longitude": 120.17, "sequence": 1})
        cls.env["groupbuy.community"].create(
            {
                "name": "River Court",
                "company_id": cls.company.id,
                "latitude": 30.28,
                "longitude": 120.12,
            }
        )

    def _apply_in_browser(self, prefix=""):
        self.start_tour(f"{prefix}/become-a-leader", "groupbuy_leader_application")
        self.env.invalidate_all()
        application = self.applications.search(
            [("email_normalized", "=", "chen@example.com")]
        )
        self.assertEqual(application.state, "submitted")
        self.assertEqual(application.community_id, self.community)
        self.assertEqual(len(application.hours_ids), 7)
        self.assertEqual(application.paper_ids.mapped("mimetype"), ["image/png"] * 2)
        return application


@tagged("post_install", "-at_install")
class TestApplicationOnADesktop(ApplicationTours):
    browser_size = "1400x900"

    def test_a_visitor_applies_and_the_staff_approve(self):
        application = self._apply_in_browser()
        self.start_tour(
            "/odoo/leader-applications",
            "groupbuy_leader_approval",
            login="reviewer",
        )
        self.env.invalidate_all()
        self.assertEqual(application.state, "approved")
        self.assertEqual(application.check_ids.done_by, self.reviewer)
        self.assertEqual(application.leader_id.point_ids.name, "Corner Shop")
        self.assertTrue(application.leader_id.partner_id.user_ids._is_portal())

    def test_a_visitor_applies_in_chinese(self):
        application = self._apply_in_browser("/zh_CN")
        self.assertTrue(application.consent_text)


@tagged("post_install", "-at_install")
class TestApplicationOnAPhone(ApplicationTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_a_visitor_applies(self):
        self._apply_in_browser()
