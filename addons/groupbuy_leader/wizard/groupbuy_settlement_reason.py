# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuySettlementReason(models.TransientModel):
    """Ask for the reason of a hold or of a reversal."""

    _name = "groupbuy.settlement.reason"
    _description = "Hold or Reverse a Settlement"

    kind = fields.Selection(
        selection=[("hold", "Hold"), ("reverse", "Reverse")],
        required=True,
        default="hold",
    )
    settlement_ids = fields.Many2many(
        comodel_name="groupbuy.settlement",
        string="Settlements",
        required=True,
        default=lambda self: self._default_settlement_ids(),
    )
    reason = fields.Char(required=True)

    def _default_settlement_ids(self):
        if self.env.context.get("active_model") == "groupbuy.settlement":
            return self.env.context.get("active_ids")
        return []

    def action_apply(self):
        """Hold or reverse the settlements; they check who may."""
        self.ensure_one()
        if self.kind == "hold":
            self.settlement_ids._hold(self.reason)
        else:
            self.settlement_ids._reverse(self.reason)
        return {"type": "ir.actions.act_window_close"}
