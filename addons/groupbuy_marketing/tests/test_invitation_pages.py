# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_invitation import InvitationCommon


@tagged("post_install", "-at_install")
class TestInvitationPages(InvitationCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.anna = self._create_residents_with_login("Anna Miller")
        self.anna.write({"street2": "House 7", "phone": "+86 137 0000 0007"})

    def _get_link(self, partner=None):
        return self.env["groupbuy.invitation.link"]._get_or_create(
            partner or self.resident, self.company
        )

    def _get_invitation(self, partner):
        self.env.invalidate_all()
        return self.env["groupbuy.invitation"].search([("invited_id", "=", partner.id)])

    # === THE LINK === #

    def test_who_is_signed_in_is_invited_at_once(self):
        self.authenticate("anna", "anna")
        page = self.url_open(self._get_link()._get_path())
        self.assertTrue(page.url.endswith("/group-buy"))
        self.assertIn("you get: Coupon", page.text)
        self.assertEqual(self._get_invitation(self.anna).inviter_id, self.resident)

    def test_a_visitor_is_invited_at_the_login(self):
        page = self.url_open(self._get_link()._get_path())
        self.assertIn("invites you to the group buy", page.text)
        self.assertFalse(self._get_invitation(self.anna))
        token = re.search(
            r'name="csrf_token" value="([^"]+)"', self.url_open("/web/login").text
        )[1]
        self.url_open(
            "/web/login",
            data={"login": "anna", "password": "annaxxxx", "csrf_token": token},
        )
        self.assertEqual(self._get_invitation(self.anna).inviter_id, self.resident)

    def test_the_token_says_nothing_and_lasts(self):
        link = self._get_link()
        self.assertEqual(self._get_link(), link)
        self.assertNotEqual(self._get_link(self.neighbour).token, link.token)
        self.assertGreaterEqual(len(link.token), 16)

    @mute_logger("odoo.http")
    def test_forged_links_lead_to_the_campaigns_and_invite_nobody(self):
        self.authenticate("anna", "anna")
        for token in ("x", "x" * 16, "x" * 200, "%00" * 10, "1%27%20OR%201=1"):
            with self.subTest(token=token):
                page = self.url_open(f"/i/{token}")
                self.assertEqual(page.status_code, 200)
                self.assertIn("does not hold any more", page.text)
        self.assertFalse(self._get_invitation(self.anna))

    def test_a_link_leads_to_the_campaign_that_was_shared(self):
        campaign = self._create_campaign()
        slug = campaign.website_url.rsplit("/", 1)[1]
        page = self.url_open(f"{self._get_link()._get_path()}/{slug}")
        self.assertTrue(page.url.endswith(campaign.website_url))

    # === THE PAGE === #

    def test_the_page_helps_who_has_invited_nobody(self):
        self.authenticate("anna", "anna")
        text = self.url_open("/my/invitations").text
        self.assertIn("Nobody has come by your link yet", text)
        self.assertIn(self._get_link(self.anna)._get_path(), text)
        self.assertIn("50 points", text)
        self.assertIn("2 more", text)
        self.assertIn("Invite Neighbours", self.url_open("/my").text)
        code = self.url_open("/my/invitations/qr.svg")
        self.assertEqual(code.headers["Content-Type"], "image/svg+xml")
        self.assertIn(b"<svg", code.content)

    def test_the_page_shows_who_came_and_why_somebody_does_not_count(self):
        self.neighbour.name = "Bert Baker"
        self.third.write({"name": "Carla Cook", "phone": self.anna.phone})
        self._invite(self.neighbour, self.anna)
        self._invite(self.third, self.anna)
        self._bring_orders(self.neighbour, self.third)
        self.authenticate("anna", "anna")
        text = self.url_open("/my/invitations").text
        self.assertIn("Bert B.", text)
        self.assertNotIn("Baker", text)
        self.assertIn("you both got your gifts", text)
        self.assertIn("The telephone number is yours", text)
        self.assertIn("What I got", text)
        self.assertIn("1 more", text)

    def test_who_was_invited_finds_the_coupon(self):
        self._invite(self.anna)
        self._bring_orders(self.anna)
        self.authenticate("anna", "anna")
        text = self.url_open("/my/invitations").text
        self.assertIn(self._get_rewards(self.anna).card_id.code, text)
        self.assertIn("You collected your first order", text)

    def test_the_page_says_when_there_is_nothing_to_win(self):
        self.invitations.gift_ids.cost = 5
        self.invitations.budget = 1
        self.authenticate("anna", "anna")
        self.assertIn("budget of this action", self.url_open("/my/invitations").text)
        self.invitations.active = False
        self.assertIn("no gifts for invitations", self.url_open("/my/invitations").text)

    def test_residents_have_no_rights_on_the_models(self):
        self.authenticate("anna", "anna")
        with mute_logger("odoo.http"):
            for model in (
                "groupbuy.invitation",
                "groupbuy.invitation.program",
                "groupbuy.invitation.reward",
                "groupbuy.invitation.link",
                "groupbuy.invitation.budget",
                "groupbuy.trial",
            ):
                answer = self.url_open(
                    "/web/dataset/call_kw",
                    json={
                        "jsonrpc": "2.0",
                        "method": "call",
                        "params": {
                            "model": model,
                            "method": "search_read",
                            "args": [[]],
                            "kwargs": {},
                        },
                    },
                ).json()
                self.assertIn("error", answer, model)

    # === TRIALS === #

    def _create_trial(self, partner):
        trial = self.env["groupbuy.trial"].create(
            {
                "partner_id": partner.id,
                "product_id": self.tomato.id,
                "company_id": self.company.id,
            }
        )
        trial.action_offer()
        return trial

    def _post(self, path, **data):
        data["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(path, data=data)

    def test_a_trial_is_accepted_with_the_promise_only(self):
        trial = self._create_trial(self.anna)
        self.authenticate("anna", "anna")
        self.assertIn("Tomatoes", self.url_open("/my/trials").text)
        page = self._post(f"/my/trials/{trial.id}/accept")
        self.assertIn("Please tick the box", page.text)
        self.env.invalidate_all()
        self.assertEqual(trial.state, "offered")
        page = self._post(f"/my/trials/{trial.id}/accept", promise="1")
        self.env.invalidate_all()
        self.assertEqual(trial.state, "accepted")
        self.assertIn(trial.card_id.code, page.text)
        page = self._post(f"/my/trials/{trial.id}/accept", promise="1")
        self.assertIn("accepted already", page.text)

    def test_the_trial_of_somebody_else_is_not_found(self):
        trial = self._create_trial(self.neighbour)
        self.authenticate("anna", "anna")
        self.assertIn("nothing for you to try", self.url_open("/my/trials").text)
        with mute_logger("odoo.http"):
            for action in ("accept", "review"):
                page = self._post(
                    f"/my/trials/{trial.id}/{action}",
                    promise="1", mark="5", text="Very good indeed",
                )  # fmt: skip
                self.assertEqual(page.status_code, 404)
        self.env.invalidate_all()
        self.assertEqual(trial.state, "offered")

    def test_a_review_is_written_in_the_portal(self):
        trial = self._create_trial(self.anna)
        trial.write({"state": "collected", "review_due": "2026-12-31"})
        self.authenticate("anna", "anna")
        for mark in ("", "9", "five"):
            page = self._post(
                f"/my/trials/{trial.id}/review", mark=mark, text="Very good indeed"
            )
            self.assertIn("mark from 1 to 5", page.text)
        page = self._post(
            f"/my/trials/{trial.id}/review", mark="4", text="Very good indeed"
        )
        self.assertIn("Thank you for your review", page.text)
        self.env.invalidate_all()
        self.assertEqual(trial.rating_id.feedback, "Very good indeed")
