# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import math

from odoo.exceptions import UserError
from odoo.http import request, route
from odoo.tools import consteq

from odoo.addons.community_groupbuy.const import MAX_QUANTITY
from odoo.addons.community_groupbuy.controllers.portal import GroupBuyPortal
from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.community_groupbuy.utils import parse_id, parse_quantity
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..photo import read_photos
from .point import PointPortal

# What a leader may choose, in the order of the page.
LEADER_OUTCOMES = (
    "refund",
    "partial",
    "return",
    "exchange",
    "replacement",
    "wallet",
    "coupon",
    "reject",
)


def parse_amount(value):
    """Read an amount of money that came from a browser.

    :param value: Anything; a comma may stand for the decimal point.
    :return: The amount, or None when it is no finite number above zero.
    :rtype: float | None
    """
    try:
        amount = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return amount if math.isfinite(amount) and 0 < amount < 10**9 else None


def stream_photo(attachments, value):
    """Return one of some photos, or nothing else.

    :param ir.attachment attachments: The photos that the visitor may see.
    :param value: What the browser sent as the id.
    :raise NotFound: If it is none of them.
    """
    photo_id = parse_id(value)
    photo = attachments.filtered(lambda photo: photo.id == photo_id)
    if not photo or not (photo.mimetype or "").startswith("image/"):
        raise request.not_found()
    # Elevated: it is one of those that the caller may show.
    return request.env["ir.binary"].sudo()._get_stream_from(photo.sudo()).get_response()


