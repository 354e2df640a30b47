import {_t} from "@web/core/l10n/translation";
import {Component, onWillDestroy, reactive, useState} from "@odoo/owl";
import {MainComponentsContainer} from "@web/core/main_components_container";
import {isDisplayStandalone} from "@web/core/browser/feature_detection";
import {HandOut} from "../hand_out/hand_out";
import {HandOutModel} from "../hand_out/hand_out_model";
import {PhoneStore} from "./phone_store";
import {MemoryStore} from "../hand_out/memory_store";
import {checkOffline} from "./offline_checker";

/**
 * The app of a pickup point's managers, for a phone and one thumb.
 */
export class ScanApp extends Component {
    static template = "groupbuy_verification.ScanApp";
    static components = {HandOut, MainComponentsContainer};
    static props = {point: Object, user: Object, install_url: String};

    setup() {
        this.store = window.indexedDB ? new PhoneStore() : new MemoryStore();
        this.model = reactive(
            new HandOutModel({
                point: this.props.point,
                userId: this.props.user.id,
                store: this.store,
                checker: checkOffline,
            })
        );
        this.status = useState(this.model);
        this.state = useState({isMenu: false, isLeaving: false});
        this.isInstalled = isDisplayStandalone();
        // The browser may otherwise drop what waits when the phone is full.
        navigator.storage?.persist?.();
        const onMessage = (ev) => {
            if (ev.data === "groupbuy_forget") {
                this.model.forgetList();
            }
        };
        const channel =
            window.BroadcastChannel && new BroadcastChannel("groupbuy_scan");
        channel?.addEventListener("message", onMessage);
        onWillDestroy(() => channel?.close());
    }

    get signOutText() {
        return this.status.unsent.length
            ? _t(
                  "Something waits to be sent. It stays on this phone without names, and is sent when you sign in here again."
              )
            : _t("The list of residents is deleted from this phone.");
    }

    async signOut() {
        await this.model.forgetList();
        navigator.serviceWorker?.controller?.postMessage("groupbuy_forget");
        if (this.status.isOnline) {
            window.location = "/web/session/logout?redirect=/web/login";
        } else {
            this.model.error = _t(
                "The list was deleted from this phone. Sign out once more when there is a network."
            );
            Object.assign(this.state, {isMenu: false, isLeaving: false});
        }
    }
}
