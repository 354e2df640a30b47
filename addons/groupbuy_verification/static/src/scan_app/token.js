const PREFIX = "GB1";

/**
 * Read what a QR code holds, if the shop has signed it.
 *
 * @param {String} text "GB1.<payload>.<signature>", both base64url
 * @param {JsonWebKey} jwk the shop's public key (ECDSA, P-256)
 * @returns {Promise<{d: String, t: Number, p: Number, e: Number, v: Number}|null>}
 *  null for whatever was not signed with this key
 */
export async function readToken(text, jwk) {
    const parts = text.split(".");
    if (parts.length !== 3 || parts[0] !== PREFIX || !jwk) {
        return null;
    }
    try {
        const key = await crypto.subtle.importKey(
            "jwk",
            {kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y},
            {name: "ECDSA", namedCurve: "P-256"},
            false,
            ["verify"]
        );
        const isSigned = await crypto.subtle.verify(
            {name: "ECDSA", hash: "SHA-256"},
            key,
            decode(parts[2]),
            new TextEncoder().encode(`${parts[0]}.${parts[1]}`)
        );
        return isSigned ? JSON.parse(new TextDecoder().decode(decode(parts[1]))) : null;
    } catch {
        return null;
    }
}

/**
 * @param {String} text base64url without padding
 * @returns {Uint8Array}
 */
function decode(text) {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
