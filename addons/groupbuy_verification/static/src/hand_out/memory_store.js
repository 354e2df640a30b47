/**
 * Keeps the events of a screen as long as it is open. The phone's app uses a store that
 * outlives it, with the same methods (see phone_store.js).
 */
export class MemoryStore {
    constructor() {
        this.events = new Map();
    }

    async readList() {
        return null;
    }

    async writeList() {}

    async forgetList() {}

    async readEvents() {
        return [...this.events.values()];
    }

    async putEvent(event) {
        this.events.set(event.key, event);
    }

    async deleteEvent(key) {
        this.events.delete(key);
    }
}
