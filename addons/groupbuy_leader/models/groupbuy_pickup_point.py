# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyPickupPoint(models.Model):
    _inherit = "groupbuy.pickup.point"

    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        help="Who runs the point and earns a commission on what is collected here.",
    )
