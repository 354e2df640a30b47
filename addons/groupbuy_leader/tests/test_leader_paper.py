# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..papers import MAX_PAPER_SIZE, detect_paper_type
from .common import LeaderCommon
from .files import encode, make_image, make_pdf


@tagged("post_install", "-at_install")
class TestPaperFiles(TransactionCase):
    def test_pdf_and_pictures_are_recognised_by_their_content(self):
        self.assertEqual(detect_paper_type(make_pdf()), "application/pdf")
        self.assertEqual(detect_paper_type(make_image("PNG")), "image/png")
        self.assertEqual(detect_paper_type(make_image("JPEG")), "image/jpeg")

    @mute_logger("pypdf._reader")
    def test_what_only_looks_like_a_paper_is_refused(self):
        for content in (
            b"",
            b"<html><script>alert(1)</script></html>",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.7 and nothing more",
            make_image()[:60],
            make_image("BMP"),
            b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        ):
            self.assertIsNone(detect_paper_type(content), content[:20])


@tagged("post_install", "-at_install")
class TestLeaderPaper(LeaderCommon):
    def _create_paper(self, leader=None, days=100, **values):
        return self.env["groupbuy.leader.paper"].create(
            {
                "leader_id": (leader or self.leader).id,
                "type_id": self.env.ref("groupbuy_leader.paper_type_business").id,
                "number": "B-1",
                "date_expiry": fields.Date.today() + timedelta(days=days),
                "file": encode(make_pdf()),
                **values,
            }
        )

    def _accept(self, **values):
        paper = self._create_paper(**values)
        paper.action_accept()
        return paper

    def _run_cron(self):
        self.env.ref("groupbuy_leader.ir_cron_check_papers").method_direct_trigger()
        self.env.invalidate_all()

    def _count_mails(self, paper):
        return self.env["mail.mail"].search_count(
            [("model", "=", paper._name), ("res_id", "=", paper.id)]
        )

    def test_a_file_that_is_too_large_or_no_paper_is_refused(self):
        for content in (b"plain text", b"\0" * (MAX_PAPER_SIZE + 1)):
            with self.assertRaises(ValidationError):
                self._create_paper(file=encode(content))
        with self.assertRaises(ValidationError):
            self._create_paper(file=False)

    def test_a_paper_that_expires_has_a_date(self):
        with self.assertRaises(ValidationError):
            self._create_paper(date_expiry=False)

    def test_a_created_paper_is_never_accepted_already(self):
        paper = self._create_paper(state="accepted")
        self.assertEqual(paper.state, "submitted")

    def test_an_expired_paper_cannot_be_accepted(self):
        paper = self._create_paper(days=-1)
        with self.assertRaises(UserError):
            paper.action_accept()
        self.assertEqual(paper.state, "submitted")

    def test_a_checked_paper_cannot_be_changed(self):
        paper = self._accept()
        manager = self.manager
        manager.group_ids += self.env.ref("groupbuy_leader.group_leader_manager")
        with self.assertRaises(UserError):
            paper.with_user(manager).number = "B-2"

    def test_a_paper_says_when_it_expires_soon(self):
        for days, expected in ((-1, (True, False)), (0, (False, True))):
            paper = self._create_paper(days=days)
            self.assertEqual((paper.is_expired, paper.is_expiring), expected)
        self.assertTrue(self._create_paper(days=30).is_expiring)
        self.assertFalse(self._create_paper(days=31).is_expiring)

    def test_reminders_are_sent_30_and_7_days_before_once_each(self):
        start = fields.Date.today()
        paper = self._accept(days=40)
        counts = []
        for days in (0, 9, 10, 11, 32, 33, 33, 39):
            with freeze_time(start + timedelta(days=days)):
                self._run_cron()
            counts.append(self._count_mails(paper))
        self.assertEqual(counts, [0, 0, 1, 1, 1, 2, 2, 2])

    def test_one_reminder_is_sent_when_both_were_missed(self):
        paper = self._accept(days=40)
        with freeze_time(fields.Date.today() + timedelta(days=36)):
            self._run_cron()
            self._run_cron()
        self.assertEqual(self._count_mails(paper), 1)
        self.assertEqual(paper.warned_days, 7)

    def test_an_expired_paper_pauses_and_an_accepted_one_ends_the_pause(self):
        self._accept(days=3)
        with freeze_time(fields.Date.today() + timedelta(days=3)):
            self._run_cron()
            self.assertEqual(self.leader.state, "active")
        with freeze_time(fields.Date.today() + timedelta(days=4)):
            self._run_cron()
            self.assertEqual(self.leader.state, "paused")
            self.assertIn("Business licence", self.leader.pause_reason)
            renewed = self._create_paper(days=10)
            self.assertEqual(self.leader.state, "paused", "Not accepted yet")
            renewed.action_accept()
            self.assertEqual(self.leader.state, "active")
            self.assertFalse(self.leader.pause_reason)

    def test_a_new_paper_replaces_the_older_one_of_its_kind_only(self):
        first = self._accept()
        identity = self._accept(
            type_id=self.env.ref("groupbuy_leader.paper_type_identity").id
        )
        other = self._accept(leader=self.other_leader)
        self._accept()
        self.assertEqual(first.state, "replaced")
        self.assertEqual((identity | other).mapped("state"), ["accepted"] * 2)

    def test_leaders_without_papers_are_not_paused(self):
        self._run_cron()
        self.assertEqual(self.leader.state, "active")

    def test_a_food_licence_counts_for_those_who_handle_food(self):
        food = self.env.ref("groupbuy_leader.paper_type_food")
        self._accept(days=1, type_id=food.id)
        with freeze_time(fields.Date.today() + timedelta(days=2)):
            self._run_cron()
            self.assertEqual(self.leader.state, "active")
            self.leader.handles_food = True
            self._run_cron()
            self.assertEqual(self.leader.state, "paused")

    def test_a_refusal_needs_a_reason_and_pauses(self):
        paper = self._accept()
        with self.assertRaises(UserError):
            paper.action_refuse()
        paper.refusal_reason = "It is a copy of another one"
        paper.action_refuse()
        self.assertEqual(self.leader.state, "paused")
        self.assertEqual(self._count_mails(paper), 1)

    def test_a_paused_leader_keeps_a_campaign_from_being_scheduled(self):
        campaign = self._create_campaign(state="draft", lines=[{}])
        self.leader._refresh_state()
        self.leader.write({"is_paused_by_staff": True, "staff_pause_reason": "Ill"})
        self.leader._refresh_state()
        for action in ("action_schedule", "action_open_now"):
            with self.assertRaisesRegex(UserError, "Li Na is paused: Ill"):
                getattr(campaign, action)()
        self.assertEqual(campaign.state, "draft")
        campaign.pickup_point_ids -= self.point
        campaign.action_open_now()
        self.assertEqual(campaign.state, "open")

    def test_residents_cannot_choose_a_paused_leaders_point(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign, point=self.point)
        self.assertFalse(self.point._get_refusal_reason(order))
        self.leader.write({"is_paused_by_staff": True, "staff_pause_reason": "Ill"})
        self.leader._refresh_state()
        self.assertTrue(self.point._get_refusal_reason(order))
        with self.assertRaises(ValidationError):
            order._check_cart_is_ready_to_be_paid()
        self.leader.action_resume()
        self.assertFalse(self.point._get_refusal_reason(order))
        order._check_cart_is_ready_to_be_paid()
