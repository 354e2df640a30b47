# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_coupons import CouponCommon


@tagged("post_install", "-at_install")
class TestCouponConditions(CouponCommon):
    """For whom an offer is."""

    def assertRefused(self, order, code, text):
        before = order.amount_total
        self.assertIn(text, self._apply(order, code))
        self.assertEqual(order.amount_total, before)
        self.assertFalse(order.order_line.reward_id)
        self.assertFalse(order.applied_coupon_ids)

    def test_a_coupon_of_a_community_is_for_its_residents_only(self):
        other = self.env["groupbuy.community"].create(
            {"name": "Lake View", "company_id": self.company.id}
        )
        program = self._create_program(groupbuy_community_ids=[Command.set(other.ids)])
        card = self._create_card(program)
        order = self._create_cart(self._create_campaign())
        self.assertRefused(order, card.code, "residents of Lake View")
        self.resident.groupbuy_community_id = other
        self.assertEqual(self._apply(order, card.code), "")
        self.assertEqual(order.amount_total, 9.0)

    def test_an_archived_condition_opens_an_offer_to_nobody(self):
        other = self.env["groupbuy.community"].create(
            {"name": "Lake View", "company_id": self.company.id}
        )
        card = self._create_card(
            self._create_program(groupbuy_community_ids=[Command.set(other.ids)])
        )
        other.active = False
        order = self._create_cart(self._create_campaign())
        self.assertRefused(order, card.code, "residents of Lake View")

    def test_a_coupon_of_a_campaign_works_in_no_other(self):
        wanted = self._create_campaign(name="Autumn")
        program = self._create_program(groupbuy_campaign_ids=[Command.set(wanted.ids)])
        card = self._create_card(program)
        order = self._create_cart(self._create_campaign(name="Winter"))
        self.assertRefused(order, card.code, "Autumn")
        self.assertEqual(self._apply(self._create_cart(wanted), card.code), "")

    def test_a_coupon_of_a_leaders_group_follows_the_pickup_point(self):
        program = self._create_program(groupbuy_point_ids=[Command.set(self.point.ids)])
        card = self._create_card(program)
        order = self._create_cart(self._create_campaign(), point=self.other_point)
        self.assertRefused(order, card.code, "North Gate")
        order._groupbuy_assign_group(self.point)
        self.assertEqual(self._apply(order, card.code), "")
        # Who then changes the point loses it, at the latest right before the payment.
        order._groupbuy_assign_group(self.other_point)
        with self.assertRaisesRegex(ValidationError, "North Gate"):
            order._check_cart_is_ready_to_be_paid()
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 10.0)

    def test_before_a_point_is_chosen_the_coupon_is_accepted(self):
        program = self._create_program(groupbuy_point_ids=[Command.set(self.point.ids)])
        order = self._create_cart(self._create_campaign())
        order._groupbuy_assign_group(self.env["groupbuy.pickup.point"])
        self.assertEqual(self._apply(order, self._create_card(program).code), "")

    def test_an_offer_for_group_buys_is_refused_in_the_shop(self):
        card = self._create_card(self._create_program(groupbuy_orders_only=True))
        order = self.env["sale.order"].create(
            {
                "partner_id": self.resident.id,
                "order_line": [Command.create({"product_id": self.tomato.id})],
            }
        )
        self.assertRefused(order, card.code, "for group buys")

    def test_a_first_order_offer_is_for_the_first_order(self):
        self._create_code("HELLO", groupbuy_first_order=True)
        campaign = self._create_campaign()
        order = self._join_with(campaign, "HELLO")
        self.assertEqual(order.groupbuy_state, "waiting")
        second = self._create_cart(campaign)
        self.assertRefused(second, "HELLO", "first group order")
        self.assertEqual(
            self._apply(self._create_cart(campaign, self.neighbour), "HELLO"), ""
        )

    def test_of_two_carts_with_first_order_offers_one_joins(self):
        self._create_code("HELLO", groupbuy_first_order=True)
        self._create_code("WELCOME", groupbuy_first_order=True)
        campaign = self._create_campaign()
        carts = [self._create_cart(campaign) for _number in range(2)]
        for cart, code in zip(carts, ("HELLO", "WELCOME"), strict=True):
            self.assertEqual(self._apply(cart, code), "")
        payments = [self._pay(cart, post_process=False) for cart in carts]
        for payment in payments:
            payment._post_process()
        self.assertEqual(carts[0].groupbuy_state, "waiting")
        self.assertEqual(carts[1].groupbuy_failure, "coupon")
        self._run_jobs()
        self.assertEqual(carts[1].groupbuy_amount_refunded, 9.0)
        self.assertEqual(campaign.line_ids.taken_quantity, 1)

    def test_a_first_order_that_failed_does_not_count(self):
        self._create_code("HELLO", groupbuy_first_order=True)
        campaign = self._create_campaign()
        self._join_with(campaign, "HELLO")._groupbuy_cancel_by_resident()
        self._run_jobs()
        order = self._join_with(campaign, "HELLO")
        self.assertEqual(order.groupbuy_state, "waiting")

    def test_the_limit_of_a_resident_is_kept(self):
        self._create_code("TWICE", groupbuy_resident_limit=2)
        campaign = self._create_campaign()
        for _number in range(2):
            self._join_with(campaign, "TWICE")
        self.assertRefused(self._create_cart(campaign), "TWICE", "as often as")
        self._join_with(campaign, "TWICE", self.neighbour)

    def test_a_limited_offer_is_used_as_often_as_it_says(self):
        self._create_code("FEW", limit_usage=True, max_usage=2)
        campaign = self._create_campaign()
        residents = self.resident | self.neighbour | self.third
        # Odoo counts carts, too: the third code is typed before the limit is set.
        program = self.env["loyalty.program"].search([("name", "=", "FEW")])
        program.max_usage = 9
        carts = [self._create_cart(campaign, partner) for partner in residents]
        for cart in carts:
            self.assertEqual(self._apply(cart, "FEW"), "")
        program.max_usage = 2
        for cart in carts:
            self._pay(cart)
        self.assertEqual(
            [cart.groupbuy_state for cart in carts], ["waiting", "waiting", "failed"]
        )
        self.assertEqual(carts[2].groupbuy_failure, "coupon")
        self.assertEqual(program.groupbuy_used_count, 2)
        carts[0]._groupbuy_cancel_by_resident()
        self._run_jobs()
        program.invalidate_recordset(["groupbuy_used_count"])
        self.assertEqual(program.groupbuy_used_count, 1)

    def test_a_registration_that_is_repeated_claims_once(self):
        self._create_code("FEW", limit_usage=True, max_usage=5)
        order = self._join_with(self._create_campaign(), "FEW")
        programs = order._get_reward_programs()
        self.assertTrue(order._groupbuy_claim_coupons())
        self.assertEqual(programs.groupbuy_used_count, 1)
        counter = self.env["groupbuy.coupon.counter"].search(
            [("program_id", "=", programs.id)]
        )
        self.assertEqual(counter.used, 1)

    def test_a_sold_out_order_gives_the_use_back(self):
        program = self._create_code("FEW", limit_usage=True, max_usage=5)
        campaign = self._create_campaign(lines=[{"cap": 1}])
        order = self._create_cart(campaign)
        self.assertEqual(self._apply(order, "FEW"), "")
        payment = self._pay(order, post_process=False)
        self.env["groupbuy.hold"]._release_for_orders(order.ids, state="expired")
        self._join(campaign, self.neighbour)
        payment._post_process()
        self.assertEqual(order.groupbuy_failure, "sold_out")
        self.assertEqual(program.groupbuy_used_count, 0)

    def test_conditions_cost_no_queries_for_each_program(self):
        def count(programs):
            order = self._create_cart(self._create_campaign())
            self.env.flush_all()
            self.env.invalidate_all()
            order._groupbuy_get_program_refusals(programs)
            start = self.env.cr.sql_log_count
            self.env.invalidate_all()
            order._groupbuy_get_program_refusals(programs)
            return self.env.cr.sql_log_count - start

        programs = self.env["loyalty.program"]
        for number in range(8):
            programs |= self._create_code(
                f"N{number}", groupbuy_first_order=True, groupbuy_resident_limit=3
            )
        self.assertEqual(count(programs), count(programs[:2]))


