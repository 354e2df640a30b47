# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class GroupBuyPickupPoint(models.Model):
    _name = "groupbuy.pickup.point"
    _inherit = ["groupbuy.pickup.point", "groupbuy.reviewed.mixin"]
    _groupbuy_review_source = ("groupbuy.review", "point_id", "__count")

    def _get_service_figures(self, date_from, date_to):
        """Override of `community_groupbuy` to sum up what residents say.

        The mark for the service counts: whoever runs the point answers for nothing
        else. Reviews that were hidden do not count, as everywhere.
        """
        figures = super()._get_service_figures(date_from, date_to)
        # Elevated: only sums leave it, for points that the caller has.
        sums = {
            point.id: (count, total)
            for point, count, total in self.env["groupbuy.review"]
            .sudo()
            ._read_group(
                [
                    ("point_id", "in", self.ids),
                    ("is_published", "=", True),
                    ("create_date", ">=", date_from),
                    ("create_date", "<", date_to),
                ],
                ["point_id"],
                ["__count", "service:sum"],
            )
        }
        for point in self:
            count, total = sums.get(point.id, (0, 0))
            of_point = figures.setdefault(point.id, {})
            of_point["review_count"] = of_point.get("review_count", 0) + count
            of_point["review_sum"] = of_point.get("review_sum", 0) + total
        return figures
