import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

const SECOND = 1000;

/**
 * Counts down to a moment of the server's clock. The visitor's own clock only measures
 * how much time has passed since the page was made, so a wrong one does no harm.
 */
export class Countdown extends Interaction {
    static selector = ".gb-countdown";
    dynamicContent = {
        _root: {"t-att-class": () => ({"d-none": !this.parts})},
        "[data-unit=days]": {"t-out": () => this.parts?.days ?? ""},
        "[data-unit=hours]": {"t-out": () => this.parts?.hours ?? ""},
        "[data-unit=minutes]": {"t-out": () => this.parts?.minutes ?? ""},
        "[data-unit=seconds]": {"t-out": () => this.parts?.seconds ?? ""},
    };

    setup() {
        this.loadedAt = performance.now();
        this.left = Date.parse(this.el.dataset.until) - Date.parse(this.el.dataset.now);
        this.computeParts();
    }

    start() {
        const timer = setInterval(() => this.tick(), SECOND);
        this.registerCleanup(() => clearInterval(timer));
    }

    tick() {
        this.computeParts();
        this.updateContent();
    }

    computeParts() {
        const left = this.left - (performance.now() - this.loadedAt);
        if (!(left > 0)) {
            this.parts = null;
            return;
        }
        const seconds = Math.floor(left / SECOND);
        const padded = (value) => String(value).padStart(2, "0");
        this.parts = {
            days: String(Math.floor(seconds / 86400)),
            hours: padded(Math.floor(seconds / 3600) % 24),
            minutes: padded(Math.floor(seconds / 60) % 60),
            seconds: padded(seconds % 60),
        };
    }
}

registry.category("public.interactions").add("community_groupbuy.countdown", Countdown);
