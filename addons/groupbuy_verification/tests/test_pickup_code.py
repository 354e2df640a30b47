# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
import json
import os
import secrets
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric import ec

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, HttpCase, tagged

from odoo.addons.groupbuy_verification import code_text, keys, token

from .case_common import CaseCommon
from .verification_common import EngineCommon


@tagged("post_install", "-at_install")
class TestCodeText(BaseCase):
    def _draw(self):
        while not (text := code_text.encode(secrets.randbits(code_text.BITS))):
            pass
        return text

    def test_a_code_is_read_as_it_was_written(self):
        for _time in range(200):
            text = self._draw()
            self.assertEqual(len(text), 10)
            self.assertEqual(code_text.parse(code_text.format_code(text)), text)

    def test_what_people_type_is_understood(self):
        text = code_text.encode(1 << 44 | 1 << 5)
        self.assertEqual(text, "G000000101"[:9] + text[9])
        typed = text.lower().replace("0", "o").replace("1", "l")
        for variant in (typed, f" {typed[:5]} - {typed[5:]} ", typed.replace("l", "I")):
            self.assertEqual(code_text.parse(variant), text)
        wide = "".join(chr(ord(char) + 0xFEE0) for char in text)
        self.assertEqual(code_text.parse(wide), text, "Full-width letters")

    def test_each_single_wrong_character_is_noticed(self):
        text = self._draw()
        for place in range(10):
            for char in code_text.ALPHABET:
                if char != text[place]:
                    wrong = text[:place] + char + text[place + 1 :]
                    self.assertIsNone(code_text.parse(wrong), (text, wrong))

    def test_each_swap_of_neighbours_is_noticed(self):
        for _time in range(50):
            text = self._draw()
            for place in range(8):
                swapped = (
                    text[:place] + text[place + 1] + text[place] + text[place + 2 :]
                )
                if swapped != text:
                    self.assertIsNone(code_text.parse(swapped))

    def test_anything_else_is_no_code(self):
        for value in (None, 7, b"0000000000", [], "", "ABC", "0" * 1000, "U" * 10):
            self.assertIsNone(code_text.parse(value))


@tagged("post_install", "-at_install")
class TestToken(BaseCase):
    def setUp(self):
        super().setUp()
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.public = self.private.public_key()
        self.payload = {"d": "0123456789ab", "t": 7, "p": 3, "e": 1900000000, "v": 1}

    def test_a_signed_token_is_read(self):
        text = token.sign(self.private, self.payload)
        self.assertEqual(token.verify(self.public, f" {text}\n"), self.payload)
        self.assertEqual(len(text.split(".")[2]), 86, "64 bytes: r and s")
        self.assertLess(len(text), 250, "A small QR picture")

    def test_a_changed_or_foreign_token_is_refused(self):
        text = token.sign(self.private, self.payload)
        prefix, part, signature = text.split(".")
        other = json.dumps(self.payload | {"t": 8}, separators=(",", ":")).encode()
        forged = base64.urlsafe_b64encode(other).rstrip(b"=").decode()
        stranger = token.sign(ec.generate_private_key(ec.SECP256R1()), self.payload)
        for wrong in (
            f"{prefix}.{forged}.{signature}",
            f"{prefix}.{part}.{signature[:-2]}AA",
            f"{prefix}.{part}.{'A' * 86}",
            f"GB2.{part}.{signature}",
            f"{prefix}.{part}",
            stranger,
            text + "A",
            text * 3,
            None,
            7,
            "",
        ):
            self.assertIsNone(token.verify(self.public, wrong), wrong)

    def test_a_signed_payload_of_another_shape_is_refused(self):
        for payload in (
            {"d": "x"},
            self.payload | {"t": "7"},
            self.payload | {"v": True},
            self.payload | {"d": 7},
        ):
            text = token.sign(self.private, payload)
            self.assertIsNone(token.verify(self.public, text), payload)


