# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Signed tokens in the QR pictures of pickup codes.

`GB1.<payload>.<signature>`: the payload is base64url of JSON with the keys d (short
hash that names the database), t (transfer), p (pickup point), e (expiry, seconds since
1970) and v (version of the code); the signature is base64url of r and s, 32 bytes
each, of ECDSA on P-256 with SHA-256 over "GB1." and the payload part. No personal data.
"""

import base64
import binascii
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

PREFIX = "GB1"
MAX_LENGTH = 400
_FORMAT = re.compile(r"GB1\.([A-Za-z0-9_-]{8,256})\.([A-Za-z0-9_-]{86})")
_NUMBERS = ("t", "p", "e", "v")


def sign(private, payload):
    """Return the token of a payload.

    :param private: ECDSA private key on P-256.
    :param dict payload: d, t, p, e, v.
    :rtype: str
    """
    text = json.dumps(payload, separators=(",", ":"), sort_keys=True)
    signed = f"{PREFIX}.{_encode(text.encode())}"
    der = private.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    return f"{signed}.{_encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def looks_like_token(text):
    """Tell whether a text is meant to be a token rather than a typed code."""
    return isinstance(text, str) and text.lstrip().startswith(f"{PREFIX}.")


def verify(public, text):
    """Return the payload of a token whose signature is right.

    :param public: ECDSA public key on P-256.
    :param str text: Anything.
    :return: The payload; None when the token is malformed or not signed by this key.
    :rtype: dict | None
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        return None
    match = _FORMAT.fullmatch(text.strip())
    if not match:
        return None
    part, signature = match.groups()
    try:
        raw = _decode(signature)
        public.verify(
            encode_dss_signature(
                int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
            ),
            f"{PREFIX}.{part}".encode(),
            ec.ECDSA(hashes.SHA256()),
        )
        payload = json.loads(_decode(part))
    except (InvalidSignature, ValueError, binascii.Error):
        return None
    if not isinstance(payload, dict) or not isinstance(payload.get("d"), str):
        return None
    if any(type(payload.get(name)) is not int for name in _NUMBERS):
        return None
    return payload


def _encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
