# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class GroupBuyLeader(models.Model):
    """A resident who brings a community together, and is paid for it (团长)."""

    _name = "groupbuy.leader"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Leader"
    _rec_name = "partner_id"
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        selection=[("leader", "Leader"), ("koc", "Sharer")],
        required=True,
        default="leader",
        help="A sharer brings orders by links and runs no pickup point.",
    )
    state = fields.Selection(
        selection=[
            ("active", "Active"),
            ("warned", "Warned"),
            ("paused", "Paused"),
            ("exiting", "Leaving"),
            ("left", "Left"),
        ],
        required=True,
        default="active",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    tier_id = fields.Many2one(
        comodel_name="groupbuy.leader.tier",
        tracking=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    point_ids = fields.One2many(
        comodel_name="groupbuy.pickup.point",
        inverse_name="leader_id",
        string="Pickup Points",
    )
    inviter_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="Invited By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="One level only: who invited the inviter gets nothing.",
    )
    share_token = fields.Char(readonly=True, copy=False, index="btree_not_null")

    _partner_uniq = models.UniqueIndex(
        "(partner_id, company_id) WHERE state != 'left'",
        "This resident is a leader of the company already.",
    )

    @api.model
    def _get_for_user(self, user):
        """Return the leader that a user is, in the companies the user may see.

        :param res.users user: The user who asks; may be a portal user.
        :return: The leaders, with elevated rights.
        :rtype: groupbuy.leader
        """
        if user._is_public():
            return self.sudo().browse()
        return self.sudo().search(
            [
                ("partner_id", "=", user.partner_id.id),
                ("company_id", "in", user.company_ids.ids),
                ("state", "!=", "left"),
            ]
        )
