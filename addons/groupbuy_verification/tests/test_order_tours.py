# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestOrderOnAPhone(GroupBuyCommon, HttpCase):
    """The page of an order that keeps itself up to date, in a real browser."""

    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_residents_with_login("Anna Miller")

    def test_the_answer_stays_when_the_page_looks_again(self):
        campaign = self._create_campaign()
        order = self._join(campaign, self.anna, {campaign.line_ids: 3})
        self.start_tour(
            order.get_portal_url(), "groupbuy_order_message_stays", login="anna"
        )
        self.assertEqual(order.order_line.product_uom_qty, 1)
