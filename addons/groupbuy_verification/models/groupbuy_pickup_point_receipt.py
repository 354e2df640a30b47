# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class GroupBuyPickupPoint(models.Model):
    _inherit = "groupbuy.pickup.point"

    def _groupbuy_count_arriving(self):
        """Return how many transfers are on their way to the point.

        :rtype: int
        """
        self.ensure_one()
        pickings = self.env["stock.picking"]
        return pickings.search_count(
            [
                *pickings._groupbuy_get_arrivals_domain(self),
                ("state", "=", "assigned"),
            ]
        )
