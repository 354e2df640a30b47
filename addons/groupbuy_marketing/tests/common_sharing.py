# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
from io import BytesIO

from PIL import Image

from odoo.tests import new_test_user

from .common_team import TeamCommon


class SharingCommon(TeamCommon):
    """A campaign with a ladder, and a resident and a leader who can sign in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.ben = cls._create_residents_with_login("Anna Miller", "Ben Smith")
        cls.leader_user = new_test_user(
            cls.env,
            login="leader",
            name="Lea Leader",
            groups="base.group_portal",
            email="leader@example.com",
        )
        cls.point.manager_user_ids = cls.leader_user
        cls.campaign = cls._prepare(
            lambda: cls._create_campaign(lines=[{"tiers": [(3, 9.0), (10, 7.5)]}])
        )
        cls.links = cls.env["groupbuy.share.link"]

    @staticmethod
    def _picture(size=(640, 480), kind="JPEG", colour=(200, 30, 30)):
        """Return a picture as a field of Odoo's holds it."""
        buffer = BytesIO()
        Image.new("RGB", size, colour).save(buffer, kind)
        return base64.b64encode(buffer.getvalue())

    def _get_visits(self, link):
        self.env.invalidate_all()
        return self.env["groupbuy.share.visit"].search([("link_id", "=", link.id)])
