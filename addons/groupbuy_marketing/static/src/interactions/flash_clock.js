import {Countdown} from "@community_groupbuy/interactions/countdown";
import {registry} from "@web/core/registry";
import {patch} from "@web/core/utils/patch";
import {Interaction} from "@web/public/interaction";

const CLOCK = "/group-buy/flash/clock";
const TRIES = 3;

// What was learned about the server's clock on this page: its time now is
// performance.now() + offset. Null until the first answer.
let offset = null;

/** Return the server's time in milliseconds, or null when it is not known yet. */
export function serverNow() {
    return offset === null ? null : performance.now() + offset;
}

/**
 * Ask for the server's time. The answer was written somewhere between question and
 * arrival, so of a few tries the quickest tells it best; half of its way is added.
 */
export async function askServerTime() {
    let best = Infinity;
    for (let attempt = 0; attempt < TRIES; attempt++) {
        const asked = performance.now();
        const response = await fetch(CLOCK, {cache: "no-store"});
        const {now} = await response.json();
        const arrived = performance.now();
        if (arrived - asked < best) {
            best = arrived - asked;
            offset = now - (asked + best / 2);
        }
        if (best < 50) {
            break;
        }
    }
    document.dispatchEvent(new CustomEvent("groupbuy_flash_clock"));
}

// The countdown goes by the time that the page was made; a page that was under way for
// long, or comes back from the browser's memory, is put right.
patch(Countdown.prototype, {
    start() {
        super.start();
        this.addListener(document, "groupbuy_flash_clock", () => {
            this.loadedAt = performance.now();
            this.left = Date.parse(this.el.dataset.until) - serverNow();
            this.tick();
        });
    },
});

/** The page of a flash sale: opens and closes at the server's second, by itself. */
export class FlashPage extends Interaction {
    static selector = ".gb-campaign[data-flash-open]";
    dynamicContent = {
        _root: {
            "t-att-class": () => ({
                "is-flash-waiting": this.isEarly,
                "is-flash-on": this.isOn,
            }),
        },
        _document: {"t-on-visibilitychange": () => this.onVisibilityChange()},
    };

    setup() {
        this.openAt = Date.parse(this.el.dataset.flashOpen);
        this.closeAt = Date.parse(this.el.dataset.flashClose);
        this.wasEarly = this.el.classList.contains("is-flash-waiting");
        this.isEarly = this.wasEarly;
        this.isOn = this.el.dataset.joinable === "1";
    }

    start() {
        this.timer = setInterval(() => this.tick(), 200);
        this.registerCleanup(() => clearInterval(this.timer));
        this.sync();
    }

    async sync() {
        try {
            await this.waitFor(askServerTime());
        } catch {
            // The countdown goes on by the time of the page.
            setTimeout(() => this.isDestroyed || this.sync(), 5000);
        }
    }

    onVisibilityChange() {
        if (!document.hidden) {
            this.sync();
        }
    }

    tick() {
        const now = serverNow();
        if (now === null) {
            return;
        }
        const isEarly = now < this.openAt;
        const isOn = !isEarly && now < this.closeAt;
        if (isEarly === this.isEarly && isOn === this.isOn) {
            return;
        }
        this.isEarly = isEarly && this.wasEarly;
        this.isOn = isOn;
        this.updateContent();
    }
}

registry
    .category("public.interactions")
    .add("groupbuy_marketing.flash_page", FlashPage);
