import {Join} from "@community_groupbuy/interactions/join";
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {rpc} from "@web/core/network/rpc";
import {patch} from "@web/core/utils/patch";

const TICKET = "/group-buy/flash/ticket";
const LONGEST = 30;

/**
 * In a flash sale the button gets the resident in line first. The page asks for the
 * place as often as the server says, and puts the product into the cart as soon as it
 * is the resident's turn. A reload, or a lost network, loses no place.
 */
patch(Join.prototype, {
    setup() {
        super.setup();
        this.queue = this.el.parentElement.querySelector(".gb-queue");
    },

    start() {
        super.start?.();
        if (this.queue && browser.sessionStorage.getItem(this.flashKey)) {
            this.onSubmit();
        }
    },

    get flashKey() {
        return `groupbuy_flash_${this.el.dataset.lineId}`;
    },

    async join() {
        if (!this.el.dataset.flash) {
            return super.join();
        }
        browser.sessionStorage.setItem(this.flashKey, "1");
        const isTurn = await this.waitFor(this.waitForTurn());
        browser.sessionStorage.removeItem(this.flashKey);
        this.queue?.classList.add("d-none");
        if (isTurn) {
            await super.join();
        }
        if (!this.isDestroyed) {
            this.updateContent();
        }
    },

    /** Wait in line; true when it is the resident's turn, else the message says why. */
    async waitForTurn() {
        let status = await this.askPlace(() =>
            rpc(TICKET, {line_id: parseInt(this.el.dataset.lineId)}, {silent: true})
        );
        while (!this.isDestroyed) {
            // Who may not join at all is told why by the cart.
            if (["admitted", "held", "refused"].includes(status.state)) {
                return true;
            }
            if (!["waiting", "too_many", "lost"].includes(status.state)) {
                this.message = this.explainStatus(status.state);
                return false;
            }
            this.showPlace(status);
            const seconds = status.poll * (0.9 + 0.2 * Math.random());
            await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
            const before = status;
            status = await this.askPlace(async () => {
                const response = await fetch(
                    `/group-buy/flash/${this.el.dataset.lineId}/status`
                );
                if (!response.ok) {
                    throw new Error(response.statusText);
                }
                return response.json();
            }, before);
            if (["none", "over"].includes(status.state) && before.state !== "waiting") {
                // The first question was lost or too many: get in line now.
                status = await this.askPlace(() =>
                    rpc(TICKET, {line_id: parseInt(this.el.dataset.lineId)})
                );
            }
        }
        return false;
    },

    /** Ask, and stay in line when the server cannot be reached. */
    async askPlace(ask, before = {}) {
        try {
            return await ask();
        } catch {
            return {
                ...before,
                state: before.state === "waiting" ? "waiting" : "lost",
                poll: Math.min((before.poll || 2) * 2, LONGEST),
                isLost: true,
            };
        }
    },

    showPlace(status) {
        if (!this.queue) {
            return;
        }
        this.queue.classList.remove("d-none");
        const place = document.createElement("b");
        const text = document.createElement("span");
        if (status.state === "waiting") {
            place.textContent = _t("You have place %s", status.place);
            text.textContent = status.ahead
                ? _t("%s in front of you. Stay on this page.", status.ahead)
                : _t("You are next. Stay on this page.");
        } else {
            place.textContent = _t("One moment, please");
            text.textContent =
                status.state === "too_many"
                    ? _t("Many requests came from you: we try again by ourselves.")
                    : _t("The shop cannot be reached: we try again by ourselves.");
        }
        // Screen readers announce each change, so nothing is written twice.
        const shown = place.textContent + text.textContent;
        if (this.queue.textContent !== shown) {
            this.queue.replaceChildren(place, text);
        }
    },

    explainStatus(state) {
        const texts = {
            sold_out: _t("Sold out: everything has been paid for."),
            over: _t("Your turn is over. Press the button to get in line again."),
            none: _t("You are not in line any more. Press the button to get in line."),
            bought: _t("You have bought this product in this flash sale already."),
            early: _t("The flash sale has not started yet."),
            closed: _t("The flash sale is over. Nothing was charged."),
            sign_in: _t("Please sign in to get in line."),
            unknown: _t("This offer does not exist any more."),
        };
        return texts[state] || texts.unknown;
    },
});
