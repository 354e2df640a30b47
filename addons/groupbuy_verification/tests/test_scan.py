# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json
import uuid
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import (
    HttpCase,
    JsonRpcException,
    TransactionCase,
    new_test_user,
    tagged,
)
from odoo.tools import mute_logger

from .common import VerificationCommon


class ScanCommon(VerificationCommon, HttpCase):
    """The routes of the scan app, as a manager's browser calls them."""

    def setUp(self):
        super().setUp()
        self.authenticate("north_manager", "north_manager")

    def _call(self, name, point=None, **params):
        return self.make_jsonrpc_request(
            f"/groupbuy/scan/{name}",
            {"point_id": (point or self.point).id, **params},
        )

    def _hand_out(self, pickings, method="list", **params):
        params.setdefault("request_key", uuid.uuid4().hex)
        params.setdefault("picking_ids", pickings.ids)
        return self._call("hand-out", method=method, **params)

    def _undo(self, **params):
        params.setdefault("request_key", uuid.uuid4().hex)
        params.setdefault("reason", "Tapped by mistake")
        return self._call("undo", **params)

    def _get_pickings(self, campaign):
        """Return the residents' open transfers, in the order of their payment."""
        return campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_resident" and p.state != "done"
        ).sorted("id")

    def assertNothingHappened(self, campaign):
        self.env.invalidate_all()
        self.assertFalse(self.env["groupbuy.verification"].search_count([]))
        self.assertEqual(
            set(self._get_pickings(campaign).mapped("state")), {"assigned"}
        )


