# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.community_groupbuy.const import PRIVILEGE

from .verification_common import EngineCommon


@tagged("post_install", "-at_install")
class TestUnclaimed(EngineCommon):
    def _create_unclaimed(self, quantities=(2, 1), days=0.1, **values):
        campaign = self._create_arrived(quantities)
        campaign.with_context(groupbuy_system_write=PRIVILEGE).write(values)
        self._run_cron("send_codes")
        self._end_window(campaign, days)
        return campaign

    def _get_transfers(self, campaign, role):
        return campaign.picking_ids.filtered(lambda p: p.groupbuy_role == role)

    def _get_mails(self, subject):
        return self.env["mail.mail"].search(
            [
                ("model", "=", "groupbuy.pickup.code"),
                ("subject", "like", subject),
            ]
        )

    # === REMINDERS === #

    def test_residents_are_reminded_once_before_the_last_day(self):
        campaign = self._create_arrived()
        self._verify(self._get_pickings(campaign)[0])
        self._run_cron("unclaimed")
        self.assertFalse(self._get_mails("please collect"))
        campaign.with_context(groupbuy_system_write=PRIVILEGE).reminder_hours = 240
        for _time in range(2):
            self._run_cron("unclaimed")
        mail = self._get_mails("please collect")
        self.assertEqual(mail.recipient_ids, self._get_pickings(campaign).partner_id)
        self.assertIn("[[pickup-code]]", mail.body_html)

    def test_a_longer_stay_is_told_and_then_ends(self):
        campaign = self._create_unclaimed(unclaimed_rule="stay", unclaimed_days=2)
        for _time in range(2):
            self._run_cron("unclaimed")
        self.assertEqual(len(self._get_mails("are kept until")), 2)
        pickings = self._get_pickings(campaign)
        self.assertVerified(self._verify(pickings[0]))
        self._end_window(campaign, days=2.1)
        self._run_cron("unclaimed")
        self.assertEqual(pickings[1].state, "cancel")
        self.assertEqual(len(self._get_mails("went back")), 1)

    # === RETURN === #

    def test_unclaimed_goods_go_back_and_the_price_less_the_fee_too(self):
        campaign = self._create_unclaimed(
            unclaimed_fee_kind="percent", unclaimed_fee_percent=15
        )
        first, second = self._get_pickings(campaign)
        self._run_jobs()
        code = first.groupbuy_code_ids
        orders = campaign.order_ids
        self._run_cron("unclaimed")
        self._run_jobs()
        self.assertEqual(set((first | second).mapped("state")), {"cancel"})
        self.assertEqual(code.state, "cancelled")
        self.assertRefused(self._find(code._get_text()), "not_successful")
        back = self._get_transfers(campaign, "from_point")
        self.assertEqual(back.state, "assigned")
        self.assertEqual(back.location_id, self.point.location_id)
        self.assertEqual(back.location_dest_id, self.warehouse.lot_stock_id)
        self.assertEqual(back.move_ids.quantity, 3)
        for order in orders:
            paid = order.groupbuy_amount_charged
            self.assertAlmostEqual(order.groupbuy_amount_invoiced, paid * 0.15)
            self.assertAlmostEqual(order.groupbuy_amount_refunded, paid * 0.85)
            self.assertEqual(order.groupbuy_amount_owed, 0.0)
            self.assertEqual(order.invoice_ids.amount_residual, 0.0)
            facts = order.groupbuy_allowance_ids
            self.assertEqual(facts.mapped("reason"), ["unclaimed"])
        self.assertMoneyReconciles(orders)
        self.assertEqual(campaign.state, "done")
        self._validate(back)
        product = self.tomato.with_context(warehouse_id=self.warehouse.id)
        self.assertEqual(product.free_qty, 3)

    def test_running_it_again_changes_nothing(self):
        campaign = self._create_unclaimed(
            unclaimed_fee_kind="amount", unclaimed_fee_amount=3
        )
        for _time in range(3):
            self._run_cron("unclaimed")
            self._run_jobs()
        self.assertEqual(len(self._get_transfers(campaign, "from_point")), 1)
        for order in campaign.order_ids:
            self.assertEqual(order.groupbuy_amount_invoiced, 3.0)
            self.assertEqual(
                order.groupbuy_amount_refunded, order.groupbuy_amount_charged - 3
            )
        self.assertMoneyReconciles(campaign.order_ids)

    def test_a_fee_is_never_more_than_the_goods_and_once_for_a_resident(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        orders = self._join(campaign, self.resident, {tomato: 1}) | self._join(
            campaign, self.resident, {egg: 1}
        )
        self._close(campaign)
        self._receive(campaign)
        campaign.with_context(groupbuy_system_write=PRIVILEGE).write(
            {"unclaimed_fee_kind": "amount", "unclaimed_fee_amount": 14}
        )
        self._end_window(campaign)
        self._run_cron("unclaimed")
        self._run_jobs()
        self.assertEqual(sorted(orders.mapped("groupbuy_amount_invoiced")), [4.0, 10.0])
        self.assertEqual(sum(orders.mapped("groupbuy_amount_refunded")), 6.0)
        self.assertMoneyReconciles(orders)

    def test_what_was_collected_is_kept_and_only_the_rest_goes_back(self):
        campaign = self._create_arrived((3,))
        order = campaign.order_ids
        picking = self._get_pickings(campaign)
        self._verify(picking, quantities={picking.move_ids.id: 1})
        self._run_jobs()
        campaign.with_context(groupbuy_system_write=PRIVILEGE).write(
            {"unclaimed_fee_kind": "percent", "unclaimed_fee_percent": 10}
        )
        self._end_window(campaign)
        self._run_cron("unclaimed")
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_invoiced, 10.0 + 2.0)
        self.assertEqual(order.groupbuy_amount_refunded, 18.0)
        self.assertMoneyReconciles(order)
        self.assertLogMatches(campaign)

    def test_the_fee_carries_the_taxes_of_its_product(self):
        tax = self.env["account.tax"].create(
            {"name": "VAT 6 %", "amount": 6, "company_id": self.company.id}
        )
        fee = self.env.ref("groupbuy_verification.product_product_unclaimed_fee")
        fee.taxes_id = [Command.set(tax.ids)]
        campaign = self._create_unclaimed(
            (1,), unclaimed_fee_kind="amount", unclaimed_fee_amount=5.3
        )
        self._run_cron("unclaimed")
        self._run_jobs()
        invoice = campaign.order_ids.invoice_ids
        self.assertEqual(invoice.amount_total, 5.3)
        self.assertEqual(invoice.amount_tax, 0.3)

    def test_an_open_case_keeps_its_goods_where_they_are(self):
        campaign = self._create_unclaimed()
        first, second = self._get_pickings(campaign)
        blocked = {first.move_ids.id: 1.0}
        with patch.object(
            type(first), "_groupbuy_get_blocked_quantities", lambda self: blocked
        ):
            self._run_cron("unclaimed")
        self.assertEqual((first.state, second.state), ("assigned", "cancel"))
        back = self._get_transfers(campaign, "from_point")
        self.assertEqual(back.move_ids.quantity, 1)

    def test_a_failure_is_reported_and_stops_no_other_campaign(self):
        broken = self._create_unclaimed((1,))
        other = self._create_unclaimed((1,))
        orders = type(broken.order_ids)
        give_back = orders._groupbuy_give_back_many

        def fail(model, calls):
            if any(call["order"].groupbuy_campaign_id == broken for call in calls):
                raise RuntimeError("Something is wrong")
            return give_back(model, calls)

        with patch.object(orders, "_groupbuy_give_back_many", fail):
            self._run_cron("unclaimed")
        self.assertEqual(self._get_pickings(broken).state, "assigned")
        self.assertFalse(self._get_transfers(broken, "from_point"))
        self.assertFalse(self._get_pickings(other))
        self.assertIn("Something is wrong", broken.activity_ids.note)

    # === TRANSFER === #

    def test_goods_are_sent_on_to_another_point_and_then_back(self):
        campaign = self._create_unclaimed(
            unclaimed_rule="transfer",
            unclaimed_days=2,
            unclaimed_point_id=self.other_point.id,
        )
        pickings = self._get_pickings(campaign)
        text = pickings[0].groupbuy_code_ids._get_text()
        qr = pickings[0].groupbuy_code_ids._get_token()
        self._run_cron("unclaimed")
        self._run_cron("unclaimed")
        there = self._get_transfer(campaign, self.other_point)
        self.assertEqual(len(there), 1)
        self.assertEqual(there.state, "assigned")
        self.assertEqual(there.location_id, self.point.location_id)
        self.assertEqual(there.location_dest_id, self.other_point.location_id)
        self.assertEqual(there.move_ids.quantity, 3)
        self.assertEqual(set(pickings.mapped("state")), {"confirmed"})
        self.assertRefused(self._find(text), "wrong_point")
        self.assertRefused(self._find(text, self.other_point), "not_arrived")
        self._validate(there)
        self._run_cron("send_codes")
        self.assertEqual(len(self._get_mails("are ready")), 4, "Told once more")
        order = self._get_order_line(pickings[0]).order_id
        (values,) = order._groupbuy_get_code_values()
        self.assertEqual((values["place"], values["is_moved"]), ("South Gate", True))
        found = self._find(qr, self.other_point)
        self.assertEqual(found["status"], "found", found)
        self.assertVerified(self._verify(pickings[0], point=self.other_point))
        self.assertLogMatches(campaign)
        code = pickings[1].groupbuy_code_ids
        code.extended_until = fields.Datetime.now() - timedelta(minutes=1)
        self._run_cron("unclaimed")
        back = self._get_transfers(campaign, "from_point")
        self.assertEqual(back.location_id, self.other_point.location_id)
        self.assertEqual(back.move_ids.quantity, 1)
        self.assertEqual(campaign.state, "done")

    def _order_more(self, campaign, quantity):
        """Let the first order grow after its goods are gone, as a late one would."""
        order = campaign.order_ids.sorted("id")[0]
        line = order.order_line.filtered("groupbuy_line_id")
        picking = order._groupbuy_get_or_create_pickings()[
            order._groupbuy_picking_key()
        ]
        values = line._groupbuy_prepare_move(
            picking, self.env.ref("stock.stock_location_customers")
        )
        self.env["stock.move"].create(values | {"product_uom_qty": quantity})
        campaign._sync_transfers_to_points()
        return picking

    def _get_brought(self, campaign):
        """Return what is still to be brought, by point."""
        moves = self._get_transfers(campaign, "to_point").move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        return {
            point: sum(some.mapped("product_uom_qty"))
            for point, some in moves.grouped(
                lambda move: move.picking_id.groupbuy_point_id
            ).items()
        }

    def test_a_late_order_is_brought_in_full_after_goods_were_sent_on(self):
        campaign = self._create_unclaimed(
            unclaimed_rule="transfer",
            unclaimed_days=2,
            unclaimed_point_id=self.other_point.id,
        )
        self._run_cron("unclaimed")
        self.assertEqual(self._get_brought(campaign), {self.other_point: 3})
        campaign._sync_supply()
        self.assertEqual(self._get_brought(campaign), {self.other_point: 3})
        picking = self._order_more(campaign, 2)
        self.assertEqual(picking.groupbuy_point_id, self.point)
        self.assertEqual(picking.groupbuy_code_ids.state, "open")
        self.assertEqual(
            self._get_brought(campaign), {self.other_point: 3, self.point: 2}
        )

    def test_a_late_order_is_brought_in_full_after_goods_went_back(self):
        campaign = self._create_unclaimed()
        self._run_cron("unclaimed")
        self.assertEqual(self._get_brought(campaign), {})
        self._order_more(campaign, 2)
        self.assertEqual(self._get_brought(campaign), {self.point: 2})

    def test_a_late_order_is_brought_after_goods_went_back_from_another_point(self):
        campaign = self._create_unclaimed(
            unclaimed_rule="transfer",
            unclaimed_days=2,
            unclaimed_point_id=self.other_point.id,
        )
        self._run_cron("unclaimed")
        self._validate(self._get_transfer(campaign, self.other_point))
        codes = self._get_pickings(campaign).groupbuy_code_ids
        codes.extended_until = fields.Datetime.now() - timedelta(minutes=1)
        self._run_cron("unclaimed")
        back = self._get_transfers(campaign, "from_point")
        self.assertEqual(back.location_id, self.other_point.location_id)
        self._order_more(campaign, 2)
        self.assertEqual(self._get_brought(campaign), {self.point: 2})

    # === PAPERS === #

    def assertPapersAgree(self, campaign, **words):
        """Assert that each paper is printed, and what its notes say."""
        self.env.invalidate_all()
        for kind in ("pick_by_product", "by_point", "by_resident", "buy_by_supplier"):
            for points in (None, self.point):
                document = self.env["groupbuy.paper"]._get_document(
                    campaign, kind, points
                )
                notes = [text for label, text in document["info"] if label == "Note"]
                wanted = words.get(kind)
                self.assertEqual(len(notes), 1 if wanted else 0, (kind, notes))
                if wanted:
                    self.assertIn(wanted, notes[0])

    def test_papers_agree_after_goods_went_back(self):
        campaign = self._create_arrived((3, 1))
        picking = self._get_pickings(campaign)[0]
        self._verify(picking, quantities={picking.move_ids.id: 1})
        self._end_window(campaign)
        self._run_cron("unclaimed")
        text = "3 × Tomatoes for North Gate were not collected"
        self.assertPapersAgree(campaign, by_point=text, pick_by_product=text)

    def test_papers_agree_after_goods_were_sent_on(self):
        campaign = self._create_unclaimed(
            unclaimed_rule="transfer",
            unclaimed_days=2,
            unclaimed_point_id=self.other_point.id,
        )
        self._run_cron("unclaimed")
        self.assertPapersAgree(campaign)

    def test_papers_agree_after_an_undo(self):
        campaign = self._create_arrived((3, 1))
        self._undo(self._verify(self._get_pickings(campaign)[0]))
        self.assertPapersAgree(
            campaign, by_resident="3 × Tomatoes were handed out at North Gate"
        )

    def test_papers_agree_after_goods_were_given_back(self):
        campaign = self._create_arrived((3, 1))
        order = campaign.order_ids.sorted("id")[0]
        line = order.order_line.filtered("groupbuy_line_id")
        order._groupbuy_give_back({line: 2}, "staff", "test/1")
        text = "2 × Tomatoes were given back after they had been brought to North Gate"
        self.assertPapersAgree(campaign, by_point=text, pick_by_product=text)

    def test_papers_agree_after_a_return(self):
        campaign = self._create_arrived((3, 1))
        picking = self._get_pickings(campaign)[0]
        line = self._get_order_line(picking)
        self._verify(picking)
        self._run_jobs()
        case = self.env["groupbuy.case"]._open_by_resident(
            line.order_id, "quality", {line.id: 2}, "It is bad", ()
        )
        case._decide("return", level="staff", goods_are_back=True)
        text = "2 × Tomatoes were returned by residents of North Gate"
        self.assertPapersAgree(
            campaign, by_point=text, pick_by_product=text, by_resident=text
        )

    def test_a_transfer_needs_a_point(self):
        with self.assertRaises(ValidationError):
            self._create_campaign(unclaimed_rule="transfer")
        with self.assertRaises(ValidationError):
            self._create_campaign(unclaimed_rule="stay", unclaimed_days=0)

    def test_terms_cannot_become_worse_after_residents_joined(self):
        campaign = self._create_campaign(
            unclaimed_rule="stay",
            unclaimed_days=3,
            unclaimed_fee_kind="percent",
            unclaimed_fee_percent=10,
        )
        for values in (
            {"unclaimed_rule": "return"},
            {"unclaimed_days": 2},
            {"unclaimed_fee_percent": 11},
            {"unclaimed_fee_kind": "amount", "unclaimed_fee_amount": 1},
        ):
            with self.assertRaises(UserError):
                campaign.write(values)
        # Whoever calls by RPC chooses the context.
        forged = campaign.with_user(self.manager).with_context(
            groupbuy_system_write=True
        )
        with self.assertRaises(UserError):
            forged.write({"unclaimed_fee_percent": 11})
        campaign.write({"unclaimed_days": 5, "unclaimed_fee_percent": 5})
        campaign.unclaimed_fee_kind = "none"


