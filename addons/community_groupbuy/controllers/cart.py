# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.website_sale.controllers.cart import Cart

from ..const import MAX_QUANTITY
from ..utils import parse_id, parse_quantity


class GroupBuyCart(Cart):
    @route()
    def add_to_cart(
        self,
        product_template_id,
        product_id,
        quantity=1.0,
        uom_id=None,
        product_custom_attribute_values=None,
        no_variant_attribute_value_ids=None,
        linked_products=None,
        **kwargs,
    ):
        """Override of `website_sale` to add an offer of a campaign to the cart.

        Besides the parent's answer it may say, with nothing changed:

        - `groupbuy_conflict`: the cart holds something else; asked again with
          `groupbuy_new_cart`, a new cart is begun;
        - `groupbuy_sold_out`, `can_waitlist` and `warning`: nothing is left.

        :param groupbuy_line_id: The offer, as a `groupbuy.campaign.line` id.
        :param bool groupbuy_new_cart: Whether to leave what the cart holds.
        """
        line_id = kwargs.pop("groupbuy_line_id", None)
        new_cart = bool(kwargs.pop("groupbuy_new_cart", False))
        # Only this controller may hand a record to the model's methods.
        kwargs.pop("groupbuy_line", None)
        arguments = {
            "uom_id": uom_id,
            "product_custom_attribute_values": product_custom_attribute_values,
            "no_variant_attribute_value_ids": no_variant_attribute_value_ids,
            "linked_products": linked_products,
        }
        cart = request.cart
        if line_id is None:
            if cart.groupbuy_campaign_id:
                if not new_cart:
                    return self._groupbuy_conflict(cart)
                self._groupbuy_start_new_cart(cart)
            return super().add_to_cart(
                product_template_id, product_id, quantity, **arguments, **kwargs
            )
        number = parse_quantity(quantity, MAX_QUANTITY)
        if number is None:
            return self._groupbuy_refusal(
                request.env._(
                    "Please enter a whole number from 1 to %s as the quantity.",
                    MAX_QUANTITY,
                )
            )
        try:
            line = (cart or self._groupbuy_new_order())._groupbuy_find_line(line_id)
        except UserError as error:
            return self._groupbuy_refusal(str(error))
        is_conflict = bool(cart) and cart._groupbuy_conflicts_with(line.campaign_id)
        if is_conflict and not new_cart:
            return self._groupbuy_conflict(cart)
        # Before the cart is emptied: it is not given up for what cannot be had.
        if line.cap and not self._groupbuy_is_left(line, cart):
            return {
                **self._groupbuy_refusal(request.env._("%s is sold out.", line.name)),
                "groupbuy_sold_out": True,
                "can_waitlist": True,
            }
        if is_conflict:
            self._groupbuy_start_new_cart(cart)
        return super().add_to_cart(
            line.product_id.product_tmpl_id.id,
            line.product_id.id,
            number,
            groupbuy_line_id=line.id,
            **self._groupbuy_get_cart_options(kwargs),
        )

    def _groupbuy_get_cart_options(self, kwargs):
        """Hook for other addons: what else of a request goes to `_cart_add`.

        :param dict kwargs: What the browser sent besides the known parameters; values
            may be anything and are checked by the model's method.
        :rtype: dict
        """
        return {}

    def _groupbuy_new_order(self):
        """Return an order that is never saved, to look an offer up for a visitor.

        It is the visitor's, as a cart would be: some offers are for some residents.
        Elevated, as `request.cart` is: visitors have no rights on orders.
        """
        return (
            request.env["sale.order"]
            .sudo()
            .new(
                {
                    "partner_id": request.env.user.partner_id.id,
                    "website_id": request.website.id,
                    "company_id": request.website.company_id.id,
                }
            )
        )

    def _groupbuy_is_left(self, line, cart):
        """Return whether trying to claim makes sense: a look before the transaction.

        A line that is sold out is answered without a cart, without a claim. What the
        waitlist keeps for the visitor counts as left.
        """
        if line.available_quantity > 0:
            return True
        partner = request.env.user.partner_id
        if request.env.user._is_public():
            return False
        # Elevated: residents have no rights on the waitlist; these are their own.
        return bool(request.env["groupbuy.waitlist"].sudo()._get_offers(line, partner))

    def _groupbuy_conflict(self, cart):
        """Return the answer that asks whether to start a new cart."""
        return {
            **self._groupbuy_refusal(cart._groupbuy_mixed_cart_message()),
            "groupbuy_conflict": {
                "message": cart._groupbuy_mixed_cart_message(),
                "cart_campaign": cart.groupbuy_campaign_id.name or "",
            },
        }

    def _groupbuy_refusal(self, message):
        """Return an answer that changes nothing and says why."""
        return {
            "quantity": 0,
            "cart_quantity": request.cart.cart_quantity if request.cart else 0,
            "notification_info": {"warning": message},
            "warning": message,
        }

    def _groupbuy_start_new_cart(self, cart):
        """Leave what the cart holds, because its owner asked for a new one."""
        if cart.groupbuy_campaign_id:
            cart._groupbuy_leave()
        else:
            cart.order_line.unlink()

    @route()
    def update_cart(self, line_id, quantity, product_id=None, **kwargs):
        """Override of `website_sale` to refuse quantities that are none.

        :return: The parent's values, or a warning with the cart unchanged.
        """
        # Only the model may hand a record to its methods.
        kwargs.pop("groupbuy_line", None)
        line = request.cart.order_line.filtered(
            lambda order_line: order_line.id == parse_id(line_id)
        )
        if line.groupbuy_line_id and quantity not in (0, "0"):
            if parse_quantity(quantity, MAX_QUANTITY) is None:
                quantity = line.product_uom_qty
                line.shop_warning = request.env._(
                    "Please enter a whole number from 1 to %s as the quantity.",
                    MAX_QUANTITY,
                )
        return super().update_cart(line_id, quantity, product_id=product_id, **kwargs)
