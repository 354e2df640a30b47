# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestAllowance(GroupBuyCommon):
    def _confirmed(self, quantity=3, **values):
        campaign = self._create_campaign(lines=[values])
        order = self._join(campaign, quantities={campaign.line_ids: quantity})
        self._close(campaign)
        return order, order.order_line.filtered("groupbuy_line_id")

    def test_what_is_not_delivered_is_paid_back_and_not_invoiced(self):
        order, line = self._confirmed()
        facts = order._groupbuy_give_back({line: 1}, "staff", "receipt/1", "carrier")
        self._run_jobs()
        self.assertEqual((facts.quantity, facts.amount), (1.0, 10.0))
        self.assertEqual(facts.borne_by, "carrier")
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        self.assertEqual(order.groupbuy_picking_ids.move_ids.product_uom_qty, 2)
        self._receive(order.groupbuy_campaign_id)
        self._hand_out(order)
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_invoiced, 20.0)
        self.assertEqual(order.groupbuy_amount_owed, 0.0)

    def test_the_same_reference_gives_back_once(self):
        order, line = self._confirmed()
        for _time in range(2):
            order._groupbuy_give_back({line: 1}, "staff", "receipt/1")
        self._run_jobs()
        self.assertEqual(len(order.groupbuy_allowance_ids), 1)
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        self.assertEqual(line.product_uom_qty, 2)

    def test_two_references_before_the_queue_runs_do_not_return_twice(self):
        order, line = self._confirmed()
        order._groupbuy_give_back({line: 1}, "staff", "receipt/1")
        order._groupbuy_give_back({line: 1}, "staff", "receipt/2")
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 20.0)
        self.assertEqual(order.amount_total, 10.0)

    def test_a_refund_that_waits_at_the_close_is_not_returned_twice(self):
        campaign = self._create_campaign()
        order = self._join(campaign, quantities={campaign.line_ids: 5})
        line = order.order_line.filtered("groupbuy_line_id")
        unreachable = "The provider cannot be reached."

        def refuse(tx):
            raise ValidationError(unreachable)

        with patch.object(
            type(self.env["payment.transaction"]), "_send_refund_request", refuse
        ):
            order._groupbuy_reduce({line.id: 2})
            self._close(campaign)
        order.groupbuy_job_ids.next_try_at = False
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 30.0)
        self.assertEqual(order.amount_total, 20.0)

    def test_many_orders_are_reduced_in_one_go(self):
        campaign = self._create_campaign()
        orders = self.env["sale.order"].union(
            *(
                self._join(campaign, resident, {campaign.line_ids: 3})
                for resident in self._create_residents(6)
            )
        )
        self._close(campaign)

        def call(order, quantity, reference):
            line = order.order_line.filtered("groupbuy_line_id")
            return {
                "order": order,
                "quantities": {line: quantity},
                "reason": "staff",
                "reference": reference,
                "borne_by": "carrier",
            }

        calls = [call(order, 1, "receipt/1") for order in orders]
        calls.append(call(orders[0], 2, "receipt/2"))
        for _time in range(2):
            orders._groupbuy_give_back_many(calls)
        self._run_jobs()
        self.assertEqual(orders.mapped("groupbuy_amount_refunded"), [30.0] + [10.0] * 5)
        self.assertEqual(len(orders.groupbuy_allowance_ids), 7)
        self.assertEqual(orders[0].groupbuy_picking_ids.state, "cancel")
        self.assertMoneyReconciles(orders)
        with self.assertRaises(ValidationError):
            orders._groupbuy_give_back_many(
                [call(orders[1], 1, "receipt/3"), call(orders[0], 1, "receipt/3")]
            )

    def test_more_than_there_is_cannot_be_given_back(self):
        order, line = self._confirmed()
        for quantity in (0, -1, 4):
            with self.assertRaises(ValidationError):
                order._groupbuy_give_back({line: quantity}, "staff", "receipt/1")
        for amount in (0, -1, 30.01):
            with self.assertRaises(ValidationError):
                order._groupbuy_compensate({line: amount}, "staff", "case/1")
        self.assertFalse(order.groupbuy_allowance_ids)
        self.assertEqual(order.amount_total, 30.0)

    def test_a_waiting_order_and_a_foreign_line_are_refused(self):
        order, _line = self._confirmed()
        _other, foreign = self._confirmed()
        with self.assertRaises(ValidationError):
            order._groupbuy_give_back({foreign: 1}, "staff", "receipt/1")
        waiting = self._join(self._create_campaign())
        line = waiting.order_line.filtered("groupbuy_line_id")
        with self.assertRaises(ValidationError):
            waiting._groupbuy_give_back({line: 1}, "staff", "receipt/1")

    def test_a_part_of_the_price_is_credited_after_the_invoice(self):
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 9 %",
                "amount": 9,
                "price_include_override": "tax_included",
                "company_id": self.company.id,
            }
        )
        self.tomato.taxes_id = [Command.set(tax.ids)]
        order, line = self._confirmed()
        self._receive(order.groupbuy_campaign_id)
        self._hand_out(order)
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_invoiced, 30.0)
        fact = order._groupbuy_compensate({line: 4.5}, "staff", "case/1", "supplier")
        self._run_jobs()
        self.assertEqual((fact.amount, fact.amount_untaxed), (4.5, 4.13))
        self.assertEqual(order.groupbuy_amount_refunded, 4.5)
        self.assertEqual(order.groupbuy_amount_invoiced, 25.5)
        self.assertEqual(order.groupbuy_amount_owed, 0.0)
        credit = order.invoice_ids.filtered(lambda m: m.move_type == "out_refund")
        self.assertEqual((credit.amount_total, credit.amount_tax), (4.5, 0.37))
        self.assertEqual(credit.amount_residual, 0.0)
        self.assertEqual(line.qty_delivered, 3)
        with self.assertRaises(ValidationError):
            order._groupbuy_compensate({line: 25.51}, "staff", "case/2")

    def test_goods_that_came_back_are_credited(self):
        order, line = self._confirmed()
        self._receive(order.groupbuy_campaign_id)
        self._hand_out(order)
        self._run_jobs()
        with self.assertRaises(ValidationError):
            order._groupbuy_give_back({line: 1}, "staff", "case/1")
        picking = order.groupbuy_picking_ids
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = 1
        self._validate(wizard._create_return())
        self.assertEqual(line.qty_delivered, 2)
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        self.assertEqual(order.groupbuy_amount_invoiced, 20.0)
        self.assertEqual(order.groupbuy_amount_owed, 0.0)

    def test_an_allowance_cannot_be_changed(self):
        order, line = self._confirmed()
        fact = order._groupbuy_give_back({line: 1}, "staff", "receipt/1")
        with self.assertRaises(UserError):
            fact.amount = 1.0
        with self.assertRaises(UserError):
            fact.unlink()
