# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyLeaderTier(models.Model):
    """What a tier earns."""

    _inherit = "groupbuy.leader.tier"

    commission_plan_id = fields.Many2one(
        comodel_name="groupbuy.commission.plan",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', 'in', (False, company_id))]",
        help="When empty, the company's plan.",
    )
