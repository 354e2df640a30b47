import {_t} from "@web/core/l10n/translation";

/** The server could not be reached: whether it has got the request is not known. */
export class NoNetworkError extends Error {}

/** Nobody is signed in any more. */
export class SignedOutError extends Error {}

/** The server has answered that it will not. */
export class ServerError extends Error {}

// Odoo's codes of a JSON-RPC error.
const SESSION_EXPIRED = 100;
const NOT_FOUND = 404;

/**
 * Call a JSON route of the server.
 *
 * Unlike Odoo's own `rpc`, this gives up after a time: a phone in a cellar keeps a
 * connection that carries nothing, and the resident in front of it does not wait.
 *
 * @param {String} route
 * @param {Object} params
 * @param {Number} patience milliseconds
 * @returns {Promise<any>} the result
 */
export async function call(route, params, patience = 10000) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), patience);
    let body = null;
    try {
        const response = await fetch(route, {
            method: "POST",
            headers: {"Content-Type": "application/json"},
            body: JSON.stringify({jsonrpc: "2.0", method: "call", params}),
            signal: controller.signal,
        });
        // A proxy in front of a server that is being restarted answers with a page.
        body = await response.json();
    } catch (error) {
        throw new NoNetworkError(error.message);
    } finally {
        clearTimeout(timer);
    }
    if (!body.error) {
        return body.result;
    }
    if (body.error.code === SESSION_EXPIRED) {
        throw new SignedOutError();
    }
    if (body.error.code === NOT_FOUND) {
        throw new ServerError(_t("This pickup point is not entrusted to you."));
    }
    throw new ServerError(body.error.data?.message || body.error.message);
}

/**
 * Return a key that no other request has ever had.
 *
 * @returns {String}
 */
export function makeKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
