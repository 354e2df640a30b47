# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import uuid

from odoo import fields, models
from odoo.exceptions import UserError


class GroupBuyVerificationUndo(models.TransientModel):
    """Undo of a verification in the back office, with its reason."""

    _name = "groupbuy.verification.undo"
    _description = "Undo of a Verification"

    verification_id = fields.Many2one(
        comodel_name="groupbuy.verification", required=True, ondelete="cascade"
    )
    reason = fields.Char(required=True, help="Kept in the log.")
    request_key = fields.Char(default=lambda self: uuid.uuid4().hex, readonly=True)

    def action_confirm(self):
        """Undo the verification.

        :rtype: dict
        :raise UserError: If it cannot be undone; the message says why.
        """
        self.ensure_one()
        self.verification_id.check_access("read")
        answer = self.env["groupbuy.verification"]._undo(
            self.verification_id, reason=self.reason, request_key=self.request_key
        )
        if answer["status"] != "undone":
            raise UserError(answer["message"])
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking",
            "res_id": answer["picking_id"],
            "view_mode": "form",
        }
