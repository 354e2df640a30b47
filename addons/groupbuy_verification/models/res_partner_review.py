# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "groupbuy.reviewed.mixin"]
    _groupbuy_review_source = (
        "groupbuy.review.line",
        "supplier_id",
        "review_id:count_distinct",
    )
