# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _groupbuy_on_joined(self):
        """Override of `community_groupbuy`: some levels are reserved first."""
        result = super()._groupbuy_on_joined()
        if self.groupbuy_priority != "2" and self.partner_id._groupbuy_is_served_first(
            self.company_id
        ):
            self.groupbuy_priority = "2"
        return result
