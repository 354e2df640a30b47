# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What other addons are told of goods and of points, through hooks of the core."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .case_common import CaseCommon


@tagged("post_install", "-at_install")
class TestDisputedGoods(CaseCommon):
    def _disputed(self):
        """Return the order lines about which something is open."""
        query = self.env["sale.order.line"]._groupbuy_query_disputed()
        return {line_id for (line_id,) in self.env.execute_query(query)}

    def test_goods_wait_until_the_case_about_them_is_decided(self):
        order, other = self._order(), self._order(campaign=self._create_campaign())
        self.assertFalse(self._disputed() & set((order + other).order_line.ids))
        case = self._report(order)
        self.assertIn(self._line(order).id, self._disputed())
        self.assertNotIn(self._line(other).id, self._disputed())
        case._pass_on()
        self.assertIn(self._line(order).id, self._disputed())
        case._decide("refund", level="staff")
        self.assertNotIn(self._line(order).id, self._disputed())

    def test_goods_wait_until_they_have_come_back(self):
        order = self._order()
        case = self._report(order, "return")
        case._decide("return", level="staff")
        self.assertEqual(case.state, "returning")
        self.assertIn(self._line(order).id, self._disputed())

    def test_a_rejected_complaint_keeps_nothing_waiting(self):
        order = self._order()
        self._report(order)._decide("reject", level="staff", note="It is fine.")
        self.assertNotIn(self._line(order).id, self._disputed())


@tagged("post_install", "-at_install")
class TestPointHooks(CaseCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.points = self.point + self.other_point
        now = fields.Datetime.now()
        self.window = now - timedelta(hours=1), now + timedelta(hours=1)

    def _review(self, order, service):
        return self.env["groupbuy.review"]._submit(
            order, {"goods": 5, "service": service, "logistics": 5}, {}
        )

    def _figures(self, window=None):
        return self.points._get_service_figures(*(window or self.window))

    # === HOW WELL A POINT SERVES === #

    def test_marks_for_the_service_are_summed_up_by_point(self):
        nothing = {"review_count": 0, "review_sum": 0, "cases": 0}
        self.assertEqual(self._figures(), dict.fromkeys(self.points.ids, nothing))
        reviews = [
            self._review(self._order(campaign=self._create_campaign()), service)
            for service in (5, 4, 3)
        ]
        reviews[2].hidden_reason = "Abuse"
        reviews[2].action_hide()
        figures = self._figures()
        self.assertEqual(figures[self.point.id]["review_count"], 2)
        self.assertEqual(figures[self.point.id]["review_sum"], 9)
        self.assertEqual(figures[self.other_point.id], nothing)
        start, end = self.window
        for window in (
            (start - timedelta(hours=2), start),
            (end, end + timedelta(hours=2)),
        ):
            self.assertEqual(self._figures(window)[self.point.id], nothing)

    def test_the_beginning_counts_and_the_end_does_not(self):
        moment = self._review(self._order(), 5).create_date
        later = moment + timedelta(seconds=1)
        for window, count in (((moment, later), 1), ((moment, moment), 0)):
            figures = self._figures(window)[self.point.id]
            self.assertEqual(figures["review_count"], count)

    def test_cases_that_the_leader_bears_count_unless_they_are_rejected(self):
        order = self._order(quantity=5)
        cases = [self._report(order) for _number in range(3)]
        self.assertEqual(self._figures()[self.point.id]["cases"], 0)
        for case in cases:
            case.borne_by = "leader"
        self.assertEqual(self._figures()[self.point.id]["cases"], 3)
        cases[0]._decide("reject", level="staff", note="It is fine.")
        cases[1]._decide("refund", level="staff")
        self.assertEqual(self._figures()[self.point.id]["cases"], 2)
        self.assertEqual(self._figures()[self.other_point.id]["cases"], 0)

    def test_many_points_cost_as_many_queries_as_one(self):
        many = self.points.concat(*(self.point.copy() for _number in range(8)))
        counts = []
        for points in (self.point, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            points._get_service_figures(*self.window)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # === WHAT A MANAGER HAS TO DO === #

    def _todos(self):
        """Return url → number, as a manager's own page reads it."""
        points = self.points.with_user(self.point_manager).sudo()
        return {todo["url"]: todo["count"] for todo in points._get_todos()}

    def test_managers_read_what_they_have_to_receive_and_to_answer(self):
        self.assertEqual(self._todos(), {})
        campaign = self._create_arriving()
        receipts = f"/my/points/{self.point.id}/receipts"
        self.assertEqual(self._todos(), {receipts: 1})
        self._bring(campaign)
        self.assertEqual(self._todos(), {})
        case = self._report(self._order(campaign=self._create_campaign()))
        cases = f"/my/points/{self.point.id}/cases"
        self.assertEqual(self._todos(), {cases: 1})
        [todo] = self.points._get_todos()
        self.assertIn(self.point.name, todo["label"])
        case._pass_on()
        self.assertEqual(self._todos(), {})

    def test_the_pages_are_for_the_point_s_own_managers(self):
        self._create_arriving()
        self._report(self._order(campaign=self._create_campaign()))
        urls = self._todos()
        self.assertEqual(len(urls), 2)
        for login, status in (("north_manager", 200), ("south_manager", 404)):
            self.authenticate(login, login)
            for url in urls:
                self.assertEqual(self.url_open(url).status_code, status, (login, url))

    def test_todos_of_many_points_cost_as_many_queries_as_of_one(self):
        self._create_arriving()
        many = self.points.concat(*(self.point.copy() for _number in range(8)))
        counts = []
        for points in (self.point, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            points._get_todos()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
