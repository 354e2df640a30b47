# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCommissionRule(CommissionCommon):
    def _add_rule(self, percent, **case):
        return self.env["groupbuy.commission.rule"].create(
            {"plan_id": self.plan.id, "percent": percent, **case}
        )

    def _percent(self, **values):
        order, _line = self._confirmed(**values)
        return self._entries(order).percent

    def _create_sharer(self):
        """Return a sharer who brought the resident."""
        sharer = self.env["groupbuy.leader"].create(
            {
                "partner_id": self.third.id,
                "company_id": self.company.id,
                "kind": "koc",
            }
        )
        self.resident._groupbuy_bind(sharer, "link")
        return sharer

    def test_the_most_specific_rule_wins(self):
        vegetables = self.env["product.category"].create({"name": "Vegetables"})
        self.tomato.categ_id = vegetables
        self.assertEqual(self._percent(), 10)
        self._add_rule(11, categ_id=vegetables.id)
        self.assertEqual(self._percent(), 11)
        self._add_rule(12, product_tmpl_id=self.tomato.product_tmpl_id.id)
        self.assertEqual(self._percent(), 12)
        self._add_rule(13, tier_id=self.leader.tier_id.id)
        self.assertEqual(self._percent(), 13)
        self._add_rule(14, leader_id=self.leader.id)
        self.assertEqual(self._percent(), 14)
        self.assertEqual(self._percent(point=self.other_point), 13)

    def test_a_rule_of_a_campaign_goes_before_one_of_a_product(self):
        self._add_rule(12, product_tmpl_id=self.tomato.product_tmpl_id.id)
        campaign = self._create_campaign()
        self._add_rule(15, campaign_id=campaign.id)
        order = self._join(campaign)
        self._close(campaign)
        self.assertEqual(self._entries(order).percent, 15)

    def test_the_closest_category_wins(self):
        food = self.env["product.category"].create({"name": "Food"})
        fruit = self.env["product.category"].create(
            {"name": "Fruit", "parent_id": food.id}
        )
        self.tomato.categ_id = fruit
        self._add_rule(7, categ_id=food.id)
        self.assertEqual(self._percent(), 7)
        self._add_rule(6, categ_id=fruit.id)
        self.assertEqual(self._percent(), 6)

    def test_the_plan_of_a_leader_goes_before_the_tiers_and_the_companys(self):
        plans = self.env["groupbuy.commission.plan"].create(
            [
                {"name": name, "rule_ids": [Command.create({"percent": percent})]}
                for name, percent in (("Tier", 20), ("Leader", 30))
            ]
        )
        self.leader.tier_id.commission_plan_id = plans[0]
        self.assertEqual(self._percent(), 20)
        self.leader.plan_id = plans[1]
        self.assertEqual(self._percent(), 30)

    def test_a_sharer_earns_by_the_plan_of_sharers_beside_the_leader(self):
        sharer = self._create_sharer()
        seeded = self.env.ref("groupbuy_leader.groupbuy_commission_plan_koc")
        self.assertEqual(seeded.rule_ids.percent, 3)
        order, line = self._confirmed(3)
        self.assertRecordValues(
            self._entries(order).sorted("amount"),
            [
                {"leader_id": sharer.id, "plan_id": seeded.id, "amount": 0.9},
                {"leader_id": self.leader.id, "plan_id": self.plan.id, "amount": 3.0},
            ],
        )
        self.assertFalse(self.ledger._accrue(order))
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        self.assertLedger(order, 2.0 + 0.6)
        order.action_cancel()
        self.assertLedger(order, 0)
        self.assertEqual(len(self._entries(order)), 6)

    def test_the_commission_of_a_sharer_waits_and_is_settled_on_its_own(self):
        sharer = self._create_sharer()
        order, line = self._delivered(3)
        own = self._settle(sharer, days=60)
        self.assertEqual(own.amount, 0.9)
        # What the leader gets is still open: only the sharer owes something back.
        order._groupbuy_compensate({line: 10.0}, "staff", "case/1")
        waiting = {
            (entry.leader_id, entry.kind): entry.waiting_for
            for entry in self._entries(order)
        }
        self.assertEqual(waiting[sharer, "clawback"], "payable")
        self.assertEqual(waiting[self.leader, "clawback"], "window")
        self.assertLedger(order, 2.0 + 0.6)

    def test_fresh_food_and_daily_goods_are_seeded(self):
        self.company.groupbuy_commission_plan_id = False
        for name, percent in (("fresh", 5), ("daily", 8)):
            self.tomato.categ_id = self.env.ref(
                f"groupbuy_leader.product_category_{name}"
            )
            self.assertEqual(self._percent(), percent)

    def test_without_any_rule_nothing_is_earned_and_it_is_written_down(self):
        self.plan.rule_ids.active = False
        order, _line = self._confirmed()
        self.assertEqual(self._entries(order).mapped("amount"), [0.0])

    def test_a_rate_of_120_percent_is_refused(self):
        for vals in (
            {"percent": 120.0},
            {"percent": -1.0},
            {"amount_type": "fixed", "unit_amount": -2},
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._add_rule(**{"percent": 0, "categ_id": 1} | vals)
                self.env.flush_all()

    def test_two_rules_for_the_same_case_are_refused(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self._add_rule(11)

    def _add_brackets(self, *brackets, **vals):
        return self._add_rule(
            0,
            amount_type="bracket",
            leader_id=self.leader.id,
            bracket_ids=[
                Command.create({"lower_bound": lower, "percent": percent})
                for lower, percent in brackets
            ],
            **vals,
        )

    def test_brackets_cannot_leave_a_gap_or_overlap(self):
        with self.assertRaises(ValidationError):
            self._add_brackets((100, 5))
        with self.assertRaises(ValidationError):
            self._add_brackets()
        for wrong in (((0, 5), (0, 8)), ((0, 120),), ((0, 5), (10, -8))):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._add_brackets(*wrong)
                self.env.flush_all()

    def test_a_plan_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        plan = self.plan.copy({"company_id": other.id})
        with self.assertRaises(ValidationError):
            self.leader.plan_id = plan

    def test_amounts_of_money_need_a_plan_of_one_currency(self):
        other = self.env.ref("base.EUR")
        if other == self.currency:
            other = self.env.ref("base.USD")
        other.active = True
        self.env["res.company"].create({"name": "Abroad", "currency_id": other.id})
        shared = self.plan.copy({"company_id": False})
        for vals in (
            {"amount_type": "fixed", "unit_amount": 1},
            {
                "amount_type": "bracket",
                "bracket_ids": [
                    Command.create({"lower_bound": 0, "percent": 1}),
                    Command.create({"lower_bound": 50, "percent": 2}),
                ],
            },
        ):
            with self.assertRaisesRegex(ValidationError, "different currencies"):
                shared.rule_ids.write(vals)
            self.plan.copy().rule_ids.write(vals)

    def test_brackets_count_the_volume_of_the_period(self):
        rule = self._add_brackets((0, 5), (50, 10))
        first, _line = self._confirmed(3)
        second, _line = self._confirmed(4)
        # 30 at 5 %; then 20 at 5 % and 20 at 10 %.
        self.assertEqual(self._entries(first).amount, 1.5)
        self.assertEqual(self._entries(second).amount, 3.0)
        self.assertEqual(self._entries(second).percent, 7.5)
        counter = self.env["groupbuy.commission.volume"].search(
            [("rule_id", "=", rule.id)]
        )
        self.assertEqual(counter.volume, 70)
        # Written twice, counted once.
        self.ledger._accrue(first | second)
        self.env.invalidate_all()
        self.assertEqual(counter.volume, 70)

    def test_a_new_period_begins_with_the_lowest_bracket(self):
        rule = self._add_brackets((0, 5), (50, 10))
        self._confirmed(6)
        self.env["groupbuy.commission.volume"].search(
            [("rule_id", "=", rule.id)]
        ).date_from -= timedelta(days=7)
        second, _line = self._confirmed(3)
        self.assertEqual(self._entries(second).percent, 5)


@tagged("post_install", "-at_install")
class TestCommissionLedger(CommissionCommon):
    def test_a_commission_is_written_when_the_group_succeeds(self):
        campaign = self._create_campaign()
        order = self._join(campaign, quantities={campaign.line_ids: 3})
        self.assertFalse(self._entries(order))
        self._close(campaign)
        self.assertRecordValues(
            self._entries(order),
            [
                {
                    "kind": "accrual",
                    "leader_id": self.leader.id,
                    "base": 30.0,
                    "percent": 10.0,
                    "amount": 3.0,
                    "currency_id": self.currency.id,
                    "waiting_for": "pickup",
                }
            ],
        )
        self.assertFacts(order)

    def test_an_order_without_a_leader_earns_nothing(self):
        self.point.leader_id = False
        order, _line = self._confirmed()
        self.assertFalse(self._entries(order))

    def test_a_group_that_fails_earns_nothing(self):
        campaign = self._create_campaign(min_people=5)
        order = self._join(campaign)
        self._close(campaign)
        self.assertEqual(order.groupbuy_state, "failed")
        self.assertFalse(self._entries(order))

    def test_writing_again_changes_nothing(self):
        order, _line = self._confirmed()
        self.assertFalse(self.ledger._accrue(order))
        self.assertEqual(len(self._entries(order)), 1)

    def test_the_rate_is_frozen_at_confirmation(self):
        order, line = self._confirmed()
        self.plan.rule_ids.percent = 50
        self.plan.window_days = 30
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        self.assertLedger(order, 2.0)
        self.assertEqual(set(self._entries(order).mapped("window_days")), {7})

    def test_the_price_of_the_close_counts_and_not_that_of_joining(self):
        order, _line = self._confirmed(3, tiers=[(1, 8.0)], tier_measure="quantity")
        self.assertEqual(self._entries(order).base, 24.0)

    def test_taxes_are_no_base(self):
        tax = self.env["account.tax"].create(
            {
                "name": "Included 9%",
                "amount": 9.0,
                "price_include_override": "tax_included",
            }
        )
        self.tomato.taxes_id = tax
        order, line = self._confirmed(3)
        self.assertEqual(self._entries(order).base, line.price_subtotal)
        self.assertEqual(self._entries(order).base, 27.52)
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        self.assertLedger(order, 1.83)
        order._groupbuy_give_back({line: 2}, "staff", "case/2")
        self.assertLedger(order, 0)

    def test_a_coupon_lowers_the_base_of_every_line(self):
        campaign = self._create_campaign(
            lines=[{}, {"product": self.egg, "start_price": 20.0}]
        )
        self.env["loyalty.program"].create(
            {
                "name": "Ten off",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create({"minimum_qty": 0})],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 10,
                            "discount_mode": "per_order",
                            "discount_applicability": "order",
                        }
                    )
                ],
            }
        )
        order = self._create_cart(
            campaign,
            quantities={campaign.line_ids[0]: 1, campaign.line_ids[1]: 1},
        )
        order._update_programs_and_rewards()
        order._auto_apply_rewards()
        self.assertEqual(order.amount_total, 20)
        self._pay(order)
        self._close(campaign)
        self.assertEqual(self._entries(order).mapped("base"), [6.67, 13.33])
        self.assertLedger(order, 0.67 + 1.33)

    def test_a_coupon_for_some_goods_lowers_the_base_of_these_only(self):
        campaign = self._create_campaign(
            lines=[{}, {"product": self.egg, "start_price": 20.0}]
        )
        program = self.env["loyalty.program"].create(
            {
                "name": "Half an egg",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create({"minimum_qty": 0})],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 50,
                            "discount_mode": "percent",
                            "discount_applicability": "specific",
                            "discount_product_ids": [Command.set(self.egg.ids)],
                        }
                    )
                ],
            }
        )
        order = self._create_cart(
            campaign,
            quantities={campaign.line_ids[0]: 1, campaign.line_ids[1]: 2},
        )
        order._update_programs_and_rewards()
        order._auto_apply_rewards()
        self.assertEqual(order.amount_total, 30, program.name)
        self._pay(order)
        self._close(campaign)
        self.assertEqual(self._entries(order).mapped("base"), [10, 20])
        eggs = order.order_line.filtered(
            lambda line: line.product_id == self.egg and line.groupbuy_line_id
        )
        order._groupbuy_give_back({eggs: 1}, "staff", "case/1")
        self.assertLedger(order, 1 + 1)

    def test_store_credit_is_a_payment_and_no_discount(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Wallet",
                "program_type": "ewallet",
                "trigger": "auto",
                "applies_on": "future",
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "per_point",
                            "discount": 1,
                            "discount_applicability": "order",
                        }
                    )
                ],
            }
        )
        card = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": self.resident.id, "points": 12}
        )
        campaign = self._create_campaign()
        order = self._create_cart(campaign, quantities={campaign.line_ids: 3})
        order._apply_program_reward(program.reward_ids, card)
        self.assertEqual(order.amount_total, 18)
        self._pay(order)
        self._close(campaign)
        entry = self._entries(order)
        self.assertEqual((entry.base, entry.order_base, entry.amount), (30, 30, 3))
        line = order.order_line.filtered("groupbuy_line_id")
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        self.assertLedger(order, 2.0)
        # A part of the price costs its own commission, however it was paid.
        order._groupbuy_compensate({line: 5.0}, "staff", "case/2")
        self.assertLedger(order, 1.5)
        order._groupbuy_give_back({line: 1}, "staff", "case/3")
        self.assertLedger(order, 0.5)

    def test_a_fixed_commission_counts_units(self):
        self.plan.rule_ids.write({"amount_type": "fixed", "unit_amount": 0.35})
        order, line = self._confirmed(3)
        self.assertLedger(order, 1.05)
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        self.assertLedger(order, 0.70)

    def test_what_costs_nothing_is_taken_back_by_its_quantity(self):
        self.plan.rule_ids.write({"amount_type": "fixed", "unit_amount": 0.35})
        order, line = self._confirmed(3)
        entry = self._entries(order)
        self.env.cr.execute(
            "UPDATE groupbuy_commission_entry SET order_base = 0, base = 0"
            " WHERE id = %s",
            [entry.id],
        )
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        self.assertLedger(order, 0.70)

    def test_a_part_of_the_price_takes_back_a_part_of_the_commission(self):
        order, line = self._delivered(3)
        order._groupbuy_compensate({line: 7.0}, "staff", "case/1")
        self.assertLedger(order, 2.30)

    def test_parts_given_back_sum_to_the_cent(self):
        order, line = self._confirmed(7, start_price=5.33)
        whole = self._entries(order).amount
        for number in range(7):
            order._groupbuy_give_back({line: 1}, "staff", f"case/{number}")
            self.assertFacts(order)
        entries = self._entries(order)
        self.assertEqual(len(entries), 8)
        self.assertAlmostEqual(sum(entries.mapped("amount")), 0, 6)
        self.assertEqual(entries[0].amount, whole)

    def test_the_same_fact_takes_back_once(self):
        order, line = self._confirmed()
        for _time in range(2):
            order._groupbuy_give_back({line: 1}, "staff", "case/1")
            self.ledger._take_back(line)
        self.assertEqual(len(self._entries(order)), 2)
        self.assertLedger(order, 2.0)

    def test_a_refund_larger_than_the_sale_changes_nothing(self):
        order, line = self._confirmed()
        before = self._entries(order)
        for call, value in (
            (order._groupbuy_give_back, 4),
            (order._groupbuy_compensate, 31.0),
        ):
            with self.assertRaises(ValidationError):
                call({line: value}, "staff", "case/1")
        self.assertEqual(self._entries(order), before)
        self.assertLedger(order, 3.0)

    def test_a_cancelled_order_earns_nothing(self):
        order, line = self._confirmed()
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        order.action_cancel()
        self.assertLedger(order, 0)
        self.assertEqual(
            self._entries(order).mapped("kind"), ["accrual", "clawback", "clawback"]
        )

    def test_an_order_in_another_currency_earns_in_the_companys(self):
        other = self.env.ref("base.EUR")
        if other == self.currency:
            other = self.env.ref("base.USD")
        other.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": other.id,
                "company_id": self.company.id,
                "name": fields.Date.today() - timedelta(days=1),
                "rate": 0.5,
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": other.id}
        )
        campaign = self._create_campaign()
        order = self._create_cart(campaign, quantities={campaign.line_ids: 3})
        order.pricelist_id = pricelist
        order._recompute_prices()
        self.assertEqual(order.currency_id, other)
        self.assertEqual(order.amount_total, 15)
        self._pay(order)
        self._close(campaign)
        entry = self._entries(order)
        self.assertEqual(entry.currency_id, self.currency)
        self.assertEqual((entry.order_base, entry.base, entry.amount), (15, 30, 3))
        order._groupbuy_give_back(
            {order.order_line.filtered("groupbuy_line_id"): 1}, "staff", "case/1"
        )
        self.assertLedger(order, 2.0)

    def test_the_ledger_is_only_added_to(self):
        order, _line = self._confirmed()
        entry = self._entries(order)
        for change in (
            lambda: entry.write({"amount": 1000}),
            lambda: entry.write({"settlement_id": False}),
            lambda: entry.unlink(),
            lambda: entry.copy(),
            lambda: self.ledger.create({"leader_id": self.leader.id, "amount": 9}),
        ):
            with self.assertRaises(UserError):
                change()
        self.assertEqual(self._entries(order).amount, 3.0)

    def test_a_bonus_is_granted_once(self):
        for _time in range(2):
            entry = self.leader._grant_bonus(20.0, "invitation/7", "Invited Zhao Lei")
        self.assertEqual((entry.kind, entry.amount), ("bonus", 20.0))
        self.assertEqual(len(self._entries(kind="bonus")), 1)
        self.assertEqual(entry.waiting_for, "payable")

    def test_a_bonus_without_amount_or_reason_is_refused(self):
        for amount, note in ((0, "x"), (-5, "x"), (5, " ")):
            with self.assertRaises(UserError):
                self.leader._grant_bonus(amount, "invitation/7", note)

    def test_entries_of_many_orders_take_as_many_queries_as_of_one(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        residents = self._create_residents(12)
        quantities = dict.fromkeys(campaign.line_ids, 2)
        orders = self.env["sale.order"].union(
            *(self._join(campaign, rec, quantities) for rec in residents)
        )
        self._close(campaign)
        counts = []
        for part in (orders[:1], orders[1:]):
            self.env.cr.execute(
                "DELETE FROM groupbuy_commission_entry WHERE order_id = ANY(%s)",
                [part.ids],
            )
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self.ledger._accrue(part)), 2 * len(part))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestCommissionWaiting(CommissionCommon):
    def _waiting(self, order):
        self.env.flush_all()
        return self._entries(order).mapped("waiting_for")

    def test_it_waits_for_the_pickup_and_then_for_the_window(self):
        order, _line = self._confirmed()
        self.assertEqual(self._waiting(order), ["pickup"])
        self._receive(order.groupbuy_campaign_id)
        self.assertEqual(self._waiting(order), ["pickup"])
        self._hand_out(order)
        self.assertEqual(self._waiting(order), ["window"])
        moved = order.order_line.move_ids.filtered(lambda move: move.state == "done")
        moved.write({"date": fields.Datetime.now() - timedelta(days=8)})
        self.assertEqual(self._waiting(order), ["payable"])

    def test_the_window_begins_with_the_last_part_handed_out(self):
        order, _line = self._confirmed(3)
        self._receive(order.groupbuy_campaign_id)
        picking = order.groupbuy_picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True)._action_done()
        self.assertEqual(self._waiting(order), ["pickup"])

    def test_goods_of_which_a_part_was_given_back_wait_for_the_rest_only(self):
        order, line = self._confirmed(3)
        self._receive(order.groupbuy_campaign_id)
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        self._hand_out(order)
        self.assertEqual(set(self._waiting(order)), {"window"})

    def test_what_was_given_back_entirely_waits_for_nothing(self):
        order, line = self._confirmed(3)
        order._groupbuy_give_back({line: 3}, "staff", "case/1")
        self.assertEqual(set(self._waiting(order)), {"payable"})

    def test_goods_about_which_something_is_open_wait(self):
        order, line = self._delivered(3)
        self.patch(
            type(self.env["sale.order.line"]),
            "_groupbuy_query_disputed",
            lambda records: SQL("SELECT %s::integer", line.id),
        )
        self.assertEqual(self._waiting(order), ["case"])
        self.assertFalse(self._settle())

    def test_home_delivery_counts_as_pickup_when_it_is_done(self):
        order, line = self._delivered(1)
        self.assertTrue(line.move_ids)
        order.write({"groupbuy_point_id": False})
        self.assertEqual(self._waiting(order), ["window"])


