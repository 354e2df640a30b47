# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .tasks_common import TasksCommon


@tagged("post_install", "-at_install")
class TestCheckIn(TasksCommon):
    def _token_at(self, event, shift):
        """Return the token that the screen showed so many steps ago."""
        step = event._get_step() - shift
        return f"{step}-{event._sign(step)}"

    def test_codes_of_the_last_steps_are_good(self):
        event = self._create_event(tolerance=3)
        # No step ends while this is looked at.
        with patch.object(type(event), "_get_step", return_value=1000):
            for shift in (-1, 0, 1, 3):
                with self.subTest(shift=shift):
                    token = self._token_at(event, shift)
                    self.assertEqual(event._get_token_problem(token), "")
            self.assertEqual(event._get_token_problem(event._make_token()), "")

    def test_old_codes_are_refused_with_words(self):
        event = self._create_event(tolerance=3)
        with patch.object(type(event), "_get_step", return_value=1000):
            for shift in (4, 500, -2):
                token = self._token_at(event, shift)
                self.assertIn("too old", event._get_token_problem(token))

    def test_forged_codes_are_refused_with_words(self):
        event = self._create_event()
        other = self._create_event(name="Another")
        step = event._get_step()
        good = event._sign(step)
        for token in (
            f"{step}-{other._sign(step)}",
            f"{step + 1}-{good}",
            f"{step}-{good[:-1]}",
            f"{step}-{good.upper()}" if good.upper() != good else "x",
            f"{step}-" + "0" * 32,
            good,
            "",
            None,
            7,
            ["a"],
            f"{step}-{good}\n",
            "9" * 30 + "-" + good,
        ):
            with self.subTest(token=token):
                self.assertIn("not one of this event", event._get_token_problem(token))

    def test_the_secret_is_nobodys_to_read_and_differs(self):
        event, other = self._create_event(), self._create_event()
        self.assertNotEqual(event.sudo().secret, other.sudo().secret)
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            event.with_user(self.manager).read(["secret"])
        self.assertNotEqual(event.copy().sudo().secret, event.sudo().secret)

    def test_a_resident_checks_in_once_and_gets_points_once(self):
        event = self._create_event()
        visit = event._check_in(self.resident)
        self.assertEqual(self._get_points(), 10)
        self.assertIn("10 points", visit._get_text())
        with self.assertRaisesRegex(UserError, "already"):
            event._check_in(self.resident)
        event._check_in(self.neighbour)
        self.assertEqual(self._get_points(), 10)
        self.assertEqual(event.visit_count, 2)
        self.assertLedgerMatches(self._get_card())
        with self.assertRaisesRegex(UserError, "archive the event"):
            event.unlink()
        with self.assertRaises(UserError):
            visit.unlink()

    def test_the_index_stands_behind_it(self):
        event = self._create_event()
        visit = event._check_in(self.resident)
        with (
            self.assertRaisesRegex(Exception, "event_partner_uniq"),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            visit.copy()

    def test_nobody_checks_in_before_or_after_the_event(self):
        now = fields.Datetime.now()
        early = self._create_event(
            start_at=now + timedelta(minutes=5), end_at=now + timedelta(hours=1)
        )
        late = self._create_event(
            start_at=now - timedelta(hours=2), end_at=now - timedelta(minutes=1)
        )
        with self.assertRaisesRegex(UserError, "begins on"):
            early._check_in(self.resident)
        with self.assertRaisesRegex(UserError, "is over"):
            late._check_in(self.resident)
        self.assertFalse(self._get_points())
        self.assertFalse((early | late).visit_ids)

    def test_an_event_of_a_community_is_for_its_residents(self):
        other = self.env["groupbuy.community"].create(
            {"name": "Lake View", "company_id": self.company.id}
        )
        event = self._create_event(community_id=other.id)
        with self.assertRaisesRegex(UserError, "is for residents of Lake View"):
            event._check_in(self.resident)
        self.resident.groupbuy_community_id = other
        self.assertTrue(event._check_in(self.resident))

    def test_a_ticket_is_given_while_the_draw_is_open(self):
        lottery = self._create_lottery((self._create_prize(), 1))
        event = self._create_event(lottery_id=lottery.id, points_program_id=False)
        visit = event._check_in(self.resident)
        self.assertEqual(visit.ticket_id.partner_id, self.resident)
        self.assertIn("a ticket", visit._get_text())
        lottery.action_draw()
        later = event._check_in(self.neighbour)
        self.assertFalse(later.ticket_id)
        self.assertIn("Nice to see you", later._get_text())

    def test_a_window_over_a_change_of_the_clock_is_as_long_as_it_is(self):
        # In Berlin the clock goes back at 01:00 UTC on that night.
        event = self._create_event(
            tz="Europe/Berlin",
            start_at="2026-10-25 00:30:00",
            end_at="2026-10-25 01:30:00",
        )
        self.assertEqual(event.end_at - event.start_at, timedelta(hours=1))
        self.assertEqual(event._get_texts()["when"].count("2:30"), 2)


@tagged("post_install", "-at_install")
class TestCheckInPages(TasksCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.anna = self._create_residents_with_login("Anna Miller")
        self.event = self._create_event()
        self.path = f"/group-buy/check-in/{self.event.id}"

    def _confirm(self):
        return self.url_open(
            f"{self.path}/confirm", data={"csrf_token": http.Request.csrf_token(self)}
        )

    def test_who_scans_the_code_checks_in_with_a_button(self):
        self.authenticate("anna", "anna")
        page = self.url_open(f"{self.path}?code={self.event._make_token()}")
        self.assertTrue(page.url.endswith(self.path), "The code leaves the address")
        self.assertIn("/confirm", page.text)
        self.assertFalse(self._get_points(self.anna), "A look books nothing")
        page = self._confirm()
        self.assertIn("You got 10 points", page.text)
        self.env.invalidate_all()
        self.assertEqual(self._get_points(self.anna), 10)
        page = self._confirm()
        self.assertIn("scan the code on the screen", page.text)
        page = self.url_open(f"{self.path}?code={self.event._make_token()}")
        self.assertNotIn("/confirm", page.text)
        self.env.invalidate_all()
        self.assertEqual(self._get_points(self.anna), 10)

    def test_without_a_good_code_nothing_happens(self):
        self.authenticate("anna", "anna")
        self.assertIn("scan the code on the screen", self.url_open(self.path).text)
        step = self.event._get_step() - 100
        old = f"{step}-{self.event._sign(step)}"
        page = self.url_open(f"{self.path}?code={old}")
        self.assertIn("too old", page.text)
        page = self.url_open(f"{self.path}?code=forged")
        self.assertIn("not one of this event", page.text)
        other = self._create_event(name="Another")
        self.url_open(f"/group-buy/check-in/{other.id}?code={other._make_token()}")
        page = self._confirm()
        self.assertIn("scan the code on the screen", page.text)
        self.env.invalidate_all()
        self.assertFalse(self._get_points(self.anna))
        self.assertFalse(self.event.visit_ids)

    def test_a_visitor_is_asked_to_sign_in(self):
        page = self.url_open(f"{self.path}?code={self.event._make_token()}")
        self.assertIn(f"/web/login?redirect={self.path}", page.text)
        self.assertNotIn("/confirm", page.text)

    def test_who_signs_in_after_scanning_can_still_check_in(self):
        self.anna.user_ids.password = "a long password"
        self.env.flush_all()
        self.authenticate(None, None)
        self.url_open(f"{self.path}?code={self.event._make_token()}")
        page = self.url_open(f"/web/login?redirect={self.path}")
        page = self.url_open(
            "/web/login",
            data={
                "login": "anna",
                "password": "a long password",
                "redirect": self.path,
                "csrf_token": self._find_token(page),
            },
        )
        self.assertTrue(page.url.endswith(self.path), page.url)
        token = {"csrf_token": self._find_token(page)}
        page = self.url_open(f"{self.path}/confirm", data=token)
        self.assertIn("You got 10 points", page.text)
        self.env.invalidate_all()
        self.assertEqual(self.event.visit_ids.partner_id, self.anna)

    def _find_token(self, page):
        """Return the token against forged forms that a page holds."""
        return re.search(r'name="csrf_token"\s+value="([^"]+)"', page.text)[1]

    @mute_logger("odoo.http")
    def test_an_event_that_is_not_there_is_not_found(self):
        self.event.active = False
        for path in (self.path, "/group-buy/check-in/999999999"):
            self.assertEqual(self.url_open(path).status_code, 404)

    @mute_logger("odoo.http")
    def test_only_staff_see_the_codes(self):
        for name in ("screen", "code.svg"):
            self.authenticate("anna", "anna")
            self.assertEqual(self.url_open(f"{self.path}/{name}").status_code, 404)
        new_test_user(self.env, "gwen", groups="community_groupbuy.group_groupbuy_user")
        self.authenticate("gwen", "gwen")
        self.assertIn("gb-check-in-code", self.url_open(f"{self.path}/screen").text)
        picture = self.url_open(f"{self.path}/code.svg")
        self.assertEqual(picture.headers["Content-Type"], "image/svg+xml")
        self.assertEqual(picture.headers["Cache-Control"], "no-store")
        self.assertIn(b"<svg", picture.content)
