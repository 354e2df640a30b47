# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    def _groupbuy_pickup_get_close_locations(self, partner_address, **kwargs):
        """Override of `community_groupbuy` to list points of the best tiers first.

        Only among the points of the resident's own community: nobody is sent across
        the town for a tier.
        """
        locations = super()._groupbuy_pickup_get_close_locations(
            partner_address, **kwargs
        )
        order = self.env["sale.order"].browse(self.env.context.get("groupbuy_order_id"))
        community = order._groupbuy_get_community()
        points = (
            self.env["groupbuy.pickup.point"]
            .sudo()
            .browse([location["id"] for location in locations])
        )
        first = {
            point.id: point.leader_id.tier_id.sequence
            for point in points
            if community in point.community_ids
            and point.leader_id.tier_id.is_listed_first
        }
        # Stable: what the core found better stays before.
        return sorted(
            locations,
            key=lambda location: (
                location["id"] not in first,
                first.get(location["id"], 0),
            ),
        )
