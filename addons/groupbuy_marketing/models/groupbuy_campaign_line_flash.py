# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class GroupBuyCampaignLine(models.Model):
    _inherit = "groupbuy.campaign.line"

    def _flash_has_queue(self):
        """Return whether residents get in line for this product.

        :rtype: bool
        """
        self.ensure_one()
        campaign = self.campaign_id
        return bool(campaign.mode == "flash" and campaign.flash_queue and self.cap)

    def _get_website_texts(self, values):
        """Override of `community_groupbuy`: what lies in carts is not sold yet.

        With a queue a product is sold out when everything has been paid for. Until
        then residents get in line for what others may not pay.
        """
        texts = super()._get_website_texts(values)
        if (
            self._flash_has_queue()
            and texts["is_sold_out"]
            and values["sold"] < self.cap
        ):
            texts["is_sold_out"] = False
            texts["left_text"] = self.env._("All in carts – get in line")
        return texts

    def _get_max_quantity(self, available):
        """Override of `community_groupbuy`: in line, the limit counts, not the rest."""
        if self._flash_has_queue():
            available = None
        return super()._get_max_quantity(available)
