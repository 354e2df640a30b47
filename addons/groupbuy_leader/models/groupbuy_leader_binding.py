# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyLeaderBinding(models.Model):
    """A change of the leader that a resident belongs to: a fact, written once."""

    _name = "groupbuy.leader.binding"
    _description = "Binding of a Resident to a Leader"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        # A contact that is deleted takes its history along: it is about a person.
        ondelete="cascade",
    )
    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="To",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    previous_leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="From",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    how = fields.Selection(
        selection=[
            ("link", "Link"),
            ("point", "Pickup Point"),
            ("resident", "Resident's Choice"),
            ("staff", "Staff"),
            ("exit", "Leader Left"),
        ],
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one(comodel_name="res.users", string="By", readonly=True)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("The history of a binding cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_logged(self):
        raise UserError(self.env._("The history of a binding cannot be deleted."))
