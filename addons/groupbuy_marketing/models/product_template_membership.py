# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    groupbuy_membership_days = fields.Integer(
        string="Membership",
        help="Days of paid membership that one unit gives; 0: the product is no"
        " membership.",
    )

    @api.constrains("groupbuy_membership_days", "type")
    def _check_groupbuy_membership_days(self):
        for product in self:
            if product.groupbuy_membership_days < 0:
                raise ValidationError(
                    self.env._("A membership cannot last a negative number of days.")
                )
            if product.groupbuy_membership_days and product.type != "service":
                raise ValidationError(
                    self.env._(
                        "%s gives a membership, so it must be a service.", product.name
                    )
                )


class GroupBuyCampaignLine(models.Model):
    _inherit = "groupbuy.campaign.line"

    @api.constrains("product_id")
    def _check_groupbuy_membership(self):
        for line in self:
            if line.product_id.groupbuy_membership_days:
                raise ValidationError(
                    self.env._(
                        "%s is a membership: it is sold in the shop, not in a"
                        " campaign.",
                        line.product_id.display_name,
                    )
                )
