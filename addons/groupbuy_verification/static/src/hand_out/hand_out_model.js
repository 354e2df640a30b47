import {_t} from "@web/core/l10n/translation";
import {NoNetworkError, ServerError, SignedOutError, call, makeKey} from "./api";

// Milliseconds between two looks at the server, and the longest after failures.
const INTERVAL = 15000;
const RETRY = 3000;
const LONGEST_RETRY = 30000;
// The whole list is loaded again after this time even if nothing seems to have changed.
const LIST_LIFE = 5 * 60000;

/**
 * The list of a point, and what was done to it here.
 *
 * Whatever is done becomes an *event* with a key of its own, is written into the store,
 * and is then sent. It leaves the store when the server has answered it. If the answer
 * is lost, the same event goes out once more with the same key, which the server answers
 * as it did before: nothing is handed out twice, and nothing that was handed out is
 * forgotten. Without a network the events wait; what the list shows is always the
 * server's list with the waiting events laid over it.
 */
export class HandOutModel {
    /**
     * @param {Object} options
     * @param {{id: Number, name: String}} options.point
     * @param {Number} options.userId whose events these are
     * @param {Object} options.store keeps list and events
     * @param {Object} [options.checker] looks up a code without a network; without one,
     *  nothing can be done without a network
     */
    constructor({point, userId, store, checker}) {
        this.point = point;
        this.userId = userId;
        this.store = store;
        this.checker = checker;
        this.rows = [];
        this.waiting = [];
        this.events = [];
        this.othersEvents = 0;
        // Keys of events whose answer somebody waits for.
        this.awaited = new Set();
        this.jwk = null;
        this.database = null;
        this.validUntil = null;
        this.stamp = null;
        this.loadedAt = 0;
        this.isReady = false;
        this.isOnline = true;
        this.isSignedOut = false;
        this.isSending = false;
        this.offlineSince = null;
        this.answer = null;
        this.error = null;
    }

    get canWorkOffline() {
        return Boolean(this.checker);
    }

    // === LOADING === //

    async start() {
        await this.readEvents();
        const kept = await this.store.readList(this.point.id, this.userId);
        if (kept) {
            this.useList(kept);
            this.isReady = true;
        }
        await this.load();
        this.isReady = true;
        await this.flush();
        this.plan();
    }

    stop() {
        clearTimeout(this.timer);
        this.isStopped = true;
    }

    useList(list) {
        this.rows = list.rows;
        this.waiting = list.waiting;
        this.jwk = list.jwk;
        this.database = list.database;
        this.stamp = list.stamp;
        this.validUntil = list.valid_until;
        this.loadedAt = list.loadedAt;
    }

    /** Load the list of today. */
    async load() {
        try {
            const list = await call("/groupbuy/scan/list", {point_id: this.point.id});
            list.loadedAt = Date.now();
            this.useList(list);
            this.setOnline();
            this.error = null;
            await this.store.writeList(this.point.id, this.userId, list);
        } catch (error) {
            this.onFailure(error);
        }
    }

    plan() {
        clearTimeout(this.timer);
        if (this.isStopped) {
            return;
        }
        this.retry = this.isOnline
            ? INTERVAL
            : Math.min((this.retry || RETRY / 2) * 2, LONGEST_RETRY);
        this.timer = setTimeout(() => this.tick(), this.retry);
    }

    /** Look whether something has changed, and send what waits. */
    async tick() {
        clearTimeout(this.timer);
        if (this.validUntil && new Date(this.validUntil) <= new Date()) {
            await this.forgetList();
        }
        if (!document.hidden || this.events.length) {
            await this.look();
        }
        this.plan();
    }

    async look() {
        try {
            const state = await call("/groupbuy/scan/state", {point_id: this.point.id});
            this.setOnline();
            this.error = null;
            this.waiting = state.waiting;
            const sent = await this.flush();
            if (
                sent ||
                state.stamp !== this.stamp ||
                Date.now() - this.loadedAt > LIST_LIFE
            ) {
                await this.load();
            }
        } catch (error) {
            this.onFailure(error);
        }
    }

