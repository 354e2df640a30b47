# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from ast import literal_eval
from datetime import datetime, timedelta

import psycopg2
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tools import mute_logger

from ..active_hour import next_active_moment
from .common_sharing import SharingCommon


@tagged("post_install", "-at_install")
class TestActiveHour(BaseCase):
    def test_next_moment_is_today_or_tomorrow(self):
        moment = datetime(2026, 11, 28, 8, 30)  # 16:30 in Shanghai
        tz = "Asia/Shanghai"
        self.assertEqual(next_active_moment(moment, 16, tz), moment)
        self.assertEqual(next_active_moment(moment, 19, tz), datetime(2026, 11, 28, 11))
        self.assertEqual(next_active_moment(moment, 7, tz), datetime(2026, 11, 28, 23))

    def test_nights_of_clock_change(self):
        spring = datetime(2026, 3, 28, 20)
        # 2:00 does not exist in Berlin on March 29: it is 3:00 summer time.
        self.assertEqual(
            next_active_moment(spring, 2, "Europe/Berlin"), datetime(2026, 3, 29, 1)
        )
        autumn = datetime(2026, 10, 24, 20)
        # 2:00 comes twice on October 25.
        self.assertEqual(
            next_active_moment(autumn, 2, "Europe/Berlin"), datetime(2026, 10, 25, 1)
        )

    def test_never_before_the_moment(self):
        for hour in range(24):
            for offset in range(48):
                moment = datetime(2026, 10, 24, 12, 17) + timedelta(hours=offset)
                result = next_active_moment(moment, hour, "Europe/Berlin")
                self.assertLessEqual(moment, result)
                self.assertLess(result - moment, timedelta(hours=26))


