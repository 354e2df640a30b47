# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The secrets behind pickup codes, kept outside of the database.

Whoever reads the database, or a stolen dump of it, must not be able to list codes that
open a parcel. So codes are derived from a secret that lies in a file of the database's
filestore folder (or where `groupbuy_key_folder` in odoo.conf says, when nodes do not
share the filestore): a key for HMAC, and a private key for signatures.
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from odoo.tools import config

_logger = logging.getLogger(__name__)

FILE_NAME = "groupbuy_pickup_keys.json"
OPTION = "groupbuy_key_folder"

_cache = {}
_cache_lock = threading.Lock()


@dataclass(frozen=True)
class Keys:
    """The secrets of one database.

    :param bytes secret: Key of the HMACs.
    :param private: ECDSA private key on P-256.
    :param str reference: Tells keys apart and gives nothing away about them.
    """

    secret: bytes = field(repr=False)
    private: ec.EllipticCurvePrivateKey = field(repr=False)
    reference: str

    def digest(self, purpose, text):
        """Return the HMAC-SHA256 of a text.

        :param str purpose: Keeps the uses of the key apart.
        :param str text: What is authenticated.
        :rtype: bytes
        """
        message = f"{purpose}\0{text}".encode()
        return hmac.new(self.secret, message, hashlib.sha256).digest()

    def get_public_jwk(self):
        """Return the public key as a JSON Web Key (RFC 7517), for a browser.

        :rtype: dict
        """
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _to_base64url(numbers.x.to_bytes(32, "big")),
            "y": _to_base64url(numbers.y.to_bytes(32, "big")),
            "ext": True,
            "key_ops": ["verify"],
        }


def get_keys(dbname):
    """Return the secrets of a database, made on first use.

    Why it is safe: the file is written completely under another name and then linked
    to its own, which fails when it exists. Of several processes that begin at once,
    on one node or on several that share the folder, one wins and all read its file.

    :param str dbname: The database.
    :rtype: Keys
    :raise OSError: If the folder cannot be read or written.
    """
    path = get_path(dbname)
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        _create(path)
        stat = os.stat(path)
    # A file that was put back from a backup is read again.
    stamp = (stat.st_ino, stat.st_mtime_ns)
    with _cache_lock:
        cached = _cache.get(path)
        if not cached or cached[0] != stamp:
            cached = _cache[path] = (stamp, _read(path))
    return cached[1]


def get_path(dbname):
    """Return the path of the file with a database's secrets.

    :param str dbname: The database.
    :rtype: str
    """
    folder = config.get(OPTION)
    if folder:
        return os.path.join(folder, dbname, FILE_NAME)
    return os.path.join(config.filestore(dbname), FILE_NAME)


def _create(path):
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    content = json.dumps(
        {
            "version": 1,
            "secret": base64.b64encode(secrets.token_bytes(32)).decode(),
            "private_key": pem.decode(),
        }
    )
    draft = f"{path}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
            _logger.info("Keys of pickup codes were made: %s", path)
    finally:
        os.unlink(draft)


def _read(path):
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    secret = base64.b64decode(content["secret"])
    private = serialization.load_pem_private_key(
        content["private_key"].encode(), password=None
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    reference = hmac.new(secret, b"reference" + public, hashlib.sha256).hexdigest()
    return Keys(secret, private, reference[:16])


def _to_base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
