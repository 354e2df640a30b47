# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyLeaderInvitationBonus(models.Model):
    """The bonus for one order of an invited leader: a fact, written once."""

    _name = "groupbuy.leader.invitation.bonus"
    _description = "Bonus of an Invitation"
    _order = "id desc"
    _rec_name = "order_id"

    invitation_id = fields.Many2one(
        comodel_name="groupbuy.leader.invitation",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    inviter_id = fields.Many2one(related="invitation_id.inviter_id", store=True)
    company_id = fields.Many2one(related="invitation_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    order_id = fields.Many2one(
        comodel_name="sale.order", required=True, readonly=True, ondelete="restrict"
    )
    amount = fields.Monetary(required=True, readonly=True)

    _order_uniq = models.UniqueIndex(
        "(order_id)", "The bonus for this order was granted already."
    )
    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "A bonus is an amount above 0."
    )

    def _pay_out(self):
        """Put the bonuses into the inviters' accounts."""
        for bonus in self:
            leader = bonus.inviter_id
            leader._grant_bonus(
                bonus.amount,
                f"invitation/{bonus.order_id.id}",
                self.env._(
                    "Invitation of %(leader)s: order %(order)s",
                    leader=bonus.invitation_id.invited_id.partner_id.name,
                    order=bonus.order_id.name,
                ),
            )

    def write(self, vals):
        if vals:
            raise UserError(self.env._("A bonus that was granted stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_granted(self):
        raise UserError(self.env._("A bonus that was granted cannot be deleted."))
