# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
from uuid import uuid4

from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .receipt_common import ReceiptCommon, make_photo


@tagged("post_install", "-at_install")
class TestReceiptPortal(ReceiptCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.campaign = self._create_arriving((2, 1))
        self.picking = self._get_transfer(self.campaign)
        self.url = f"/my/points/{self.point.id}/receipts"
        self.authenticate("north_manager", "north_manager")

    def _ask(self, action, picking=None, point=None, **params):
        url = f"/my/points/{(point or self.point).id}/receipts"
        return self.make_jsonrpc_request(
            f"{url}/{(picking or self.picking).id}/{action}", params
        )

    def _confirm_through_page(self, lines, **params):
        plan = self._ask("preview", lines=lines)["plan"]
        return self._ask(
            "confirm",
            **{"lines": lines, "plan": plan, "request_key": uuid4().hex, **params},
        )

    def test_the_point_counts_what_is_on_the_way(self):
        page = self.url_open(f"/my/points/{self.point.id}").text
        self.assertIn("Receive goods", page)
        page = self.url_open(self.url).text
        self.assertIn(self.campaign.name, page)
        self.assertIn("On the way", page)

    def test_the_transfer_is_counted_shown_and_confirmed(self):
        page = self.url_open(f"{self.url}/{self.picking.id}").text
        self.assertIn("Tomatoes", page)
        self.assertNotIn("Resident 1", page, "Who gets less is shown afterwards")
        lines = self._count(self.picking, tomato={"received": "2", "damaged": "1"})
        preview = self._ask("preview", lines=lines)
        self.assertIn("Who gets less", preview["html"])
        self.assertIn("Resident 2", preview["html"])
        self.assertIn("Order of payment", preview["html"])
        lines[0]["photos"] = [make_photo()]
        answer = self._confirm_through_page(lines, note="One box was wet")
        self.assertEqual(answer["status"], "confirmed")
        self.assertEqual(self.picking.state, "done")
        page = self.url_open(f"{self.url}/{self.picking.id}").text
        self.assertIn("One box was wet", page)
        self.assertIn("Li Na", page)
        photo = self.picking.groupbuy_receipt_ids.line_ids.photo_ids
        picture = self.url_open(f"{self.url}/{self.picking.id}/photo/{photo.id}")
        self.assertEqual(picture.headers["Content-Type"], "image/jpeg")
        self.assertIn("Arrived, not complete", self.url_open(self.url).text)

    def test_a_confirmation_without_a_look_at_the_preview_is_refused(self):
        for plan in (None, 5, "made up"):
            answer = self._ask(
                "confirm",
                lines=self._count(self.picking),
                plan=plan,
                request_key=uuid4().hex,
            )
            self.assertEqual(answer["refusal"], "changed")
        self.assertEqual(self.picking.state, "assigned")

    def test_a_receipt_that_is_repeated_gets_the_same_answer(self):
        lines = self._count(self.picking)
        key = uuid4().hex
        first = self._confirm_through_page(lines, request_key=key)
        again = self._ask("confirm", lines=lines, plan="x", request_key=key)
        self.assertEqual(first, again)

    def test_a_repeated_key_with_another_content_is_refused(self):
        lines = self._count(self.picking)
        key = uuid4().hex
        self._confirm_through_page(lines, request_key=key)
        changed = [{**lines[0], "received": 1}]
        answer = self._ask("confirm", lines=changed, plan="x", request_key=key)
        self.assertEqual(answer["refusal"], "bad_request")
        self.assertEqual(self._get_quantities(self.campaign), [2, 1])
        self.assertEqual(len(self.picking.groupbuy_receipt_ids), 1)

    def test_files_that_are_no_photos_are_refused_and_nothing_changes(self):
        lines = self._count(self.picking, tomato={"damaged": 1})
        plan = self._ask("preview", lines=lines)["plan"]
        for content, words in (
            # A photo of 20 MB, which is not even decoded.
            (b"\xff\xd8\xff" + b"\x00" * 20 * 1024 * 1024, "larger than 8 MB"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a photo"),
            (b"MZ\x90\x00" * 100, "is not a photo"),
            (base64.b64decode(make_photo("JPEG"))[:300], "is not a photo"),
        ):
            photo = base64.b64encode(content).decode()
            answer = self._ask(
                "confirm",
                lines=[{**lines[0], "photos": [photo]}],
                plan=plan,
                request_key=uuid4().hex,
            )
            self.assertEqual(answer["refusal"], "bad_request")
            self.assertIn(words, answer["message"])
            self.assertIn("Tomatoes, photo 1", answer["message"])
        self.assertEqual(self.picking.state, "assigned")
        self.assertFalse(self.picking.groupbuy_receipt_ids)

    def test_more_than_was_sent_is_refused_with_a_reason(self):
        for action in ("preview", "confirm"):
            answer = self._ask(
                action,
                lines=self._count(self.picking, tomato={"received": "4"}),
                plan="x",
                request_key=uuid4().hex,
            )
            self.assertEqual(answer["refusal"], "too_much")
            self.assertIn("Count again", answer["message"])
        self.assertEqual(self.picking.state, "assigned")

    def test_other_points_and_other_transfers_are_not_found(self):
        resident = self.campaign.order_ids[:1].groupbuy_picking_ids
        foreign = f"/my/points/{self.other_point.id}/receipts"
        for url in (
            foreign,
            f"{foreign}/{self.picking.id}",
            f"{self.url}/{resident.id}",
            f"{self.url}/{self.picking.id + 10**6}",
            f"{self.url}/{self.picking.id}/photo/1",
        ):
            self.assertEqual(self.url_open(url).status_code, 404, url)
        for action in ("preview", "confirm"):
            for params in (
                {"point": self.other_point},
                {"picking": resident},
            ):
                with self.assertRaises(JsonRpcException) as caught:
                    self._ask(
                        action, lines=[], plan="", request_key=uuid4().hex, **params
                    )
                self.assertIn("NotFound", str(caught.exception))
        self.assertEqual(self.picking.state, "assigned")

    def test_a_manager_of_another_point_sees_and_does_nothing(self):
        self.authenticate("south_manager", "south_manager")
        for url in (self.url, f"{self.url}/{self.picking.id}"):
            self.assertEqual(self.url_open(url).status_code, 404)
        with self.assertRaises(JsonRpcException) as caught:
            self._ask("preview", lines=self._count(self.picking))
        self.assertIn("NotFound", str(caught.exception))

    def test_visitors_are_sent_to_the_login(self):
        self.authenticate(None, None)
        answer = self.url_open(f"{self.url}/{self.picking.id}")
        self.assertIn("/web/login", answer.url)

    @mute_logger("odoo.http")
    def test_models_cannot_be_called_by_rpc(self):
        for model, method in (
            ("groupbuy.receipt", "_confirm"),
            ("groupbuy.receipt", "search_read"),
            ("groupbuy.receipt.line", "search_read"),
            ("groupbuy.receipt.allotment", "search_read"),
            ("groupbuy.replacement.offer", "search_read"),
            ("groupbuy.replacement.offer", "action_accept"),
        ):
            args = [[1]] if method == "action_accept" else []
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/{model}/{method}",
                    {"model": model, "method": method, "args": args, "kwargs": {}},
                )

    def test_a_transfer_that_is_not_ready_is_shown_without_a_form(self):
        campaign = self._create_campaign()
        self._join(campaign)
        self._close(campaign)
        picking = self._get_transfer(campaign)
        page = self.url_open(f"{self.url}/{picking.id}").text
        self.assertIn("has not made these goods ready yet", page)
        self.assertNotIn('o_gbv_receipt"', page)

    def test_a_name_with_markup_stays_text_in_the_preview(self):
        self.campaign.order_ids.partner_id.write({"name": "<img src=x onerror=y>"})
        html = self._ask(
            "preview", lines=self._count(self.picking, tomato={"received": 0})
        )["html"]
        self.assertNotIn("<img", html)
