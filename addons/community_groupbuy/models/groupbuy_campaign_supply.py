# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Buying for a campaign and bringing the goods to its pickup points."""

import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, models
from odoo.tools import SQL, float_compare

_logger = logging.getLogger(__name__)

PRECISION = 6


class GroupBuyCampaign(models.Model):
    _inherit = "groupbuy.campaign"

    @api.model
    def _sync_due_supplies(self):
        """Buy and plan the transport for each campaign whose orders are confirmed.

        Orders whose capture is stuck do not keep the others waiting; when they come
        later, the same method adds them.
        """
        commit = self.env["ir.cron"]._commit_progress
        for campaign in self.search(
            [("state", "=", "succeeded"), ("is_supply_launched", "=", False)]
        ):
            campaign = campaign[0]
            waiting = self.env["groupbuy.job"].search_count(
                [
                    ("campaign_id", "=", campaign.id),
                    ("kind", "in", ("capture", "confirm")),
                    ("state", "=", "pending"),
                    ("attempts", "=", 0),
                ],
                limit=1,
            )
            if waiting:
                continue
            try:
                with self.env.cr.savepoint():
                    campaign._sync_supply()
                    campaign._set_state("delivering", is_supply_launched=True)
                    campaign._finish_if_delivered()
                    self.env.flush_all()
            except OperationalError:
                # Somebody else changed the same rows: the next run begins again.
                self.env.cr.rollback()
                self.env["groupbuy.job"]._trigger()
            except Exception as error:
                # Whatever it is: the campaigns after this one are bought for, and the
                # responsible gets to know of this one.
                self.env.invalidate_all()
                _logger.exception("Campaign %s: supply failed", campaign.id)
                campaign._report_failure(error)
            commit(processed=1)

    def _sync_supply(self):
        """Make purchases and transfers equal to what residents are owed.

        Both are derived from the residents' confirmed orders: what is missing is
        added, what is too much is taken away where that is still possible. Running
        it twice changes nothing; a later cancellation is one more run.
        """
        for campaign in self:
            campaign = campaign.with_company(campaign.company_id).sudo()
            campaign._sync_purchases()
            campaign._sync_transfers_to_points()

    def _sync_launched_supply(self):
        """Bring what is bought and brought in line with orders that have changed.

        Nothing happens before the goods of a campaign have been asked for: then all is
        derived at once. A campaign is done when its last open transfer was cancelled,
        as it is when that was handed out.
        """
        launched = self.filtered("is_supply_launched")
        launched._sync_supply()
        launched._finish_if_delivered()

    # === PURCHASES === #

    def _sync_purchases(self):
        """Procure what residents are owed, one procurement for each product."""
        self.ensure_one()
        lines = self.line_ids
        needs = lines._get_needed_quantities()
        if not self.is_supply_launched:
            self._take_from_stock(lines, needs)
        bought = lines._get_bought_quantities()
        procurements = []
        unsupplied = lines.browse()
        for line in lines:
            to_buy = line._get_quantity_to_buy(
                needs.get(line.id, 0.0) - line.stock_quantity
            )
            missing = to_buy - bought.get(line.id, 0.0)
            if float_compare(missing, 0, precision_digits=PRECISION) > 0:
                if line.supplier_id:
                    procurements.append(self._prepare_procurement(line, missing))
                else:
                    unsupplied |= line
            elif float_compare(missing, 0, precision_digits=PRECISION) < 0:
                self._reduce_requests(line, -missing)
        if procurements:
            self.env["stock.rule"].with_context(
                mail_create_nolog=True, tracking_disable=True
            ).run(procurements)
        if unsupplied:
            self._report_unsupplied(unsupplied)

    def _take_from_stock(self, lines, needs):
        """Decide once how much of each line comes from stock that nobody else has.

        Home deliveries of this campaign have reserved their part at confirmation;
        that part counts as free for it.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT sol.groupbuy_line_id, SUM(ml.quantity_product_uom)
                  FROM stock_move_line ml
                  JOIN stock_move m ON m.id = ml.move_id
                  JOIN sale_order_line sol ON sol.id = m.sale_line_id
                 WHERE sol.groupbuy_line_id = ANY(%s)
                   AND m.state IN ('assigned', 'partially_available')
                 GROUP BY sol.groupbuy_line_id
                """,
                lines.ids,
            )
        )
        reserved = dict(self.env.cr.fetchall())
        products = lines.product_id.with_context(warehouse_id=self.warehouse_id.id)
        free = {product.id: product.free_qty for product in products}
        for line in lines:
            if not line.product_id.is_storable:
                continue
            available = free[line.product_id.id] + reserved.get(line.id, 0.0)
            quantity = max(0.0, min(needs.get(line.id, 0.0), available))
            if quantity:
                line.stock_quantity = quantity

    def _prepare_procurement(self, line, quantity):
        """Return the procurement of a line's product for this campaign.

        :param groupbuy.campaign.line line: The line.
        :param float quantity: In the product's unit.
        """
        self.ensure_one()
        product = line.product_id
        return self.env["stock.rule"].Procurement(
            product,
            quantity,
            product.uom_id,
            self.warehouse_id.lot_stock_id,
            self.reference,
            self.reference,
            self.company_id,
            {
                "warehouse_id": self.warehouse_id,
                "company_id": self.company_id,
                "date_planned": self.pickup_from - timedelta(hours=12),
                "date_deadline": self.pickup_from,
                # Not `env.ref`, which costs a query for each line.
                "route_ids": self.env["stock.route"].browse(
                    self.env["ir.model.data"]._xmlid_to_res_id(
                        "purchase_stock.route_warehouse0_buy", raise_if_not_found=True
                    )
                ),
                "groupbuy_campaign_id": self,
            },
        )

    def _reduce_requests(self, line, surplus):
        """Take what nobody needs any more off the requests that are still drafts.

        What has been confirmed to a supplier stays; the line shows the difference.

        :param groupbuy.campaign.line line: The line.
        :param float surplus: In the product's unit.
        """
        drafts = self.env["purchase.order.line"].search(
            [
                ("groupbuy_campaign_id", "=", self.id),
                ("product_id", "=", line.product_id.id),
                ("state", "in", ("draft", "sent")),
            ]
        )
        for po_line in drafts:
            quantity = po_line.product_uom_id._compute_quantity(
                po_line.product_qty, line.product_uom_id
            )
            taken = min(quantity, surplus)
            surplus -= taken
            if float_compare(quantity, taken, precision_digits=PRECISION) > 0:
                po_line.product_qty = line.product_uom_id._compute_quantity(
                    quantity - taken, po_line.product_uom_id
                )
            else:
                order = po_line.order_id
                po_line.unlink()
                if not order.order_line:
                    order.button_cancel()
            if float_compare(surplus, 0, precision_digits=PRECISION) <= 0:
                break

    def _report_unsupplied(self, lines):
        """Ask the responsible to buy what has no supplier, once."""
        summary = self.env._("Buy these products: they have no supplier")
        if self.activity_ids.filtered(lambda a: a.summary == summary):
            return
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            user_id=self.user_id.id or SUPERUSER_ID,
            summary=summary,
            note=", ".join(
                f"{line.product_id.display_name}: "
                f"{line.needed_quantity - line.stock_quantity:g}"
                for line in lines
            ),
        )

    # === TRANSFERS TO THE POINTS === #

    def _sync_transfers_to_points(self):
        """Make one transfer to each point carry what its residents are owed."""
        self.ensure_one()
        wanted = self._get_quantities_by_point("to_resident")
        planned = self._get_quantities_by_point("to_point")
        moves_by_key = self._get_open_moves_to_points()
        vals_list = []
        pickings = {}
        changed = self.env["stock.move"]
        for key in sorted(wanted.keys() | planned.keys()):
            difference = wanted.get(key, 0.0) - planned.get(key, 0.0)
            if not float_compare(difference, 0, precision_digits=PRECISION):
                continue
            move = moves_by_key.get(key)
            if move and move.product_uom_qty + difference > 0:
                move.product_uom_qty += difference
                # Odoo gives free what a move that shrinks had put aside.
                changed |= move
            elif move:
                move._action_cancel()
            elif difference > 0:
                point_id, product_id = key
                point = self.env["groupbuy.pickup.point"].browse(point_id)
                if point not in pickings:
                    pickings[point] = self._get_picking_to_point(point)
                vals_list.append(
                    self._prepare_move_to_point(
                        pickings[point],
                        self.env["product.product"].browse(product_id),
                        difference,
                    )
                )
        moves = self.env["stock.move"].create(vals_list)
        moves._action_confirm(merge=False)
        self._reserve_for_points(changed | moves)

    def _reserve_for_points(self, moves):
        """Reserve at once what lies in stock, before somebody else takes it."""
        moves.filtered(
            lambda move: move.state in ("confirmed", "partially_available")
        )._action_assign()

    def _get_quantities_by_point(self, role):
        """Return the quantities of the campaign's transfers of a role.

        What is beyond the orders is no part of it.

        :param str role: "to_point" or "to_resident".
        :return: (pickup point id, product id) → quantity in the product's unit.
        :rtype: dict[tuple[int, int], float]
        """
        self.env["stock.move"].flush_model()
        self.env["stock.picking"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT p.groupbuy_point_id, m.product_id, SUM(m.product_qty)
                  FROM stock_picking p
                  JOIN stock_move m ON m.picking_id = p.id
                 WHERE p.groupbuy_campaign_id = %s AND p.groupbuy_role = %s
                   AND m.state != 'cancel' AND p.groupbuy_is_extra IS NOT TRUE
                 GROUP BY p.groupbuy_point_id, m.product_id
                """,
                self.id,
                role,
            )
        )
        return {
            (point_id, product_id): float(quantity)
            for point_id, product_id, quantity in self.env.cr.fetchall()
        }

    def _get_open_moves_to_points(self):
        """Return the moves to points that can still be changed, by their key.

        What one point hands over to another is no part of it: it comes from no
        warehouse, so it neither grows nor shrinks with the orders.
        """
        moves = self.env["stock.move"].search(
            [
                ("picking_id.groupbuy_campaign_id", "=", self.id),
                ("picking_id.groupbuy_role", "=", "to_point"),
                ("picking_id.groupbuy_from_point_id", "=", False),
                ("picking_id.groupbuy_is_extra", "=", False),
                ("state", "not in", ("done", "cancel")),
            ]
        )
        return {
            (move.picking_id.groupbuy_point_id.id, move.product_id.id): move
            for move in moves
        }

    def _get_picking_to_point(self, point):
        """Return the open transfer to a point, made if there is none."""
        pickings = self.env["stock.picking"]
        return pickings.search(
            [
                ("groupbuy_campaign_id", "=", self.id),
                ("groupbuy_point_id", "=", point.id),
                ("groupbuy_role", "=", "to_point"),
                ("groupbuy_from_point_id", "=", False),
                ("groupbuy_is_extra", "=", False),
                ("state", "not in", ("done", "cancel")),
            ],
            limit=1,
        ) or pickings.create(
            {
                "picking_type_id": self.warehouse_id.int_type_id.id,
                "partner_id": point.partner_id.id,
                "origin": self.reference,
                "company_id": self.company_id.id,
                "location_id": self.warehouse_id.lot_stock_id.id,
                "location_dest_id": point.location_id.id,
                "groupbuy_campaign_id": self.id,
                "groupbuy_point_id": point.id,
                "groupbuy_role": "to_point",
                "scheduled_date": self.pickup_from,
                "user_id": False,
            }
        )

    def _prepare_move_to_point(self, picking, product, quantity):
        """Return the values of the move that brings a product to a point."""
        return {
            "picking_id": picking.id,
            "picking_type_id": picking.picking_type_id.id,
            "product_id": product.id,
            "product_uom_qty": quantity,
            "product_uom": product.uom_id.id,
            "location_id": picking.location_id.id,
            "location_dest_id": picking.location_dest_id.id,
            "company_id": picking.company_id.id,
            "origin": self.reference,
            "procure_method": "make_to_stock",
            "date": self.pickup_from,
        }

    # === THE END === #

    def _finish_if_delivered(self):
        """Mark campaigns done whose residents have everything or were refunded."""
        for campaign in self.filtered(lambda c: c.state == "delivering"):
            if campaign._is_delivered():
                campaign._set_state("done")

    def _is_delivered(self):
        """Return whether nobody waits for anything of the campaign any more.

        Called each time that something was handed out: the first thing that is still
        open answers it.

        :rtype: bool
        """
        self.ensure_one()
        is_open = (
            self.env["stock.picking"]
            .sudo()
            .search_count(
                [
                    ("groupbuy_campaign_id", "=", self.id),
                    ("groupbuy_role", "=", "to_resident"),
                    ("state", "not in", ("done", "cancel")),
                ],
                limit=1,
            )
        )
        return not is_open and not (
            self.env["sale.order"]
            .sudo()
            .search_count(
                [
                    ("groupbuy_campaign_id", "=", self.id),
                    ("groupbuy_state", "=", "waiting"),
                ],
                limit=1,
            )
        )
