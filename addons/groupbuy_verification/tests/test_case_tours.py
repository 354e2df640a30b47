# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, tagged

from .case_common import CaseCommon


class CaseTours(CaseCommon, HttpCase):
    """A resident reports, a leader answers, a resident reviews, in a real browser."""

    def _check_case(self):
        self.company.groupbuy_leader_grant_limit = 15.0
        order = self._order()
        self.start_tour(f"/my/orders/{order.id}", "groupbuy_case_report", login="anna")
        case = order.groupbuy_case_ids
        self.assertEqual((case.type_code, case.line_ids.quantity), ("quality", 2))
        self.assertEqual(len(case.evidence_ids), 1)
        self.start_tour(
            f"/my/points/{self.point.id}",
            "groupbuy_case_answer",
            login="north_manager",
        )
        self.env.invalidate_all()
        self.assertEqual((case.outcome, case.amount), ("partial", 5.0))
        self.assertEqual(case.decided_by_id, self.point_manager)
        self.assertSettled(order, refunded=5.0, invoiced=25.0)

    def _check_review(self):
        order = self._order()
        self.start_tour(f"/my/orders/{order.id}", "groupbuy_review", login="anna")
        review = order.groupbuy_review_ids
        self.assertEqual((review.goods, review.service, review.logistics), (5, 4, 2))
        self.assertEqual(len(review.photo_ids), 1)
        self.assertEqual(review.case_id.type_code, "review")


@tagged("post_install", "-at_install")
class TestCaseOnADesktop(CaseTours):
    browser_size = "1400x900"

    def test_a_case_from_the_report_to_the_answer(self):
        self._check_case()

    def test_a_review(self):
        self._check_review()

    def test_staff_decide_in_the_back_office(self):
        # Debian's package of Odoo leaves this file out, of which the browser complains.
        self.env["ir.asset"].create(
            {
                "name": "Without blurred backgrounds",
                "bundle": "web.assets_backend",
                "directive": "remove",
                "path": "mail/static/lib/selfie_segmentation/selfie_segmentation.js",
            }
        )
        order = self._order()
        case = self._report(order)
        case._pass_on()
        action = self.env.ref("groupbuy_verification.groupbuy_case_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{case.id}",
            "groupbuy_case_back_office",
            login="groupbuy_user",
        )
        self.env.invalidate_all()
        self.assertEqual((case.state, case.decided_by_id), ("resolved", self.user))
        self.assertSettled(order, refunded=10.0, invoiced=20.0)


@tagged("post_install", "-at_install")
class TestCaseOnAPhone(CaseTours):
    browser_size = "360x740"
    touch_enabled = True

    def test_a_case_from_the_report_to_the_answer(self):
        self._check_case()

    def test_a_review(self):
        self._check_review()
