# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from odoo.addons.community_groupbuy.flash import put_message
from odoo.addons.community_groupbuy.utils import parse_id
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from .point import PointPortal

ARRIVALS_PER_PAGE = 40


class ReceiptPortal(PointPortal):
    """The managers of a point receive what is brought there.

    Each route begins with `_get_point` and `_get_picking`; only what these found is
    given to the elevated receipt.
    """

    @route(
        [
            "/my/points/<int:point_id>/receipts",
            "/my/points/<int:point_id>/receipts/page/<int:page>",
        ],
        type="http",
        auth="user",
        website=True,
    )
    def portal_receipts(self, point_id, page=1, **kwargs):
        """List the transfers to a point: those on the way first, then the arrived.

        :param int point_id: One of the user's points.
        :param int page: Page of the list, from 1.
        """
        point = self._get_point(point_id)
        pickings = request.env["stock.picking"].sudo()
        domain = pickings._groupbuy_get_arrivals_domain(point)
        pager = portal_pager(
            url=f"/my/points/{point.id}/receipts",
            total=pickings.search_count(domain),
            page=page,
            step=ARRIVALS_PER_PAGE,
        )
        # Not done (date_done is empty) comes first.
        listed = pickings.search(
            domain,
            order="date_done desc NULLS FIRST, scheduled_date, id",
            limit=ARRIVALS_PER_PAGE,
            offset=pager["offset"],
        )
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "receipts",
                "point": point,
                "pickings": listed,
                "pager": pager,
            }
        )
        return request.render("groupbuy_verification.portal_receipts", values)

    @route(
        "/my/points/<int:point_id>/receipts/<int:picking_id>",
        type="http",
        auth="user",
        website=True,
    )
    def portal_receipt(self, point_id, picking_id, **kwargs):
        """Show a transfer: to be received, or what was received of it.

        :param int point_id: One of the user's points.
        :param int picking_id: A transfer to it.
        """
        point = self._get_point(point_id)
        picking = self._get_picking(point, picking_id, "to_point")
        receipts = request.env["groupbuy.receipt"].sudo()
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "receipt",
                "point": point,
                "picking": picking,
                "campaign": picking.groupbuy_campaign_id,
                "receipt": picking.groupbuy_receipt_ids,
                "expected": [
                    {
                        "product": product,
                        "quantity": entry["quantity"],
                        "step": receipts._get_step(product),
                    }
                    for product, entry in sorted(
                        picking._groupbuy_get_expected().items(),
                        key=lambda item: item[0].name or "",
                    )
                ],
                "is_open": picking._groupbuy_is_on_the_way(),
                "may_follow": picking.picking_type_id.create_backorder != "never",
            }
        )
        return request.render("groupbuy_verification.portal_receipt", values)

    @route(
        "/my/points/<int:point_id>/receipts/<int:picking_id>/preview",
        type="jsonrpc",
        auth="user",
        website=True,
    )
    def portal_receipt_preview(self, point_id, picking_id, lines=None, **kwargs):
        """Show who would get less; nothing changes.

        :param list lines: See :meth:`groupbuy.receipt._read_lines`.
        :return: status, plan and html; or a refusal.
        :rtype: dict
        """
        point = self._get_point(point_id)
        picking = self._get_picking(point, picking_id, "to_point")
        answer = request.env["groupbuy.receipt"].sudo()._preview(picking, lines)
        if answer["status"] == "preview":
            html = request.env["ir.qweb"]._render(
                "groupbuy_verification.receipt_preview",
                {"answer": answer, "campaign": picking.groupbuy_campaign_id},
            )
            return {"status": "preview", "plan": answer["plan"], "html": html}
        return answer

    @route(
        "/my/points/<int:point_id>/receipts/<int:picking_id>/confirm",
        type="jsonrpc",
        auth="user",
        website=True,
    )
    def portal_receipt_confirm(
        self,
        point_id,
        picking_id,
        lines=None,
        request_key=None,
        plan=None,
        note="",
        **kwargs,
    ):
        """Record what arrived.

        :param list lines: See :meth:`groupbuy.receipt._read_lines`.
        :param str request_key: Made by the browser; the same key asks for the same.
        :param str plan: The preview that was shown.
        :param str note: A remark.
        :return: status confirmed; or a refusal.
        :rtype: dict
        """
        point = self._get_point(point_id)
        picking = self._get_picking(point, picking_id, "to_point")
        # A missing plan is an unseen one: the page always shows it first.
        return (
            request.env["groupbuy.receipt"]
            .sudo()
            ._confirm(
                picking,
                lines,
                request_key=request_key,
                note=note,
                plan=plan if isinstance(plan, str) else "",
            )
        )

    @route(
        "/my/points/<int:point_id>/receipts/<int:picking_id>/photo/<int:photo_id>",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
    )
    def portal_receipt_photo(self, point_id, picking_id, photo_id, **kwargs):
        """Return a photo of a receipt of this point.

        :param int photo_id: The attachment.
        """
        point = self._get_point(point_id)
        picking = self._get_picking(point, picking_id, "to_point")
        photo = picking.groupbuy_receipt_ids.line_ids.photo_ids.filtered(
            lambda attachment: attachment.id == photo_id
        )
        if not photo:
            raise request.not_found()
        return request.env["ir.binary"]._get_stream_from(photo, "raw").get_response()


class ReplacementPortal(CustomerPortal):
    """A resident answers the offer of a replacement on the page of the order."""

    @route(
        "/my/orders/<int:order_id>/replacement/<int:offer_id>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_replacement(
        self, order_id, offer_id, answer=None, access_token=None, **kwargs
    ):
        """Accept or decline a replacement.

        :param int order_id: The order.
        :param int offer_id: An offer for it.
        :param str answer: accept or decline.
        :param str access_token: The order's token, for visitors without account.
        """
        try:
            order_sudo = self._document_check_access(
                "sale.order", parse_id(order_id), access_token=access_token
            )
        except (AccessError, MissingError):
            raise request.not_found() from None
        offer = order_sudo.groupbuy_allotment_ids.offer_ids.filtered(
            lambda offer: offer.id == offer_id
        )
        if not offer or answer not in ("accept", "decline"):
            raise request.not_found()
        kind = "success"
        try:
            with request.env.cr.savepoint():
                state = offer._answer(answer == "accept")
            message = self._get_answer_text(state)
            kind = "success" if state in ("accepted", "declined") else "warning"
        except UserError as error:
            message, kind = str(error), "warning"
        put_message(message, kind)
        return request.redirect(order_sudo.get_portal_url())

    def _get_answer_text(self, state):
        """Return what became of an answer, as a sentence."""
        texts = {
            "accepted": request.env._(
                "Thank you. The replacement will be brought to your pickup point."
            ),
            "declined": request.env._("Your money goes back to you."),
            "expired": request.env._(
                "The time to answer is over. Your money goes back to you."
            ),
            "sold_out": request.env._(
                "The replacement is no longer in stock. Your money goes back to you."
            ),
        }
        return texts[state]
