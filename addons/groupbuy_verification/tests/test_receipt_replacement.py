# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .receipt_common import ReceiptCommon


class ReplacementCommon(ReceiptCommon):
    """A campaign whose tomatoes may be replaced by cherry tomatoes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cherry = cls._create_product("Cherry Tomatoes", cost=5.0)

    def _create_short(self, quantities=(2, 3), received=3, stock=10, **values):
        """Return a campaign of which less arrived; the replacement is offered."""
        campaign = self._create_arriving(
            quantities, replacement_product_id=self.cherry.id
        )
        self.env["stock.quant"]._update_available_quantity(
            self.cherry, self.warehouse.lot_stock_id, stock
        )
        self.receipt = self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": received, **values}
        )
        return campaign


@tagged("post_install", "-at_install")
class TestReplacement(ReplacementCommon):
    def test_a_replacement_is_offered_instead_of_the_money(self):
        campaign = self._create_short()
        offer = self.receipt.offer_ids
        order = campaign.order_ids.sorted("id")[1]
        self.assertEqual(offer.order_id, order)
        self.assertEqual((offer.product_id, offer.quantity), (self.cherry, 2))
        self.assertEqual(offer.state, "offered")
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 0)
        # The transfer carries what is there, so that it can be handed out at once.
        self.assertEqual(order.groupbuy_picking_ids.state, "assigned")
        self.assertEqual(order.groupbuy_picking_ids.move_ids.product_uom_qty, 1)

    def test_who_accepts_gets_it_at_no_extra_charge_by_real_transfers(self):
        campaign = self._create_short()
        offer = self.receipt.offer_ids
        order = offer.order_id
        total = order.amount_total
        self.assertEqual(offer._answer(True), "accepted")
        self.assertEqual(order.amount_total, total)
        line = offer.new_line_id
        self.assertEqual((line.product_id, line.product_uom_qty), (self.cherry, 2))
        self.assertEqual(self._get_quantities(campaign), [2, 3])
        transfer = campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_point" and p.state == "assigned"
        )
        self.assertEqual(transfer.move_ids.product_id, self.cherry)
        self._receive_at_point(transfer)
        self.assertEqual(set(order.groupbuy_picking_ids.mapped("state")), {"assigned"})
        self._hand_out(campaign.order_ids)
        self._run_jobs()
        self.assertEqual(line.qty_delivered, 2)
        self.assertEqual(order.groupbuy_amount_refunded, 0)
        self.assertEqual(order.groupbuy_amount_invoiced, total)
        self.assertEqual(order.groupbuy_amount_owed, 0)
        self.assertEqual(campaign.state, "done")
        self.assertMoneyReconciles(campaign.order_ids)

    def test_a_replacement_is_brought_once_and_bought_never(self):
        for answer in (None, True, False):
            with self.subTest(answer=answer):
                campaign = self._create_short()
                bought = self._get_bought(campaign)
                if answer is not None:
                    self.receipt.offer_ids._answer(answer)
                self._run_jobs()
                brought = self._get_to_point(campaign)
                self.assertEqual(brought[self.tomato], 3)
                self.assertEqual(brought[self.cherry], 2 if answer else 0)
                campaign._sync_supply()
                self.assertEqual(self._get_to_point(campaign), brought)
                self.assertEqual(self._get_bought(campaign), bought)

    def _get_bought(self, campaign):
        return sum(campaign.purchase_order_ids.order_line.mapped("product_qty"))

    def _get_to_point(self, campaign):
        """Return what was or is to be brought to the points, by product."""
        campaign.invalidate_recordset(["picking_ids"])
        moves = campaign.picking_ids.filtered(
            lambda picking: picking.groupbuy_role == "to_point"
        ).move_ids.filtered(lambda move: move.state != "cancel")
        return {
            product: sum(
                moves.filtered(
                    lambda move, product=product: move.product_id == product
                ).mapped("product_uom_qty")
            )
            for product in (self.tomato, self.cherry)
        }

    def test_a_replacement_that_comes_alone_has_a_code_of_its_own(self):
        campaign = self._create_short()
        self._hand_out(campaign.order_ids)
        offer = self.receipt.offer_ids
        offer._answer(True)
        picking = offer.new_line_id.move_ids.picking_id
        self.assertEqual(picking.groupbuy_role, "to_resident")
        self.assertEqual(picking.groupbuy_point_id, self.point)
        self.assertEqual(picking.groupbuy_campaign_id, campaign)
        self.assertEqual(picking.partner_id, offer.partner_id)
        self.assertEqual(picking.groupbuy_code_ids.mapped("state"), ["open"])

    def test_who_accepts_after_the_invoice_pays_nothing_more(self):
        campaign = self._create_short()
        offer = self.receipt.offer_ids
        self._hand_out(campaign.order_ids)
        self._run_jobs()
        self.assertEqual(campaign.state, "delivering", "A question is open")
        offer._answer(True)
        self._run_jobs()
        order = offer.order_id
        self.assertEqual(order.groupbuy_amount_invoiced, 30)
        self.assertEqual(order.groupbuy_amount_owed, 0)
        self.assertMoneyReconciles(order)

    def test_other_taxes_of_the_replacement_do_not_change_what_is_paid(self):
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 13 %",
                "amount": 13,
                "price_include_override": "tax_excluded",
                "company_id": self.company.id,
            }
        )
        self.cherry.taxes_id = [Command.set(tax.ids)]
        self._create_short()
        offer = self.receipt.offer_ids
        total = offer.order_id.amount_total
        offer._answer(True)
        self.assertEqual(offer.new_line_id.tax_ids, tax)
        self.assertEqual(offer.order_id.amount_total, total)

    def test_who_declines_gets_the_money_back(self):
        campaign = self._create_short(short_responsible="supplier")
        offer = self.receipt.offer_ids
        self.assertEqual(offer._answer(False), "declined")
        self._run_jobs()
        order = offer.order_id
        self.assertEqual(order.groupbuy_amount_refunded, 20)
        self.assertEqual(order.groupbuy_allowance_ids.borne_by, "supplier")
        self.assertEqual(self._get_quantities(campaign), [2, 1])
        self.assertEqual(order.groupbuy_picking_ids.move_ids.product_uom_qty, 1)
        self.assertMoneyReconciles(order)

    def test_one_answer_counts(self):
        self._create_short()
        offer = self.receipt.offer_ids
        offer._answer(False)
        self.assertEqual(offer._answer(False), "declined", "The same once more")
        with self.assertRaises(UserError):
            offer._answer(True)
        self._run_jobs()
        self.assertEqual(offer.order_id.groupbuy_amount_refunded, 20)

    def test_who_does_not_answer_in_time_gets_the_money_back_and_a_mail(self):
        campaign = self._create_short()
        offer = self.receipt.offer_ids
        cron = self.env.ref("groupbuy_verification.ir_cron_expire_offers")
        cron.method_direct_trigger()
        self.assertEqual(offer.state, "offered")
        offer.deadline = fields.Datetime.now() - timedelta(minutes=1)
        cron.method_direct_trigger()
        self._run_jobs()
        self.assertEqual(offer.state, "expired")
        self.assertEqual(offer.order_id.groupbuy_amount_refunded, 20)
        self.assertEqual(self._get_quantities(campaign), [2, 1])
        told = self.env["groupbuy.job"].search(
            [("order_id", "=", offer.order_id.id), ("key", "like", "notify/receipt/%")]
        )
        self.assertEqual(told.mapped("state"), ["done", "done"])

    def test_a_late_answer_is_no_answer(self):
        self._create_short()
        offer = self.receipt.offer_ids
        offer.deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.assertEqual(offer._answer(True), "expired")

    def test_only_what_stock_has_is_offered_first_to_who_paid_first(self):
        self._create_short((2, 2, 2), received=0, stock=4)
        offers = self.receipt.offer_ids
        self.assertEqual(
            sorted(offers.partner_id.mapped("name")), ["Resident 1", "Resident 2"]
        )
        self.assertEqual(
            self.receipt.allotment_ids.sorted("id").mapped("way"),
            ["replacement", "replacement", "refund"],
        )

    def test_what_others_are_asked_about_is_not_offered_again(self):
        self._create_short((2, 2), received=2, stock=3)
        second = self._create_arriving((2,), replacement_product_id=self.cherry.id)
        receipt = self._receive_at_point(
            self._get_transfer(second), tomato={"received": 0}
        )
        self.assertFalse(receipt.offer_ids)

    def test_a_replacement_that_is_sold_meanwhile_becomes_a_refund(self):
        self._create_short(stock=2)
        self.env["stock.quant"]._update_available_quantity(
            self.cherry, self.warehouse.lot_stock_id, -1
        )
        offer = self.receipt.offer_ids
        self.assertEqual(offer._answer(True), "sold_out")
        self._run_jobs()
        self.assertEqual(offer.order_id.groupbuy_amount_refunded, 20)
        self.assertFalse(offer.new_line_id)

    def test_a_second_shortage_while_a_question_is_open_is_counted_right(self):
        campaign = self._create_arriving((2, 3), replacement_product_id=self.cherry.id)
        self.env["stock.quant"]._update_available_quantity(
            self.cherry, self.warehouse.lot_stock_id, 1
        )
        picking = self._get_transfer(campaign)
        self._receive_at_point(
            picking, tomato={"received": 3, "damaged": 1, "rest_follows": True}
        )
        offer = self.env["groupbuy.replacement.offer"].search([])
        self.assertEqual(offer.quantity, 1)
        receipt = self._receive_at_point(picking.backorder_ids, tomato={"received": 1})
        self.assertEqual(sum(receipt.allotment_ids.mapped("quantity")), 1)
        second = campaign.order_ids.sorted("id")[1]
        self.assertEqual(second.groupbuy_picking_ids.move_ids.product_uom_qty, 1)
        self.assertEqual(second.groupbuy_picking_ids.state, "assigned")
        self.env["groupbuy.paper"]._get_document(campaign, "by_resident")

    def test_papers_agree_while_asked_and_after_each_answer(self):
        for answer in (None, True, False):
            campaign = self._create_short(damaged=1)
            if answer is not None:
                for offer in self.receipt.offer_ids:
                    offer._answer(answer)
            for kind in (
                "pick_by_product",
                "by_point",
                "by_resident",
                "buy_by_supplier",
            ):
                with self.subTest(answer=answer, kind=kind):
                    document = self.env["groupbuy.paper"]._get_document(campaign, kind)
                    notes = [
                        text for label, text in document["info"] if label == "Note"
                    ]
                    self.assertEqual(
                        any("may replace" in text for text in notes),
                        answer is None and kind != "buy_by_supplier",
                    )

    def test_a_replacement_is_another_product_in_the_same_unit(self):
        campaign = self._create_campaign(state="draft", lines=[{}])
        with self.assertRaises(ValidationError):
            campaign.line_ids.replacement_product_id = self.tomato
        self.cherry.uom_id = self.env.ref("uom.product_uom_kgm")
        with self.assertRaises(ValidationError):
            campaign.line_ids.replacement_product_id = self.cherry

    def test_staff_answer_for_a_resident_and_others_cannot(self):
        self._create_short()
        offer = self.receipt.offer_ids
        with self.assertRaises(AccessError):
            offer.with_user(self.point_manager).action_accept()
        with self.assertRaises(AccessError):
            offer.with_user(self.user).write({"state": "accepted"})
        offer.with_user(self.user).action_accept()
        self.assertEqual(offer.state, "accepted")


@tagged("post_install", "-at_install")
class TestReplacementPortal(ReplacementCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self._create_short()
        self.offer = self.receipt.offer_ids
        self.order = self.offer.order_id
        login = new_test_user(self.env, login="resident2", groups="base.group_portal")
        login.partner_id.groupbuy_community_id = self.community
        self.order.partner_id = login.partner_id
        self.authenticate("resident2", "resident2")

    def _post(self, answer, order=None, offer=None):
        return self.url_open(
            f"/my/orders/{(order or self.order).id}/replacement/"
            f"{(offer or self.offer).id}",
            data={"answer": answer, "csrf_token": self.csrf_token()},
            allow_redirects=False,
        )

    def csrf_token(self):
        from odoo.http import Request

        return Request.csrf_token(self)

    def test_the_resident_is_asked_on_the_page_of_the_order(self):
        page = self.url_open(f"/my/orders/{self.order.id}").text
        self.assertIn("Cherry Tomatoes", page)
        self.assertIn("Yes, I take it", page)
        answer = self._post("accept")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.offer.state, "accepted")
        page = self.url_open(f"/my/orders/{self.order.id}").text
        self.assertIn("The replacement will be brought", page)
        self.assertNotIn("Yes, I take it", page)

    def test_foreign_orders_and_offers_and_other_words_are_refused(self):
        other = self.order.groupbuy_campaign_id.order_ids - self.order
        self.assertEqual(self._post("accept", order=other).status_code, 404)
        self.assertEqual(self._post("maybe").status_code, 404)
        self.offer.order_id.partner_id = other.partner_id
        self.assertEqual(self._post("accept").status_code, 404)
        self.assertEqual(self.offer.state, "offered")
