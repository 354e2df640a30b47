# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import io
import os
import re

from PIL import Image

from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .case_common import CaseCommon, make_photo


class CasePages(CaseCommon, HttpCase):
    """Requests as browsers send them, and as they do not."""

    def _post(self, path, data=None, photos=()):
        """Send a form with its CSRF token.

        :param photos: Pairs (file name, bytes).
        """
        # The session of authenticate(), or a visitor's.
        if not self.session:
            self.authenticate(None, None)
        return self.url_open(
            path,
            data={"csrf_token": Request.csrf_token(self), **(data or {})},
            files=[("photos", (name, raw)) for name, raw in photos] or None,
        )

    def _form(self, order, **values):
        return {
            "type": "quality",
            f"quantity_{self._line(order).id}": "1",
            "description": "Mouldy",
            **values,
        }


@tagged("post_install", "-at_install")
class TestCasePortal(CasePages):
    def setUp(self):
        super().setUp()
        self.order = self._order()
        self.path = f"/my/orders/{self.order.id}/case/new"
        self.authenticate("anna", "anna")

    def _get_cases(self):
        self.env.invalidate_all()
        return self.order.groupbuy_case_ids

    def test_a_resident_reports_a_problem_and_follows_it(self):
        page = self.url_open(f"/my/orders/{self.order.id}")
        self.assertIn("Report a problem", page.text)
        page = self.url_open(self.path)
        self.assertIn("Poor Quality", page.text)
        self.assertNotIn("Handed Out Twice", page.text)
        answer = self._post(
            self.path, self._form(self.order), [("a.png", make_photo("PNG"))]
        )
        case = self._get_cases()
        self.assertEqual((case.type_code, case.line_ids.quantity), ("quality", 1))
        self.assertIn(f"/my/cases/{case.id}", answer.url)
        self.assertIn("You get an answer until", answer.text)
        self.assertIn("Mouldy", answer.text)
        photo = case.evidence_ids
        self.assertIn(f'src="/my/cases/{case.id}/photo/{photo.id}', answer.text)
        image = self.url_open(f"/my/cases/{case.id}/photo/{photo.id}")
        self.assertEqual(image.headers["Content-Type"], "image/jpeg")
        self.assertIn(case.name, self.url_open("/my/cases").text)
        self.assertIn(case.name, self.url_open(f"/my/orders/{self.order.id}").text)

    def test_replies_go_both_ways(self):
        self._post(self.path, self._form(self.order))
        case = self._get_cases()
        answer = self._post(f"/my/cases/{case.id}/reply", {"text": "Still <b>bad</b>"})
        self.assertIn("Still &lt;b&gt;bad&lt;/b&gt;", answer.text)
        self.assertEqual(case._get_conversation()[-1].author_id, self.anna)
        answer = self._post(f"/my/cases/{case.id}/reply", {"text": "  "})
        self.assertIn("Please write something first", answer.text)
        self.authenticate("north_manager", "north_manager")
        base = f"/my/points/{self.point.id}/cases/{case.id}"
        self.assertIn("Still", self.url_open(base).text)
        self._post(f"{base}/reply", {"text": "Please show me tomorrow"})
        message = case._get_conversation()[-1]
        self.assertEqual(message.author_id, self.point_manager.partner_id)
        self.assertIn(self.anna, message.notified_partner_ids)

    def test_notes_of_staff_are_not_shown(self):
        self._post(self.path, self._form(self.order))
        case = self._get_cases()
        case.message_post(body="He always complains", subtype_xmlid="mail.mt_note")
        self.assertNotIn("always complains", self.url_open(f"/my/cases/{case.id}").text)

    def test_what_has_settled_itself_is_closed(self):
        self._post(self.path, self._form(self.order))
        case = self._get_cases()
        self._post(f"/my/cases/{case.id}/withdraw")
        self.env.invalidate_all()
        self.assertEqual(case.state, "closed")
        answer = self._post(f"/my/cases/{case.id}/withdraw")
        self.assertIn("not yours to decide", answer.text)

    def test_the_link_of_the_mail_works_without_signing_in(self):
        self._post(self.path, self._form(self.order))
        case = self._get_cases()
        self.authenticate(None, None)
        url = case.get_portal_url()
        self.assertIn(case.name, self.url_open(url).text)
        answer = self._post(
            f"/my/cases/{case.id}/reply",
            {"text": "From my phone", "access_token": case.access_token},
        )
        self.assertIn("From my phone", answer.text)

    def test_somebody_else_s_case_does_not_exist(self):
        self._post(self.path, self._form(self.order), [("a.png", make_photo("PNG"))])
        case = self._get_cases()
        photo = case.evidence_ids
        count = len(case._get_conversation())
        for login in ("bert", "south_manager", None):
            self.authenticate(login, login)
            for suffix in ("", "?access_token=forged", f"/photo/{photo.id}"):
                answer = self.url_open(f"/my/cases/{case.id}{suffix}")
                self.assertEqual(answer.status_code, 404, (login, suffix))
            for action in ("reply", "withdraw", "appeal"):
                answer = self._post(f"/my/cases/{case.id}/{action}", {"text": "x"})
                self.assertEqual(answer.status_code, 404, (login, action))
            answer = self._post(self.path, self._form(self.order))
            self.assertEqual(answer.status_code, 404, login)
        self.env.invalidate_all()
        self.assertEqual(case.state, "leader")
        self.assertEqual(len(case._get_conversation()), count)
        self.assertEqual(self._get_cases(), case)

    def test_ids_that_are_none_do_not_exist(self):
        self._post(self.path, self._form(self.order))
        case = self._get_cases()
        review = self.env["groupbuy.review"]._submit(
            self.order, {"goods": 5, "service": 5, "logistics": 5}, {}
        )
        for number in (0, 2**31 - 1, 2**31, 2**63, 10**30):
            for path in (
                f"/my/orders/{number}/case/new",
                f"/my/orders/{number}/review",
                f"/my/orders/{number}/survey",
                f"/my/cases/{number}",
                f"/my/cases/{case.id}/photo/{number}",
                f"/group-buy/review/{number}/photo/1",
                f"/group-buy/review/{review.id}/photo/{number}",
                f"/my/points/{number}/cases",
                f"/my/points/{self.point.id}/cases/{number}",
            ):
                self.assertEqual(self.url_open(path).status_code, 404, path)
            for path in (
                f"/my/orders/{number}/case/new",
                f"/my/orders/{number}/review",
                f"/my/cases/{number}/reply",
                f"/my/cases/{number}/withdraw",
            ):
                self.assertEqual(self._post(path).status_code, 404, path)
        self.env.invalidate_all()
        self.assertEqual((case.state, self._get_cases()), ("leader", case))

    def test_bad_photos_of_a_reply_change_nothing(self):
        self._post(self.path, self._form(self.order))
        case = self._get_cases()
        count = len(case._get_conversation())
        for photos, words in (
            ([("x.jpg", b"no photo")], "is not a photo"),
            ([("x.jpg", b"\0" * 20 * 1024 * 1024)], "larger than 8 MB"),
            ([(f"{n}.jpg", make_photo()) for n in range(7)], "at most 6 photos"),
        ):
            answer = self._post(f"/my/cases/{case.id}/reply", {"text": "See"}, photos)
            self.assertIn(words, answer.text)
            self.assertEqual(len(case._get_conversation()), count)
        self.assertFalse(case.evidence_ids)

    def test_a_token_opens_its_own_case_only(self):
        self._post(self.path, self._form(self.order))
        first = self._get_cases()
        self._post(self.path, self._form(self.order))
        second = self._get_cases() - first
        self.authenticate(None, None)
        first._portal_ensure_token()
        second._portal_ensure_token()
        answer = self.url_open(
            f"/my/cases/{second.id}?access_token={first.access_token}"
        )
        self.assertEqual(answer.status_code, 404)

    def test_foreign_files_are_not_sent(self):
        self._post(self.path, self._form(self.order))
        case = self._get_cases()
        foreign = self.env["ir.attachment"].create(
            {"name": "secret.jpg", "raw": make_photo(), "mimetype": "image/jpeg"}
        )
        answer = self.url_open(f"/my/cases/{case.id}/photo/{foreign.id}")
        self.assertEqual(answer.status_code, 404)

    def test_bad_forms_change_nothing_and_say_why(self):
        other = self._order(campaign=self._create_campaign())
        quantity = f"quantity_{self._line(self.order).id}"
        for values, words in (
            ({quantity: "4"}, "at most 3"),
            ({quantity: "99999999"}, "how many pieces"),
            ({quantity: "nan"}, "how many pieces"),
            ({quantity: "1.5"}, "how many pieces"),
            ({quantity: "-1"}, "how many pieces"),
            ({quantity: "0"}, "how many pieces"),
            ({"quantity_abc": "1"}, "how many pieces"),
            ({f"quantity_{self._line(other).id}": "1"}, "how many pieces"),
            ({"type": "conflict"}, "choose what is wrong"),
            ({"type": ""}, "choose what is wrong"),
            ({"description": "  "}, "what happened"),
        ):
            answer = self._post(self.path, self._form(self.order, **values))
            self.assertEqual(answer.status_code, 200)
            self.assertIn(words, answer.text, values)
            self.assertFalse(self._get_cases(), values)

    def test_files_that_are_no_photos_are_refused(self):
        jpeg = make_photo()
        bomb = io.BytesIO()
        Image.new("1", (9000, 9000)).save(bomb, "PNG")
        for photos, words in (
            ([("virus.jpg", b"MZ\x90\x00" + os.urandom(2000))], "is not a photo"),
            ([("page.html", b"<html><script>alert(1)</script></html>")], "not a photo"),
            (
                [("image.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")],
                "not a pho",
            ),
            ([("cut.jpg", jpeg[: len(jpeg) // 2])], "is not a photo"),
            ([("empty.jpg", b"")], "is not a photo"),
            ([("bomb.png", bomb.getvalue())], "is not a photo"),
            ([("huge.jpg", jpeg + b"\0" * 20 * 1024 * 1024)], "larger than 8 MB"),
            ([(f"{n}.jpg", jpeg) for n in range(7)], "at most 6 photos"),
        ):
            answer = self._post(self.path, self._form(self.order), photos)
            self.assertEqual(answer.status_code, 200)
            self.assertIn(words, answer.text, photos[0][0])
            self.assertFalse(self._get_cases(), photos[0][0])
        self.assertFalse(
            self.env["ir.attachment"].search([("res_model", "=", "groupbuy.case")])
        )

    def test_photos_of_all_phones_are_taken(self):
        photos = [
            (f"{image_format}.x", make_photo(image_format))
            for image_format in ("JPEG", "PNG", "WEBP", "GIF")
        ]
        self._post(self.path, self._form(self.order), photos)
        self.assertEqual(
            self._get_cases().evidence_ids.mapped("mimetype"), ["image/jpeg"] * 4
        )

    def test_photos_are_made_anew_without_what_they_tell(self):
        exif = Image.Exif()
        exif[0x010E] = "Taken at 5 Secret Street"
        raw = make_photo(size=(3000, 2000), exif=exif)
        self.assertIn(b"Secret Street", raw)
        self._post(
            self.path, self._form(self.order), [("../../etc/My Photo.JPEG", raw)]
        )
        photo = self._get_cases().evidence_ids
        self.assertEqual(photo.name, "My Photo.jpg")
        self.assertEqual(photo.mimetype, "image/jpeg")
        self.assertNotIn(b"Secret Street", photo.raw)
        self.assertEqual(max(Image.open(io.BytesIO(photo.raw)).size), 1600)

    @mute_logger("odoo.http")
    def test_a_form_without_its_token_is_refused(self):
        answer = self.url_open(self.path, data=self._form(self.order))
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._get_cases())

    def test_an_order_that_waits_for_its_group_has_no_such_page_to_send(self):
        waiting = self._join(self._create_campaign(), self.anna)
        page = self.url_open(f"/my/orders/{waiting.id}")
        self.assertNotIn("Report a problem", page.text)
        answer = self._post(f"/my/orders/{waiting.id}/case/new", self._form(waiting))
        self.assertIn("not been confirmed by its group", answer.text)


@tagged("post_install", "-at_install")
class TestPointCasePortal(CasePages):
    def setUp(self):
        super().setUp()
        self.order = self._order()
        self.case = self._report(self.order)
        self.base = f"/my/points/{self.point.id}/cases"
        self.path = f"{self.base}/{self.case.id}"

    def test_the_leader_sees_who_waits_and_decides(self):
        self.authenticate("north_manager", "north_manager")
        page = self.url_open(f"/my/points/{self.point.id}")
        self.assertIn(self.base, page.text)
        page = self.url_open(self.base)
        self.assertIn("Anna Miller", page.text)
        page = self.url_open(self.path)
        self.assertIn("Your decision", page.text)
        answer = self._post(
            f"{self.path}/decide",
            {"outcome": "partial", "amount": "2,50", "note": "For your trouble"},
        )
        self.assertIn("Your decision is done", answer.text)
        self.env.invalidate_all()
        self.assertEqual((self.case.state, self.case.amount), ("resolved", 2.5))
        self.assertEqual(self.case.decided_by_id, self.point_manager)
        self.assertSettled(self.order, refunded=2.5, invoiced=27.5)
        self.assertNotIn("Your decision", self.url_open(self.path).text)

    def test_goods_are_taken_back_at_the_point(self):
        case = self._report(self.order, "return", quantity=1)
        path = f"{self.base}/{case.id}"
        self.authenticate("north_manager", "north_manager")
        self._post(f"{path}/decide", {"outcome": "return"})
        self.env.invalidate_all()
        self.assertEqual(case.state, "returning")
        self.assertIn("The goods are here", self.url_open(path).text)
        self._post(f"{path}/goods")
        self.env.invalidate_all()
        self.assertEqual(case.state, "resolved")
        answer = self._post(f"{path}/goods")
        self.assertIn("decided by", answer.text)
        self.assertSettled(self.order, refunded=10.0, invoiced=20.0)

    def test_goods_that_go_to_the_warehouse_are_not_confirmed_at_the_point(self):
        case = self._report(self.order, "return", quantity=1)
        case._decide("return", level="staff", return_to="warehouse")
        path = f"{self.base}/{case.id}"
        self.authenticate("north_manager", "north_manager")
        self.assertNotIn("The goods are here", self.url_open(path).text)
        answer = self._post(f"{path}/goods")
        self.assertIn("sent to the warehouse", answer.text)
        self.env.invalidate_all()
        self.assertEqual(case.state, "returning")
        self.assertFalse(self.order.groupbuy_allowance_ids)

    def test_bad_photos_of_a_leader_change_nothing(self):
        self.authenticate("north_manager", "north_manager")
        count = len(self.case._get_conversation())
        for photos, words in (
            ([("x.jpg", b"no photo")], "is not a photo"),
            ([("x.jpg", b"\0" * 20 * 1024 * 1024)], "larger than 8 MB"),
        ):
            answer = self._post(f"{self.path}/reply", {"text": "See"}, photos)
            self.assertIn(words, answer.text)
            self.assertEqual(len(self.case._get_conversation()), count)
        self.assertFalse(self.case.evidence_ids)

    def test_what_a_leader_must_not_do_is_refused(self):
        self.company.groupbuy_leader_grant_limit = 5.0
        self.authenticate("north_manager", "north_manager")
        for values, words in (
            ({"outcome": "refund"}, "pass the case on"),
            ({"outcome": "partial", "amount": "5.01"}, "pass the case on"),
            ({"outcome": "partial", "amount": "10.01"}, "more than what is left"),
            ({"outcome": "partial", "amount": "inf"}, "amount above zero"),
            ({"outcome": "partial", "amount": "-1"}, "amount above zero"),
            ({"outcome": "partial"}, "amount above zero"),
            ({"outcome": "reject"}, "the reason"),
            ({"outcome": "close"}, "one of the outcomes"),
            ({}, "one of the outcomes"),
        ):
            answer = self._post(f"{self.path}/decide", values)
            self.assertIn(words, answer.text, values)
            self.env.invalidate_all()
            self.assertEqual(self.case.state, "leader", values)
        self.assertFalse(self.order.groupbuy_allowance_ids)
        answer = self._post(f"{self.path}/nonsense")
        self.assertEqual(answer.status_code, 404)

    def test_deciding_twice_is_told(self):
        self.authenticate("north_manager", "north_manager")
        self._post(f"{self.path}/decide", {"outcome": "refund"})
        answer = self._post(f"{self.path}/decide", {"outcome": "refund"})
        self.assertIn("was decided by Li Na", answer.text)
        self.assertSettled(self.order, refunded=10.0, invoiced=20.0)

    def test_what_was_passed_on_is_the_shop_s(self):
        self.authenticate("north_manager", "north_manager")
        self._post(f"{self.path}/pass", {"text": "Too much for me"})
        self.env.invalidate_all()
        self.assertEqual(self.case.state, "staff")
        self.assertIn("Too much for me", str(self.case.message_ids.mapped("body")))
        self.assertNotIn("Too much", str(self.case._get_conversation().mapped("body")))
        answer = self._post(f"{self.path}/decide", {"outcome": "refund"})
        self.assertIn("not yours to decide", answer.text)
        answer = self._post(f"{self.path}/pass")
        self.assertIn("not yours to decide", answer.text)

    def test_cases_of_another_point_do_not_exist(self):
        for login in ("south_manager", "anna", "bert"):
            self.authenticate(login, login)
            for path in (
                self.base,
                self.path,
                f"/my/points/{self.other_point.id}/cases/{self.case.id}",
            ):
                answer = self.url_open(path)
                self.assertEqual(answer.status_code, 404, (login, path))
            for action in ("decide", "pass", "goods", "reply"):
                for point in (self.point, self.other_point):
                    answer = self._post(
                        f"/my/points/{point.id}/cases/{self.case.id}/{action}",
                        {"outcome": "reject", "note": "x", "text": "x"},
                    )
                    self.assertEqual(answer.status_code, 404, (login, action))
        self.env.invalidate_all()
        self.assertEqual(self.case.state, "leader")

    def test_the_manager_of_another_point_sees_none_in_the_list(self):
        self.authenticate("south_manager", "south_manager")
        page = self.url_open(f"/my/points/{self.other_point.id}/cases")
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(self.case.name, page.text)

    def test_cases_that_are_not_the_leader_s_are_not_shown(self):
        case = self.Case._open("complaint", order=self.order)
        self.authenticate("north_manager", "north_manager")
        self.assertEqual(self.url_open(f"{self.base}/{case.id}").status_code, 404)

    @mute_logger("odoo.http")
    def test_rpc_gives_portal_users_nothing(self):
        for login in ("anna", "north_manager"):
            self.authenticate(login, login)
            for model, method, args in (
                ("groupbuy.case", "search_read", [[]]),
                ("groupbuy.case", "action_close", [self.case.ids]),
                ("groupbuy.case", "_decide", [self.case.ids, "refund"]),
                ("groupbuy.case", "write", [self.case.ids, {"state": "closed"}]),
                ("groupbuy.case", "read", [self.case.ids, ["name"]]),
                ("groupbuy.case", "action_decide", [self.case.ids]),
                ("groupbuy.case", "_withdraw", [self.case.ids]),
                ("groupbuy.case", "message_post", [self.case.ids]),
                ("groupbuy.case.line", "search_read", [[]]),
                ("groupbuy.case.decide", "create", [{"case_id": self.case.id}]),
                ("groupbuy.review", "search_read", [[]]),
                ("groupbuy.review", "create", [{"order_id": self.order.id}]),
                ("groupbuy.review.line", "search_read", [[]]),
                ("groupbuy.return.report", "search_read", [[]]),
                ("groupbuy.survey.report", "search_read", [[]]),
                ("sale.order", "_groupbuy_ask_reviews", [self.order.ids]),
                ("sale.order", "action_view_groupbuy_cases", [self.order.ids]),
            ):
                answer = self.url_open(
                    f"/web/dataset/call_kw/{model}/{method}",
                    json={
                        "params": {
                            "model": model,
                            "method": method,
                            "args": args,
                            "kwargs": {},
                        }
                    },
                ).json()
                self.assertIn("error", answer, (login, method))
        self.env.invalidate_all()
        self.assertEqual(self.case.state, "leader")

    def test_pages_need_the_same_queries_for_many_cases(self):
        self.authenticate("north_manager", "north_manager")
        self.url_open(self.base)
        for number in range(7):
            self._report(self._order(campaign=self._create_campaign()), "late")
            if number == 1:
                few = self._count_queries(self.base)
        many = self._count_queries(self.base)
        # Each case has an order, a campaign and lines: a query for each would show.
        self.assertLessEqual(many - few, 2)

    def _count_queries(self, path):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, 200)
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestReviewPortal(CasePages):
    def setUp(self):
        super().setUp()
        self.order = self._order()
        self.path = f"/my/orders/{self.order.id}/review"
        self.form = {
            "goods": "5",
            "service": "4",
            "logistics": "3",
            "goods_text": "Ripe <i>and</i> sweet",
        }

    def test_the_link_of_the_mail_works_without_signing_in(self):
        self.authenticate(None, None)
        url = self.order._groupbuy_get_review_url()
        page = self.url_open(re.sub(r"^https?://[^/]+", "", url))
        self.assertIn("The service at the pickup point", page.text)
        answer = self._post(
            self.path,
            {**self.form, "access_token": self.order.access_token},
            [("a.jpg", make_photo())],
        )
        self.assertIn("Thank you for your review", answer.text)
        self.env.invalidate_all()
        review = self.order.groupbuy_review_ids
        self.assertEqual((review.goods, review.service, review.logistics), (5, 4, 3))
        photo = review.photo_ids
        self.assertEqual(review.line_ids.rating_id.message_id.attachment_ids, photo)
        image = self.url_open(f"/group-buy/review/{review.id}/photo/{photo.id}")
        self.assertEqual(image.status_code, 200)
        review._set_published(False)
        image = self.url_open(f"/group-buy/review/{review.id}/photo/{photo.id}")
        self.assertEqual(image.status_code, 404)

    def test_a_signed_in_resident_finds_it_on_the_order(self):
        self.authenticate("anna", "anna")
        page = self.url_open(f"/my/orders/{self.order.id}")
        self.assertIn("Rate the order", page.text)
        self._post(self.path, self.form)
        page = self.url_open(f"/my/orders/{self.order.id}")
        self.assertNotIn("Rate the order", page.text)
        answer = self._post(self.path, {**self.form, "goods": "1"})
        self.assertIn("You have reviewed this order", answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.order.groupbuy_review_ids.goods, 5)

    def test_others_and_forged_tokens_are_refused(self):
        for login, token in (
            ("bert", ""),
            ("bert", "forged"),
            (None, ""),
            (None, "00000000-0000-0000-0000-000000000000"),
        ):
            self.authenticate(login, login)
            answer = self.url_open(f"{self.path}?access_token={token}")
            self.assertEqual(answer.status_code, 404)
            answer = self._post(self.path, {**self.form, "access_token": token})
            self.assertEqual(answer.status_code, 404)
            answer = self.url_open(
                f"/my/orders/{self.order.id}/survey?access_token={token}"
            )
            self.assertEqual(answer.status_code, 404)
        self.assertFalse(self.order.groupbuy_review_ids)
        self.assertFalse(
            self.env["survey.user_input"].search(
                [("groupbuy_order_id", "=", self.order.id)]
            )
        )

    def test_the_token_of_another_order_does_not_open_this_one(self):
        other = self._order(campaign=self._create_campaign())
        other._portal_ensure_token()
        self.authenticate(None, None)
        answer = self._post(
            self.path, {**self.form, "access_token": other.access_token}
        )
        self.assertEqual(answer.status_code, 404)

    def test_bad_forms_change_nothing_and_say_why(self):
        self.authenticate("anna", "anna")
        for values, photos, words in (
            ({"goods": "6"}, (), "1 to 5 stars"),
            ({"goods": "0"}, (), "1 to 5 stars"),
            ({"service": ""}, (), "1 to 5 stars"),
            ({"logistics": "4.5"}, (), "1 to 5 stars"),
            ({"logistics": "nan"}, (), "1 to 5 stars"),
            ({}, [("x.jpg", b"no photo")], "is not a photo"),
            ({}, [("x.jpg", b"\0" * 20 * 1024 * 1024)], "larger than 8 MB"),
        ):
            answer = self._post(self.path, {**self.form, **values}, photos)
            self.assertIn(words, answer.text, values)
            self.env.invalidate_all()
            self.assertFalse(self.order.groupbuy_review_ids)

    def test_before_the_pickup_there_is_nothing_to_review(self):
        waiting = self._order(collected=False, campaign=self._create_campaign())
        self.authenticate("anna", "anna")
        page = self.url_open(f"/my/orders/{waiting.id}")
        self.assertNotIn("Rate the order", page.text)
        path = f"/my/orders/{waiting.id}/review"
        self.assertIn("once you have collected it", self.url_open(path).text)
        answer = self._post(path, self.form)
        self.assertIn("once you have collected it", answer.text)
        self.assertFalse(waiting.groupbuy_review_ids)
        answer = self.url_open(f"/my/orders/{waiting.id}/survey")
        self.assertEqual(answer.status_code, 404)

    def test_the_survey_opens_from_the_mail(self):
        survey = self.env.ref("groupbuy_verification.survey_satisfaction")
        self.company.groupbuy_survey_id = survey
        self.authenticate(None, None)
        self.order._portal_ensure_token()
        page = self.url_open(
            f"/my/orders/{self.order.id}/survey?access_token={self.order.access_token}"
        )
        self.assertEqual(page.status_code, 200)
        self.assertIn("How was your group order?", page.text)
        self.env.invalidate_all()
        sheet = self.env["survey.user_input"].search(
            [("groupbuy_order_id", "=", self.order.id)]
        )
        self.assertEqual(len(sheet), 1)
        self.assertEqual(sheet.groupbuy_campaign_id, self.order.groupbuy_campaign_id)

    def test_everybody_reads_reviews_where_they_choose(self):
        review = self.env["groupbuy.review"]._submit(
            self.order,
            {"goods": 4, "service": 5, "logistics": 5},
            {"goods": "Ripe and sweet"},
        )
        review.answer = "Thank you, neighbour"
        campaign = self._create_campaign()
        self.authenticate(None, None)
        page = self.url_open(campaign.website_url)
        self.assertEqual(page.status_code, 200)
        for words in ("What neighbours say", "Ripe and sweet", "Thank you, neighbour"):
            self.assertIn(words, page.text)
        self.assertIn("Anna M.", page.text)
        self.assertNotIn("Anna Miller", page.text)
        self.assertIn("4.0", page.text)
        page = self.url_open(self.tomato.website_url)
        for words in ("gbv-marks", "Ripe and sweet", "Thank you, neighbour"):
            self.assertIn(words, page.text)
        self.assertNotIn("Anna Miller", page.text)
        review._set_published(False)
        page = self.url_open(campaign.website_url)
        self.assertNotIn("Ripe and sweet", page.text)
        page = self.url_open(self.tomato.website_url)
        self.assertNotIn("gbv-marks", page.text)
        self.assertNotIn("Ripe and sweet", page.text)

    def test_the_leader_reads_what_residents_think_of_the_point(self):
        path = f"/my/points/{self.point.id}/reviews"
        self.authenticate("north_manager", "north_manager")
        self.assertIn("Nobody has reviewed", self.url_open(path).text)
        self.env["groupbuy.review"]._submit(
            self.order,
            {"goods": 4, "service": 2, "logistics": 5},
            {"service": "Closed at noon"},
        )
        page = self.url_open(f"/my/points/{self.point.id}")
        self.assertIn(path, page.text)
        page = self.url_open(path)
        for words in ("Closed at noon", "2.0"):
            self.assertIn(words, page.text)
        for login in ("south_manager", "anna"):
            self.authenticate(login, login)
            self.assertEqual(self.url_open(path).status_code, 404)
