# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.http import request, route

from .point import PointPortal


class BoardPortal(PointPortal):
    """The live board of a manager's own points."""

    @route("/my/points/board", type="http", auth="user", website=True, readonly=True)
    def portal_board(self, **kwargs):
        """Show what happens at the user's points."""
        values = self._prepare_portal_layout_values()
        values.update(
            page_name="points_board", board=self._get_portal_board(), is_live=True
        )
        return request.render("groupbuy_verification.portal_board", values)

    @route(
        "/my/points/board/content",
        type="http",
        auth="user",
        website=True,
        readonly=True,
        sitemap=False,
    )
    def portal_board_content(self, **kwargs):
        """Return the inner part of the board, for a page that is open."""
        return request.render(
            "groupbuy_verification.board_content", {"board": self._get_portal_board()}
        )

    def _get_portal_board(self):
        """Return the board of the user's points.

        :rtype: dict
        """
        return request.env["groupbuy.board"]._get_board(self._get_points())
