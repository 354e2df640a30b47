import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

/** Shares a campaign with the phone's own dialog, or copies its address. */
export class Share extends Interaction {
    static selector = ".gb-share";
    dynamicContent = {
        ".gb-share-button": {"t-on-click": this.locked(this.onShare)},
        ".gb-share-done": {"t-out": () => this.message},
    };

    setup() {
        this.message = "";
    }

    async onShare() {
        const {url, title, text} = this.el.dataset;
        if (browser.navigator.share) {
            try {
                await this.waitFor(browser.navigator.share({url, title, text}));
            } catch {
                // The visitor closed the dialog.
            }
            return;
        }
        try {
            await this.waitFor(browser.navigator.clipboard.writeText(`${text} ${url}`));
            this.message = _t("Copied. Paste it into a message to your neighbours.");
        } catch {
            // Not allowed, or no secure connection: the address can still be copied.
            this.message = url;
        }
    }
}

registry.category("public.interactions").add("community_groupbuy.share", Share);
