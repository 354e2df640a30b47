# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.groupbuy_leader.tests.test_application import ApplicationCommon


@tagged("post_install", "-at_install")
class TestTraining(ApplicationCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.env.ref("groupbuy_leader_training.channel")
        cls.certification = cls.env.ref("groupbuy_leader_training.certification")
        cls.company.groupbuy_training_channel_id = cls.channel

    def _make_all_but_training_ready(self, **values):
        application = self._make_ready(self._create_application(**values))
        application.check_ids.filtered("item_id.is_training").is_done = False
        return application.with_user(self.reviewer)

    def _get_attendee(self, application):
        return self.env["slide.channel.partner"].search(
            [
                ("partner_id", "=", application.partner_id.id),
                ("channel_id", "=", self.channel.id),
            ]
        )

    def _read_all(self, partner):
        """Have the partner read the lessons, as the page of a lesson marks them."""
        lessons = self.channel.slide_ids.filtered(
            lambda slide: slide.slide_category == "article"
        )
        marks = self.env["slide.slide.partner"].create(
            [
                {
                    "slide_id": slide.id,
                    "channel_id": self.channel.id,
                    "partner_id": partner.id,
                }
                for slide in lessons
            ]
        )
        marks.completed = True

    def _pass(self, partner, right=True):
        """Have the partner answer all questions of the certification."""
        slide = self.channel.slide_ids.filtered("survey_id")
        mark = self.env["slide.slide.partner"].search(
            [("slide_id", "=", slide.id), ("partner_id", "=", partner.id)]
        ) or self.env["slide.slide.partner"].create(
            {
                "slide_id": slide.id,
                "channel_id": self.channel.id,
                "partner_id": partner.id,
            }
        )
        answers = self.certification._create_answer(
            partner=partner, check_attempts=False, slide_partner_id=mark.id
        )
        answers.slide_partner_id = mark
        for question in self.certification.question_ids:
            choice = question.suggested_answer_ids.filtered(
                lambda answer: answer.is_correct == right
            )[:1]
            answers._save_lines(question, str(choice.id))
        answers._mark_done()
        self.env.flush_all()
        self.env.invalidate_all()

    def test_nobody_is_approved_before_the_course_is_passed(self):
        application = self._make_all_but_training_ready()
        self.assertEqual(application.training_state, "none")
        with self.assertRaisesRegex(UserError, "has not been passed yet"):
            application.action_approve()
        # A tick does not replace it.
        application.check_ids.is_done = True
        with self.assertRaisesRegex(UserError, "has not been passed yet"):
            application.action_approve()

    def test_the_course_leads_to_the_approval(self):
        application = self._make_all_but_training_ready()
        application.action_invite_to_training()
        self.assertEqual(application.training_state, "invited")
        partner = application.partner_id
        self._get_attendee(application).member_status = "joined"
        application.invalidate_recordset()
        self._read_all(partner)
        application.invalidate_recordset()
        self.assertEqual(application.training_state, "ongoing")
        self._pass(partner, right=False)
        self.assertNotEqual(application.training_state, "certified")
        with self.assertRaisesRegex(UserError, "has not been passed yet"):
            application.action_approve()
        self._pass(partner)
        self.assertEqual(application.training_state, "certified")
        application.action_approve()
        self.assertEqual(application.leader_id.partner_id, partner)

    def test_a_course_that_is_read_but_not_certified_is_not_enough(self):
        application = self._make_all_but_training_ready()
        application.action_invite_to_training()
        self._get_attendee(application).member_status = "completed"
        application.invalidate_recordset()
        self.assertEqual(application.training_state, "completed")
        with self.assertRaisesRegex(UserError, "has not been passed yet"):
            application.action_approve()

    def test_an_invitation_reaches_an_applicant_without_an_account(self):
        application = self._make_all_but_training_ready()
        application.action_invite_to_training()
        application.action_invite_to_training()
        attendee = self._get_attendee(application)
        self.assertEqual(len(attendee), 1)
        mails = self.env["mail.mail"].search(
            [("model", "=", attendee._name), ("res_id", "=", attendee.id)]
        )
        self.assertEqual(len(mails), 2)
        self.assertEqual(mails.recipient_ids, application.partner_id)
        self.env.flush_all()
        self.authenticate(None, None)
        page = self.url_open(attendee.invitation_link)
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.channel.name, page.text)

    def test_an_applicant_who_is_logged_in_finds_the_course_on_the_page(self):
        user = new_test_user(
            self.env, login="chen.mei@example.com", groups="base.group_portal"
        )
        application = self._make_all_but_training_ready(partner_id=user.partner_id.id)
        application.action_invite_to_training()
        self.env.flush_all()
        self.authenticate("chen.mei@example.com", "chen.mei@example.com")
        page = self.url_open("/become-a-leader").text
        self.assertIn(self.channel.name, page)

    def test_without_a_course_the_training_is_a_point_of_the_checklist(self):
        self.company.groupbuy_training_channel_id = False
        application = self._make_all_but_training_ready()
        self.assertFalse(application.training_state)
        with self.assertRaisesRegex(UserError, "Trained"):
            application.action_approve()
        with self.assertRaisesRegex(UserError, "Choose the course"):
            application.action_invite_to_training()
        application.check_ids.is_done = True
        application.action_approve()
        self.assertEqual(application.state, "approved")

    def test_sharers_need_no_training(self):
        application = self.applications.create(
            {
                "name": "Sun Li",
                "email": "sun@example.com",
                "phone": "12345678",
                "kind": "koc",
                "company_id": self.company.id,
            }
        )
        self._make_ready(application).with_user(self.reviewer).action_approve()
        self.assertEqual(application.state, "approved")

    def test_only_leader_managers_invite(self):
        application = self._make_all_but_training_ready()
        for user in (self.manager, self.leader_user):
            with self.assertRaises(AccessError):
                application.with_user(user).action_invite_to_training()
