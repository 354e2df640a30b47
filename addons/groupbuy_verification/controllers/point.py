# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.http import request, route

from odoo.addons.community_groupbuy.utils import parse_id
from odoo.addons.portal.controllers.portal import CustomerPortal


class PointPortal(CustomerPortal):
    """What the pages of a pickup point's managers have in common.

    Managers are portal users without any right on our models, so these pages elevate
    (`sudo()`). What they elevate is found through `_get_point`, which knows the points
    of the user who asks and no others: everything else is searched for in a domain that
    names that point.
    """

    def _prepare_home_portal_values(self, counters):
        """Override of `portal` to show managers the way to their points."""
        values = super()._prepare_home_portal_values(counters)
        if "groupbuy_point_count" in counters:
            values["groupbuy_point_count"] = len(self._get_points())
        return values

    def _get_points(self):
        """Return the points of the user who asks, with elevated rights.

        :rtype: groupbuy.pickup.point
        """
        return request.env["groupbuy.pickup.point"]._get_managed(request.env.user)

    def _get_point(self, value):
        """Return one of the user's points.

        :param value: What the browser sent as the id.
        :rtype: groupbuy.pickup.point
        :raise NotFound: If there is none, or if it is somebody else's: the answer
            does not tell which.
        """
        point_id = parse_id(value)
        point = self._get_points().filtered(lambda point: point.id == point_id)
        if not point:
            raise request.not_found()
        return point

    def _get_picking(self, point, value, role):
        """Return a transfer to or from a point.

        :param groupbuy.pickup.point point: One of the user's points.
        :param value: What the browser sent as the id.
        :param str role: "to_point" or "to_resident".
        :rtype: stock.picking
        :raise NotFound: If there is none of this role at this point.
        """
        # Elevated, and bound to the point that was looked up among the user's own.
        picking = (
            request.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("id", "=", parse_id(value) or 0),
                    ("groupbuy_point_id", "=", point.id),
                    ("groupbuy_role", "=", role),
                ]
            )
        )
        if not picking:
            raise request.not_found()
        return picking

    @route("/my/points", type="http", auth="user", website=True)
    def portal_my_points(self, **kwargs):
        """List the points of the user, with what there is to do at each."""
        values = self._prepare_portal_layout_values()
        values.update({"page_name": "points", "points": self._get_points()})
        return request.render("groupbuy_verification.portal_my_points", values)

    @route("/my/points/<int:point_id>", type="http", auth="user", website=True)
    def portal_my_point(self, point_id, **kwargs):
        """Show a point: what arrives, what is to be handed out, what went wrong."""
        values = self._prepare_portal_layout_values()
        values.update({"page_name": "point", "point": self._get_point(point_id)})
        return request.render("groupbuy_verification.portal_my_point", values)
