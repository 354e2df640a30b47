# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.fields import Command


class GroupBuyReceipt(models.Model):
    """What a supplier is claimed back for."""

    _inherit = "groupbuy.receipt"

    def _claim_from_suppliers(self):
        """Prepare a credit note for each purchase order that a supplier answers for.

        At the price and with the taxes of the purchase order line. It stays a draft:
        accounting posts it when the supplier agrees. Its lines are not linked to the
        purchase order lines in Odoo's own way, since Odoo would take what is credited
        for not billed yet and bill it once more; the receipt, the origin and, where
        there is one bill, the reversed entry lead there.
        """
        self.ensure_one()
        claims = {}
        for line in self.line_ids:
            for po_line, quantity in line._get_claims():
                claims.setdefault(po_line.order_id, []).append((po_line, quantity))
        vals_list = [
            self._prepare_credit_note(order, rows) for order, rows in claims.items()
        ]
        if vals_list:
            self.env["account.move"].sudo().create(vals_list)

    def _prepare_credit_note(self, order, rows):
        """Return the values of a draft credit note.

        :param purchase.order order: What the goods were bought with.
        :param list rows: Pairs of purchase order line and quantity in its unit.
        :rtype: dict
        """
        order = order.with_context(default_move_type="in_refund")
        bills = order.invoice_ids.filtered(
            lambda move: move.move_type == "in_invoice" and move.state == "posted"
        )
        lines = []
        for po_line, quantity in rows:
            values = po_line._prepare_account_move_line()
            values.pop("purchase_line_id", None)
            values.update(
                {
                    "quantity": quantity,
                    "groupbuy_purchase_line_id": po_line.id,
                }
            )
            lines.append(Command.create(values))
        return {
            **order._prepare_invoice(),
            "ref": self.name,
            "narration": self.env._(
                "Missing or damaged goods, received at %(point)s: %(receipt)s",
                point=self.point_id.name,
                receipt=self.name,
            ),
            "reversed_entry_id": bills.id if len(bills) == 1 else False,
            "groupbuy_receipt_id": self.id,
            "invoice_line_ids": lines,
        }
