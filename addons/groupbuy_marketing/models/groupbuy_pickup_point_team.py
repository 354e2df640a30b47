# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class GroupBuyPickupPoint(models.Model):
    _inherit = "groupbuy.pickup.point"

    def _get_refusal_reason(self, order):
        """Override: the joiners of a team collect at points of its community."""
        if reason := super()._get_refusal_reason(order):
            return reason
        community = order.groupbuy_group_id.sudo().community_id
        if (
            order.groupbuy_campaign_id.sudo().mode == "team"
            and community
            and self.community_ids
            and community not in self.community_ids
        ):
            return self.env._(
                "%(point)s is not a pickup point of %(community)s, where your team"
                " lives. Please choose another pickup point.",
                point=self.name,
                community=community.name,
            )
        return ""
