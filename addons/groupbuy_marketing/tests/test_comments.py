# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from ..models.groupbuy_comment import COMMENTS_PER_PAGE, MAX_LENGTH, MAX_PENDING
from .common_sharing import SharingCommon


@tagged("post_install", "-at_install")
class TestComments(SharingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.comments = cls.env["groupbuy.comment"]
        cls._prepare(lambda: cls._join(cls.campaign, cls.anna))

    def _write(self, body="Very fresh", partner=None, show_name=True):
        return self.comments._write_comment(
            self.campaign, partner or self.anna, body, show_name
        )

    def test_comment_is_shown_when_it_is_approved(self):
        comment = self._write()
        self.assertEqual(comment.state, "pending")
        self.assertFalse(self.comments._get_shown(self.campaign))
        comment.with_user(self.user).action_approve()
        [shown] = self.comments._get_shown(self.campaign)
        self.assertEqual((shown["name"], shown["body"]), ("Anna M.", "Very fresh"))
        self.assertEqual(comment.moderated_by_id, self.user)
        comment.with_user(self.user).action_refuse()
        self.assertFalse(self.comments._get_shown(self.campaign))

    def test_name_is_shown_only_if_its_owner_wants_it(self):
        self._write(show_name=False).action_approve()
        [shown] = self.comments._get_shown(self.campaign)
        self.assertEqual((shown["name"], shown["initial"]), ("A neighbour", ""))
        self.assertNotIn("Anna", str(shown))

    def test_only_joiners_may_comment(self):
        self._create_cart(self.campaign, self.ben)
        for partner in (self.ben, self.third):
            with self.assertRaisesRegex(UserError, "Only neighbours who have joined"):
                self._write(partner=partner)
        self.assertFalse(self.comments._may_comment(self.campaign, self.ben.browse()))
        self.assertFalse(self.comments.search([]))

    def test_empty_and_too_long_texts_are_refused(self):
        for body in ("", "  \n", None, 7, ["x"], "\x00"):
            with self.assertRaisesRegex(UserError, "write something"):
                self._write(body)
        with self.assertRaisesRegex(UserError, "at most 500 characters"):
            self._write("x" * (MAX_LENGTH + 1))
        self.assertFalse(self.comments.search([]))

    def test_same_text_again_is_one_comment(self):
        self.assertEqual(self._write(), self._write())
        self.assertEqual(self.comments.search_count([]), 1)

    def test_few_comments_may_wait_at_once(self):
        for number in range(MAX_PENDING):
            self._write(f"Comment {number}")
        with self.assertRaisesRegex(UserError, "still being read"):
            self._write("One more")
        self.comments.search([]).action_approve()
        self.assertTrue(self._write("One more"))

    def test_staff_answer_but_do_not_change_what_was_said(self):
        comment = self._write().with_user(self.manager)
        comment.reply = "Thank you"
        for values in (
            {"body": "Changed"},
            {"state": "approved"},
            {"partner_id": self.ben.id},
            {"reply": "x", "show_name": False},
        ):
            with self.assertRaisesRegex(UserError, "stays as its author"):
                comment.write(values)
        with self.assertRaises(AccessError):
            self.comments.with_user(self.user).create(
                {"campaign_id": self.campaign.id, "partner_id": self.anna.id,
                 "body": "Made up"}
            )  # fmt: skip
        comment.action_approve()
        [shown] = self.comments._get_shown(self.campaign)
        self.assertEqual((shown["body"], shown["reply"]), ("Very fresh", "Thank you"))

    def test_residents_cannot_approve(self):
        comment = self._write().with_user(self.anna.user_ids)
        for method in (comment.action_approve, comment.action_refuse):
            with self.assertRaises(AccessError):
                method()

    def test_campaign_counts_what_waits(self):
        self._write("One")
        self._write("Two").action_refuse()
        self.assertEqual(self.campaign.pending_comment_count, 1)
        action = self.campaign.with_user(self.user).action_groupbuy_comments()
        self.assertEqual(
            self.comments.search(action["domain"]).campaign_id, self.campaign
        )

    def test_comments_are_shown_in_pages_with_one_query_each(self):
        for number in range(COMMENTS_PER_PAGE + 1):
            self._write(f"Comment {number}").action_approve()
        values = self.comments._get_page_values(self.campaign, self.anna.browse())
        self.assertEqual(len(values["comments"]), COMMENTS_PER_PAGE)
        self.assertEqual(values["next_page"], 2)
        values = self.comments._get_page_values(self.campaign, self.anna.browse(), 2)
        self.assertEqual([c["body"] for c in values["comments"]], ["Comment 0"])
        self.assertFalse(values["next_page"])


@tagged("post_install", "-at_install")
class TestCommentPages(SharingCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare(lambda: cls._join(cls.campaign, cls.anna))

    def _post(self, body, **values):
        return self.url_open(
            f"{self.campaign.website_url}/comments",
            data={"csrf_token": Request.csrf_token(self), "body": body, **values},
        )

    def test_joiner_writes_and_everybody_reads_after_approval(self):
        self.authenticate("anna", "anna")
        self.assertIn('name="show_name"', self.url_open(self.campaign.website_url).text)
        text = self._post("<b>Fresh</b> & good", show_name="1").text
        self.assertIn("Your comment is shown as soon as we have read it", text)
        self.assertIn("Waits until we have read it", text)
        comment = self.env["groupbuy.comment"].search([])
        self.assertEqual(comment.body, "<b>Fresh</b> & good")
        self.assertTrue(comment.show_name)
        self.authenticate(None, None)
        self.assertNotIn("Fresh", self.url_open(self.campaign.website_url).text)
        comment.action_approve()
        text = self.url_open(self.campaign.website_url).text
        self.assertIn("&lt;b&gt;Fresh&lt;/b&gt; &amp; good", text)
        self.assertIn("Anna M.", text)
        self.assertNotIn('name="show_name"', text)
        self.assertIn(
            "Fresh", self.url_open(f"{self.campaign.website_url}/comments").text
        )

    def test_others_see_why_they_cannot_write(self):
        self.authenticate("ben", "ben")
        text = self._post("Hello").text
        self.assertIn("Only neighbours who have joined", text)
        self.assertFalse(self.env["groupbuy.comment"].search([]))

    def test_nonsense_pages_are_answered(self):
        for page in ("0", "-1", "x", "99999999999", "%00"):
            response = self.url_open(
                f"{self.campaign.website_url}/comments?page={page}"
            )
            self.assertEqual(response.status_code, 200)
