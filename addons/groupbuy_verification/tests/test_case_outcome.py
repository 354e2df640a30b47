# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .case_common import CaseCommon


@tagged("post_install", "-at_install")
class TestCaseMoney(CaseCommon):
    def test_goods_that_wait_are_refunded_and_not_handed_out(self):
        order = self._order(collected=False)
        case = self._report(order, "late", quantity=1)
        case._decide("refund", level="staff", borne_by="carrier")
        self.assertEqual((case.state, case.amount), ("resolved", 10.0))
        self.assertEqual(case.decided_by_id, self.env.user)
        fact = order.groupbuy_allowance_ids
        self.assertEqual((fact.quantity, fact.amount), (1.0, 10.0))
        self.assertEqual((fact.borne_by, fact.reason), ("carrier", "case"))
        self.assertEqual(order.groupbuy_picking_ids.move_ids.product_uom_qty, 2)
        self.assertEqual(case.amount_refunded, 10.0)
        self._hand_out(order)
        self.assertSettled(order, refunded=10.0, invoiced=20.0)

    def test_goods_that_the_resident_keeps_are_compensated_for(self):
        order = self._order()
        self.assertEqual(order.groupbuy_amount_invoiced, 30.0)
        case = self._report(order, quantity=2)
        case._decide("refund", level="staff")
        fact = order.groupbuy_allowance_ids
        self.assertEqual((fact.quantity, fact.amount), (0.0, 20.0))
        self.assertEqual(fact.borne_by, "supplier")
        self.assertEqual(self._line(order).qty_delivered, 3)
        self.assertSettled(order, refunded=20.0, invoiced=10.0)

    def test_half_collected_goods_are_refunded_each_in_its_way(self):
        order = self._order(collected=False)
        picking = order.groupbuy_picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        case = self._report(order, "late", quantity=3)
        case._decide("refund", level="staff")
        facts = order.groupbuy_allowance_ids.sorted("quantity")
        self.assertEqual(facts.mapped("quantity"), [0.0, 2.0])
        self.assertEqual(facts.mapped("amount"), [10.0, 20.0])
        self.assertEqual(case.amount_refunded, 30.0)
        self.assertSettled(order, refunded=30.0, invoiced=0.0)

    def test_unfit_goods_that_are_refunded_are_put_aside_at_the_point(self):
        order = self._order(collected=False)
        case = self._report(order, "quality", quantity=1)
        self.assertEqual(self._at(self.point.location_id), 3)
        case._decide("refund", level="staff")
        self.assertEqual(self._at(self.point.location_id), 2)
        self.assertEqual(self._at(self.point.return_location_id), 1)
        self._hand_out(order)
        self.assertSettled(order, refunded=10.0, invoiced=20.0)

    def test_a_part_is_shared_out_to_the_cent(self):
        campaign = self._create_campaign(
            lines=[
                {"product": self.tomato, "start_price": 10.0},
                {"product": self.egg, "start_price": 20.0},
            ]
        )
        tomato, egg = campaign.line_ids
        order = self._join(campaign, self.anna, {tomato: 1, egg: 1})
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(order)
        self._run_jobs()
        lines = order.order_line.filtered("groupbuy_line_id")
        case = self.Case._open_by_resident(
            order, "quality", dict.fromkeys(lines.ids, 1), "Both are bad", ()
        )
        case._decide("partial", level="staff", amount=10.0)
        self.assertEqual(
            sorted(order.groupbuy_allowance_ids.mapped("amount")), [3.33, 6.67]
        )
        self.assertSettled(order, refunded=10.0, invoiced=20.0)

    def test_amounts_above_what_is_left_are_refused(self):
        order = self._order()
        first = self._report(order, quantity=3)
        for amount in (30.01, 0, -1, None):
            with self.assertRefused():
                first._decide("partial", level="staff", amount=amount)
        first._decide("partial", level="staff", amount=25.0)
        second = self._report(order, quantity=1)
        with self.assertRefused("more than what is left"):
            second._decide("partial", level="staff", amount=5.01)
        self.assertEqual(second.state, "leader")
        second._decide("refund", level="staff")
        self.assertEqual(second.amount, 5.0)
        self.assertSettled(order, refunded=30.0, invoiced=0.0)
        third = self._report(order, quantity=1)
        with self.assertRefused("given back already"):
            third._decide("refund", level="staff")

    def test_a_failure_halfway_changes_nothing(self):
        order = self._order()
        case = self._report(order)
        message = "The printer is on fire."

        def fail(*args):
            raise ValidationError(message)

        with (
            patch.object(type(order), "_groupbuy_on_allowed", fail),
            self.assertRaisesRegex(ValidationError, "printer"),
            self.env.cr.savepoint(),
        ):
            case._decide("refund", level="staff")
        self.env.invalidate_all()
        self.assertEqual(case.state, "leader")
        self.assertFalse(order.groupbuy_allowance_ids)
        self.assertEqual(order.amount_total, 30.0)

    def test_it_is_decided_once(self):
        order = self._order()
        case = self._report(order)
        case.with_user(self.user)._decide("refund", level="staff")
        for level in ("staff", "leader"):
            with self.assertRefused("groupbuy_user.*Refund in Full"):
                case._decide("refund", level=level)
        self.assertSettled(order, refunded=10.0, invoiced=20.0)

    def test_made_up_decisions_are_refused(self):
        case = self._report(self._order())
        for outcome, values in (
            ("nonsense", {}),
            ("refund", {"borne_by": "nobody"}),
            ("return", {"return_to": "home"}),
            ("reject", {"note": "  "}),
        ):
            with self.assertRefused():
                case._decide(outcome, level="staff", **values)
        self.assertEqual(case.state, "leader")

    def test_a_case_of_many_residents_refunds_each(self):
        campaign = self._create_arriving((2, 1))
        lines = campaign.order_ids.order_line.filtered("groupbuy_line_id")
        case = self.Case._open(
            "shortage",
            picking=self._get_transfer(campaign),
            lines=[
                {"order_line": ln, "product": ln.product_id, "quantity": 1}
                for ln in lines
            ],
        )
        case._decide("refund", level="staff")
        self._run_jobs()
        self.assertEqual(
            campaign.order_ids.mapped("groupbuy_amount_refunded"), [10.0, 10.0]
        )
        self.assertEqual(case.amount_refunded, 20.0)

    def test_what_a_coupon_has_paid_is_not_given_back(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Ten Percent",
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
                        }
                    ),
                ],
            }
        )
        card = self.env["loyalty.card"].create({"program_id": program.id, "points": 1})
        campaign = self._create_campaign()
        order = self._create_cart(campaign, self.anna, {campaign.line_ids: 3})
        for coupon, rewards in order._try_apply_code(card.code).items():
            order._apply_program_reward(rewards, coupon)
        order._update_programs_and_rewards()
        self._pay(order)
        self.assertEqual(order.amount_total, 27.0)
        self._close(campaign)
        self._receive(campaign)
        picking = order.groupbuy_picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        partial = self._report(order, "late", quantity=1)
        with self.assertRefused("the goods cost.*9.00"):
            partial._decide("partial", level="staff", amount=9.01)
        partial._decide("partial", level="staff", amount=2.0)
        self.assertEqual(partial.amount_refunded, 2.0)
        rest = self._report(order, "late", quantity=3)
        rest._decide("refund", level="staff")
        self.assertEqual((rest.amount, rest.amount_refunded), (25.0, 25.0))
        self.assertSettled(order, refunded=27.0, invoiced=0.0)

    def test_every_outcome_names_who_bears_it(self):
        self.company.groupbuy_case_program_id = self.env["loyalty.program"].create(
            {
                "name": "We Are Sorry",
                "program_type": "coupons",
                "company_id": self.company.id,
                "currency_id": self.currency.id,
                "reward_ids": [
                    Command.create({"discount_mode": "per_order", "discount": 5.0})
                ],
            }
        )
        self.company.groupbuy_wallet_program_id = self._create_wallet_program()
        order = self._order(quantity=8)
        for outcome, borne_by in (
            ("refund", "supplier"),
            ("partial", "leader"),
            ("return", "platform"),
            ("exchange", "carrier"),
            ("replacement", "supplier"),
            ("coupon", "leader"),
            ("wallet", "carrier"),
            ("reject", "platform"),
        ):
            case = self._report(order, "late")
            case._decide(
                outcome,
                level="staff",
                amount=1.0,
                note="Sorry",
                borne_by=borne_by,
                goods_are_back=True,
            )
            self.assertEqual((case.outcome, case.borne_by), (outcome, borne_by))
            facts = order.groupbuy_allowance_ids.filtered(
                lambda fact, case=case: f"{fact.reference}/".startswith(
                    f"case/{case.id}/"
                )
            )
            is_money = outcome in ("refund", "partial", "return")
            self.assertEqual(bool(facts), is_money, outcome)
            self.assertEqual(facts.mapped("borne_by"), [borne_by] * len(facts))
            with self.assertRefused():
                case._decide(outcome, level="staff", amount=1.0, note="Again")
        # Back: 10 kept, 1 kept, 10 returned. No outcome happened twice.
        self.assertSettled(order, refunded=21.0, invoiced=59.0)

    def test_more_than_was_ordered_cannot_be_decided_about(self):
        order = self._order()
        case = self.Case._open(
            "quality",
            order=order,
            lines=[
                {
                    "order_line": self._line(order),
                    "product": self.tomato,
                    "quantity": 100,
                }
            ],
        )
        for outcome in ("refund", "return", "exchange", "replacement"):
            with self.assertRefused("about 100 of.*has 3"):
                case._decide(outcome, level="staff")
        self.assertFalse(case.extra_picking_ids)
        self.assertFalse(order.groupbuy_allowance_ids)

    def test_a_case_without_goods_cannot_be_refunded(self):
        order = self._order()
        case = self.Case._open("complaint", order=order)
        dialog = self.env["groupbuy.case.decide"].create({"case_id": case.id})
        self.assertEqual(dialog.outcome, "wallet")
        for outcome in ("refund", "return", "exchange", "replacement"):
            with self.assertRefused("which goods"):
                case._decide(outcome, level="staff")