class CasePortal(GroupBuyPortal):
    """Residents report what is wrong with an order, and follow it.

    They have no right on cases. What is elevated here is bound to the contact of the
    user who asks (`_get_case_domain`), or to the token of one case (`_get_case`); an
    order comes from `_get_group_order`, which checks the same.
    """

    def _prepare_home_portal_values(self, counters):
        """Override of `portal` to count the resident's cases."""
        values = super()._prepare_home_portal_values(counters)
        if "groupbuy_case_count" in counters:
            values["groupbuy_case_count"] = (
                request.env["groupbuy.case"]
                .sudo()
                .search_count(self._get_case_domain())
            )
        return values

    def _get_case_domain(self):
        """Return the domain of the cases of the user who asks."""
        partner = request.env.user.partner_id.commercial_partner_id
        return [("partner_id", "child_of", partner.ids)]

    def _get_case(self, case_id, access_token=None):
        """Return a case that the visitor may see.

        :param case_id: What the browser sent as the id.
        :param str access_token: The case's token, for those who are not signed in.
        :return: The case, elevated.
        :rtype: groupbuy.case
        :raise NotFound: If there is none, or it is somebody else's: the answer does
            not tell which.
        """
        cases = request.env["groupbuy.case"].sudo()
        case = cases.search([("id", "=", parse_id(case_id) or 0)])
        if (
            isinstance(access_token, str)
            and case.access_token
            and consteq(case.access_token, access_token)
        ):
            return case
        if not request.env.user._is_public():
            case = cases.search([("id", "=", case.id), *self._get_case_domain()])
            if case:
                return case
        raise request.not_found()

    def _back_to_case(self, case, message="", kind="success"):
        """Go back to the page of a case and show a message there."""
        if message:
            put_message(message, kind)
        return request.redirect(case.get_portal_url())

    def _change_case(self, case, change, done):
        """Change a case, or say why it cannot be; nothing is changed then.

        :param groupbuy.case case: A case of the visitor.
        :param change: Function without arguments.
        :param str done: What is said when it is done.
        """
        try:
            with request.env.cr.savepoint():
                change()
        except UserError as error:
            return self._back_to_case(case, error, "warning")
        return self._back_to_case(case, done)

    # === REPORTING === #

    @route(
        "/my/orders/<int:order_id>/case/new",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def portal_case_new(self, order_id, access_token=None, **form):
        """Report a problem with an order.

        The form sends `type`, `quantity_<order line>`, `description` and `photos`.
        All is read and checked before anything is written.

        :param int order_id: The order.
        :param str access_token: The order's token, for visitors without account.
        """
        order = self._get_group_order(order_id, access_token)
        problem = ""
        if request.httprequest.method == "POST":
            try:
                with request.env.cr.savepoint():
                    quantities = self._read_case_quantities(order, form)
                    photos = read_photos(
                        request.env, request.httprequest.files.getlist("photos")
                    )
                    case = request.env["groupbuy.case"]._open_by_resident(
                        order,
                        str(form.get("type") or ""),
                        quantities,
                        str(form.get("description") or ""),
                        photos,
                    )
                return self._back_to_case(
                    case,
                    request.env._(
                        "Thank you. You get an answer until %s.",
                        case._format_local(case.deadline),
                    ),
                )
            except UserError as error:
                problem = str(error)
        lines = order.order_line.filtered("groupbuy_line_id")
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "groupbuy_case_new",
                "sale_order": order,
                "lines": lines,
                "left": lines._groupbuy_get_claimable(),
                # Elevated: the same choice for everybody.
                "types": request.env["groupbuy.case.type"]
                .sudo()
                .search([("is_for_residents", "=", True)]),
                "form": form,
                "problem": problem,
            }
        )
        return request.render("groupbuy_verification.portal_case_new", values)

    def _read_case_quantities(self, order, form):
        """Read the quantities of a form; products left at 0 are no part of it.

        :param sale.order order: The order of the form.
        :param dict form: What the browser sent.
        :return: Order line id → quantity.
        :rtype: dict[int, int]
        :raise UserError: If a value is no whole number.
        """
        quantities = {}
        for name, value in form.items():
            prefix, _, line_id = name.partition("quantity_")
            if prefix or not line_id:
                continue
            text = str(value).strip()
            if text in ("", "0"):
                continue
            quantity = parse_quantity(text, MAX_QUANTITY)
            if quantity is None:
                raise UserError(
                    request.env._("Please enter how many pieces it is about.")
                )
            # A line of another order is refused when the case is opened.
            quantities[parse_id(line_id) or 0] = quantity
        return quantities

    # === FOLLOWING === #

    @route(
        ["/my/cases", "/my/cases/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_cases(self, page=1, **kwargs):
        """List the resident's cases, the latest first.

        :param int page: Page of the list, from 1.
        """
        cases = request.env["groupbuy.case"].sudo()
        domain = self._get_case_domain()
        pager = portal_pager(
            url="/my/cases",
            total=cases.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "groupbuy_cases",
                "pager": pager,
                "default_url": "/my/cases",
                "cases": cases.search(
                    domain, limit=self._items_per_page, offset=pager["offset"]
                ),
            }
        )
        return request.render("groupbuy_verification.portal_my_cases", values)

    @route(
        "/my/cases/<int:case_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def portal_case(self, case_id, access_token=None, **kwargs):
        """Show a case to its resident: how it stands, and what was written.

        :param int case_id: The case.
        :param str access_token: Its token, for visitors without account.
        """
        case = self._get_case(case_id, access_token)
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "groupbuy_case",
                "case": case,
                "flash": take_message(),
                "messages": case._get_conversation(),
                "photo_url": f"/my/cases/{case.id}/photo",
                "token": access_token if isinstance(access_token, str) else "",
            }
        )
        return request.render("groupbuy_verification.portal_case", values)

    @route(
        "/my/cases/<int:case_id>/photo/<int:photo_id>",
        type="http",
        auth="public",
        sitemap=False,
    )
    def portal_case_photo(self, case_id, photo_id, access_token=None, **kwargs):
        """Send a photo of a case to those who may see the case."""
        case = self._get_case(case_id, access_token)
        return stream_photo(case._get_shown_photos(), photo_id)

    @route(
        "/my/cases/<int:case_id>/reply",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_case_reply(self, case_id, access_token=None, text="", **kwargs):
        """Add what the resident writes to the case.

        :param int case_id: The case.
        :param str access_token: Its token, for visitors without account.
        :param str text: Plain text.
        """
        case = self._get_case(case_id, access_token)

        def reply():
            photos = read_photos(
                request.env, request.httprequest.files.getlist("photos")
            )
            case._post_by_resident(str(text), photos)

        return self._change_case(case, reply, request.env._("Your message was sent."))

    @route(
        "/my/cases/<int:case_id>/withdraw",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_case_withdraw(self, case_id, access_token=None, **kwargs):
        """Close a case that has settled itself."""
        case = self._get_case(case_id, access_token)
        return self._change_case(
            case,
            case._withdraw,
            request.env._("The case is closed. Thank you for telling us."),
        )

    @route(
        "/my/cases/<int:case_id>/appeal",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_case_appeal(self, case_id, access_token=None, text="", **kwargs):
        """Ask the shop about what the leader has rejected."""
        case = self._get_case(case_id, access_token)
        return self._change_case(
            case,
            lambda: case._appeal(str(text)),
            request.env._("The shop looks at it now."),
        )


class PointCasePortal(PointPortal):
    """Leaders answer the cases of their points."""

    def _get_point_case(self, point, value):
        """Return a case of a point.

        :param groupbuy.pickup.point point: One of the user's points.
        :param value: What the browser sent as the id.
        :rtype: groupbuy.case
        :raise NotFound: If there is none at this point that residents opened.
        """
        # Elevated, and bound to the point that was looked up among the user's own.
        case = (
            request.env["groupbuy.case"]
            .sudo()
            .search(
                [
                    ("id", "=", parse_id(value) or 0),
                    ("point_id", "=", point.id),
                    *self._get_point_case_domain(),
                ]
            )
        )
        if not case:
            raise request.not_found()
        return case

    def _get_point_case_domain(self):
        """Return which cases leaders see: those that they were asked about."""
        return request.env["groupbuy.case"]._get_leader_domain()

    def _back_to_point_case(self, case, message, kind="success"):
        """Go back to the page of a case and show a message there."""
        put_message(message, kind)
        return request.redirect(f"/my/points/{case.point_id.id}/cases/{case.id}")

    @route(
        [
            "/my/points/<int:point_id>/cases",
            "/my/points/<int:point_id>/cases/page/<int:page>",
        ],
        type="http",
        auth="user",
        website=True,
    )
    def portal_point_cases(self, point_id, page=1, **kwargs):
        """List the cases of a point, those that wait for the leader first.

        :param int point_id: The point.
        :param int page: Page of the list, from 1.
        """
        point = self._get_point(point_id)
        cases = request.env["groupbuy.case"].sudo()
        domain = [("point_id", "=", point.id), *self._get_point_case_domain()]
        waiting = cases.search(
            [*domain, ("state", "in", ("leader", "returning"))],
            order="deadline, id",
            limit=100,
        )
        others = [*domain, ("id", "not in", waiting.ids)]
        pager = portal_pager(
            url=f"/my/points/{point.id}/cases",
            total=cases.search_count(others),
            page=page,
            step=self._items_per_page,
        )
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "point_cases",
                "point": point,
                "waiting": waiting,
                "others": cases.search(
                    others, limit=self._items_per_page, offset=pager["offset"]
                ),
                "pager": pager,
            }
        )
        return request.render("groupbuy_verification.portal_point_cases", values)

    @route(
        "/my/points/<int:point_id>/cases/<int:case_id>",
        type="http",
        auth="user",
        website=True,
    )
    def portal_point_case(self, point_id, case_id, **kwargs):
        """Show a case to the leader who is to answer it."""
        point = self._get_point(point_id)
        case = self._get_point_case(point, case_id)
        values = self._prepare_portal_layout_values()
        labels = dict(case._fields["outcome"]._description_selection(request.env))
        values.update(
            {
                "page_name": "point_case",
                "point": point,
                "case": case,
                "flash": take_message(),
                "messages": case._get_conversation(),
                "photo_url": f"/my/points/{point.id}/cases/{case.id}/photo",
                "token": "",
                "goods_value": case._get_goods_value(),
                "limit": case._get_grant_limit(request.env.user),
                "outcomes": [
                    (key, labels[key])
                    for key in LEADER_OUTCOMES
                    if self._is_offered(case, key)
                ],
            }
        )
        return request.render("groupbuy_verification.portal_point_case", values)

    def _is_offered(self, case, outcome):
        """Return whether an outcome can be meant at all for a case.

        For what the page offers; what is decided is checked by the case.
        """
        company = case.company_id
        if outcome == "coupon":
            return bool(company.groupbuy_case_program_id)
        if outcome == "wallet":
            return bool(case.order_id and company.groupbuy_wallet_program_id)
        if outcome in ("return", "exchange"):
            return any(line.collected_quantity for line in case.line_ids)
        return True

    @route(
        "/my/points/<int:point_id>/cases/<int:case_id>/photo/<int:photo_id>",
        type="http",
        auth="user",
        sitemap=False,
    )
    def portal_point_case_photo(self, point_id, case_id, photo_id, **kwargs):
        """Send a photo of a case to the leader of its point."""
        case = self._get_point_case(self._get_point(point_id), case_id)
        return stream_photo(case._get_shown_photos(), photo_id)

    @route(
        "/my/points/<int:point_id>/cases/<int:case_id>/<string:action>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_point_case_action(self, point_id, case_id, action, **form):
        """Decide a case, pass it on, take the goods back or write to the resident.

        :param int point_id: One of the user's points.
        :param int case_id: A case of it.
        :param str action: decide, pass, goods or reply.
        """
        case = self._get_point_case(self._get_point(point_id), case_id)
        actions = {
            "decide": (self._decide_case, request.env._("Your decision is done.")),
            "pass": (self._pass_case_on, request.env._("The shop decides now.")),
            "goods": (self._take_goods, request.env._("The goods are back.")),
            "reply": (self._reply, request.env._("Your message was sent.")),
        }
        if action not in actions:
            raise request.not_found()
        method, done = actions[action]
        try:
            with request.env.cr.savepoint():
                method(case, form)
        except UserError as error:
            return self._back_to_point_case(case, error, "warning")
        return self._back_to_point_case(case, done)

    def _decide_case(self, case, form):
        """Decide as the form says; who bears it is not the leader's choice."""
        outcome = form.get("outcome")
        case._decide(
            outcome if outcome in LEADER_OUTCOMES else "",
            level="leader",
            note=str(form.get("note") or ""),
            amount=parse_amount(form.get("amount")),
            goods_are_back=form.get("goods_are_back") == "1",
        )

    def _pass_case_on(self, case, form):
        """Let the shop decide, with what the leader has to say about it."""
        case._pass_on()
        if text := str(form.get("text") or "").strip():
            case._message_log(
                body=text[:4000], author_id=request.env.user.partner_id.id
            )

    def _take_goods(self, case, form):
        """Record that the resident has brought the goods back."""
        case._lock_case()
        if case.state != "returning":
            raise UserError(case._get_closed_message())
        if not case._is_back_to_point():
            raise UserError(
                request.env._("These goods are sent to the warehouse, not to you.")
            )
        case._receive_returns()

    def _reply(self, case, form):
        """Write to the resident."""
        photos = read_photos(request.env, request.httprequest.files.getlist("photos"))
        case._post(request.env.user.partner_id, str(form.get("text") or ""), photos)
