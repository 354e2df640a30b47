# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.addons.sale.controllers.portal import CustomerPortal

from ..const import MAX_QUANTITY
from ..flash import put_message, take_message
from ..utils import parse_id, parse_quantity


class GroupBuyPortal(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        """Override of `sale` to count the resident's group orders."""
        values = super()._prepare_home_portal_values(counters)
        if "groupbuy_count" in counters:
            orders = request.env["sale.order"]
            values["groupbuy_count"] = (
                orders.search_count(self._get_groupbuy_domain())
                if orders.has_access("read")
                else 0
            )
        return values

    def _get_groupbuy_domain(self):
        """Return the domain of the resident's group orders, without open carts."""
        partner = request.env.user.partner_id.commercial_partner_id
        return [
            ("partner_id", "child_of", [partner.id]),
            ("groupbuy_state", "not in", (False, "cart")),
        ]

    def _prepare_quotations_domain(self, partner):
        """Override of `sale`: an order that waits for its group is no quotation."""
        return [
            *super()._prepare_quotations_domain(partner),
            ("groupbuy_campaign_id", "=", False),
        ]

    def _get_page_view_values(self, document, access_token, values, *args, **kwargs):
        """Override of `portal` to show the outcome of a change on the order's page."""
        values = super()._get_page_view_values(
            document, access_token, values, *args, **kwargs
        )
        if document._name == "sale.order" and document.groupbuy_campaign_id:
            values["groupbuy_flash"] = take_message()
        return values

    @route(
        ["/my/group-buys", "/my/group-buys/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_group_buys(self, page=1, **kwargs):
        """List the resident's group orders, the latest first.

        :param int page: Page of the list, from 1.
        """
        orders = request.env["sale.order"]
        domain = self._get_groupbuy_domain()
        pager = portal_pager(
            url="/my/group-buys",
            total=orders.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        shown = orders.search(
            domain,
            order="groupbuy_joined_at desc, id desc",
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        request.session["my_orders_history"] = shown.ids[:100]
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "group_buy",
                "pager": pager,
                "default_url": "/my/group-buys",
                # Elevated: names of campaigns and points, on which residents have no
                # rights. The orders themselves were searched with theirs.
                "orders": shown.sudo(),
            }
        )
        return request.render("community_groupbuy.portal_my_group_buys", values)

    # === CHANGING AN ORDER === #

    def _get_group_order(self, order_id, access_token):
        """Return a group order that the visitor may see.

        :param int order_id: The order in the request.
        :param str access_token: The token in the request, if any.
        :return: The order with elevated rights.
        :rtype: sale.order
        :raise NotFound: If there is none, or it is somebody else's.
        """
        try:
            order_sudo = self._document_check_access(
                "sale.order", parse_id(order_id), access_token=access_token
            )
        except (AccessError, MissingError):
            raise request.not_found() from None
        if not order_sudo.groupbuy_campaign_id:
            raise request.not_found()
        return order_sudo

    def _back_to_order(self, order_sudo, message, kind):
        """Go back to the page of the order and show a message there.

        :param sale.order order_sudo: The order.
        :param str message: A sentence in the visitor's language.
        :param str kind: success or warning.
        """
        put_message(message, kind)
        return request.redirect(order_sudo.get_portal_url())

    @route(
        "/my/orders/<int:order_id>/group-buy/cancel",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_group_buy_cancel(self, order_id, access_token=None, **kwargs):
        """Cancel a group order before the close; its money goes back.

        :param int order_id: The order.
        :param str access_token: The order's token, for visitors without account.
        """
        order_sudo = self._get_group_order(order_id, access_token)
        try:
            with request.env.cr.savepoint():
                order_sudo._groupbuy_cancel_by_resident()
        except UserError as error:
            return self._back_to_order(order_sudo, error, "warning")
        return self._back_to_order(
            order_sudo,
            request.env._("Your order is cancelled. Your money goes back to you."),
            "success",
        )

    @route(
        "/my/orders/<int:order_id>/group-buy/update",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_group_buy_update(self, order_id, access_token=None, **kwargs):
        """Reduce the quantities of a group order before the close.

        The form sends `quantity_<line>` for each line. All of it is read before
        anything is changed: one bad value changes nothing.

        :param int order_id: The order.
        :param str access_token: The order's token, for visitors without account.
        """
        order_sudo = self._get_group_order(order_id, access_token)
        try:
            quantities = self._read_quantities(order_sudo, kwargs)
            with request.env.cr.savepoint():
                order_sudo._groupbuy_reduce(quantities)
        except UserError as error:
            return self._back_to_order(order_sudo, error, "warning")
        return self._back_to_order(
            order_sudo,
            request.env._("Your order is changed. What you paid too much goes back."),
            "success",
        )

    def _read_quantities(self, order_sudo, form):
        """Read the quantities of a form.

        :param sale.order order_sudo: The order of the form.
        :param dict form: What the browser sent.
        :return: Order line id → quantity, from 0.
        :rtype: dict[int, int]
        :raise UserError: If a value is no whole number, or nothing was sent.
        """
        quantities = {}
        for name, value in form.items():
            prefix, _, line_id = name.partition("quantity_")
            if prefix or not line_id:
                continue
            text = str(value).strip()
            quantity = 0 if text == "0" else parse_quantity(text, MAX_QUANTITY)
            line = order_sudo.order_line.browse(parse_id(line_id) or [])
            if quantity is None or line not in order_sudo.order_line:
                raise UserError(
                    request.env._(
                        "Please enter a whole number from 0 to what you have ordered."
                    )
                )
            quantities[line.id] = quantity
        if not quantities:
            raise UserError(request.env._("There is nothing to change."))
        return quantities