    onFailure(error) {
        if (error instanceof NoNetworkError) {
            this.setOffline();
        } else if (error instanceof SignedOutError) {
            this.isSignedOut = true;
        } else if (error instanceof ServerError) {
            this.error = error.message;
        } else {
            throw error;
        }
    }

    setOnline() {
        this.isOnline = true;
        this.isSignedOut = false;
        this.offlineSince = null;
    }

    setOffline() {
        if (this.isOnline) {
            this.isOnline = false;
            this.offlineSince = new Date().toISOString();
            this.retry = 0;
            this.plan();
        }
    }

    /** Forget the residents' data. What was done here and not sent yet stays. */
    async forgetList() {
        await this.store.forgetList(this.point.id);
        this.rows = [];
        this.waiting = [];
        this.stamp = null;
        this.validUntil = null;
        this.answer = null;
    }

    // === THE LIST === //

    /**
     * Return the list with the waiting events laid over it.
     *
     * @returns {Object[]}
     */
    getRows() {
        const handedOut = new Map();
        for (const event of this.events) {
            if (event.kind === "hand_out" && event.pointId === this.point.id) {
                for (const id of event.params.picking_ids) {
                    handedOut.set(id, [...(handedOut.get(id) || []), event]);
                }
            }
        }
        return this.rows.map((row) => {
            const events = handedOut.get(row.picking_id);
            return events ? this.layOver(row, events) : row;
        });
    }

    layOver(row, events) {
        const lines = row.lines.map((line) => ({...line}));
        for (const event of events) {
            for (const line of lines) {
                const quantities = event.params.quantities;
                line.quantity = quantities
                    ? Math.max(line.quantity - (quantities[line.move_id] || 0), 0)
                    : 0;
            }
        }
        const left = lines.filter((line) => line.quantity > 1e-6);
        const last = events.at(-1);
        return {
            ...row,
            lines: left.length ? left : row.lines,
            state: left.length ? row.state : "saved",
            savedKey: last.key,
            savedAt: last.at,
        };
    }

    getRow(pickingId) {
        return this.getRows().find((row) => row.picking_id === pickingId);
    }

    // === LOOKING UP A CODE === //

    /**
     * Look up a code and show what it stands for.
     *
     * @param {String} text scanned or typed
     */
    async find(text) {
        const code = text.trim();
        if (!code) {
            return;
        }
        const method = code.startsWith("GB1.") ? "scan" : "code";
        let answer = null;
        if (this.isOnline || !this.canWorkOffline) {
            try {
                await this.flush();
                answer = await call("/groupbuy/scan/find", {
                    point_id: this.point.id,
                    text: code,
                });
            } catch (error) {
                answer = this.explain(error);
            }
        }
        if (!this.isOnline && this.canWorkOffline) {
            answer = await this.checker(this, code);
        }
        this.answer = answer && {...answer, method, code};
    }

    /**
     * Show somebody of the list, with a method that tells how he was recognised.
     *
     * @param {Object} row
     * @param {String} method
     */
    show(row, method) {
        const isOpen = row.state === "due" || row.state === "overdue";
        this.answer = {
            status: isOpen ? "found" : "shown",
            picking_id: row.picking_id,
            resident: row.resident,
            phone_end: row.phone_end,
            lines: row.lines,
            row,
            method,
        };
    }

    explain(error) {
        this.onFailure(error);
        if (error instanceof ServerError) {
            return {
                status: "refused",
                refusal: "bad_request",
                message: error.message,
                details: {},
            };
        }
        if (error instanceof SignedOutError) {
            return null;
        }
        return {
            status: "refused",
            refusal: "no_network",
            message: _t(
                "The server cannot be reached, so nothing can be checked. Please try again."
            ),
            details: {},
        };
    }

    // === DOING === //

    /**
     * Hand out transfers, whole or in part.
     *
     * @param {Object} params picking_ids, method, and quantities, code, reason
     */
    async handOut(params) {
        const labels = params.picking_ids
            .map((id) => this.getRow(id)?.resident || this.answer?.resident)
            .filter(Boolean);
        const saved = {status: "saved", resident: labels.join(", "), params};
        if (!this.isOnline && this.canWorkOffline) {
            await this.addOffline(params);
            saved.savedKey =
                params.picking_ids.length === 1 ? this.events.at(-1).key : null;
            this.answer = saved;
            return;
        }
        const event = await this.addEvent("hand_out", params, {isAwaited: true});
        saved.savedKey = event.key;
        await this.sendNow(event, saved);
    }

