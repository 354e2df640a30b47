# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    groupbuy_campaign_id = fields.Many2one(
        related="order_id.groupbuy_campaign_id", store=True, index="btree_not_null"
    )