@tagged("post_install", "-at_install")
class TestCaseLeader(CaseCommon):
    def test_a_leader_grants_up_to_the_limit(self):
        self.company.groupbuy_leader_grant_limit = 15.0
        order = self._order()
        small = self._report(order, quantity=1)
        small.with_user(self.point_manager)._decide("refund", level="leader")
        self.assertEqual(small.decided_level, "leader")
        large = self._report(order, quantity=2)
        with self.assertRefused("up to.*15.00.*pass the case on"):
            large.with_user(self.point_manager)._decide("refund", level="leader")
        with self.assertRefused("pass the case on"):
            large._decide("wallet", level="leader", amount=15.01)
        large._pass_on()
        self.assertEqual(large.state, "staff")
        with self.assertRefused("not yours to decide"):
            large.with_user(self.point_manager)._decide(
                "reject", level="leader", note="No"
            )
        with self.assertRefused():
            large._pass_on()
        large._decide("refund", level="staff")
        self.assertSettled(order, refunded=30.0, invoiced=0.0)

    def test_goods_that_were_refunded_are_not_replaced_for_nothing(self):
        self.company.groupbuy_leader_grant_limit = 15.0
        order = self._order()
        self._report(order, quantity=3)._decide("refund", level="staff")
        case = self._report(order, quantity=3)
        with self.assertRefused("up to.*15.00.*this is worth.*30.00"):
            case.with_user(self.point_manager)._decide("replacement", level="leader")
        self.assertFalse(case.extra_picking_ids)

    def test_an_addon_may_set_the_limit(self):
        case = self._report(self._order())

        def get_limit(point, user):
            return 10.0 if user == self.point_manager else 0.0

        with patch.object(type(self.point), "_get_grant_limit", get_limit):
            with self.assertRefused("pass the case on"):
                case.with_user(self.other_manager)._decide("refund", level="leader")
            case.with_user(self.point_manager)._decide("refund", level="leader")
        self.assertEqual(case.state, "resolved")

    def test_a_resident_may_ask_the_shop_about_a_rejection_once(self):
        order = self._order(collected=False)
        case = self._report(order)
        case.with_user(self.point_manager)._decide(
            "reject", level="leader", note="Looks good to me"
        )
        self.assertEqual(case.state, "rejected")
        self.assertEqual(
            order.groupbuy_picking_ids._groupbuy_get_blocked_quantities(), {}
        )
        self.assertIn("Looks good to me", case._get_conversation()[-1].body)
        case._appeal("No, it does not")
        self.assertEqual(case.state, "staff")
        self.assertTrue(order.groupbuy_picking_ids._groupbuy_get_blocked_quantities())
        self.assertIn("it does not", case._get_conversation()[-1].body)
        case._decide("reject", level="staff", note="Sorry")
        with self.assertRefused():
            case._appeal("Still not")
        self.assertEqual(case.state, "rejected")

    def test_what_another_case_is_about_by_now_cannot_be_appealed_for(self):
        order = self._order()
        case = self._report(order, quantity=3)
        case.with_user(self.point_manager)._decide(
            "reject", level="leader", note="Looks good to me"
        )
        self._report(order, quantity=1)
        with self.assertRefused("at most 2"):
            case._appeal("No, it does not")
        self.assertEqual(case.state, "rejected")


