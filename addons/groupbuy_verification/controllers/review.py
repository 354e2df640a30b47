# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.community_groupbuy.controllers.portal import GroupBuyPortal
from odoo.addons.community_groupbuy.utils import parse_id, parse_quantity

from ..models.groupbuy_review import MARKS
from ..photo import read_photos
from .case import stream_photo
from .point import PointPortal

# How many reviews a page of a point shows.
POINT_REVIEWS = 50


class ReviewPortal(GroupBuyPortal):
    """Residents say how an order was, with the link of the mail or signed in."""

    @route(
        "/my/orders/<int:order_id>/review",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def portal_order_review(self, order_id, access_token=None, **form):
        """Review an order, or show the review that there is.

        The form sends goods, service and logistics (1 to 5), `<mark>_text` and
        `photos`.

        :param int order_id: The order.
        :param str access_token: The order's token, for those who are not signed in.
        """
        order = self._get_group_order(order_id, access_token)
        problem = ""
        if request.httprequest.method == "POST":
            try:
                with request.env.cr.savepoint():
                    photos = read_photos(
                        request.env, request.httprequest.files.getlist("photos")
                    )
                    request.env["groupbuy.review"]._submit(
                        order,
                        {mark: parse_quantity(form.get(mark), 5) for mark in MARKS},
                        {mark: str(form.get(f"{mark}_text") or "") for mark in MARKS},
                        photos,
                    )
                return request.redirect(order.get_portal_url(suffix="/review"))
            except UserError as error:
                problem = str(error)
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "groupbuy_review",
                "sale_order": order,
                "review": order._groupbuy_get_review(),
                "is_collected": order._groupbuy_is_collected(),
                "form": form,
                "problem": problem,
                "marks": [
                    ("goods", request.env._("The goods")),
                    ("service", request.env._("The service at the pickup point")),
                    ("logistics", request.env._("The logistics")),
                ],
                # Elevated: whether the shop asks for it, and nothing of it.
                "survey_url": order.get_portal_url(suffix="/survey")
                if order.company_id.sudo().groupbuy_survey_id.active
                else "",
            }
        )
        return request.render("groupbuy_verification.portal_order_review", values)

    @route(
        "/my/orders/<int:order_id>/survey",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def portal_order_survey(self, order_id, access_token=None, **kwargs):
        """Lead a resident to the satisfaction survey of an order.

        :param int order_id: The order.
        :param str access_token: The order's token, for those who are not signed in.
        """
        order = self._get_group_order(order_id, access_token)
        if not order._groupbuy_is_collected():
            raise request.not_found()
        answer = order._groupbuy_get_survey_answer()
        if not answer:
            raise request.not_found()
        return request.redirect(
            f"{answer.survey_id.get_start_url()}?answer_token={answer.access_token}"
        )

    @route(
        "/group-buy/review/<int:review_id>/photo/<int:photo_id>",
        type="http",
        auth="public",
        sitemap=False,
    )
    def review_photo(self, review_id, photo_id, **kwargs):
        """Send a photo of a published review, which everybody may see."""
        # Elevated: published reviews are on the shop's pages.
        review = (
            request.env["groupbuy.review"]
            .sudo()
            .search(
                [("id", "=", parse_id(review_id) or 0), ("is_published", "=", True)]
            )
        )
        return stream_photo(review.photo_ids, photo_id)


class PointReviewPortal(PointPortal):
    """Leaders read what residents think of their points."""

    @route("/my/points/<int:point_id>/reviews", type="http", auth="user", website=True)
    def portal_point_reviews(self, point_id, **kwargs):
        """Show the averages and the latest published reviews of a point.

        :param int point_id: One of the user's points.
        """
        point = self._get_point(point_id)
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "point_reviews",
                "point": point,
                "reviews": point._groupbuy_get_shown_reviews(POINT_REVIEWS),
            }
        )
        return request.render("groupbuy_verification.portal_point_reviews", values)
