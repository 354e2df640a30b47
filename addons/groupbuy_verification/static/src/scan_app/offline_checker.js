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
    if (!code.startsWith("GB1.")) {
        return refuse(
            "no_network",
            _t(
                "A typed code can only be checked with a network. Scan the QR code, or find the resident in the list."
            )
        );
    }
    const token = await readToken(code, model.jwk);
    if (!token) {
        return refuse(
            "unknown",
            _t("The shop has not signed this code. Ask the resident for the order.")
        );
    }
    if (token.p !== model.point.id) {
        return refuse(
            "wrong_point",
            _t("These goods are collected at another pickup point. The order names it.")
        );
    }
    if (token.e * 1000 < Date.now()) {
        return refuse(
            "expired",
            _t("The time to collect is over. Please send the resident to the shop.")
        );
    }
    const row = model.getRow(token.t);
    if (!row) {
        return refuse(
            "no_network",
            _t(
                "The code is genuine, but not on the list that this phone has loaded. Please check it again when there is a network."
            )
        );
    }
    if (row.state === "saved" || row.state === "collected") {
        return refuse(
            "already_collected",
            row.state === "saved"
                ? _t("This phone has handed it out already.")
                : _t("It was handed out before this phone lost its network."),
            {by: row.by || null, at: row.savedAt || row.at || null}
        );
    }
    if (row.version && row.version !== token.v) {
        return refuse(
            "replaced",
            _t("The resident has got a newer code. Ask for that one.")
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
