# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .points_common import PointsCommon


class PointsTours(PointsCommon, HttpCase):
    """Anna becomes a member and exchanges her points, in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment_method.active = True
        cls.anna = cls._create_residents_with_login("Anna Miller")
        cls.card = cls.env["product.product"].create(
            {
                "name": "Member for 30 Days",
                "type": "service",
                "list_price": 30.0,
                "invoice_policy": "order",
                "is_published": True,
                "taxes_id": [Command.clear()],
                "groupbuy_membership_days": 30,
            }
        )
        cls.env["loyalty.reward"].create(
            {
                "program_id": cls.program.id,
                "reward_type": "groupbuy_coupon",
                "groupbuy_coupon_program_id": cls.coupons.id,
                "required_points": 70,
            }
        )

    def _become_member_in_browser(self):
        card = self._give_points(70, partner=self.anna)
        self.start_tour("/my/rewards", "groupbuy_points_membership", login="anna")
        self.env.invalidate_all()
        membership = self.env["groupbuy.membership"].search(
            [("partner_id", "=", self.anna.id)]
        )
        self.assertEqual(membership.product_id, self.card)
        self.assertEqual((membership.days, membership.state), (30, "running"))
        self.assertTrue(self.anna._groupbuy_is_member(self.company))
        # All were exchanged, and the order of the shop has earned some.
        self.assertEqual(card.points, 30)
        coupon = self.env["loyalty.card"].search([("program_id", "=", self.coupons.id)])
        self.assertEqual((coupon.partner_id, coupon.points), (self.anna, 1))


@tagged("post_install", "-at_install")
class TestPointsOnADesktop(PointsTours):
    browser_size = "1400x900"

    def test_resident_becomes_a_member_and_exchanges_points(self):
        self._become_member_in_browser()


@tagged("post_install", "-at_install")
class TestPointsOnAPhone(PointsTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_resident_becomes_a_member_and_exchanges_points(self):
        self._become_member_in_browser()
