# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from psycopg2 import IntegrityError
from psycopg2.errors import ForeignKeyViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .points_common import PointsCommon


class LevelCommon(PointsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["groupbuy.level"].search([]).active = False
        cls.ordinary, cls.silver, cls.gold = cls.env["groupbuy.level"].create(
            [
                {"name": "Basic", "sequence": 110, "company_id": cls.company.id},
                {
                    "name": "Better",
                    "sequence": 120,
                    "company_id": cls.company.id,
                    "min_amount": 30,
                    "min_orders": 1,
                    "early_hours": 2,
                },
                {
                    "name": "Best",
                    "sequence": 130,
                    "company_id": cls.company.id,
                    "min_amount": 60,
                    "min_orders": 2,
                    "max_idle_days": 30,
                    "early_hours": 24,
                    "is_priority": True,
                },
            ]
        )

    def _refresh(self):
        self.env.flush_all()
        self.env.ref(
            "groupbuy_marketing.ir_cron_refresh_standings"
        ).method_direct_trigger()
        self.env.invalidate_all()

    def _set_level(self, level, partner=None):
        standing = self.env["groupbuy.standing"]._touch(
            self.company, partner or self.resident
        )
        standing.level_id = level

    def _buy(self, partner, quantity):
        """Return a confirmed order."""
        return self._buy_all((partner, quantity, 0))

    def _buy_all(self, *purchases):
        """Return confirmed orders of one campaign.

        :param purchases: Resident, quantity, and how many days ago it joined.
        """
        campaign = self._create_campaign()
        orders = self.env["sale.order"]
        for partner, quantity, _days in purchases:
            orders |= self._join(campaign, partner, {campaign.line_ids: quantity})
        self._close(campaign)
        now = fields.Datetime.now()
        for order, (_partner, _quantity, days) in zip(orders, purchases, strict=True):
            self._date(order, now - timedelta(days=days))
        return orders

    def _date(self, order, moment):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET groupbuy_joined_at = %s WHERE id = %s",
            [moment, order.id],
        )
        self.env.invalidate_all()

    def _get_standing(self, partner=None):
        return (partner or self.resident)._groupbuy_get_standing(self.company)


