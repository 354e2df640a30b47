# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.groupbuy_leader.tests.test_settlement import SettlementCommon


@tagged("post_install", "-at_install")
class TestWithholding(SettlementCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        payable = cls.env["account.account"].create(
            {
                "name": "Income tax withheld",
                "code": "222109",
                "account_type": "liability_current",
                "company_ids": [Command.link(cls.company.id)],
            }
        )
        outstanding = cls.env["account.account"].create(
            {
                "name": "Outstanding payments of leaders",
                "code": "111909",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.link(cls.company.id)],
            }
        )
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.bank.outbound_payment_method_line_ids.payment_account_id = outstanding
        repartition = [
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": payable.id}),
        ]
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "Labour remuneration 20%",
                "amount": -20.0,
                "type_tax_use": "purchase",
                "is_withholding_tax_on_payment": True,
                "withholding_sequence_id": cls.env["ir.sequence"]
                .create({"name": "Withholding", "prefix": "WH", "padding": 4})
                .id,
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create(
                        {"repartition_type": "tax", "account_id": payable.id}
                    ),
                ],
            }
        )
        cls.withheld = payable

    def test_the_bill_is_in_full_and_the_payment_is_less(self):
        self.leader.withholding_tax_id = self.tax
        self._bonus(100)
        settlement = self._settle()
        bill = self._bill(settlement)
        self.assertEqual(bill.amount_total, 100)
        self.assertIn(self.tax, bill.invoice_line_ids.tax_ids)
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=bill.ids)
            .create({"journal_id": self.bank.id})
        )
        self.assertEqual(wizard.withholding_net_amount, 80)
        wizard._create_payments()
        self.env.invalidate_all()
        self.assertEqual(settlement.state, "paid")
        self.assertEqual(settlement.amount_withheld, 20)
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.withheld.id)]
        )
        self.assertEqual(sum(items.mapped("balance")), -20)
        self.assertEqual(self._cause(settlement), "none")
        document = self.env["groupbuy.statement"]._get_document(settlement)
        self.assertEqual(document["withheld"], 20)
        self.assertIn(
            ("Withheld", -20),
            self.env["groupbuy.statement"]._get_totals(settlement, document),
        )

    def test_who_has_no_such_tax_gets_everything(self):
        self._bonus(100)
        settlement = self._settle()
        bill = self._bill(settlement)
        self.assertFalse(bill.invoice_line_ids.tax_ids)
        self._pay_bills(bill)
        self.assertEqual((settlement.state, settlement.amount_withheld), ("paid", 0))

    def test_a_tax_that_is_charged_cannot_be_withheld(self):
        charged = self.env["account.tax"].create(
            {"name": "VAT", "amount": 6.0, "type_tax_use": "purchase"}
        )
        with self.assertRaises(ValidationError):
            self.leader.withholding_tax_id = charged
