# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL


class StockPicking(models.Model):
    _inherit = "stock.picking"

    groupbuy_role = fields.Selection(
        selection_add=[("undone", "Handed out and taken back")],
        ondelete={"undone": "set null"},
    )
    groupbuy_code_ids = fields.One2many(
        comodel_name="groupbuy.pickup.code",
        inverse_name="picking_id",
        string="Pickup Codes",
        copy=False,
    )
    groupbuy_verification_ids = fields.One2many(
        comodel_name="groupbuy.verification",
        inverse_name="picking_id",
        string="Verifications",
        copy=False,
    )
    groupbuy_verification_count = fields.Integer(
        string="Verification Count", compute="_compute_groupbuy_verification_count"
    )

    @api.depends("groupbuy_verification_ids")
    def _compute_groupbuy_verification_count(self):
        counts = dict(
            self.env["groupbuy.verification"]._read_group(
                [("picking_id", "in", self.ids)], ["picking_id"], ["__count"]
            )
        )
        for picking in self:
            picking.groupbuy_verification_count = counts.get(picking, 0)

    def _groupbuy_lock_transfers(self):
        """Lock transfers in the order of their ids, before the orders they are for.

        All that hands out, receives or gives back locks in this order, so that two of
        them never wait for each other in a circle. Who comes second has a snapshot that
        is older than what the first changed: the database refuses, Odoo repeats the
        request, and then it sees what has happened.
        """
        if self:
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    "SELECT 1 FROM stock_picking WHERE id = ANY(%s)"
                    " ORDER BY id FOR NO KEY UPDATE",
                    self.ids,
                ),
                log_exceptions=False,
            )
            self.invalidate_recordset(["state"])

    def _groupbuy_get_blocked_quantities(self):
        """Return what must not be handed out, because an open case is about it.

        :return: Stock move id → quantity in the unit of the move.
        :rtype: dict[int, float]
        """
        return {}

    def _groupbuy_get_rest(self):
        """Return the open transfer of what remains of a transfer that is done.

        :rtype: stock.picking
        """
        self.ensure_one()
        found = self
        while found.backorder_ids:
            found = found.backorder_ids.sorted("id")[-1]
        return found.filtered(lambda p: p != self and p.state not in ("done", "cancel"))

    def _groupbuy_get_code(self):
        """Return the code that a transfer was, or is to be, opened by.

        The parts in which a resident's goods are handed out share one code.

        :rtype: groupbuy.pickup.code
        """
        self.ensure_one()
        family = self
        while family[-1:].backorder_id:
            family += family[-1:].backorder_id
        return self.env["groupbuy.pickup.code"].search(
            [
                ("token_picking_id", "in", family.ids),
                ("state", "in", ("open", "used")),
            ],
            order="id desc",
            limit=1,
        )

    def _action_done(self):
        """Override of `stock` to log the parcels of group orders that are delivered.

        What remains of a resident's goods keeps waiting, also where the operation type
        says that there are no backorders.
        """
        if self.env.context.get("groupbuy_verifying"):
            self = self.with_context(cancel_backorder=False)
        result = super()._action_done()
        parcels = self.filtered(
            lambda picking: (
                not picking.groupbuy_role
                and picking.state == "done"
                and picking.picking_type_code == "outgoing"
                and picking.location_dest_id.usage == "customer"
                and picking.sale_id.groupbuy_campaign_id
            )
        )
        if parcels:
            self.env["groupbuy.verification"].sudo()._record_delivery(parcels)
        return result

    def _groupbuy_on_arrived(self):
        """Override of `community_groupbuy` to send the codes of what has arrived."""
        result = super()._groupbuy_on_arrived()
        self.env["groupbuy.pickup.code"].sudo()._trigger_sending()
        return result

    def _groupbuy_on_handed_out(self):
        """Override of `community_groupbuy` to keep a log of all that is handed out.

        A transfer that is validated in the stock app, and not by a verification, is
        logged as such, and its code is closed.
        """
        result = super()._groupbuy_on_handed_out()
        if not self.env.context.get("groupbuy_verifying"):
            self.env["groupbuy.verification"].sudo()._record_manual(self)
        return result

    def _groupbuy_on_extra_planned(self):
        """Override of `community_groupbuy`: each has a code of its own."""
        result = super()._groupbuy_on_extra_planned()
        pickings = self.filtered(lambda picking: picking.groupbuy_role == "to_resident")
        codes = self.env["groupbuy.pickup.code"].sudo()
        codes._issue(pickings)
        if "assigned" in pickings.mapped("state"):
            # The point has it already.
            codes._trigger_sending()
        return result

    def action_view_groupbuy_verifications(self):
        """Open what was handed out of this transfer.

        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_verification.groupbuy_verification_action"
        )
        action["domain"] = [("picking_id", "=", self.id)]
        action["context"] = {}
        return action
