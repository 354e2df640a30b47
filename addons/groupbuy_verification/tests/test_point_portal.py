# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, tagged

from .common import VerificationCommon


@tagged("post_install", "-at_install")
class TestPointPortal(VerificationCommon, HttpCase):
    def test_managers_see_their_own_point_and_no_other(self):
        self.authenticate("north_manager", "north_manager")
        page = self.url_open("/my/points")
        self.assertIn("North Gate", page.text)
        self.assertNotIn("South Gate", page.text)
        own = self.url_open(f"/my/points/{self.point.id}")
        self.assertEqual(own.status_code, 200)
        for point_id in (self.other_point.id, 0, 2**31):
            answer = self.url_open(f"/my/points/{point_id}")
            self.assertEqual(answer.status_code, 404)

    def test_who_manages_no_point_is_told_so(self):
        self.point.manager_user_ids = False
        self.authenticate("north_manager", "north_manager")
        page = self.url_open("/my/points")
        self.assertIn("No pickup point is entrusted to you", page.text)