@tagged("post_install", "-at_install")
class TestKeys(BaseCase):
    def test_of_many_that_begin_at_once_one_makes_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            with patch.dict(keys.config.options, {keys.OPTION: folder}):
                with ThreadPoolExecutor(8) as pool:
                    found = list(pool.map(keys.get_keys, ["shop"] * 16))
                path = keys.get_path("shop")
                self.assertEqual(len({one.reference for one in found}), 1)
                self.assertEqual(os.listdir(os.path.dirname(path)), [keys.FILE_NAME])
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
                self.assertNotEqual(
                    keys.get_keys("other").reference, found[0].reference
                )

    def test_a_file_that_was_put_back_is_read_again(self):
        with tempfile.TemporaryDirectory() as folder:
            with patch.dict(keys.config.options, {keys.OPTION: folder}):
                first = keys.get_keys("shop").reference
                path = keys.get_path("shop")
                os.rename(path, f"{path}.backup")
                self.assertNotEqual(keys.get_keys("shop").reference, first)
                os.replace(f"{path}.backup", path)
                self.assertEqual(keys.get_keys("shop").reference, first)

    def test_secrets_are_not_printed(self):
        with tempfile.TemporaryDirectory() as folder:
            with patch.dict(keys.config.options, {keys.OPTION: folder}):
                shown = repr(keys.get_keys("shop"))
        self.assertNotIn("secret", shown)
        self.assertNotIn("private", shown)