    /**
     * Write down what was handed out without a network: the goods are gone, so the
     * server takes it as a fact, and makes a case of it where it cannot be.
     *
     * @param {Object} params as of handOut
     * @param {String} [at] when it was, ISO
     */
    async addOffline(params, at) {
        for (const id of params.picking_ids) {
            const own = {...params, picking_ids: [id], method: "offline"};
            await this.addEvent("hand_out", own, {at});
        }
    }

    /**
     * Take something back.
     *
     * @param {Object} done with verification_id, or savedKey of an event
     * @param {String} reason
     */
    async undo(done, reason) {
        const waiting = this.events.find((event) => event.key === done.savedKey);
        if (waiting && !waiting.attempts) {
            // The server knows nothing of it, so there is nothing to be told.
            await this.dropEvent(waiting);
            this.answer = {status: "undone", resident: done.resident};
            return;
        }
        const params = {
            reason,
            ...(done.verification_id
                ? {verification_id: done.verification_id}
                : {undone_key: done.savedKey}),
        };
        const event = await this.addEvent("undo", params, {isAwaited: true});
        await this.sendNow(event, {status: "undone", resident: done.resident});
    }

    /**
     * @param {"hand_out"|"undo"} kind
     * @param {Object} params what the server is told
     * @param {Object} [options]
     * @param {String} [options.at] when it was, ISO
     * @param {Boolean} [options.isAwaited] somebody waits for the answer: see sendNow
     */
    async addEvent(kind, params, {at, isAwaited} = {}) {
        const event = {
            key: makeKey(),
            // Two taps within a millisecond keep their order, too.
            seq: Math.max(Date.now(), (this.events.at(-1)?.seq || 0) + 1),
            kind,
            userId: this.userId,
            pointId: this.point.id,
            at: at || new Date().toISOString(),
            attempts: 0,
            params: JSON.parse(JSON.stringify(params)),
        };
        await this.store.putEvent(event);
        if (isAwaited) {
            this.awaited.add(event.key);
        }
        this.events.push(event);
        return this.events.at(-1);
    }

    /**
     * Send an event whose answer somebody waits for.
     *
     * @param {Object} event
     * @param {Object} saved what to show when it has to wait
     */
    async sendNow(event, saved) {
        if (!this.isOnline && this.canWorkOffline) {
            this.awaited.delete(event.key);
            this.answer = saved;
            return;
        }
        // Whoever sends it, be it the clock, leaves the answer to who waits for it: a
        // refusal that is read at the counter is no fact to be written down.
        this.awaited.add(event.key);
        try {
            // What was done before comes first: the server has to see it in this order.
            await this.flush();
        } finally {
            this.awaited.delete(event.key);
        }
        if (event.answer) {
            this.answer = {...event.answer, params: event.params, event};
            await this.dropEvent(event);
            this.applyToRows(event);
            return;
        }
        if (event.error) {
            // Rolled back, and somebody reads why: there is nothing to be repeated.
            await this.dropEvent(event);
            this.answer = {
                status: "refused",
                refusal: "bad_request",
                message: event.error,
                details: {},
            };
            return;
        }
        if (this.canWorkOffline) {
            this.answer = this.isSignedOut ? null : saved;
            return;
        }
        // Nothing may wait unseen in the back office, which keeps nothing: the event
        // stays on the screen, and is sent with its own key when it is tried again.
        this.answer = {
            status: "refused",
            refusal: "no_network",
            message: _t(
                "It is not known whether the server has got it. Try again: it is done once only."
            ),
            details: {},
            event,
        };
    }

    /** Try once more what the network has swallowed. */
    async tryAgain() {
        const {event} = this.answer;
        this.isOnline = true;
        await this.sendNow(event, {});
    }

