import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

const SECOND = 1000;

/**
 * Renews the code on the screen at an event. The next picture is shown when it has
 * arrived, so that the screen is never empty; a network that is gone is said.
 */
export class CheckInScreen extends Interaction {
    static selector = ".gb-check-in-screen";
    dynamicContent = {
        ".gb-check-in-code": {"t-att-src": () => this.src},
        ".gb-check-in-stale": {"t-att-class": () => ({"d-none": !this.isStale})},
    };

    setup() {
        this.src = this.el.querySelector(".gb-check-in-code").getAttribute("src");
        this.isStale = false;
    }

    start() {
        const seconds = Number(this.el.dataset.seconds) || 15;
        const timer = setInterval(() => this.renew(), (seconds * SECOND) / 2);
        this.registerCleanup(() => clearInterval(timer));
    }

    async renew() {
        const src = `${this.el.dataset.url}?t=${Date.now()}`;
        const picture = new Image();
        picture.src = src;
        try {
            await this.waitFor(picture.decode());
            this.src = src;
            this.isStale = false;
        } catch {
            this.isStale = true;
        }
        this.updateContent();
    }
}

registry
    .category("public.interactions")
    .add("groupbuy_marketing.check_in_screen", CheckInScreen);
