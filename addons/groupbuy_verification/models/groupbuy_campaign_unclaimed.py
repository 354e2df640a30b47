# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class GroupBuyCampaign(models.Model):
    _inherit = "groupbuy.campaign"

    def _get_last_pickup(self):
        """Return the last moment at which goods of the campaign can be collected.

        :return: Naive UTC; False for no campaign.
        :rtype: datetime
        """
        return self.pickup_until
