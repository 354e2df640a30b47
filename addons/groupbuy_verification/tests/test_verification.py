# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.groupbuy_verification import keys, token
from odoo.addons.groupbuy_verification.const import REFUSALS

from .verification_common import EngineCommon


@tagged("post_install", "-at_install")
class TestVerification(EngineCommon):
    starts_with_arrived = True

    def test_a_typed_code_opens_its_transfer(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        text = picking.groupbuy_code_ids._get_text()
        found = self._find(f" {text[:5].lower()}-{text[5:]} ")
        self.assertEqual(found["status"], "found")
        self.assertEqual(found["picking_id"], picking.id)
        self.assertEqual(found["lines"][0]["quantity"], 2)
        answer = self._verify(picking, "code", code=text)
        self.assertVerified(answer)
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.groupbuy_code_ids.state, "used")
        again = self._find(text)
        self.assertRefused(again, "already_collected")
        self.assertEqual(again["details"]["by"], "Li Na")
        self.assertEqual(again["details"]["point"], "North Gate")
        self.assertEqual(again["details"]["at"], answer["at"])
        self.assertIn("Li Na", again["message"])
        self.assertLogMatches(campaign)

    def test_the_log_says_who_where_when_and_how(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        qr = picking.groupbuy_code_ids._get_token()
        answer = self._verify(picking, "scan", code=qr)
        row = self.env["groupbuy.verification"].browse(answer["verification_id"])
        self.assertEqual(row.user_id, self.point_manager)
        self.assertEqual(row.point_id, self.point)
        self.assertEqual(row.method, "scan")
        self.assertEqual(row.partner_id, picking.partner_id)
        self.assertEqual(row.campaign_id, campaign)
        self.assertEqual(row.line_ids.quantity, 2)
        self.assertEqual(row.code_version, 1)

    def test_the_log_cannot_be_changed(self):
        campaign = self._create_arrived()
        answer = self._verify(self._get_pickings(campaign)[0])
        row = self.env["groupbuy.verification"].browse(answer["verification_id"])
        for record in (row, row.line_ids):
            with self.assertRaises(UserError):
                record.write({"product_id" if "line" in record._name else "at": False})
            with self.assertRaises(UserError):
                record.unlink()
        with self.assertRaises(AccessError):
            row.with_user(self.manager).create({})
        with self.assertRaises(AccessError):
            row.with_user(self.point_manager).read(["at"])

    # === PARTS === #

    def test_a_part_is_handed_out_and_the_rest_keeps_its_code(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        self._join(campaign, self.resident, {tomato: 3, egg: 2})
        self._close(campaign)
        self._receive(campaign)
        picking = self._get_pickings(campaign)
        code = picking.groupbuy_code_ids
        text, qr = code._get_text(), code._get_token()
        first = picking.move_ids.filtered(lambda m: m.product_id == self.tomato)
        answer = self._verify(picking, quantities={first.id: 1})
        self.assertVerified(answer)
        self.assertEqual([line["quantity"] for line in answer["lines"]], [1])
        self.assertEqual(
            sorted(line["quantity"] for line in answer["remaining"]), [2, 2]
        )
        self.assertEqual(campaign.state, "delivering")
        for shown in (text, qr):
            found = self._find(shown)
            self.assertEqual(found["status"], "found", found)
            self.assertEqual(found["picking_id"], answer["remaining_picking_id"])
            self.assertEqual([line["quantity"] for line in found["lines"]], [2, 2])
        rest = self._get_pickings(campaign)
        self.assertEqual(rest.groupbuy_role, "to_resident")
        self.assertVerified(self._verify(rest, "scan", code=qr))
        self.assertRefused(self._find(text), "already_collected")
        self.assertEqual(campaign.state, "done")
        self.assertLogMatches(campaign)

    def test_the_rest_waits_also_where_there_are_no_backorders(self):
        campaign = self._create_arrived((3,))
        picking = self._get_pickings(campaign)
        picking.picking_type_id.create_backorder = "never"
        self._verify(picking, quantities={picking.move_ids.id: 1})
        rest = self._get_pickings(campaign)
        self.assertEqual((rest.state, rest.move_ids.quantity), ("assigned", 2))

    def test_more_than_there_is_is_refused(self):
        campaign = self._create_arrived()
        first, second = self._get_pickings(campaign)
        for quantities in (
            {first.move_ids.id: 3},
            {second.move_ids.id: 1},
            {2**31 - 1: 1},
        ):
            self.assertRefused(self._verify(first, quantities=quantities), "too_much")
        self.assertEqual(first.state, "assigned")
        self.assertFalse(first.groupbuy_verification_ids)

    def test_nonsense_is_refused_and_changes_nothing(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        move = picking.move_ids
        for values in (
            {"quantities": {}},
            {"quantities": {move.id: 0}},
            {"quantities": {move.id: -1}},
            {"quantities": {move.id: float("nan")}},
            {"quantities": {move.id: float("inf")}},
            {"quantities": {move.id: True}},
            {"quantities": {move.id: "1"}},
            {"quantities": {str(move.id): 1}},
            {"quantities": [move.id]},
            {"quantities": "all"},
            {"request_key": None},
            {"request_key": "short"},
            {"request_key": "x" * 65},
            {"request_key": "with a blank in it"},
            {"method": "magic"},
            {"method": None},
            {"reason": 7},
            {"device_time": "yesterday", "method": "offline"},
            {"device_time": 7, "method": "offline"},
        ):
            self.assertRefused(self._verify(picking, **values), "bad_request")
        self.assertRefused(self._verify(picking.browse()), "bad_request")
        self.assertEqual(picking.state, "assigned")
        self.assertFalse(picking.groupbuy_verification_ids)

    # === REQUEST KEYS === #

    def test_a_repeated_request_gets_the_same_answer(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        values = {"quantities": {picking.move_ids.id: 1}, "request_key": "key-12345678"}
        first = self._verify(picking, **values)
        self.assertVerified(first)
        self.assertEqual(self._verify(picking, **values), first)
        self.assertEqual(len(self._get_rows(campaign)), 1)
        other = values | {"quantities": {picking.move_ids.id: 2}}
        self.assertRefused(self._verify(picking, **other), "bad_request")
        stranger = self.env["groupbuy.verification"].with_user(self.other_manager)
        self.assertRefused(
            self._verify(picking, model=stranger, **values), "bad_request"
        )
        self.assertLogMatches(campaign)

    def test_the_key_of_another_request_is_refused(self):
        campaign = self._create_arrived((1, 1))
        first, second = self._get_pickings(campaign)
        key = "key-12345678"
        answer = self._verify(first, request_key=key, reason="Wrong bag")
        self.assertRefused(self._verify(second, request_key=key), "bad_request")
        self.assertEqual(second.state, "assigned")
        self.assertRefused(self._undo(answer, request_key=key), "bad_request")
        batch = self.verification._verify_batch(
            self.point, second, method="batch", request_key=key
        )
        self.assertRefused(batch, "bad_request")
        self.assertLogMatches(campaign)

    def _get_rows(self, campaign):
        return self.env["groupbuy.verification"].search(
            [("campaign_id", "=", campaign.id)]
        )

    def test_a_refused_request_may_be_repeated_when_the_way_is_free(self):
        campaign = self._create_arriving()
        picking = self._get_pickings(campaign)[0]
        key = "key-87654321"
        self.assertRefused(self._verify(picking, request_key=key), "not_arrived")
        self._bring(campaign)
        self.assertVerified(self._verify(picking, request_key=key))

    # === REFUSALS === #

    def test_each_refusal_has_words(self):
        messages = self.env["groupbuy.verification"]._get_refusal_messages()
        self.assertEqual(set(messages), set(REFUSALS))

    def test_another_point_is_named(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        code = picking.groupbuy_code_ids
        for shown in (code._get_text(), code._get_token()):
            answer = self._find(shown, self.other_point)
            self.assertRefused(answer, "wrong_point")
            self.assertIn("North Gate", answer["message"])
        self.assertRefused(self._verify(picking, point=self.other_point), "wrong_point")
        self.assertEqual(picking.state, "assigned")

    def test_what_has_not_arrived_is_not_handed_out(self):
        campaign = self._create_arriving()
        picking = self._get_pickings(campaign)[0]
        code = picking.groupbuy_code_ids
        self.assertRefused(self._find(code._get_text()), "not_arrived")
        self.assertRefused(self._verify(picking), "not_arrived")

    def test_forged_and_foreign_tokens_are_unknown(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        code = picking.groupbuy_code_ids
        qr = code._get_token()
        secret = keys.get_keys(self.env.cr.dbname)
        payload = token.verify(secret.private.public_key(), qr)
        foreign = token.sign(secret.private, payload | {"d": "0" * 12})
        missing = token.sign(secret.private, payload | {"t": 2**31 - 1})
        version = token.sign(secret.private, payload | {"v": 9})
        head, part, signature = qr.split(".")
        forged = f"{head}.{part}.{signature[:-4]}AAAA"
        self.company.write(
            {"groupbuy_scan_limit_user": 100, "groupbuy_scan_limit_point": 100}
        )
        for shown in (foreign, missing, version, forged, "GB1.", "GB1.x.y"):
            self.assertRefused(self._find(shown), "unknown")
            self.assertRefused(
                self._verify(picking, "scan", code=shown, point=self.other_point),
                "unknown",
            )
        self.assertEqual(picking.state, "assigned")

    def test_a_code_of_another_transfer_is_refused(self):
        campaign = self._create_arrived()
        first, second = self._get_pickings(campaign)
        answer = self._verify(first, "code", code=second.groupbuy_code_ids._get_text())
        self.assertRefused(answer, "bad_request")
        self.assertEqual(first.state, "assigned")

    def test_an_expired_code_opens_nothing_until_the_stay_is_extended(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        code = picking.groupbuy_code_ids
        qr = code._get_token()
        self._end_window(campaign)
        self.assertRefused(self._find(code._get_text()), "expired")
        self.assertRefused(self._find(qr), "expired")
        self.assertRefused(self._verify(picking), "expired")
        code.action_extend()
        self.assertVerified(self._verify(picking, "scan", code=qr))

    def test_a_cancelled_order_has_nothing_to_collect(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        text = picking.groupbuy_code_ids._get_text()
        self._get_order_line(picking).order_id.action_cancel()
        self.assertRefused(self._find(text), "not_successful")
        self.assertRefused(self._verify(picking), "not_successful")

    def test_outside_of_opening_hours_a_reason_is_needed(self):
        calendar = self.env["resource.calendar"].create(
            {"name": "Never", "attendance_ids": [Command.clear()]}
        )
        campaign = self._create_arrived()
        self.point.calendar_id = calendar
        first, second = self._get_pickings(campaign)
        found = self._find(first.groupbuy_code_ids._get_text())
        self.assertEqual(found["status"], "found", "It may be overridden")
        self.assertRefused(self._verify(first), "outside_hours")
        self.assertRefused(self._verify(first, reason="  "), "outside_hours")
        answer = self._verify(first, reason="The resident works late")
        self.assertVerified(answer)
        self.assertEqual(
            first.groupbuy_verification_ids.reason, "The resident works late"
        )
        batch = self.verification._verify_batch(
            self.point, second, method="batch", request_key=self._new_key()
        )
        self.assertRefused(batch, "outside_hours")

    def test_a_day_off_is_closed_in_the_zone_of_the_point(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        today = fields.Datetime.context_timestamp(
            self.env["res.users"].with_context(tz=self.point.tz), fields.Datetime.now()
        ).date()
        self.point.day_off_ids = [
            Command.create({"date_from": today, "date_to": today})
        ]
        self.assertRefused(self._verify(picking), "outside_hours")
        self.point.day_off_ids.write(
            {
                "date_from": today - timedelta(days=2),
                "date_to": today - timedelta(days=1),
            }
        )
        self.assertVerified(self._verify(picking))

    def test_an_open_case_blocks_its_quantity(self):
        campaign = self._create_arrived()
        first, second = self._get_pickings(campaign)
        blocked = {first.move_ids.id: 1.0, second.move_ids.id: 1.0}
        with patch.object(
            type(first), "_groupbuy_get_blocked_quantities", lambda self: blocked
        ):
            found = self._find(first.groupbuy_code_ids._get_text())
            self.assertEqual(found["lines"][0]["blocked"], 1)
            self.assertRefused(self._verify(second), "case_open")
            quantities = {first.move_ids.id: 2}
            self.assertRefused(self._verify(first, quantities=quantities), "case_open")
            answer = self._verify(first)
            self.assertVerified(answer)
            self.assertEqual(answer["lines"][0]["quantity"], 1)
            self.assertEqual(answer["remaining"][0]["quantity"], 1)
            states = {
                row["picking_id"]: row["state"]
                for row in self.verification._get_day_list(self.point)
            }
            self.assertEqual(states[second.id], "blocked")
        self.assertLogMatches(campaign)

    # === WRONG CODES === #

    def test_a_thousand_wrong_codes_pause_the_point(self):
        campaign = self._create_arrived()
        code = self._get_pickings(campaign)[0].groupbuy_code_ids
        self.company.groupbuy_scan_limit_user = 10
        answers = [self._find(f"{number:010d}") for number in range(1000)]
        refusals = [answer["refusal"] for answer in answers]
        self.assertEqual(refusals.count("unknown"), 9)
        self.assertEqual(refusals.count("too_many_tries"), 991)
        attempts = self.env["groupbuy.scan.attempt"].search([])
        self.assertEqual(attempts.mapped("kind").count("wrong"), 10)
        self.assertEqual(attempts.mapped("kind").count("pause"), 1)
        self.assertEqual(len(self.point.activity_ids), 1, "Staff are alerted once")
        self.assertRefused(self._find(code._get_text()), "too_many_tries")
        self.assertRefused(self._find(code._get_token()), "too_many_tries")
        picking = code.picking_id
        self.assertRefused(
            self._verify(picking, "scan", code=code._get_token()), "too_many_tries"
        )
        self.assertVerified(self._verify(picking, "list"))

    def test_a_pause_ends_by_itself_or_by_a_manager(self):
        campaign = self._create_arrived()
        text = self._get_pickings(campaign)[0].groupbuy_code_ids._get_text()
        self.company.groupbuy_scan_limit_user = 3
        for _time in range(3):
            self._find("0000000000")
        self.assertRefused(self._find(text), "too_many_tries")
        pause = self.env["groupbuy.scan.attempt"].search([("kind", "=", "pause")])
        with self.assertRaises(AccessError):
            pause.with_user(self.user).action_lift()
        with self.assertRaises(AccessError):
            pause.with_user(self.point_manager).action_lift()
        pause.with_user(self.manager).action_lift()
        # Attempts are counted in transactions of their own, after this one's end.
        self.env.flush_all()
        self.assertEqual(self._find(text)["status"], "found")

    def test_a_right_code_does_not_reset_the_count(self):
        campaign = self._create_arrived()
        text = self._get_pickings(campaign)[0].groupbuy_code_ids._get_text()
        self.company.groupbuy_scan_limit_user = 3
        self._find("0000000000")
        self._find("0000000000")
        self.assertEqual(self._find(text)["status"], "found")
        self.assertRefused(self._find("0000000000"), "too_many_tries")

    def test_several_managers_together_reach_the_limit_of_the_point(self):
        self.company.write(
            {"groupbuy_scan_limit_user": 4, "groupbuy_scan_limit_point": 5}
        )
        colleague = self.verification.with_user(self.other_manager)
        for _time in range(3):
            self.assertRefused(self._find("0000000000"), "unknown")
        self.assertRefused(colleague._find(self.point, "0000000000"), "unknown")
        self.assertRefused(colleague._find(self.point, "0000000000"), "too_many_tries")

    def test_a_manager_who_tries_at_several_points_is_stopped(self):
        self.company.groupbuy_scan_limit_user = 4
        for point in (self.point, self.other_point) * 2:
            answer = self._find("0000000000", point)
        self.assertRefused(answer, "too_many_tries")
        self.assertRefused(self._find("0000000000"), "too_many_tries")

    def test_an_address_that_tries_with_several_accounts_is_stopped(self):
        self.company.write(
            {
                "groupbuy_scan_limit_user": 100,
                "groupbuy_scan_limit_point": 100,
                "groupbuy_scan_limit_address": 4,
            }
        )
        colleague = self.verification.with_user(self.other_manager)
        http = SimpleNamespace(remote_addr="203.0.113.7")
        path = "odoo.addons.groupbuy_verification.models.groupbuy_scan_attempt.request"
        with patch(path, SimpleNamespace(httprequest=http)):
            for _time in range(2):
                self.assertRefused(self._find("0000000000"), "unknown")
            self.assertRefused(
                colleague._find(self.other_point, "0000000000"), "unknown"
            )
            self.assertRefused(
                colleague._find(self.other_point, "0000000000"), "too_many_tries"
            )
            self.assertRefused(self._find("0000000000"), "too_many_tries")
        with patch(
            path, SimpleNamespace(httprequest=SimpleNamespace(remote_addr="::1"))
        ):
            third = self.verification.with_user(self.user)
            point = self.point.copy({"code": False})
            self.assertRefused(third._find(point, "0000000000"), "unknown")

    def test_settings_cannot_switch_the_protection_off(self):
        for values in (
            {"groupbuy_scan_limit_user": 0},
            {"groupbuy_scan_pause_minutes": 0},
            {"groupbuy_undo_minutes": -1},
            {"groupbuy_receipt_days_chilled": 0},
        ):
            with self.assertRaises(UserError):
                self.company.write(values)

    # === SEVERAL AT ONCE === #

    def test_a_batch_hands_out_what_can_be_and_reports_the_rest(self):
        campaign = self._create_arrived((1, 2, 1))
        pickings = self._get_pickings(campaign)
        self._verify(pickings[0])
        values = {"method": "batch", "request_key": "batch-123"}
        answer = self.verification._verify_batch(self.point, pickings, **values)
        self.assertEqual(
            (answer["status"], answer["verified"], answer["refused"]),
            ("verified", 2, 1),
        )
        self.assertRefused(answer["results"][0], "already_collected")
        self.assertEqual(
            [result["picking_id"] for result in answer["results"]], pickings.ids
        )
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        again = self.verification._verify_batch(self.point, pickings, **values)
        self.assertEqual(again, answer)
        self.assertRefused(
            self.verification._verify_batch(self.point, pickings[:2], **values),
            "bad_request",
        )
        self.assertRefused(
            self.verification._verify_batch(
                self.other_point,
                pickings,
                method="batch",
                request_key=self._new_key(),
            ),
            "wrong_point",
        )
        self.assertLogMatches(campaign)

    def test_each_of_a_batch_can_be_undone(self):
        campaign = self._create_arrived()
        answer = self.verification._verify_batch(
            self.point,
            self._get_pickings(campaign),
            method="batch",
            request_key=self._new_key(),
        )
        undone = self._undo(answer["results"][1])
        self.assertEqual(undone["status"], "undone", undone)
        self.assertEqual(len(self._get_pickings(campaign)), 1)
        self.assertLogMatches(campaign)

    def test_what_is_validated_in_the_stock_app_is_logged_too(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        text = picking.groupbuy_code_ids._get_text()
        self._validate(picking)
        row = picking.groupbuy_verification_ids
        self.assertEqual((row.kind, row.method), ("pickup", "manual"))
        self.assertEqual(row.line_ids.quantity, 2)
        self.assertRefused(self._find(text), "already_collected")

    # === UNDO === #

    def test_undo_brings_the_goods_back_and_keeps_the_code(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        line = self._get_order_line(picking)
        text = picking.groupbuy_code_ids._get_text()
        answer = self._verify(picking)
        self.assertEqual(line.qty_delivered, 2)
        self.assertEqual(self._get_stock_at_point(), 1)
        undone = self._undo(answer)
        self.assertEqual(undone["status"], "undone", undone)
        self.env.invalidate_all()
        self.assertEqual(line.qty_delivered, 0)
        self.assertEqual(self._get_stock_at_point(), 3)
        found = self._find(text)
        self.assertEqual(found["status"], "found", found)
        self.assertEqual(found["picking_id"], undone["picking_id"])
        self.assertEqual(found["lines"][0]["quantity"], 2)
        self.assertEqual(picking.groupbuy_role, "undone")
        row = picking.groupbuy_verification_ids.filtered("undoes_id")
        self.assertEqual((row.kind, row.line_ids.quantity), ("undo", -2))
        self.assertEqual(row.reason, "Wrong bag")
        self.assertLogMatches(campaign)

    def _get_stock_at_point(self):
        quants = self.env["stock.quant"].search(
            [("location_id", "=", self.point.location_id.id)]
        )
        return sum(quants.mapped("quantity"))

    def test_an_undo_does_not_make_the_campaign_bring_more(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        self._undo(self._verify(picking))
        self.env.invalidate_all()
        before = self._get_transfer(campaign).move_ids.product_uom_qty
        campaign._sync_supply()
        self.assertEqual(len(self._get_transfer(campaign)), 1)
        self.assertEqual(self._get_transfer(campaign).move_ids.product_uom_qty, before)

    def test_a_campaign_that_was_done_waits_again_after_an_undo(self):
        campaign = self._create_arrived((1,))
        answer = self._verify(self._get_pickings(campaign))
        self.assertEqual(campaign.state, "done")
        self._undo(answer)
        self.assertEqual(campaign.state, "delivering")
        self.assertVerified(self._verify(self._get_pickings(campaign)))
        self.assertEqual(campaign.state, "done")
        self.assertLogMatches(campaign)

    def test_a_part_that_is_undone_joins_the_rest(self):
        campaign = self._create_arrived((3,))
        picking = self._get_pickings(campaign)
        text = picking.groupbuy_code_ids._get_text()
        first = self._verify(picking, quantities={picking.move_ids.id: 1})
        self._undo(first)
        found = self._find(text)
        self.assertEqual(sum(line["quantity"] for line in found["lines"]), 3)
        self.assertEqual(found["picking_id"], first["remaining_picking_id"])
        self.assertLogMatches(campaign)

    def test_a_part_is_undone_after_the_rest_was_collected(self):
        campaign = self._create_arrived((3,))
        picking = self._get_pickings(campaign)
        text = picking.groupbuy_code_ids._get_text()
        first = self._verify(picking, quantities={picking.move_ids.id: 1})
        self._verify(self._get_pickings(campaign))
        self.assertEqual(self._undo(first)["status"], "undone")
        found = self._find(text)
        self.assertEqual(found["status"], "found", found)
        self.assertEqual([line["quantity"] for line in found["lines"]], [1])
        self.assertLogMatches(campaign)

    def test_who_may_undo_and_how_long(self):
        campaign = self._create_arrived((1, 1, 1))
        pickings = self._get_pickings(campaign)
        first, second, third = (self._verify(picking) for picking in pickings)
        colleague = self.env["groupbuy.verification"].with_user(self.other_manager)
        self.assertRefused(self._undo(first, model=colleague), "undo_not_allowed")
        self.assertRefused(self._undo(first, reason=" "), "bad_request")
        staff = self.env["groupbuy.verification"].with_user(self.user)
        self.assertRefused(self._undo(first, model=staff), "undo_not_allowed")
        manager = self.env["groupbuy.verification"].with_user(self.manager)
        self.assertEqual(self._undo(first, model=manager)["status"], "undone")
        self.assertRefused(self._undo(first), "undo_done")
        self.company.groupbuy_undo_minutes = 0
        now = fields.Datetime.now() + timedelta(minutes=1)
        with patch.object(fields.Datetime, "now", lambda: now):
            self.assertRefused(self._undo(second), "undo_too_late")
            self.assertRefused(self._undo(second, model=manager), "undo_too_late")
        self.company.groupbuy_undo_minutes = 60
        key = "undo-12345"
        undone = self._undo(third, request_key=key)
        self.assertEqual(self._undo(third, request_key=key), undone)

    def test_undo_in_the_back_office(self):
        campaign = self._create_arrived((1,))
        picking = self._get_pickings(campaign)
        self._verify(picking)
        row = picking.groupbuy_verification_ids
        wizard = (
            self.env["groupbuy.verification.undo"]
            .with_user(self.manager)
            .create({"verification_id": row.id, "reason": "Wrong resident"})
        )
        action = wizard.action_confirm()
        self.assertEqual(action["res_id"], self._get_pickings(campaign).id)
        again = wizard.copy({"request_key": "another-key"})
        with self.assertRaisesRegex(UserError, "undone already"):
            again.action_confirm()

    def test_an_invoice_made_before_the_undo_still_reconciles(self):
        campaign = self._create_arrived((2,))
        order = campaign.order_ids
        answer = self._verify(self._get_pickings(campaign))
        self._run_jobs()
        self._undo(answer)
        self._run_jobs()
        self._verify(self._get_pickings(campaign))
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_invoiced, 20.0)
        self.assertEqual(order.groupbuy_amount_owed, 0.0)
        self.assertMoneyReconciles(order)

    # === LIST OF THE DAY === #

    def test_the_list_shows_who_is_due_and_who_was_here(self):
        campaign = self._create_arrived()
        rows = self.verification._get_day_list(self.point)
        self.assertEqual([row["state"] for row in rows], ["due", "due"])
        self.assertEqual(rows[0]["items"], 2)
        self._verify(self._get_pickings(campaign)[0])
        rows = self.verification._get_day_list(self.point)
        self.assertEqual([row["state"] for row in rows], ["due", "collected"])
        self.assertTrue(rows[1]["undo_until"])
        self.assertEqual(rows[1]["collected_by"], "Li Na")
        other = self.verification.with_user(self.other_manager)
        self.assertFalse(other._get_day_list(self.point)[1]["undo_until"])
        self.assertFalse(other._get_day_list(self.other_point))
        campaign.write({"unclaimed_rule": "stay", "unclaimed_days": 3})
        self._end_window(campaign)
        rows = self.verification._get_day_list(self.point)
        self.assertEqual(rows[0]["state"], "overdue")

    # === OFFLINE === #

    def _offline(self, picking, minutes, model=None, **values):
        moment = fields.Datetime.now() - timedelta(minutes=minutes)
        return self._verify(
            picking,
            "offline",
            device_time=moment.isoformat() + "Z",
            device=values.pop("device", "phone-1"),
            model=self.verification if model is None else model,
            **values,
        )

    def test_an_event_that_arrives_later_counts_from_its_own_time(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        qr = picking.groupbuy_code_ids._get_token()
        values = {"code": qr, "request_key": "offline-1234"}
        moment = fields.Datetime.now() - timedelta(minutes=30)
        answer = self._verify(
            picking, "offline", device_time=moment, device="phone-1", **values
        )
        self.assertVerified(answer)
        row = picking.groupbuy_verification_ids
        self.assertEqual((row.at, row.device), (moment, "phone-1"))
        again = self._verify(
            picking, "offline", device_time=moment, device="phone-1", **values
        )
        self.assertEqual(again, answer, "Each event once")
        self.assertEqual(len(picking.groupbuy_verification_ids), 1)

    def test_of_two_phones_the_later_one_gets_a_conflict(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        self.assertVerified(self._offline(picking, 30))
        key = "offline-5678"
        other = self.verification.with_user(self.other_manager)
        moment = fields.Datetime.now() - timedelta(minutes=20)
        values = {"device_time": moment, "device": "phone-2", "request_key": key}
        answer = self._verify(picking, "offline", model=other, **values)
        self.assertRefused(answer, "already_collected")
        self.assertTrue(answer["conflict"])
        self.assertEqual(answer["details"]["by"], "Li Na")
        again = self._verify(picking, "offline", model=other, **values)
        self.assertEqual(again, answer)
        rows = picking.groupbuy_verification_ids.sorted("id")
        self.assertEqual(rows.mapped("kind"), ["pickup", "conflict"])
        self.assertEqual(rows[1].line_ids.claimed_quantity, 2)
        self.assertLogMatches(campaign)

    def test_the_first_by_the_clock_wins_even_if_its_event_comes_last(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        late = self._offline(picking, 20)
        other = self.verification.with_user(self.other_manager)
        early = self._offline(picking, 30, other, device="phone-2")
        self.assertVerified(early)
        rows = picking.groupbuy_verification_ids.sorted("id")
        self.assertEqual(rows.mapped("kind"), ["pickup", "conflict", "pickup"])
        self.assertEqual(rows[1].undoes_id.id, late["verification_id"])
        self.assertEqual(rows[2].user_id, self.other_manager)
        self.assertEqual(
            self._find(picking.groupbuy_code_ids._get_text())["details"]["by"],
            "Zhao Lei",
        )
        third = self._offline(picking, 25, device="phone-3")
        self.assertRefused(third, "already_collected")
        self.assertEqual(third["details"]["by"], "Zhao Lei")
        self.assertEqual(len(picking.groupbuy_verification_ids), 4, "None is lost")
        self.assertRefused(self._undo(late), "undo_done")
        self.assertLogMatches(campaign)

    def test_a_part_each_from_two_phones_is_no_conflict(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        self._join(campaign, self.resident, {tomato: 2, egg: 1})
        self._close(campaign)
        self._receive(campaign)
        picking = self._get_pickings(campaign)
        one, two = picking.move_ids.sorted("id")
        self.assertVerified(self._offline(picking, 30, quantities={one.id: 1}))
        self.assertVerified(
            self._offline(picking, 20, quantities={one.id: 1, two.id: 1})
        )
        self.assertEqual(campaign.state, "done")
        self.assertLogMatches(campaign)

    def test_goods_handed_out_offline_of_a_cancelled_order_are_not_forgotten(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        self._get_order_line(picking).order_id.action_cancel()
        answer = self._offline(picking, 30)
        self.assertRefused(answer, "not_successful")
        self.assertTrue(answer["conflict"])
        self.assertEqual(picking.groupbuy_verification_ids.kind, "conflict")
        self.assertLogMatches(campaign)

    def test_a_foreign_transfer_is_not_reached_by_an_offline_event(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        other = self.verification.with_user(self.other_manager)
        answer = self._offline(picking, 30, other, point=self.other_point)
        self.assertRefused(answer, "wrong_point")
        self.assertFalse(picking.groupbuy_verification_ids)

    def test_a_fast_clock_does_not_hand_out_in_the_future(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        self.assertVerified(self._offline(picking, -600))
        self.assertLessEqual(
            picking.groupbuy_verification_ids.at, fields.Datetime.now()
        )

    # === COST === #

    def test_a_verification_costs_little_more_than_a_validation(self):
        campaign = self._create_arrived((1,) * 4)
        pickings = self._get_pickings(campaign)
        self._verify(pickings[3])
        self._validate_as_stock_does(pickings[2])
        counts = []
        for picking, function in (
            (pickings[0], self._validate_as_stock_does),
            (pickings[1], self._verify),
        ):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            function(picking)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], 1.3 * counts[0], counts)

    def _validate_as_stock_does(self, picking):
        picking.with_context(
            groupbuy_verifying=True, skip_backorder=True
        ).button_validate()

    def test_a_batch_costs_less_than_half_for_each(self):
        campaign = self._create_arrived((1,) * 22)
        pickings = self._get_pickings(campaign)
        self._verify(pickings[21])
        counts = []
        for some in (pickings[0], pickings[1:21]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            answer = self.verification._verify_batch(
                self.point, some, method="batch", request_key=self._new_key()
            )
            self.env.flush_all()
            self.assertEqual(answer["verified"], len(some))
            counts.append((self.env.cr.sql_log_count - before) / len(some))
        self.assertLess(counts[1], 0.5 * counts[0], counts)

    @mute_logger("odoo.sql_db")
    def test_a_failing_validation_leaves_no_fact(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        with patch.object(
            type(picking), "button_validate", side_effect=UserError("No stock")
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self._verify(picking)
        self.assertFalse(picking.groupbuy_verification_ids)
        self.assertEqual(picking.groupbuy_code_ids.state, "open")


@tagged("post_install", "-at_install")
class TestDayList(EngineCommon):
    """What a manager's list shows of a point at which nothing else lies."""

    def test_residents_are_found_by_name_order_and_telephone(self):
        campaign = self._create_arriving((1, 1, 1))
        residents = self._get_pickings(campaign).partner_id
        residents[0].write({"name": "Wang Fang", "phone": "+86 138-0013-8000"})
        residents[1].write({"name": "100% Li_Wei", "phone": "13900001234"})
        self._bring(campaign)

        def names(text):
            return [
                row["resident"]
                for row in self.verification._search_residents(self.point, text)
            ]

        self.assertEqual(names("wang"), ["Wang Fang"])
        self.assertEqual(names("8000"), ["Wang Fang"])
        self.assertEqual(names("1234"), ["100% Li_Wei"])
        self.assertEqual(names("0%"), ["100% Li_Wei"])
        self.assertEqual(names("i_W"), ["100% Li_Wei"])
        self.assertEqual(names("w"), [])
        self.assertEqual(names(None), [])
        self.assertEqual(names("9999"), [])
        order = self._get_pickings(campaign)[2].origin
        self.assertEqual(len(names(order)), 1)
        page = self.verification._get_day_list(self.point, limit=2, offset=2)
        self.assertEqual(len(page), 1)

    def test_the_list_costs_the_same_queries_however_long_it_is(self):
        campaign = self._create_arrived((1,) * 10)
        self._verify(self._get_pickings(campaign)[0])
        counts = []
        # One who was here is among them each time.
        for limit in (2, 10):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = self.verification._get_day_list(
                self.point, limit=limit, offset=10 - limit
            )
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(rows), limit)
            self.assertEqual(rows[-1]["state"], "collected")
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[1], 50)

    def test_an_offline_scanner_finds_its_row(self):
        import hashlib

        campaign = self._create_arrived((1,))
        code = self._get_pickings(campaign).groupbuy_code_ids
        (row,) = self.verification._get_day_list(self.point)
        secret = keys.get_keys(self.env.cr.dbname)
        payload = token.verify(secret.private.public_key(), code._get_token())
        self.assertEqual(
            (payload["t"], payload["v"], payload["p"], payload["e"]),
            (row["token_id"], row["version"], self.point.id, row["expires"]),
        )
        text = f"{row['token_id']}.{row['version']}.{code._get_text()}"
        self.assertEqual(row["code_hash"], hashlib.sha256(text.encode()).hexdigest())
        jwk = self.verification._get_public_jwk(self.env)
        self.assertEqual((jwk["kty"], jwk["crv"]), ("EC", "P-256"))
        self.assertNotIn("d", jwk)
