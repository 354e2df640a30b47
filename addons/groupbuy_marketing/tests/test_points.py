# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import uuid

from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .points_common import PointsCommon


@tagged("post_install", "-at_install")
class TestPoints(PointsCommon):
    """An order whose goods lie at the point."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._prepare(cls._deliver)

    def test_points_are_earned_when_the_goods_are_collected_and_not_before(self):
        order = self.order
        self.assertFalse(self._get_points())
        self._hand_out(order)
        self.assertFalse(self._get_points(), "The job books them")
        self._run_jobs()
        self.assertEqual(self._get_points(), 40)
        self.assertLedgerMatches(self._get_card())

    def test_a_part_that_is_collected_earns_its_part(self):
        order = self.order
        picking = order.groupbuy_picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=[]
        ).button_validate()
        self._run_jobs()
        self.assertEqual(self._get_points(), 10)
        rest = order.groupbuy_picking_ids.filtered(lambda p: p.state != "done")
        self._validate(rest)
        self._run_jobs()
        self.assertEqual(self._get_points(), 40)
        self.assertLedgerMatches(self._get_card())

    def test_what_a_coupon_paid_earns_no_points(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign, quantities={campaign.line_ids: 4})
        coupon = self.env["loyalty.card"].create(
            {
                "program_id": self.coupons.id,
                "partner_id": self.resident.id,
                "points": 1,
            }
        )
        rewards = order._try_apply_code(coupon.code)
        order._apply_program_reward(rewards[coupon], coupon)
        order._check_cart_is_ready_to_be_paid()
        self.assertEqual(order.amount_total, 35)
        self._pay(order)
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(order)
        self._run_jobs()
        self.assertEqual(self._get_points(), 35)

    def test_points_pay_a_group_order_and_their_part_earns_nothing(self):
        self._give_points(100)
        campaign = self._create_campaign()
        order = self._create_cart(campaign, quantities={campaign.line_ids: 4})
        order._update_programs_and_rewards()
        card = self._get_card()
        reward = order._get_claimable_rewards()[card]
        order._apply_program_reward(reward, card)
        order._check_cart_is_ready_to_be_paid()
        self.assertEqual(order.amount_total, 30)
        self._pay(order)
        self.assertEqual(card.points, 0)
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(order)
        self._run_jobs()
        self.assertEqual(card.points, 30)

    def test_a_minimum_of_the_program_counts(self):
        self.program.rule_ids.minimum_amount = 41
        self._hand_out(self.order)
        self._run_jobs()
        self.assertFalse(self._get_points())

    def test_only_a_loyalty_program_gives_points_on_collection(self):
        with self.assertRaisesRegex(ValidationError, "no loyalty program"):
            self.coupons.groupbuy_on_collection = True

    # === EXCHANGE === #

    def _create_reward(self, points=30):
        return self.env["loyalty.reward"].create(
            {
                "program_id": self.program.id,
                "reward_type": "groupbuy_coupon",
                "groupbuy_coupon_program_id": self.coupons.id,
                "required_points": points,
            }
        )

    def test_points_are_exchanged_for_a_personal_coupon_once(self):
        self._give_points(70)
        reward = self._create_reward()
        key = uuid.uuid4().hex
        coupon = reward._groupbuy_exchange(self.resident, self.company, key)
        again = reward._groupbuy_exchange(self.resident, self.company, key)
        self.assertEqual(again, coupon)
        self.assertEqual(coupon.partner_id, self.resident)
        self.assertEqual(coupon.program_id, self.coupons)
        self.assertEqual(self._get_points(), 40)
        cart = self._create_cart(self._create_campaign(), self.neighbour)
        self.assertIn("error", cart._try_apply_code(coupon.code))

    def test_too_few_points_buy_nothing(self):
        self._give_points(29)
        reward = self._create_reward()
        with self.assertRaisesRegex(UserError, "You have 29 points"):
            reward._groupbuy_exchange(self.resident, self.company, uuid.uuid4().hex)
        self.assertEqual(self._get_points(), 29)
        self.assertFalse(
            self.env["loyalty.card"].search([("program_id", "=", self.coupons.id)])
        )

    def test_a_coupon_for_later_cannot_be_put_into_a_cart(self):
        card = self._give_points(70)
        reward = self._create_reward()
        cart = self._create_cart(self._create_campaign())
        cart._update_programs_and_rewards()
        self.assertNotIn(reward, cart._get_claimable_rewards()[card])
        self.assertIn("error", cart._apply_program_reward(reward, card))
        self.assertEqual(self._get_points(), 70)

    def test_a_reward_of_coupons_names_a_coupon_program(self):
        with self.assertRaisesRegex(ValidationError, "Choose the coupon program"):
            self.env["loyalty.reward"].create(
                {
                    "program_id": self.program.id,
                    "reward_type": "groupbuy_coupon",
                    "required_points": 5,
                }
            )

    # === EXPIRY === #

    def _run_expiry(self):
        self.env.flush_all()
        self.env.ref("groupbuy_marketing.ir_cron_expire_points").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_oldest_points_expire_and_the_newest_stay(self):
        self.program.write({"groupbuy_validity_days": 100, "groupbuy_notice_days": 0})
        self._give_points(50, days_ago=200)
        self._give_points(20, days_ago=30)
        self._run_expiry()
        self.assertEqual(self._get_points(), 20)
        self._run_expiry()
        self.assertEqual(self._get_points(), 20)
        entry = self.env["groupbuy.points.entry"].search([("kind", "=", "expiry")])
        self.assertEqual(entry.points, -50)
        self.assertEqual(self._get_card().history_ids[0].used, 50)

    def test_spent_points_are_the_oldest_ones(self):
        self.program.write({"groupbuy_validity_days": 100, "groupbuy_notice_days": 0})
        self._give_points(50, days_ago=200)
        card = self._give_points(20, days_ago=30)
        card.points -= 45
        self._run_expiry()
        self.assertEqual(card.points, 20)

    def test_a_reminder_is_sent_once_before_points_expire(self):
        self.program.write({"groupbuy_validity_days": 100, "groupbuy_notice_days": 10})
        self._give_points(50, days_ago=95)
        self._run_expiry()
        self._run_expiry()
        self.assertEqual(self._get_points(), 50)
        entry = self.env["groupbuy.points.entry"].search([("kind", "=", "reminder")])
        self.assertEqual((len(entry), entry.expiring), (1, 50))
        mail = self.env["mail.mail"].search(
            [("model", "=", "groupbuy.points.entry"), ("res_id", "=", entry.id)]
        )
        self.assertEqual(mail.recipient_ids, self.resident)
        self.assertIn("50 points", mail.body_html)

    def test_booking_does_not_cost_queries_for_each_order(self):
        campaign = self._create_campaign()
        residents = self._create_residents(8)
        orders = self.env["sale.order"].union(
            *(self._join(campaign, partner) for partner in residents)
        )
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(orders)

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._groupbuy_sync_points(
                self.company, {order: f"test/{order.id}" for order in some}
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(orders[:1])
        few, many = count(orders[1:3]), count(orders[3:])
        self.assertLessEqual(many, few + 1)
        self.assertEqual(self._get_points(residents[7]), 10)


@tagged("post_install", "-at_install")
class TestPointsOfCollected(PointsCommon):
    """An order that was collected and has earned its points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._prepare(cls._collect)

    def test_a_repeated_event_books_nothing(self):
        order = self.order
        order._groupbuy_sync_points(self.company, {order: "points/again"})
        self.env["groupbuy.job"].search(
            [("kind", "=", "points"), ("order_id", "=", order.id)]
        ).write({"state": "pending"})
        self._run_jobs()
        self.assertEqual(self._get_points(), 40)
        self.assertEqual(
            self.env["groupbuy.points.entry"].search_count(
                [("order_id", "=", order.id)]
            ),
            1,
        )

    def test_a_refund_takes_back_its_part(self):
        order = self.order
        order._groupbuy_compensate({order.order_line[0]: 15.0}, "staff", "case/test")
        self._run_jobs()
        self.assertEqual(self._get_points(), 25)
        self.assertLedgerMatches(self._get_card())

    def test_goods_that_come_back_and_are_refunded_take_all_points_back(self):
        order = self.order
        picking = order.groupbuy_picking_ids
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.write({"quantity": 4, "to_refund": True})
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        self._validate(back)
        self._run_jobs()
        self.assertEqual(self._get_points(), 0)
        self.assertLedgerMatches(self._get_card())

    def test_spent_points_are_set_off_against_what_is_earned_next(self):
        order = self.order
        card = self._get_card()
        self.env["groupbuy.points.entry"]._book(
            [
                {
                    "key": "exchange/test",
                    "kind": "exchange",
                    "card": card,
                    "company": self.company,
                    "points": -30,
                    "description": "Spent",
                }
            ]
        )
        order._groupbuy_compensate({order.order_line[0]: 20.0}, "staff", "case/test")
        self._run_jobs()
        self.assertEqual(card.points, 0, "A card is never overdrawn")
        self._collect()
        self.assertEqual(card.points, 30, "40 earned, 10 of them owed")
        self.assertLedgerMatches(card)

    def test_entries_are_facts(self):
        entry = self.env["groupbuy.points.entry"].search(
            [("order_id", "=", self.order.id)]
        )
        with self.assertRaises(UserError):
            entry.points = 1000
        with self.assertRaises(UserError):
            entry.unlink()


