# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    groupbuy_unclaimed_picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Fee For",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The transfer that was not collected, where this line is its fee.",
    )
