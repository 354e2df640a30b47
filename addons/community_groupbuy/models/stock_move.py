# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.tools import float_compare

from .. import const

PRECISION = 6


class StockMove(models.Model):
    _inherit = "stock.move"

    def _trigger_assign(self):
        """Override of `stock` to leave residents' transfers to their own order.

        What arrives at a pickup point is reserved by
        :meth:`stock.picking._groupbuy_reserve_for_residents`.
        """
        return super(
            StockMove,
            self.filtered(lambda move: move.picking_id.groupbuy_role != "to_point"),
        )._trigger_assign()

    def _groupbuy_reserve_in_order(self):
        """Reserve what lies at a pickup point, the first of these moves first.

        Odoo reserves move by move, with a dozen queries for each: a transfer for 500
        residents would take minutes. Here the quantities of a product are read once
        and shared out, all move lines are made together, and what they reserve is
        written once for each product. Products with lots, owners or packages go
        Odoo's own way, as does what is not stocked.

        Why it is safe: what is shared out is what the stock of this transaction has,
        and it is written in the same transaction as the sum of what was shared out;
        who changes the same stock meanwhile makes one of the two fail and be repeated.
        """
        moves = self.filtered(
            lambda move: move.state in ("confirmed", "partially_available")
        )
        simple = moves.filtered(
            lambda move: (
                move.product_id.is_storable
                and move.product_id.tracking == "none"
                and not move.restrict_partner_id
                and not move.move_orig_ids
                and not move._should_bypass_reservation()
            )
        )
        available = simple._groupbuy_get_plain_stock()
        vals_list = []
        in_bulk = self.browse()
        complete = self.browse()
        for move in simple:
            key = (move.product_id, move.location_id)
            if key not in available:
                continue
            in_bulk |= move
            reserved = move.product_uom._compute_quantity(
                move.quantity, move.product_id.uom_id, rounding_method="HALF-UP"
            )
            missing = move.product_qty - reserved
            taken = min(missing, available[key])
            if float_compare(taken, 0, precision_digits=PRECISION) > 0:
                available[key] -= taken
                vals = move._prepare_move_line_vals(quantity=taken)
                # Known here: what is computed is written row by row once more.
                uom = self.env["uom.uom"].browse(vals["product_uom_id"])
                vals["quantity_product_uom"] = uom._compute_quantity(
                    vals["quantity"], move.product_id.uom_id, rounding_method="HALF-UP"
                )
                if not float_compare(taken, missing, precision_digits=PRECISION):
                    vals["state"] = "assigned"
                    complete |= move
                vals_list.append(vals)
        # Before their lines, which have the state of their move and would be written
        # twice. What is ready now stands in no chatter: two rows for each resident.
        complete.with_context(tracking_disable=True).write({"state": "assigned"})
        noted = const.Reservations()
        lines = (
            self.env["stock.move.line"]
            .with_context(groupbuy_reservations=noted, tracking_disable=True)
            .create(vals_list)
            .with_context(groupbuy_reservations=None)
        )
        # Read here, so that it is computed here, where nothing is tracked.
        in_bulk.with_context(tracking_disable=True).picking_id.mapped("state")
        quants = self.env["stock.quant"]
        for (product_id, location_id), quantity in noted.items():
            quants._update_reserved_quantity(
                self.env["product.product"].browse(product_id),
                self.env["stock.location"].browse(location_id),
                quantity,
            )
        lines._auto_wave()
        (moves - in_bulk)._action_assign()

    def _groupbuy_get_plain_stock(self):
        """Return what can be reserved of products that lie in one heap.

        :return: (product, location) → quantity in the product's unit; without those
            whose stock has lots, owners, packages or shelves.
        :rtype: dict
        """
        stock = {
            (product, location): 0.0
            for location in self.location_id
            for product in self.filtered(
                lambda move, location=location: move.location_id == location
            ).product_id
        }
        for location in self.location_id:
            for quant in (
                self.env["stock.quant"]
                .sudo()
                .search(
                    [
                        ("product_id", "in", self.product_id.ids),
                        ("location_id", "child_of", location.id),
                    ]
                )
            ):
                key = (quant.product_id, location)
                if key not in stock:
                    continue
                if (
                    quant.location_id != location
                    or quant.lot_id
                    or quant.package_id
                    or quant.owner_id
                ):
                    del stock[key]
                else:
                    stock[key] += quant.quantity - quant.reserved_quantity
        return stock
