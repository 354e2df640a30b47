import {_t} from "@web/core/l10n/translation";
import {readToken} from "./token";

const refuse = (refusal, message, details = {}) => ({
    status: "refused",
    refusal,
    message,
    details,
});

/**
 * Look up a code without a network: the signature is checked with the shop's public
 * key, the rest with the list of today.
 *
 * @param {Object} model a HandOutModel
 * @param {String} code what was scanned or typed
 * @returns {Promise<Object>} an answer as the server gives it
 */
export async function checkOffline(model, code) {
    const rows = model.getRows();
    const isToken = code.startsWith("GB1.");
    let row = null;
    if (isToken) {
        const token = await readToken(code, model.jwk);
        // A copy of the database may sign with the same key.
        if (!token || token.d !== model.database) {
            return refuse(
                "unknown",
                _t("The shop has not signed this code. Ask the resident for the order.")
            );
        }
        if (token.p !== model.point.id) {
            return refuse(
                "wrong_point",
                _t(
                    "These goods are collected at another pickup point. The order names it."
                )
            );
        }
        row = rows.find((item) => item.token_id === token.t);
        if (row && row.version !== token.v) {
            return refuse(
                "replaced",
                _t(
                    "This code was replaced by a newer one. Ask the resident for that one."
                )
            );
        }
        // The list knows of stays that were extended; the code does not.
        const expires = Math.max(row?.expires || 0, token.e);
        if (expires * 1000 < Date.now()) {
            return refuse(
                "expired",
                _t("The time to collect is over. Please send the resident to the shop.")
            );
        }
    } else {
        row = await findTyped(rows, code);
    }
    if (!row) {
        return refuse(
            "no_network",
            isToken
                ? _t(
                      "The code is genuine, but not on the list that this phone has loaded. Please check it again when there is a network."
                  )
                : _t(
                      "The code is not on the list that this phone has loaded. Compare it once more, or check it again when there is a network."
                  )
        );
    }
    if (row.state === "saved" || row.state === "collected") {
        return refuse(
            "already_collected",
            row.state === "saved"
                ? _t("This phone has handed it out already.")
                : _t("It was handed out before this phone lost its network."),
            {by: row.collected_by || null, at: row.savedAt || row.collected_at || null}
        );
    }
    if (row.state === "blocked") {
        return refuse(
            "case_open",
            _t("An after-sales request is open for this. Please wait for its answer.")
        );
    }
    return {
        status: "found",
        picking_id: row.picking_id,
        resident: row.resident,
        lines: row.lines,
        row,
    };
}

/**
 * Find a typed code. The list holds digests of codes only, made with the transfer's
 * number and the version, so each line of it has to be compared.
 *
 * @param {Object[]} rows
 * @param {String} typed
 * @returns {Promise<Object|null>}
 */
async function findTyped(rows, typed) {
    const code = typed
        .toUpperCase()
        .replace(/[^0-9A-Z]/g, "")
        .replaceAll("O", "0")
        .replace(/[IL]/g, "1");
    for (const row of rows) {
        if (row.code_hash) {
            const text = `${row.token_id}.${row.version}.${code}`;
            if ((await digest(text)) === row.code_hash) {
                return row;
            }
        }
    }
    return null;
}

async function digest(text) {
    const data = new TextEncoder().encode(text);
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