@tagged("post_install", "-at_install")
class TestCommissionAdjustment(CommissionCommon):
    def _adjust(self, amount, user=None):
        return (
            self.env["groupbuy.commission.adjustment"]
            .with_user(user or self.finance)
            .create(
                {
                    "leader_id": self.leader.id,
                    "amount": amount,
                    "reason": "Lost a crate",
                }
            )
        )

    def test_a_small_one_is_booked_at_once(self):
        adjustment = self._adjust(-100)
        adjustment.action_submit()
        self.assertEqual(adjustment.state, "done")
        self.assertRecordValues(
            adjustment.sudo().entry_id,
            [{"kind": "adjustment", "amount": -100, "note": "Lost a crate"}],
        )

    def test_a_large_one_needs_a_second_person(self):
        adjustment = self._adjust(-100.01, self.approver)
        adjustment.action_submit()
        self.assertEqual(adjustment.state, "to_approve")
        self.assertFalse(self._entries(kind="adjustment"))
        with self.assertRaises(UserError):
            adjustment.with_user(self.approver).action_approve()
        with self.assertRaises(AccessError):
            adjustment.with_user(self.finance).action_approve()
        adjustment.with_user(self.other_approver).action_approve()
        self.assertEqual(self._entries(kind="adjustment").amount, -100.01)
        with self.assertRaises(UserError):
            adjustment.with_user(self.other_approver).action_approve()
        self.assertEqual(len(self._entries(kind="adjustment")), 1)

    def test_a_refused_one_changes_nothing(self):
        adjustment = self._adjust(500)
        adjustment.action_submit()
        adjustment.with_user(self.approver).action_refuse()
        self.assertEqual(adjustment.state, "refused")
        self.assertFalse(self._entries(kind="adjustment"))

    def test_a_forged_status_is_refused(self):
        adjustment = self._adjust(500)
        for vals in (
            {"state": "done"},
            {"requested_by_id": self.approver.id},
        ):
            with self.assertRaises(AccessError):
                adjustment.write(vals)
        adjustment.action_submit()
        with self.assertRaises(AccessError):
            adjustment.write({"amount": 5000})
        forged = (
            self.env["groupbuy.commission.adjustment"]
            .with_user(self.finance)
            .create(
                {
                    "leader_id": self.leader.id,
                    "amount": 500,
                    "reason": "x",
                    "state": "to_approve",
                    "requested_by_id": self.manager.id,
                }
            )
        )
        self.assertEqual((forged.state, forged.requested_by_id.id), ("draft", False))

    def test_an_adjustment_of_nothing_is_refused(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self._adjust(0)

    def test_an_adjustment_without_a_reason_is_refused(self):
        vals = {"leader_id": self.leader.id, "amount": 5}
        for reason in ("", "   "):
            with self.assertRaisesRegex(ValidationError, "Say why"):
                self.env["groupbuy.commission.adjustment"].create(
                    {**vals, "reason": reason}
                )
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.env["groupbuy.commission.adjustment"].create(vals)
        self.assertFalse(self._entries(kind="adjustment"))

    def test_only_a_draft_can_be_deleted(self):
        adjustment = self._adjust(5)
        adjustment.action_submit()
        with self.assertRaises(UserError):
            adjustment.unlink()

    def test_staff_of_campaigns_cannot_adjust(self):
        user = new_test_user(
            self.env, login="gb", groups="community_groupbuy.group_groupbuy_manager"
        )
        with self.assertRaises(AccessError):
            self._adjust(5, user)
