# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an uploaded paper is made of. Pure functions: no record, no cursor."""

import io

from PIL import Image, UnidentifiedImageError

from odoo.tools.pdf import PdfFileReader, PdfReadError

# The largest file of a paper, in bytes.
MAX_PAPER_SIZE = 8 * 1024 * 1024

# Larger pictures could exhaust the memory of whoever opens them.
MAX_PIXELS = 60_000_000

# Pictures of a paper, by Pillow's name of the format.
IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}


def detect_paper_type(content):
    """Tell what a file really is, whatever its name says.

    :param bytes content: The file.
    :return: "application/pdf", "image/jpeg" or "image/png"; None for anything else,
        such as a web page or a broken picture.
    :rtype: str | None
    """
    if content.startswith(b"%PDF-"):
        return "application/pdf" if _is_pdf(content) else None
    return _get_image_type(content)


def _is_pdf(content):
    """Tell whether a PDF can be read and has a page."""
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        # What is locked with a password cannot be looked at.
        return not reader.isEncrypted and reader.getNumPages() > 0
    except (PdfReadError, ValueError, KeyError, TypeError, AttributeError, OSError):
        return False
    except RecursionError:
        return False


def _get_image_type(content):
    """Return the type of a picture that is whole and can be decoded."""
    try:
        with Image.open(io.BytesIO(content), formats=list(IMAGE_TYPES)) as image:
            if image.width * image.height > MAX_PIXELS or not _is_whole(content):
                return None
            image.load()
            return IMAGE_TYPES[image.format]
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        ValueError,
    ):
        return None


def _is_whole(content):
    """Tell whether a picture has its end.

    Odoo lets Pillow decode pictures that were cut off, for all of the process; half a
    licence is none.
    """
    if content.startswith(b"\xff\xd8"):
        # The end of a JPEG comes after the beginning of its last scan.
        return content.rfind(b"\xff\xd9") > content.rfind(b"\xff\xda")
    return b"IEND" in content[-64:]