@tagged("post_install", "-at_install")
class TestScan(ScanCommon):
    starts_with_arrived = True

    def test_the_page_holds_no_resident_and_no_secret(self):
        self._create_arrived()
        page = self.url_open(f"/my/points/{self.point.id}/scan")
        self.assertEqual(page.status_code, 200)
        self.assertIn("North Gate", page.text)
        self.assertIn("Li Na", page.text)
        self.assertNotIn("Resident", page.text)
        self.assertNotIn("csrf_token", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")

    def test_the_page_of_another_point_is_not_there(self):
        for point_id in (self.other_point.id, 2**31 - 1):
            answer = self.url_open(f"/my/points/{point_id}/scan")
            self.assertEqual(answer.status_code, 404)

    def test_the_app_can_be_installed(self):
        path = f"/my/points/{self.point.id}/scan"
        manifest = self.url_open(
            "/web/manifest.scoped_app_manifest?app_id=groupbuy_verification"
            f"&path={path}"
        ).json()
        self.assertEqual((manifest["scope"], manifest["start_url"]), (path, path))
        self.assertEqual(manifest["display"], "standalone")
        self.assertEqual(manifest["name"], "Hand Out")
        self.assertIn("512x512", [icon["sizes"] for icon in manifest["icons"]])
        for icon in manifest["icons"]:
            self.assertEqual(self.url_open(icon["src"]).status_code, 200)
        page = self.url_open(path)
        self.assertIn("manifest.scoped_app_manifest", page.text)
        install = self.url_open(
            f"/scoped_app?app_id=groupbuy_verification&path={path[1:]}"
        )
        self.assertEqual(install.status_code, 200)

    def test_the_service_worker_may_stand_before_points_only(self):
        answer = self.url_open("/my/points/scan/service-worker.js")
        self.assertEqual(answer.headers["Service-Worker-Allowed"], "/my/points/")
        self.assertIn("javascript", answer.headers["Content-Type"])

    def test_the_words_are_those_of_the_language_and_of_the_app_only(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        words = self.url_open("/groupbuy/scan/translations?lang=zh_CN").json()
        self.assertEqual(words["lang"], "zh_CN")
        self.assertLessEqual(set(words["modules"]), {"web", "groupbuy_verification"})
        known = self.url_open(
            f"/groupbuy/scan/translations?lang=zh_CN&hash={words['hash']}"
        ).json()
        self.assertNotIn("modules", known)
        nonsense = self.url_open("/groupbuy/scan/translations?lang=../../etc").json()
        self.assertIsNone(nonsense["lang"])

    def test_the_list_says_what_a_phone_has_to_know(self):
        campaign = self._create_arrived()
        answer = self._call("list")
        self.assertEqual(
            [row["picking_id"] for row in answer["rows"]],
            self._get_pickings(campaign).sorted("partner_id").ids,
        )
        self.assertEqual(answer["jwk"]["crv"], "P-256")
        self.assertNotIn("d", answer["jwk"])
        until = fields.Datetime.to_datetime(
            answer["valid_until"].replace("T", " ").replace("+00:00", "")
        )
        now = fields.Datetime.now()
        self.assertTrue(now < until <= now + timedelta(days=1))
        # 16:00 in UTC is midnight in Shanghai.
        self.assertEqual(until.hour, 16)
        found = self._call("list", search="Resident 2")
        self.assertEqual(len(found["rows"]), 1)
        self.assertFalse(self._call("list", search="%")["rows"])

    def test_the_list_holds_no_more_of_a_resident_than_the_counter_needs(self):
        campaign = self._create_arrived()
        resident = campaign.order_ids.partner_id[:1]
        resident.write({"phone": "+86 571 5550 1234", "street": "7 Lotus Lane"})
        self.assertTrue(resident.email)
        answer = self._call("list")
        text = json.dumps(answer["rows"])
        self.assertIn('"1234"', text)
        for private in (resident.email, "5550 1234", "55501234", "Lotus Lane"):
            self.assertNotIn(private, text)
        codes = campaign.picking_ids.groupbuy_code_ids
        for code in codes:
            self.assertNotIn(code._get_text(), text)
            self.assertNotIn(code._get_token(), text)

    def test_the_app_speaks_the_language_of_the_portal(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        path = f"/my/points/{self.point.id}/scan"
        self.opener.cookies.set("frontend_lang", "zh_CN")
        self.assertIn('lang="zh-CN"', self.url_open(path).text)
        self.opener.cookies.set("frontend_lang", "xx_XX")
        self.assertIn('lang="en-US"', self.url_open(path).text)

    def test_a_code_of_what_a_case_holds_back_is_refused(self):
        campaign = self._create_arrived((2, 1))
        picking = self._get_pickings(campaign)[0]
        move = picking.move_ids
        text = picking.groupbuy_code_ids._get_text()
        for quantity, status in ((1, "found"), (1, "refused")):
            self.env["groupbuy.case"]._open(
                "quality",
                picking=picking,
                lines=[
                    {
                        "order_line": move.sale_line_id,
                        "product": move.product_id,
                        "quantity": quantity,
                    }
                ],
            )
            answer = self._call("find", text=text)
            self.assertEqual(answer["status"], status, answer)
        self.assertEqual(answer["refusal"], "case_open")
        self.assertTrue(answer["message"])

    def test_an_open_screen_learns_of_every_change(self):
        campaign = self._create_arrived()
        stamps = [self._call("list")["stamp"]]
        self.assertEqual(self._call("state")["stamp"], stamps[0])
        answer = self._hand_out(self._get_pickings(campaign)[0])
        stamps.append(self._call("state")["stamp"])
        self._undo(verification_id=answer["verification_id"])
        stamps.append(self._call("state")["stamp"])
        self.assertEqual(len(set(stamps)), 3)

    def test_a_code_is_found_and_handed_out_and_taken_back(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        code = picking.groupbuy_code_ids
        for text, method in ((code._get_token(), "scan"), (code._get_text(), "code")):
            found = self._call("find", text=text)
            self.assertEqual(found["picking_id"], picking.id)
            answer = self._hand_out(picking, method, code=text)
            self.assertEqual(answer["status"], "verified", answer)
            undone = self._undo(verification_id=answer["verification_id"])
            self.assertEqual(undone["status"], "undone", undone)
            picking = picking.browse(undone["picking_id"])

    def test_what_was_done_is_taken_back_by_its_key(self):
        campaign = self._create_arrived()
        key = uuid.uuid4().hex
        self._hand_out(self._get_pickings(campaign)[0], request_key=key)
        self.assertEqual(self._undo(undone_key=key)["status"], "undone")

    def test_a_part_is_handed_out_by_line_and_quantity(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        answer = self._hand_out(picking, quantities={str(picking.move_ids.id): 1})
        self.assertEqual(answer["status"], "verified", answer)
        self.assertEqual(answer["remaining"][0]["quantity"], 1)

    def test_a_neighbour_collects_for_several(self):
        campaign = self._create_arrived((1, 2, 3))
        pickings = self._get_pickings(campaign)
        answer = self._hand_out(pickings, "batch")
        self.assertEqual(answer["verified"], 3)
        self.assertEqual(set(pickings.mapped("state")), {"done"})

    def test_opening_hours_are_overridden_with_a_reason(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        self.point.day_off_ids = [
            Command.create(
                {
                    "date_from": fields.Date.today() - timedelta(days=2),
                    "date_to": fields.Date.today() + timedelta(days=2),
                }
            )
        ]
        refused = self._hand_out(picking)
        self.assertEqual(refused["refusal"], "outside_hours")
        answer = self._hand_out(picking, reason="The lift was stuck")
        self.assertEqual(answer["status"], "verified", answer)

    def test_staff_hand_out_at_all_points_of_their_companies(self):
        campaign = self._create_arrived()
        foreign = self.env["res.company"].create({"name": "Another Shop"})
        outsider = new_test_user(
            self.env,
            login="outsider",
            groups="community_groupbuy.group_groupbuy_user",
            company_id=foreign.id,
            company_ids=[Command.set(foreign.ids)],
        )
        self.authenticate("groupbuy_user", "groupbuy_user")
        points = self.make_jsonrpc_request("/groupbuy/scan/points", {})
        self.assertLessEqual(
            {self.point.id, self.other_point.id}, {point["id"] for point in points}
        )
        self.assertEqual(len(self._call("list")["rows"]), 2)
        answer = self._hand_out(self._get_pickings(campaign)[0])
        self.assertEqual(answer["by"], self.user.name)
        self.authenticate(outsider.login, outsider.login)
        self.assertFalse(self.make_jsonrpc_request("/groupbuy/scan/points", {}))
        with self.assertRaisesRegex(JsonRpcException, "NotFound"):
            self._call("list")


@tagged("post_install", "-at_install")
class TestScanBadInput(ScanCommon):
    """Whatever a browser sends may be forged; what is refused changes nothing."""

    starts_with_arrived = True

    def test_another_point_is_not_there_by_any_route(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        own = self.other_point
        own.manager_user_ids = [Command.set(self.other_manager.ids)]
        self.authenticate("south_manager", "south_manager")
        requests = {
            "list": {},
            "state": {},
            "find": {"text": picking.groupbuy_code_ids._get_text()},
            "hand-out": {
                "picking_ids": picking.ids,
                "method": "list",
                "request_key": uuid.uuid4().hex,
            },
            "undo": {
                "verification_id": 1,
                "reason": "No",
                "request_key": uuid.uuid4().hex,
            },
        }
        for name, params in requests.items():
            with (
                self.subTest(route=name),
                self.assertRaisesRegex(JsonRpcException, "NotFound"),
            ):
                self._call(name, **params)
        points = self.make_jsonrpc_request("/groupbuy/scan/points", {})
        self.assertEqual([point["id"] for point in points], own.ids)
        # Through their own point, the goods of another one stay where they are.
        answer = self._call("hand-out", own, **requests["hand-out"])
        self.assertEqual(answer["refusal"], "bad_request")
        self.assertEqual(
            self._call("find", own, **requests["find"])["refusal"], "wrong_point"
        )
        self.assertNothingHappened(campaign)

    def test_a_resident_hands_out_nothing(self):
        campaign = self._create_arrived()
        new_test_user(self.env, login="nosy", groups="base.group_portal")
        self.authenticate("nosy", "nosy")
        with self.assertRaisesRegex(JsonRpcException, "NotFound"):
            self._call("list")
        self.assertEqual(
            self.url_open(f"/my/points/{self.point.id}/scan").status_code, 404
        )
        self.assertNothingHappened(campaign)

    def test_who_is_not_signed_in_is_sent_to_sign_in(self):
        self._create_arrived()
        self.authenticate(None, None)
        page = self.url_open(f"/my/points/{self.point.id}/scan")
        self.assertIn("/web/login", page.url)
        with (
            mute_logger("odoo.http"),
            self.assertRaisesRegex(JsonRpcException, "SessionExpired"),
        ):
            self._call("list")

    def test_nonsense_is_refused_in_plain_words(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        move = picking.move_ids
        nonsense = [
            {"method": "carrier"},
            {"method": "automatic"},
            {"method": ["list"]},
            {"request_key": ""},
            {"request_key": "x" * 500},
            {"request_key": {"a": 1}},
            {"picking_ids": []},
            {"picking_ids": None},
            {"picking_ids": "1"},
            {"picking_ids": [picking.id, 2**31 - 1]},
            {"picking_ids": [True]},
            {"picking_ids": [{"id": picking.id}]},
            {"picking_ids": [picking.id] * 201},
            {"picking_ids": self._get_transfer(campaign).ids},
            {"quantities": {}},
            {"quantities": []},
            {"quantities": {str(move.id): 0}},
            {"quantities": {str(move.id): -1}},
            {"quantities": {str(move.id): "2"}},
            {"quantities": {str(move.id): True}},
            {"quantities": {str(move.id): 1e300}},
            {"quantities": {"x": 1}},
        ]
        for params in nonsense:
            with self.subTest(**params):
                params = {"method": "list", **params}
                answer = self._hand_out(picking, **params)
                self.assertEqual(answer["status"], "refused", answer)
                self.assertEqual(answer["refusal"], "bad_request", answer)
                self.assertTrue(answer["message"].endswith("."), answer)
        too_much = self._hand_out(picking, quantities={str(move.id): 3})
        self.assertEqual(too_much["refusal"], "too_much")
        foreign = self._get_pickings(campaign)[1].move_ids
        other = self._hand_out(picking, quantities={str(foreign.id): 1})
        self.assertEqual(other["status"], "refused")
        self.assertNothingHappened(campaign)

    def test_codes_that_are_none_are_refused(self):
        campaign = self._create_arrived()
        token = self._get_pickings(campaign)[0].groupbuy_code_ids._get_token()
        for text in (None, 7, "", "   ", ["a"], {"text": "a"}):
            with self.subTest(text=text):
                self.assertEqual(self._call("find", text=text)["status"], "refused")
        forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
        for text in ("x" * 100_000, forged, "GB1..", "GB1." + "A" * 500, "\x00", "%"):
            with self.subTest(text=text[:20]):
                answer = self._call("find", text=text)
                self.assertIn(answer["refusal"], ("unknown", "too_many_tries"))
        self.assertNothingHappened(campaign)

    def test_wrong_codes_pause_the_point_and_the_list_goes_on(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        limit = self.company.groupbuy_scan_limit_user
        refusals = [
            self._call("find", text=f"{number:010d}")["refusal"]
            for number in range(limit + 2)
        ]
        self.assertEqual(refusals[0], "unknown")
        self.assertEqual(refusals[-1], "too_many_tries")
        code = picking.groupbuy_code_ids
        right = self._call("find", text=code._get_text())
        self.assertEqual(right["refusal"], "too_many_tries")
        self.assertNothingHappened(campaign)
        # Neither by naming the code while handing out.
        shown = self._hand_out(picking, "scan", code=code._get_token())
        self.assertEqual(shown["refusal"], "too_many_tries")
        self.assertEqual(self._hand_out(picking)["status"], "verified")

    def test_the_poster_is_not_for_portal_users(self):
        path = f"/report/html/groupbuy_verification.report_point_poster/{self.point.id}"
        with mute_logger("odoo.http"):
            answer = self.url_open(path)
        self.assertNotIn("data:image/png", answer.text)
        self.assertNotEqual(answer.status_code, 200)

    def test_a_key_with_another_body_is_refused(self):
        campaign = self._create_arrived()
        first, second = self._get_pickings(campaign)
        key = uuid.uuid4().hex
        answer = self._hand_out(first, request_key=key)
        self.assertEqual(self._hand_out(first, request_key=key), answer)
        other = self._hand_out(second, request_key=key)
        self.assertEqual(other["refusal"], "bad_request")
        self.assertEqual(second.state, "assigned")

    def test_what_others_did_or_was_never_done_is_not_taken_back(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        answer = self._hand_out(picking)
        for params in (
            {"verification_id": 2**31 - 1},
            {"verification_id": "x"},
            {"verification_id": None},
            {"undone_key": "not-a-key-of-anything"},
            {"verification_id": answer["verification_id"], "reason": "  "},
            {"verification_id": answer["verification_id"], "reason": 5},
            {"verification_id": answer["verification_id"], "request_key": 5},
        ):
            with self.subTest(**params):
                self.assertEqual(self._undo(**params)["status"], "refused")
        colleague = new_test_user(
            self.env, login="colleague", groups="base.group_portal"
        )
        self.point.manager_user_ids = [Command.link(colleague.id)]
        self.authenticate("colleague", "colleague")
        refused = self._undo(verification_id=answer["verification_id"])
        self.assertEqual(refused["refusal"], "undo_not_allowed")
        self.assertEqual(picking.state, "done")

    def test_a_clock_that_is_wrong_does_no_harm(self):
        campaign = self._create_arrived()
        for picking, moment in zip(
            self._get_pickings(campaign),
            ("9999-12-31T23:59:59+00:00", "yesterday"),
            strict=True,
        ):
            key = uuid.uuid4().hex
            answer = self._hand_out(
                picking, "offline", device_time=moment, request_key=key
            )
            self.assertEqual(answer["status"], "verified", answer)
            again = self._hand_out(
                picking, "offline", device_time=moment, request_key=key
            )
            self.assertEqual(again, answer)
        rows = self.env["groupbuy.verification"].search([])
        self.assertLessEqual(max(rows.mapped("at")), fields.Datetime.now())

    def test_managers_have_no_rights_by_rpc(self):
        self._create_arrived()
        for model, method, args in (
            ("groupbuy.verification", "search_read", [[]]),
            ("groupbuy.check.in", "search_read", [[]]),
            ("groupbuy.pickup.point", "search_read", [[]]),
            ("groupbuy.pickup.point", "action_reissue_check_in", [self.point.ids]),
            ("groupbuy.board", "get_board", []),
        ):
            with (
                self.subTest(model=model, method=method),
                mute_logger("odoo.http"),
                self.assertRaises(JsonRpcException),
            ):
                self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/{model}/{method}",
                    {"model": model, "method": method, "args": args, "kwargs": {}},
                )

    def test_a_list_is_no_text_that_a_page_would_run(self):
        """Names are data: a page that is opened directly is JSON, nothing else."""
        campaign = self._create_arrived()
        campaign.order_ids.partner_id[:1].name = "<script>alert(1)</script>"
        response = self.url_open(
            "/groupbuy/scan/list",
            data=json.dumps({"params": {"point_id": self.point.id}}),
            headers={"Content-Type": "application/json"},
        )
        self.assertIn("application/json", response.headers["Content-Type"])


@tagged("post_install", "-at_install")
class TestScanStyles(TransactionCase):
    def test_the_style_sheets_compile(self):
        """An error in one of them takes the styles of a whole bundle away."""
        for name in (
            "web.assets_frontend",
            "web.assets_backend",
            "groupbuy_verification.assets_scan_app",
        ):
            with self.subTest(bundle=name):
                bundle = self.env["ir.qweb"]._get_asset_bundle(name, js=False)
                self.assertTrue(bundle.preprocess_css())
                self.assertFalse(bundle.css_errors)


@tagged("post_install", "-at_install")
class TestScanQueries(ScanCommon):
    def test_the_list_costs_the_same_for_many(self):
        self._create_arrived((1, 1))
        counts = []
        for more in (0, 20):
            if more:
                self._create_arrived((1,) * more)
            self._call("list")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = self._call("list")["rows"]
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(rows), 22)
        self.assertLess(counts[1], 50)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
        before = self.env.cr.sql_log_count
        self._call("state")
        self.assertLess(self.env.cr.sql_log_count - before, 15)
