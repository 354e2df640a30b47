# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import LeaderCommon
from .files import encode, make_image, make_pdf


class ApplicationCommon(LeaderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reviewer = new_test_user(
            cls.env,
            login="reviewer",
            name="Wang Fang",
            email="reviewer@example.com",
            groups="groupbuy_leader.group_leader_manager",
        )
        cls.applications = cls.env["groupbuy.leader.application"]
        cls.identity = cls.env.ref("groupbuy_leader.paper_type_identity")
        cls.business = cls.env.ref("groupbuy_leader.paper_type_business")
        cls.food = cls.env.ref("groupbuy_leader.paper_type_food")
        cls.consent = cls.env.ref("groupbuy_leader.consent_1")
        cls.company.partner_id.tz = "Asia/Shanghai"

    def _create_application(self, **values):
        return self.applications.create(
            {
                "name": "Chen Mei",
                "email": "Chen.Mei@Example.com",
                "phone": "+86 571 5550 0101",
                "company_id": self.company.id,
                "community_id": self.community.id,
                "point_name": "Corner Shop",
                "street": "9 Garden Road",
                "city": "Hangzhou",
                "zip": "310001",
                "country_id": self.env.ref("base.cn").id,
                "hours_ids": [
                    Command.create({"dayofweek": day, "hour_from": 8, "hour_to": 20})
                    for day in "01234"
                ],
                "paper_ids": [
                    Command.create(
                        {
                            "type_id": paper_type.id,
                            "number": "N-1",
                            "date_expiry": fields.Date.today() + timedelta(days=365),
                            "file": encode(make_pdf()),
                        }
                    )
                    for paper_type in (self.identity, self.business)
                ],
                **values,
            }
        )

    def _make_ready(self, application):
        """Check everything, as the staff do it."""
        application.with_user(self.reviewer).action_review()
        application.with_user(self.reviewer).check_ids.is_done = True
        application.with_user(self.reviewer).paper_ids.action_accept()
        return application

    def _get_mails(self, record):
        return self.env["mail.mail"].search(
            [("model", "=", record._name), ("res_id", "in", record.ids)], order="id"
        )


@tagged("post_install", "-at_install")
class TestApplicationReview(ApplicationCommon):
    def test_approval_makes_everything_a_leader_needs(self):
        application = self._make_ready(self._create_application(daily_capacity=40))
        application.with_user(self.reviewer).action_approve()
        leader = application.leader_id
        self.assertEqual(application.state, "approved")
        self.assertEqual(application.decided_by, self.reviewer)
        user = leader.partner_id.user_ids
        self.assertEqual(user.login, "chen.mei@example.com")
        self.assertTrue(user._is_portal())
        self.assertFalse(user._is_internal())
        self.assertEqual(leader.tier_id.code, "ordinary")
        self.assertEqual(leader.state, "active")
        self.assertEqual(leader.paper_ids, application.paper_ids)
        point = leader.point_ids
        self.assertEqual(point.name, "Corner Shop")
        self.assertEqual(point.manager_user_ids, user)
        self.assertEqual(point.community_ids, self.community)
        self.assertEqual(point.street, "9 Garden Road")
        self.assertEqual(point.daily_capacity, 40)
        self.assertEqual(point.tz, "Asia/Shanghai")
        self.assertEqual(
            point.location_id.location_id,
            self.env.ref("community_groupbuy.stock_location_pickup_points"),
        )
        hours = point._get_opening_hours()
        self.assertEqual(hours["0"], ["08:00 - 20:00"])
        self.assertEqual(hours["5"], [])
        mail = self._get_mails(application)[-1]
        self.assertEqual(mail.recipient_ids, leader.partner_id)
        self.assertIn("signup", mail.body_html)
        self.assertIn(leader.share_token, mail.body_html)

    def test_a_second_click_changes_nothing(self):
        application = self._make_ready(self._create_application())
        first = application.with_user(self.reviewer).action_approve()
        second = application.with_user(self.reviewer).action_approve()
        self.assertEqual(first, second)
        for model, domain in (
            ("groupbuy.leader", [("application_id", "=", application.id)]),
            ("groupbuy.pickup.point", [("name", "=", "Corner Shop")]),
            ("res.users", [("login", "=", "chen.mei@example.com")]),
        ):
            self.assertEqual(self.env[model].search_count(domain), 1, model)
        self.assertEqual(len(self._get_mails(application)), 1)

    def test_an_approval_that_fails_half_way_leaves_nothing(self):
        application = self._make_ready(self._create_application())

        def fail(point, vals_list):
            raise UserError(self.env._("No room"))

        self.patch(type(self.env["groupbuy.pickup.point"]), "create", fail)
        with self.assertRaisesRegex(UserError, "No room"), self.env.cr.savepoint():
            application.with_user(self.reviewer).action_approve()
        self.env.invalidate_all()
        self.assertEqual(application.state, "review")
        self.assertFalse(application.leader_id)
        self.assertFalse(
            self.env["res.users"].search([("login", "=", "chen.mei@example.com")])
        )

    def test_everything_that_is_missing_is_said_at_once(self):
        application = self._create_application(street=False, hours_ids=[])
        application.check_ids[0].is_done = True
        with self.assertRaises(UserError) as error:
            application.with_user(self.reviewer).action_approve()
        message = str(error.exception)
        for part in ("address", "opening hours", "paper is missing", "Checklist"):
            self.assertIn(part, message)
        self.assertEqual(application.state, "submitted")
        self.assertEqual(application.approval_problems, message)

    def test_a_food_licence_is_needed_where_food_is_handled(self):
        application = self._make_ready(self._create_application(handles_food=True))
        with self.assertRaisesRegex(UserError, "Food licence"):
            application.with_user(self.reviewer).action_approve()

    def test_an_expired_paper_does_not_count(self):
        application = self._make_ready(self._create_application())
        application.paper_ids[0].sudo().date_expiry = fields.Date.today() - timedelta(1)
        with self.assertRaisesRegex(UserError, "valid paper is missing"):
            application.with_user(self.reviewer).action_approve()

    def test_a_refused_one_reads_why_and_may_apply_again(self):
        application = self._create_application()
        action = application.with_user(self.reviewer).action_refuse()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.reviewer)
            .with_context(**action["context"])
            .create({"reason": "The place is too small"})
        )
        wizard.action_confirm()
        self.assertEqual(application.state, "refused")
        self.assertIn("too small", self._get_mails(application)[-1].body_html)
        with self.assertRaises(UserError):
            application.with_user(self.reviewer).action_approve()
        again = self._create_application()
        self.assertEqual(again.state, "submitted")
        self.assertEqual(again.other_application_ids, application)

    def test_a_refusal_needs_a_reason(self):
        application = self._create_application()
        with self.assertRaises(UserError):
            application.with_user(self.reviewer)._refuse("  ")
        self.assertEqual(application.state, "submitted")

    def test_a_person_has_one_open_application(self):
        self._create_application()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self._create_application(email="chen.mei@example.com")

    def test_an_account_with_the_same_mail_is_not_taken_over(self):
        user = new_test_user(
            self.env,
            login="chen.mei@example.com",
            email="chen.mei@example.com",
            groups="base.group_portal",
        )
        application = self._make_ready(self._create_application())
        self.assertEqual(application.existing_user_id, user)
        with self.assertRaisesRegex(UserError, "There is an account"):
            application.with_user(self.reviewer).action_approve()
        application.with_user(self.reviewer).partner_id = user.partner_id
        application.with_user(self.reviewer).action_approve()
        self.assertEqual(application.leader_id.partner_id, user.partner_id)
        self.assertEqual(application.point_id.manager_user_ids, user)

    def test_a_sharer_gets_a_link_and_no_point(self):
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
        leader = application.leader_id
        self.assertEqual(leader.kind, "koc")
        self.assertFalse(leader.point_ids)
        self.assertIn("/l/", leader.share_url)

    def test_an_approved_leader_keeps_the_inviter_and_the_bonus_begins(self):
        self.company.write(
            {"groupbuy_invitation_amount": 2.0, "groupbuy_invitation_max": 5.0}
        )
        application = self._make_ready(
            self._create_application(inviter_id=self.leader.id)
        )
        application.with_user(self.reviewer).action_approve()
        invitation = self.env["groupbuy.leader.invitation"].search(
            [("invited_id", "=", application.leader_id.id)]
        )
        self.assertEqual(invitation.inviter_id, self.leader)
        self.assertEqual(invitation.amount_max, 5.0)

    def test_only_leader_managers_review(self):
        application = self._create_application()
        for user in (self.user, self.manager, self.leader_user):
            for action in ("action_review", "action_approve", "action_withdraw"):
                with self.assertRaises(AccessError):
                    getattr(application.with_user(user), action)()
        self.assertEqual(application.state, "submitted")

    def test_who_ticked_a_point_is_kept_and_cannot_be_made_up(self):
        application = self._create_application()
        check = application.check_ids[0].with_user(self.reviewer)
        check.write({"is_done": True, "done_by": self.manager.id})
        self.assertEqual(check.done_by, self.reviewer)
        application.with_user(self.reviewer)._refuse("No")
        with self.assertRaises(UserError):
            check.is_done = False

    def test_a_text_that_was_agreed_to_stays(self):
        self._create_application(consent_id=self.consent.id)
        with self.assertRaises(UserError):
            self.consent.text = "Something else"
        with self.assertRaises(UserError):
            self.consent.unlink()


