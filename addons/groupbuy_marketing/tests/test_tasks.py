# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime, timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .tasks_common import TasksCommon


@tagged("post_install", "-at_install")
class TestTasks(TasksCommon):
    # === COUNTING === #

    def test_what_is_done_often_enough_gives_the_reward_once(self):
        task = self._create_task()
        self._do(1)
        self._work()
        self.assertFalse(self._get_completions(task))
        self.assertEqual(task._get_progress(self.resident), {task.id: 1})
        self._do(1, first=1)
        self._work()
        completion = self._get_completions(task)
        self.assertEqual(completion.partner_id, self.resident)
        self.assertEqual(completion.state, "granted")
        coupon = self._get_coupons()
        self.assertEqual(completion.coupon_id, coupon)
        self.assertEqual(coupon.points, 1)
        self._do(4, first=2)
        self._work()
        self.assertEqual(self._get_completions(task), completion)
        self.assertEqual(self._get_coupons(), coupon)

    def test_the_same_thing_counts_once(self):
        task = self._create_task()
        count = self.tasks._groupbuy_count
        self.assertTrue(count("review", self.resident, "order/1", self.company))
        self.assertFalse(count("review", self.resident, "order/1", self.company))
        self.assertTrue(count("review", self.neighbour, "order/1", self.company))
        self._work()
        self.assertEqual(task._get_progress(self.resident), {task.id: 1})
        self.assertFalse(self._get_completions(task))

    def test_the_coupon_of_a_task_works_for_its_resident_only(self):
        self._create_task(target=1)
        self._do()
        self._work()
        cart = self._create_cart(self._create_campaign(), self.neighbour)
        self.assertIn("error", cart._try_apply_code(self._get_coupons().code))

    def test_what_no_open_task_asks_for_is_not_kept(self):
        events = self.env["groupbuy.task.event"]
        before = events.search_count([])
        task = self._create_task(is_open=False)
        self.assertFalse(self._do())
        task.action_open()
        self.assertFalse(self._do(kind="share"))
        self.assertTrue(self._do())
        task.action_close()
        self.assertFalse(self._do(first=1))
        self.assertEqual(events.search_count([]), before + 1)

    def test_bad_calls_are_refused_and_nobody_counts_nothing(self):
        self._create_task()
        nobody = self.env["res.partner"]
        self.assertFalse(self.tasks._groupbuy_count("review", nobody, "x"))
        for kind, key in (("dance", "x"), ("review", ""), ("review", "x" * 129)):
            with self.subTest(kind=kind, key=key), self.assertRaises(ValueError):
                self.tasks._groupbuy_count(kind, self.resident, key)

    def test_what_was_done_before_the_task_began_does_not_count(self):
        task = self._create_task(
            target=1, start_at=fields.Datetime.now() + timedelta(hours=1)
        )
        self._do()
        self._work()
        self.assertFalse(self._get_completions(task))
        self.assertFalse(self.tasks._get_for_resident(self.resident, self.company))

    def test_what_was_done_before_the_close_counts_after_it(self):
        task = self._create_task(target=1)
        self._do(at=fields.Datetime.now() - timedelta(minutes=1))
        task.action_close()
        self._work()
        self.assertEqual(self._get_completions(task).state, "granted")

    def test_each_week_of_the_task_has_its_own_reward(self):
        start = datetime(2026, 3, 1)
        task = self._create_task(period="week", start_at=start, end_at=None)
        # In Shanghai the week begins on Sunday at 16:00 UTC.
        self._do(1, first=0, at=datetime(2026, 3, 8, 15, 59))
        self._do(1, first=1, at=datetime(2026, 3, 8, 16, 1))
        self._work()
        self.assertFalse(self._get_completions(task), "One in each of two weeks")
        self._do(1, first=2, at=datetime(2026, 3, 10))
        self._do(2, first=3, at=datetime(2026, 3, 17))
        self._work()
        self.assertEqual(
            sorted(self._get_completions(task).mapped("period_key")),
            ["2026-W11", "2026-W12"],
        )
        self.assertEqual(len(self._get_coupons()), 2)

    def test_days_and_months_end_at_midnight_of_the_task(self):
        keys = {
            "day": ["2026-03-31", "2026-04-01"],
            "month": ["2026-03", "2026-04"],
        }
        for period, wanted in keys.items():
            with self.subTest(period=period):
                task = self._create_task(
                    period=period, target=1, start_at=datetime(2026, 3, 1)
                )
                first = 0 if period == "day" else 10
                self._do(1, first=first, at=datetime(2026, 3, 31, 15, 59))
                self._do(1, first=first + 1, at=datetime(2026, 3, 31, 16, 0))
                self._work()
                self.assertEqual(
                    sorted(self._get_completions(task).mapped("period_key")), wanted
                )
                task.action_close()

    def test_the_page_and_the_job_agree_on_the_present_period(self):
        for period in ("once", "day", "week", "month"):
            with self.subTest(period=period):
                task = self._create_task(period=period, target=1)
                self.assertFalse(task._get_cards(self.resident)[0]["completion"])
                self._do(1, first=len(self.tasks.search([])))
                self._work()
                [card] = task._get_cards(self.resident)
                self.assertEqual(card["completion"], self._get_completions(task))
                self.assertEqual((card["done"], card["percent"]), (1, 100))
                self.assertIn("You got: Coupon", card["status"])
                task.action_close()

    def test_a_task_is_for_its_communities_and_segments(self):
        other = self.env["groupbuy.community"].create(
            {"name": "Lake View", "company_id": self.company.id}
        )
        task = self._create_task(target=1, community_ids=[Command.set(other.ids)])
        self.neighbour.groupbuy_community_id = other
        self._do()
        self._do(partner=self.neighbour)
        self._work()
        self.assertEqual(self._get_completions(task).partner_id, self.neighbour)
        shown = self.tasks._get_for_resident
        self.assertNotIn(task, shown(self.resident, self.company))
        self.assertIn(task, shown(self.neighbour, self.company))
        segment = self.env["groupbuy.segment"].create(
            {"name": "Nobody", "company_id": self.company.id}
        )
        task.segment_ids = segment
        self.assertNotIn(task, shown(self.neighbour, self.company))
        # What is archived does not open the task to everybody.
        segment.active = other.active = False
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertNotIn(task, shown(self.neighbour, self.company))
        self.assertNotIn(task, shown(self.resident, self.company))

    def test_counting_does_not_cost_queries_for_each_resident(self):
        self._create_task(target=1)
        counts = []
        for people in (2, 30):
            residents = self._create_residents(people)
            self.tasks._groupbuy_count_many(
                "review", [(r, "once") for r in residents], company=self.company
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self.tasks._count_slice(500), people)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # === REWARDS === #

    def test_points_of_a_task_are_in_the_ledger(self):
        self._create_task(
            target=1,
            reward_type="points",
            points_program_id=self.program.id,
            points=25,
        )
        self._do()
        self._work()
        self._work()
        self.assertEqual(self._get_points(), 25)
        self.assertLedgerMatches(self._get_card())
        entry = self.env["groupbuy.points.entry"].search([("kind", "=", "task")])
        self.assertEqual(entry._get_text(), "For a task")

    def test_tickets_of_a_task_are_in_the_draw(self):
        lottery = self._create_lottery((self._create_prize(), 1))
        self._create_task(
            target=1, reward_type="ticket", lottery_id=lottery.id, ticket_count=3
        )
        self._do()
        self._work()
        self._work()
        self.assertEqual(len(lottery.ticket_ids), 3)
        self.assertEqual(lottery.ticket_ids.partner_id, self.resident)

    def _put_draw_at(self, lottery, **ago):
        """Move the time of a draw, as time going by would."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE groupbuy_lottery SET draw_at = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(**ago), lottery.id],
        )
        self.env.invalidate_all()

    def test_what_was_done_before_the_draw_is_in_it_and_later_things_are_not(self):
        lottery = self._create_lottery((self._create_prize(), 1), is_on_site=False)
        task = self._create_task(target=1, reward_type="ticket", lottery_id=lottery.id)
        now = fields.Datetime.now()
        self._do(at=now - timedelta(minutes=10))
        self._do(partner=self.neighbour, at=now - timedelta(minutes=1))
        self._put_draw_at(lottery, minutes=5)
        with mute_logger("odoo.addons.groupbuy_marketing"):
            self._work()
        self.assertEqual(lottery.state, "drawn")
        self.assertEqual(lottery.ticket_ids.partner_id, self.resident)
        late = self._get_completions(task).filtered(lambda c: c.state == "failed")
        self.assertEqual(late.partner_id, self.neighbour)
        self.assertIn("after the time of the draw", late.last_error)

    def test_who_comes_after_the_limit_gets_nothing_and_is_told(self):
        task = self._create_task(target=1, reward_limit=1)
        self._do(partner=self.neighbour)
        self._work()
        self._do()
        self._work()
        states = {c.partner_id: c.state for c in self._get_completions(task)}
        self.assertEqual(states, {self.neighbour: "granted", self.resident: "used_up"})
        self.assertFalse(self._get_coupons())
        [card] = task._get_cards(self.resident)
        self.assertIn("used up", card["status"])
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    "UPDATE groupbuy_reward_counter SET taken = 2 WHERE task_id = %s",
                    [task.id],
                )

    def test_a_budget_stops_when_it_is_used_up(self):
        budget = self.env["groupbuy.reward.budget"].create(
            {"name": "Spring", "company_id": self.company.id, "amount": 25}
        )
        task = self._create_task(target=1, budget_id=budget.id, unit_value=10)
        for partner in (self.resident, self.neighbour, self.third):
            self._do(partner=partner)
        self._work()
        self.assertEqual(
            self._get_completions(task).sorted("id").mapped("state"),
            ["granted", "granted", "used_up"],
        )
        self.assertEqual((budget.spent, budget.left), (20, 5))

    def test_a_reward_that_gets_stuck_does_not_stop_others_and_is_tried_again(self):
        task = self._create_task(target=1)
        program = self.coupons.copy()
        other = self._create_task(target=1, coupon_program_id=program.id)
        self.coupons.active = False
        self._do()
        with mute_logger("odoo.addons.groupbuy_marketing"):
            self._work()
        completion = self._get_completions(task)
        self.assertEqual(completion.state, "failed")
        self.assertIn("in use", completion.last_error)
        self.assertEqual(self._get_completions(other).state, "granted")
        with self.assertRaises(AccessError):
            completion.with_user(self.user).action_retry()
        self.coupons.active = True
        completion.with_user(self.manager).action_retry()
        self._work()
        self.assertEqual(completion.state, "granted")
        self.assertEqual(len(self._get_coupons()), 1)
        with self.assertRaisesRegex(UserError, "stuck"):
            completion.action_retry()

    def test_residents_are_told_by_mail_in_their_language(self):
        self._create_task(target=1)
        self._do()
        self._work()
        mail = self.env["mail.mail"].search(
            [("model", "=", "groupbuy.task.completion")], limit=1
        )
        self.assertEqual(mail.recipient_ids, self.resident)
        self.assertIn(self._get_coupons().code, mail.body_html)

    # === WHAT RESIDENTS DO === #

    def test_a_review_counts_with_a_photo_only(self):
        task = self._create_task(target=1)
        order = self._join(self._create_campaign())
        order._groupbuy_on_reviewed(False)
        self._work()
        self.assertFalse(self._get_completions(task))
        order._groupbuy_on_reviewed(True)
        order._groupbuy_on_reviewed(True)
        self._work()
        self.assertEqual(self._get_completions(task).partner_id, self.resident)
        self.assertEqual(task._get_progress(self.resident), {task.id: 1})

    # === STAFF === #

    def test_a_task_opens_only_when_its_reward_can_be_given(self):
        cases = {
            "Choose a coupon program": {"coupon_program_id": self.program.id},
            "how many points": {
                "reward_type": "points",
                "points_program_id": self.program.id,
                "points": 0,
            },
            "Choose a draw": {"reward_type": "ticket", "lottery_id": False},
            "takes from the budget": {
                "budget_id": self.env["groupbuy.reward.budget"]
                .create({"name": "B", "company_id": self.company.id, "amount": 1})
                .id
            },
            "is over": {"end_at": fields.Datetime.now() - timedelta(hours=1)},
        }
        for words, values in cases.items():
            with self.subTest(words=words):
                task = self._create_task(is_open=False, **values)
                with self.assertRaisesRegex(UserError, words):
                    task.action_open()
                self.assertEqual(task.state, "draft")
        draw = self._create_lottery((self._create_prize(), 1), is_open=False)
        task = self._create_task(
            is_open=False, reward_type="ticket", lottery_id=draw.id
        )
        with self.assertRaisesRegex(UserError, "Publish the draw"):
            task.action_open()

    def test_staff_without_the_right_cannot_open_or_forge(self):
        task = self._create_task(is_open=False)
        with self.assertRaises(AccessError):
            task.with_user(self.user).action_open()
        with self.assertRaisesRegex(UserError, "buttons"):
            task.with_user(self.manager).write({"state": "open"})
        task.with_user(self.manager).action_open()
        self.assertEqual(task.state, "open")
        with self.assertRaises(AccessError):
            self.env["groupbuy.task.event"].with_user(self.manager).create(
                {
                    "company_id": self.company.id,
                    "kind": "review",
                    "partner_id": self.resident.id,
                    "key": "forged",
                    "at": fields.Datetime.now(),
                }
            )

    def test_what_residents_were_told_stays(self):
        task = self._create_task()
        with self.assertRaisesRegex(UserError, "have been told"):
            task.target = 3
        with self.assertRaisesRegex(UserError, "is kept"):
            task.unlink()
        task.name = "A better name"
        task.action_close()
        with self.assertRaisesRegex(UserError, "have been told"):
            task.points = 3

    def test_facts_cannot_be_changed(self):
        task = self._create_task(target=1)
        self._do()
        self._work()
        event = self.env["groupbuy.task.event"].search(
            [("partner_id", "=", self.resident.id)]
        )
        completion = self._get_completions(task)
        with self.assertRaises(UserError):
            event.key = "other"
        with self.assertRaises(UserError):
            event.unlink()
        with self.assertRaises(UserError):
            completion.unlink()
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            completion.with_user(self.manager).write({"state": "pending"})

    def test_numbers_that_make_no_sense_are_refused(self):
        for values in ({"target": 0}, {"reward_limit": -1}, {"ticket_count": 101}):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(Exception, "check constraint"),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._create_task(is_open=False, **values).flush_recordset()
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self._create_task(is_open=False, coupon_days=-1)
        task = self._create_task(is_open=False)
        self.assertEqual(task.state, "draft")


@tagged("post_install", "-at_install")
class TestCollectOnTime(TasksCommon):
    """An order whose goods lie at the point, and a task that asks to collect it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._prepare(cls._deliver)

    def _put_window(self, campaign, start, end):
        """Move the pickup window of a campaign, as time going by would."""
        now = fields.Datetime.now()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE groupbuy_campaign SET pickup_from = %s, pickup_until = %s,"
            " open_at = %s, close_at = %s WHERE id = %s",
            [
                now + timedelta(hours=start),
                now + timedelta(hours=end),
                now + timedelta(hours=start - 2),
                now + timedelta(hours=start - 1),
                campaign.id,
            ],
        )
        self.env.invalidate_all()

    def test_collecting_in_the_window_counts_once_for_a_campaign(self):
        task = self._create_task(kind="on_time", target=1)
        order = self.order
        self._put_window(order.groupbuy_campaign_id, -1, 1)
        self._hand_out(order)
        self._work()
        self.assertEqual(self._get_completions(task).partner_id, self.resident)
        event = self.env["groupbuy.task.event"].search([("kind", "=", "on_time")])
        self.assertEqual(event.key, f"campaign/{order.groupbuy_campaign_id.id}")

    def test_collecting_late_does_not_count(self):
        self._assert_not_on_time(-5, -1)

    def test_collecting_early_does_not_count(self):
        self._assert_not_on_time(1, 5)

    def _assert_not_on_time(self, start, end):
        task = self._create_task(kind="on_time", target=1)
        self._put_window(self.order.groupbuy_campaign_id, start, end)
        self._hand_out(self.order)
        self._work()
        self.assertFalse(self._get_completions(task))

    def test_a_part_that_is_left_at_the_point_is_not_on_time(self):
        task = self._create_task(kind="on_time", target=1)
        order = self.order
        self._put_window(order.groupbuy_campaign_id, -1, 1)
        picking = order.groupbuy_picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=[]
        ).button_validate()
        self._work()
        self.assertFalse(self._get_completions(task))
        self._validate(order.groupbuy_picking_ids.filtered(lambda p: p.state != "done"))
        self._work()
        self.assertEqual(len(self._get_completions(task)), 1)

    def test_a_collection_that_was_undone_does_not_count_until_it_is_done_again(self):
        task = self._create_task(kind="on_time", target=1)
        self._put_window(self.order.groupbuy_campaign_id, -1, 1)
        self._hand_out(self.order)
        self.assertEqual(task._get_progress(self.resident), {task.id: 1})
        picking = self.order.groupbuy_picking_ids
        self._undo(picking)
        self._work()
        self.assertFalse(self._get_completions(task))
        self.assertFalse(task._get_progress(self.resident))
        # The goods wait again, and are collected in time.
        again = picking.copy(
            {
                "partner_id": picking.partner_id.id,
                "groupbuy_campaign_id": picking.groupbuy_campaign_id.id,
                "groupbuy_point_id": picking.groupbuy_point_id.id,
                "groupbuy_role": "to_resident",
            }
        )
        again.action_confirm()
        self._validate(again)
        self._work()
        self.assertEqual(len(self._get_completions(task)), 1)
        # Whoever got the reward keeps it.
        self._undo(again)
        self._work()
        self.assertEqual(self._get_completions(task).state, "granted")
        [card] = task._get_cards(self.resident)
        self.assertEqual((card["done"], card["percent"]), (1, 100))
        self.assertFalse(task._get_progress(self.resident))

    def _undo(self, picking):
        """Take a collection back, as `groupbuy_verification` does."""
        back = self._return(picking)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_picking SET groupbuy_role = 'undone' WHERE id = ANY(%s)",
            [(back | picking).ids],
        )
        self.env.invalidate_all()
        self._validate(back)

    def _return(self, picking):
        """Return the transfer that brings all of a transfer's goods back."""
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        for line in wizard.product_return_moves:
            line.write({"quantity": line.move_id.quantity, "to_refund": True})
        return self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )

    def test_goods_that_come_back_later_were_collected_on_time(self):
        task = self._create_task(kind="on_time", target=1)
        order = self.order
        self._put_window(order.groupbuy_campaign_id, -1, 1)
        self._hand_out(order)
        self._validate(self._return(order.groupbuy_picking_ids))
        self._work()
        self.assertEqual(len(self._get_completions(task)), 1)
