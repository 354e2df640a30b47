# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    groupbuy_settlement_id = fields.Many2one(
        comodel_name="groupbuy.settlement",
        string="Leader Settlement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    _groupbuy_settlement_uniq = models.UniqueIndex(
        "(groupbuy_settlement_id) WHERE groupbuy_settlement_id IS NOT NULL"
        " AND move_type = 'in_invoice' AND state != 'cancel'",
        "This settlement has a bill already.",
    )
