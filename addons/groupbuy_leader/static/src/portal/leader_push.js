import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {rpc} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

const WORKER = "/my/leader/push-worker.js";
const SCOPE = "/my/leader";

/** Reads the key of the server as browsers want it. */
function decodeKey(text) {
    const padded = text + "=".repeat((4 - (text.length % 4)) % 4);
    const raw = atob(padded.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, (char) => char.charCodeAt(0));
}

/** Lets a leader be notified of new orders on this phone, by Odoo's web push. */
export class LeaderPush extends Interaction {
    static selector = ".gb-push";
    dynamicContent = {
        ".gb-push-allow": {"t-on-click": this.locked(this.onAllow)},
        ".gb-push-state": {"t-out": () => this.message},
    };

    setup() {
        this.message = "";
    }

    get isSupported() {
        return Boolean(
            browser.navigator.serviceWorker &&
            "PushManager" in window &&
            browser.Notification
        );
    }

    async onAllow() {
        if (!this.isSupported) {
            this.message = _t(
                "This browser cannot show notifications. On an iPhone, add this page to the home screen first."
            );
            return;
        }
        const permission = await this.waitFor(browser.Notification.requestPermission());
        if (permission !== "granted") {
            this.message = _t(
                "Notifications are blocked. Allow them for this page in the settings of the browser."
            );
            return;
        }
        try {
            const isKept = await this.waitFor(this.subscribe());
            this.message = isKept
                ? _t("You are notified on this phone from now on.")
                : _t("This phone could not be registered. Please try again later.");
        } catch {
            this.message = _t(
                "This phone could not be registered. Please try again later."
            );
        }
    }

    /** Subscribes at the browser's push service, and tells the server. */
    async subscribe() {
        const key = this.el.dataset.key;
        const worker = await browser.navigator.serviceWorker.register(WORKER, {
            scope: SCOPE,
        });
        const former = await worker.pushManager.getSubscription();
        if (former) {
            // It may have been made with another key of the server.
            await former.unsubscribe();
        }
        const subscription = await worker.pushManager.subscribe({
            userVisibleOnly: true,
            applicationServerKey: decodeKey(key),
        });
        const {endpoint, keys} = subscription.toJSON();
        return rpc("/my/leader/push-device", {endpoint, keys, vapid_public_key: key});
    }
}

registry.category("public.interactions").add("groupbuy_leader.push", LeaderPush);
