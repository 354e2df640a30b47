# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import io
import json
import re
from datetime import date, timedelta
from unittest.mock import patch

import openpyxl
from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..periods import get_last_complete
from .commission_common import CommissionCommon


class SettlementCommon(CommissionCommon):
    def _bonus(self, amount, leader=None, days_ago=10):
        """Return a ledger entry that is payable, as old as that."""
        leader = leader or self.leader
        with freeze_time(fields.Datetime.now() - timedelta(days=days_ago)):
            return leader._grant_bonus(
                amount, f"test/{len(self._entries())}", "For the test"
            )

    def _adjust(self, amount, leader=None):
        """Book an adjustment, so long ago that it can be settled."""
        adjustment = self.env["groupbuy.commission.adjustment"].create(
            {
                "leader_id": (leader or self.leader).id,
                "amount": amount,
                "reason": "For the test",
            }
        )
        with freeze_time(fields.Datetime.now() - timedelta(days=10)):
            adjustment._book()
        return adjustment.entry_id

    def _cause(self, settlement):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.env["groupbuy.settlement.reconciliation"]
            .search([("settlement_id", "=", settlement.id)])
            .cause
        )


@tagged("post_install", "-at_install")
class TestSettlementRun(SettlementCommon):
    def test_what_is_payable_is_settled_once(self):
        order, _line = self._delivered(3)
        settlement = self._settle()
        self.assertRecordValues(
            settlement,
            [{"amount": 3.0, "balance": 3.0, "entry_count": 1, "state": "draft"}],
        )
        self.assertEqual(self._entries(order).settlement_id, settlement)
        self.assertFalse(self._settle())
        self.assertFalse(self._settle(days=60))

    def test_what_waits_is_not_settled(self):
        self._confirmed(3)
        self.assertFalse(self._settle())
        self._delivered(3)
        self.assertFalse(self._settle(days=3))

    def test_a_settlement_covers_the_last_complete_period_of_the_plan(self):
        self._bonus(5)
        for kind in ("week", "half_month", "month"):
            with self.env.cr.savepoint() as savepoint:
                self.plan.period = kind
                today = date(2031, 3, 1)
                with freeze_time("2031-03-01 03:00:00"):
                    settlement = self.env["groupbuy.settlement"]._settle(
                        self.company, self.leader
                    )
                self.assertEqual(
                    (settlement.date_from, settlement.date_to),
                    get_last_complete(kind, today),
                )
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_day_ends_in_the_zone_of_the_company(self):
        self.plan.period = "month"
        for moment, month in (("2031-03-31 15:59:59", 2), ("2031-03-31 16:00:00", 3)):
            with freeze_time(moment):
                targets = self.env["groupbuy.settlement"]._get_targets(
                    self.company, self.leader, None, False
                )
            last = fields.Date.to_date(targets[0]["date_to"])
            self.assertEqual(last.month, month)
        self.assertEqual(targets[0]["ends_at"], "2031-03-31 16:00:00")

    def test_what_became_payable_after_the_period_waits_for_the_next(self):
        with freeze_time("2031-03-31 15:30:00"):
            self.leader._grant_bonus(5, "a", "Still in March, in Shanghai")
        with freeze_time("2031-03-31 16:30:00"):
            self.leader._grant_bonus(7, "b", "In April already")
        self.plan.period = "month"
        with freeze_time("2031-04-02 00:00:00"):
            march = self.env["groupbuy.settlement"]._settle(self.company, self.leader)
        with freeze_time("2031-05-02 00:00:00"):
            april = self.env["groupbuy.settlement"]._settle(self.company, self.leader)
        self.assertEqual((march.amount, april.amount), (5, 7))
        self.assertEqual(april.date_from, march.date_to + timedelta(days=1))

    def test_a_given_period_that_overlaps_a_settled_one_is_refused(self):
        self._bonus(5)
        settlement = self._settle()
        self._bonus(5)
        with self.assertRaises(UserError) as caught:
            self._settle(
                period=(settlement.date_to, settlement.date_to + timedelta(days=1))
            )
        self.assertIn("overlaps", str(caught.exception))
        self.assertFalse(self._entries(settlement_id=False).settlement_id)

    def test_a_period_in_the_future_is_refused(self):
        self._bonus(5)
        tomorrow = fields.Date.today() + timedelta(days=2)
        with self.assertRaises(UserError):
            self._settle(days=0, period=(tomorrow, tomorrow))

    def test_a_period_after_a_change_of_the_plan_begins_after_the_settled_one(self):
        self._bonus(5)
        self.plan.period = "week"
        with freeze_time("2031-03-12 00:00:00"):
            first = self.env["groupbuy.settlement"]._settle(self.company, self.leader)
        self.plan.period = "month"
        self._bonus(6)
        with freeze_time("2031-04-02 00:00:00"):
            second = self.env["groupbuy.settlement"]._settle(self.company, self.leader)
        self.assertEqual(first.date_to, date(2031, 3, 9))
        self.assertEqual(
            (second.date_from, second.date_to), (date(2031, 3, 10), date(2031, 3, 31))
        )

    def test_the_database_refuses_a_second_settlement_of_a_period(self):
        self._bonus(5)
        settlement = self._settle()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "INSERT INTO groupbuy_settlement (name, leader_id, company_id,"
                " currency_id, date_from, date_to, step, amount, amount_carried,"
                " balance) SELECT 'x', leader_id, company_id, currency_id, date_from,"
                " date_to, 'draft', 0, 0, 0 FROM groupbuy_settlement WHERE id = %s",
                [settlement.id],
            )

    def test_a_debt_is_carried_into_the_next_settlement_and_shown(self):
        self._adjust(-30)
        debt = self._settle()
        self.assertEqual((debt.state, debt.balance, debt.is_debt), ("carried", -30, 1))
        self.assertEqual(self._cause(debt), "debt")
        self.assertEqual(
            self.env["groupbuy.settlement"].search([("is_debt", "=", True)]), debt
        )
        self.assertEqual(self.leader.commission_balance, -30)
        self._bonus(100)
        settlement = self._settle(days=28)
        self.assertRecordValues(
            settlement,
            [{"amount": 100, "amount_carried": -30, "balance": 70, "state": "draft"}],
        )
        self.assertEqual(settlement.carried_from_ids, debt)
        self.assertFalse(debt.is_debt)
        bill = self._bill(settlement)
        self.assertEqual(bill.amount_untaxed, 70)
        self.assertEqual(bill.invoice_line_ids.mapped("price_unit"), [100, -30])
        self.env.invalidate_all()
        self.assertEqual(self.leader.commission_balance, 0)

    def test_below_the_minimum_nothing_is_paid_out_yet(self):
        self.plan.minimum_payout = 50
        self._bonus(20)
        first = self._settle()
        self.assertEqual((first.state, first.is_debt), ("carried", False))
        self.assertEqual(self._cause(first), "below_minimum")
        self._bonus(29.99)
        second = self._settle(days=28)
        self.assertEqual((second.state, second.balance), ("carried", 49.99))
        self._bonus(0.01)
        third = self._settle(days=42)
        self.assertEqual((third.state, third.balance), ("draft", 50))
        bill = self._bill(third)
        self.assertEqual(bill.amount_untaxed, 50)
        self.assertEqual(len(bill.invoice_line_ids), 3)

    def test_who_leaves_gets_what_is_below_the_minimum_too(self):
        self.plan.minimum_payout = 50
        self._bonus(20, days_ago=0)
        self.leader.state = "left"
        self.leader._on_left()
        settlement = self.env["groupbuy.settlement"].search(
            [("leader_id", "=", self.leader.id)]
        )
        self.assertEqual((settlement.state, settlement.balance), ("draft", 20))
        self.leader._on_left()

    def test_an_exit_settles_what_is_owed_and_what_still_waits_later(self):
        self.plan.minimum_payout = 50
        order, _line = self._delivered(3)
        self._bonus(20, days_ago=0)
        wizard = self.env["groupbuy.leader.exit"].browse(
            self.leader.action_exit()["res_id"]
        )
        wizard.line_ids.target_id = self.other_point
        wizard.reason = "Moves away"
        wizard.action_confirm()
        self.assertEqual(self.leader.state, "left")
        settlements = self.env["groupbuy.settlement"].search(
            [("leader_id", "=", self.leader.id)]
        )
        self.assertEqual((settlements.state, settlements.balance), ("draft", 20))
        # The after-sales window of the last order ends after the leader has gone.
        with freeze_time(fields.Datetime.now() + timedelta(days=21)):
            self.env.ref("groupbuy_leader.ir_cron_settle").method_direct_trigger()
        last = self._entries(order).settlement_id
        self.assertEqual((last.state, last.balance), ("draft", 3))

    def test_the_job_settles_every_leader_of_every_company_once(self):
        self._bonus(5)
        self._bonus(6, self.other_leader)
        for _time in range(2):
            with freeze_time(fields.Datetime.now() + timedelta(days=14)):
                with patch(
                    "odoo.addons.groupbuy_leader.models.groupbuy_settlement.SLICE", 1
                ):
                    self.env.ref(
                        "groupbuy_leader.ir_cron_settle"
                    ).method_direct_trigger()
            self.env.invalidate_all()
        settlements = self.env["groupbuy.settlement"].search([])
        self.assertEqual(
            sorted(settlements.mapped(lambda rec: (rec.leader_id.id, rec.amount))),
            sorted([(self.leader.id, 5), (self.other_leader.id, 6)]),
        )

    def test_a_leader_of_another_company_is_not_settled_here(self):
        other = self.env["res.company"].create({"name": "Other"})
        partner = self.leader.partner_id
        twin = self.env["groupbuy.leader"].create(
            {"partner_id": partner.id, "company_id": other.id}
        )
        self._bonus(5)
        self._bonus(7, twin)
        settlements = self._settle(self.leader | twin)
        self.assertEqual(settlements.mapped("amount"), [5])
        with freeze_time(fields.Datetime.now() + timedelta(days=40)):
            theirs = self.env["groupbuy.settlement"]._settle(other, twin)
        self.assertEqual((theirs.company_id, theirs.amount), (other, 7))

    def test_ten_leaders_take_as_many_queries_as_a_hundred(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Leader {number}"} for number in range(110)]
        )
        leaders = self.env["groupbuy.leader"].create(
            [{"partner_id": rec.id, "company_id": self.company.id} for rec in partners]
        )
        for leader in leaders:
            self._bonus(5, leader)
        # Also the plan that came with the addon is not looked up leader by leader.
        self.company.groupbuy_commission_plan_id = False
        counts = []
        for part in (leaders[:1], leaders[1:11], leaders[11:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self._settle(part, days=40)), len(part))
            counts.append(self.env.cr.sql_log_count - before)
        # The first run of a process looks things up that stay in its memory.
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestSettlementFlow(SettlementCommon):
    def test_a_settlement_goes_from_draft_to_paid(self):
        self.company.groupbuy_settlement_approval_amount = 2
        order, _line = self._delivered(3)
        settlement = self._settle()
        self.assertEqual(self._cause(settlement), "not_approved")
        settlement.with_user(self.finance).action_submit()
        self.assertEqual(settlement.state, "to_approve")
        settlement.with_user(self.approver).action_approve()
        self.assertEqual(self._cause(settlement), "not_billed")
        settlement.with_user(self.finance).action_bill()
        bill = settlement.bill_id
        self.assertRecordValues(
            bill,
            [
                {
                    "move_type": "in_invoice",
                    "state": "posted",
                    "ref": settlement.name,
                    "amount_untaxed": 3.0,
                    "partner_id": self.leader.partner_id.id,
                }
            ],
        )
        self.assertTrue(bill.journal_id.is_self_billing)
        campaign = order.groupbuy_campaign_id
        self.assertEqual(
            bill.invoice_line_ids.analytic_distribution,
            {str(campaign.sudo().analytic_account_id.id): 100.0},
        )
        self.assertEqual(self._cause(settlement), "not_paid")
        self._pay_bills(bill)
        self.assertEqual(settlement.state, "paid")
        self.assertEqual(self._cause(settlement), "none")

    def test_a_payment_in_part_leaves_it_billed(self):
        self._bonus(100)
        settlement = self._settle()
        bill = self._bill(settlement)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"amount": 40})._create_payments()
        self.assertEqual(settlement.state, "billed")
        self.assertEqual(self._cause(settlement), "part_paid")
        with self.assertRaises(UserError):
            settlement.with_user(self.approver)._reverse("Too late")

    def test_a_payment_that_is_undone_undoes_the_state(self):
        self._bonus(100)
        settlement = self._settle()
        bill = self._bill(settlement)
        self._pay_bills(bill)
        self.assertEqual(settlement.state, "paid")
        bill.line_ids.remove_move_reconcile()
        self.assertEqual(settlement.state, "billed")

    def test_a_small_one_needs_no_second_person(self):
        self._bonus(1000)
        settlement = self._settle()
        settlement.with_user(self.finance).action_submit()
        self.assertEqual(settlement.state, "approved")
        self.assertFalse(settlement.approved_by_id)

    def test_who_prepared_cannot_approve(self):
        self._bonus(1000.01)
        settlement = self._settle()
        settlement.with_user(self.approver).action_submit()
        with self.assertRaises(UserError):
            settlement.with_user(self.approver).action_approve()
        with self.assertRaises(AccessError):
            settlement.with_user(self.finance).action_approve()
        self.assertEqual(settlement.state, "to_approve")
        settlement.with_user(self.other_approver).action_approve()
        self.assertEqual(settlement.approved_by_id, self.other_approver)

    def test_who_ran_the_settlement_cannot_approve_it(self):
        self._bonus(2000)
        run = (
            self.env["groupbuy.settlement.run"]
            .with_user(self.approver)
            .create({"leader_ids": [Command.set(self.leader.ids)]})
        )
        with freeze_time(fields.Datetime.now() + timedelta(days=14)):
            run.action_settle()
        settlement = self.env["groupbuy.settlement"].search(
            [("leader_id", "=", self.leader.id)]
        )
        settlement.with_user(self.finance).action_submit()
        with self.assertRaises(UserError):
            settlement.with_user(self.approver).action_approve()

    def test_each_button_works_from_its_own_state_only(self):
        self._bonus(2000)
        settlement = self._settle()
        finance = settlement.with_user(self.finance)
        approver = settlement.with_user(self.approver)
        for button in (
            approver.action_approve,
            finance.action_bill,
            finance.action_register_payment,
        ):
            with self.assertRaises(UserError):
                button()
        finance.action_submit()
        for button in (finance.action_submit, finance.action_bill):
            with self.assertRaises(UserError):
                button()
        approver.action_approve()
        finance.action_bill()
        for button in (finance.action_bill, approver.action_approve):
            with self.assertRaises(UserError):
                button()
        self.assertEqual(
            self.env["account.move"].search_count(
                [("groupbuy_settlement_id", "=", settlement.id)]
            ),
            1,
        )

    def test_a_held_settlement_does_not_go_on(self):
        self._bonus(10)
        settlement = self._settle()
        finance = settlement.with_user(self.finance)
        with self.assertRaises(UserError):
            finance._hold("  ")
        finance._hold("Goods are missing")
        self.assertEqual(self._cause(settlement), "held")
        with self.assertRaises(UserError) as caught:
            finance.action_submit()
        self.assertIn("Goods are missing", str(caught.exception))
        finance.action_release()
        finance.action_submit()
        finance._hold("Once more")
        with self.assertRaises(UserError):
            finance.action_bill()

    def test_the_fiscal_position_of_the_leader_decides_the_taxes(self):
        tax, reduced = self.env["account.tax"].create(
            [
                {"name": name, "amount": amount, "type_tax_use": "purchase"}
                for name, amount in (("Six", 6.0), ("One", 1.0))
            ]
        )
        product = self.env.ref("groupbuy_leader.product_product_commission")
        product.supplier_taxes_id = tax
        position = self.env["account.fiscal.position"].create({"name": "Small"})
        reduced.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(tax.id)],
            }
        )
        self.leader.partner_id.property_account_position_id = position
        self._bonus(100)
        self._bonus(100, self.other_leader)
        settlements = self._settle(self.leader | self.other_leader)
        bills = self._bill(settlements)
        taxes = {bill.partner_id: bill.amount_tax for bill in bills}
        self.assertEqual(taxes[self.leader.partner_id], 1)
        self.assertEqual(taxes[self.other_leader.partner_id], 6)
        self.assertEqual(self._cause(settlements[0]), "not_paid")

    def test_a_reversed_settlement_is_settled_again(self):
        order, line = self._delivered(3)
        settlement = self._settle()
        bill = self._bill(settlement)
        with self.assertRaises(AccessError):
            settlement.with_user(self.finance)._reverse("Wrong")
        with self.assertRaises(UserError):
            settlement.with_user(self.approver)._reverse("")
        settlement.with_user(self.approver)._reverse("Wrong rate")
        self.assertEqual(settlement.state, "reversed")
        self.assertEqual(bill.payment_state, "reversed")
        self.assertEqual(self._cause(settlement), "none")
        self.assertAlmostEqual(sum(settlement.entry_ids.mapped("amount")), 0)
        self.assertFacts(order)
        again = self._settle()
        self.assertEqual((again.date_from, again.amount), (settlement.date_from, 3.0))
        second = self._bill(again)
        self.assertEqual(
            second.invoice_line_ids.analytic_distribution,
            bill.invoice_line_ids.analytic_distribution,
        )
        # A refund now is a debt, once.
        order._groupbuy_compensate({line: 10.0}, "staff", "case/1")
        debt = self._settle(days=28)
        self.assertEqual(debt.balance, -1)
        self.assertFacts(order)

    def test_a_reversal_frees_what_had_been_brought_forward(self):
        self._adjust(-30)
        debt = self._settle()
        self._bonus(100)
        settlement = self._settle(days=28)
        with self.assertRaises(UserError):
            debt.with_user(self.approver)._reverse("Not this one")
        settlement.with_user(self.approver)._reverse("Wrong")
        self.assertTrue(debt.is_debt)
        again = self._settle(days=28)
        self.assertEqual((again.amount, again.balance), (100, 70))

    def test_a_refund_after_the_payment_is_a_debt(self):
        order, line = self._delivered(3)
        settlement = self._settle()
        self._pay_bills(self._bill(settlement))
        order._groupbuy_compensate({line: 10.0}, "staff", "case/1")
        self.assertEqual(
            self._entries(order).mapped("waiting_for"), ["settled", "payable"]
        )
        debt = self._settle(days=28)
        self.assertEqual((debt.state, debt.balance), ("carried", -1.0))
        self.assertEqual(settlement.state, "paid")
        self.assertEqual(self.leader.commission_balance, -1)
        report = self.env["groupbuy.commission.report"]
        self.env.flush_all()
        [(accrued, paid, owed)] = report._read_group(
            [("leader_id", "=", self.leader.id)],
            [],
            ["amount:sum", "amount_paid:sum", "amount_owed:sum"],
        )
        self.assertEqual((accrued, paid, owed), (2, 3, 1))

    def test_a_refund_before_the_settlement_lowers_it(self):
        order, line = self._delivered(3)
        order._groupbuy_compensate({line: 10.0}, "staff", "case/1")
        self.assertEqual(self._settle().amount, 2)

    def test_a_settlement_cannot_be_changed_or_deleted_field_by_field(self):
        self._bonus(10)
        settlement = self._settle()
        mine = settlement.with_user(self.approver)
        for vals in (
            {"step": "billed"},
            {"state": "paid"},
            {"balance": 9999},
            {"is_held": False},
            {"leader_id": self.other_leader.id},
            {"entry_ids": [Command.clear()]},
        ):
            with self.assertRaises(AccessError):
                mine.write(vals)
        for change in (
            lambda: mine.unlink(),
            lambda: mine.copy(),
            lambda: settlement.unlink(),
            lambda: settlement.sudo().create({"name": "x"}),
        ):
            with self.assertRaises(UserError):
                change()
        mine.note = "Called the leader"
        self.assertRecordValues(settlement, [{"state": "draft", "balance": 10}])

    def test_a_bill_of_a_settlement_cannot_be_deleted(self):
        self._bonus(10)
        settlement = self._settle()
        bill = self._bill(settlement)
        bill.button_draft()
        self.assertEqual(self._cause(settlement), "bill_missing")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            bill.unlink()

    def test_a_bill_that_was_changed_is_found(self):
        self._bonus(10)
        settlement = self._settle()
        bill = self._bill(settlement)
        bill.button_draft()
        bill.invoice_line_ids.price_unit = 11
        bill.action_post()
        self.assertEqual(self._cause(settlement), "bill_differs")

    def test_a_ledger_that_was_tampered_with_is_found(self):
        entry = self._bonus(10)
        settlement = self._settle()
        self.env.cr.execute(
            "UPDATE groupbuy_commission_entry SET amount = 9 WHERE id = %s", [entry.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self._cause(settlement), "ledger")

    def test_a_claw_back_that_is_missing_is_found(self):
        order, line = self._confirmed(3)
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        self.env.cr.execute(
            "DELETE FROM groupbuy_commission_entry WHERE kind = 'clawback'"
        )
        self.env.invalidate_all()
        row = self.env["groupbuy.commission.check"].search(
            [("order_id", "=", order.id)]
        )
        self.assertEqual((row.cause, row.difference), ("too_much", 1))


@tagged("post_install", "-at_install")
class TestSettlementWizard(SettlementCommon):
    def _run(self, user=None, **vals):
        return (
            self.env["groupbuy.settlement.run"]
            .with_user(user or self.finance)
            .create(vals)
        )

    def test_it_settles_and_shows_the_settlements(self):
        self._bonus(10)
        run = self._run()
        with freeze_time(fields.Datetime.now() + timedelta(days=14)):
            action = run.action_settle()
        found = self.env["groupbuy.settlement"].search(action["domain"])
        self.assertEqual(found.leader_id, self.leader)

    def test_a_second_run_says_that_there_is_nothing_left(self):
        self._bonus(10)
        self._confirmed(1)
        run = self._run()
        with freeze_time(fields.Datetime.now() + timedelta(days=14)):
            run.action_settle()
            with self.assertRaises(UserError) as caught:
                run.action_settle()
        self.assertIn("Pickup: 1", str(caught.exception))

    def test_dates_in_the_wrong_order_are_refused(self):
        for vals in (
            {"mode": "custom"},
            {"mode": "custom", "date_from": "2031-02-02", "date_to": "2031-02-01"},
        ):
            with self.assertRaises(ValidationError):
                self._run(**vals)

    def test_chosen_days_are_settled_up_to_now(self):
        self._bonus(10, days_ago=0)
        today = fields.Date.today()
        run = self._run(mode="custom", date_from=today, date_to=today)
        with freeze_time(fields.Datetime.now() + timedelta(seconds=2)):
            action = run.action_settle()
        self.assertEqual(
            self.env["groupbuy.settlement"].search(action["domain"]).date_to, today
        )

    def test_only_finance_settles(self):
        user = new_test_user(
            self.env, login="lm", groups="groupbuy_leader.group_leader_manager"
        )
        with self.assertRaises(AccessError):
            self._run(user)

    def test_a_company_that_is_not_the_users_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        run = self._run(company_id=other.id)
        with self.assertRaises(AccessError):
            run.action_settle()

    def test_the_reason_wizard_holds_and_reverses(self):
        self._bonus(10)
        settlement = self._settle()
        for user, kind, field in (
            (self.finance, "hold", "is_held"),
            (self.approver, "reverse", "reversal_reason"),
        ):
            self.env["groupbuy.settlement.reason"].with_user(user).with_context(
                active_model="groupbuy.settlement", active_ids=settlement.ids
            ).create({"kind": kind, "reason": "Because"}).action_apply()
            self.assertTrue(settlement[field])


@tagged("post_install", "-at_install")
class TestStatement(SettlementCommon):
    def _open(self, content):
        return openpyxl.load_workbook(io.BytesIO(content))

    def _values(self, sheet):
        return [
            [cell for cell in row if cell is not None]
            for row in sheet.iter_rows(values_only=True)
        ]

    def test_the_workbook_lists_every_entry_and_the_sum(self):
        self._adjust(-1)
        debt = self._settle()
        order, line = self._delivered(3)
        order._groupbuy_compensate({line: 10.0}, "staff", "case/1")
        settlement = self._settle(days=28)
        self._bill(settlement)
        content = self.env["groupbuy.statement"]._render_xlsx(settlement)
        sheet = self._open(content).active
        rows = self._values(sheet)
        self.assertEqual(rows[-4], [f"Brought forward from {debt.name}", -1])
        self.assertEqual(rows[-3], ["Balance", 1])
        names = str(rows)
        self.assertIn("Tomatoes", names)
        self.assertIn("case/1", names)
        self.assertNotIn(self.resident.name, names)

    def test_text_in_the_workbook_is_never_a_formula(self):
        self.tomato.name = "=1+1"
        self._delivered(1)
        settlement = self._settle()
        sheet = self._open(
            self.env["groupbuy.statement"]._render_xlsx(settlement)
        ).active
        cells = [cell for row in sheet.iter_rows() for cell in row]
        cell = next(cell for cell in cells if cell.value == "=1+1")
        self.assertEqual(cell.data_type, "s")

    def test_the_totals_of_a_period_equal_the_journal_items(self):
        self._delivered(3)
        self._bonus(50)
        self._bonus(20, self.other_leader)
        settlements = self._settle(self.leader | self.other_leader)
        self._bill(settlements)
        settlements[1].with_user(self.approver)._reverse("Wrong")
        settlement = settlements[0]
        content = self.env["groupbuy.statement"]._render_period_xlsx(
            self.company, settlement.date_from, settlement.date_to
        )
        book = self._open(content)
        rows = self._values(book.worksheets[0])
        self.assertEqual(rows[-3][1], 53)
        self.assertEqual(rows[-2][1], 53)
        self.assertTrue(str(rows[-1][1]).startswith("=ROUND"))
        items = self.env["account.move.line"].search(
            [
                ("move_id.ref", "like", "GBS/"),
                ("parent_state", "=", "posted"),
                ("display_type", "=", "product"),
            ]
        )
        self.assertEqual(sum(items.mapped("balance")), 53)
        ledger = self._values(book.worksheets[2])
        self.assertIn([settlement.name, "Li Na", "", "Bonus", 0, 50], ledger)

    def test_the_printed_statement_names_what_is_paid(self):
        order, _line = self._delivered(3)
        settlement = self._settle()
        self._bill(settlement)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "groupbuy_leader.action_report_statement", settlement.ids
        )
        text = html.decode()
        for part in (settlement.name, "Tomatoes", order.name, settlement.bill_id.name):
            self.assertIn(part, text)
        self.assertNotIn(self.resident.name, text)

    def test_the_printed_statement_is_in_the_language_of_the_leader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.leader.partner_id.lang = "zh_CN"
        self.tomato.with_context(lang="zh_CN").name = "番茄"
        self._delivered(3)
        settlement = self._settle()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "groupbuy_leader.action_report_statement", settlement.ids
        )
        cells = re.findall(r"<td>([^<]*)</td>", html.decode())
        self.assertIn("番茄", cells)
        self.assertIn("佣金", cells)
        self.assertNotIn("Tomatoes", cells)
        self.assertNotIn("Commission", cells)

    def test_the_dashboard_reads_fields_that_exist(self):
        dashboard = self.env.ref("groupbuy_leader.commission_dashboard")
        data = json.loads(dashboard.with_user(self.finance).spreadsheet_data)
        sources = [
            (
                pivot["model"],
                [part["fieldName"] for part in pivot["rows"] + pivot["columns"]]
                + [measure["fieldName"] for measure in pivot["measures"]],
            )
            for pivot in data["pivots"].values()
        ]
        charts = [
            figure["data"]["metaData"]
            for sheet in data["sheets"]
            for figure in sheet["figures"]
            if "metaData" in figure["data"]
        ]
        sources += [
            (chart["resModel"], [*chart["groupBy"], chart["measure"]])
            for chart in charts
        ]
        self.assertEqual((len(data["pivots"]), len(charts)), (2, 3))
        for model, names in sources:
            for name in names:
                self.assertIn(name.split(":")[0], self.env[model]._fields)
        for menu in data["chartOdooMenusReferences"].values():
            self.assertTrue(self.env.ref(menu).action)
        # By month, community and tier, as finance asks.
        grouped = {name for chart in charts for name in chart["groupBy"]}
        self.assertLessEqual({"date:month", "community_id", "tier_id"}, grouped)

    def test_the_dashboards_figures_sum_to_the_ledger(self):
        order, line = self._delivered(3)
        self._delivered(2)
        settlement = self._settle()
        self._pay_bills(self._bill(settlement))
        order._groupbuy_compensate({line: 10.0}, "staff", "case/1")
        self._confirmed(1)
        self._adjust(-7, self.other_leader)
        self._settle(self.other_leader)
        self.env.flush_all()
        [figures] = self.env["groupbuy.commission.report"]._read_group(
            [("leader_id", "in", (self.leader | self.other_leader).ids)],
            [],
            [
                f"{name}:sum"
                for name in (
                    "amount",
                    "amount_waiting",
                    "amount_payable",
                    "amount_settled",
                    "amount_paid",
                    "amount_below",
                    "amount_owed",
                )
            ],
        )
        accrued, waiting, payable, settled, paid, below, owed = figures
        self.assertEqual((waiting, payable, settled, below), (1, -1, 0, 0))
        self.assertEqual((paid, owed), (5, 7))
        self.assertEqual(accrued, waiting + payable + settled + paid + below - owed)

    def test_an_empty_period_is_an_empty_workbook(self):
        content = self.env["groupbuy.statement"]._render_period_xlsx(
            self.company, date(2031, 1, 1), date(2031, 1, 31)
        )
        self.assertEqual(len(self._open(content).worksheets), 3)
