# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.http import Controller, request, route
from odoo.tools import float_is_zero, formatLang


class CheckIn(Controller):
    """A resident scans the code on the wall of a pickup point (自助签到).

    The code only names the point. Who checks in is who is signed in, and what he gets
    is for the point's manager to say.
    """

    @route(
        "/pickup/<string:token>",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def check_in(self, token, **kwargs):
        """Show the resident what lies here for him.

        :param str token: What the point's code carries.
        """
        values = self._prepare_values(token)
        response = request.render("groupbuy_verification.check_in", values)
        if values["state"] == "invalid":
            response.status_code = 404
        return response

    @route(
        "/pickup/<string:token>",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def check_in_confirm(self, token, **kwargs):
        """Put the resident on the list of those who wait.

        :param str token: What the point's code carries.
        """
        values = self._prepare_values(token)
        if values["state"] == "ready":
            request.env["groupbuy.check.in"]._announce(
                values["point"], self._get_resident()
            )
        return request.redirect(f"/pickup/{token}")

    @route(
        "/pickup/<string:token>/leave",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def check_in_leave(self, token, **kwargs):
        """Take the resident off the list.

        :param str token: What the point's code carries.
        """
        values = self._prepare_values(token)
        if values["state"] == "waiting":
            request.env["groupbuy.check.in"]._withdraw(
                values["point"], self._get_resident()
            )
        return request.redirect(f"/pickup/{token}")

    @route(
        "/pickup/<string:token>/state",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def check_in_state(self, token, **kwargs):
        """Return the inner part of the page, for who waits with it open.

        :param str token: What the point's code carries.
        """
        return request.render(
            "groupbuy_verification.check_in_content", self._prepare_values(token)
        )

    def _get_resident(self):
        """Return the contact that the user's orders belong to.

        :rtype: res.partner
        """
        return request.env.user.partner_id.commercial_partner_id

    def _prepare_values(self, token):
        """Return what the page shows.

        :param str token: What the browser sent.
        :return: With the key state: invalid, nothing, ready or waiting.
        :rtype: dict
        """
        point = request.env["groupbuy.pickup.point"]._find_by_check_in_token(token)
        if not point:
            return {"state": "invalid", "state_url": False}
        resident = self._get_resident()
        pickings = point._get_collectable(resident)
        values = {"point": point, "token": token, "state_url": f"/pickup/{token}/state"}
        if not pickings:
            return {**values, "state": "nothing", **self._look_elsewhere(resident)}
        check_ins = request.env["groupbuy.check.in"]._get_waiting(point)
        place = next(
            (
                number
                for number, check_in in enumerate(check_ins)
                if set(check_in["picking_ids"]) & set(pickings.ids)
            ),
            None,
        )
        return {
            **values,
            "state": "ready" if place is None else "waiting",
            "before": place,
            "goods": [
                {
                    "product": move.product_id.display_name,
                    "quantity": self._format_quantity(move.product_uom_qty),
                    "uom": move.product_uom.name,
                }
                for move in pickings.with_context(display_default_code=False).move_ids
                if move.state != "cancel"
            ],
        }

    def _format_quantity(self, quantity):
        """Return a quantity as people of the language write it, without idle zeros."""
        if float_is_zero(quantity - round(quantity), precision_digits=6):
            return formatLang(request.env, quantity, digits=0)
        return formatLang(request.env, quantity, dp="Product Unit")

    def _look_elsewhere(self, resident):
        """Return where else the resident's goods are.

        :return: elsewhere (names of points where something lies) and coming.
        :rtype: dict
        """
        # Elevated: residents read no transfers, and these are their own; what is told
        # of them is the names of points.
        pickings = (
            request.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("groupbuy_role", "=", "to_resident"),
                    ("groupbuy_point_id", "!=", False),
                    ("state", "in", ("confirmed", "waiting", "assigned")),
                    ("partner_id.commercial_partner_id", "=", resident.id),
                ]
            )
        )
        arrived = pickings.filtered(lambda picking: picking.state == "assigned")
        return {
            "elsewhere": arrived.groupbuy_point_id.mapped("name"),
            "coming": bool(pickings - arrived),
        }