@tagged("post_install", "-at_install")
class TestParcel(EngineCommon, HttpCase):
    def _create_parcel(self, product=None):
        """Return a group order whose goods have been brought to the door."""
        home = self.env["delivery.carrier"].create(
            {
                "name": "To the door",
                "delivery_type": "fixed",
                "fixed_price": 5.0,
                "product_id": self.carrier.product_id.id,
                "is_published": True,
            }
        )
        campaign = self._create_campaign(
            carrier_ids=[Command.set(home.ids)],
            lines=[{"product": product or self.tomato}],
        )
        order = self._create_cart(campaign, self.resident)
        order.write(
            {
                "carrier_id": home.id,
                "groupbuy_group_id": False,
                "groupbuy_point_id": False,
            }
        )
        self._pay(order)
        self._close(campaign)
        campaign.purchase_order_ids.button_confirm()
        for picking in campaign.purchase_order_ids.picking_ids:
            self._validate(picking)
        order.picking_ids.action_assign()
        self._validate(order.picking_ids)
        return order

    def _get_rows(self, order):
        return order.picking_ids.groupbuy_verification_ids.sorted("id")

    def test_a_delivery_by_the_carrier_is_a_verification(self):
        order = self._create_parcel()
        row = self._get_rows(order)
        self.assertEqual((row.kind, row.method), ("pickup", "carrier"))
        self.assertEqual(row.campaign_id, order.groupbuy_campaign_id)
        self.assertEqual(row.line_ids.quantity, 1)

    def test_the_resident_confirms_the_receipt_once(self):
        order = self._create_parcel()
        order._portal_ensure_token()
        self.authenticate(None, None)
        self.assertIn("I have received it", self.url_open(order.get_portal_url()).text)
        url = f"/my/orders/{order.id}/group-buy/received"
        from odoo import http

        data = {
            "csrf_token": http.Request.csrf_token(self),
            "access_token": order.access_token,
        }
        self.assertIn("Thank you", self.url_open(url, data=data).text)
        self.assertIn("no delivered parcel", self.url_open(url, data=data).text)
        rows = self._get_rows(order)
        self.assertEqual(rows.mapped("method"), ["carrier", "receipt"])

    def test_receipt_is_confirmed_by_time_and_storage_class(self):
        self.egg.groupbuy_storage_class = "chilled"
        ambient = self._create_parcel()
        chilled = self._create_parcel(self.egg)
        at_point = self._create_arrived()
        self._verify(self._get_pickings(at_point)[0])

        def age(days):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE groupbuy_verification SET at = %s",
                [fields.Datetime.now() - timedelta(days=days)],
            )
            self.env.invalidate_all()
            self._run_cron("confirm_receipts")

        age(1.9)
        self.assertEqual(len(self._get_rows(chilled)), 1)
        age(2.1)
        self.assertEqual(
            self._get_rows(chilled).mapped("method"), ["carrier", "automatic"]
        )
        self.assertEqual(len(self._get_rows(ambient)), 1)
        age(7.1)
        self.assertEqual(
            self._get_rows(ambient).mapped("method"), ["carrier", "automatic"]
        )
        age(30)
        self.assertEqual(len(self._get_rows(ambient)), 2)
        waiting = self._get_pickings(at_point)
        self.assertEqual(waiting.state, "assigned", "Nothing at a point is automatic")
        self.assertFalse(waiting.groupbuy_verification_ids)

    def test_an_open_case_stops_the_clock(self):
        order = self._create_parcel()
        picking = order.picking_ids
        blocked = {picking.move_ids.id: 1.0}
        self.env.cr.execute(
            "UPDATE groupbuy_verification SET at = at - interval '30 days'"
        )
        self.env.invalidate_all()
        with patch.object(
            type(picking), "_groupbuy_get_blocked_quantities", lambda self: blocked
        ):
            self._run_cron("confirm_receipts")
        self.assertEqual(len(self._get_rows(order)), 1)
