# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    groupbuy_campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        string="Group Campaign",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
