# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.http import request, route

from odoo.addons.community_groupbuy.utils import parse_id
from odoo.addons.portal.controllers.portal import CustomerPortal


class CouponPortal(CustomerPortal):
    """A resident's coupons, and what to show at a merchant's counter."""

    @route("/my/coupons", type="http", auth="user", website=True, sitemap=False)
    def portal_my_coupons(self, **kwargs):
        """List the signed-in resident's own coupons."""
        cards = request.env["loyalty.card"]._groupbuy_get_own(
            request.env.user.partner_id, request.website.company_id
        )
        values = self._prepare_portal_layout_values()
        values.update({"page_name": "coupons", "cards": cards})
        return request.render("groupbuy_marketing.portal_my_coupons", values)

    @route(
        "/my/coupons/<coupon_id>", type="http", auth="user", website=True, sitemap=False
    )
    def portal_my_coupon(self, coupon_id, **kwargs):
        """Show one of the resident's own coupons with its picture to scan.

        :param str coupon_id: Named by the browser; looked up among the resident's own.
        """
        card = (
            request.env["loyalty.card"]
            ._groupbuy_get_own(request.env.user.partner_id, request.website.company_id)
            .filtered(lambda own: own.id == parse_id(coupon_id))
        )
        if not card:
            raise request.not_found()
        values = self._prepare_portal_layout_values()
        values.update(
            {"page_name": "coupons", "card": card, "state": card._groupbuy_get_state()}
        )
        response = request.render("groupbuy_marketing.portal_my_coupon", values)
        # The page shows a code that is worth money.
        response.headers["Cache-Control"] = "no-store"
        return response
