# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    groupbuy_leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="Leader",
        index="btree_not_null",
        readonly=True,
        help="The leader through whose link the resident came, or whose point was"
        " chosen. Each change is logged.",
    )
