# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestPayments(GroupBuyCommon):
    """What a payment provider may do to a group order, in any order and repeatedly."""

    def _support(self, provider=None, **support):
        """Let the provider say that it can do less, until the end of the test.

        :param support: `support_manual_capture` and `support_refund`.
        """
        provider = provider or self.provider
        model = type(self.env["payment.provider"])
        compute = model._compute_feature_support_fields

        def compute_less(records):
            compute(records)
            (records & provider).update(support)

        self.patch(model, "_compute_feature_support_fields", compute_less)
        self.env.invalidate_all()

    def _jobs(self, order, *kinds):
        return order.groupbuy_job_ids.filtered(lambda job: job.kind in kinds)

    # === REPEATED, LATE AND WRONG PAYMENTS === #

    def test_a_webhook_that_is_replayed_changes_nothing(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        tx = self._pay(order)
        before = self._snapshot(order)
        data = {"reference": tx.reference, "simulated_state": "done"}
        for _replay in range(3):
            tx._process(self.provider.code, data)
            tx._post_process()
        self.assertEqual(self._snapshot(order), before)
        self._close(campaign)
        after = self._snapshot(order)
        tx._process(self.provider.code, data)
        tx._post_process()
        self._run_jobs()
        self.assertEqual(self._snapshot(order), after)
        self.assertEqual(order.groupbuy_amount_refunded, 0.0)

    def _snapshot(self, order):
        self.env.flush_all()
        self.env.invalidate_all()
        campaign = order.groupbuy_campaign_id
        return (
            order.state,
            order.groupbuy_state,
            order.groupbuy_joined_at,
            order.amount_total,
            order.groupbuy_job_ids.sorted("id").mapped("key"),
            order.transaction_ids.child_transaction_ids.ids,
            campaign.line_ids.taken_quantity,
            campaign.order_count,
            order.order_line.move_ids.ids,
        )

    def test_a_pending_payment_neither_joins_nor_is_lost(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        tx = self._pay(order, "pending")
        self.assertEqual((order.state, order.groupbuy_state), ("draft", "cart"))
        self.assertEqual(campaign.people_count, 0)
        tx._process(
            self.provider.code, {"reference": tx.reference, "simulated_state": "done"}
        )
        tx._post_process()
        self.env.invalidate_all()
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertEqual(campaign.people_count, 1)

    def test_a_pending_payment_that_ends_after_the_close_is_refunded(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        tx = self._pay(order, "pending")
        self._close(campaign)
        tx._process(
            self.provider.code, {"reference": tx.reference, "simulated_state": "done"}
        )
        tx._post_process()
        self._run_jobs()
        self.assertEqual(order.groupbuy_failure, "late")
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        self.assertEqual(campaign.line_ids.taken_quantity, 0)

    def test_a_refused_or_abandoned_payment_does_not_join(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        for state in ("error", "cancel"):
            self._pay(order, state)
            self.assertEqual(order.groupbuy_state, "cart")
        self.assertFalse(order.groupbuy_job_ids)
        self._pay(order)
        self.assertEqual(order.groupbuy_state, "waiting")

    def test_a_larger_payment_joins_and_the_rest_goes_back_once(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        tx = self._pay(order, amount=25.0)
        self.assertEqual(order.groupbuy_state, "waiting")
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 15.0)
        tx._post_process()
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 15.0)
        self._close(campaign)
        self.assertEqual(order.groupbuy_amount_refunded, 15.0)
        self.assertEqual(order.groupbuy_amount_owed, 10.0)

    def test_of_a_larger_authorisation_only_the_price_is_captured(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        self._pay(order, "authorized", amount=25.0)
        self._close(campaign)
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.groupbuy_amount_charged, 10.0)
        self.assertEqual(order.transaction_ids._groupbuy_get_voidable(), 0.0)

    def test_two_smaller_payments_are_both_returned_or_join_together(self):
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        self._pay(order, amount=4.0)
        self.assertEqual(order.groupbuy_state, "cart")
        self.assertEqual(self._jobs(order, "refund").mapped("amount"), [4.0])
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 4.0)

    def test_money_that_went_back_does_not_pay_for_the_order(self):
        # `amount_paid` counts payments that were returned: refunds carry no order.
        campaign = self._create_campaign()
        order = self._create_cart(campaign)
        self._pay(order, amount=6.0)
        self._run_jobs()
        self.assertEqual(order.amount_paid, 6.0)
        self._pay(order, amount=6.0)
        self.assertEqual(order.groupbuy_state, "cart")
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_charged, 12.0)
        self.assertEqual(order.groupbuy_amount_refunded, 12.0)
        self._pay(order)
        self.assertEqual(order.groupbuy_state, "waiting")
        self._close(campaign)
        self.assertEqual(order.groupbuy_amount_owed, 10.0)

    def test_a_second_authorisation_is_voided_and_never_captured(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        second = self._pay(order, "authorized")
        self._close(campaign)
        self.assertEqual(order.state, "sale")
        self.assertEqual(second.state, "cancel")
        self.assertEqual(order.groupbuy_amount_charged, 10.0)
        self.assertEqual(order.groupbuy_amount_refunded, 0.0)

    def test_a_second_payment_after_the_close_is_returned(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        self._close(campaign)
        second = self._pay(order)
        self._run_jobs()
        self.assertEqual(second.child_transaction_ids.amount, -10.0)
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        self.assertEqual(order.groupbuy_amount_owed, 10.0)

    def test_a_payment_of_a_cancelled_order_is_returned(self):
        order = self._join(self._create_campaign())
        order._groupbuy_cancel_by_resident()
        self._run_jobs()
        self._pay(order)
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_charged, 20.0)
        self.assertEqual(order.groupbuy_amount_refunded, 20.0)

    def test_reductions_whose_refund_is_still_queued_are_not_returned_twice(self):
        campaign = self._create_campaign()
        order = self._join(campaign, quantities={campaign.line_ids: 5})
        line = order.order_line.filtered("groupbuy_line_id")
        order._groupbuy_reduce({line.id: 3})
        order._groupbuy_reduce({line.id: 1})
        # The close comes before the queue has sent anything.
        self._close(campaign)
        self.assertEqual(order.amount_total, 10.0)
        self.assertEqual(order.groupbuy_amount_refunded, 40.0)
        self.assertEqual(order.groupbuy_amount_owed, 10.0)

    # === NET AMOUNTS (refunds are not linked to the order) === #

    def test_refunds_count_although_odoo_does_not_link_them_to_the_order(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 7.5)], "tier_measure": "people"}]
        )
        order = self._join(campaign)
        self._join(campaign, self.neighbour)
        self._close(campaign)
        refund = order.transaction_ids.child_transaction_ids
        self.assertEqual((refund.operation, refund.state), ("refund", "done"))
        self.assertFalse(refund.sale_order_ids, "Odoo links refunds now: simplify ours")
        self.assertEqual(order.amount_paid, 10.0)
        self.assertEqual(order.groupbuy_amount_charged, 10.0)
        self.assertEqual(order.groupbuy_amount_refunded, 2.5)
        self.assertEqual(order.transaction_ids._groupbuy_get_refundable(), 7.5)

    def test_no_more_goes_back_than_came_in(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        tx = order.transaction_ids
        for reason, amount in (("staff", 7.0), ("resident", 7.0), ("late", 7.0)):
            order._groupbuy_return_payment(tx, reason, amount)
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        self.assertEqual(tx._groupbuy_get_refundable(), 0.0)

    # === THE GATE BEFORE CONFIRMATION === #

    def _create_custom_provider(self, mode):
        """Return one of Odoo's own providers that only promise to pay."""
        provider = self.env["payment.provider"].search(
            [("code", "=", "custom"), ("custom_mode", "=", mode)], limit=1
        ) or self.env["payment.provider"].create(
            {"name": mode, "code": "custom", "custom_mode": mode}
        )
        provider.write({"state": "enabled", "is_published": True})
        return provider

    def _custom_modes(self):
        """Return the modes of promises to pay that the installed modules know."""
        field = self.env["payment.provider"]._fields.get("custom_mode")
        return field.get_values(self.env) if field else []

    def test_promises_to_pay_are_not_offered_to_group_orders(self):
        modes = self._custom_modes()
        self.assertIn("wire_transfer", modes)
        providers = self.env["payment.provider"].union(
            *(self._create_custom_provider(mode) for mode in modes)
        )
        campaign = self._create_campaign(refund_fallback="manual")
        order = self._create_cart(campaign)
        report = {}
        offered = self.env["payment.provider"]._get_compatible_providers(
            self.company.id,
            self.resident.id,
            10.0,
            currency_id=self.currency.id,
            sale_order_id=order.id,
            report=report,
        )
        self.assertIn(self.provider, offered)
        self.assertFalse(offered & providers)
        refused = report["providers"]
        self.assertFalse(
            any(refused[p]["available"] for p in providers if p in refused)
        )

    def test_a_promise_to_pay_confirms_nothing_even_if_it_was_forged(self):
        campaign = self._create_campaign()
        for mode in self._custom_modes():
            provider = self._create_custom_provider(mode)
            order = self._create_cart(campaign)
            tx = self.env["payment.transaction"].create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": self.payment_method.id,
                    "reference": f"promise-{mode}",
                    "amount": order.amount_total,
                    "currency_id": order.currency_id.id,
                    "partner_id": order.partner_id.id,
                    "operation": "online_direct",
                    "sale_order_ids": [Command.set(order.ids)],
                }
            )
            tx._process("custom", {"reference": tx.reference})
            self.assertEqual(tx.state, "pending")
            try:
                with self.env.cr.savepoint():
                    tx._post_process()
            except UserError:
                # Modules that confirm on a promise meet the gate, and say so.
                self.env.invalidate_all()
            self.assertEqual((order.state, order.groupbuy_state), ("draft", "cart"))
            self.assertFalse(order.order_line.move_ids)
        self.assertEqual(campaign.people_count, 0)

    def test_no_way_but_the_close_confirms_a_group_order(self):
        order = self._join(self._create_campaign())
        cart = self._create_cart(order.groupbuy_campaign_id, self.neighbour)
        for record in (order, cart):
            with self.assertRaisesRegex(UserError, "waits for its group"):
                record.with_user(self.manager).action_confirm()
            with self.assertRaisesRegex(UserError, "waits for its group"):
                record.action_confirm()
        # The portal neither lets anybody sign it nor pay it there.
        self.company.portal_confirmation_sign = True
        order.require_signature = True
        self.assertFalse(order._has_to_be_signed())
        self.assertFalse(order._has_to_be_paid())
        # A signature that a forged request brought in confirms nothing either.
        order.signature = base64.b64encode(PIXEL)
        self.assertFalse(order._is_confirmation_amount_reached())
        order._validate_order()
        self.assertEqual((order.state, order.groupbuy_state), ("sent", "waiting"))

    def test_a_free_order_that_is_validated_twice_joins_once(self):
        campaign = self._create_campaign(state="draft", lines=[{"start_price": 0.0}])
        campaign.line_ids.with_user(self.manager).action_approve_below_cost()
        campaign.action_open_now()
        order = self._create_cart(campaign)
        order._validate_order()
        order._validate_order()
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertEqual(campaign.order_count, 1)
        self._close(campaign)
        self.assertEqual(order.state, "sale")

    # === MAILS AND PRICELISTS === #

    def test_neither_carts_nor_waiting_orders_get_abandoned_cart_mails(self):
        self.website.send_abandoned_cart_email = True
        self.egg.allow_out_of_stock_order = True
        campaign = self._create_campaign()
        waiting = self._join(campaign)
        pending = self._create_cart(campaign, self.neighbour)
        self._pay(pending, "pending")
        cart = self._create_cart(campaign, self.third)
        shop = self.env["sale.order"].create(
            {
                "partner_id": self.resident.id,
                "website_id": self.website.id,
                "order_line": [Command.create({"product_id": self.egg.id})],
            }
        )
        orders = waiting | pending | cart | shop
        self.env.cr.execute(
            "UPDATE sale_order SET date_order = now() - interval '3 days'"
            " WHERE id = ANY(%s)",
            [orders.ids],
        )
        self.website.sudo().send_abandoned_cart_email_activation_time = (
            fields.Datetime.now() - timedelta(days=9)
        )
        self.env.invalidate_all()
        self.assertEqual(orders._filter_can_send_abandoned_cart_mail(), shop)
        self.env["website"]._send_abandoned_cart_email()
        mails = self.env["mail.mail"].search(
            [
                ("model", "=", "sale.order"),
                ("res_id", "in", orders.ids),
                ("subject", "=", "You left items in your cart!"),
            ]
        )
        self.assertEqual(mails.mapped("res_id"), shop.ids)

    def test_joining_and_closing_neither_write_a_pricelist_nor_clear_caches(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        cleared = []
        registry = type(self.env.registry)
        clear = registry.clear_cache

        def note(registry_, *names):
            cleared.append(names)
            return clear(registry_, *names)

        def refuse(*args):
            self.fail("A pricelist was written")

        pricelist = type(self.env["product.pricelist"])
        with (
            patch.object(registry, "clear_cache", note),
            patch.object(pricelist, "write", refuse),
            patch.object(pricelist, "create", refuse),
        ):
            self._join(campaign)
            self._join(campaign, self.neighbour)
            self._close(campaign)
        self.assertEqual(campaign.state, "delivering")
        self.assertFalse(cleared)

    # === PROVIDERS THAT CAN DO LESS === #

    def test_a_provider_that_cannot_return_money_is_offered_with_a_fallback_only(self):
        self._support(support_manual_capture=None, support_refund="none")
        campaign = self._create_campaign()
        for fallback, offered in (("none", False), ("wallet", True), ("manual", True)):
            campaign.with_context(
                groupbuy_edit_reason="Other ways to pay"
            ).refund_fallback = fallback
            self.assertEqual(self.provider._groupbuy_is_offered(campaign), offered)

    def test_a_provider_that_captures_later_need_not_refund(self):
        self._support(support_manual_capture="full_only", support_refund="none")
        campaign = self._create_campaign()
        self.assertFalse(self.provider._groupbuy_is_offered(campaign))
        self.provider.capture_manually = True
        self.assertTrue(self.provider._groupbuy_is_offered(campaign))

    def _use_wallet_program(self):
        program = self._create_wallet_program()
        self.company.groupbuy_wallet_program_id = program
        return program

    def test_what_cannot_be_sent_back_becomes_store_credit_once(self):
        program = self._use_wallet_program()
        self._support(support_manual_capture=None, support_refund="none")
        campaign = self._create_campaign(min_people=3, refund_fallback="wallet")
        order = self._join(campaign)
        self._close(campaign)
        self._run_jobs()
        card = program.coupon_ids
        self.assertEqual((card.partner_id, card.points), (self.resident, 10.0))
        self.assertEqual(card.history_ids.issued, 10.0)
        job = self._jobs(order, "refund")
        self.assertEqual((job.state, job.method), ("done", "wallet"))
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        self.assertFalse(order.transaction_ids.child_transaction_ids)
        # The next campaign's difference goes onto the same wallet.
        second = self._create_campaign(
            refund_fallback="wallet",
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}],
        )
        self._join(second)
        self._join(second, self.neighbour)
        self._close(second)
        self.assertEqual(card.points, 12.0)

    def test_what_cannot_be_sent_back_becomes_a_visible_to_do(self):
        self._support(support_manual_capture=None, support_refund="none")
        campaign = self._create_campaign(
            min_people=3, refund_fallback="manual", user_id=self.manager.id
        )
        order = self._join(campaign)
        self._close(campaign)
        job = self._jobs(order, "refund")
        self.assertEqual((job.state, job.amount), ("manual", 10.0))
        self.assertEqual(order.activity_ids.user_id, self.manager)
        self.assertIn("by hand", order.activity_ids.summary)
        self.assertEqual(order.groupbuy_amount_refunded, 0.0)
        self.assertEqual(order.groupbuy_amount_owed, 10.0)
        self.assertEqual(campaign.job_failed_count, 1)
        with self.assertRaises(UserError):
            self._jobs(order, "cancel").with_user(self.user).action_mark_done()
        job.with_user(self.user).action_mark_done()
        self.assertEqual((job.state, job.method), ("done", "manual"))
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)
        self.assertEqual(order.groupbuy_amount_owed, 0.0)
        with self.assertRaises(UserError):
            job.with_user(self.user).action_mark_done()
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)

    def test_store_credit_without_a_wallet_program_becomes_a_to_do(self):
        self.env["loyalty.program"].search(
            [("program_type", "=", "ewallet")]
        ).active = False
        self.company.groupbuy_wallet_program_id = False
        self._support(support_manual_capture=None, support_refund="none")
        campaign = self._create_campaign(min_people=3, refund_fallback="wallet")
        order = self._join(campaign)
        self._close(campaign)
        self.assertEqual(self._jobs(order, "refund").state, "manual")

    def test_a_provider_that_refunds_in_full_only_returns_a_whole_payment(self):
        self._support(support_refund="full_only")
        campaign = self._create_campaign(min_people=3)
        order = self._join(campaign)
        self._close(campaign)
        self.assertEqual(self._jobs(order, "refund").method, "provider")
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)

    def test_a_provider_that_refunds_in_full_only_leaves_differences_to_staff(self):
        self._support(support_refund="full_only")
        campaign = self._create_campaign(
            refund_fallback="manual",
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}],
        )
        order = self._join(campaign)
        self._join(campaign, self.neighbour)
        self._close(campaign)
        job = self._jobs(order, "difference")
        self.assertEqual((job.state, job.amount), ("manual", 2.0))
        self.assertFalse(order.transaction_ids.child_transaction_ids)
        # Cancelled afterwards: what is promised by hand is not sent as well.
        order.action_cancel()
        self._run_jobs()
        refund = self._jobs(order, "refund")
        self.assertEqual((refund.state, refund.amount), ("manual", 8.0))
        (job | refund).with_user(self.user).action_mark_done()
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)

    def test_a_method_that_cannot_refund_is_no_better_than_its_provider(self):
        self.payment_method.support_refund = "none"
        campaign = self._create_campaign(min_people=3, refund_fallback="manual")
        order = self._join(campaign)
        self._close(campaign)
        self.assertEqual(self._jobs(order, "refund").state, "manual")

    def test_a_provider_that_captures_in_full_only_refunds_the_difference(self):
        self._support(support_manual_capture="full_only")
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        order = self._join(campaign, state="authorized")
        self._join(campaign, self.neighbour, state="authorized")
        self._close(campaign)
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.groupbuy_amount_charged, 10.0)
        self.assertEqual(order.groupbuy_amount_refunded, 2.0)
        self.assertEqual(order.groupbuy_amount_owed, 8.0)

    def test_a_method_that_captures_in_full_only_is_captured_in_full(self):
        self.payment_method.support_manual_capture = "full_only"
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        order = self._join(campaign, state="authorized")
        self._join(campaign, self.neighbour, state="authorized")
        self._close(campaign)
        self.assertEqual(self._jobs(order, "capture").amount, 10.0)
        self.assertEqual(order.groupbuy_amount_refunded, 2.0)

    def test_a_capture_that_fails_keeps_the_order_waiting_and_is_repeated(self):
        campaign = self._create_campaign()
        order = self._join(campaign, state="authorized")
        refusal = "Try again later."

        def refuse(tx):
            raise ValidationError(refusal)

        model = type(self.env["payment.transaction"])
        with patch.object(model, "_send_capture_request", refuse):
            self._close(campaign)
        job = self._jobs(order, "capture")
        self.assertEqual((job.state, job.attempts), ("pending", 1))
        self.assertEqual(order.groupbuy_state, "waiting")
        reference = job.result_transaction_id.reference
        job.next_try_at = False
        self._run_jobs()
        self.assertEqual(job.result_transaction_id.reference, reference)
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.groupbuy_amount_charged, 10.0)
