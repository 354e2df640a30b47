import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {_t} from "@web/core/l10n/translation";
import {rpc} from "@web/core/network/rpc";
import {patch} from "@web/core/utils/patch";
import {CartService} from "@website_sale/js/cart_service";

const CART_ADD = "/shop/cart/add";

/**
 * Ask whether the cart may be given up for something that does not fit into it.
 *
 * @param {Object} dialog - The dialog service.
 * @param {String} message - What the server says about it.
 * @returns {Promise<Boolean>} Whether to start a new cart.
 */
function askForNewCart(dialog, message) {
    return new Promise((resolve) => {
        dialog.add(
            ConfirmationDialog,
            {
                title: _t("Start a new cart?"),
                body: message,
                confirmLabel: _t("Start a new cart"),
                cancelLabel: _t("Keep my cart"),
                confirm: () => resolve(true),
                cancel: () => resolve(false),
            },
            {onClose: () => resolve(false)}
        );
    });
}

/**
 * Put something into the cart; when the cart holds another campaign or goods of the
 * shop, ask first and change nothing otherwise.
 *
 * @param {Object} dialog - The dialog service.
 * @param {Object} params - Parameters of the route.
 * @param {Function} [call] - How to call it.
 * @returns {Promise<Object>} The server's answer; with `groupbuy_kept` when the visitor
 *      kept the cart.
 */
export async function addToCart(dialog, params, call = rpc) {
    const answer = await call(CART_ADD, params);
    if (!answer?.groupbuy_conflict) {
        return answer;
    }
    if (!(await askForNewCart(dialog, answer.groupbuy_conflict.message))) {
        return {groupbuy_kept: true, quantity: 0, notification_info: {}};
    }
    return call(CART_ADD, {...params, groupbuy_new_cart: true});
}

// The buttons of the shop itself meet the same conflict with a campaign's cart.
patch(CartService.prototype, {
    setup() {
        const service = super.setup(...arguments);
        const call = this.rpc;
        this.rpc = (route, params) =>
            route === CART_ADD
                ? addToCart(this.dialog, params, call).then((answer) => ({
                      notification_info: {},
                      ...answer,
                  }))
                : call(route, params);
        return service;
    },
});