@tagged("post_install", "-at_install")
class TestCaseGoods(CaseCommon):
    def test_a_return_is_refunded_when_the_goods_are_back(self):
        order = self._order()
        case = self._report(order, "return", quantity=2)
        case._decide("return", level="staff")
        self.assertEqual(case.state, "returning")
        back = case.extra_picking_ids
        self.assertEqual(back.return_id.groupbuy_role, "to_resident")
        self.assertIn(back.return_id, order.groupbuy_picking_ids)
        self.assertEqual(back.location_dest_id, self.point.return_location_id)
        self.assertFalse(order.groupbuy_allowance_ids)
        self._validate(back)
        self.assertEqual(case.state, "resolved")
        self.assertEqual(self._at(self.point.return_location_id), 2)
        self.assertEqual(self._at(self.point.location_id), 0)
        self.assertEqual(self._line(order).qty_delivered, 1)
        self.assertEqual(order.groupbuy_allowance_ids.quantity, 2)
        self.assertSettled(order, refunded=20.0, invoiced=10.0)
        credit = order.invoice_ids.filtered(lambda m: m.move_type == "out_refund")
        self.assertEqual(credit.amount_total, 20.0)

    def test_goods_that_are_here_are_refunded_at_once(self):
        order = self._order()
        case = self._report(order, "return", quantity=1)
        case._decide(
            "return", level="staff", goods_are_back=True, return_to="warehouse"
        )
        self.assertEqual(case.state, "resolved")
        self.assertEqual(
            case.extra_picking_ids.location_dest_id.warehouse_id, self.warehouse
        )
        self.assertSettled(order, refunded=10.0, invoiced=20.0)

    def test_residents_are_told_where_the_goods_go(self):
        order = self._order()
        self.warehouse.partner_id.write({"street": "9 Depot Road", "city": "Hangzhou"})
        for return_to, words in (
            ("point", "where you collected them"),
            ("warehouse", "9 Depot Road, .*Hangzhou"),
        ):
            case = self._report(order, "return", quantity=1)
            case._decide("return", level="staff", return_to=return_to)
            self.assertEqual(case._is_back_to_point(), return_to == "point")
            self.assertRegex(case._get_conversation()[-1].body, words)
            self.assertGreater(case.deadline, case.decided_at)

    def test_a_resident_cannot_keep_both_the_goods_and_what_came_instead(self):
        self._stock(self.tomato, 5)
        case = self._report(self._order(), "exchange", quantity=1)
        case._decide("exchange", level="staff")
        with self.assertRefused("was decided by"):
            case._withdraw()
        self.assertEqual(case.state, "returning")
        self.assertEqual(case._get_open_returns().state, "assigned")

    def test_what_comes_back_in_parts_is_refunded_in_parts(self):
        order = self._order()
        case = self._report(order, "return", quantity=3)
        case._decide("return", level="staff")
        back = case.extra_picking_ids
        back.move_ids.quantity = 1
        back.move_ids.picked = True
        back.with_context(skip_backorder=True).button_validate()
        self.assertEqual(case.state, "returning")
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        case.with_user(self.user).action_goods_back()
        self.assertEqual(case.state, "resolved")
        self.assertEqual(case.amount_refunded, 30.0)
        self.assertSettled(order, refunded=30.0, invoiced=0.0)
        with self.assertRefused():
            case.with_user(self.user).action_goods_back()

    def test_more_than_the_resident_has_cannot_come_back(self):
        order = self._order()
        first = self._report(order, "return", quantity=2)
        first._decide("exchange", level="staff")
        # A second one, as staff may open it without asking what is left.
        second = self.Case._open(
            "return",
            order=order,
            lines=[
                {
                    "order_line": self._line(order),
                    "product": self.tomato,
                    "quantity": 2,
                }
            ],
        )
        with self.assertRefused("Only 1 of"):
            second._decide("return", level="staff")
        self.assertEqual(second.state, "leader")

    def test_goods_that_were_not_collected_cannot_be_returned(self):
        case = self._report(self._order(collected=False), "return")
        for outcome in ("return", "exchange"):
            with self.assertRefused("not been collected"):
                case._decide(outcome, level="staff")

    def test_a_closed_return_is_cancelled(self):
        order = self._order()
        case = self._report(order, "exchange", quantity=1)
        case._decide("exchange", level="staff")
        case._close("The resident keeps it")
        self.assertEqual(case.state, "closed")
        self.assertEqual(set(case.extra_picking_ids.mapped("state")), {"cancel"})
        self.assertSettled(order, refunded=0.0, invoiced=30.0)

    def _stock(self, product, quantity):
        self.env["stock.quant"]._update_available_quantity(
            product, self.warehouse.lot_stock_id, quantity
        )

    def test_an_exchange_brings_the_same_goods_at_no_charge(self):
        self._stock(self.tomato, 5)
        order = self._order()
        case = self._report(order, "exchange", quantity=1)
        case._decide("exchange", level="staff", goods_are_back=True)
        self.assertEqual(case.state, "resolved")
        extra = case.extra_picking_ids.filtered("groupbuy_is_extra")
        leg = extra.filtered(lambda p: p.groupbuy_role == "to_point")
        out = extra.filtered(lambda p: p.groupbuy_role == "to_resident")
        self.assertEqual(leg.state, "assigned")
        self.assertEqual(out.partner_id, self.anna)
        self.assertIn(out, order.groupbuy_picking_ids)
        self._validate(leg)
        self.assertEqual(out.state, "assigned")
        self._validate(out)
        self.assertEqual(self._at(self.point.location_id), 0)
        self.assertEqual(self._at(self.point.return_location_id), 1)
        self.assertEqual(self._line(order).qty_delivered, 3)
        self.assertEqual(order.amount_total, 30.0)
        self.assertSettled(order, refunded=0.0, invoiced=30.0)

    def test_something_else_may_be_given_instead(self):
        self._stock(self.egg, 5)
        order = self._order(invoice_policy="delivery")
        case = self._report(order, quantity=1)
        case._decide("replacement", level="staff", product=self.egg)
        self.assertEqual(case.state, "resolved")
        out = case.extra_picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_resident"
        )
        self.assertEqual(out.move_ids.product_id, self.egg)
        for picking in case.extra_picking_ids.sorted("id", reverse=True):
            self._validate(picking)
        self.assertEqual(out.state, "done")
        self.assertSettled(order, refunded=0.0, invoiced=30.0)

    def _order(self, invoice_policy="order", **values):
        if invoice_policy != self.tomato.invoice_policy:
            self.tomato.invoice_policy = invoice_policy
            self.prepared_order = None
        return super()._order(**values)

    def test_a_replacement_is_not_invoiced_by_what_is_delivered(self):
        self._stock(self.tomato, 5)
        order = self._order(invoice_policy="delivery")
        case = self._report(order, quantity=1)
        case._decide("replacement", level="staff")
        for picking in case.extra_picking_ids.sorted("id", reverse=True):
            self._validate(picking)
        self.assertSettled(order, refunded=0.0, invoiced=30.0)

    def test_unfit_goods_at_the_point_are_replaced_before_they_are_collected(self):
        self._stock(self.tomato, 5)
        order = self._order(collected=False)
        case = self._report(order, "damage", quantity=1)
        case._decide("replacement", level="staff")
        own = order.groupbuy_picking_ids
        self.assertEqual(self._at(self.point.return_location_id), 1)
        self.assertEqual(own.move_ids.quantity, 2)
        leg = case.extra_picking_ids.filtered("groupbuy_is_extra")
        self.assertEqual(leg.groupbuy_role, "to_point")
        self.assertEqual(leg.move_ids.product_uom_qty, 1)
        self._validate(leg)
        self.assertEqual(own.move_ids.quantity, 3)
        self.assertEqual(own.state, "assigned")
        self._hand_out(order)
        self.assertSettled(order, refunded=0.0, invoiced=30.0)

    def test_the_campaign_s_plan_leaves_replacements_alone(self):
        self._stock(self.tomato, 5)
        order = self._order()
        campaign = order.groupbuy_campaign_id
        case = self._report(order, quantity=1)
        case._decide("replacement", level="staff")
        extra = case.extra_picking_ids
        before = [(p.state, p.move_ids.product_uom_qty) for p in extra]
        count = len(campaign.picking_ids)
        campaign._sync_supply()
        self.assertEqual([(p.state, p.move_ids.product_uom_qty) for p in extra], before)
        self.assertEqual(len(campaign.picking_ids), count)
        rows = self.env["groupbuy.paper"]._get_rows(campaign, "split_by_point")
        self.assertEqual(sum(row["quantity"] for row in rows), 3)

    def test_goods_that_are_not_in_stock_are_asked_for(self):
        order = self._order()
        case = self._report(order)
        case._decide("replacement", level="staff")
        self.assertTrue(case.activity_ids)
        self.assertIn("Buy", case.activity_ids.summary)


