# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import GroupBuyCommon


class JoinTours(GroupBuyCommon, HttpCase):
    """A resident joins in a real browser and pays with the demo provider."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chinese = cls.env["res.lang"]._activate_lang("zh_CN")
        cls.website.language_ids = [Command.link(cls.chinese.id)]
        cls.payment_method.active = True
        user = new_test_user(
            cls.env,
            login="anna",
            name="Anna Miller",
            groups="base.group_portal",
            email="anna@example.com",
        )
        cls.anna = user.partner_id
        cls.anna.write(
            {
                "street": "1 Garden Road",
                "city": "Hangzhou",
                "zip": "310000",
                "phone": "+86 571 5550 0199",
                "country_id": cls.env.ref("base.cn").id,
                "state_id": cls.env.ref("base.state_cn_ZJ").id,
                "groupbuy_community_id": cls.community.id,
            }
        )

    def _join_in_browser(self, path):
        campaign = self._create_campaign(
            min_people=3, lines=[{"cap": 10, "tiers": [(5, 8.0)]}]
        )
        self.start_tour(path, "groupbuy_join", login="anna")
        order = campaign.order_ids
        self.assertEqual(len(order), 1)
        self.assertEqual(order.partner_id, self.anna)
        self.assertEqual((order.state, order.groupbuy_state), ("sent", "waiting"))
        self.assertEqual(order.groupbuy_point_id, self.other_point)
        self.assertEqual(order.groupbuy_group_id.pickup_point_id, self.other_point)
        self.assertEqual(order.amount_total, 20.0)
        self.assertEqual(order.transaction_ids.state, "done")
        self.assertEqual(order.transaction_ids.amount, 20.0)
        self.assertFalse(order.picking_ids)
        self.assertEqual(campaign.line_ids.taken_quantity, 2)
        self.assertQuotaMatchesHolds(campaign)
        return order

    def _get_text(self, path):
        """Return a page as Anna sees it."""
        self.authenticate("anna", "anna")
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response.text

    def _check_order_page(self, order, prefix, words):
        text = self._get_text(f"{prefix}/my/orders/{order.id}")
        for word in words:
            self.assertIn(word, text)


@tagged("post_install", "-at_install")
class TestJoinOnADesktop(JoinTours):
    browser_size = "1400x900"

    def test_resident_joins_in_english(self):
        order = self._join_in_browser("/group-buy")
        self._check_order_page(order, "", ["Waiting for the group", "South Gate"])

    def test_resident_joins_in_chinese(self):
        order = self._join_in_browser("/zh_CN/group-buy")
        self._check_order_page(order, "/zh_CN", ["等待成团", "South Gate"])


@tagged("post_install", "-at_install")
class TestJoinOnAPhone(JoinTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_resident_joins_in_english(self):
        order = self._join_in_browser("/group-buy")
        self._check_order_page(order, "", ["Waiting for the group", "South Gate"])

    def test_resident_joins_in_chinese(self):
        order = self._join_in_browser("/zh_CN/group-buy")
        self._check_order_page(order, "/zh_CN", ["等待成团", "South Gate"])
