# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser

from .common import VerificationCommon


class ScanTours(VerificationCommon, HttpCase):
    """Staff hand out in the back office, in a real browser."""

    starts_with_arrived = True

    def setUp(self):
        """Let the browser say that a script of Odoo's own is missing.

        Debian's package leaves out a library for blurred backgrounds in video calls,
        and the back office tells the console so while it starts. Each other error
        fails the tour as ever.
        """
        super().setUp()
        handle_console = ChromeBrowser._handle_console

        def handle_other_console(browser, type, args=(), **kwargs):  # noqa: A002
            if type == "error" and "selfie_segmentation" in str(args):
                return
            handle_console(browser, type, args=args, **kwargs)

        self.patch(ChromeBrowser, "_handle_console", handle_other_console)
        self.campaign = self._create_arrived()
        self.pickings = self.campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_resident"
        ).sorted("id")

    def _check_hand_out(self):
        # The code is what the tour's scanner reads; nobody else gets to see it.
        for picking in self.pickings:
            picking.origin = picking.groupbuy_code_ids._get_text()
        self.start_tour(
            "/odoo/group-buy-hand-out", "groupbuy_hand_out", login="groupbuy_user"
        )
        rows = self.env["groupbuy.verification"].search([], order="id")
        self.assertEqual(
            [(row.kind, row.method) for row in rows],
            [("pickup", "code"), ("undo", "code"), ("pickup", "name")],
        )
        self.assertEqual(rows.user_id, self.user)
        self.assertEqual(rows.point_id, self.point)


@tagged("post_install", "-at_install")
class TestScanOnADesktop(ScanTours):
    browser_size = "1400x900"

    def test_staff_hand_out(self):
        self._check_hand_out()

    def test_staff_look_at_the_board(self):
        self.start_tour(
            "/odoo/group-buy-board", "groupbuy_board", login="groupbuy_user"
        )
        self.assertEqual(self.env["groupbuy.verification"].search_count([]), 1)


@tagged("post_install", "-at_install")
class TestScanOnAPhone(ScanTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_staff_hand_out(self):
        self._check_hand_out()