@tagged("post_install", "-at_install")
class TestCouponStacking(CouponCommon):
    """What goes together, in which order, and never below cost."""

    def _add_promotions(self, order):
        """Let the shop put automatic promotions into a cart, as its pages do."""
        order._update_programs_and_rewards()
        order._auto_apply_rewards()
        order._update_programs_and_rewards()

    def test_of_two_amounts_off_the_better_one_is_taken(self):
        self._create_promotion(5, 30)
        self._create_promotion(12, 50)
        campaign = self._create_campaign()
        order = self._create_cart(campaign, quantities={campaign.line_ids: 6})
        self._add_promotions(order)
        self.assertEqual(order.amount_total, 48.0)

    def test_amounts_off_that_combine_are_both_taken(self):
        self._create_promotion(5, 30, groupbuy_combining="all")
        self._create_promotion(6, 40, groupbuy_combining="all")
        campaign = self._create_campaign()
        order = self._create_cart(campaign, quantities={campaign.line_ids: 6})
        self._add_promotions(order)
        self.assertEqual(order.amount_total, 49.0)

    def test_an_offer_that_stands_alone_refuses_others(self):
        self._create_promotion(5, 30, groupbuy_combining="all")
        card = self._create_card(self._create_program(groupbuy_combining="none"))
        campaign = self._create_campaign()
        order = self._create_cart(campaign, quantities={campaign.line_ids: 4})
        self._add_promotions(order)
        self.assertIn("cannot be combined", self._apply(order, card.code))
        self.assertEqual(order.amount_total, 35.0)

    def test_offers_combine_with_those_chosen_only(self):
        first = self._create_promotion(5, 30, groupbuy_combining="all")
        second = self._create_program(
            groupbuy_combining="chosen", groupbuy_combining_ids=[Command.set(first.ids)]
        )
        self.assertTrue(first._groupbuy_combines_with(second))
        third = self._create_program(groupbuy_combining="all")
        self.assertFalse(third._groupbuy_combines_with(second))
        campaign = self._create_campaign()
        order = self._create_cart(campaign, quantities={campaign.line_ids: 4})
        self._add_promotions(order)
        self.assertEqual(self._apply(order, self._create_card(second).code), "")
        self.assertLess(order.amount_total, 35.0)
        self.assertIn(
            "cannot be combined", self._apply(order, self._create_card(third).code)
        )

    def test_discounts_are_taken_off_in_the_order_of_the_list(self):
        def total(first, second):
            amount = self._create_program(
                {"discount": 10, "discount_mode": "per_order"},
                groupbuy_combining="all",
                sequence=first,
            )
            percent = self._create_program(
                {"discount": 50}, groupbuy_combining="all", sequence=second
            )
            campaign = self._create_campaign()
            order = self._create_cart(campaign, quantities={campaign.line_ids: 10})
            # Whichever code is typed first.
            for program in (amount, percent):
                self.assertEqual(
                    self._apply(order, self._create_card(program).code), ""
                )
            order._update_programs_and_rewards()
            return order.amount_total

        self.assertEqual(total(1, 2), 45.0)
        self.assertEqual(total(2, 1), 40.0)

    def test_a_campaign_takes_one_offer_or_none(self):
        self._create_promotion(5, 30, groupbuy_combining="all")
        card = self._create_card(self._create_program(groupbuy_combining="all"))
        campaign = self._create_campaign(coupon_policy="one")
        order = self._create_cart(campaign, quantities={campaign.line_ids: 4})
        self._add_promotions(order)
        self.assertIn("One offer", self._apply(order, card.code))
        self.assertEqual(order.amount_total, 35.0)
        closed = self._create_campaign(name="Special", coupon_policy="none")
        other = self._create_cart(closed, quantities={closed.line_ids: 4})
        self._add_promotions(other)
        self.assertIn("takes no coupons", self._apply(other, card.code))
        self.assertEqual(other.amount_total, 40.0)

    def test_a_wallet_pays_where_no_coupon_is_taken(self):
        campaign = self._create_campaign(coupon_policy="none")
        wallet = self._create_wallet_program()
        card = self._create_card(wallet, self.resident, 4)
        order = self._create_cart(campaign)
        order._update_programs_and_rewards()
        self.assertFalse(order._apply_program_reward(wallet.reward_ids, card))
        self.assertEqual(order.amount_total, 6.0)

    def test_a_policy_that_changed_is_found_right_before_the_payment(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        self.assertEqual(
            self._apply(order, self._create_card(self._create_program()).code), ""
        )
        campaign.coupon_policy = "none"
        with self.assertRaisesRegex(ValidationError, "takes no coupons"):
            order._check_cart_is_ready_to_be_paid()
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 10.0)

    # === NEVER BELOW COST === #

    def test_a_discount_below_cost_is_refused_and_changes_nothing(self):
        program = self._create_program({"discount": 70})
        card = self._create_card(program)
        order = self._create_cart(self._create_campaign())
        self.assertIn("close to what the goods cost", self._apply(order, card.code))
        self.assertEqual(order.amount_total, 10.0)
        self.assertFalse(order.order_line.reward_id)
        self.assertEqual(card.points, 1)

    def test_the_lowest_price_that_can_be_reached_counts(self):
        program = self._create_program({"discount": 5, "discount_mode": "per_order"})
        campaign = self._create_campaign(lines=[{"tiers": [(5, 8.0)]}])
        order = self._create_cart(campaign)
        self.assertIn("goods cost", self._apply(order, self._create_card(program).code))
        more = self._create_cart(
            campaign, self.neighbour, quantities={campaign.line_ids: 2}
        )
        self.assertEqual(self._apply(more, self._create_card(program).code), "")

    def test_a_coupon_larger_than_the_order_never_makes_it_negative(self):
        program = self._create_program({"discount": 50, "discount_mode": "per_order"})
        program.with_user(self.manager).action_groupbuy_approve_below_cost()
        order = self._create_cart(self._create_campaign())
        self.assertEqual(self._apply(order, self._create_card(program).code), "")
        self.assertEqual(order.amount_total, 0.0)
        order._check_cart_is_ready_to_be_paid()
        order._validate_order()
        self.assertEqual(order.groupbuy_state, "waiting")

    def test_only_a_manager_accepts_prices_below_cost(self):
        program = self._create_program({"discount": 70})
        with self.assertRaises(AccessError):
            program.with_user(self.user).action_groupbuy_approve_below_cost()
        seller = self.env["res.users"].create(
            {
                "name": "Sales Manager",
                "login": "sales_manager_of_coupons",
                "group_ids": [
                    Command.set(self.env.ref("sales_team.group_sale_manager").ids)
                ],
            }
        )
        with self.assertRaises(AccessError):
            program.with_user(seller).groupbuy_below_cost_approved_by = seller
        self.assertFalse(program.groupbuy_below_cost_approved_by)
        program.with_user(self.manager).action_groupbuy_approve_below_cost()
        self.assertEqual(program.groupbuy_below_cost_approved_by, self.manager)
        order = self._create_cart(self._create_campaign())
        self.assertEqual(self._apply(order, self._create_card(program).code), "")
        self.assertEqual(order.amount_total, 3.0)
        program.reward_ids.discount = 90
        self.assertFalse(program.groupbuy_below_cost_approved_by)

    def test_a_promotion_is_dropped_when_the_cart_becomes_too_small(self):
        self._create_promotion(25, 10)
        campaign = self._create_campaign()
        order = self._create_cart(campaign, quantities={campaign.line_ids: 6})
        self._add_promotions(order)
        self.assertEqual(order.amount_total, 35.0)
        line = order.order_line.filtered("groupbuy_line_id")
        order._cart_update_line_quantity(line.id, 2)
        self._add_promotions(order)
        self.assertEqual(order.amount_total, 20.0)


