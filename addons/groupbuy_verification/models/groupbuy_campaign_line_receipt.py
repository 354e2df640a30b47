# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GroupBuyCampaignLine(models.Model):
    _inherit = "groupbuy.campaign.line"

    replacement_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Replacement",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('sale_ok', '=', True), ('type', '=', 'consu'),"
        " ('id', '!=', product_id)]",
        help="Offered at no extra charge, in the same quantity, to residents who would"
        " get less, as far as the warehouse has it.",
    )

    @api.constrains("replacement_product_id", "product_id")
    def _check_replacement(self):
        for line in self.filtered("replacement_product_id"):
            if line.replacement_product_id == line.product_id:
                raise ValidationError(
                    self.env._("A product cannot replace itself: choose another one.")
                )
            if line.product_uom_id != line.replacement_product_id.uom_id:
                raise ValidationError(
                    self.env._(
                        "%(replacement)s cannot replace %(product)s: it is counted in"
                        " another unit.",
                        replacement=line.replacement_product_id.display_name,
                        product=line.product_id.display_name,
                    )
                )
