# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.exceptions import UserError


class GroupBuyWaitlist(models.Model):
    _inherit = "groupbuy.waitlist"

    @api.model
    def _join(self, line, partner, quantity):
        """Override of `community_groupbuy`: a product with a queue has one line."""
        if line._flash_has_queue():
            raise UserError(
                self.env._(
                    "Get in line for %s on the page of the flash sale instead: what"
                    " becomes free goes to those in line.",
                    line.name,
                )
            )
        return super()._join(line, partner, quantity)