    /** Show at once in the list what the server has done. */
    applyToRows(event) {
        const {answer} = event;
        const done = (answer.results || [answer]).filter(
            (result) => result.status === "verified" && !result.remaining?.length
        );
        for (const result of done) {
            const row = this.rows.find((item) => item.picking_id === result.picking_id);
            if (row) {
                row.state = "collected";
                row.verification_id = result.verification_id;
                row.undo_until = result.undo_until;
            }
        }
        const doneIds = done.map((result) => result.picking_id);
        // The stamp has changed by this; the next look loads what others see.
        this.stamp = null;
        this.waiting = this.waiting.filter(
            (item) => !item.picking_ids.every((id) => doneIds.includes(id))
        );
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.tick(), 1500);
    }

    // === THE EVENTS === //

    async readEvents() {
        const events = await this.store.readEvents();
        this.events = events
            .filter((event) => event.userId === this.userId)
            .sort((one, other) => one.seq - other.seq);
        // Somebody else's events are his to send: the server writes down who did it.
        this.othersEvents = events.length - this.events.length;
    }

    get unsent() {
        return this.events.filter((event) => !event.answer);
    }

    /** What the server has refused, or cannot do: somebody has to look at it. */
    get refused() {
        return this.events.filter(
            (event) => (event.answer || event.error) && !this.awaited.has(event.key)
        );
    }

    async dropEvent(event) {
        await this.store.deleteEvent(event.key);
        this.events = this.events.filter((item) => item.key !== event.key);
    }

    /**
     * Send what waits, in its order.
     *
     * @returns {Promise<Number>} how many were sent
     */
    async flush() {
        while (this.flushing) {
            await this.flushing;
        }
        if (!this.unsent.length) {
            return 0;
        }
        this.flushing = this.sendAll();
        this.isSending = true;
        try {
            return await this.flushing;
        } finally {
            this.flushing = null;
            this.isSending = false;
        }
    }

    async sendAll() {
        const tried = new Set();
        const next = () => this.unsent.find((event) => !tried.has(event.key));
        // Found anew each time: a tap meanwhile, or an answer, adds further events.
        for (let event = next(); event; event = next()) {
            tried.add(event.key);
            try {
                await this.sendOne(event);
            } catch (error) {
                this.onFailure(error);
                if (!(error instanceof ServerError)) {
                    break;
                }
            }
        }
        return tried.size;
    }

    async sendOne(event) {
        event.attempts += 1;
        await this.store.putEvent(event);
        const route = event.kind === "undo" ? "undo" : "hand-out";
        let answer = null;
        try {
            answer = await call(`/groupbuy/scan/${route}`, {
                ...event.params,
                point_id: event.pointId,
                request_key: event.key,
                ...(event.kind === "undo"
                    ? {}
                    : {device_time: event.at, device: navigator.platform || null}),
            });
        } catch (error) {
            // It stays in the store and is tried again, whatever went wrong.
            event.error = error instanceof ServerError ? error.message : null;
            await this.store.putEvent(event);
            throw error;
        }
        event.error = null;
        if (this.awaited.has(event.key)) {
            event.answer = answer;
            return;
        }
        await this.settle(event, answer);
    }

    /**
     * Draw the conclusion from an answer that nobody waits for any more.
     *
     * @param {Object} event
     * @param {Object} answer
     */
    async settle(event, answer) {
        if (answer.refusal === "too_many_tries") {
            // The point is paused; the goods are gone all the same.
            event.error = answer.message;
            await this.store.putEvent(event);
            return;
        }
        const refusedIds = (answer.results || [])
            .filter((result) => result.status === "refused")
            .map((result) => result.picking_id);
        if (answer.status === "refused" && !answer.results) {
            refusedIds.push(...(event.params.picking_ids || []));
        }
        const isOnlineAttempt =
            event.kind === "hand_out" && event.params.method !== "offline";
        if (isOnlineAttempt && refusedIds.length) {
            // The network was lost while it was asked for, and the manager was told
            // that it is done. So it is a fact like those without a network.
            const params = {...event.params, picking_ids: refusedIds};
            await this.addOffline(params, event.at);
            await this.dropEvent(event);
        } else if (answer.status === "refused") {
            // Nobody is looking right now: it is kept until somebody has read it.
            event.answer = answer;
            await this.store.putEvent(event);
        } else {
            await this.dropEvent(event);
        }
    }
}
