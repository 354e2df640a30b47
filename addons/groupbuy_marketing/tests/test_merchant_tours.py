# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, new_test_user, tagged

from .common_coupons import CouponCommon


class MerchantTours(CouponCommon, HttpCase):
    """A resident shows a coupon, the merchant redeems it, in a real browser."""

    def _show_and_redeem(self):
        program = self._create_merchant_program()
        clerk = new_test_user(self.env, login="clerk", groups="base.group_portal")
        clerk.partner_id.parent_id = self.merchant
        anna = self._create_residents_with_login("Anna Miller")
        card = self._create_card(program, anna)
        card.code = "TOUR-COFFEE"
        self.env.flush_all()
        self.start_tour("/my/coupons", "groupbuy_coupon_show", login="anna")
        self.start_tour("/my/merchant", "groupbuy_merchant_redeem", login="clerk")
        self.env.invalidate_all()
        fact = self.env["groupbuy.coupon.redemption"].search(
            [("card_id", "=", card.id)]
        )
        self.assertEqual(fact.redeemed_by, clerk)
        self.assertEqual(card.points, 0)


@tagged("post_install", "-at_install")
class TestMerchantOnADesktop(MerchantTours):
    browser_size = "1400x900"

    def test_a_coupon_is_shown_and_redeemed(self):
        self._show_and_redeem()


@tagged("post_install", "-at_install")
class TestMerchantOnAPhone(MerchantTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_a_coupon_is_shown_and_redeemed(self):
        self._show_and_redeem()
