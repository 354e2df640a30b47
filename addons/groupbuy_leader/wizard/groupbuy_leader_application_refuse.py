# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyLeaderApplicationRefuse(models.TransientModel):
    """Ask why applications are refused."""

    _name = "groupbuy.leader.application.refuse"
    _description = "Refuse Applications"

    application_ids = fields.Many2many(
        comodel_name="groupbuy.leader.application",
        relation="groupbuy_leader_application_refuse_rel",
        required=True,
    )
    reason = fields.Text(required=True, help="The applicant reads it.")

    def action_confirm(self):
        """Refuse the applications."""
        self.ensure_one()
        self.application_ids._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
