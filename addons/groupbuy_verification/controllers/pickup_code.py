# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.community_groupbuy.controllers.portal import GroupBuyPortal


class PickupCodePortal(GroupBuyPortal):
    """What a resident can do about the code on the order's page."""

    @route(
        "/my/orders/<int:order_id>/group-buy/code",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_group_buy_code(self, order_id, access_token=None, **kwargs):
        """Replace the code of an order; the old one opens nothing any more.

        :param int order_id: The order.
        :param str access_token: The order's token, for visitors without account.
        """
        order_sudo = self._get_group_order(order_id, access_token)
        return self._change_order(
            order_sudo,
            order_sudo._groupbuy_reissue_code,
            request.env._("This is your new code. The old one opens nothing any more."),
        )

    @route(
        "/my/orders/<int:order_id>/group-buy/received",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_group_buy_received(self, order_id, access_token=None, **kwargs):
        """Confirm that what was brought to the door has been received.

        :param int order_id: The order.
        :param str access_token: The order's token, for visitors without account.
        """
        order_sudo = self._get_group_order(order_id, access_token)
        return self._change_order(
            order_sudo,
            order_sudo._groupbuy_confirm_receipt,
            request.env._("Thank you. Enjoy your goods."),
        )

    def _change_order(self, order_sudo, change, message):
        """Do something to an order and go back to its page with a message.

        :param change: Function without arguments; raises UserError with a sentence.
        :param str message: What is said when it worked.
        """
        try:
            with request.env.cr.savepoint():
                change()
        except UserError as error:
            return self._back_to_order(order_sudo, error, "warning")
        return self._back_to_order(order_sudo, message, "success")
