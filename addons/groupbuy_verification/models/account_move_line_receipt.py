# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    groupbuy_purchase_line_id = fields.Many2one(
        comodel_name="purchase.order.line",
        string="Claimed on Purchase",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="What the supplier is claimed back for was bought with this line.",
    )