class MessageCommon(SharingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.segment = cls.env["groupbuy.segment"].create(
            {
                "name": "Sunny Garden",
                "company_id": cls.company.id,
                "community_ids": [Command.set(cls.community.ids)],
            }
        )
        cls.segment.action_refresh()
        cls.recipients = cls.env["groupbuy.message.recipient"].sudo()

    def _create_message(self, **values):
        return self.env["groupbuy.message"].create(
            {
                "subject": "Strawberries",
                "body": "<p>Fresh from the field</p>",
                "company_id": self.company.id,
                "segment_id": self.segment.id,
                **values,
            }
        )

    def _start(self, **values):
        message = self._create_message(**values)
        message.action_start()
        return message

    def _get(self, message, partner):
        return message.recipient_ids.filtered(lambda r: r.partner_id == partner)

    def _make_due(self, message):
        waiting = message.recipient_ids.filtered(lambda r: r.state == "waiting")
        waiting.due_at = fields.Datetime.now() - timedelta(minutes=1)
        self.env.flush_all()

    def _send(self):
        self.env.ref("groupbuy_marketing.ir_cron_send_messages").method_direct_trigger()
        self.env.invalidate_all()

    def _get_mails(self, partner):
        return self.env["mail.mail"].search([("recipient_ids", "in", partner.ids)])


@tagged("post_install", "-at_install")
class TestMessages(MessageCommon):
    @freeze_time("2026-11-28 08:30:00")  # 16:30 in Shanghai
    def test_each_resident_gets_it_at_the_own_active_hour(self):
        standings = self.env["groupbuy.standing"].sudo()
        partners = self.anna | self.ben | self.resident
        standings._touch(self.company, partners)
        for partner, hour in ((self.anna, 7), (self.ben, 16), (self.resident, 21)):
            standings.search([("partner_id", "=", partner.id)]).active_hour = hour
        message = self._start()
        due = {r.partner_id: r.due_at for r in message.recipient_ids}
        self.assertEqual(due[self.anna], datetime(2026, 11, 28, 23))
        self.assertEqual(due[self.ben], datetime(2026, 11, 28, 8, 30), "Right now")
        self.assertEqual(due[self.resident], datetime(2026, 11, 28, 13))
        # Who has not ordered yet: at the usual hour of the company.
        self.assertEqual(due[self.third], datetime(2026, 11, 28, 11))

    def test_only_the_segment_gets_it_and_only_who_can(self):
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "email": "stranger@example.com"}
        )
        self.ben.groupbuy_no_messages = True
        self.third.email = False
        message = self._start()
        partners = message.recipient_ids.partner_id
        self.assertIn(self.anna, partners)
        for partner in (stranger, self.ben, self.third):
            self.assertNotIn(partner, partners)

    def test_mail_is_queued_once_with_a_way_out(self):
        message = self._start(campaign_id=self.campaign.id)
        self._make_due(message)
        for _run in range(2):
            self._send()
        mail = self._get_mails(self.anna)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.subject, "Strawberries")
        self.assertIn("Fresh from the field", mail.body_html)
        self.assertIn(self.campaign.website_url, mail.body_html)
        headers = literal_eval(mail.headers)
        address = headers["List-Unsubscribe"].strip("<>")
        self.assertIn(address, mail.body_html)
        self.assertEqual(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertNotIn("groupbuy-unsubscribe-address", mail.body_html)
        self.assertEqual(self._get(message, self.anna).state, "sent")
        self.assertEqual(message.state, "done")
        # Each has an address of its own.
        self.assertNotIn(address, self._get_mails(self.ben).body_html)

    def test_text_is_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.ben.lang = "zh_CN"
        message = self._create_message()
        message.with_context(lang="zh_CN").write(
            {"subject": "草莓", "body": "<p>新鲜采摘</p>"}
        )
        message.action_start()
        self._make_due(message)
        self._send()
        self.assertEqual(self._get_mails(self.ben).subject, "草莓")
        self.assertIn("新鲜采摘", self._get_mails(self.ben).body_html)
        self.assertEqual(self._get_mails(self.anna).subject, "Strawberries")

    def test_no_more_than_so_many_a_week(self):
        self.company.groupbuy_messages_per_week = 2
        messages = [self._start(subject=f"News {number}") for number in range(3)]
        for message in messages:
            self._make_due(message)
        self._send()
        states = [self._get(message, self.anna).state for message in messages]
        self.assertEqual(sorted(states), ["sent", "sent", "skipped"])
        self.assertEqual(len(self._get_mails(self.anna)), 2)

    def test_what_is_too_much_waits_until_the_week_is_over(self):
        self.company.groupbuy_messages_per_week = 1
        first = self._start()
        self._make_due(first)
        self._send()
        sent = self._get(first, self.anna)
        sent.sent_at = fields.Datetime.now() - timedelta(days=6)
        second = self._start(
            subject="Cherries", end_at=fields.Datetime.now() + timedelta(days=3)
        )
        self._make_due(second)
        self._send()
        waiting = self._get(second, self.anna)
        self.assertEqual(waiting.state, "waiting")
        self.assertGreaterEqual(waiting.due_at, sent.sent_at + timedelta(days=7))
        sent.sent_at = fields.Datetime.now() - timedelta(days=7, minutes=1)
        self._make_due(second)
        self._send()
        self.assertEqual(waiting.state, "sent")

    def test_limit_of_none_sends_nothing(self):
        self.company.groupbuy_messages_per_week = 0
        message = self._start()
        self._make_due(message)
        self._send()
        self.assertEqual(set(message.recipient_ids.mapped("state")), {"skipped"})
        self.assertEqual(message.recipient_ids[0].reason, "limit")

    def test_who_unsubscribes_meanwhile_gets_nothing(self):
        message = self._start()
        self.ben.groupbuy_no_messages = True
        self.third.email = False
        self._make_due(message)
        self._send()
        self.assertEqual(self._get(message, self.ben).reason, "unsubscribed")
        self.assertEqual(self._get(message, self.third).reason, "address")
        self.assertFalse(self._get_mails(self.ben))

    def test_nothing_is_sent_after_the_end(self):
        message = self._start(campaign_id=self.campaign.id)
        self._make_due(message)
        self.campaign.action_close_now()
        self._send()
        self.assertEqual(set(message.recipient_ids.mapped("reason")), {"late"})
        self.assertFalse(self._get_mails(self.anna))

    def test_cancelled_message_goes_to_nobody_else(self):
        message = self._start()
        self._make_due(message)
        message.with_user(self.manager).action_cancel()
        self._send()
        self.assertEqual(message.state, "cancelled")
        self.assertEqual(set(message.recipient_ids.mapped("reason")), {"cancelled"})
        self.assertFalse(self._get_mails(self.anna))

    def test_slices_send_everybody_once(self):
        message = self._start()
        self._make_due(message)
        total = len(message.recipient_ids)
        self.assertGreater(total, 3)
        counts = []
        while (count := self.recipients._send_due(2)) is not None:
            counts.append(count)
        self.assertEqual(sum(counts), total)
        self.assertEqual(message.sent_count, total)

    def test_message_is_started_once_and_stays_as_it_is(self):
        message = self._start()
        count = len(message.recipient_ids)
        with self.assertRaisesRegex(UserError, "started already"):
            message.action_start()
        self.assertEqual(len(message.recipient_ids), count)
        as_manager = message.with_user(self.manager)
        for values in (
            {"subject": "Other"},
            {"segment_id": self.segment.id},
            {"state": "draft"},
        ):
            with self.assertRaisesRegex(UserError, "stays as it is"):
                as_manager.write(values)
        with self.assertRaisesRegex(UserError, "is kept"):
            as_manager.unlink()

    def test_nobody_makes_a_message_that_is_sent_already(self):
        with self.assertRaisesRegex(UserError, "begins as a draft"):
            self.env["groupbuy.message"].with_user(self.manager).create(
                {"subject": "x", "segment_id": self.segment.id, "state": "done"}
            )

    def test_message_without_text_or_time_is_not_started(self):
        with self.assertRaisesRegex(UserError, "write a text"):
            self._start(body="<p><br></p>")
        past = fields.Datetime.now() - timedelta(days=30)
        with self.assertRaisesRegex(UserError, "is over"):
            self._start(start_at=past, end_at=past + timedelta(days=1))
        self.assertFalse(self.recipients.search([]))

    def test_end_before_the_beginning_is_refused(self):
        now = fields.Datetime.now()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.cr.savepoint(),
        ):
            self._create_message(start_at=now, end_at=now - timedelta(hours=1))
            self.env.flush_all()

    def test_only_managers_start_and_nobody_writes_recipients(self):
        message = self._create_message()
        for method in ("action_start", "action_cancel", "action_send_test"):
            with self.assertRaises(AccessError):
                getattr(message.with_user(self.user), method)()
        message.with_user(self.manager).action_start()
        recipient = message.recipient_ids[:1]
        for user in (self.user, self.manager):
            with self.assertRaises(AccessError):
                recipient.with_user(user).write({"state": "waiting"})

    def test_limits_of_the_settings_are_checked(self):
        for values in (
            {"groupbuy_messages_per_week": -1},
            {"groupbuy_message_hour": 24},
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.cr.savepoint(),
            ):
                self.company.write(values)
                self.env.flush_all()

    def test_test_message_goes_to_the_user_only(self):
        self.manager.email = "manager@example.com"
        self._create_message().with_user(self.manager).action_send_test()
        self.assertEqual(len(self._get_mails(self.manager.partner_id)), 1)
        self.assertFalse(self._get_mails(self.anna))

    def test_queries_do_not_grow_with_the_recipients(self):
        def count(partners):
            message = self._start()
            others = message.recipient_ids.filtered(
                lambda r: r.partner_id not in partners
            )
            others.due_at = fields.Datetime.now() + timedelta(days=1)
            self._make_due_of(message, partners)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.recipients._send_due(1000)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        self.company.groupbuy_messages_per_week = 50
        count(self.anna)
        few = count(self.anna | self.ben)
        many = count(self.anna | self.ben | self.resident | self.neighbour | self.third)
        self.assertLessEqual(many, few + 5)

    def _make_due_of(self, message, partners):
        due = message.recipient_ids.filtered(lambda r: r.partner_id in partners)
        due.due_at = fields.Datetime.now() - timedelta(minutes=1)
        self.env.flush_all()


