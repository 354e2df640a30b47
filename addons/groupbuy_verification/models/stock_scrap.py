# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class StockScrap(models.Model):
    _inherit = "stock.scrap"

    groupbuy_receipt_line_id = fields.Many2one(
        comodel_name="groupbuy.receipt.line",
        string="Receipt at the Point",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