@tagged("post_install", "-at_install")
class TestPickupCode(EngineCommon):
    starts_with_arrived = True

    def test_each_transfer_gets_a_code_when_it_is_confirmed(self):
        campaign = self._create_arriving((1, 2, 3))
        pickings = self._get_pickings(campaign)
        codes = pickings.groupbuy_code_ids
        self.assertEqual(codes.picking_id, pickings)
        self.assertEqual(set(codes.mapped("state")), {"open"})
        texts = {code._get_text() for code in codes}
        self.assertEqual(len(texts), 3)
        self.assertFalse(any(codes.mapped("sent_at")), "Nothing has arrived yet")

    def test_two_orders_of_a_resident_share_one_code(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        self._join(campaign, self.resident, {tomato: 2})
        self._join(campaign, self.resident, {egg: 1})
        self._close(campaign)
        self.assertEqual(len(self._get_pickings(campaign).groupbuy_code_ids), 1)

    def test_codes_of_many_transfers_cost_no_query_each(self):
        campaign = self._create_arriving((1,) * 12)
        pickings = self._get_pickings(campaign)
        codes = self.env["groupbuy.pickup.code"]
        pickings.groupbuy_code_ids.unlink()
        self.env.flush_all()
        counts = []
        for some in (pickings[:2], pickings[2:]):
            some.mapped("company_id")
            before = self.env.cr.sql_log_count
            codes._issue(some)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 4)

    def test_a_code_that_exists_already_is_drawn_again(self):
        campaign = self._create_arriving((1, 1))
        first, second = self._get_pickings(campaign)
        taken = first.groupbuy_code_ids.nonce
        second.groupbuy_code_ids.unlink()
        fresh = iter([taken, "5" * 32, "6" * 32, "7" * 32, "8" * 32, "9" * 32])
        with patch.object(secrets, "token_hex", lambda _size: next(fresh)):
            self.env["groupbuy.pickup.code"]._issue(second)
        self.assertNotEqual(
            first.groupbuy_code_ids.digest, second.groupbuy_code_ids.digest
        )

    def test_whoever_reads_the_database_finds_no_code(self):
        """Also when the mails are waiting in it, and with the secret of nonces."""
        campaign = self._create_arrived()
        self._run_cron("send_codes")
        codes = self._get_pickings(campaign).groupbuy_code_ids
        found = self.env["mail.mail"].search([("model", "=", codes._name)])
        self.assertEqual(len(found), 2)
        wanted = []
        for code in codes:
            text = code._get_text()
            wanted += [text, code_text.format_code(text), code._get_token()]
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = ANY(%s)"
            " AND data_type IN ('text', 'character varying', 'jsonb')",
            [
                [
                    "groupbuy_pickup_code",
                    "groupbuy_verification",
                    "groupbuy_scan_attempt",
                    "mail_mail",
                    "mail_message",
                    "sale_order",
                    "stock_picking",
                    "ir_attachment",
                ]
            ],
        )
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT COUNT(*) FROM "{table}" WHERE "{column}"::text ~ %s',
                ["|".join(wanted)],
            )
            self.assertEqual(self.env.cr.fetchone()[0], 0, f"{table}.{column}")

    def test_the_mail_leaves_with_the_code_and_the_picture(self):
        campaign = self._create_arrived()
        self._run_cron("send_codes")
        code = self._get_pickings(campaign).groupbuy_code_ids[0]
        self.assertTrue(code.sent_at)
        mail = self.env["mail.mail"].search(
            [("model", "=", code._name), ("res_id", "=", code.id)]
        )
        self.assertEqual(mail.recipient_ids, code.partner_id)
        self.assertIn("[[pickup-code]]", mail.body_html)
        (email,) = mail._prepare_outgoing_list()
        self.assertIn(code_text.format_code(code._get_text()), email["body"])
        self.assertIn("North Gate", email["body"])
        name, content, kind = email["attachments"][-1]
        self.assertEqual((name, kind), ("pickup-code.png", "image/png"))
        self.assertTrue(content.startswith(b"\x89PNG"))
        self._run_cron("send_codes")
        self.assertEqual(
            self.env["mail.mail"].search_count([("model", "=", code._name)]),
            2,
            "Each is told once",
        )

    def test_a_mail_to_somebody_else_gets_no_code(self):
        campaign = self._create_arrived()
        code = self._get_pickings(campaign).groupbuy_code_ids[0]
        mail = self.env["mail.mail"].create(
            {
                "model": code._name,
                "res_id": code.id,
                "body_html": "<p>[[pickup-code]]</p>",
                "recipient_ids": [fields.Command.set(self.third.ids)],
                "email_to": "thief@example.com",
            }
        )
        for email in mail._prepare_outgoing_list():
            self.assertIn("[[pickup-code]]", email["body"])
            self.assertFalse(email["attachments"])

    def test_a_mail_that_waited_carries_the_newest_code(self):
        campaign = self._create_arrived()
        self._run_cron("send_codes")
        code = self._get_pickings(campaign).groupbuy_code_ids[0]
        mail = self.env["mail.mail"].search(
            [("model", "=", code._name), ("res_id", "=", code.id)]
        )
        new = code._reissue()
        (email,) = mail._prepare_outgoing_list()
        self.assertIn(code_text.format_code(new._get_text()), email["body"])

    def test_reissue_invalidates_the_old_code_and_picture(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        old = picking.groupbuy_code_ids
        text, qr = old._get_text(), old._get_token()
        new = old._reissue()
        self.assertEqual((old.state, new.state, new.version), ("replaced", "open", 2))
        self.assertRefused(self._find(text), "replaced")
        self.assertRefused(self._find(qr), "replaced")
        self.assertRefused(self._verify(picking, "scan", code=qr), "replaced")
        self.assertEqual(self._find(new._get_text())["status"], "found")
        self.assertEqual(self._find(new._get_token())["status"], "found")

    def test_only_staff_can_reissue_or_extend(self):
        campaign = self._create_arrived()
        code = self._get_pickings(campaign)[0].groupbuy_code_ids
        for user in (self.point_manager, self.other_manager):
            with self.assertRaises(AccessError):
                code.with_user(user).action_reissue()
            with self.assertRaises(AccessError):
                code.with_user(user).action_extend()
            with self.assertRaises(AccessError):
                code.with_user(user).read(["state"])
        with self.assertRaises(AccessError):
            code.with_user(self.manager).read(["nonce"])
        with self.assertRaises(UserError):
            code.with_user(self.user).action_extend(days=400)
        code.with_user(self.user).action_extend(days=2)
        self.assertEqual((code.extended_until - campaign.pickup_until).days, 2)
        code.with_user(self.user).action_reissue()
        self.assertEqual(code.state, "replaced")

    def test_when_the_keys_are_lost_residents_get_new_codes(self):
        campaign = self._create_arrived()
        self._run_cron("send_codes")
        picking = self._get_pickings(campaign)[0]
        old = picking.groupbuy_code_ids
        text, qr = old._get_text(), old._get_token()
        with tempfile.TemporaryDirectory() as folder:
            with patch.dict(keys.config.options, {keys.OPTION: folder}):
                self.assertFalse(campaign.order_ids[-1]._groupbuy_get_code_values())
                self._run_cron("send_codes")
                new = picking.groupbuy_code_ids.filtered(lambda c: c.state == "open")
                self.assertEqual(new.version, 2)
                self.assertTrue(new.sent_at)
                self.assertRefused(self._find(text), "unknown")
                self.assertRefused(self._find(qr), "unknown")
                self.assertEqual(self._find(new._get_text())["status"], "found")

    def test_transfers_without_a_code_get_one(self):
        campaign = self._create_arrived()
        pickings = self._get_pickings(campaign)
        pickings.groupbuy_code_ids.unlink()
        self._run_cron("send_codes")
        self.assertEqual(pickings.groupbuy_code_ids.picking_id, pickings)


@tagged("post_install", "-at_install")
class TestExtraCode(EngineCommon, CaseCommon):
    def _exchange(self):
        """Return an order and the transfer of a replacement that is on its way."""
        self.env["stock.quant"]._update_available_quantity(
            self.tomato, self.warehouse.lot_stock_id, 5
        )
        order = self._order()
        case = self._report(order, "exchange", quantity=1)
        case._decide("exchange", level="staff", goods_are_back=True)
        extra = case.extra_picking_ids.filtered("groupbuy_is_extra")
        leg = extra.filtered(lambda p: p.groupbuy_role == "to_point")
        return order, extra - leg, leg

    def test_a_replacement_has_a_code_of_its_own_and_is_listed(self):
        order, picking, leg = self._exchange()
        code = picking.groupbuy_code_ids
        self.assertEqual(code.state, "open")
        text = code._get_text()
        self.assertRefused(self._find(text), "not_arrived")
        self._validate(leg)
        self.assertEqual(self._find(text)["picking_id"], picking.id)
        listed = {
            row["picking_id"]: row["state"]
            for row in self.verification._get_day_list(self.point)
        }
        self.assertEqual(listed[picking.id], "due")
        (values,) = order._groupbuy_get_code_values()
        self.assertEqual(values["code"], code_text.format_code(text))
        self.assertEqual(values["items"], "1 × Tomatoes")
        self._run_cron("send_codes")
        self.assertTrue(code.sent_at)
        answer = self._verify(picking, "scan", code=code._get_token())
        self.assertVerified(answer)
        self.assertEqual(code.state, "used")
        self.assertEqual(self._undo(answer)["status"], "undone")
        self.assertEqual(self._find(text)["status"], "found")

    def test_a_replacement_that_nobody_collects_goes_back(self):
        order, picking, leg = self._exchange()
        self._validate(leg)
        self._end_window(order.groupbuy_campaign_id)
        self._run_cron("unclaimed")
        self._run_jobs()
        self.assertEqual(picking.state, "cancel")
        back = order.groupbuy_campaign_id.picking_ids.filtered(
            lambda p: p.groupbuy_role == "from_point"
        )
        self.assertEqual((back.state, back.move_ids.quantity), ("assigned", 1))
        case = self.env["groupbuy.case"].search([("type_id.code", "=", "unclaimed")])
        self.assertEqual(case.picking_id, picking)
        self.assertEqual(case.line_ids.product_id, self.tomato)
        self.assertMoneyReconciles(order)


@tagged("post_install", "-at_install")
class TestCodePage(EngineCommon, HttpCase):
    def test_the_resident_sees_code_place_hours_and_last_day(self):
        calendar = self.env["resource.calendar"].create({"name": "Shop hours"})
        self.point.calendar_id = calendar
        campaign = self._create_arrived()
        order = campaign.order_ids.sorted("id")[0]
        code = order.groupbuy_picking_ids.groupbuy_code_ids
        order._portal_ensure_token()
        page = self.url_open(order.get_portal_url()).text
        self.assertIn(code_text.format_code(code._get_text()), page)
        self.assertIn("data:image/png;base64,", page)
        self.assertIn("Your goods are ready", page)
        self.assertIn("North Gate", page)
        self.assertIn(self.point._format_local(code.expires_at), page)
        self.assertIn("Monday", page)
        self.assertIn("go back", page)
        stranger = self.url_open(f"/my/orders/{order.id}").text
        self.assertNotIn(code_text.format_code(code._get_text()), stranger)

    def test_the_resident_replaces_the_code(self):
        campaign = self._create_arrived()
        order = campaign.order_ids.sorted("id")[0]
        code = order.groupbuy_picking_ids.groupbuy_code_ids
        order._portal_ensure_token()
        self.authenticate(None, None)
        url = f"/my/orders/{order.id}/group-buy/code"
        data = {"csrf_token": self.csrf_token(), "access_token": "forged"}
        self.assertEqual(self.url_open(url, data=data).status_code, 404)
        self.assertEqual(code.state, "open")
        page = self.url_open(url, data=data | {"access_token": order.access_token}).text
        self.env.invalidate_all()
        self.assertEqual(code.state, "replaced")
        new = order.groupbuy_picking_ids.groupbuy_code_ids - code
        self.assertIn(code_text.format_code(new._get_text()), page)

    def csrf_token(self):
        from odoo import http

        return http.Request.csrf_token(self)

    def test_after_the_pickup_the_page_says_what_was_handed_out(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        order = self._get_order_line(picking).order_id
        self._verify(picking)
        order._portal_ensure_token()
        page = self.url_open(order.get_portal_url()).text
        self.assertNotIn("gbv-code-text", page)
        self.assertIn("2 × Tomatoes", page)

    def test_the_terms_stand_on_the_page_of_the_campaign(self):
        campaign = self._create_campaign(
            unclaimed_fee_kind="percent", unclaimed_fee_percent=10
        )
        campaign.is_published = True
        page = self.url_open(campaign.website_url).text
        self.assertIn("less a fee of 10 % of the goods", page)
