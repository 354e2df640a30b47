# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestMembership(GroupBuyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.env["product.product"].create(
            {
                "name": "Member for 30 Days",
                "type": "service",
                "list_price": 30.0,
                "invoice_policy": "order",
                "is_published": True,
                "taxes_id": [Command.clear()],
                "groupbuy_membership_days": 30,
            }
        )
        cls.deferred = cls.env["account.account"].create(
            {
                "name": "Deferred Memberships",
                "code": "290990",
                "account_type": "liability_current",
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        # The resident is a member, the neighbour not yet.
        cls.order = cls._prepare(lambda: cls._buy(cls.resident))
        cls.membership = cls._get(cls.order)

    @classmethod
    def _buy(cls, partner=None, quantity=1, pay=True):
        """Return an order of the shop for a membership, the neighbour's by default."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.neighbour).id,
                "website_id": cls.website.id,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create(
                        {"product_id": cls.card.id, "product_uom_qty": quantity}
                    )
                ],
            }
        )
        if pay:
            cls._pay(order)
        return order

    @classmethod
    def _get(cls, order):
        return cls.env["groupbuy.membership"].search([("order_id", "=", order.id)])

    def _until(self):
        return self.resident._groupbuy_get_standing(self.company).member_until

    def test_a_paid_order_starts_a_membership_once(self):
        order, membership = self.order, self.membership
        self.assertEqual(order.state, "sale")
        today = fields.Date.context_today(membership)
        self.assertEqual((membership.start, membership.days), (today, 30))
        self.assertEqual(membership.state, "running")
        order._groupbuy_start_memberships()
        order.transaction_ids._post_process()
        self.assertEqual(self._get(order), membership)
        self.assertEqual(self._until(), today + timedelta(days=29))
        self.assertTrue(self.resident._groupbuy_is_member(self.company))
        self.assertFalse(self.neighbour._groupbuy_is_member(self.company))

    def test_a_second_period_follows_the_first(self):
        first = self.membership
        second = self._get(self._buy(self.resident, quantity=2))
        self.assertEqual(second.start, first.end + timedelta(days=1))
        self.assertEqual(second.days, 60)
        self.assertEqual(second.state, "upcoming")
        self.assertEqual(self._until(), second.end)

    def test_an_unpaid_order_starts_nothing_until_its_invoice_is_paid(self):
        order = self._buy(pay=False)
        order.action_confirm()
        self.assertFalse(self._get(order))
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertFalse(self._get(order))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertTrue(self._get(order))

    def test_members_get_their_promotion_and_free_delivery(self):
        self.env["loyalty.program"].create(
            {
                "name": "Members 10 %",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "company_id": self.company.id,
                "groupbuy_members_only": True,
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [
                    Command.create({"reward_type": "discount", "discount": 10})
                ],
            }
        )
        door = self.carrier.copy(
            {
                "name": "To the Door",
                "delivery_type": "fixed",
                "fixed_price": 6.0,
                "groupbuy_free_for_members": True,
            }
        )
        campaign = self._create_campaign(carrier_ids=door.ids)
        cart = self._create_cart(campaign, self.neighbour)
        cart._update_programs_and_rewards()
        self.assertFalse(cart._get_claimable_rewards())
        self.assertEqual(door.rate_shipment(cart)["price"], 6)
        self._buy()
        cart._update_programs_and_rewards()
        self.assertTrue(cart._get_claimable_rewards())
        self.assertEqual(door.rate_shipment(cart)["price"], 0)

    def test_unused_days_are_refunded_once_in_money_and_books(self):
        order, membership = self.order, self.membership
        with freeze_time(fields.Datetime.now() + timedelta(days=9)):
            membership.with_user(self.manager).action_refund()
            self.assertEqual(membership.refund_move_id.amount_total, 20)
            self.assertEqual(membership.refund_move_id.state, "posted")
            self.assertEqual(membership.state, "refunded")
            self.assertEqual(self._until(), fields.Date.context_today(membership))
            with self.assertRaisesRegex(UserError, "refunded already"):
                membership.with_user(self.manager).action_refund()
        self._run_jobs()
        job = self.env["groupbuy.job"].search([("order_id", "=", order.id)])
        self.assertEqual((job.kind, job.state, job.amount), ("refund", "done", 20))
        refund = order.transaction_ids.child_transaction_ids
        self.assertEqual((refund.amount, refund.state), (-20, "done"))

    def test_a_discount_of_the_order_lowers_the_refund(self):
        order = self._buy(pay=False)
        order.order_line.discount = 50
        self._pay(order)
        membership = self._get(order)
        with freeze_time(fields.Datetime.now() + timedelta(days=9)):
            membership._refund()
        self.assertEqual(membership.refund_move_id.amount_total, 10)

    def test_what_cannot_be_refunded_is_refused(self):
        first = self.membership
        second = self._get(self._buy(self.resident))
        with self.assertRaises(AccessError):
            first.with_user(self.user).action_refund()
        with self.assertRaisesRegex(UserError, "later period"):
            first._refund()
        second._refund()
        self.assertEqual(self._until(), first.end)
        self.assertEqual(second.refund_move_id.amount_total, 30)
        with freeze_time(fields.Datetime.now() + timedelta(days=29)):
            first.invalidate_recordset()
            with self.assertRaisesRegex(UserError, "All days"):
                first._refund()
        with self.assertRaises(UserError):
            first.unlink()

    def test_income_is_recognised_month_by_month_and_once(self):
        self.company.groupbuy_membership_deferred_account_id = self.deferred
        self.card.groupbuy_membership_days = 90
        with freeze_time("2026-01-16 08:00:00"):
            order = self._buy()
            membership = self._get(order)
            if not order.invoice_ids:
                order._create_invoices()
            order.invoice_ids.filtered(lambda m: m.state == "draft").action_post()
        self.assertEqual(membership.start, date(2026, 1, 16))
        facts = self.env["groupbuy.membership.recognition"]
        deferred = [("account_id", "=", self.deferred.id)]

        def left():
            self.env.flush_all()
            return -sum(
                self.env["account.move.line"]
                .search([*deferred, ("parent_state", "=", "posted")])
                .mapped("balance")
            )

        self.assertEqual(left(), 30)
        with freeze_time("2026-02-03 08:00:00"):
            move = facts._recognise(self.company, date(2026, 1, 31))
            self.assertFalse(facts._recognise(self.company, date(2026, 1, 31)))
        self.assertEqual(membership.recognition_ids.amount, 5.33)
        self.assertEqual(move.state, "posted")
        self.assertAlmostEqual(left(), 24.67)
        with freeze_time("2026-06-03 08:00:00"):
            facts._recognise(self.company, date(2026, 5, 31))
        self.assertAlmostEqual(left(), 0)
        self.assertAlmostEqual(sum(membership.recognition_ids.mapped("amount")), 30)
        with self.assertRaises(UserError):
            membership.recognition_ids[0].amount = 1

    def test_a_refund_leaves_no_deferred_income_behind(self):
        self.company.groupbuy_membership_deferred_account_id = self.deferred
        with freeze_time("2026-01-10 08:00:00"):
            order = self._buy()
            membership = self._get(order)
        with freeze_time("2026-01-19 08:00:00"):
            membership._refund()
        self.assertEqual(membership.refund_move_id.amount_total, 20)
        with freeze_time("2026-02-03 08:00:00"):
            self.env["groupbuy.membership.recognition"]._recognise(
                self.company, date(2026, 1, 31)
            )
        self.assertEqual(sum(membership.recognition_ids.mapped("amount")), 10)

    def test_members_are_reminded_once_before_the_end(self):
        membership = self.membership
        with freeze_time(fields.Datetime.now() + timedelta(days=20)):
            cron = self.env.ref("groupbuy_marketing.ir_cron_remind_members")
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        mails = self.env["mail.mail"].search(
            [("model", "=", membership._name), ("res_id", "=", membership.id)]
        )
        self.assertEqual(len(mails), 1)
        self.assertEqual(mails.recipient_ids, self.resident)
        self.assertTrue(membership.reminded_on)

    def test_a_membership_is_a_service_and_not_for_campaigns(self):
        with self.assertRaisesRegex(ValidationError, "must be a service"):
            self.tomato.groupbuy_membership_days = 30
        with self.assertRaisesRegex(ValidationError, "negative number"):
            self.card.groupbuy_membership_days = -1
        campaign = self._create_campaign(state="draft")
        with self.assertRaisesRegex(ValidationError, "sold in the shop"):
            self._create_line(campaign, self.card)