@tagged("post_install", "-at_install")
class TestCaseCredit(CaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls.env["loyalty.program"].create(
            {
                "name": "We Are Sorry",
                "program_type": "coupons",
                "company_id": cls.company.id,
                "currency_id": cls.currency.id,
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "per_order",
                            "discount": 5.0,
                            "required_points": 1,
                        }
                    )
                ],
            }
        )
        cls.wallet = cls.env["loyalty.program"].create(
            {
                "name": "Neighbour Wallet",
                "program_type": "ewallet",
                "company_id": cls.company.id,
                "currency_id": cls.currency.id,
            }
        )

    def test_a_coupon_is_the_resident_s_and_is_mailed(self):
        self.company.groupbuy_case_program_id = self.program
        case = self._report(self._order(), "late")
        case._decide("coupon", level="staff")
        card = case.loyalty_card_id
        self.assertEqual((card.partner_id, card.points), (self.anna, 1.0))
        self.assertEqual((case.amount, case.state), (5.0, "resolved"))
        message = case._get_conversation()[-1]
        self.assertIn(card.code, message.body)
        self.assertIn(self.anna, message.notified_partner_ids)
        self.assertTrue(message.mail_ids or message.notification_ids)

    def test_a_coupon_without_program_is_refused(self):
        case = self._report(self._order(), "late")
        with self.assertRefused("No coupon"):
            case._decide("coupon", level="staff")

    def test_store_credit_is_a_gift_beside_the_order(self):
        self.company.groupbuy_wallet_program_id = self.wallet
        order = self._order()
        case = self._report(order, "late")
        case._decide("wallet", level="staff", amount=4.0)
        card = case.loyalty_card_id
        self.assertEqual((card.partner_id, card.points), (self.anna, 4.0))
        self.assertIn(case.name, card.history_ids.description)
        self.assertSettled(order, refunded=0.0, invoiced=30.0)

    def test_store_credit_without_a_wallet_is_refused(self):
        self.env["loyalty.program"].search(
            [("program_type", "=", "ewallet")]
        ).action_archive()
        case = self._report(self._order(), "late")
        with self.assertRefused("no store credit"):
            case._decide("wallet", level="staff", amount=4.0)