@tagged("post_install", "-at_install")
class TestPointsPage(PointsCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.partner = self._create_residents_with_login("Anna Miller")
        self.authenticate("anna", "anna")
        self.reward = self.env["loyalty.reward"].create(
            {
                "program_id": self.program.id,
                "reward_type": "groupbuy_coupon",
                "groupbuy_coupon_program_id": self.coupons.id,
                "required_points": 30,
            }
        )

    def test_the_page_helps_who_has_nothing_yet(self):
        page = self.url_open("/my/rewards")
        self.assertEqual(page.status_code, 200)
        self.assertIn("You have no points yet", page.text)
        self.assertIn("You are not a member yet", page.text)

    def test_the_page_shows_points_and_exchanges_them(self):
        self._give_points(70, partner=self.partner)
        page = self.url_open("/my/rewards").text
        self.assertIn("70 points", page)
        self.assertIn("5 off", page)
        data = {
            "csrf_token": http.Request.csrf_token(self),
            "reward_id": self.reward.id,
        }
        answer = self.url_open(
            "/my/rewards/exchange", data=data | {"request_key": uuid.uuid4().hex}
        )
        self.assertIn("Here is your coupon", answer.text)
        self.env.invalidate_all()
        self.assertEqual(self._get_points(self.partner), 40)

    def test_forged_requests_change_nothing(self):
        self._give_points(70, partner=self.partner)
        for data in (
            {"reward_id": "x", "request_key": uuid.uuid4().hex},
            {"reward_id": self.reward.id, "request_key": "../1"},
            {"reward_id": self.reward.id},
            {"reward_id": self.program.reward_ids[0].id, "request_key": "0" * 32},
            {"reward_id": 2**40, "request_key": "0" * 32},
        ):
            with self.subTest(data=data):
                answer = self.url_open(
                    "/my/rewards/exchange",
                    data=data | {"csrf_token": http.Request.csrf_token(self)},
                )
                self.assertIn("does not exist any more", answer.text)
        self.env.invalidate_all()
        self.assertEqual(self._get_points(self.partner), 70)

    def test_residents_have_no_rights_on_the_ledgers(self):
        with mute_logger("odoo.http"):
            for model in (
                "groupbuy.points.entry",
                "groupbuy.standing",
                "groupbuy.membership",
                "groupbuy.segment",
            ):
                answer = self.make_jsonrpc_request_raw(model)
                self.assertIn("error", answer)

    def make_jsonrpc_request_raw(self, model):
        """Return the answer of a search by RPC."""
        return self.url_open(
            "/web/dataset/call_kw",
            json={
                "jsonrpc": "2.0",
                "method": "call",
                "params": {
                    "model": model,
                    "method": "search_read",
                    "args": [[]],
                    "kwargs": {},
                },
            },
        ).json()
