# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Photos that a browser sends: looked at before anything is kept."""

import base64
import binascii
import io

from PIL import Image, UnidentifiedImageError

from odoo.tools.image import image_fix_orientation
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

MAX_PHOTO_BYTES = 8 * 1024 * 1024
MAX_PHOTO_PIXELS = 50_000_000
# The longer side of what is kept: enough to see a bruise, small enough to keep many.
KEPT_SIDE = 1600
# What Odoo itself lets the library read; our pages send JPEG whatever was taken.
FORMATS = ("JPEG", "PNG", "GIF")


class PhotoError(ValueError):
    """What was sent is no photo that is kept; its text says why to the sender."""


def read_photo(value):
    """Return a photo that a browser sent, drawn anew.

    Only the picture is kept: what a phone writes into the file besides it, such as
    the place, is left behind, and so is whatever else hides in a file.

    :param str value: The file as base64, with or without the head of a data address.
    :return: A JPEG.
    :rtype: bytes
    :raise PhotoError: If it is no picture, too large, or broken.
    """
    if not isinstance(value, str):
        raise PhotoError(_lt("This is no photo."))
    if len(value) > MAX_PHOTO_BYTES * 4 // 3 + 100:
        raise PhotoError(
            _lt("A photo may have at most %s MB.", MAX_PHOTO_BYTES // 1024**2)
        )
    try:
        data = base64.b64decode(value.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise PhotoError(_lt("This is no photo.")) from error
    try:
        # Other formats are not even looked at: some readers run other programs.
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MAX_PHOTO_PIXELS:
            raise PhotoError(_lt("This photo has too many pixels."))
        image = image_fix_orientation(image)
        image.thumbnail((KEPT_SIDE, KEPT_SIDE))
        kept = io.BytesIO()
        image.convert("RGB").save(kept, "JPEG", quality=82)
    except PhotoError:
        raise
    except (
        OSError,
        SyntaxError,
        ValueError,
        UnidentifiedImageError,
        Image.DecompressionBombError,
    ) as error:
        raise PhotoError(_lt("This file is no photo that can be read.")) from error
    return kept.getvalue()
