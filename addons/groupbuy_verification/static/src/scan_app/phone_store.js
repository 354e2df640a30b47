/**
 * Keeps the list of the day and the events on the phone, in the browser's own database.
 *
 * Lists hold residents' names and the ends of telephone numbers, and are forgotten at
 * the end of the day, at sign-out, and when somebody else signs in (see
 * portal/scan/forget_lists.js too, which does so on any page of the website). Events
 * hold numbers only; they stay until the server has answered them.
 */
export const DATABASE = "groupbuy_scan";
const VERSION = 1;

// What the list has to show and to find without a network; nothing else stays here.
const KEPT = new Set([
    "picking_id",
    "resident",
    "phone_end",
    "orders",
    "state",
    "lines",
    "items",
    "token_id",
    "version",
    "expires",
    "code_hash",
    "verification_id",
    "collected_at",
    "collected_by",
    "undo_until",
]);

function keepOnly(row) {
    return Object.fromEntries(Object.entries(row).filter(([name]) => KEPT.has(name)));
}

/**
 * Open the database.
 *
 * @returns {Promise<IDBDatabase>}
 */
function open() {
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(DATABASE, VERSION);
        request.onupgradeneeded = () => {
            request.result.createObjectStore("lists", {keyPath: "pointId"});
            request.result.createObjectStore("events", {keyPath: "key"});
        };
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

export class PhoneStore {
    /**
     * Run something on one of the stores, and wait until it is on the disk.
     *
     * @param {String} name "lists" or "events"
     * @param {(store: IDBObjectStore) => IDBRequest|void} work
     * @param {IDBTransactionMode} mode
     * @returns {Promise<any>} the result of the request
     */
    async run(name, work, mode = "readwrite") {
        this.database ||= await open();
        return new Promise((resolve, reject) => {
            const options = mode === "readwrite" ? {durability: "strict"} : {};
            const transaction = this.database.transaction(name, mode, options);
            const request = work(transaction.objectStore(name));
            transaction.oncomplete = () => resolve(request?.result);
            transaction.onerror = () => reject(transaction.error);
            transaction.onabort = () => reject(transaction.error);
        });
    }

    /** Forget the lists of the past and of others, whoever opens the app. */
    async purge(userId) {
        const lists = await this.run("lists", (store) => store.getAll(), "readonly");
        for (const list of lists) {
            if (list.userId !== userId || new Date(list.valid_until) <= new Date()) {
                await this.forgetList(list.pointId);
            }
        }
    }

    async readList(pointId, userId) {
        await this.purge(userId);
        const get = (store) => store.get(pointId);
        return (await this.run("lists", get, "readonly")) || null;
    }

    async writeList(pointId, userId, list) {
        // What the screen shows are proxies, which the database does not take.
        const rows = list.rows.map(keepOnly);
        const copy = JSON.parse(JSON.stringify({...list, rows, pointId, userId}));
        await this.run("lists", (store) => store.put(copy));
    }

    async forgetList(pointId) {
        await this.run("lists", (store) => store.delete(pointId));
    }

    async readEvents() {
        return this.run("events", (store) => store.getAll(), "readonly");
    }

    async putEvent(event) {
        const copy = JSON.parse(JSON.stringify(event));
        await this.run("events", (store) => store.put(copy));
    }

    async deleteEvent(key) {
        await this.run("events", (store) => store.delete(key));
    }
}
