# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


class JournalItemsCommon(GroupBuyCommon):
    def _create_tax(self, rate, included=True):
        return self.env["account.tax"].create(
            {
                "name": f"VAT {rate} {included}",
                "amount": rate,
                "price_include_override": "tax_included"
                if included
                else "tax_excluded",
                "company_id": self.company.id,
            }
        )

    def _finish(self, campaign):
        """Do everything that follows a close, until nothing is left to do."""
        self._close(campaign)
        campaign.order_ids._groupbuy_invoice()
        self._run_jobs()

    def assertBooksAgree(self, campaign, charged, refunded, invoiced):
        """Assert that journal items, reconciliation and orders say the same figures.

        The journal items are counted without any model of ours: from the receivable
        account of the residents.
        """
        self.env.flush_all()
        self.env.invalidate_all()
        orders = campaign.order_ids
        rows = self.env["groupbuy.reconciliation"].search(
            [("campaign_id", "=", campaign.id)]
        )
        figures = {
            "reconciliation": (
                sum(rows.mapped("amount_charged")),
                sum(rows.mapped("amount_refunded")),
                sum(rows.mapped("amount_invoiced")),
            ),
            "orders": (
                sum(orders.mapped("groupbuy_amount_charged")),
                sum(orders.mapped("groupbuy_amount_refunded")),
                sum(orders.mapped("groupbuy_amount_invoiced")),
            ),
            "journal items": self._get_booked(orders.partner_id),
        }
        for source, (got_charged, got_refunded, got_invoiced) in figures.items():
            for name, got, wanted in (
                ("charged", got_charged, charged),
                ("refunded", got_refunded, refunded),
                ("invoiced", got_invoiced, invoiced),
            ):
                self.assertFalse(
                    self.currency.compare_amounts(got, wanted),
                    f"{source}: {name} is {got}, not {wanted}",
                )
        self.assertFalse(any(rows.mapped("unexplained")))
        self.assertFalse(any(rows.mapped("amount_residual")))
        self.assertEqual(
            self.currency.round(charged - refunded - invoiced),
            self.currency.round(sum(rows.mapped("amount_to_invoice"))),
        )

    def _get_booked(self, partners):
        """Return what the journal says was taken, sent back and invoiced."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "in", partners.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        invoices = lines.filtered(
            lambda line: line.move_id.move_type in ("out_invoice", "out_refund")
        )
        payments = lines - invoices
        for move in lines.move_id:
            self.assertFalse(
                self.currency.round(sum(move.line_ids.mapped("balance"))), move.name
            )
        return (
            sum(payments.mapped("credit")),
            sum(payments.mapped("debit")),
            sum(invoices.mapped("balance")),
        )


@tagged("post_install", "-at_install")
class TestJournalItems(JournalItemsCommon):
    def test_success_with_a_difference(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        line = campaign.line_ids
        self._join(campaign, self.resident, {line: 3})
        self._join(campaign, self.neighbour)
        self._join(campaign, self.third, state="authorized")
        self._finish(campaign)
        # Charged 30 + 10, and 8 captured; the final price is 8 for each of five.
        self.assertBooksAgree(campaign, charged=48.0, refunded=8.0, invoiced=40.0)
        open_items = self.env["account.move.line"].search(
            [
                ("partner_id", "in", campaign.order_ids.partner_id.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        self.assertFalse(open_items)

    def test_failure(self):
        campaign = self._create_campaign(min_people=5)
        self._join(campaign, self.resident)
        self._join(campaign, self.neighbour, state="authorized")
        self._finish(campaign)
        self.assertBooksAgree(campaign, charged=10.0, refunded=10.0, invoiced=0.0)

    def test_a_late_payment(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident)
        late = self._create_cart(campaign, self.neighbour)
        tx = self._pay(late, post_process=False)
        self._finish(campaign)
        tx._post_process()
        self._run_jobs()
        self.assertEqual(late.groupbuy_failure, "late")
        self.assertBooksAgree(campaign, charged=20.0, refunded=10.0, invoiced=10.0)

    def test_a_second_and_a_larger_payment(self):
        campaign = self._create_campaign()
        order = self._join(campaign, self.resident)
        self._pay(order)
        self._pay(self._create_cart(campaign, self.neighbour), amount=13.37)
        self._finish(campaign)
        self.assertBooksAgree(campaign, charged=33.37, refunded=13.37, invoiced=20.0)

    def test_a_cancellation_after_the_close(self):
        campaign = self._create_campaign()
        order = self._join(campaign, self.resident)
        self._join(campaign, self.neighbour)
        self._close(campaign)
        order.action_cancel()
        self._run_jobs()
        campaign.order_ids._groupbuy_invoice()
        self.assertBooksAgree(campaign, charged=20.0, refunded=10.0, invoiced=10.0)

    def test_prices_that_include_taxes(self):
        self.tomato.taxes_id = self._create_tax(13)
        self.egg.taxes_id = self._create_tax(9)
        campaign = self._create_campaign(
            lines=[
                {
                    "start_price": 9.99,
                    "tiers": [(2, 8.88)],
                    "tier_measure": "people",
                },
                {"product": self.egg, "start_price": 19.99},
            ]
        )
        tomato, egg = campaign.line_ids
        order = self._join(campaign, self.resident, {tomato: 3, egg: 3})
        self.assertEqual(order.amount_total, 89.94)
        self._join(campaign, self.neighbour)
        self._finish(campaign)
        self.assertEqual(order.amount_total, 86.61)
        self.assertBooksAgree(campaign, charged=99.93, refunded=4.44, invoiced=95.49)
        invoice = order.invoice_ids
        # 26.64 with 13 % and 59.97 with 9 % in them.
        self.assertEqual(invoice.amount_tax, 3.06 + 4.95)
        self.assertEqual(invoice.amount_untaxed, 78.6)

    def test_the_price_shown_is_charged_where_taxes_come_on_top(self):
        self.tomato.taxes_id = self._create_tax(9, included=False)
        campaign = self._create_campaign(lines=[{"start_price": 9.99}])
        order = self._join(campaign, quantities={campaign.line_ids: 3})
        self.assertEqual(order.amount_total, 29.97)
        self.assertEqual(campaign.line_ids.amount_sum, 29.97)
        self._finish(campaign)
        self.assertBooksAgree(campaign, charged=29.97, refunded=0.0, invoiced=29.97)

    def test_differences_of_many_quantities_are_right_to_the_cent(self):
        self.tomato.taxes_id = self._create_tax(9)
        campaign = self._create_campaign(
            lines=[
                {"start_price": 9.99, "tiers": [(2, 9.53)], "tier_measure": "people"}
            ]
        )
        line = campaign.line_ids
        residents = self._create_residents(6)
        for number, partner in enumerate(residents, start=1):
            self._join(campaign, partner, {line: number})
        self._finish(campaign)
        for number, order in enumerate(campaign.order_ids.sorted("id"), start=1):
            self.assertEqual(order.amount_total, self.currency.round(number * 9.53))
        # Two joined at 9.99 (3 pieces), the others at 9.53 (18 pieces).
        self.assertBooksAgree(
            campaign,
            charged=self.currency.round(3 * 9.99 + 18 * 9.53),
            refunded=self.currency.round(3 * 0.46),
            invoiced=self.currency.round(21 * 9.53),
        )


@tagged("post_install", "-at_install")
class TestJournalItemsInYen(JournalItemsCommon):
    """A second company, with a currency that has no decimals."""

    @classmethod
    def _setup_company(cls):
        yen = cls.env.ref("base.JPY")
        yen.active = True
        company = cls.env["res.company"].create(
            {
                "name": "Osaka Group Buying",
                "currency_id": yen.id,
                "country_id": cls.env.ref("base.jp").id,
            }
        )
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company, install_demo=False
        )
        company.currency_id = yen
        cls.env["website"].create({"name": "Osaka", "company_id": company.id})
        return company

    @classmethod
    def _setup_provider(cls):
        provider = cls.env.ref("payment.payment_provider_demo").copy(
            {"company_id": cls.company.id, "state": "test", "is_published": True}
        )
        provider.payment_method_ids = [
            Command.set(cls.env.ref("payment_demo.payment_method_demo").ids)
        ]
        provider.capture_manually = False
        return provider

    def test_amounts_have_no_decimals(self):
        self.assertEqual(self.currency.rounding, 1.0)
        self.tomato.taxes_id = self._create_tax(10)
        campaign = self._create_campaign(
            lines=[{"start_price": 333, "tiers": [(2, 299)], "tier_measure": "people"}]
        )
        line = campaign.line_ids
        self._join(campaign, self.resident, {line: 3})
        self._join(campaign, self.neighbour)
        self._join(campaign, self.third, state="authorized")
        hold = self.env["groupbuy.hold"].search(
            [("line_id", "=", line.id), ("partner_id", "=", self.resident.id)]
        )
        self.assertEqual(hold.amount, 999.0)
        self._finish(campaign)
        self.assertBooksAgree(
            campaign, charged=999 + 333 + 299, refunded=4 * 34, invoiced=5 * 299
        )

    def test_failure(self):
        campaign = self._create_campaign(min_people=2, lines=[{"start_price": 777}])
        self._join(campaign, self.resident)
        self._finish(campaign)
        self.assertBooksAgree(campaign, charged=777, refunded=777, invoiced=0)

    def test_holds_keep_three_decimals(self):
        dinar = self.env.ref("base.KWD")
        dinar.active = True
        campaign = self._create_campaign()
        hold = self.env["groupbuy.hold"].create(
            {
                "line_id": campaign.line_ids.id,
                "campaign_id": campaign.id,
                "order_id": 1,
                "quantity": 1,
                "amount": 1.0,
            }
        )
        self.env.cr.execute(
            "UPDATE res_company SET currency_id = %s WHERE id = %s",
            [dinar.id, self.company.id],
        )
        self.env.invalidate_all()
        hold.amount = 1.234
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(hold.amount, 1.234)
