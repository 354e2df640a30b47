# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .case_common import CaseCommon, make_photo

GOOD = {"goods": 5, "service": 4, "logistics": 3}
NO_TEXTS = {}


class ReviewCommon(CaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Review = cls.env["groupbuy.review"]

    def _review(self, order, goods=5, service=4, logistics=3, texts=None, photos=()):
        return self.Review._submit(
            order,
            {"goods": goods, "service": service, "logistics": logistics},
            texts or {},
            photos,
        )


@tagged("post_install", "-at_install")
class TestReview(ReviewCommon):
    def test_a_review_is_shown_in_the_shop_and_counts_everywhere(self):
        order = self._order()
        review = self._review(
            order,
            texts={"goods": "Ripe and sweet", "service": "Friendly"},
            photos=[("mine.jpg", make_photo())],
        )
        self.assertEqual(review.partner_id, self.anna)
        self.assertEqual(len(review.photo_ids), 1)
        template = self.tomato.product_tmpl_id
        rating = review.line_ids.rating_id
        self.assertEqual((rating.rating, rating.feedback), (5.0, "Ripe and sweet"))
        self.assertEqual(rating.partner_id, self.anna)
        self.assertEqual(rating.message_id.author_id, self.anna)
        self.assertEqual(rating.message_id.attachment_ids, review.photo_ids)
        self.assertEqual(template.rating_count, 1)
        self.assertEqual(template.rating_avg, 5.0)
        for record in (
            template,
            self.point,
            self.supplier,
            order.groupbuy_campaign_id,
        ):
            self.assertEqual(record.groupbuy_review_count, 1, record)
            self.assertEqual(record.groupbuy_goods_avg, 5.0)
            self.assertEqual(record.groupbuy_service_avg, 4.0)
            self.assertEqual(record.groupbuy_logistics_avg, 3.0)
            action = record.with_user(self.user).action_view_groupbuy_reviews()
            self.assertEqual(self.Review.search(action["domain"]), review)
        self.assertFalse(review.case_id)
        self.assertEqual(self.other_point.groupbuy_review_count, 0)

    def test_other_addons_are_told_whether_there_is_a_photo(self):
        told = []

        def tell(orders, has_photo):
            told.append((orders, has_photo))

        orders = self._order(), self._order()
        with patch.object(type(orders[0]), "_groupbuy_on_reviewed", tell):
            self._review(orders[0])
            self._review(orders[1], photos=[("mine.jpg", make_photo())])
        self.assertEqual(told, [(orders[0], False), (orders[1], True)])

    def test_averages_are_those_of_published_reviews(self):
        first = self._review(self._order(), goods=5)
        second = self._review(
            self._order(campaign=self._create_campaign()), goods=2, service=5
        )
        self.env.invalidate_all()
        template = self.tomato.product_tmpl_id
        self.assertEqual(template.groupbuy_goods_avg, 3.5)
        self.assertEqual(self.point.groupbuy_service_avg, 4.5)
        hidden = second.with_user(self.user)
        with self.assertRefused("why the review is hidden"):
            hidden.action_hide()
        hidden.hidden_reason = "Names a neighbour"
        hidden.action_hide()
        self.env.invalidate_all()
        self.assertEqual(template.groupbuy_goods_avg, 5.0)
        self.assertEqual(template.groupbuy_review_count, 1)
        self.assertEqual((template.rating_count, template.rating_avg), (1, 5.0))
        self.assertEqual(self.supplier.groupbuy_goods_avg, 5.0)
        self.assertTrue(first.is_published)
        hidden.action_publish()
        self.env.invalidate_all()
        self.assertEqual(template.rating_count, 2)
        self.assertEqual(template.groupbuy_goods_avg, 3.5)

    def test_a_bad_mark_opens_one_case(self):
        for marks in ({"goods": 2}, {"service": 1}, {"logistics": 2}):
            order = self._order(campaign=self._create_campaign())
            review = self._review(
                order, **{"goods": 5, **marks}, texts={"goods": "Mouldy"}
            )
            self.assertEqual(review.case_id.type_code, "review")
            self.assertEqual(review.case_id.order_id, order)
            self.assertEqual(review.case_id.state, "staff")
            self.assertIn("Mouldy", review.case_id.description)
            review._report_bad()
            self.assertEqual(order.groupbuy_case_count, 1)

    def test_an_order_is_reviewed_once(self):
        order = self._order()
        self._review(order)
        with self.assertRefused("have reviewed this order"):
            self._review(order, goods=1)
        self.assertEqual(order.groupbuy_review_ids.goods, 5)
        self.assertEqual(self.tomato.product_tmpl_id.rating_count, 1)

    def test_what_is_not_collected_cannot_be_reviewed(self):
        order = self._order(collected=False)
        with self.assertRefused("once you have collected"):
            self._review(order)
        picking = order.groupbuy_picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        with self.assertRefused("once you have collected"):
            self._review(order)
        waiting = self._join(self._create_campaign(), self.anna)
        with self.assertRefused("once you have collected"):
            self._review(waiting)

    def test_marks_that_are_none_are_refused(self):
        order = self._order()
        for mark in (0, 6, -1, None, "5", 4.5):
            with self.assertRefused("1 to 5 stars"):
                self._review(order, service=mark)
        self.assertFalse(order.groupbuy_review_ids)

    def test_answers_of_staff_are_public(self):
        review = self._review(self._order(), texts={"goods": "Sweet"})
        review.with_user(self.user).answer = "Thank you, Anna!"
        rating = review.line_ids.rating_id
        self.assertEqual(rating.publisher_comment, "Thank you, Anna!")
        self.assertEqual(rating.publisher_id, self.user.partner_id)
        self.assertEqual(review.answered_by_id, self.user)

    def test_what_a_resident_wrote_stays(self):
        review = self._review(self._order()).with_user(self.manager)
        for values in (
            {"goods": 1},
            {"goods_text": "x"},
            {"is_published": False},
            {"partner_id": self.neighbour.id},
        ):
            with self.assertRaises(UserError):
                review.write(values)

    def test_several_products_are_rated_each(self):
        campaign = self._create_campaign(
            lines=[{"product": self.tomato}, {"product": self.egg}]
        )
        order = self._join(campaign, self.anna, dict.fromkeys(campaign.line_ids, 1))
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(order)
        self._review(order, goods=4)
        for product in (self.tomato, self.egg):
            self.assertEqual(product.product_tmpl_id.rating_avg, 4.0)
            self.assertEqual(product.product_tmpl_id.groupbuy_review_count, 1)
        # One review, two lines: the supplier of both has one.
        self.assertEqual(self.supplier.groupbuy_review_count, 1)

    def test_the_averages_of_many_products_cost_one_query(self):
        templates = self.env["product.template"].browse()
        for number in range(5):
            templates |= self._create_product(f"P{number}").product_tmpl_id
        templates |= self.tomato.product_tmpl_id
        self._review(self._order())
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            templates.mapped("groupbuy_goods_avg")


@tagged("post_install", "-at_install")
class TestReviewRequest(ReviewCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.groupbuy_review_hours = 3.0
        cls.survey = cls.env.ref("groupbuy_verification.survey_satisfaction")
        cls.company.groupbuy_survey_id = cls.survey

    def _run_cron(self):
        self.env.flush_all()
        self.env.ref(
            "groupbuy_verification.ir_cron_ask_reviews"
        ).method_direct_trigger()
        self.env.invalidate_all()

    def _get_mails(self, order):
        return (
            self.env["mail.mail"]
            .search([("model", "=", "sale.order"), ("res_id", "=", order.id)])
            .filtered(lambda mail: "how was it" in mail.subject)
        )

    def test_residents_are_asked_once_some_hours_after_they_collected(self):
        order = self._order()
        self.assertTrue(order.groupbuy_review_due_at)
        self._run_cron()
        self.assertFalse(self._get_mails(order))
        with freeze_time(fields.Datetime.now() + timedelta(hours=4)):
            self._run_cron()
            mail = self._get_mails(order)
            self.assertEqual(len(mail), 1)
            self.assertEqual(mail.recipient_ids, self.anna)
            url = f"/my/orders/{order.id}/review?access_token={order.access_token}"
            self.assertIn(url, mail.body_html)
            self.assertIn(f"/my/orders/{order.id}/survey?", mail.body_html)
            self.assertTrue(order.groupbuy_review_asked_at)
            self._run_cron()
            self.assertEqual(self._get_mails(order), mail)

    def test_who_has_reviewed_already_is_not_asked(self):
        order = self._order()
        self._review(order)
        with freeze_time(fields.Datetime.now() + timedelta(hours=4)):
            self._run_cron()
        self.assertFalse(self._get_mails(order))
        self.assertTrue(order.groupbuy_review_asked_at)

    def test_nobody_is_asked_before_everything_is_collected(self):
        order = self._order(collected=False)
        picking = order.groupbuy_picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.assertFalse(order.groupbuy_review_due_at)
        self._hand_out(order)
        self.assertTrue(order.groupbuy_review_due_at)

    def test_a_pickup_that_was_undone_is_asked_about_when_it_is_done_again(self):
        order = self._order()
        picking = order.groupbuy_picking_ids
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = 3
        self._validate(wizard._create_return())
        with freeze_time(fields.Datetime.now() + timedelta(hours=4)):
            self._run_cron()
        self.assertFalse(self._get_mails(order))
        self.assertFalse(order.groupbuy_review_asked_at)
        self.assertFalse(order.groupbuy_review_due_at)

    def test_asking_many_costs_few_queries_each(self):
        campaign = self._create_campaign()
        orders = self.env["sale.order"]
        for resident in self._create_residents(8):
            orders |= self._join(campaign, resident)
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(orders)
        self.env.flush_all()
        counts = []
        for some in (orders[:2], orders[2:]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._groupbuy_filter_collected()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_the_survey_s_answers_count_for_the_campaign(self):
        order = self._order()
        sheet = order._groupbuy_get_survey_answer()
        self.assertEqual(order._groupbuy_get_survey_answer(), sheet)
        campaign = order.groupbuy_campaign_id
        self.assertEqual(sheet.groupbuy_campaign_id, campaign)
        self.assertEqual(campaign.survey_count, 0)
        recommend = self.env.ref("groupbuy_verification.survey_question_recommend")
        price = self.env.ref("groupbuy_verification.survey_question_price")
        wish = self.env.ref("groupbuy_verification.survey_question_wish")
        cheap = price.suggested_answer_ids[0]
        sheet._save_lines(recommend, "9")
        sheet._save_lines(price, str(cheap.id))
        sheet._save_lines(wish, "Cherries")
        sheet._mark_done()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(campaign.survey_count, 1)
        action = campaign.with_user(self.user).action_view_survey()
        rows = (
            self.env["groupbuy.survey.report"]
            .with_user(self.user)
            .search(action["domain"])
        )
        by_question = {row.question_id: row for row in rows}
        self.assertEqual(by_question[recommend].score, 9.0)
        self.assertEqual(by_question[price].answer_id, cheap)
        self.assertEqual(by_question[wish].text, "Cherries")
        groups = rows._read_group(
            [("campaign_id", "=", campaign.id)], ["question_id"], ["score:avg"]
        )
        self.assertEqual(dict(groups)[recommend], 9.0)
        self.assertIsNone(dict(groups)[wish] or None)

    def test_without_a_survey_the_mail_has_no_link_to_one(self):
        self.company.groupbuy_survey_id = False
        order = self._order()
        with freeze_time(fields.Datetime.now() + timedelta(hours=4)):
            self._run_cron()
        self.assertNotIn("/survey", self._get_mails(order).body_html)
        self.assertFalse(order._groupbuy_get_survey_answer())

    @mute_logger("odoo.sql_db")
    def test_one_review_for_an_order_is_kept_by_the_database(self):
        order = self._order()
        review = self._review(order)
        with self.assertRaises(IntegrityError) as caught, self.env.cr.savepoint():
            review.copy({"order_id": order.id}).flush_recordset()
        self.assertIn("groupbuy_review_order_uniq", str(caught.exception))
