# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    groupbuy_receipt_id = fields.Many2one(
        comodel_name="groupbuy.receipt",
        string="Receipt at the Point",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="What a supplier is claimed back for was missing or damaged there.",
    )
