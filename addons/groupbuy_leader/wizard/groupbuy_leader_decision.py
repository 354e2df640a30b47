# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyLeaderDecision(models.TransientModel):
    """A decision of the staff on a leader, with its reason."""

    _name = "groupbuy.leader.decision"
    _description = "Decide on a Leader"

    leader_id = fields.Many2one(comodel_name="groupbuy.leader", required=True)
    company_id = fields.Many2one(related="leader_id.company_id")
    kind = fields.Selection(
        selection=[("tier", "Tier"), ("pause", "Pause")], required=True, default="tier"
    )
    tier_id = fields.Many2one(
        comodel_name="groupbuy.leader.tier",
        compute="_compute_tier_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', (False, company_id))]",
        help="The tier the leader has ends a warning and keeps the tier.",
    )
    held_until = fields.Date(
        string="Keep Until",
        help="The monthly assessment leaves the tier alone until then; empty to let"
        " the next one decide again.",
    )
    reason = fields.Text(required=True)

    @api.depends("leader_id")
    def _compute_tier_id(self):
        for wizard in self:
            wizard.tier_id = wizard.leader_id.tier_id

    def action_confirm(self):
        """Do what was decided."""
        self.ensure_one()
        leader = self.leader_id
        leader._check_manager()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Enter the reason."))
        if leader.state == "left":
            raise UserError(self.env._("This leader has left already."))
        if self.kind == "pause":
            leader.write({"is_paused_by_staff": True, "staff_pause_reason": reason})
        else:
            if not self.tier_id:
                raise UserError(self.env._("Choose a tier."))
            if leader.state == "exiting":
                # The staff take the decision of the assessment back.
                leader.state = "active"
            leader._decide_by_staff(self.tier_id, reason, self.held_until)
        leader._refresh_state()
        return {"type": "ir.actions.act_window_close"}
