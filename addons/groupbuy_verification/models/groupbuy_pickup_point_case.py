# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyPickupPoint(models.Model):
    _inherit = "groupbuy.pickup.point"

    return_location_id = fields.Many2one(
        comodel_name="stock.location",
        string="Location of Returns",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Goods that residents brought back or that are unfit, until they are"
        " fetched or thrown away. They are never handed out.",
    )
    case_count = fields.Integer(
        string="Open Cases", compute="_compute_case_count", compute_sudo=True
    )

    def _compute_case_count(self):
        counts = self.env["groupbuy.case"]._count_by(
            "point_id", self, [("is_open", "=", True)]
        )
        for point in self:
            point.case_count = counts.get(point.id, 0)

    def _get_waiting_case_count(self):
        """Return how many residents wait for the leader of the point.

        :rtype: int
        """
        self.ensure_one()
        return (
            self.env["groupbuy.case"]
            .sudo()
            .search_count(
                [
                    ("point_id", "=", self.id),
                    ("state", "in", ("leader", "returning")),
                ]
            )
        )

    def _get_service_figures(self, date_from, date_to):
        """Override of `community_groupbuy` to count the cases against leaders.

        Against whoever runs the point is what the leader has to bear. A complaint
        that was rejected is none.
        """
        figures = super()._get_service_figures(date_from, date_to)
        # Elevated: only numbers leave it, for points that the caller has.
        counts = (
            self.env["groupbuy.case"]
            .sudo()
            ._count_by(
                "point_id",
                self,
                [
                    ("borne_by", "=", "leader"),
                    ("state", "!=", "rejected"),
                    ("create_date", ">=", date_from),
                    ("create_date", "<", date_to),
                ],
            )
        )
        for point in self:
            of_point = figures.setdefault(point.id, {})
            of_point["cases"] = of_point.get("cases", 0) + counts.get(point.id, 0)
        return figures

    def _get_todos(self):
        """Override of `community_groupbuy` to name the cases that wait for an answer.

        Those that the page of the point shows to its managers and nobody else has
        taken over.
        """
        cases = self.env["groupbuy.case"]
        # Elevated: only numbers leave it, and the page of the cases checks who asks.
        groups = cases.sudo()._read_group(
            [
                ("point_id", "in", self.ids),
                ("state", "=", "leader"),
                *cases._get_leader_domain(),
            ],
            ["point_id"],
            ["__count"],
        )
        return super()._get_todos() + [
            {
                "label": self.env._("Cases to answer at %s", point.name),
                "count": count,
                "url": f"/my/points/{point.id}/cases",
            }
            for point, count in groups
        ]

    def _groupbuy_get_return_location(self):
        """Return where goods that came back lie at the point, made at first need.

        It is no part of the point's own location, whose stock is handed out.

        :rtype: stock.location
        """
        self.ensure_one()
        point = self.sudo()
        if not point.return_location_id:
            point.return_location_id = (
                self.env["stock.location"]
                .sudo()
                .create(
                    {
                        "name": self.env._("%s: Returns", point.location_id.name),
                        "usage": "internal",
                        "location_id": point.location_id.location_id.id,
                        "company_id": point.company_id.id,
                    }
                )
            )
        return point.return_location_id

    def action_view_cases(self):
        """Open the cases of the point.

        :rtype: dict
        """
        return self.env["groupbuy.case"]._get_window_action(
            [("point_id", "in", self.ids)]
        )