@tagged("post_install", "-at_install")
class TestReturnReport(CaseCommon):
    def test_the_rate_is_weighted_by_what_was_ordered(self):
        large = self._order(quantity=9)
        small = self._order(quantity=1, campaign=self._create_campaign())
        self._report(small, quantity=1)._decide("refund", level="staff")
        case = self._report(large, "return", quantity=2)
        case._decide("return", level="staff", goods_are_back=True)
        rejected = self._report(large, quantity=3)
        rejected._decide("reject", level="staff", note="No")
        self.env.flush_all()
        report = self.env["groupbuy.return.report"].with_user(self.user)
        domain = [("order_id", "in", (large | small).ids)]
        [row] = report._read_group(
            domain,
            [],
            [
                "quantity:sum",
                "claimed_quantity:sum",
                "returned_quantity:sum",
                "return_rate:avg",
                "refunded_amount:sum",
            ],
        )
        self.assertEqual(row[:3], (10.0, 6.0, 3.0))
        self.assertAlmostEqual(row[3], 0.3)
        self.assertEqual(row[4], 30.0)
        for name, value in (
            ("product_id", self.tomato),
            ("supplier_id", self.supplier),
            ("point_id", self.point),
            ("leader_user_id", self.point_manager),
        ):
            groups = report._read_group(domain, [name], ["return_rate:avg"])
            self.assertEqual([key for key, _rate in groups], [value])
            self.assertAlmostEqual(groups[0][1], 0.3)
