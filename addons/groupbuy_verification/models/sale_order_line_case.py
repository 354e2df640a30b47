# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_compare

from .groupbuy_case import OPEN_STATES, PRECISION


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model
    def _groupbuy_query_disputed(self):
        """Override of `community_groupbuy` to name the goods of undecided cases.

        Those whose goods are still to come back count, too: what the resident gets
        for them is not settled yet.
        """
        self.env["groupbuy.case"].flush_model(["state"])
        self.env["groupbuy.case.line"].flush_model(["case_id", "order_line_id"])
        return SQL(
            """
            %s
            UNION ALL
            SELECT goods.order_line_id
              FROM groupbuy_case c
              JOIN groupbuy_case_line goods ON goods.case_id = c.id
             WHERE c.state = ANY(%s) AND goods.order_line_id IS NOT NULL
            """,
            super()._groupbuy_query_disputed(),
            [*OPEN_STATES, "returning"],
        )

    def _groupbuy_get_claimable(self):
        """Return how much of each line a new case can be about.

        That is what the resident has or is to get, less what open cases are about.
        One query for all lines.

        :return: Line id → quantity in the unit of the line.
        :rtype: dict[int, float]
        """
        claimed = {
            line.id: quantity
            for line, quantity in self.env["groupbuy.case.line"]
            .sudo()
            ._read_group(
                [
                    ("order_line_id", "in", self.ids),
                    ("case_id.state", "in", (*OPEN_STATES, "returning")),
                ],
                ["order_line_id"],
                ["quantity:sum"],
            )
        }
        return {
            line.id: line.product_uom_qty - claimed.get(line.id, 0.0) for line in self
        }

    def _groupbuy_get_paid_for(self, quantity):
        """Return what was paid for a quantity of a line and has not been returned.

        Formula: (price − its share in the discounts) × quantity ÷ quantity of the
        line, at most what is left of it all.

        :param float quantity: In the unit of the line.
        :return: Tax included, in the order's currency, never below zero.
        :rtype: float
        """
        self.ensure_one()
        if not self.product_uom_qty:
            return 0.0
        paid = self._groupbuy_get_paid()
        discount = self._groupbuy_get_price_left() - paid
        price = (self.price_total - discount) / self.product_uom_qty * quantity
        return self.currency_id.round(max(min(price, paid), 0.0))

    def _groupbuy_get_open_moves(self):
        """Return the moves that are still to hand goods of these lines out.

        :rtype: stock.move
        """
        return self.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.location_dest_id.usage == "customer"
            )
        )

    def _groupbuy_get_returnable(self, quantity):
        """Return which moves a quantity that comes back was handed out by.

        The last one first; what has come back before, or is to, is left out.

        :param float quantity: In the unit of the line.
        :return: Pairs of move and quantity in the unit of the move.
        :rtype: list[tuple[stock.move, float]]
        :raise UserError: If so much was not handed out.
        """
        self.ensure_one()
        parts = []
        left = quantity
        for move in self.move_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.location_dest_id.usage == "customer"
                and move.product_id == self.product_id
            )
        ).sorted("id", reverse=True):
            returned = sum(
                back.product_uom._compute_quantity(
                    back.quantity if back.state == "done" else back.product_uom_qty,
                    move.product_uom,
                )
                for back in move.returned_move_ids
                if back.state != "cancel"
            )
            wanted = self.product_uom_id._compute_quantity(left, move.product_uom)
            part = min(move.quantity - returned, wanted)
            if float_compare(part, 0, precision_digits=PRECISION) > 0:
                parts.append((move, part))
                left -= move.product_uom._compute_quantity(part, self.product_uom_id)
        if float_compare(left, 0, precision_digits=PRECISION) > 0:
            raise UserError(
                self.env._(
                    "Only %(got)g of %(product)s can come back: the resident has no"
                    " more.",
                    got=quantity - left,
                    product=self.product_id.display_name,
                )
            )
        return parts
