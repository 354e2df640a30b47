# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a form was answered with, kept until the next page says it.

The message travels in a signed cookie, not in the session: each page with a chatter
opens a websocket, and Odoo then saves the session as it was when that request came in.
A message that another request had put there meanwhile is lost. A cookie belongs to one
answer.
"""

from datetime import timedelta

from odoo.http import request
from odoo.tools.misc import hash_sign, verify_hash_signed

COOKIE = "groupbuy_flash"
LIFETIME = timedelta(minutes=10)
# Signed and encoded, so many Chinese characters still fit into the 4 KiB of a cookie.
MAX_LENGTH = 400


def put_message(message, kind="success"):
    """Keep a message for the next page that the visitor sees.

    :param str message: A sentence in the visitor's language.
    :param str kind: success, info or warning.
    """
    message = str(message)
    if len(message) > MAX_LENGTH:
        message = message[: MAX_LENGTH - 1] + "…"
    # Elevated: the secret that signs is no visitor's to read.
    value = hash_sign(request.env(su=True), COOKIE, [message, kind], LIFETIME)
    request.future_response.set_cookie(
        COOKIE,
        value,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="Lax",
    )


def take_message():
    """Return the message that the page shall show; it is shown once.

    A script that looks at the page again does not use it up: the visitor may not have
    arrived at the page yet.

    :return: `message` and `kind` of the alert, or None. What the server has not signed
        is no message.
    :rtype: dict[str, str] | None
    """
    value = request.httprequest.cookies.get(COOKIE)
    headers = request.httprequest.headers
    if not value or headers.get("X-Requested-With") == "XMLHttpRequest":
        return None
    request.future_response.set_cookie(COOKIE, max_age=0, expires=0)
    try:
        # Elevated: to read the secret, as above; nothing else is looked up.
        values = verify_hash_signed(request.env(su=True), COOKIE, value)
    except ValueError:
        # Neither base64 nor text nor JSON, or no token: a browser made it up.
        return None
    return dict(zip(("message", "kind"), values, strict=True)) if values else None
