# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import SEND_SLICE


class GroupBuyVerification(models.Model):
    """Parcels of group orders that are brought to the door."""

    _inherit = "groupbuy.verification"

    @api.model
    def _record_delivery(self, pickings):
        """Log parcels that the carrier has delivered.

        :param stock.picking pickings: Home deliveries that are done.
        """
        now = fields.Datetime.now()
        self.create(
            [
                {
                    **self._prepare_parcel(picking, now),
                    "kind": "pickup",
                    "method": "carrier",
                    "request_key": f"carrier-{picking.id}",
                    "line_ids": self._prepare_lines(
                        {
                            move: move.quantity
                            for move in picking.move_ids
                            if move.state == "done"
                        }
                    ),
                }
                for picking in pickings
            ]
        )

    @api.model
    def _prepare_parcel(self, picking, now):
        """Return the values that rows about a parcel have in common."""
        return {
            "picking_id": picking.id,
            "campaign_id": picking.sale_id.groupbuy_campaign_id.id,
            "partner_id": picking.sale_id.partner_id.id,
            "company_id": picking.company_id.id,
            "user_id": self.env.uid,
            "at": now,
        }

    @api.model
    def _get_unconfirmed(self, pickings):
        """Return the delivered parcels among transfers whose receipt is not confirmed.

        :rtype: stock.picking
        """
        if not pickings:
            return pickings
        rows = self.search([("picking_id", "in", pickings.ids)])
        delivered = rows.filtered(
            lambda row: row.method == "carrier" and row.kind == "pickup"
        )
        confirmed = rows.filtered(lambda row: row.kind == "receipt")
        return pickings & (delivered.picking_id - confirmed.picking_id)

    @api.model
    def _confirm_receipt(self, pickings, method):
        """Log that parcels have been received; once for each.

        A unique index stands behind it: of two confirmations at once, one is repeated
        and finds nothing left to do.

        :param stock.picking pickings: Parcels; others are passed over.
        :param str method: "receipt" by the resident, or "automatic".
        :return: The new rows.
        :rtype: groupbuy.verification
        """
        self = self.sudo()
        pickings._groupbuy_lock_transfers()
        now = fields.Datetime.now()
        return self.create(
            [
                {
                    **self._prepare_parcel(picking, now),
                    "kind": "receipt",
                    "method": method,
                    "request_key": f"receipt-{picking.id}",
                }
                for picking in self._get_unconfirmed(pickings.with_env(self.env))
            ]
        )

    @api.model
    def _cron_confirm_receipts(self):
        """Confirm the receipt of parcels that lie long enough with their residents.

        Only of parcels that were delivered to a door: what waits at a point is never
        confirmed by time. Parcels with an open case wait for it.
        """
        commit = self.env["ir.cron"]._commit_progress
        last = 0
        while pickings := self._get_due_parcels(last):
            last = pickings[-1].id
            blocked = pickings._groupbuy_get_blocked_quantities()
            free = pickings.filtered(
                lambda picking, blocked=blocked: (
                    not any(blocked.get(move.id) for move in picking.move_ids)
                )
            )
            self._confirm_receipt(free, "automatic")
            if not commit(processed=len(pickings)):
                return

    @api.model
    def _get_due_parcels(self, after):
        """Return the next parcels whose days are over, by id.

        :param int after: The last transfer looked at.
        :rtype: stock.picking
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT p.id
                  FROM groupbuy_verification v
                  JOIN stock_picking p ON p.id = v.picking_id
                  JOIN res_company c ON c.id = p.company_id
                 WHERE v.method = 'carrier' AND v.kind = 'pickup' AND p.id > %s
                   AND NOT EXISTS (
                       SELECT 1 FROM groupbuy_verification r
                        WHERE r.picking_id = p.id AND r.kind = 'receipt')
                   AND v.at + make_interval(days => CASE WHEN EXISTS (
                       SELECT 1 FROM stock_move m
                         JOIN product_product pp ON pp.id = m.product_id
                         JOIN product_template t ON t.id = pp.product_tmpl_id
                        WHERE m.picking_id = p.id AND m.state = 'done'
                          AND t.groupbuy_storage_class = 'chilled')
                       THEN c.groupbuy_receipt_days_chilled
                       ELSE c.groupbuy_receipt_days_ambient END) <= %s
                 ORDER BY p.id LIMIT %s
                """,
                after,
                fields.Datetime.now(),
                SEND_SLICE,
            )
        )
        return self.env["stock.picking"].browse(
            row[0] for row in self.env.cr.fetchall()
        )
