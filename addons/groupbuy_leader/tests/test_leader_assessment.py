# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..assessment import Standing, decide, months_to_assess, unmet_conditions
from .common import LeaderCommon


@tagged("post_install", "-at_install")
class TestAssessmentRules(TransactionCase):
    def _decide(self, rank=1, met=(False, True, True), **values):
        """Return what is decided; three tiers, today is the first of June."""
        return decide(
            Standing(
                **{
                    "rank": rank,
                    "met": met,
                    "is_new": False,
                    "is_held": False,
                    "month": date(2026, 5, 1),
                    "today": date(2026, 6, 1),
                    "deadline": None,
                    "grace_months": 1,
                    **values,
                }
            )
        )

    def test_who_meets_the_own_tier_keeps_it(self):
        self.assertEqual(self._decide(), ("keep", 1, None))

    def test_who_meets_a_better_tier_rises_to_the_best(self):
        self.assertEqual(self._decide(2, (True, True, True)), ("up", 0, None))
        self.assertEqual(self._decide(2, (False, True, False)), ("up", 1, None))

    def test_who_falls_short_is_warned_first_with_a_whole_month(self):
        self.assertEqual(
            self._decide(met=(False, False, True)), ("warn", 1, date(2026, 6, 30))
        )
        self.assertEqual(
            self._decide(met=(False, False, True), grace_months=2),
            ("warn", 1, date(2026, 7, 31)),
        )

    def test_a_warning_goes_on_until_its_deadline(self):
        self.assertEqual(
            self._decide(met=(False, False, True), deadline=date(2026, 6, 30)),
            ("warn", 1, date(2026, 6, 30)),
        )

    def test_after_the_deadline_it_goes_down_to_what_is_met(self):
        last = {"deadline": date(2026, 5, 31)}
        self.assertEqual(
            self._decide(0, (False, False, True), **last), ("down", 2, None)
        )
        self.assertEqual(
            self._decide(0, (False, True, True), **last), ("down", 1, None)
        )
        self.assertEqual(
            self._decide(0, (False, False, False), **last), ("down", 2, None)
        )

    def test_who_misses_the_lowest_tier_after_the_deadline_leaves(self):
        self.assertEqual(
            self._decide(2, (False, False, False), deadline=date(2026, 5, 31)),
            ("exit", 2, None),
        )

    def test_who_improves_in_time_loses_the_warning(self):
        self.assertEqual(self._decide(deadline=date(2026, 5, 31)), ("keep", 1, None))

    def test_who_is_new_or_held_by_the_staff_is_left_alone(self):
        short = {"met": (False, False, False)}
        self.assertEqual(self._decide(is_new=True, **short), ("keep", 1, None))
        self.assertEqual(self._decide(is_held=True, **short), ("keep", 1, None))
        self.assertEqual(
            self._decide(is_held=True, met=(True, True, True)), ("keep", 1, None)
        )

    def test_a_month_that_is_caught_up_late_leaves_the_time_to_improve(self):
        decision, _rank, deadline = self._decide(
            met=(False, False, True), today=date(2026, 8, 20)
        )
        self.assertEqual((decision, deadline), ("warn", date(2026, 8, 31)))
        for month in (date(2026, 6, 1), date(2026, 7, 1)):
            self.assertEqual(
                self._decide(
                    met=(False, False, True),
                    month=month,
                    today=date(2026, 8, 20),
                    deadline=deadline,
                )[0],
                "warn",
            )

    def test_months_are_whole_and_each_comes_once(self):
        start = date(2025, 11, 20)
        self.assertEqual(months_to_assess(start, None, date(2025, 11, 30)), [])
        self.assertEqual(
            months_to_assess(start, None, date(2025, 12, 1)), [date(2025, 11, 1)]
        )
        self.assertEqual(
            months_to_assess(start, date(2025, 12, 1), date(2026, 3, 31)),
            [date(2026, 1, 1), date(2026, 2, 1)],
        )
        self.assertEqual(
            months_to_assess(start, date(2026, 2, 1), date(2026, 3, 31)), []
        )

    def test_what_nobody_can_tell_is_not_counted(self):
        conditions = {"orders": (">=", 10), "review": (">=", 4.5), "cases": ("<=", 2)}
        self.assertEqual(
            unmet_conditions(conditions, {"orders": 9, "review": None, "cases": 3}),
            [("orders", ">=", 10, 9), ("cases", "<=", 2, 3)],
        )
        self.assertFalse(
            unmet_conditions(conditions, {"orders": 10, "review": 4.5, "cases": 2})
        )


