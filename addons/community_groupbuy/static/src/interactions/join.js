import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {RPCError} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";
import {addToCart} from "./cart_add";

/** The quantity box and the button with which a resident joins with a product. */
export class Join extends Interaction {
    static selector = ".gb-join";
    dynamicContent = {
        _root: {"t-on-submit.prevent": this.locked(this.onSubmit)},
        "[data-gb-step]": {"t-on-click": (ev) => this.onStep(ev)},
        "button[type=submit]": {"t-att-disabled": () => this.isBusy},
        ".gb-join-message": {"t-out": () => this.message},
    };

    setup() {
        this.message = "";
        this.isBusy = false;
        this.input = this.el.querySelector("input[name=quantity]");
    }

    onStep(ev) {
        const step = parseInt(ev.currentTarget.dataset.gbStep);
        const wanted = (parseInt(this.input.value) || 0) + step;
        this.input.value = Math.min(
            Math.max(wanted, parseInt(this.input.min)),
            parseInt(this.input.max)
        );
    }

    async onSubmit() {
        this.isBusy = true;
        this.message = "";
        this.updateContent();
        try {
            await this.join();
        } finally {
            this.isBusy = false;
        }
    }

    /** Hook for other addons: what is sent to the server. */
    getParams() {
        const {lineId, productId, templateId} = this.el.dataset;
        return {
            product_template_id: parseInt(templateId),
            product_id: parseInt(productId),
            // As typed: the server says what is wrong with a bad quantity.
            quantity: this.input.value,
            groupbuy_line_id: parseInt(lineId),
        };
    }

    async join() {
        let answer;
        try {
            answer = await this.waitFor(
                addToCart(this.services.dialog, this.getParams())
            );
        } catch (error) {
            this.message = this.explain(error);
            return;
        }
        if (answer.groupbuy_kept) {
            return;
        }
        const info = answer.notification_info || {};
        this.message = answer.warning || info.warning || "";
        if (!this.message) {
            this.showInCart(answer, info);
        }
        this.el
            .closest(".gb-campaign")
            ?.dispatchEvent(new CustomEvent("groupbuy_refresh"));
    }

    /** Return a sentence about a failed request; what nobody foresaw is shown whole. */
    explain(error) {
        if (error instanceof RPCError && error.data?.message) {
            return error.data.message;
        }
        if (error instanceof RPCError) {
            throw error;
        }
        return _t("The shop cannot be reached right now. Please try again.");
    }

    showInCart(answer, info) {
        const quantity = answer.cart_quantity;
        browser.sessionStorage.setItem("website_sale_cart_quantity", quantity);
        for (const el of document.querySelectorAll(".my_cart_quantity")) {
            el.textContent = quantity;
            el.classList.remove("d-none");
        }
        document.querySelector("li.o_wsale_my_cart")?.classList.remove("d-none");
        const bar = document.querySelector(".gb-cartbar");
        if (bar) {
            bar.classList.remove("d-none");
            bar.querySelector("[data-gb=cart-quantity]").textContent = quantity;
        }
        if (info.lines) {
            this.services.cartNotificationService.add("", {
                lines: info.lines,
                currency_id: info.currency_id,
            });
        }
    }
}

registry.category("public.interactions").add("community_groupbuy.join", Join);