@tagged("post_install", "-at_install")
class TestLevels(LevelCommon):
    def test_a_level_needs_amount_frequency_and_recency_together(self):
        self._buy_all(
            (self.resident, 4, 0),
            (self.resident, 3, 0),
            (self.neighbour, 7, 0),
            (self.third, 4, 40),
            (self.third, 4, 50),
        )
        self._refresh()
        self.assertEqual(self._get_standing().level_id, self.gold)
        self.assertEqual(self._get_standing().amount, 70)
        self.assertEqual(self._get_standing().orders, 2)
        self.assertEqual(
            self._get_standing(self.neighbour).level_id, self.silver, "One order only"
        )
        self.assertEqual(
            self._get_standing(self.third).level_id, self.silver, "Too long ago"
        )

    def test_orders_of_more_than_a_year_ago_do_not_count(self):
        order = self._buy(self.resident, 4)
        self._refresh()
        self.assertEqual(self._get_standing().level_id, self.silver)
        self._date(order, fields.Datetime.now() - timedelta(days=380))
        self._refresh()
        self.assertEqual(self._get_standing().level_id, self.ordinary)
        self.assertEqual(self._get_standing().amount, 0)

    def test_refunds_lower_what_was_spent(self):
        order = self._buy(self.resident, 4)
        order._groupbuy_compensate({order.order_line[0]: 15.0}, "staff", "case/test")
        self._refresh()
        self.assertEqual(self._get_standing().amount, 25)
        self.assertEqual(self._get_standing().level_id, self.ordinary)

    def test_each_change_is_kept_once(self):
        self._buy(self.resident, 4)
        self._refresh()
        self._refresh()
        changes = self.env["groupbuy.level.change"].search(
            [("partner_id", "=", self.resident.id)]
        )
        self.assertEqual(changes.level_id, self.silver)
        self._buy(self.resident, 4)
        self._refresh()
        changes = self.env["groupbuy.level.change"].search(
            [("partner_id", "=", self.resident.id)]
        )
        self.assertEqual(changes.mapped("level_id"), self.gold + self.silver)
        self.assertEqual(changes[0].from_level_id, self.silver)
        with self.assertRaises(UserError):
            changes[0].level_id = self.ordinary

    def test_the_active_hour_is_that_of_the_campaigns_zone(self):
        orders = self._buy_all(*[(self.resident, 1, 0)] * 3)
        moment = fields.Datetime.now().replace(hour=12, minute=5)
        self._date(orders[0], moment - timedelta(days=1))
        self._date(orders[1], moment - timedelta(days=2))
        self._date(orders[2], moment.replace(hour=1) - timedelta(days=3))
        self._refresh()
        self.assertEqual(self._get_standing().active_hour, 20, "12 UTC in Shanghai")

    def test_the_number_of_queries_does_not_depend_on_residents(self):
        def count():
            # So that it is written, even within the second of the last time.
            self.env["groupbuy.segment"].search([]).refreshed_at = False
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["groupbuy.standing"]._refresh(self.company)
            self.env["groupbuy.segment"]._refresh(self.company)
            return self.env.cr.sql_log_count - before

        self.env["groupbuy.segment"].create(
            {"name": "All", "company_id": self.company.id}
        )
        self._buy(self.resident, 1)
        count()
        few = count()
        campaign = self._create_campaign()
        for partner in self._create_residents(5):
            self._join(campaign, partner)
        self._close(campaign)
        self.assertEqual(count(), few)

    # === BENEFITS === #

    def test_a_promotion_of_a_level_is_for_that_level_only(self):
        promotion = self.env["loyalty.program"].create(
            {
                "name": "Gold 20 %",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "company_id": self.company.id,
                "groupbuy_level_ids": [Command.set(self.gold.ids)],
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [
                    Command.create({"reward_type": "discount", "discount": 20})
                ],
            }
        )
        campaign = self._create_campaign()
        cart = self._create_cart(campaign)
        cart._update_programs_and_rewards()
        self.assertFalse(cart._get_claimable_rewards())
        self._set_level(self.gold)
        cart._update_programs_and_rewards()
        [(card, reward)] = cart._get_claimable_rewards().items()
        self.assertEqual(reward.program_id, promotion)
        cart._apply_program_reward(reward, card)
        self.assertEqual(cart.amount_total, 8)
        self._set_level(self.silver)
        cart._update_programs_and_rewards()
        self.assertEqual(cart.amount_total, 10)

    def test_an_archived_level_still_restricts_its_promotion(self):
        promotion = self.env["loyalty.program"].create(
            {
                "name": "Gold 20 %",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "company_id": self.company.id,
                "groupbuy_level_ids": [Command.set(self.gold.ids)],
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [
                    Command.create({"reward_type": "discount", "discount": 20})
                ],
            }
        )
        self._set_level(self.gold, self.neighbour)
        self.gold.active = False
        self.assertTrue(promotion.groupbuy_is_restricted)
        cart = self._create_cart(self._create_campaign())
        cart._update_programs_and_rewards()
        self.assertFalse(cart._get_claimable_rewards())
        segment = self.env["groupbuy.segment"].create(
            {
                "name": "Best",
                "company_id": self.company.id,
                "level_ids": [Command.set(self.gold.ids)],
            }
        )
        segment.action_refresh()
        self.assertEqual(segment.partner_ids, self.neighbour, "Not everybody")
        with (
            self.assertRaises(ForeignKeyViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.gold.unlink()

    def test_early_access_opens_to_each_level_by_its_hours(self):
        campaign = self._create_campaign(
            public_at=fields.Datetime.now() + timedelta(minutes=30)
        )
        self._set_level(self.silver)
        self._set_level(self.ordinary, self.neighbour)
        self.assertTrue(self._create_cart(campaign).order_line)
        for partner in (self.neighbour, self.third):
            with self.assertRaisesRegex(UserError, "opens for you on"):
                self._create_cart(campaign, partner)
        campaign.with_context(groupbuy_edit_reason="Now").public_at = (
            fields.Datetime.now() - timedelta(seconds=5)
        )
        self.assertTrue(self._create_cart(campaign, self.third).order_line)

    def test_a_cart_of_somebody_who_lost_the_level_is_not_paid(self):
        campaign = self._create_campaign(
            public_at=fields.Datetime.now() + timedelta(minutes=30)
        )
        self._set_level(self.silver)
        cart = self._create_cart(campaign)
        self._set_level(self.ordinary)
        with self.assertRaisesRegex(ValidationError, "opens for you on"):
            cart._check_cart_is_ready_to_be_paid()

    def test_a_campaign_opens_to_everybody_between_opening_and_close(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError) as caught:
            self._create_campaign(public_at=fields.Datetime.now() + timedelta(days=300))
            self.env.flush_all()
        self.assertIn("public", str(caught.exception).lower())

    def test_orders_of_a_level_that_is_served_first_have_priority(self):
        self._set_level(self.gold)
        campaign = self._create_campaign()
        self.assertEqual(self._join(campaign).groupbuy_priority, "2")
        self.assertEqual(self._join(campaign, self.third).groupbuy_priority, "0")

    def test_conditions_of_a_level_are_not_negative(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.silver.min_amount = -1
            self.env.flush_all()

    def test_staff_read_levels_and_managers_write_them(self):
        self.silver.with_user(self.user).read(["name"])
        with self.assertRaises(AccessError):
            self.silver.with_user(self.user).name = "X"
        self.silver.with_user(self.manager).name = "Y"


@tagged("post_install", "-at_install")
class TestSegments(LevelCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        categories = cls.env["product.public.category"]
        cls.food = categories.create({"name": "Food"})
        cls.vegetables = categories.create(
            {"name": "Vegetables", "parent_id": cls.food.id}
        )
        cls.toys = categories.create({"name": "Toys"})
        cls.tomato.public_categ_ids = cls.vegetables

    def _create_segment(self, **values):
        segment = self.env["groupbuy.segment"].create(
            {"name": "Some", "company_id": self.company.id, **values}
        )
        segment.action_refresh()
        return segment

    def test_a_segment_by_community_holds_who_never_bought_anything(self):
        other = self.env["groupbuy.community"].create(
            {"name": "Elsewhere", "company_id": self.company.id}
        )
        self.third.groupbuy_community_id = other
        segment = self._create_segment(community_ids=self.community.ids)
        self.assertTrue(segment._contains(self.resident))
        self.assertFalse(segment._contains(self.third))

    def test_a_segment_by_category_holds_who_bought_below_it(self):
        self._buy(self.resident, 1)
        self._refresh()
        segment = self._create_segment(category_ids=self.food.ids)
        self.assertEqual(segment.partner_ids, self.resident)
        self.assertEqual(segment.resident_count, 1)
        self.assertFalse(self._create_segment(category_ids=self.toys.ids).partner_ids)

    def test_a_segment_by_level_amount_and_membership(self):
        self._buy_all((self.resident, 4, 0), (self.neighbour, 1, 0))
        self._refresh()
        self.assertEqual(
            self._create_segment(level_ids=self.silver.ids).partner_ids, self.resident
        )
        self.assertEqual(
            self._create_segment(min_amount=5, max_amount=20).partner_ids,
            self.neighbour,
        )
        self._get_standing(self.third)
        standing = self.env["groupbuy.standing"]._touch(self.company, self.third)
        standing.member_until = fields.Date.today()
        self.assertEqual(
            self._create_segment(membership="member").partner_ids, self.third
        )
        self.assertNotIn(
            self.third, self._create_segment(membership="other").partner_ids
        )

    def test_hours_may_go_past_midnight(self):
        standing = self.env["groupbuy.standing"]._touch(self.company, self.resident)
        standing.active_hour = 23
        late = self._create_segment(use_hours=True, hour_from=22, hour_to=2)
        self.assertIn(self.resident, late.partner_ids)
        early = self._create_segment(use_hours=True, hour_from=6, hour_to=9)
        self.assertNotIn(self.resident, early.partner_ids)

    def test_counting_again_takes_out_who_no_longer_belongs(self):
        segment = self._create_segment(community_ids=self.community.ids)
        self.resident.groupbuy_community_id = False
        self._refresh()
        self.assertNotIn(self.resident, segment.partner_ids)
        self.assertIn(self.neighbour, segment.partner_ids)

    def test_a_campaign_of_a_segment_is_joined_by_its_residents_only(self):
        segment = self._create_segment()
        segment.partner_ids = self.resident
        campaign = self._create_campaign(segment_ids=segment.ids)
        self.assertTrue(self._create_cart(campaign).order_line)
        with self.assertRaisesRegex(UserError, "offered to other residents"):
            self._create_cart(campaign, self.neighbour)

    def test_an_archived_segment_still_restricts(self):
        segment = self._create_segment()
        segment.partner_ids = self.resident
        campaign = self._create_campaign(segment_ids=segment.ids)
        program = self.coupons.copy({"groupbuy_segment_ids": segment.ids})
        segment.active = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self._create_cart(campaign).order_line)
        with self.assertRaisesRegex(UserError, "offered to other residents"):
            self._create_cart(campaign, self.neighbour)
        refusal = program._groupbuy_get_refusal(self.neighbour, self.company)
        self.assertIn("for other residents", refusal)
        self.assertFalse(program._groupbuy_get_refusal(self.resident, self.company))
        with (
            self.assertRaises(ForeignKeyViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            segment.unlink()

    def test_a_segment_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        segment = self._create_segment(company_id=other.id)
        with self.assertRaisesRegex(ValidationError, "another company"):
            self._create_campaign(segment_ids=segment.ids)

    def test_staff_may_not_count_a_segment(self):
        segment = self._create_segment()
        with self.assertRaises(AccessError):
            segment.with_user(self.user).action_refresh()


@tagged("post_install", "-at_install")
class TestAccessPages(LevelCommon, HttpCase):
    def test_the_page_says_when_a_campaign_opens_for_its_visitor(self):
        partner = self._create_residents_with_login("Anna Miller")
        campaign = self._create_campaign(
            is_published=True, public_at=fields.Datetime.now() + timedelta(minutes=30)
        )
        page = self.url_open(campaign.website_url).text
        self.assertIn("Sign in to see whether", page)
        self.authenticate("anna", "anna")
        self.assertIn("opens for you on", self.url_open(campaign.website_url).text)
        self._set_level(self.gold, partner)
        self.env.flush_all()
        self.assertIn("Early access", self.url_open(campaign.website_url).text)

    def test_a_campaign_of_a_segment_is_listed_for_its_residents_only(self):
        partner = self._create_residents_with_login("Anna Miller")
        segment = self.env["groupbuy.segment"].create(
            {"name": "Few", "company_id": self.company.id}
        )
        campaign = self._create_campaign(
            name="Secret Truffles", is_published=True, segment_ids=segment.ids
        )
        self.assertTrue(campaign)
        self.authenticate("anna", "anna")
        self.assertNotIn("Secret Truffles", self.url_open("/group-buy").text)
        segment.partner_ids = partner
        self.env.flush_all()
        self.assertIn("Secret Truffles", self.url_open("/group-buy").text)
