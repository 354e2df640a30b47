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

    def _get_todos(self):
        """Override of `community_groupbuy` to name the transfers to receive."""
        # Elevated: only numbers leave it, and the page of the receipts checks who asks.
        groups = (
            self.env["stock.picking"]
            .sudo()
            ._read_group(
                [
                    ("groupbuy_point_id", "in", self.ids),
                    ("groupbuy_role", "=", "to_point"),
                    ("state", "=", "assigned"),
                ],
                ["groupbuy_point_id"],
                ["__count"],
            )
        )
        return super()._get_todos() + [
            {
                "label": self.env._("Deliveries to receive at %s", point.name),
                "count": count,
                "url": f"/my/points/{point.id}/receipts",
            }
            for point, count in groups
        ]
