# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestGroupBuyReconciliation(GroupBuyCommon):
    def _get_row(self, order):
        """Return the row of an order as it is now."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["groupbuy.reconciliation"].browse(order.id)

    def assertRow(self, order, **values):
        row = self._get_row(order)
        for name, value in values.items():
            if isinstance(value, float):
                self.assertAlmostEqual(row[name], value, 2, name)
            else:
                self.assertEqual(row[name], value, name)
        return row

    def test_unpaid_cart_has_no_row(self):
        order = self._create_cart(self._create_campaign())
        self.env.flush_all()
        self.assertFalse(
            self.env["groupbuy.reconciliation"].search([("order_id", "=", order.id)])
        )

    def test_paid_order_waits_for_its_invoice(self):
        order = self._join(self._create_campaign())
        self.assertRow(
            order,
            amount_charged=10.0,
            amount_booked=10.0,
            amount_invoiced=0.0,
            amount_to_invoice=10.0,
            difference=10.0,
            unexplained=0.0,
            quantity_ordered=1.0,
            cause="not_invoiced",
        )

    def test_authorised_order_is_not_charged(self):
        order = self._join(self._create_campaign(), state="authorized")
        self.assertRow(
            order,
            amount_charged=0.0,
            amount_authorized=10.0,
            difference=0.0,
            unexplained=0.0,
            cause="not_captured",
        )

    def test_part_that_was_captured_counts_and_the_rest_is_released(self):
        campaign = self._create_campaign(
            lines=[{"product": self.tomato, "tiers": [(2, 8.0)]}]
        )
        first = self._join(campaign, state="authorized")
        second = self._join(campaign, self.neighbour, state="authorized")
        self._close(campaign)
        for order in first | second:
            self.assertRow(
                order,
                amount_charged=8.0,
                amount_authorized=0.0,
                amount_booked=8.0,
                unexplained=0.0,
            )

    def test_returned_difference_and_invoice_agree(self):
        campaign = self._create_campaign(
            lines=[{"product": self.tomato, "tiers": [(2, 8.0)]}]
        )
        order = self._join(campaign)
        self._join(campaign, self.neighbour)
        self._close(campaign)
        self.assertRow(
            order,
            amount_charged=10.0,
            amount_refunded=2.0,
            amount_owed=0.0,
            unexplained=0.0,
        )
        order._groupbuy_invoice()
        self.assertRow(
            order,
            amount_invoiced=8.0,
            amount_booked=8.0,
            difference=0.0,
            unexplained=0.0,
            cause="none",
        )

    def test_difference_that_is_not_returned_yet_is_owed(self):
        campaign = self._create_campaign(
            lines=[{"product": self.tomato, "tiers": [(2, 8.0)]}]
        )
        order = self._join(campaign)
        self._join(campaign, self.neighbour)
        campaign.action_close_now()
        self._run_open_and_close()
        order.groupbuy_job_ids.filtered(lambda j: j.kind == "confirm")._do()
        self.assertRow(
            order,
            amount_charged=10.0,
            amount_owed=2.0,
            unexplained=0.0,
            cause="refund_waiting",
        )
        job = order.groupbuy_job_ids.filtered(lambda j: j.kind == "difference")
        job.state = "failed"
        self.assertRow(order, amount_owed=2.0, cause="refund_failed")
        job.write({"state": "manual", "method": "manual"})
        self.assertRow(order, amount_owed=2.0, cause="refund_manual")
        job.with_user(self.manager).action_mark_done()
        self.assertRow(order, amount_owed=0.0, amount_credited=2.0, unexplained=0.0)

    def test_failed_campaign_is_refunded_to_the_cent(self):
        campaign = self._create_campaign(min_people=5)
        order = self._join(campaign)
        self._close(campaign)
        self.assertRow(
            order,
            state="failed",
            amount_charged=10.0,
            amount_refunded=10.0,
            amount_booked=0.0,
            difference=0.0,
            unexplained=0.0,
            cause="none",
        )

    def test_order_that_is_about_to_be_cancelled_is_owed_its_money(self):
        campaign = self._create_campaign(min_people=5)
        order = self._join(campaign)
        campaign.action_close_now()
        self._run_open_and_close()
        self.assertRow(order, amount_owed=10.0, unexplained=0.0, cause="refund_waiting")

    def test_released_authorisation_leaves_nothing(self):
        campaign = self._create_campaign(min_people=5)
        order = self._join(campaign, state="authorized")
        self._close(campaign)
        self.assertRow(
            order,
            amount_charged=0.0,
            amount_authorized=0.0,
            difference=0.0,
            cause="none",
        )

    def test_money_that_nobody_can_explain_is_shown(self):
        order = self._join(self._create_campaign())
        tx = order.transaction_ids
        extra = tx.copy(
            {"reference": f"{tx.reference}-x", "state": "done", "amount": 3.0}
        )
        extra.sale_order_ids = [Command.set(order.ids)]
        self.assertRow(order, amount_charged=13.0, unexplained=3.0, cause="unexplained")

    def test_posted_payment_that_is_missing_in_the_books_is_shown(self):
        order = self._join(self._create_campaign())
        payment = order.transaction_ids.payment_id
        payment.action_draft()
        payment.action_cancel()
        self.assertRow(order, amount_booked=0.0, cause="not_booked")

    def test_unpaid_invoice_is_shown(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        self._close(campaign)
        order._groupbuy_invoice()
        self.assertRow(order, amount_residual=0.0, cause="none")
        order.invoice_ids.line_ids.remove_move_reconcile()
        self.assertRow(order, amount_residual=10.0, cause="invoice_open")

    def test_goods_that_were_not_handed_out_are_shown(self):
        campaign = self._create_campaign()
        order = self._join(campaign, quantities={campaign.line_ids: 3})
        self._close(campaign)
        order._groupbuy_invoice()
        self.assertRow(
            order, quantity_ordered=3.0, quantity_delivered=0.0, cause="none"
        )
        self._receive(campaign)
        picking = order.groupbuy_picking_ids
        picking.move_ids.write({"quantity": 2.0, "picked": True})
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=picking.ids
        ).button_validate()
        self.assertRow(
            order, quantity_ordered=3.0, quantity_delivered=2.0, cause="delivery"
        )

    def test_sums_by_campaign_follow_from_the_orders(self):
        campaign = self._create_campaign()
        orders = self._join(campaign) | self._join(campaign, self.neighbour)
        other = self._join(self._create_campaign())
        self.env.flush_all()
        groups = self.env["groupbuy.reconciliation"]._read_group(
            [("order_id", "in", (orders | other).ids)],
            ["campaign_id"],
            ["amount_charged:sum", "__count"],
        )
        self.assertIn((campaign, 20.0, 2), groups)
        self.assertIn((other.groupbuy_campaign_id, 10.0, 1), groups)
        self.env.invalidate_all()
        # Waiting for the close is no difference, an unbooked payment is one.
        self.assertEqual(campaign.reconciliation_difference_count, 0)
        payment = orders[0].transaction_ids.payment_id
        payment.action_draft()
        payment.action_cancel()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(campaign.reconciliation_difference_count, 1)

    def test_user_reads_own_company_only(self):
        order = self._join(self._create_campaign())
        row = self._get_row(order).with_user(self.user)
        self.assertEqual(row.amount_charged, 10.0)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        foreigner = new_test_user(
            self.env,
            login="foreigner",
            groups="community_groupbuy.group_groupbuy_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.env.flush_all()
        self.assertFalse(
            self.env["groupbuy.reconciliation"]
            .with_user(foreigner)
            .search([("order_id", "=", order.id)])
        )
        stranger = new_test_user(self.env, login="stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["groupbuy.reconciliation"].with_user(stranger).search([])