@tagged("post_install", "-at_install")
class TestApplicationForm(ApplicationCommon, HttpCase):
    """What browsers, and programs that are none, send to the page."""

    def _get_form(self, session=None):
        """Return what a person would send, with a valid token."""
        return {
            "csrf_token": http.Request.csrf_token(self),
            "kind": "leader",
            "name": "Chen Mei",
            "email": "chen@example.com",
            "phone": "+86 571 5550 0101",
            "community_id": str(self.community.id),
            "point_name": "Corner Shop",
            "street": "9 Garden Road",
            "city": "Hangzhou",
            "zip": "310001",
            "from_0": "08:00",
            "to_0": "20:30",
            "from_5": "09:00",
            "to_5": "12:00",
            f"paper_number_{self.identity.id}": "330106-1",
            f"paper_expiry_{self.identity.id}": "2099-12-31",
            f"paper_number_{self.business.id}": "B-77",
            f"paper_expiry_{self.business.id}": "2099-12-31",
            "consent": str(self.consent.id),
            "note": "I have a dry cellar.",
        }

    def _get_files(self):
        return {
            f"paper_file_{self.identity.id}": ("id.png", make_image(), "image/png"),
            f"paper_file_{self.business.id}": (
                "licence.pdf",
                make_pdf(),
                "application/pdf",
            ),
        }

    def _send(self, login=None, files=None, drop=(), **values):
        self.authenticate(login, login)
        form = self._get_form() | values
        for key in drop:
            form.pop(key)
        self.env.flush_all()
        response = self.url_open(
            "/become-a-leader",
            data=form,
            files=self._get_files() if files is None else files,
        )
        self.env.invalidate_all()
        return response

    def _search(self, email="chen@example.com"):
        return self.applications.search([("email_normalized", "=", email)])

    def assertRefused(self, response, text):
        self.assertEqual(response.status_code, 200)
        self.assertIn(text, response.text)
        self.assertFalse(self._search())

    def test_a_visitor_applies(self):
        response = self._send()
        self.assertTrue(response.url.endswith("/become-a-leader/thank-you"))
        application = self._search()
        self.assertEqual(application.state, "submitted")
        self.assertEqual(application.community_id, self.community)
        self.assertFalse(application.partner_id)
        self.assertEqual(
            application.hours_ids.mapped(
                lambda h: (h.dayofweek, h.hour_from, h.hour_to)
            ),
            [("0", 8.0, 20.5), ("5", 9.0, 12.0)],
        )
        self.assertEqual(
            application.paper_ids.sorted("id").mapped(
                lambda p: (p.type_id, p.number, p.mimetype, p.state)
            ),
            [
                (self.identity, "330106-1", "image/png", "submitted"),
                (self.business, "B-77", "application/pdf", "submitted"),
            ],
        )
        self.assertEqual(application.consent_id, self.consent)
        self.assertEqual(application.consent_text, self.consent.text)
        self.assertTrue(application.check_ids)
        mail = self._get_mails(application)
        self.assertEqual(mail.email_to, "chen@example.com")

    def test_a_resident_who_is_logged_in_is_recognised(self):
        user = new_test_user(
            self.env,
            login="anna",
            name="Anna Miller",
            email="anna@example.com",
            groups="base.group_portal",
        )
        self._send("anna", email="anna@example.com")
        application = self._search("anna@example.com")
        self.assertEqual(application.partner_id, user.partner_id)
        page = self.url_open("/become-a-leader").text
        self.assertIn("We have your application", page)
        application.with_user(self.reviewer)._refuse("The place is too small")
        page = self.url_open("/become-a-leader").text
        self.assertIn("The place is too small", page)
        self.assertIn("gb_consent", page)

    def test_keys_that_the_form_has_not_are_ignored(self):
        self._send(
            state="approved",
            tier_id="1",
            leader_id=str(self.leader.id),
            company_id="99",
            partner_id=str(self.resident.id),
            inviter_id=str(self.leader.id),
            source_hash="x",
        )
        application = self._search()
        self.assertEqual(application.state, "submitted")
        self.assertEqual(application.company_id, self.company)
        self.assertFalse(application.leader_id)
        self.assertFalse(application.partner_id)
        self.assertFalse(application.inviter_id)

    def test_a_request_without_the_token_is_refused(self):
        with mute_logger("odoo.http"):
            response = self._send(csrf_token="forged")
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self._search())

    def test_a_program_falls_into_the_trap(self):
        response = self._send(homepage="http://spam.example.com")
        self.assertTrue(response.url.endswith("/thank-you"))
        self.assertFalse(self._search())

    def test_each_mistake_is_told_and_nothing_is_kept(self):
        self.assertRefused(self._send(name=" "), "Please enter your name")
        self.assertRefused(self._send(email="nobody"), "valid e-mail address")
        self.assertRefused(self._send(phone="call me"), "valid phone number")
        self.assertRefused(self._send(kind="admin"), "what you want to become")
        self.assertRefused(self._send(community_id="x"), "choose your community")
        self.assertRefused(self._send(street=""), "street and city")
        self.assertRefused(self._send(name="x" * 129), "at most 128 characters")
        self.assertRefused(self._send(daily_capacity="-3"), "whole number")
        self.assertRefused(self._send(from_0="25:00"), "both times")
        self.assertRefused(self._send(to_0="07:00"), "has to open before it closes")
        self.assertRefused(self._send(drop=["consent"]), "what you agree to")
        self.assertRefused(self._send(consent="999999"), "what you agree to")

    def test_each_bad_paper_is_told_and_nothing_is_kept(self):
        number = f"paper_number_{self.business.id}"
        expiry = f"paper_expiry_{self.business.id}"
        self.assertRefused(self._send(**{number: ""}), "number of this paper: Business")
        self.assertRefused(self._send(**{expiry: ""}), "until when this paper holds")
        self.assertRefused(self._send(**{expiry: "soon"}), "until when this paper")
        self.assertRefused(self._send(**{expiry: "2020-01-01"}), "has expired")
        self.assertRefused(self._send(files={"other": ("x", b"x")}), "Add the file")
        files = self._get_files()
        key = f"paper_file_{self.business.id}"
        files[key] = ("licence.pdf", b"<html>no</html>", "application/pdf")
        self.assertRefused(self._send(files=files), "Only PDF files and pictures")
        files[key] = (
            "licence.pdf",
            make_pdf() + b"\0" * 8 * 1024**2,
            "application/pdf",
        )
        self.assertRefused(self._send(files=files), "larger than 8 MB")

    def test_communities_of_other_websites_cannot_be_chosen(self):
        website = self.env["website"].create({"name": "Other"})
        foreign = self.community.copy({"website_id": website.id})
        self.assertRefused(
            self._send(community_id=str(foreign.id)), "choose your community"
        )

    def test_a_second_open_application_is_refused(self):
        self._send()
        response = self._send()
        self.assertIn("We have an application of yours already", response.text)
        self.assertEqual(len(self._search()), 1)

    def test_a_leader_cannot_apply_again(self):
        response = self._send("leader_li", email="leader_li@example.com")
        self.assertIn("You are a leader", response.text)
        self.assertFalse(self._search("leader_li@example.com"))

    def test_one_address_cannot_flood_the_reviewers(self):
        for number in range(7):
            # Each in a session of its own: only the address is the same.
            self._send(email=f"flood{number}@example.com")
        self.assertEqual(
            self.applications.search_count([("email", "like", "flood")]), 5
        )

    def test_one_browser_sends_three_at_most(self):
        self.authenticate(None, None)
        for number in range(4):
            self.url_open(
                "/become-a-leader",
                data=self._get_form() | {"email": f"browser{number}@example.com"},
                files=self._get_files(),
            )
        self.assertEqual(
            self.applications.search_count([("email", "like", "browser")]), 3
        )

    def test_a_sharer_needs_neither_point_nor_papers(self):
        self._send(
            kind="koc", files={}, street="", city="", from_0="", to_0="",
            **{f"paper_number_{self.identity.id}": "",
               f"paper_number_{self.business.id}": ""},
        )  # fmt: skip
        application = self._search()
        self.assertEqual(application.kind, "koc")
        self.assertFalse(application.paper_ids | application.paper_ids.browse())
        self.assertFalse(application.hours_ids)

    def test_the_invitation_of_a_leader_is_kept_but_no_chain_and_no_self(self):
        def apply_with(leader, email):
            self.authenticate(None, None)
            self.url_open(f"/become-a-leader?from={leader.share_token}")
            form = self._get_form() | {"email": email}
            self.url_open("/become-a-leader", data=form, files=self._get_files())
            self.env.invalidate_all()
            return self._search(email).inviter_id

        self.assertEqual(apply_with(self.leader, "one@example.com"), self.leader)
        self.assertFalse(apply_with(self.leader, "leader_li@example.com"))
        self.other_leader.inviter_id = self.leader
        self.assertFalse(apply_with(self.other_leader, "two@example.com"))

    def test_the_page_works_without_javascript_and_names_no_map_service(self):
        self.community.write({"latitude": 30.25, "longitude": 120.17})
        self.env["groupbuy.community"].create(
            {
                "name": "River Court",
                "company_id": self.company.id,
                "latitude": 30.28,
                "longitude": 120.12,
            }
        )
        page = self.url_open("/become-a-leader").text
        self.assertEqual(len(re.findall('class="gb-map-place"', page)), 2)
        self.assertIn(f'for="gb_community_{self.community.id}"', page)
        form = page[page.index("gb-application") : page.index("Send application")]
        self.assertNotIn("https://", form)
        self.assertNotIn("<script", form)


