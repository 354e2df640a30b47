# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Small real files for tests."""

import base64
import io

from PIL import Image
from reportlab.pdfgen import canvas


def make_pdf(text="Business licence"):
    """Return a PDF of one page.

    :rtype: bytes
    """
    stream = io.BytesIO()
    page = canvas.Canvas(stream)
    page.drawString(72, 720, text)
    page.save()
    return stream.getvalue()


def make_image(form="PNG"):
    """Return a small picture.

    :rtype: bytes
    """
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(stream, form)
    return stream.getvalue()


def encode(content):
    """Return a file as binary fields want it.

    :rtype: bytes
    """
    return base64.b64encode(content)
