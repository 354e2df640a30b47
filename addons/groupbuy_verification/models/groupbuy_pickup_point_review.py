# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class GroupBuyPickupPoint(models.Model):
    _name = "groupbuy.pickup.point"
    _inherit = ["groupbuy.pickup.point", "groupbuy.reviewed.mixin"]
    _groupbuy_review_source = ("groupbuy.review", "point_id", "__count")
