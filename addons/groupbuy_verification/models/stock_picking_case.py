# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .groupbuy_case import OPEN_STATES


class StockPicking(models.Model):
    _inherit = "stock.picking"

    groupbuy_case_id = fields.Many2one(
        comodel_name="groupbuy.case",
        string="After-Sales Case",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The case that this return or replacement settles.",
    )
    groupbuy_case_count = fields.Integer(
        string="After-Sales Cases",
        compute="_compute_groupbuy_case_count",
        compute_sudo=True,
    )

    def _compute_groupbuy_case_count(self):
        """Count the cases about each transfer, in two queries for all of them."""
        counts = self.env["groupbuy.case"]._count_by("picking_id", self)
        for picking in self:
            picking.groupbuy_case_count = counts.get(picking.id, 0) + len(
                picking.groupbuy_case_id
            )

    def action_view_groupbuy_cases(self):
        """Open the cases about these transfers, and those they settle.

        :rtype: dict
        """
        return self.env["groupbuy.case"]._get_window_action(
            [
                "|",
                ("picking_id", "in", self.ids),
                ("extra_picking_ids", "in", self.ids),
            ]
        )

    def _groupbuy_renew_transfers(self):
        """Lock transfers so that a pickup that has begun before begins again.

        Why it is safe: the rows are written anew, not just locked. Under REPEATABLE
        READ a pickup that waits for the lock would otherwise go on without seeing the
        case, since nothing of its transfer has changed. So it fails to serialise, is
        repeated by Odoo and then finds the goods blocked.
        """
        self._groupbuy_lock_transfers()
        self.env.cr.execute(
            SQL(
                "UPDATE stock_picking SET write_date = write_date WHERE id = ANY(%s)",
                self.ids,
            )
        )

    def _groupbuy_get_blocked_quantities(self):
        """Override of `groupbuy_verification`: open cases block what they are about.

        One query where no case is open, two where some are, whatever the number of
        transfers. A case about a transfer as a whole, without naming goods, blocks all
        of it.
        """
        blocked = super()._groupbuy_get_blocked_quantities()
        moves = self.move_ids.filtered(lambda m: m.state not in ("done", "cancel"))
        if not moves:
            return blocked
        cases = (
            self.env["groupbuy.case"]
            .sudo()
            .search(
                [
                    ("state", "in", OPEN_STATES),
                    ("type_id.is_blocking", "=", True),
                    "|",
                    ("line_ids.order_line_id", "in", moves.sale_line_id.ids),
                    "&",
                    ("picking_id", "in", self.ids),
                    ("line_ids", "=", False),
                ]
            )
        )
        if not cases:
            return blocked
        groups = (
            self.env["groupbuy.case.line"]
            .sudo()
            ._read_group(
                [
                    ("order_line_id", "in", moves.sale_line_id.ids),
                    ("case_id", "in", cases.ids),
                ],
                ["order_line_id"],
                ["quantity:sum", "collected_quantity:sum"],
            )
        )
        wanted = {line: total - had for line, total, had in groups}
        whole = set(cases.filtered(lambda case: not case.line_ids).picking_id.ids)
        result = defaultdict(float, blocked)
        for move in moves.sorted("id"):
            if move.picking_id.id in whole:
                result[move.id] = move.product_uom_qty
                continue
            line = move.sale_line_id
            left = (
                line.product_uom_id._compute_quantity(
                    wanted.get(line, 0.0), move.product_uom
                )
                if line
                else 0.0
            )
            part = min(left, move.product_uom_qty - result.get(move.id, 0.0))
            if part > 0:
                result[move.id] += part
                wanted[line] -= move.product_uom._compute_quantity(
                    part, line.product_uom_id
                )
        return dict(result)

    def _create_backorder_picking(self):
        """Override of `stock`: what is still to come back belongs to the case."""
        backorder = super()._create_backorder_picking()
        if self.groupbuy_case_id:
            backorder.write(
                {
                    "groupbuy_case_id": self.groupbuy_case_id.id,
                    "return_id": self.return_id.id,
                }
            )
        return backorder

    def _action_done(self):
        """Override of `stock`: goods that have come back are refunded."""
        result = super()._action_done()
        for picking in self:
            if (
                picking.groupbuy_case_id
                and picking.return_id
                and picking.state == "done"
            ):
                picking.groupbuy_case_id._on_goods_returned(picking)
        return result

    def _groupbuy_validate_all(self):
        """Validate a transfer with all its quantities, without asking.

        :raise UserError: If it cannot be, for example because stock is missing.
        """
        self.ensure_one()
        for move in self.move_ids.filtered(lambda m: m.state not in ("done", "cancel")):
            move.quantity = move.product_uom_qty
            move.picked = True
        result = self.with_context(skip_backorder=True, skip_sms=True).button_validate()
        if result is not True:
            raise UserError(
                self.env._("Please validate the transfer %s yourself.", self.name)
            )
