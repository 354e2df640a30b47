# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime

from odoo.tests import tagged

from ..formatting import format_moment, format_window, format_zone
from .common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestTexts(GroupBuyCommon):
    """What residents read, in the words of their language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.chinese = cls.env(context=dict(cls.env.context, lang="zh_CN"))
        cls.english = cls.env(context=dict(cls.env.context, lang="en_US"))

    def _in_chinese(self, record):
        return record.with_env(self.chinese)

    def test_values_that_another_field_names_read_in_chinese(self):
        borrowed = [
            (name, field.name)
            for name, model in self.env.registry.items()
            if name.startswith("groupbuy.") or name == "sale.order"
            for field in model._fields.values()
            if field.type == "selection"
            and callable(field.selection)
            and field.selection.__module__.startswith("odoo.addons.community_groupbuy")
        ]
        self.assertIn(("groupbuy.allowance", "reason"), borrowed)
        for name, field in borrowed:
            values = self.chinese[name].fields_get([field])[field]["selection"]
            for value, label in values:
                with self.subTest(field=f"{name}.{field}", value=value):
                    self.assertRegex(label, "[\u4e00-\u9fff]")

    def test_moments_have_a_day_of_the_week_and_no_seconds(self):
        moment = datetime(2031, 3, 6, 12, 0, 31)
        self.assertEqual(
            format_moment(self.chinese, moment, "Asia/Shanghai"),
            "2031年3月6日周四 20:00",
        )
        english = format_moment(self.english, moment, "Asia/Shanghai")
        # Unicode puts a narrow space before PM.
        self.assertEqual(english.replace("\u202f", " "), "Thu, Mar 6, 2031, 8:00 PM")

    def test_year_is_left_out_while_it_is_this_one(self):
        now = self.env.cr.now().replace(month=6, day=15, hour=1, minute=5)
        text = format_moment(self.chinese, now, "Asia/Shanghai")
        self.assertTrue(text.startswith("6月15日周"), text)
        self.assertTrue(text.endswith(" 09:05"), text)

    def test_window_within_one_day_says_the_day_once(self):
        start = datetime(2031, 3, 6, 1, 0)
        self.assertEqual(
            format_window(
                self.chinese, start, datetime(2031, 3, 6, 12, 0), "Asia/Shanghai"
            ),
            "2031年3月6日周四 09:00 – 20:00",
        )
        # 16:30 UTC is the next day in Shanghai.
        self.assertEqual(
            format_window(
                self.chinese, start, datetime(2031, 3, 6, 16, 30), "Asia/Shanghai"
            ),
            "2031年3月6日周四 09:00 – 2031年3月7日周五 00:30",
        )

    def test_time_zone_is_named_as_people_call_it(self):
        moment = datetime(2031, 7, 1, 12, 0)
        self.assertEqual(
            format_zone(self.english, moment, "Asia/Shanghai"), "China Standard Time"
        )
        # Summer time has a name of its own.
        self.assertEqual(
            format_zone(self.english, moment, "Europe/Berlin"),
            "Central European Summer Time",
        )

    def test_joiner_is_shown_in_the_script_of_the_reader(self):
        partner = self.resident
        partner.name = "Wang Xiulan 王秀兰"
        self.assertEqual(partner._groupbuy_public_name(), "Wang X.")
        self.assertEqual(self._in_chinese(partner)._groupbuy_public_name(), "王**")
        partner.name = "Anna Miller"
        self.assertEqual(self._in_chinese(partner)._groupbuy_public_name(), "Anna M.")

    def test_pieces_are_not_called_units(self):
        line = self._create_campaign(
            lines=[{"cap": 9, "limit_per_resident": 2, "min_per_order": 1}]
        ).line_ids
        values = line.campaign_id._get_website_values(line)["lines"][line.id]
        self.assertEqual(values["left_text"], "9 pcs left")
        self.assertEqual(
            line._get_rule_texts(), ["at most 2 for each resident", "at least 1"]
        )
        self.assertEqual(
            self._in_chinese(line)._get_rule_texts(), ["每人限购 2", "1 起订"]
        )
        line.product_id.uom_id = self.env.ref("uom.product_uom_kgm")
        self.assertEqual(line._get_unit_name(), "kg")

    def test_nobody_is_asked_to_join_what_cannot_be_joined(self):
        campaign = self._create_campaign(state="draft", min_people=5, lines=[{}])
        self.assertEqual(campaign._get_website_values()["people_text"], "")
        campaign.action_open_now()
        self.assertIn("be the first", campaign._get_website_values()["people_text"])
        self._join(campaign)
        self._close(campaign)
        self.assertEqual(campaign.state, "failed")
        values = campaign._get_website_values(campaign.line_ids)
        self.assertEqual(values["people_text"], "")
        self.assertEqual(values["bars"], [])
        self.assertEqual(values["lines"][campaign.line_ids.id]["left_text"], "")

    def test_goal_of_each_point_is_said_where_points_succeed_alone(self):
        campaign = self._create_campaign(success_scope="group", min_people=3)
        order = self._join(campaign)
        live = campaign._get_website_values()
        # The sum over all points says nothing about any of them.
        self.assertEqual(live["bars"], [])
        self.assertIn("3 neighbours", live["goal_text"])
        group = order._groupbuy_get_group_values()
        self.assertEqual([bar["percent"] for bar in group["bars"]], [33])

    def test_address_follows_the_order_of_its_country(self):
        partner = self.point.partner_id
        partner.write({"street": "文三路 1 号", "street2": False, "city": "杭州市"})
        partner.country_id = self.env.ref("base.cn")
        self.assertEqual(self.point._get_address_text(), "杭州市 文三路 1 号")
        partner.country_id = self.env.ref("base.us")
        self.assertEqual(self.point._get_address_text(), "文三路 1 号, 杭州市")

    def test_shop_says_what_a_product_costs_in_a_group(self):
        campaign = self._create_campaign(lines=[{"tiers": [(5, 8.0)]}])
        template = campaign.line_ids.product_id.product_tmpl_id
        offer = template._get_groupbuy_offers(self.website)[0]
        price = self.currency.format(10.0)
        self.assertEqual(offer["price"], f"In a group: {price}")
        self.assertEqual(offer["lower"], f"down to {self.currency.format(8.0)}")
        offer = self._in_chinese(template)._get_groupbuy_offers(self.website)[0]
        self.assertEqual(offer["price"], f"团购价 {price}")

    def test_mails_lead_to_the_order(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        for name in ("joined", "succeeded", "refunded"):
            template = self.env.ref(f"community_groupbuy.mail_template_{name}")
            for lang, word in (("en_US", "your order"), ("zh_CN", "订单")):
                self.resident.lang = lang
                values = template._generate_template(
                    order.ids, ("body_html", "subject")
                )
                body = values[order.id]["body_html"]
                self.assertIn(word, body)
                self.assertIn(f"/my/orders/{order.id}?access_token=", body)
                self.assertNotIn("UTC", body)
