# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import VerificationCommon


@tagged("post_install", "-at_install")
class TestCheckIn(VerificationCommon, HttpCase):
    starts_with_arrived = True

    def setUp(self):
        super().setUp()
        self.campaign = self._create_arrived()
        self.picking = self.campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_resident"
        ).sorted("id")[0]
        self.here = new_test_user(
            self.env, login="here", groups="base.group_portal", name="Wang Xiulan"
        )
        # The first resident of the campaign signs in as this user.
        self.here.partner_id = self.picking.partner_id
        self.authenticate("here", "here")

    def _get(self, token=None):
        return self.url_open(f"/pickup/{token or self.point._get_check_in_token()}")

    def _post(self, path=""):
        token = self.point._get_check_in_token()
        return self.url_open(
            f"/pickup/{token}{path}", data={"csrf_token": Request.csrf_token(self)}
        )

    def _get_waiting(self, point=None):
        self.env.invalidate_all()
        return self.env["groupbuy.check.in"]._get_waiting(point or self.point)

    def test_a_resident_says_i_am_here_and_stands_on_the_list(self):
        self.assertIn("I am here", self._get().text)
        self.assertFalse(self._get_waiting())
        page = self._post()
        self.assertIn("You are on the list", page.text)
        self.assertIn("You are next", page.text)
        waiting = self._get_waiting()
        self.assertEqual(len(waiting), 1)
        self.assertEqual(waiting[0]["resident"], self.picking.partner_id.name)
        self.assertEqual(waiting[0]["picking_ids"], self.picking.ids)
        self.assertFalse(self._get_waiting(self.other_point))

    def test_who_taps_twice_waits_once(self):
        self._post()
        self._post()
        self.env["groupbuy.check.in"]._announce(
            self.point, self.picking.partner_id.commercial_partner_id
        )
        self.assertEqual(len(self._get_waiting()), 1)
        self.assertEqual(self.env["groupbuy.check.in"].search_count([]), 1)

    def test_who_got_the_goods_or_left_waits_no_more(self):
        self._post()
        self._post("/leave")
        self.assertFalse(self._get_waiting())
        self._post()
        answer = (
            self.env["groupbuy.verification"]
            .with_user(self.point_manager)
            ._verify(
                self.point, self.picking, method="self", request_key="check-in-key-1"
            )
        )
        self.assertEqual(answer["status"], "verified", answer)
        self.assertFalse(self._get_waiting())
        self.assertIn("Nothing lies here for you", self._get().text)

    def test_nobody_waits_for_ever(self):
        self._post()
        self.env["groupbuy.check.in"].sudo().search([]).at = (
            fields.Datetime.now() - timedelta(hours=3)
        )
        self.assertFalse(self._get_waiting())
        self.env["groupbuy.check.in"].search([]).at = fields.Datetime.now() - timedelta(
            days=2
        )
        self.env["groupbuy.check.in"]._gc_check_ins()
        self.assertFalse(self.env["groupbuy.check.in"].search_count([]))

    def test_nobody_sees_what_lies_here_for_others(self):
        neighbour = self.campaign.order_ids.partner_id - self.picking.partner_id
        self._post()
        stranger = new_test_user(self.env, login="stranger", groups="base.group_portal")
        for login in ("stranger", "here"):
            self.authenticate(login, login)
            token = self.point._get_check_in_token()
            for path in (f"/pickup/{token}", f"/pickup/{token}/state"):
                text = self.url_open(path).text
                self.assertNotIn(neighbour.name, text)
                if login == "stranger":
                    self.assertNotIn(self.picking.partner_id.name, text)
                    self.assertIn("Nothing lies here for you", text)
        # Whoever posts takes nobody off the list but himself.
        self.authenticate("stranger", "stranger")
        self._post("/leave")
        self._post()
        self.assertEqual(len(self._get_waiting()), 1)
        self.assertFalse(
            self.env["groupbuy.check.in"].search(
                [("partner_id", "=", stranger.partner_id.id)]
            )
        )

    def test_where_nothing_lies_the_page_says_where_it_does(self):
        token = self.other_point._get_check_in_token()
        page = self._get(token)
        self.assertIn("Nothing lies here for you", page.text)
        self.assertIn("North Gate", page.text)
        self.url_open(f"/pickup/{token}", data={"csrf_token": Request.csrf_token(self)})
        self.assertFalse(self._get_waiting(self.other_point))

    def test_a_forged_or_foreign_code_is_refused(self):
        token = self.point._get_check_in_token()
        number, version, signature = token.split("-")
        parameters = self.env["ir.config_parameter"]
        secret = parameters.get_param("database.secret")
        parameters.set_param("database.secret", "that of another database")
        foreign = self.point._get_check_in_token()
        parameters.set_param("database.secret", secret)
        self.assertNotEqual(foreign, token)
        forged = [
            foreign,
            f"{self.other_point.id}-{version}-{signature}",
            f"{number}-{int(version) + 1}-{signature}",
            f"{number}-{version}-{'0' * 32}",
            f"{2**31 - 1}-1-{signature}",
            "x",
            "-" * 40,
            "%00",
            "1" * 2000,
        ]
        for text in forged:
            with self.subTest(token=text[:40]):
                page = self._get(text)
                self.assertEqual(page.status_code, 404)
        self.assertEqual(self._get(token).status_code, 200)
        self.assertFalse(self.env["groupbuy.check.in"].search_count([]))

    def test_a_reissued_code_replaces_the_poster(self):
        old = self.point._get_check_in_token()
        with self.assertRaises(AccessError):
            self.point.with_user(self.user).action_reissue_check_in()
        self.point.with_user(self.manager).action_reissue_check_in()
        self.assertIn("This code is not valid", self._get(old).text)
        self.assertEqual(self._get().status_code, 200)
        self.assertIn("version 2", self.point.message_ids[:1].body)

    def test_the_poster_shows_the_code(self):
        html = self.env["ir.actions.report"]._render_qweb_html(
            "groupbuy_verification.report_point_poster", self.point.ids
        )[0]
        self.assertIn(b"North Gate", html)
        self.assertIn(b"data:image/png;base64,", html)

    def test_who_is_not_signed_in_signs_in_first(self):
        self.authenticate(None, None)
        self.assertIn("/web/login", self._get().url)

    @mute_logger("odoo.http")
    def test_without_the_token_of_the_form_nothing_happens(self):
        token = self.point._get_check_in_token()
        answer = self.url_open(f"/pickup/{token}", data={"x": "1"})
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._get_waiting())
