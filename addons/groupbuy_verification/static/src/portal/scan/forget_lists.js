import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";
import {session} from "@web/session";

const DATABASE = "groupbuy_scan";

/**
 * Forgets the lists of residents that the scan app keeps on a phone: those of the past
 * and of other users on any page, and all of them at sign-out. What was handed out and
 * not sent yet holds no names and stays.
 */
export class ForgetLists extends Interaction {
    static selector = "body";
    dynamicContent = {
        "a[href*='/web/session/logout']": {"t-on-click": () => this.forget(() => true)},
    };

    start() {
        const userId = session.user_id || session.uid || false;
        this.forget(
            (list) =>
                list.userId !== userId || new Date(list.valid_until) <= new Date()
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
            const transaction = request.result.transaction("lists", "readwrite");
            const cursor = transaction.objectStore("lists").openCursor();
            cursor.onsuccess = () => {
                if (cursor.result) {
                    if (test(cursor.result.value)) {
                        cursor.result.delete();
                    }
                    cursor.result.continue();
                }
            };
            transaction.oncomplete = () => request.result.close();
        };
    }
}

registry
    .category("public.interactions")
    .add("groupbuy_verification.forget_lists", ForgetLists);
