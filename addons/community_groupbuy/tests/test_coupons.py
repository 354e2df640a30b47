# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestCoupons(GroupBuyCommon):
    """Coupons and wallets on group orders: whose they are, and what goes back."""

    def _create_program(self, reward=None, **values):
        """Return a program of coupons, ten percent off by default."""
        return self.env["loyalty.program"].create(
            {
                "name": "Ten percent",
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "company_id": self.company.id,
                "rule_ids": [Command.clear(), Command.create({"minimum_amount": 0})],
                "reward_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 10,
                            "discount_mode": "percent",
                            "discount_applicability": "order",
                            "required_points": 1,
                            **(reward or {}),
                        }
                    ),
                ],
                **values,
            }
        )

    def _create_card(self, program, partner=None, points=1):
        return self.env["loyalty.card"].create(
            {
                "program_id": program.id,
                "partner_id": partner.id if partner else False,
                "points": points,
            }
        )

    def _apply(self, order, card):
        """Apply a code to a cart as the shop's page does."""
        status = order._try_apply_code(card.code)
        self.assertNotIn("error", status)
        for coupon, rewards in status.items():
            for reward in rewards:
                self.assertFalse(order._apply_program_reward(reward, coupon))
        order._update_programs_and_rewards()

    def _join_with(self, campaign, card, partner=None, quantities=None, **kwargs):
        order = self._create_cart(campaign, partner, quantities)
        self._apply(order, card)
        order._check_cart_is_ready_to_be_paid()
        self._pay(order, **kwargs)
        self.assertEqual(order.groupbuy_state, "waiting")
        return order

    def assertSettled(self, order, charged, refunded, invoiced):
        """Invoice an order, and assert each figure to the cent, and nothing owed."""
        order._groupbuy_invoice()
        self._run_jobs()
        self.assertEqual(
            (
                order.groupbuy_amount_charged,
                order.groupbuy_amount_refunded,
                order.groupbuy_amount_invoiced,
                order.groupbuy_amount_owed,
            ),
            (charged, refunded, invoiced, 0.0),
        )
        self.assertGreaterEqual(order.amount_total, 0)
        row = self.env["groupbuy.reconciliation"].browse(order.id)
        self.assertEqual(row.unexplained, 0.0)
        self.assertEqual(row.amount_booked, charged - refunded)

    # === WHOSE IT IS === #

    def test_a_coupon_of_somebody_else_is_refused_and_changes_nothing(self):
        card = self._create_card(self._create_program(), self.neighbour)
        order = self._create_cart(self._create_campaign())
        status = order._try_apply_code(card.code)
        self.assertIn("reserved for somebody else", status["error"])
        self.assertFalse(order.applied_coupon_ids)
        self.assertEqual(order.amount_total, 10.0)

    def test_it_is_refused_in_the_ordinary_shop_as_well(self):
        card = self._create_card(self._create_program(), self.neighbour)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.resident.id,
                "order_line": [Command.create({"product_id": self.tomato.id})],
            }
        )
        self.assertIn("somebody else", order._try_apply_code(card.code)["error"])
        card.partner_id = self.resident
        self.assertNotIn("error", order._try_apply_code(card.code))

    def test_an_anonymous_visitor_is_asked_to_sign_in(self):
        card = self._create_card(self._create_program(), self.neighbour)
        order = self._create_cart(self._create_campaign(), self.website.partner_id)
        self.assertIn("sign in", order._try_apply_code(card.code)["error"])

    def test_a_coupon_is_not_paid_with_after_it_became_somebody_elses(self):
        card = self._create_card(self._create_program())
        order = self._create_cart(self._create_campaign())
        self._apply(order, card)
        card.partner_id = self.neighbour
        with self.assertRaisesRegex(ValidationError, "somebody else"):
            order._check_cart_is_ready_to_be_paid()

    def test_a_coupon_that_is_for_everybody_is_accepted(self):
        order = self._create_cart(self._create_campaign())
        self._apply(order, self._create_card(self._create_program()))
        self.assertEqual(order.amount_total, 9.0)

    # === ONE COUPON, ONE ORDER === #

    def test_a_coupon_of_a_waiting_order_cannot_pay_a_second_one(self):
        campaign = self._create_campaign()
        card = self._create_card(self._create_program())
        second = self._create_cart(campaign, self.neighbour)
        self._apply(second, card)
        self._join_with(campaign, card)
        self.assertEqual(card.points, 0)
        with self.assertRaisesRegex(ValidationError, "used already"):
            second._check_cart_is_ready_to_be_paid()
        third = self._create_cart(campaign, self.third)
        self.assertIn("already been used", third._try_apply_code(card.code)["error"])

    def test_a_payment_with_a_coupon_that_was_used_meanwhile_goes_back(self):
        campaign = self._create_campaign(lines=[{"cap": 9}])
        card = self._create_card(self._create_program())
        second = self._create_cart(campaign, self.neighbour)
        self._apply(second, card)
        tx = self._pay(second, post_process=False)
        first = self._join_with(campaign, card)
        tx._post_process()
        self.assertEqual(second.groupbuy_failure, "coupon")
        self.assertEqual(first.groupbuy_state, "waiting")
        self._run_jobs()
        self.assertEqual(second.groupbuy_amount_refunded, 9.0)
        self.assertEqual(card.points, 0)
        self.assertEqual(campaign.line_ids.taken_quantity, 1)
        self.assertQuotaMatchesHolds(campaign)

    def test_free_products_are_not_offered_in_a_campaign(self):
        program = self._create_program(
            {
                "reward_type": "product",
                "reward_product_id": self.egg.id,
                "reward_product_qty": 1,
            }
        )
        order = self._create_cart(self._create_campaign())
        self.assertFalse(order._try_apply_code(self._create_card(program).code))

    # === SUCCESS === #

    def test_a_percentage_follows_the_price_that_fell(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        card = self._create_card(self._create_program())
        order = self._join_with(campaign, card, quantities={campaign.line_ids: 3})
        self._join(campaign, self.neighbour)
        self._close(campaign)
        self.assertEqual(order.amount_total, 21.6)
        self.assertSettled(order, charged=27.0, refunded=5.4, invoiced=21.6)
        self.assertEqual(card.points, 0)
        self.assertEqual(card.history_ids.used, 1)

    def test_an_authorised_payment_is_captured_less_the_coupon(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        card = self._create_card(self._create_program())
        order = self._join_with(campaign, card, state="authorized")
        self._join(campaign, self.neighbour, state="authorized")
        self._close(campaign)
        self.assertSettled(order, charged=7.2, refunded=0.0, invoiced=7.2)

    def test_a_voucher_keeps_its_value_when_the_price_falls_below_its_minimum(self):
        program = self._create_program(
            {"discount": 5, "discount_mode": "per_order"},
            rule_ids=[Command.clear(), Command.create({"minimum_amount": 30})],
        )
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        card = self._create_card(program)
        order = self._join_with(campaign, card, quantities={campaign.line_ids: 3})
        self._join(campaign, self.neighbour)
        self._close(campaign)
        self.assertSettled(order, charged=25.0, refunded=6.0, invoiced=19.0)

    def test_a_coupon_that_expires_before_the_close_stays_granted(self):
        campaign = self._create_campaign()
        card = self._create_card(self._create_program())
        order = self._join_with(campaign, card)
        card.expiration_date = "2020-01-01"
        card.program_id.active = False
        self._close(campaign)
        self.assertEqual(order.state, "sale")
        self.assertSettled(order, charged=9.0, refunded=0.0, invoiced=9.0)

    def test_a_dropped_line_gives_back_what_was_paid_for_it(self):
        campaign = self._create_campaign(
            lines=[{}, {"product": self.egg, "start_price": 20.0, "min_quantity": 5}]
        )
        tomato, egg = campaign.line_ids
        program = self._create_program({"discount": 15, "discount_mode": "per_order"})
        order = self._join_with(
            campaign, self._create_card(program), quantities={tomato: 1, egg: 1}
        )
        self.assertEqual(order.amount_total, 15.0)
        self._close(campaign)
        # Fifteen off thirty: half of each. The total would be below zero otherwise.
        self.assertSettled(order, charged=15.0, refunded=10.0, invoiced=5.0)

    def test_a_discount_on_one_product_does_not_suffer_from_another(self):
        campaign = self._create_campaign(
            lines=[{}, {"product": self.egg, "start_price": 20.0, "min_quantity": 5}]
        )
        tomato, egg = campaign.line_ids
        program = self._create_program(
            {
                "discount": 50,
                "discount_applicability": "specific",
                "discount_product_ids": [Command.set(self.tomato.ids)],
            }
        )
        order = self._join_with(
            campaign, self._create_card(program), quantities={tomato: 1, egg: 1}
        )
        self._close(campaign)
        self.assertSettled(order, charged=25.0, refunded=20.0, invoiced=5.0)

    def test_a_voucher_never_makes_a_total_negative(self):
        # Costs nothing: a voucher that is worth more than its order is below cost
        # else, which another addon may refuse.
        herbs = self._create_product("Herbs", cost=0.0)
        campaign = self._create_campaign(
            lines=[{"product": herbs, "tiers": [(2, 5.0)], "tier_measure": "people"}]
        )
        program = self._create_program({"discount": 8, "discount_mode": "per_order"})
        order = self._join_with(campaign, self._create_card(program))
        self._join(campaign, self.neighbour)
        self._close(campaign)
        self.assertEqual(order.amount_total, 0.0)
        self.assertSettled(order, charged=2.0, refunded=2.0, invoiced=0.0)

    def test_discounts_of_two_tax_rates_keep_their_taxes(self):
        taxes = self.env["account.tax"].create(
            [
                {
                    "name": f"VAT {rate}",
                    "amount": rate,
                    "price_include_override": "tax_included",
                    "company_id": self.company.id,
                }
                for rate in (13, 9)
            ]
        )
        self.tomato.taxes_id = taxes[0]
        self.egg.taxes_id = taxes[1]
        campaign = self._create_campaign(
            lines=[{}, {"product": self.egg, "start_price": 20.0, "min_quantity": 5}]
        )
        tomato, egg = campaign.line_ids
        order = self._join_with(
            campaign,
            self._create_card(self._create_program()),
            quantities={tomato: 3, egg: 1},
        )
        self.assertEqual(order.amount_total, 45.0)
        self._close(campaign)
        self.assertSettled(order, charged=45.0, refunded=18.0, invoiced=27.0)
        lines = order.invoice_ids.line_ids.filtered("tax_line_id")
        self.assertEqual(lines.tax_line_id, taxes[0])
        self.assertAlmostEqual(abs(sum(lines.mapped("balance"))), 3.11, 2)

    # === FAILURE AND CANCELLATION === #

    def test_a_failed_group_gives_money_and_coupon_back(self):
        campaign = self._create_campaign(min_people=5)
        card = self._create_card(self._create_program())
        order = self._join_with(campaign, card)
        self.assertEqual(card.points, 0)
        self._close(campaign)
        self.assertEqual(order.groupbuy_state, "failed")
        self.assertEqual(order.groupbuy_amount_charged, 9.0)
        self.assertEqual(order.groupbuy_amount_refunded, 9.0)
        self.assertEqual(card.points, 1)
        again = self._create_cart(self._create_campaign(name="Again"))
        self._apply(again, card)
        self.assertEqual(again.amount_total, 9.0)

    def test_a_resident_who_cancels_gets_the_coupon_back_once(self):
        card = self._create_card(self._create_program())
        order = self._join_with(self._create_campaign(), card)
        order._groupbuy_cancel_by_resident()
        order._groupbuy_fail("staff")
        self._run_jobs()
        self.assertEqual(card.points, 1)
        self.assertEqual(order.groupbuy_amount_refunded, 9.0)

    def test_an_order_cancelled_after_the_close_gives_the_coupon_back_once(self):
        campaign = self._create_campaign()
        card = self._create_card(self._create_program())
        order = self._join_with(campaign, card)
        self._close(campaign)
        self.assertEqual(card.points, 0)
        order.action_cancel()
        self._run_jobs()
        self.assertEqual(card.points, 1)
        self.assertEqual(order.groupbuy_amount_refunded, 9.0)

    def test_a_reduced_order_keeps_its_share_of_the_coupon(self):
        campaign = self._create_campaign()
        program = self._create_program({"discount": 10, "discount_mode": "per_order"})
        order = self._join_with(
            campaign, self._create_card(program), quantities={campaign.line_ids: 5}
        )
        line = order.order_line.filtered("groupbuy_line_id")
        order._groupbuy_reduce({line.id: 2})
        self.assertEqual(order.amount_total, 16.0)
        order._groupbuy_reduce({line.id: 1})
        self.assertEqual(order.amount_total, 8.0)
        self._close(campaign)
        self.assertSettled(order, charged=40.0, refunded=32.0, invoiced=8.0)

    # === WALLETS AND POINTS === #

    def _create_wallet(self, points):
        return self._create_card(self._create_wallet_program(), self.resident, points)

    def _pay_from(self, order, card):
        order._update_programs_and_rewards()
        order._apply_program_reward(card.program_id.reward_ids, card)
        order._update_programs_and_rewards()

    def test_a_wallet_gets_back_its_share_of_a_dropped_line(self):
        campaign = self._create_campaign(
            lines=[{}, {"product": self.egg, "start_price": 20.0, "min_quantity": 5}]
        )
        tomato, egg = campaign.line_ids
        card = self._create_wallet(15)
        order = self._create_cart(campaign, quantities={tomato: 1, egg: 1})
        self._pay_from(order, card)
        self.assertEqual(order.amount_total, 15.0)
        self._pay(order)
        self.assertEqual(card.points, 0)
        self._close(campaign)
        self.assertSettled(order, charged=15.0, refunded=10.0, invoiced=5.0)
        self.assertEqual(card.points, 10)

    def test_an_order_paid_by_the_wallet_alone_joins_and_fails_without_loss(self):
        campaign = self._create_campaign(min_people=3)
        card = self._create_wallet(25)
        order = self._create_cart(campaign)
        self._pay_from(order, card)
        self.assertEqual(order.amount_total, 0.0)
        order._validate_order()
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertEqual(card.points, 15)
        self._close(campaign)
        self.assertEqual(order.groupbuy_state, "failed")
        self.assertEqual(card.points, 25)
        self.assertFalse(order.groupbuy_amount_charged)

    def test_points_are_earned_on_what_the_order_costs_in_the_end(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "A point for each yuan",
                "program_type": "loyalty",
                "trigger": "auto",
                "applies_on": "both",
                "company_id": self.company.id,
                "rule_ids": [
                    Command.create(
                        {"reward_point_mode": "money", "reward_point_amount": 1}
                    )
                ],
                "reward_ids": [Command.create({"required_points": 999})],
            }
        )
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        order = self._create_cart(campaign)
        order._update_programs_and_rewards()
        self._pay(order)
        card = program.coupon_ids.filtered(
            lambda card: card.partner_id == self.resident
        )
        self.assertEqual(card.points, 0)
        self._join(campaign, self.neighbour)
        self._close(campaign)
        self.assertEqual(card.points, 8)

    # === WHAT IS GIVEN BACK AFTER THE CLOSE === #

    def test_a_coupon_for_one_product_takes_nothing_from_another_that_comes_back(self):
        campaign = self._create_campaign(
            lines=[{}, {"product": self.egg, "start_price": 20.0}]
        )
        tomato, egg = campaign.line_ids
        program = self._create_program(
            {
                "discount": 50,
                "discount_applicability": "specific",
                "discount_product_ids": [Command.set(self.tomato.ids)],
            }
        )
        order = self._join_with(
            campaign, self._create_card(program), quantities={tomato: 1, egg: 2}
        )
        self.assertEqual(order.amount_total, 45.0)
        self._close(campaign)
        goods = {line.product_id: line for line in order.order_line}
        facts = order._groupbuy_give_back({goods[self.egg]: 1}, "staff", "test/egg")
        self.assertEqual(facts.amount, 20.0)
        facts = order._groupbuy_give_back(
            {goods[self.tomato]: 1}, "staff", "test/tomato"
        )
        self.assertEqual(facts.amount, 5.0, "half of it was paid by the coupon")
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 25.0)
        self.assertMoneyReconciles(order)

    def test_a_coupon_of_untaxed_goods_takes_nothing_from_taxed_ones(self):
        self.egg.taxes_id = self.env["account.tax"].create(
            {
                "name": "VAT 9",
                "amount": 9,
                "price_include_override": "tax_included",
                "company_id": self.company.id,
            }
        )
        campaign = self._create_campaign(
            lines=[{}, {"product": self.egg, "start_price": 20.0}]
        )
        tomato, egg = campaign.line_ids
        order = self._join_with(
            campaign,
            self._create_card(self._create_program()),
            quantities={tomato: 1, egg: 1},
        )
        self.assertEqual(order.amount_total, 27.0)
        self._close(campaign)
        goods = {
            line.product_id: line
            for line in order.order_line.filtered("groupbuy_line_id")
        }
        facts = order._groupbuy_give_back({goods[self.egg]: 1}, "staff", "test/egg")
        self.assertEqual(facts.amount, 18.0)
        facts = order._groupbuy_give_back(
            {goods[self.tomato]: 1}, "staff", "test/tomato"
        )
        self.assertEqual(facts.amount, 9.0)
        self._run_jobs()
        self.assertMoneyReconciles(order)

    def test_an_order_of_which_a_part_came_back_can_be_cancelled(self):
        campaign = self._create_campaign()
        card = self._create_card(self._create_program())
        order = self._join_with(campaign, card, quantities={campaign.line_ids: 2})
        self._close(campaign)
        line = order.order_line.filtered("groupbuy_line_id")
        order._groupbuy_give_back({line: 1}, "staff", "test/1")
        order.action_cancel()
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 18.0)
        self.assertEqual(card.points, 1)
        self.assertMoneyReconciles(order)

    def test_no_more_is_granted_for_goods_than_was_paid_for_them(self):
        campaign = self._create_campaign()
        order = self._join_with(
            campaign,
            self._create_card(self._create_program()),
            quantities={campaign.line_ids: 2},
        )
        self._close(campaign)
        line = order.order_line.filtered("groupbuy_line_id")
        with self.assertRaises(ValidationError):
            order._groupbuy_compensate({line: 18.01}, "staff", "test/1")
        order._groupbuy_compensate({line: 18.0}, "staff", "test/1")
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 18.0)
        self.assertEqual(order.amount_total, 0.0)

    def test_a_wallet_gets_its_share_of_what_comes_back_after_the_close(self):
        campaign = self._create_campaign()
        card = self._create_wallet(15)
        order = self._create_cart(campaign, quantities={campaign.line_ids: 3})
        self._pay_from(order, card)
        self.assertEqual(order.amount_total, 15.0)
        order._check_cart_is_ready_to_be_paid()
        self._pay(order)
        self._close(campaign)
        self.assertEqual(card.points, 0.0)
        line = order.order_line.filtered("groupbuy_line_id")
        order._groupbuy_give_back({line: 1}, "staff", "test/1")
        self._run_jobs()
        self.assertEqual(card.points, 5.0)
        self.assertEqual(order.groupbuy_amount_refunded, 5.0)
        self.assertEqual(order.amount_total, 10.0)
