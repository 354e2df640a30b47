# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    groupbuy_storage_class = fields.Selection(
        selection=[("ambient", "Room temperature"), ("chilled", "Chilled")],
        string="Storage",
        required=True,
        default="ambient",
        help="How soon the receipt of a delivered parcel counts as confirmed: days are"
        " set in the settings of group buying.",
    )
