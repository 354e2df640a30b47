# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    groupbuy_leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="Leader",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="The leader through whose link the resident came, or whose point was"
        " chosen. Each change is logged.",
    )
    groupbuy_binding_ids = fields.One2many(
        comodel_name="groupbuy.leader.binding",
        inverse_name="partner_id",
        string="Changes of Leader",
        groups="community_groupbuy.group_groupbuy_user",
    )

    def _groupbuy_bind(self, leader, how):
        """Bind residents to a leader, and log it.

        A leader is not bound to the own account: that would be a commission on the
        own groceries by a detour. The rows are locked, so that two requests of a
        resident leave a log without a gap.

        :param groupbuy.leader leader: The leader; empty to unbind.
        :param str how: "link", "point", "resident", "staff" or "exit".
        :return: The residents whose leader changed.
        :rtype: res.partner
        """
        partners = self.sudo()
        if not partners:
            return partners
        partners.flush_recordset(["groupbuy_leader_id"])
        self.env.cr.execute(
            SQL(
                "SELECT id FROM res_partner WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                partners.ids,
            )
        )
        partners.invalidate_recordset(["groupbuy_leader_id"])
        changed = partners.filtered(
            lambda partner: (
                partner.groupbuy_leader_id != leader and partner != leader.partner_id
            )
        )
        self.env["groupbuy.leader.binding"].sudo().create(
            [
                {
                    "partner_id": partner.id,
                    "leader_id": leader.id,
                    "previous_leader_id": partner.groupbuy_leader_id.id,
                    "company_id": (leader or partner.groupbuy_leader_id).company_id.id,
                    "how": how,
                    "user_id": self.env.uid,
                }
                for partner in changed
            ]
        )
        changed.groupbuy_leader_id = leader
        return changed

    def _groupbuy_bind_if_free(self, leader, how):
        """Bind a resident who has no leader any more or yet.

        Somebody else's link does not take a resident away: to change is the
        resident's own decision.

        :param groupbuy.leader leader: The leader.
        :param str how: "link" or "point".
        :rtype: bool
        """
        self.ensure_one()
        current = self.sudo().groupbuy_leader_id
        if not leader or leader.state == "left" or current.state not in (False, "left"):
            return False
        return bool(self._groupbuy_bind(leader, how))