@tagged("post_install", "-at_install")
class TestMessagePages(MessageCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.message = self._start()
        recipient = self._get(self.message, self.anna)
        self.path = (
            "/group-buy/unsubscribe/"
            + recipient._get_unsubscribe_url().rpartition("/")[2]
        )

    def test_opening_the_link_changes_nothing_by_itself(self):
        text = self.url_open(self.path).text
        self.assertIn("gb-messages-auto", text)
        self.assertFalse(self.anna.groupbuy_no_messages, "A mail scanner opens it, too")

    def test_one_post_unsubscribes_without_a_login(self):
        text = self.url_open(self.path, data={"List-Unsubscribe": "One-Click"}).text
        self.assertIn("You get no more messages", text)
        self.anna.invalidate_recordset()
        self.assertTrue(self.anna.groupbuy_no_messages)
        self.assertFalse(self.ben.groupbuy_no_messages)
        self.url_open(self.path, data={"wants": "1"})
        self.anna.invalidate_recordset()
        self.assertFalse(self.anna.groupbuy_no_messages)

    @mute_logger("odoo.http")
    def test_forged_addresses_are_not_found(self):
        token = self.path.rpartition("/")[2]
        for forged in (
            "x", "AAAA", token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
            "%E4%B8%AD", token[:20],
        ):  # fmt: skip
            for data in (None, {"wants": "0"}):
                response = self.url_open(f"/group-buy/unsubscribe/{forged}", data=data)
                self.assertEqual(response.status_code, 404, forged)
        self.assertFalse(self.anna.groupbuy_no_messages)

    def test_address_names_a_row_and_not_the_resident(self):
        self.assertNotIn("anna", self.path.lower())

    def test_resident_chooses_in_the_portal(self):
        self.authenticate("anna", "anna")
        self.assertIn("No more messages", self.url_open("/my/group-messages").text)
        self.assertIn("/my/group-messages", self.url_open("/my").text)
