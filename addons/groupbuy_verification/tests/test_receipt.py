# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.groupbuy_verification.models.groupbuy_receipt import MAX_NOTE

from .receipt_common import ReceiptCommon, make_photo


@tagged("post_install", "-at_install")
class TestReceipt(ReceiptCommon):
    def test_complete_receipt_validates_the_transfer_and_reserves_for_residents(self):
        campaign = self._create_arriving((2, 1))
        picking = self._get_transfer(campaign)
        receipt = self._receive_at_point(picking)
        self.assertEqual(picking.state, "done")
        self.assertTrue(receipt.is_complete)
        self.assertEqual(receipt.user_id, self.point_manager)
        self.assertFalse(receipt.allotment_ids)
        residents = campaign.order_ids.groupbuy_picking_ids
        self.assertEqual(set(residents.mapped("state")), {"assigned"})
        self.assertEqual(self._get_stock(self.tomato, self.point.location_id), 3)

    def test_who_paid_last_gets_less_and_the_money_back(self):
        campaign = self._create_arriving((2, 3, 2))
        picking = self._get_transfer(campaign)
        receipt = self._receive_at_point(picking, tomato={"received": 4})
        self.assertEqual(self._get_quantities(campaign), [2, 2, 0])
        self.assertEqual(picking.move_ids.quantity, 4)
        self.assertFalse(picking.backorder_ids, "What is missing was not sent")
        self._run_jobs()
        orders = campaign.order_ids.sorted("id")
        self.assertEqual(
            [order.groupbuy_amount_refunded for order in orders], [0, 10, 20]
        )
        facts = orders.groupbuy_allowance_ids
        self.assertEqual(sum(facts.mapped("quantity")), 3)
        self.assertEqual(set(facts.mapped("reason")), {"short"})
        self.assertEqual(set(facts.mapped("borne_by")), {"warehouse"})
        self.assertEqual(
            set(facts.mapped("reference")), {f"receipt/{receipt.id}/short/warehouse"}
        )
        self.assertMoneyReconciles(orders)

    def test_the_proportional_rule_gives_everybody_the_same_share(self):
        campaign = self._create_arriving((2, 4, 6))
        campaign.shortage_rule = "proportional"
        receipt = self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": 6}
        )
        self.assertEqual(self._get_quantities(campaign), [1, 2, 3])
        self.assertEqual(receipt.shortage_rule, "proportional")

    def test_residents_transfers_are_reserved_in_the_short_case(self):
        campaign = self._create_arriving((2, 3, 2))
        self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": 5, "damaged": 1}
        )
        first, second, third = campaign.order_ids.sorted("id")
        self.assertEqual(
            [order.groupbuy_picking_ids.state for order in (first, second, third)],
            ["assigned", "assigned", "cancel"],
        )
        self.assertEqual(second.groupbuy_picking_ids.move_ids.quantity, 2)
        quants = self.env["stock.quant"].search(
            [("location_id", "=", self.point.location_id.id)]
        )
        self.assertEqual(sum(quants.mapped("quantity")), 4)
        self.assertEqual(sum(quants.mapped("reserved_quantity")), 4)
        self._hand_out(first | second)
        self._run_jobs()
        self.assertEqual(campaign.state, "done")
        self.assertMoneyReconciles(campaign.order_ids)
        for order in campaign.order_ids:
            self.assertEqual(order.groupbuy_amount_owed, 0)

    def test_damaged_goods_arrive_and_are_scrapped_at_the_point(self):
        campaign = self._create_arriving((2, 1))
        picking = self._get_transfer(campaign)
        receipt = self._receive_at_point(
            picking, tomato={"damaged": 1, "damaged_responsible": "supplier"}
        )
        scrap = receipt.line_ids.scrap_ids
        self.assertEqual(scrap.state, "done")
        self.assertEqual(scrap.scrap_qty, 1)
        self.assertEqual(scrap.location_id, self.point.location_id)
        self.assertEqual(
            scrap.scrap_reason_tag_ids,
            self.env.ref("groupbuy_verification.scrap_reason_damaged"),
        )
        self.assertEqual(picking.move_ids.quantity, 3)
        self.assertEqual(self._get_stock(self.tomato, self.point.location_id), 2)
        self._run_jobs()
        fact = campaign.order_ids.groupbuy_allowance_ids
        self.assertEqual((fact.reason, fact.borne_by), ("damaged", "supplier"))
        self.assertEqual(fact.order_id.groupbuy_amount_refunded, 10)

    def test_missing_and_damaged_of_one_order_are_both_paid_back(self):
        campaign = self._create_arriving((4,))
        receipt = self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": 3, "damaged": 2}
        )
        self.assertEqual(
            {fact.kind: fact.quantity for fact in receipt.allotment_ids},
            {"short": 1, "damaged": 2},
        )
        self._run_jobs()
        order = campaign.order_ids
        self.assertEqual(order.groupbuy_amount_refunded, 30)
        self.assertEqual(self._get_quantities(campaign), [1])
        self.assertMoneyReconciles(order)

    def test_two_products_of_one_order_with_one_cause_are_both_paid_back(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        order = self._join(campaign, self.resident, {tomato: 2, egg: 2})
        self._send(campaign)
        self._receive_at_point(
            self._get_transfer(campaign),
            tomato={"received": 1},
            egg={"received": 1, "short_responsible": "supplier"},
        )
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 20)

    def test_what_did_not_arrive_is_still_in_the_warehouse(self):
        campaign = self._create_arriving((2, 1))
        self._receive_at_point(self._get_transfer(campaign), tomato={"received": 2})
        stocked = self.tomato.with_context(warehouse_id=self.warehouse.id)
        self.assertEqual(stocked.free_qty, 1)

    def test_nothing_at_all_arrived(self):
        campaign = self._create_arriving((2, 1))
        picking = self._get_transfer(campaign)
        self._receive_at_point(picking, tomato={"received": 0})
        self.assertEqual(picking.state, "cancel")
        self._run_jobs()
        self.assertEqual(self._get_quantities(campaign), [0, 0])
        self.assertEqual(campaign.state, "done")
        self.assertEqual(sum(campaign.order_ids.mapped("groupbuy_amount_refunded")), 30)

    def test_a_rest_that_follows_is_kept_and_nobody_is_refunded(self):
        campaign = self._create_arriving((2, 3))
        picking = self._get_transfer(campaign)
        receipt = self._receive_at_point(
            picking, tomato={"received": 3, "rest_follows": True}
        )
        self.assertFalse(receipt.allotment_ids)
        self.assertEqual(self._get_quantities(campaign), [2, 3])
        rest = picking.backorder_ids
        self.assertEqual(rest.groupbuy_role, "to_point")
        self.assertEqual(rest.move_ids.product_uom_qty, 2)
        second = campaign.order_ids.sorted("id")[1]
        self.assertEqual(second.groupbuy_picking_ids.move_ids.quantity, 1)
        self._receive_at_point(rest, tomato={"received": 1})
        self.assertEqual(self._get_quantities(campaign), [2, 2])
        self.assertEqual(second.groupbuy_picking_ids.state, "assigned")

    def test_a_rest_that_follows_for_one_product_does_not_keep_another(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        self._join(campaign, self.resident, {tomato: 2, egg: 2})
        self._send(campaign)
        picking = self._get_transfer(campaign)
        receipt = self._receive_at_point(
            picking,
            tomato={"received": 1, "rest_follows": True},
            egg={"received": 0},
        )
        self.assertEqual(picking.backorder_ids.move_ids.product_id, self.tomato)
        self.assertEqual(receipt.allotment_ids.product_id, self.egg)

    def test_damage_with_a_rest_that_follows_is_scrapped_before_it_is_reserved(self):
        campaign = self._create_arriving((2, 2))
        picking = self._get_transfer(campaign)
        self._receive_at_point(
            picking, tomato={"received": 3, "damaged": 1, "rest_follows": True}
        )
        self.assertEqual(self._get_quantities(campaign), [2, 1])
        first, second = campaign.order_ids.sorted("id")
        self.assertEqual(first.groupbuy_picking_ids.move_ids.quantity, 2)
        self.assertEqual(second.groupbuy_picking_ids.move_ids.quantity, 0)

    def test_what_lies_ready_for_somebody_is_not_taken_away(self):
        campaign = self._create_arriving((2, 3))
        campaign.shortage_rule = "proportional"
        picking = self._get_transfer(campaign)
        self._receive_at_point(picking, tomato={"received": 2, "rest_follows": True})
        self._receive_at_point(picking.backorder_ids, tomato={"received": 0})
        self.assertEqual(self._get_quantities(campaign), [2, 0])

    def test_goods_that_nobody_waits_for_make_up_for_a_shortage(self):
        campaign = self._create_arriving((2, 1))
        self.env["stock.quant"]._update_available_quantity(
            self.tomato, self.point.location_id, 1
        )
        receipt = self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": 2}
        )
        self.assertFalse(receipt.allotment_ids)
        residents = campaign.order_ids.groupbuy_picking_ids
        self.assertEqual(set(residents.mapped("state")), {"assigned"})

    def test_the_same_key_gives_the_same_answer(self):
        campaign = self._create_arriving((2, 1))
        picking = self._get_transfer(campaign)
        lines = self._count(picking, tomato={"received": 2})
        answers = [self._confirm(picking, key="k" * 16, lines=lines) for _ in range(2)]
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0]["status"], "confirmed")
        self._run_jobs()
        self.assertEqual(sum(campaign.order_ids.mapped("groupbuy_amount_refunded")), 10)

    def test_the_same_key_with_other_quantities_is_refused(self):
        campaign = self._create_arriving((2, 1))
        picking = self._get_transfer(campaign)
        lines = self._count(picking)
        self._confirm(picking, key="k" * 16, lines=lines)
        lines[0] = {**lines[0], "received": 1}
        answer = self._confirm(picking, key="k" * 16, lines=lines)
        self.assertEqual(answer["refusal"], "bad_request")
        self.assertEqual(self._get_quantities(campaign), [2, 1])

    def test_a_second_manager_is_told_who_was_first(self):
        campaign = self._create_arriving((2, 1))
        picking = self._get_transfer(campaign)
        lines = self._count(picking, tomato={"received": 1})
        self._receive_at_point(picking)
        answer = self._confirm(picking, lines=lines)
        self.assertEqual(answer["refusal"], "already_received")
        self.assertEqual(answer["details"]["by"], "Li Na")
        self.assertIn("Li Na", answer["message"])
        self.assertEqual(self._get_quantities(campaign), [2, 1])

    def test_what_is_shown_before_is_what_happens(self):
        campaign = self._create_arriving((2, 3))
        picking = self._get_transfer(campaign)
        lines = self._count(picking, tomato={"received": 3, "damaged": 1})
        receipts = self.env["groupbuy.receipt"].sudo()
        preview = receipts._preview(picking, lines)
        self.assertEqual(picking.state, "assigned", "A preview changes nothing")
        self.assertEqual(
            [
                (row["resident"], row["kind"], row["less"])
                for row in preview["residents"]
            ],
            [("Resident 2", "short", 2), ("Resident 2", "damaged", 1)],
        )
        answer = self._confirm(picking, lines=lines, plan=preview["plan"])
        receipt = receipts.browse(answer["receipt_id"])
        self.assertEqual(
            [
                (fact.partner_id.name, fact.kind, fact.quantity)
                for fact in receipt.allotment_ids
            ],
            [("Resident 2", "short", 2), ("Resident 2", "damaged", 1)],
        )

    def test_a_plan_that_is_no_longer_true_is_shown_again(self):
        campaign = self._create_arriving((2, 3))
        picking = self._get_transfer(campaign)
        lines = self._count(picking, tomato={"received": 2})
        plan = self.env["groupbuy.receipt"].sudo()._preview(picking, lines)["plan"]
        order = campaign.order_ids.sorted("id")[1]
        line = order.order_line.filtered("groupbuy_line_id")
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        answer = self._confirm(picking, lines=lines, plan=plan)
        self.assertEqual(answer["refusal"], "changed")
        self.assertEqual(picking.state, "assigned")
        self.assertFalse(picking.groupbuy_receipt_ids)

    def test_what_nobody_waits_for_any_more_is_more_than_expected(self):
        campaign = self._create_arriving((2, 3))
        picking = self._get_transfer(campaign)
        lines = self._count(picking)
        order = campaign.order_ids.sorted("id")[1]
        line = order.order_line.filtered("groupbuy_line_id")
        order._groupbuy_give_back({line: 1}, "staff", "case/1")
        answer = self._confirm(picking, lines=lines)
        self.assertEqual(answer["refusal"], "too_much")
        self.assertEqual(picking.state, "assigned")

    def test_goods_that_the_warehouse_has_not_sent_are_not_received(self):
        campaign = self._create_campaign()
        self._join(campaign)
        self._close(campaign)
        picking = self._get_transfer(campaign)
        answer = self._confirm(picking)
        self.assertEqual(answer["refusal"], "not_sent")
        self.assertEqual(picking.state, "confirmed")

    def test_forged_input_is_refused_and_changes_nothing(self):
        campaign = self._create_arriving((2, 1))
        picking = self._get_transfer(campaign)
        good = self._count(picking)[0]
        bad_lines = {
            "too_much": [
                [{**good, "received": 4}],
                [{**good, "received": 9999999}],
                [{**good, "received": 2, "damaged": 3}],
            ],
            "bad_request": [
                None,
                "all",
                [],
                [None],
                [good, good],
                [{**good, "product_id": self.egg.id}],
                [{**good, "product_id": "1; DROP TABLE"}],
                [{**good, "received": -1}],
                [{**good, "received": "NaN"}],
                [{**good, "received": float("nan")}],
                [{**good, "received": float("inf")}],
                [{**good, "received": "-0"}],
                [{**good, "received": 10**400}],
                [{**good, "received": "9" * 400}],
                [{**good, "received": {"$gt": 0}}],
                [{**good, "received": "1e3"}],
                [{**good, "received": None}],
                [{**good, "received": 1.5}],
                [{**good, "received": True}],
                [{**good, "damaged": "many"}],
                [{**good, "damaged": [1]}],
                [{**good, "short_responsible": "neighbour"}],
                [{**good, "note": "x" * (MAX_NOTE + 1)}],
                [{**good, "note": {"a": 1}}],
                [{**good, "photos": "photo"}],
                [{**good, "photos": [make_photo()] * 7}],
                [{**good, "photos": ["not base64!"]}],
                [{**good, "photos": ["aGVsbG8="]}],
                [{**good, "photos": [5]}],
                [{**good, "photos": ["A" * (12 * 1024 * 1024)]}],
                [{**good, "received": 0, "rest_follows": True}],
            ],
        }
        for refusal, cases in bad_lines.items():
            for lines in cases:
                answer = self._confirm(picking, lines=lines if lines else lines or 0)
                self.assertEqual(answer.get("refusal"), refusal, str(lines)[:100])
                self.assertTrue(answer["message"])
        for key in ("short", "x" * 80, "a key with spaces", None, 5):
            receipts = self.env["groupbuy.receipt"].sudo()
            answer = receipts._confirm(picking, [good], request_key=key)
            self.assertEqual(answer["refusal"], "bad_request")
        self.assertFalse(self.env["groupbuy.receipt"].search([]))
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(self._get_quantities(campaign), [2, 1])

    def test_a_vector_file_with_a_script_is_no_photo(self):
        campaign = self._create_arriving((2,))
        picking = self._get_transfer(campaign)
        for photo in (
            "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=",
            "JVBERi0xLjQK",
        ):
            lines = [{**self._count(picking)[0], "photos": [photo]}]
            self.assertEqual(
                self._confirm(picking, lines=lines)["refusal"], "bad_request"
            )

    def test_photos_are_drawn_anew_and_kept_with_their_line(self):
        campaign = self._create_arriving((2,))
        picking = self._get_transfer(campaign)
        photos = [make_photo("PNG"), "data:image/jpeg;base64," + make_photo("JPEG")]
        receipt = self._receive_at_point(
            picking, tomato={"damaged": 1, "photos": photos}
        )
        kept = receipt.line_ids.photo_ids
        self.assertEqual(len(kept), 2)
        self.assertEqual(set(kept.mapped("mimetype")), {"image/jpeg"})
        self.assertTrue(all(photo.raw.startswith(b"\xff\xd8") for photo in kept))

    def test_odoo_refusing_the_transfer_undoes_everything(self):
        campaign = self._create_arriving((2, 1))
        picking = self._get_transfer(campaign)
        message = "Name the lot"

        def refuse(records):
            raise UserError(message)

        with patch.object(type(picking), "button_validate", refuse):
            answer = self._confirm(picking, tomato={"received": 1})
        self.assertEqual(answer["refusal"], "impossible")
        self.assertIn("Name the lot", answer["message"])
        self.assertEqual(self._get_quantities(campaign), [2, 1])
        self.assertFalse(self.env["groupbuy.allowance"].search([]))
        self.assertFalse(self.env["groupbuy.receipt"].search([]))

    def test_what_was_received_cannot_be_changed(self):
        campaign = self._create_arriving((2, 1))
        receipt = self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": 2}
        )
        for record, values in (
            (receipt, {"note": "more"}),
            (receipt.line_ids, {"received": 3}),
            (receipt.allotment_ids, {"quantity": 2}),
        ):
            with self.assertRaises(UserError):
                record.write(values)
            with self.assertRaises(UserError):
                record.unlink()

    def test_portal_users_have_no_rights_on_receipts(self):
        campaign = self._create_arriving((2, 1))
        receipt = self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": 2}
        )
        for record in (receipt, receipt.line_ids, receipt.allotment_ids):
            for user in (self.point_manager, self.other_manager):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])
            record.with_user(self.user).read(["display_name"])
            with self.assertRaises(AccessError):
                record.with_user(self.user).create({})

    def test_each_resident_is_told_once_by_mail(self):
        campaign = self._create_arriving((2, 3, 2))
        mails = self.env["mail.mail"].sudo()
        known = mails.search([])
        self._receive_at_point(self._get_transfer(campaign), tomato={"received": 4})
        self.assertFalse(mails.search([]) - known, "A job tells them")
        self._run_jobs()
        sent = (mails.search([]) - known).filtered(
            lambda mail: "not everything arrived" in (mail.subject or "")
        )
        last = campaign.order_ids.sorted("id")[2]
        self.assertEqual(len(sent), 2)
        mail = sent.filtered(lambda m: m.recipient_ids == last.partner_id)
        self.assertIn("did not arrive", mail.body_html)
        self.assertIn("money for it goes back", mail.body_html)
        self.assertIn(f"/my/orders/{last.id}", mail.body_html)

    def test_orders_of_another_point_are_not_touched(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        self._join(campaign, self.resident, {line: 2})
        other = self._join(campaign, self.neighbour, {line: 2}, point=self.other_point)
        self._send(campaign)
        self._receive_at_point(self._get_transfer(campaign), tomato={"received": 0})
        self.assertEqual(
            other.order_line.filtered("groupbuy_line_id").product_uom_qty, 2
        )

    # === SUPPLIER === #

    def test_the_supplier_is_claimed_back_at_the_price_of_the_purchase(self):
        campaign = self._create_arriving((2, 1))
        receipt = self._receive_at_point(
            self._get_transfer(campaign),
            tomato={"damaged": 2, "damaged_responsible": "supplier"},
        )
        note = receipt.credit_note_ids
        self.assertEqual((note.move_type, note.state), ("in_refund", "draft"))
        self.assertEqual(note.partner_id, self.supplier)
        self.assertEqual(note.amount_total, 8.0)
        self.assertEqual(note.invoice_origin, campaign.purchase_order_ids.name)
        po_line = campaign.purchase_order_ids.order_line
        self.assertEqual(note.invoice_line_ids.groupbuy_purchase_line_id, po_line)
        self.assertEqual(po_line.qty_to_invoice, 3, "It is not billed twice")

    def test_a_claim_names_the_bill_that_it_reduces(self):
        campaign = self._create_arriving((2, 1))
        order = campaign.purchase_order_ids
        order.action_create_invoice()
        bill = order.invoice_ids
        bill.invoice_date = bill.date
        bill.action_post()
        receipt = self._receive_at_point(
            self._get_transfer(campaign),
            tomato={"damaged": 1, "damaged_responsible": "supplier"},
        )
        self.assertEqual(receipt.credit_note_ids.reversed_entry_id, bill)
        receipt.credit_note_ids.invoice_date = bill.date
        receipt.credit_note_ids.action_post()
        self.assertEqual(order.order_line.qty_to_invoice, 0)

    def test_what_the_supplier_never_delivered_is_no_claim(self):
        campaign = self._create_campaign()
        self._join(campaign, quantities={campaign.line_ids: 5})
        self._close(campaign)
        campaign.purchase_order_ids.button_confirm()
        incoming = campaign.purchase_order_ids.picking_ids
        incoming.move_ids.write({"quantity": 3, "picked": True})
        incoming.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=incoming.ids
        ).button_validate()
        picking = self._get_transfer(campaign)
        picking.action_assign()
        receipt = self._receive_at_point(
            picking,
            tomato={
                "received": 3,
                "damaged": 1,
                "short_responsible": "supplier",
                "damaged_responsible": "supplier",
            },
        )
        self.assertEqual(receipt.credit_note_ids.invoice_line_ids.quantity, 1)

    def test_others_who_are_responsible_get_no_credit_note(self):
        campaign = self._create_arriving((2, 1))
        receipt = self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": 2, "damaged": 1}
        )
        self.assertFalse(receipt.credit_note_ids)

    # === PAPERS === #

    def test_papers_agree_after_a_short_and_damaged_receipt(self):
        campaign = self._create_arriving((2, 3, 2))
        self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": 6, "damaged": 2}
        )
        papers = self.env["groupbuy.paper"]
        totals = {}
        notes = {}
        for kind in ("pick_by_product", "by_point", "by_resident", "buy_by_supplier"):
            document = papers._get_document(campaign, kind)
            (section,) = document["sections"]
            totals[kind] = section["totals"]["quantity"]
            notes[kind] = [text for label, text in document["info"] if label == "Note"]
        self.assertEqual(
            totals,
            {
                "pick_by_product": 6,
                "by_point": 6,
                "by_resident": 4,
                "buy_by_supplier": 7,
            },
        )
        self.assertIn("arrived damaged at North Gate", notes["by_point"][0])
        self.assertEqual(notes["by_resident"], [])
        document = papers._get_document(campaign, "buy_by_supplier")
        # Seven were bought: four are handed out, two scrapped, one is left over.
        self.assertEqual(document["sections"][0]["totals"]["rest"], 1)
        for kind in ("pick_by_product", "by_point"):
            self.assertTrue(papers._render_xlsx(campaign, kind))

    def test_a_paper_that_differs_for_another_reason_is_still_refused(self):
        campaign = self._create_arriving((2, 3))
        self._receive_at_point(self._get_transfer(campaign), tomato={"damaged": 1})
        move = campaign.order_ids.sorted("id")[0].order_line.move_ids
        move.product_uom_qty -= 1
        with self.assertRaises(UserError):
            self.env["groupbuy.paper"]._get_document(campaign, "by_resident")

    def test_syncing_the_supply_after_a_receipt_changes_nothing(self):
        campaign = self._create_arriving((2, 3))
        self._receive_at_point(
            self._get_transfer(campaign), tomato={"received": 4, "damaged": 1}
        )
        before = len(campaign.picking_ids), campaign.purchase_order_ids.amount_total
        campaign._sync_supply()
        campaign.invalidate_recordset()
        self.assertEqual(
            before,
            (len(campaign.picking_ids), campaign.purchase_order_ids.amount_total),
        )

    # === SUPPLY === #

    def _get_bought(self, campaign):
        return sum(campaign.purchase_order_ids.order_line.mapped("product_qty"))

    def _get_brought(self, campaign):
        """Return what is to be brought to the points, or was, after one more look."""
        campaign._sync_supply()
        campaign.invalidate_recordset()
        return sorted(
            (move.state, move.product_uom_qty)
            for move in campaign.picking_ids.move_ids
            if move.picking_id.groupbuy_role == "to_point"
        )

    def test_nothing_that_was_lost_is_bought_or_brought_once_more(self):
        for values, brought in (
            ({"received": 3}, [("done", 3)]),
            ({"damaged": 2}, [("done", 5)]),
            ({"damaged": 5}, [("done", 5)]),
            ({"received": 4, "damaged": 4}, [("done", 4)]),
            ({"received": 0}, [("cancel", 5)]),
            (
                {"received": 3, "damaged": 1, "rest_follows": True},
                [("assigned", 2), ("done", 3)],
            ),
        ):
            with self.subTest(values=values):
                campaign = self._create_arriving((2, 3))
                bought = self._get_bought(campaign)
                self._receive_at_point(self._get_transfer(campaign), tomato=values)
                self._run_jobs()
                self.assertEqual(self._get_brought(campaign), brought)
                self.assertEqual(self._get_bought(campaign), bought)
                self.assertMoneyReconciles(campaign.order_ids)

    def test_what_lay_at_the_point_is_not_brought_once_more(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        self._join(campaign, self.resident, {tomato: 2, egg: 2})
        self._send(campaign)
        self.env["stock.quant"]._update_available_quantity(
            self.tomato, self.point.location_id, 1
        )
        receipt = self._receive_at_point(
            self._get_transfer(campaign),
            tomato={"received": 1},
            egg={"received": 1},
        )
        self.assertEqual(receipt.allotment_ids.product_id, self.egg)
        self._run_jobs()
        self.assertEqual(self._get_brought(campaign), [("done", 1), ("done", 1)])
        self.assertEqual(self._get_bought(campaign), 4)
        document = self.env["groupbuy.paper"]._get_document(campaign, "by_point")
        notes = [text for label, text in document["info"] if label == "Note"]
        self.assertEqual(len(notes), 1)
        self.assertIn("lay at North Gate already", notes[0])

    def test_a_campaign_goes_on_as_long_as_somebody_waits(self):
        campaign = self._create_arriving((2, 3))
        self._receive_at_point(self._get_transfer(campaign), tomato={"received": 2})
        self._run_jobs()
        self.assertEqual(campaign.state, "delivering")
        self._hand_out(campaign.order_ids.sorted("id")[0])
        self.assertEqual(campaign.state, "done")

    def test_a_campaign_whose_goods_are_all_damaged_is_done(self):
        campaign = self._create_arriving((2, 3))
        receipt = self._receive_at_point(
            self._get_transfer(campaign), tomato={"damaged": 5}
        )
        self.assertEqual(receipt.picking_id.state, "done")
        self.assertEqual(campaign.state, "done")
        self.assertEqual(self._get_stock(self.tomato, self.point.location_id), 0)

    def test_a_transfer_that_shrinks_can_still_be_received(self):
        campaign = self._create_arriving((2, 3))
        picking = self._get_transfer(campaign)
        order = campaign.order_ids.sorted("id")[1]
        order._groupbuy_give_back(
            {order.order_line.filtered("groupbuy_line_id"): 2}, "staff", "case/1"
        )
        self.assertEqual((picking.state, picking.move_ids.quantity), ("assigned", 3))
        self._receive_at_point(picking)
        self.assertEqual(
            set(campaign.order_ids.groupbuy_picking_ids.mapped("state")), {"assigned"}
        )

    # === BEYOND THE ORDERS === #

    def _create_extra(self, campaign, quantity):
        """Return a transfer to the point that no order asks for, on its way."""
        model = self._get_transfer(campaign)
        self.env["stock.quant"]._update_available_quantity(
            self.tomato, self.warehouse.lot_stock_id, quantity
        )
        extra = self.env["stock.picking"].create(
            {
                "picking_type_id": model.picking_type_id.id,
                "location_id": model.location_id.id,
                "location_dest_id": model.location_dest_id.id,
                "groupbuy_campaign_id": campaign.id,
                "groupbuy_point_id": self.point.id,
                "groupbuy_role": "to_point",
                "groupbuy_is_extra": True,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.tomato.id,
                            "product_uom_qty": quantity,
                            "location_id": model.location_id.id,
                            "location_dest_id": model.location_dest_id.id,
                        }
                    )
                ],
            }
        )
        extra.action_confirm()
        extra.action_assign()
        return extra

    def test_a_loss_beyond_the_orders_takes_nothing_off_them(self):
        campaign = self._create_arriving((2, 3))
        extra = self._create_extra(campaign, 2)
        receipt = self._receive_at_point(extra, tomato={"received": 1, "damaged": 1})
        self.assertFalse(receipt.allotment_ids)
        self.assertEqual(self._get_quantities(campaign), [2, 3])
        self.assertEqual(
            sorted(
                self.env["groupbuy.case"]
                .search([("campaign_id", "=", campaign.id)])
                .type_id.mapped("code")
            ),
            ["damage", "shortage"],
        )
        self._receive_at_point(self._get_transfer(campaign) - extra)
        self.assertEqual(self._get_brought(campaign), [("done", 1), ("done", 5)])
        self.env["groupbuy.paper"]._get_document(campaign, "by_point")

    def test_what_comes_beyond_the_orders_makes_up_for_no_shortage(self):
        campaign = self._create_arriving((2, 3))
        self._create_extra(campaign, 2)
        picking = self._get_transfer(campaign).filtered(
            lambda picking: not picking.groupbuy_is_extra
        )
        receipt = self._receive_at_point(picking, tomato={"received": 4})
        self.assertEqual(sum(receipt.allotment_ids.mapped("quantity")), 1)
