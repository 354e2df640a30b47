# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .points_common import PointsCommon


@tagged("post_install", "-at_install")
class TestTrials(PointsCommon):
    """Goods for nothing, for a review."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trial = cls._create_trial()

    @classmethod
    def _create_trial(cls, **values):
        return cls.env["groupbuy.trial"].create(
            {
                "partner_id": cls.resident.id,
                "product_id": cls.tomato.id,
                "company_id": cls.company.id,
                "request": "How sweet are they?",
                "user_id": cls.manager.id,
                **values,
            }
        )

    def _accept(self):
        self.trial.with_user(self.manager).action_offer()
        self.trial._accept()
        return self.trial.card_id

    def _create_trial_cart(self, quantity=1, partner=None):
        """Return a cart with the goods and the coupon."""
        campaign = self._create_campaign()
        order = self._create_cart(campaign, partner, {campaign.line_ids: quantity})
        card = self.trial.card_id
        status = order._try_apply_code(card.code)
        self.assertNotIn("error", status)
        order._apply_program_reward(status[card], card)
        return order

    def _join_trial(self):
        order = self._create_trial_cart()
        order._check_cart_is_ready_to_be_paid()
        order._validate_order()
        return order

    def _collect(self):
        order = self._join_trial()
        self._close(order.groupbuy_campaign_id)
        self._receive(order.groupbuy_campaign_id)
        self._hand_out(order)
        self._run_jobs()
        return order

    def _run_cron(self):
        self.env.flush_all()
        self.env.ref(
            "groupbuy_marketing.ir_cron_follow_up_trials"
        ).method_direct_trigger()
        self.env.invalidate_all()

    def _get_mails(self):
        """Return the mails to the resident; the responsible hears of to-dos."""
        return self.env["mail.mail"].search(
            [
                ("model", "=", "groupbuy.trial"),
                ("res_id", "=", self.trial.id),
                ("recipient_ids", "in", self.resident.ids),
            ]
        )

    def test_a_promise_makes_an_order_that_costs_nothing(self):
        self.trial.with_user(self.manager).action_offer()
        self.assertFalse(self.trial.card_id, "No coupon without the promise")
        self.assertIn("Tomatoes", self._get_mails().body_html)
        self.trial._accept()
        self.assertEqual(self.trial.card_id.partner_id, self.resident)
        order = self._join_trial()
        self.assertEqual(order.amount_total, 0)
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertEqual((self.trial.state, self.trial.order_id), ("ordered", order))
        self._close(order.groupbuy_campaign_id)
        self.assertEqual(order.groupbuy_state, "confirmed")

    def test_the_review_is_asked_for_after_the_collection_and_becomes_a_rating(self):
        self._accept()
        self._collect()
        self.assertEqual(self.trial.state, "collected")
        self.assertEqual(
            self.trial.review_due, fields.Date.add(fields.Date.today(), days=7)
        )
        self.assertEqual(len(self._get_mails()), 2)
        self.trial._review(4, "Sweet and firm, even after four days.")
        self.assertEqual(self.trial.state, "reviewed")
        rating = self.trial.rating_id
        self.assertEqual(
            (rating.rating, rating.res_model, rating.res_id, rating.partner_id),
            (4, "product.template", self.tomato.product_tmpl_id.id, self.resident),
        )
        with self.assertRaisesRegex(UserError, "nothing to review"):
            self.trial._review(1, "Once more, with other words.")
        self.assertEqual(self.tomato.product_tmpl_id.rating_count, 1)

    def test_a_review_without_a_mark_or_words_changes_nothing(self):
        self._accept()
        self._collect()
        for mark, text in ((0, "A long enough text"), (6, "x" * 20), (5, " ok \x00")):
            with self.assertRaisesRegex(UserError, "mark from 1 to 5"):
                self.trial._review(mark, text)
        self.assertEqual(self.trial.state, "collected")
        self.assertFalse(self.trial.rating_id)

    def test_a_review_that_was_written_in_the_shop_is_recognised(self):
        self._accept()
        self._collect()
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("product.template"),
                "res_id": self.tomato.product_tmpl_id.id,
                "partner_id": self.resident.id,
                "rating": 5,
                "consumed": True,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE groupbuy_trial SET collected_at = collected_at - interval '1 hour'"
        )
        self.env.invalidate_all()
        self._run_cron()
        self.assertEqual((self.trial.state, self.trial.rating_id), ("reviewed", rating))

    def test_a_late_review_is_reminded_of_once_and_becomes_a_to_do(self):
        self._accept()
        self._collect()
        self.trial.review_due = fields.Date.subtract(fields.Date.today(), days=1)
        self._run_cron()
        self._run_cron()
        self.assertEqual(self.trial.state, "overdue")
        self.assertEqual(self.trial.activity_ids.user_id, self.manager)
        self.assertEqual(len(self.trial.activity_ids), 1)
        self.assertEqual(len(self._get_mails()), 3)
        self.trial._review(5, "Better late than never.")
        self.assertFalse(self.trial.activity_ids)

    def test_one_unit_is_free_and_no_more(self):
        self._accept()
        order = self._create_trial_cart(quantity=3)
        with self.assertRaisesRegex(ValidationError, "reduce the quantity to 1"):
            order._check_cart_is_ready_to_be_paid()
        order._validate_order()
        self.assertEqual(order.groupbuy_state, "failed", "Nor without the check")
        self.assertEqual(self.trial.state, "accepted")
        self.assertEqual(self.trial.card_id.points, 1)

    def test_the_coupon_is_personal_and_for_campaigns(self):
        card = self._accept()
        campaign = self._create_campaign()
        other = self._create_cart(campaign, self.neighbour)
        self.assertIn("somebody else", other._try_apply_code(card.code)["error"])
        shop = self.env["sale.order"].create({"partner_id": self.resident.id})
        self.assertIn("group campaign", shop._try_apply_code(card.code)["error"])

    def test_an_order_that_failed_gives_the_trial_back(self):
        self._accept()
        order = self._join_trial()
        order._groupbuy_cancel_by_resident()
        self.assertEqual(self.trial.state, "accepted")
        self.assertFalse(self.trial.order_id)
        self.assertEqual(self.trial.card_id.points, 1)
        again = self._join_trial()
        self.assertEqual(self.trial.order_id, again)

    def test_an_offer_is_accepted_once_and_until_its_last_day(self):
        card = self._accept()
        with self.assertRaisesRegex(UserError, "accepted already"):
            self.trial._accept()
        self.assertEqual(self.trial.card_id, card)
        late = self._create_trial(product_id=self.egg.id)
        late.action_offer()
        late.valid_until = fields.Date.subtract(fields.Date.today(), days=1)
        with self.assertRaisesRegex(UserError, "is over"):
            late._accept()
        self._run_cron()
        self.assertEqual(late.state, "expired")

    def test_a_withdrawn_offer_leaves_no_coupon(self):
        card = self._accept()
        self.trial.with_user(self.manager).action_withdraw()
        self.assertEqual((self.trial.state, card.points), ("withdrawn", 0))
        with self.assertRaisesRegex(UserError, "done with"):
            self.trial.with_user(self.manager).action_withdraw()

    def test_an_offer_whose_day_is_over_is_not_made(self):
        self.trial.valid_until = fields.Date.subtract(fields.Date.today(), days=1)
        with self.assertRaisesRegex(UserError, "choose a later one"):
            self.trial.with_user(self.manager).action_offer()

    def test_only_managers_give_goods_away_and_nobody_writes_what_follows(self):
        with self.assertRaises(AccessError):
            self.trial.with_user(self.user).action_offer()
        with self.assertRaises(AccessError):
            self.trial.with_user(self.manager).state = "reviewed"
        with self.assertRaises(AccessError):
            self.env["groupbuy.trial"].with_user(self.manager).create(
                {
                    "partner_id": self.third.id,
                    "product_id": self.egg.id,
                    "state": "collected",
                }
            )
        self.trial.with_user(self.manager).action_offer()
        with self.assertRaisesRegex(UserError, "make a new one"):
            self.trial.with_user(self.manager).partner_id = self.third
        with self.assertRaisesRegex(UserError, "withdraw the offer"):
            self.trial.with_user(self.manager).unlink()

    def test_who_owes_a_review_is_not_offered_the_same_again(self):
        self._accept()
        again = self._create_trial()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            again.action_offer()
        self.assertEqual(again.state, "draft")

    def test_the_coupons_of_one_product_share_a_program(self):
        self._accept()
        other = self._create_trial(partner_id=self.third.id)
        other.action_offer()
        other._accept()
        self.assertEqual(other.card_id.program_id, self.trial.card_id.program_id)
