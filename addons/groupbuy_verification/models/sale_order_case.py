# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL


class SaleOrder(models.Model):
    _inherit = "sale.order"

    groupbuy_case_ids = fields.One2many(
        comodel_name="groupbuy.case",
        inverse_name="order_id",
        string="After-Sales Cases",
        copy=False,
        groups="community_groupbuy.group_groupbuy_user",
    )
    groupbuy_case_count = fields.Integer(
        compute="_compute_groupbuy_case_count", compute_sudo=True
    )

    def _compute_groupbuy_case_count(self):
        counts = self.env["groupbuy.case"]._count_by("order_id", self)
        for order in self:
            order.groupbuy_case_count = counts.get(order.id, 0)

    @api.depends("groupbuy_case_ids.extra_picking_ids.partner_id")
    def _compute_groupbuy_picking_ids(self):
        """Override of `community_groupbuy` to add replacements that are handed out."""
        result = super()._compute_groupbuy_picking_ids()
        extra = (
            self.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("groupbuy_case_id.order_id", "in", self.ids),
                    ("groupbuy_is_extra", "=", True),
                    ("groupbuy_role", "=", "to_resident"),
                ]
            )
        )
        for picking in extra:
            order = picking.groupbuy_case_id.order_id & self
            order.groupbuy_picking_ids |= picking
        return result

    def _groupbuy_lock_for_case(self):
        """Lock orders before something that there is once for each is counted.

        Why it is safe: as in `_groupbuy_renew_transfers`, the rows are written anew.
        Whoever has counted before, and waits for the lock, begins again and then
        counts what this transaction has added.
        """
        self._groupbuy_lock()
        self.env.cr.execute(
            SQL(
                "UPDATE sale_order SET write_date = write_date WHERE id = ANY(%s)",
                self.ids,
            )
        )

    def _groupbuy_can_report(self):
        """Return whether the resident can report a problem with the order.

        :rtype: bool
        """
        self.ensure_one()
        lines = self.order_line.filtered("groupbuy_line_id")
        return self.groupbuy_state == "confirmed" and any(
            quantity > 0 for quantity in lines._groupbuy_get_claimable().values()
        )

    def action_view_groupbuy_cases(self):
        """Open the cases about the orders.

        :rtype: dict
        """
        return self.env["groupbuy.case"]._get_window_action(
            [("order_id", "in", self.ids)],
            {"default_order_id": self.id if len(self) == 1 else False},
        )