@tagged("post_install", "-at_install")
class TestLeaderAssessment(LeaderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Asia/Shanghai"
        tier = cls.env["groupbuy.leader.tier"]
        tier.search([]).write({"sequence": 900})
        cls.leaders = cls.leader | cls.other_leader
        cls.best, cls.middle, cls.lowest = tier.create(
            [
                {
                    "name": name,
                    "code": code,
                    "sequence": sequence,
                    "company_id": cls.company.id,
                    "min_orders": orders,
                }
                for name, code, sequence, orders in (
                    ("Best", "t1", 1, 3),
                    ("Middle", "t2", 2, 2),
                    ("Lowest", "t3", 3, 1),
                )
            ]
        )
        cls.leaders.write({"tier_id": cls.lowest.id, "date_start": "2026-01-01"})
        # The seeded tiers are of nobody here.
        cls.env["groupbuy.leader"].search([]).filtered(
            lambda lead: lead not in cls.leaders
        ).state = "left"
        tier.search([("sequence", "=", 900)]).active = False
        cls.assessments = cls.env["groupbuy.leader.assessment"]

    def _order(self, leader, moment, count=1, state="waiting"):
        """Write orders as facts; how they come about is tested elsewhere."""
        orders = self.env["sale.order"].create(
            [{"partner_id": self.resident.id, "company_id": self.company.id}] * count
        )
        orders.write(
            {
                "groupbuy_leader_id": leader.id,
                "groupbuy_joined_at": moment,
                "groupbuy_state": state,
            }
        )
        return orders

    def _run(self, day):
        with freeze_time(day):
            self.env.flush_all()
            self.env.ref("groupbuy_leader.ir_cron_assess").method_direct_trigger()
            self.env.invalidate_all()

    def _get_decisions(self, leader):
        return [
            (row.period.month, row.decision, row.tier_after_id.code)
            for row in self.assessments.search(
                [("leader_id", "=", leader.id)], order="period, id"
            )
        ]

    def test_a_month_is_assessed_once(self):
        self._order(self.leader, "2026-01-10", 2)
        for day in ("2026-02-01 01:00", "2026-02-01 02:00", "2026-02-15"):
            self._run(day)
        self.assertEqual(self._get_decisions(self.leader), [(1, "up", "t2")])
        self.assertEqual(self.leader.tier_id, self.middle)
        # The key stands behind the job.
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self.leader._assess(date(2026, 1, 1))

    def test_months_after_a_downtime_are_caught_up_in_turn(self):
        self._order(self.leader, "2026-01-10", 3)
        self._order(self.leader, "2026-02-10", 1)
        self._order(self.leader, "2026-03-10", 3)
        self._run("2026-04-20")
        self.assertEqual(
            self._get_decisions(self.leader),
            [(1, "up", "t1"), (2, "warn", "t1"), (3, "keep", "t1")],
        )
        self.assertFalse(self.leader.warning_deadline)
        self.assertEqual(self.leader.state, "active")

    def test_warned_then_down_then_out(self):
        self.leader.tier_id = self.middle
        self._run("2026-02-01")
        self._run("2026-03-01")
        self.assertEqual(
            self._get_decisions(self.leader),
            [(1, "warn", "t2"), (2, "down", "t3")],
        )
        self._run("2026-04-01")
        self.assertEqual(self.leader.state, "warned")
        self.assertEqual(self.leader.warning_deadline, date(2026, 4, 30))
        self._run("2026-05-01")
        self.assertEqual(self._get_decisions(self.leader)[2:], [
            (3, "warn", "t3"), (4, "exit", "t3"),
        ])  # fmt: skip
        self.assertEqual(self.leader.state, "exiting")
        self.assertTrue(self.leader.activity_ids)
        self._run("2026-07-01")
        self.assertEqual(len(self._get_decisions(self.leader)), 4, "Out is out")

    def test_the_figures_of_a_decision_are_kept_and_cannot_be_changed(self):
        self._order(self.leader, "2026-01-10", 2)
        self._run("2026-02-01")
        row = self.assessments.search([("leader_id", "=", self.leader.id)])
        self._order(self.leader, "2026-01-11", 5)
        self.assertEqual(row.orders, 2)
        self.assertEqual(row.figures["months"]["1"]["orders"], 2)
        self.assertEqual(row.figures["missing"]["Best"], ["Orders: 2 of 3"])
        self.assertIsNone(row.figures["months"]["1"]["pickup_rate"])
        for change in (lambda: row.write({"orders": 9}), row.unlink):
            with self.assertRaises(UserError):
                change()

    def test_the_month_is_that_of_the_companys_time_zone(self):
        # 17:00 UTC on 31 January is 1 February in Shanghai.
        self._order(self.leader, "2026-01-31 17:00:00", 2)
        self._run("2026-01-31 15:59:00")
        self.assertFalse(self._get_decisions(self.leader))
        self._run("2026-01-31 16:01:00")
        self.assertEqual(self._get_decisions(self.leader), [(1, "warn", "t3")])
        self._run("2026-03-01")
        self.assertEqual(self._get_decisions(self.leader)[1:], [(2, "up", "t2")])

    def test_cancelled_and_refunded_orders_do_not_count(self):
        self._order(self.leader, "2026-01-10", 1, "confirmed")
        self._order(self.leader, "2026-01-10", 5, "failed")
        self._order(self.leader, "2026-01-10", 5, "cancelled")
        self._order(self.leader, "2026-01-10", 5, "cart")
        figures = self.leader._get_assessment_figures(
            datetime(2026, 1, 1), datetime(2026, 2, 1)
        )
        self.assertEqual(figures[self.leader.id]["orders"], 1)

    def test_who_came_in_the_month_is_not_warned(self):
        self.leader.date_start = "2026-01-20"
        self._run("2026-02-01")
        self.assertEqual(self._get_decisions(self.leader), [(1, "keep", "t3")])

    def test_the_staff_decide_with_a_reason_and_the_job_respects_it(self):
        wizard = self.env["groupbuy.leader.decision"].create(
            {
                "leader_id": self.leader.id,
                "tier_id": self.best.id,
                "held_until": "2026-02-28",
                "reason": "Moved house in January",
            }
        )
        with freeze_time("2026-01-20"):
            wizard.action_confirm()
        row = self.assessments.search([("leader_id", "=", self.leader.id)])
        self.assertEqual((row.origin, row.decision), ("staff", "up"))
        self.assertEqual(row.user_id, self.env.user)
        self._run("2026-04-01")
        self.assertEqual(
            self._get_decisions(self.leader)[1:],
            [(1, "keep", "t1"), (2, "keep", "t1"), (3, "warn", "t1")],
        )
        wizard.reason = " "
        with self.assertRaises(UserError):
            wizard.action_confirm()

    def test_the_number_of_queries_does_not_grow_with_the_leaders(self):
        partners = self._create_residents(30)
        many = self.env["groupbuy.leader"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "tier_id": self.lowest.id,
                    "date_start": "2026-01-01",
                }
                for partner in partners
            ]
        )
        # Whether an addon tells more of points or not: all leaders have some.
        for leader in many:
            self.point.copy({"leader_id": leader.id})
        counts = []
        for leaders in (self.leaders, many):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            leaders._get_figures_by_months(self.lowest, date(2026, 1, 1))
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[0], counts[1])

    def test_rates_come_from_the_real_transfers(self):
        campaign = self._create_campaign()
        first = self._join(campaign, self.resident, point=self.point)
        self._join(campaign, self.neighbour, point=self.point)
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(first)
        start = campaign.pickup_from - timedelta(days=1)
        end = campaign.pickup_until + timedelta(days=1)
        figures = self.leader._get_assessment_figures(start, end)[self.leader.id]
        self.assertEqual(figures["receipt_rate"], 100.0)
        self.assertEqual(figures["pickup_rate"], 50.0)
        late = campaign.picking_ids.filtered(lambda p: p.groupbuy_role == "to_point")
        late.date_done = campaign.pickup_from + timedelta(hours=1)
        figures = self.leader._get_assessment_figures(start, end)[self.leader.id]
        self.assertEqual(figures["receipt_rate"], 0.0)

    def test_what_no_addon_can_tell_of_the_points_is_no_figure(self):
        self.patch(
            type(self.env["groupbuy.pickup.point"]),
            "_get_service_figures",
            lambda points, start, end: {},
        )
        figures = self.leader._get_assessment_figures(
            datetime(2026, 1, 1), datetime(2026, 2, 1)
        )[self.leader.id]
        self.assertIsNone(figures["review"])
        self.assertIsNone(figures["cases"])

    def test_reviews_and_cases_come_from_the_hook_of_the_points(self):
        figures = {
            self.point.id: {"review_count": 4, "review_sum": 17.0, "cases": 2},
            self.other_point.id: {"cases": 0},
        }
        self.patch(
            type(self.env["groupbuy.pickup.point"]),
            "_get_service_figures",
            lambda points, start, end: figures,
        )
        result = self.leaders._get_assessment_figures(
            datetime(2026, 1, 1), datetime(2026, 2, 1)
        )
        self.assertEqual(result[self.leader.id]["review"], 4.25)
        self.assertEqual(result[self.leader.id]["cases"], 2)
        self.assertIsNone(result[self.other_leader.id]["review"])
        self.assertEqual(result[self.other_leader.id]["cases"], 0)

    def test_a_leader_sees_what_is_missing_for_the_next_tier(self):
        with freeze_time("2026-01-15"):
            self._order(self.leader, "2026-01-10", 1)
            progress = self.leader._get_tier_progress()
        self.assertEqual(progress["next_tier"], self.middle)
        self.assertEqual(progress["figures"]["orders"], 1)
        self.assertEqual(
            [row["text"] for row in progress["missing"]], ["Orders: 1 of 2"]
        )
        self.assertFalse(progress["at_risk"])

    def test_conditions_out_of_range_are_refused(self):
        for values in (
            {"min_pickup_rate": 120},
            {"min_review": 6},
            {"min_orders": -1},
            {"period_months": 0},
            {"grant_limit": -5},
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                with self.env.cr.savepoint():
                    self.lowest.write(values)
                    self.env.flush_all()

    def test_a_tier_with_leaders_cannot_be_archived(self):
        with self.assertRaises(ValidationError):
            self.lowest.active = False

    def test_only_leader_managers_decide(self):
        for action in ("action_pause", "action_override", "action_exit"):
            with self.assertRaises(AccessError):
                getattr(self.leader.with_user(self.user), action)()
        with self.assertRaises(AccessError):
            self.leader.with_user(self.leader_user).action_resume()