@tagged("post_install", "-at_install")
class TestCouponReturn(CouponCommon):
    """What comes back when an order is cancelled."""

    def _cancelled_card(self, rule, leave, **values):
        card = self._create_card(self._create_program(groupbuy_return=rule, **values))
        campaign = self._create_campaign(min_people=5)
        order = self._join_with(campaign, card.code)
        self.assertEqual(card.points, 0)
        if leave == "resident":
            order._groupbuy_cancel_by_resident()
        elif leave == "failed":
            self._close(campaign)
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 9.0)
        # Once only.
        order._groupbuy_fail("staff")
        return card

    def test_a_coupon_comes_back_by_default(self):
        self.assertEqual(self._cancelled_card("always", "resident").points, 1)
        self.assertEqual(self._cancelled_card("always", "failed").points, 1)

    def test_who_cancels_may_lose_the_coupon_but_not_who_was_failed(self):
        self.assertEqual(self._cancelled_card("failed", "resident").points, 0)
        self.assertEqual(self._cancelled_card("failed", "failed").points, 1)

    def test_a_coupon_may_never_come_back_and_its_history_says_so(self):
        card = self._cancelled_card("never", "failed")
        self.assertEqual(card.points, 0)
        self.assertEqual(card.history_ids.mapped("used"), [1.0])
        self.assertIn("not given back", card.history_ids.description)

    def test_after_the_close_the_rule_is_the_same(self):
        card = self._create_card(self._create_program(groupbuy_return="never"))
        campaign = self._create_campaign()
        order = self._join_with(campaign, card.code)
        self._close(campaign)
        order.action_cancel()
        self._run_jobs()
        self.assertEqual(card.points, 0)
        self.assertEqual(sum(card.history_ids.mapped("used")), 1.0)
        self.assertEqual(order.groupbuy_amount_refunded, 9.0)

    def test_a_coupon_that_expired_meanwhile_lasts_some_days_more(self):
        card = self._create_card(self._create_program(groupbuy_return_days=5))
        campaign = self._create_campaign()
        order = self._join_with(campaign, card.code)
        card.expiration_date = fields.Date.today() - timedelta(days=3)
        order._groupbuy_cancel_by_resident()
        self.assertEqual(card.points, 1)
        self.assertGreaterEqual(
            card.expiration_date, fields.Date.today() + timedelta(days=4)
        )

    def test_an_offer_that_does_not_come_back_stays_counted(self):
        program = self._create_code(
            "ONCE", groupbuy_resident_limit=1, groupbuy_return="never"
        )
        campaign = self._create_campaign()
        self._join_with(campaign, "ONCE")._groupbuy_cancel_by_resident()
        self._run_jobs()
        self.assertEqual(program.groupbuy_used_count, 1)
        self.assertIn("as often as", self._apply(self._create_cart(campaign), "ONCE"))

    def test_the_figures_of_a_campaign_reconcile_with_history_and_invoices(self):
        program = self._create_program()
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        cards = [self._create_card(program) for _number in range(3)]
        order = self._join_with(campaign, cards[0].code)
        other = self._join_with(campaign, cards[1].code, self.neighbour)
        gone = self._join_with(campaign, cards[2].code, self.third)
        gone._groupbuy_cancel_by_resident()
        self._close(campaign)
        (order | other)._groupbuy_invoice()
        history = self.env["loyalty.history"].search(
            [("card_id.program_id", "=", program.id)]
        )
        self.assertEqual(campaign.coupon_used_count, 2)
        self.assertEqual(sum(history.mapped("used")), 2)
        self.assertAlmostEqual(campaign.coupon_amount, 1.6)
        lines = (order | other).invoice_ids.invoice_line_ids.filtered(
            lambda line: line.price_total < 0
        )
        self.assertAlmostEqual(-sum(lines.mapped("price_total")), 1.6)
