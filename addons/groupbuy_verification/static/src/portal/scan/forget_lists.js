import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";

const DATABASE = "groupbuy_scan";
const CACHE = "groupbuy-scan";

/**
 * Forgets the lists of residents that the scan app keeps on a phone: those of the past
 * and of other users on any page, and all of them at sign-out. What was handed out and
 * not sent yet holds no names and stays.
 */
export class ForgetLists extends Interaction {
    static selector = "#wrapwrap";
    dynamicContent = {
        "a[href*='/web/session/logout']": {"t-on-click": () => this.forget(() => true)},
    };

    start() {
        const {userId} = user;
        this.forget(
            (list) => list.userId !== userId || new Date(list.valid_until) <= new Date()
        );
    }

    /** @param {(list: Object) => Boolean} test */
    async forget(test) {
        if (!window.indexedDB) {
            return;
        }
        // Pages must not make the database; only the app does.
        const known = await indexedDB.databases?.();
        if (known && !known.some(({name}) => name === DATABASE)) {
            return;
        }
        const request = indexedDB.open(DATABASE);
        request.onupgradeneeded = () => request.transaction.abort();
        request.onsuccess = () => {
            let isForeign = false;
            const transaction = request.result.transaction("lists", "readwrite");
            const cursor = transaction.objectStore("lists").openCursor();
            cursor.onsuccess = () => {
                if (cursor.result) {
                    const list = cursor.result.value;
                    if (test(list)) {
                        isForeign ||= new Date(list.valid_until) > new Date();
                        cursor.result.delete();
                    }
                    cursor.result.continue();
                }
            };
            transaction.oncomplete = () => {
                request.result.close();
                if (isForeign) {
                    // The app's page, which names who was signed in.
                    window.caches?.delete(CACHE);
                }
            };
        };
    }
}

registry
    .category("public.interactions")
    .add("groupbuy_verification.forget_lists", ForgetLists);
