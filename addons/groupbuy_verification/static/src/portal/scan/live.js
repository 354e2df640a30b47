import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/**
 * Keeps a part of a page the latest: told by the bus, or by asking now and then where
 * the bus does not get through.
 */
export class LivePart extends Interaction {
    /** Milliseconds between two looks without being told. */
    interval = 30000;
    /** Type of the message that tells of a change. */
    messageType = null;

    start() {
        const bus = this.services.bus_service;
        if (bus && this.messageType) {
            this.onMessage = () => this.refreshSoon();
            bus.subscribe(this.messageType, this.onMessage);
            bus.start();
            this.registerCleanup(() =>
                bus.unsubscribe(this.messageType, this.onMessage)
            );
        }
        const onVisible = () => document.hidden || this.refreshSoon();
        this.addListener(document, "visibilitychange", onVisible);
        this.plan(this.interval);
        this.registerCleanup(() => clearTimeout(this.timer));
    }

    plan(delay) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.refresh(), delay);
    }

    /** Many things that happen at once are looked at once. */
    refreshSoon() {
        this.plan(500 + 1000 * Math.random());
    }

    async refresh() {
        if (!document.hidden) {
            try {
                const headers = {"X-Requested-With": "XMLHttpRequest"};
                const response = await this.waitFor(fetch(this.getUrl(), {headers}));
                if (response.ok && !response.redirected) {
                    const text = await this.waitFor(response.text());
                    this.protectSyncAfterAsync(() => this.show(text))();
                }
            } catch {
                // No network: the next look may find one.
            }
        }
        this.plan(this.interval);
    }

    getUrl() {
        return this.el.dataset.url;
    }

    /** @param {String} text the part's HTML as the server renders it */
    show(text) {
        const fresh = new DOMParser().parseFromString(text, "text/html").body;
        const part = fresh.firstElementChild;
        if (part && part.outerHTML !== this.el.firstElementChild?.outerHTML) {
            this.el.replaceChildren(part);
        }
    }
}

/** The live board of a manager's points. */
export class BoardLive extends LivePart {
    static selector = ".gbv-board[data-url]";
    messageType = "groupbuy_board";
}

/** A resident waits to be called. */
export class CheckInLive extends LivePart {
    static selector = ".gbv-check-in[data-state-url]";
    interval = 8000;
    messageType = "groupbuy_order";

    getUrl() {
        return this.el.dataset.stateUrl;
    }
}

/**
 * The page of a resident's order: how it stands, and the code that belongs to it.
 *
 * The page itself is asked for again, so it says the same as after a reload.
 */
export class OrderLive extends LivePart {
    static selector = ".gb-order-page";
    interval = 60000;
    messageType = "groupbuy_order";

    getUrl() {
        return window.location.href;
    }

    show(text) {
        const page = new DOMParser().parseFromString(text, "text/html");
        const fresh = page.querySelector(".gb-order-page");
        // Somebody who is changing the order is left alone.
        if (!fresh || this.el.contains(document.activeElement)) {
            return;
        }
        // What the last step was answered with stays: the server says it only once.
        const message = this.el.querySelector(":scope > .alert[role=status]");
        if (message) {
            fresh.prepend(message.cloneNode(true));
        }
        const read = (el) => el.textContent.replace(/\s+/g, " ").trim();
        if (read(fresh) !== read(this.el)) {
            this.el.replaceChildren(...fresh.childNodes);
        }
    }
}

registry
    .category("public.interactions")
    .add("groupbuy_verification.board_live", BoardLive)
    .add("groupbuy_verification.check_in_live", CheckInLive)
    .add("groupbuy_verification.order_live", OrderLive);
