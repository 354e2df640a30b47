# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Override of `bus` to connect staff with the boards of their companies.

        A browser can only ask for channels that are texts, so nobody else gets this
        one, whatever he sends.
        """
        channels = super()._build_bus_channel_list(channels)
        if self.env.user.has_group("community_groupbuy.group_groupbuy_user"):
            channels.extend(
                (company, "groupbuy_board") for company in self.env.user.company_ids
            )
        return channels