@tagged("post_install", "-at_install")
class TestLeaderPages(ApplicationCommon, HttpCase):
    """Links, the choice of a leader, and papers in the account."""

    def _create_resident(self, login="anna"):
        user = new_test_user(
            self.env,
            login=login,
            name="Anna Miller",
            email=f"{login}@example.com",
            groups="base.group_portal",
        )
        user.partner_id.groupbuy_community_id = self.community
        return user.partner_id

    def test_a_visitor_who_followed_a_link_is_bound_at_the_login(self):
        partner = self._create_resident()
        self.authenticate(None, None)
        page = self.url_open(f"/l/{self.leader.share_token}")
        self.assertTrue(page.url.endswith("/group-buy"))
        self.assertIn("Li N.", page.text)
        self.url_open(
            "/web/login",
            data={
                "login": "anna",
                "password": "annaxxxx",
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        self.env.invalidate_all()
        self.assertEqual(partner.groupbuy_leader_id, self.leader)
        self.assertEqual(partner.groupbuy_binding_ids.how, "link")

    def test_a_visitor_who_signs_up_after_a_link_is_bound(self):
        self.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")
        self.website.auth_signup_uninvited = "b2c"
        self.authenticate(None, None)
        self.url_open(f"/l/{self.leader.share_token}")
        self.url_open(
            "/web/signup",
            data={
                "login": "bo@example.com",
                "name": "Bo",
                "password": "Long-enough-8",
                "confirm_password": "Long-enough-8",
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        self.env.invalidate_all()
        user = self.env["res.users"].search([("login", "=", "bo@example.com")])
        self.assertEqual(user.partner_id.groupbuy_leader_id, self.leader)

    def test_a_resident_who_is_logged_in_is_bound_at_once_if_free(self):
        partner = self._create_resident()
        self.authenticate("anna", "anna")
        self.url_open(f"/l/{self.leader.share_token}")
        self.assertEqual(partner.groupbuy_leader_id, self.leader)
        page = self.url_open(f"/l/{self.other_leader.share_token}")
        self.assertIn("You belong to another leader", page.text)
        self.env.invalidate_all()
        self.assertEqual(partner.groupbuy_leader_id, self.leader)

    def test_a_link_leads_to_its_campaign_and_nowhere_else(self):
        campaign = self._create_campaign()
        self.env.flush_all()
        token = self.leader.share_token
        slug = self.env["ir.http"]._slug(campaign)
        page = self.url_open(f"/l/{token}/{slug}")
        self.assertTrue(page.url.endswith(campaign.website_url))
        for path in (f"/l/{token}/nothing-999999", "/l/forged-token", f"/l/{token}/x"):
            page = self.url_open(path)
            self.assertEqual(page.status_code, 200)
            self.assertTrue(page.url.endswith("/group-buy"), page.url)

    def test_a_resident_changes_the_leader_and_only_to_those_offered(self):
        partner = self._create_resident()
        partner._groupbuy_bind(self.leader, "link")
        foreign = self.env["groupbuy.leader"].create(
            {"partner_id": self.third.id, "company_id": self.company.id}
        )
        self.authenticate("anna", "anna")

        def change(value):
            self.env.flush_all()
            self.url_open(
                "/my/group-leader",
                data={
                    "leader_id": value,
                    "csrf_token": http.Request.csrf_token(self),
                },
            )
            self.env.invalidate_all()
            return partner.groupbuy_leader_id

        page = self.url_open("/my/group-leader").text
        self.assertIn("Li Na", page)
        self.assertIn("Zhao L.", page)
        for value in (foreign.id, "x", "", -1, 999999):
            self.assertEqual(change(value), self.leader)
        self.assertEqual(change(self.other_leader.id), self.other_leader)
        self.assertFalse(change("0"))
        self.assertEqual(
            partner.groupbuy_binding_ids.mapped("how"), ["resident", "resident", "link"]
        )

    def test_a_paused_leader_sends_a_new_paper_and_the_staff_accept_it(self):
        paper = self.env["groupbuy.leader.paper"].create(
            {
                "leader_id": self.leader.id,
                "type_id": self.business.id,
                "number": "B-1",
                "date_expiry": fields.Date.today() + timedelta(days=5),
                "file": encode(make_pdf()),
            }
        )
        paper.action_accept()
        paper.date_expiry = fields.Date.today() - timedelta(days=1)
        self.leader._refresh_state()
        self.assertEqual(self.leader.state, "paused")
        self.env.flush_all()
        self.authenticate("leader_li", "leader_li")
        self.assertIn("Business licence", self.url_open("/my/leader/papers").text)

        def send(**values):
            form = {
                "paper_type": self.business.id,
                "number": "B-2",
                "expiry": "2099-01-01",
                "csrf_token": http.Request.csrf_token(self),
            } | values
            response = self.url_open(
                "/my/leader/papers",
                data=form,
                files={"paper_file": ("b.pdf", make_pdf(), "application/pdf")},
            )
            self.env.invalidate_all()
            return response.text

        self.assertIn("choose the kind", send(paper_type="x"))
        self.assertIn("has expired", send(expiry="2020-01-01"))
        self.assertEqual(self.leader.paper_ids, paper)
        self.assertIn("We check the paper soon", send(leader_id=self.other_leader.id))
        renewed = self.leader.paper_ids - paper
        self.assertEqual(renewed.state, "submitted")
        self.assertFalse(self.other_leader.paper_ids)
        self.assertTrue(renewed.activity_ids)
        self.assertEqual(self.leader.state, "paused")
        renewed.with_user(self.reviewer).action_accept()
        self.assertEqual(self.leader.state, "active")
        self.assertEqual(paper.state, "replaced")

    def test_pages_of_leaders_are_closed_to_others(self):
        self._create_resident()
        self.authenticate("anna", "anna")
        self.assertEqual(self.url_open("/my/leader/papers").status_code, 404)
        self.authenticate(None, None)
        for path in ("/my/leader/papers", "/my/group-leader"):
            self.assertIn("/web/login", self.url_open(path).url)

    @mute_logger("odoo.http")
    def test_portal_users_reach_no_method_of_the_models(self):
        self._create_resident()
        application = self._create_application()
        self.env.flush_all()
        self.authenticate("anna", "anna")
        for model, ids, methods in (
            ("groupbuy.leader", self.leader.ids,
             ("action_pause", "action_resume", "action_exit", "action_override",
              "action_view_residents", "read", "write", "unlink")),
            ("groupbuy.leader.application", application.ids,
             ("action_approve", "action_review", "action_refuse", "action_withdraw",
              "action_view_leader", "read")),
            ("groupbuy.leader.paper", application.paper_ids.ids,
             ("action_accept", "action_refuse", "read")),
        ):  # fmt: skip
            for method in methods:
                args = [ids]
                if method == "read":
                    args.append(["state"])
                elif method == "write":
                    args.append({"kind": "koc"})
                response = self.url_open(
                    "/web/dataset/call_kw",
                    json={
                        "jsonrpc": "2.0",
                        "method": "call",
                        "params": {
                            "model": model,
                            "method": method,
                            "args": args,
                            "kwargs": {},
                        },
                    },
                ).json()
                self.assertEqual(
                    response["error"]["data"]["name"],
                    "odoo.exceptions.AccessError",
                    (model, method),
                )
        self.env.invalidate_all()
        self.assertEqual(application.state, "submitted")
        self.assertEqual(self.leader.state, "active")
