# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Photos that come from a browser: checked and made anew."""

import base64
import binascii
import io
import os

# Odoo switches Pillow's search for plugins off: what is read beside its own formats
# has to be imported.
from PIL import Image, ImageOps, WebPImagePlugin

from odoo.exceptions import UserError

MAX_PHOTOS = 6
MAX_BYTES = 8 * 1024 * 1024
# Pixels that are decoded at most: a small file may unfold to gigabytes.
MAX_PIXELS = 50_000_000
# What is kept: enough to see a bruise, small enough for a phone.
MAX_SIDE = 1600
FORMATS = ("JPEG", "PNG", WebPImagePlugin.WebPImageFile.format, "GIF")


def read_photos(env, files):
    """Read photos that a form sent.

    Each is decoded and written anew as JPEG, turned the right way up. What else the
    file held, such as the place where it was taken or a script, is not kept. Empty
    file fields are skipped.

    :param env: Environment, for the language of the refusals.
    :param files: Werkzeug file storages.
    :return: Pairs (file name, JPEG).
    :rtype: list[tuple[str, bytes]]
    :raise UserError: If there are too many, one is too large or is no picture. It
        is raised before more of a file is read than is allowed.
    """
    files = [file for file in files if file and file.filename]
    if len(files) > MAX_PHOTOS:
        raise UserError(env._("Please send at most %s photos.", MAX_PHOTOS))
    return [(_get_name(file), _read_photo(env, file)) for file in files]


def _get_name(file):
    """Return a harmless name for the photo, with its new extension."""
    stem = os.path.splitext(os.path.basename(file.filename.replace("\\", "/")))[0]
    return f"{stem[:60] or 'photo'}.jpg"


def _read_photo(env, file):
    """Return one photo as JPEG.

    :param file: A werkzeug file storage.
    :rtype: bytes
    :raise UserError: If it is too large or no picture.
    """
    raw = file.stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise _refuse_size(env, file.filename)
    return encode_photo(env, raw, file.filename)


def decode_photo(env, value, name):
    """Read a photo that a script sent as text, with the same care as a file.

    :param env: Environment, for the language of the refusals.
    :param value: The file as base64, with or without the head of a data address.
        Anything may be forged.
    :param str name: What the photo is called in the refusal.
    :return: A JPEG of at most `MAX_SIDE` pixels a side, without metadata.
    :rtype: bytes
    :raise UserError: If it is too large or no picture. What is too large is not
        decoded.
    """
    if not isinstance(value, str):
        raise _refuse_content(env, name)
    # Four characters for three bytes, and the head of a data address.
    if len(value) > MAX_BYTES * 4 // 3 + 100:
        raise _refuse_size(env, name)
    try:
        raw = base64.b64decode(value.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise _refuse_content(env, name) from None
    return encode_photo(env, raw, name)


def encode_photo(env, raw, name):
    """Check a photo and write it anew.

    :param env: Environment, for the language of the refusals.
    :param bytes raw: What was sent.
    :param str name: Its name, for the refusal.
    :return: A JPEG of at most `MAX_SIDE` pixels a side, without metadata.
    :rtype: bytes
    :raise UserError: If it is no picture that can be read, or has too many pixels.
    """
    refusal = _refuse_content(env, name)
    try:
        image = Image.open(io.BytesIO(raw), formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise refusal
        image = ImageOps.exif_transpose(image).convert("RGB")
        image.thumbnail((MAX_SIDE, MAX_SIDE))
        target = io.BytesIO()
        image.save(target, "JPEG", quality=85, optimize=True)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        # Pillow raises each of these for files that are cut off or made up.
        raise refusal from None
    return target.getvalue()


def _refuse_size(env, name):
    """Return the refusal of a file that is too large."""
    return UserError(
        env._(
            "“%(name)s” is larger than %(megabytes)s MB. Please send a smaller photo.",
            name=name,
            megabytes=MAX_BYTES // (1024 * 1024),
        )
    )


def _refuse_content(env, name):
    """Return the refusal of a file that is no photo."""
    return UserError(
        env._("“%s” is not a photo. Please send JPEG, PNG or WebP pictures.", name)
    )
