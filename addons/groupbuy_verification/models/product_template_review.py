# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "groupbuy.reviewed.mixin"]
    _groupbuy_review_source = (
        "groupbuy.review.line",
        "product_tmpl_id",
        "review_id:count_distinct",
    )
