# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestSupply(GroupBuyCommon):
    def test_one_request_for_a_product_and_campaign(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        self._join(campaign, self.resident, {tomato: 2, egg: 1})
        self._join(campaign, self.neighbour, {tomato: 3})
        self._close(campaign)
        request = campaign.purchase_order_ids
        self.assertEqual(len(request), 1)
        self.assertEqual(request.partner_id, self.supplier)
        quantities = {line.product_id: line.product_qty for line in request.order_line}
        self.assertEqual(quantities, {self.tomato: 5, self.egg: 1})

    def test_whole_cases_are_bought(self):
        campaign = self._create_campaign(lines=[{"case_size": 6}])
        self._join(campaign, quantities={campaign.line_ids: 7})
        self._close(campaign)
        self.assertEqual(campaign.purchase_order_ids.order_line.product_qty, 12)
        self.assertEqual(campaign.line_ids.supply_difference, 5)

    def test_what_is_in_stock_is_not_bought(self):
        self.env["stock.quant"]._update_available_quantity(
            self.tomato, self.warehouse.lot_stock_id, 4
        )
        campaign = self._create_campaign()
        self._join(campaign, quantities={campaign.line_ids: 6})
        self._close(campaign)
        self.assertEqual(campaign.purchase_order_ids.order_line.product_qty, 2)
        self.assertEqual(campaign.line_ids.stock_quantity, 4)
        self.assertEqual(self.tomato.free_qty, 0, "Reserved for the campaign")

    def test_goods_reach_the_point_and_then_their_residents(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        first = self._join(campaign, self.resident, {line: 2})
        second = self._join(campaign, self.neighbour, {line: 1}, self.other_point)
        self._close(campaign)
        to_points = campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_point"
        )
        self.assertEqual(len(to_points), 2)
        self.assertEqual(first.groupbuy_picking_ids.state, "confirmed")
        self._receive(campaign)
        self.assertEqual(first.groupbuy_picking_ids.state, "assigned")
        self.assertEqual(second.groupbuy_picking_ids.state, "assigned")
        self._hand_out(first)
        self.assertEqual(first.order_line.filtered("groupbuy_line_id").qty_delivered, 2)
        self.assertEqual(campaign.state, "delivering")
        self._hand_out(second)
        self.assertEqual(campaign.state, "done")

    def _bring_part(self, campaign, quantity):
        """Validate the transfer to the point with a part; the rest follows."""
        picking = campaign.picking_ids.filtered(lambda p: p.groupbuy_role == "to_point")
        picking.action_assign()
        picking.move_ids.write({"quantity": quantity, "picked": True})
        self.assertIs(picking.with_context(skip_backorder=True).button_validate(), True)
        return picking.backorder_ids

    def test_what_arrives_is_reserved_for_urgent_orders_first(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        first = self._join(campaign, self.resident, {line: 2})
        urgent = self._join(campaign, self.neighbour, {line: 3})
        urgent.groupbuy_priority = "2"
        self._close(campaign)
        campaign.purchase_order_ids.button_confirm()
        for picking in campaign.purchase_order_ids.picking_ids:
            self._validate(picking)
        rest = self._bring_part(campaign, 4)
        moves = (urgent | first).order_line.move_ids
        self.assertEqual(
            [(move.quantity, move.state) for move in urgent.order_line.move_ids],
            [(3, "assigned")],
        )
        self.assertEqual(
            [(move.quantity, move.state) for move in first.order_line.move_ids],
            [(1, "partially_available")],
        )
        quants = self.env["stock.quant"].search(
            [("location_id", "=", self.point.location_id.id)]
        )
        self.assertEqual(sum(quants.mapped("reserved_quantity")), 4)
        self.assertEqual(sum(moves.move_line_ids.mapped("quantity_product_uom")), 4)
        self._validate(rest)
        self.assertEqual(set(moves.mapped("state")), {"assigned"})
        self._hand_out(first | urgent)
        self.assertFalse(
            sum(quants.exists().mapped("quantity"))
            or sum(quants.exists().mapped("reserved_quantity"))
        )

    def test_products_with_lots_are_reserved_by_their_lots(self):
        self.tomato.tracking = "lot"
        lot = self.env["stock.lot"].create(
            {"name": "Monday's harvest", "product_id": self.tomato.id}
        )
        self.env["stock.quant"]._update_available_quantity(
            self.tomato, self.warehouse.lot_stock_id, 5, lot_id=lot
        )
        campaign = self._create_campaign()
        order = self._join(campaign, quantities={campaign.line_ids: 2})
        self._close(campaign)
        self._bring(campaign)
        self.assertEqual(order.groupbuy_picking_ids.state, "assigned")
        self.assertEqual(order.groupbuy_picking_ids.move_line_ids.lot_id, lot)

    def test_what_arrives_is_reserved_with_as_few_queries_for_many_as_for_few(self):
        counts = []
        for people in (3, 3, 12):
            campaign = self._create_campaign()
            for resident in self._create_residents(people):
                self._join(campaign, resident, {campaign.line_ids: 1})
            self._close(campaign)
            campaign.purchase_order_ids.button_confirm()
            for picking in campaign.purchase_order_ids.picking_ids:
                self._validate(picking)
            picking = campaign.picking_ids.filtered(
                lambda p: p.groupbuy_role == "to_point"
            )
            picking.move_ids.write({"quantity": people, "picked": True})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            picking.button_validate()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1])

    def test_several_orders_of_a_resident_are_handed_out_together(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        first = self._join(campaign, self.resident, {tomato: 2})
        second = self._join(campaign, self.resident, {egg: 1})
        self._close(campaign)
        self.assertEqual(first.groupbuy_picking_ids, second.groupbuy_picking_ids)
        self.assertEqual(len(first.groupbuy_picking_ids.move_ids), 2)

    def test_stock_of_a_point_is_not_free_for_the_shop(self):
        campaign = self._create_campaign()
        self._join(campaign, quantities={campaign.line_ids: 2})
        self._close(campaign)
        self._receive(campaign)
        product = self.tomato.with_context(warehouse_id=self.warehouse.id)
        self.assertEqual(product.free_qty, 0)
        quants = self.env["stock.quant"].search(
            [("location_id", "=", self.point.location_id.id)]
        )
        self.assertEqual(sum(quants.mapped("quantity")), 2)

    def test_a_later_cancellation_reduces_a_draft_request(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        order = self._join(campaign, self.resident, {line: 2})
        self._join(campaign, self.neighbour, {line: 3})
        self._close(campaign)
        order.with_user(self.manager).action_cancel()
        self._run_jobs()
        self.assertEqual(campaign.purchase_order_ids.order_line.product_qty, 3)
        self.assertEqual(order.groupbuy_amount_refunded, 20.0)
        to_point = campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_point"
        )
        self.assertEqual(to_point.move_ids.product_uom_qty, 3)

    def test_a_later_cancellation_shows_as_a_difference_of_a_confirmed_request(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        order = self._join(campaign, self.resident, {line: 2})
        self._join(campaign, self.neighbour, {line: 3})
        self._close(campaign)
        campaign.purchase_order_ids.button_confirm()
        order.action_cancel()
        self.assertEqual(campaign.purchase_order_ids.order_line.product_qty, 5)
        self.assertEqual(line.supply_difference, 2)

    def test_syncing_twice_changes_nothing(self):
        campaign = self._create_campaign()
        self._join(campaign, quantities={campaign.line_ids: 2})
        self._close(campaign)
        before = (
            campaign.purchase_order_ids.order_line.product_qty,
            len(campaign.picking_ids),
        )
        campaign._sync_supply()
        self.assertEqual(
            before,
            (
                campaign.purchase_order_ids.order_line.product_qty,
                len(campaign.picking_ids),
            ),
        )
        self.assertEqual(
            campaign.picking_ids.filtered(
                lambda p: p.groupbuy_role == "to_point"
            ).move_ids.product_uom_qty,
            2,
        )

    def test_invoices_and_payments_reconcile(self):
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        orders = self._join(campaign, self.resident) | self._join(
            campaign, self.neighbour
        )
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(orders)
        self._run_jobs()
        self.assertEqual(set(orders.mapped("invoice_status")), {"invoiced"})
        for order in orders:
            self.assertEqual(order.invoice_ids.amount_total, 8.0)
            self.assertEqual(order.invoice_ids.amount_residual, 0.0)
            self.assertEqual(order.groupbuy_amount_owed, 0.0)
        receivable = self.env["account.move.line"].search(
            [
                ("partner_id", "in", orders.partner_id.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertEqual(sum(receivable.mapped("amount_residual")), 0.0)
        self.assertTrue(all(receivable.mapped("reconciled")))

    def test_an_order_with_home_delivery_leaves_from_the_warehouse(self):
        home = self.env["delivery.carrier"].create(
            {
                "name": "To the door",
                "delivery_type": "fixed",
                "fixed_price": 5.0,
                "product_id": self.carrier.product_id.id,
                "is_published": True,
            }
        )
        campaign = self._create_campaign(carrier_ids=[(6, 0, home.ids)])
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
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.picking_ids.location_id, self.warehouse.lot_stock_id)
        self.assertEqual(campaign.purchase_order_ids.order_line.product_qty, 1)
