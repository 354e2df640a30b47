# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL, float_compare

from ..allotment import Demand

PRECISION = 6


class StockPicking(models.Model):
    """Transfers to a point, as those who receive them see them."""

    _inherit = "stock.picking"

    groupbuy_receipt_ids = fields.One2many(
        comodel_name="groupbuy.receipt", inverse_name="picking_id", string="Receipts"
    )

    def action_view_groupbuy_receipt(self):
        """Open the receipt of the transfer.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Receipt"),
            "res_model": "groupbuy.receipt",
            "view_mode": "form",
            "res_id": self.groupbuy_receipt_ids.id,
        }

    @api.model
    def _groupbuy_get_arrivals_domain(self, point):
        """Return the domain of the transfers that a point has received or expects.

        :param groupbuy.pickup.point point: The point.
        """
        return [
            ("groupbuy_point_id", "=", point.id),
            ("groupbuy_role", "=", "to_point"),
            ("state", "!=", "cancel"),
        ]

    def _groupbuy_is_on_the_way(self):
        """Tell whether the warehouse has put at least a part of the goods aside."""
        self.ensure_one()
        return self.state == "assigned"

    def _groupbuy_get_expected(self):
        """Return what a transfer to a point still brings, product by product.

        :return: Product → moves (in their order) and quantity in the product's unit.
        :rtype: dict[product.product, dict]
        """
        self.ensure_one()
        expected = {}
        for move in self.move_ids.sorted("id"):
            if move.state in ("done", "cancel"):
                continue
            entry = expected.setdefault(
                move.product_id, {"moves": self.env["stock.move"], "quantity": 0.0}
            )
            entry["moves"] |= move
            entry["quantity"] += move.product_qty
        return expected

    def _groupbuy_get_demands(self, products):
        """Return who at the point waits for some products of the campaign.

        One query, whatever the number of residents. What is put aside for somebody
        already is left out.

        :param product.product products: The products.
        :return: Product id → demands of order lines, the first to have paid first.
        :rtype: dict[int, list[Demand]]
        """
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT m.product_id, m.sale_line_id, o.groupbuy_joined_at, o.id,
                       SUM(m.product_qty * (1 - COALESCE(m.quantity, 0)
                           / NULLIF(m.product_uom_qty, 0)))
                  FROM stock_picking p
                  JOIN stock_move m ON m.picking_id = p.id
                  JOIN sale_order_line l ON l.id = m.sale_line_id
                  JOIN sale_order o ON o.id = l.order_id
                 WHERE p.groupbuy_campaign_id = %s AND p.groupbuy_point_id = %s
                   AND p.groupbuy_role = 'to_resident'
                   AND m.product_id = ANY(%s)
                   AND m.state NOT IN ('done', 'cancel')
                   AND o.groupbuy_state = 'confirmed'
                 GROUP BY m.product_id, m.sale_line_id, o.id
                 ORDER BY o.groupbuy_joined_at, o.id, m.sale_line_id
                """,
                self.groupbuy_campaign_id.id,
                self.groupbuy_point_id.id,
                products.ids,
            )
        )
        demands = {}
        for (
            product_id,
            line_id,
            joined_at,
            order_id,
            quantity,
        ) in self.env.cr.fetchall():
            quantity = float(quantity or 0)
            if float_compare(quantity, 0, precision_digits=PRECISION) > 0:
                demands.setdefault(product_id, []).append(
                    Demand(line_id, quantity, (joined_at, order_id, line_id))
                )
        return demands

    def _groupbuy_get_spare(self, products):
        """Return what else the point has or gets of some products for its residents.

        That is what lies there for nobody, and what other transfers of the campaign
        still bring.

        :param product.product products: The products.
        :return: Product id → quantity in the product's unit.
        :rtype: dict[int, float]
        """
        self.ensure_one()
        spare = {}
        for product, quantity, reserved in self.env["stock.quant"]._read_group(
            [
                ("location_id", "child_of", self.groupbuy_point_id.location_id.id),
                ("product_id", "in", products.ids),
            ],
            ["product_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        ):
            spare[product.id] = max(quantity - reserved, 0.0)
        for product, quantity in self.env["stock.move"]._read_group(
            [
                ("picking_id", "!=", self.id),
                ("picking_id.groupbuy_campaign_id", "=", self.groupbuy_campaign_id.id),
                ("picking_id.groupbuy_point_id", "=", self.groupbuy_point_id.id),
                ("picking_id.groupbuy_role", "=", "to_point"),
                # What goes beyond the orders is for somebody of its own.
                ("picking_id.groupbuy_is_extra", "=", False),
                ("product_id", "in", products.ids),
                ("state", "not in", ("done", "cancel")),
            ],
            ["product_id"],
            ["product_qty:sum"],
        ):
            spare[product.id] = spare.get(product.id, 0.0) + quantity
        return spare

    def _groupbuy_reserve_for_residents(self):
        """Override of `community_groupbuy`: nobody gets what arrived damaged."""
        receipt_id = self.env.context.get("groupbuy_receipt_id")
        if receipt_id:
            self.env["groupbuy.receipt"].browse(receipt_id)._scrap_damaged()
        return super()._groupbuy_reserve_for_residents()
