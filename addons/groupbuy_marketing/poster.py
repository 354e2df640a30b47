# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Posters as pictures and papers: no record, no cursor.

What is said on a poster comes as a :class:`PosterContent`, in the reader's language.
It is drawn for the phone (PNG), for the notice board (PDF), and without a code as the
preview of a link (JPEG).
"""

import hashlib
import json
import os
import unicodedata
from dataclasses import asdict, dataclass
from functools import lru_cache
from io import BytesIO

import qrcode
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from odoo.tools import config, file_path

# Raised whenever the drawing changes: posters that were kept are then drawn anew.
VERSION = 2

GREEN = (31, 111, 58)
RED = (192, 57, 43)
INK = (43, 42, 38)
GREY = (99, 93, 80)
PAPER = (255, 250, 241)
SAND = (243, 233, 214)
WHITE = (255, 255, 255)

# Width and height in pixels: a phone's screen, A4 at 150 dpi, the preview of a link.
PNG_SIZE = (900, 1400)
PDF_SIZE = (1240, 1754)
CARD_SIZE = (1200, 630)

# On a sheet 900 wide: the edge, the code, a product, and what a picture needs at least.
MARGIN = 44
CODE_SIZE = 250
OFFER_HEIGHT = 136
MIN_PICTURE = 230

# Larger pictures are not decoded: a few bytes can unfold to gigabytes.
MAX_PIXELS = 40_000_000

# From here on a character needs a font for Chinese, Japanese or Korean.
FIRST_CJK = "\u2e80"

CJK_FONTS = {
    "regular": (
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    ),
    "bold": (
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
        "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    ),
}
# Odoo's own, for texts without such characters.
LATIN_FONTS = {
    "regular": "web/static/fonts/google/Open_Sans/Open_Sans-Regular.ttf",
    "bold": "web/static/fonts/google/Open_Sans/Open_Sans-Bold.ttf",
}


class MissingFontError(Exception):
    """No font of this machine has the characters of a poster."""


@dataclass(frozen=True)
class Offer:
    """A product on a poster.

    :param str name: Its name.
    :param tuple ladder: Steps (label, price, whether it applies now), the start first.
    """

    name: str
    ladder: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class PosterContent:
    """What a poster says, in one language.

    :param str brand: The shop.
    :param str title: The campaign.
    :param str subtitle: The team, or where the campaign is offered; may be empty.
    :param tuple offers: Instances of :class:`Offer`.
    :param tuple facts: Pairs (label, text): until when, when and where to collect.
    :param str call: What to do with the code.
    :param str note: A sentence below; may be empty.
    :param str url: Absolute address in the code.
    :param bytes picture: A picture, or nothing.
    """

    brand: str
    title: str
    subtitle: str
    offers: tuple[Offer, ...]
    facts: tuple[tuple[str, str], ...]
    call: str
    note: str
    url: str
    picture: bytes = b""

    def get_key(self, kind, lang):
        """Return the digest under which a drawing of this content is kept.

        :param str kind: "png", "pdf" or "card".
        :param str lang: The language, such as "zh_CN".
        :rtype: str
        """
        values = asdict(self)
        values["picture"] = hashlib.sha256(self.picture).hexdigest()
        text = json.dumps([VERSION, kind, lang, values], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _get_texts(self):
        """Return all texts, to know which characters are needed."""
        yield from (self.brand, self.title, self.subtitle, self.call, self.note)
        for offer in self.offers:
            yield offer.name
            for label, price, _is_current in offer.ladder:
                yield from (label, price)
        for fact in self.facts:
            yield from fact


# === FONTS === #


@lru_cache(maxsize=8)
def _find_font(weight, needs_cjk):
    """Return file and index of the font to use.

    Of a collection the simplified Chinese face is taken: the others draw some
    characters as they are written in Japan, Korea or Taiwan.

    :param str weight: "regular" or "bold".
    :param bool needs_cjk: Whether the text has Chinese characters.
    :raise MissingFontError: If there is none.
    """
    chosen = config.get("groupbuy_poster_font")
    paths = [chosen] if chosen else [*CJK_FONTS[weight], *CJK_FONTS["regular"]]
    for path in paths:
        if os.path.isfile(path):
            return path, _find_face(path)
    if needs_cjk:
        raise MissingFontError
    return file_path(LATIN_FONTS[weight]), 0


def _find_face(path):
    """Return the index of the simplified Chinese face in a collection of fonts."""
    if not path.endswith(".ttc"):
        return 0
    for index in range(16):
        try:
            family = ImageFont.truetype(path, 10, index=index).getname()[0] or ""
        except OSError:
            break
        if family.endswith(" SC"):
            return index
    return 0


@lru_cache(maxsize=64)
def _load_font(weight, size, needs_cjk):
    path, index = _find_font(weight, needs_cjk)
    return ImageFont.truetype(path, size, index=index)


def _clean(text):
    """Return a text without what no font can draw: emoji, control characters."""
    kept = []
    for character in str(text or ""):
        category = unicodedata.category(character)
        is_hidden = category in ("Cc", "Cf", "Cs") or "\ufe00" <= character <= "\ufe0f"
        is_emoji = character > "\uffff" and category in ("So", "Sk", "Cn", "Co")
        if character in "\n\r\t":
            kept.append(" ")
        elif character == "\u202f":
            # Between time and AM or PM; fonts draw it hardly wider than nothing.
            kept.append("\u00a0")
        elif not is_hidden and not is_emoji:
            kept.append(character)
    return "".join(kept).strip()


# === DRAWING === #


class _Sheet:
    """A canvas with a scale: all measures are those of a sheet 900 wide."""

    def __init__(self, size, needs_cjk):
        self.image = Image.new("RGB", size, PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.scale = size[0] / 900
        self.needs_cjk = needs_cjk
        self.width = 900
        self.height = size[1] / self.scale

    def px(self, value):
        return round(value * self.scale)

    def font(self, size, weight="regular"):
        return _load_font(weight, self.px(size), self.needs_cjk)

    def measure(self, text, size, weight="regular"):
        return self.font(size, weight).getlength(text) / self.scale

    def wrap(self, text, size, width, lines, weight="regular"):
        """Break a text into lines; what does not fit ends in an ellipsis.

        Chinese breaks between any two characters, other writing between words.
        """
        font = self.font(size, weight)
        limit = width * self.scale
        done, line = [], ""
        tokens = _split(text)
        for position, token in enumerate(tokens):
            if font.getlength((line + token).rstrip()) <= limit:
                line += token
                continue
            if len(done) + 1 == lines:
                rest = line + "".join(tokens[position:])
                return [*done, _shorten(font, rest, limit)]
            if line.strip():
                done.append(line.strip())
            line = token.lstrip()
            if font.getlength(line) > limit:
                line = _shorten(font, line, limit)
        if line.strip():
            done.append(line.strip())
        return done

    def text(self, x, y, text, size, weight="regular", fill=INK, anchor="la"):
        self.draw.text(
            (self.px(x), self.px(y)),
            text,
            font=self.font(size, weight),
            fill=fill,
            anchor=anchor,
        )

    def box(self, x, y, width, height, fill, radius=0):
        area = (self.px(x), self.px(y), self.px(x + width) - 1, self.px(y + height) - 1)
        if radius:
            self.draw.rounded_rectangle(area, self.px(radius), fill=fill)
        else:
            self.draw.rectangle(area, fill=fill)

    def line(self, x1, y1, x2, y2, fill, width=2):
        self.draw.line(
            (self.px(x1), self.px(y1), self.px(x2), self.px(y2)),
            fill=fill,
            width=max(self.px(width), 1),
        )

    def picture(self, data, x, y, width, height):
        """Fill an area with a picture, cut to its shape.

        :return: Whether there was a picture that can be read.
        """
        size = (self.px(width), self.px(height))
        picture = _open_picture(data, size)
        if picture is None:
            return False
        self.image.paste(picture, (self.px(x), self.px(y)))
        return True


def _split(text):
    """Return the pieces between which a text may be broken."""
    pieces, word = [], ""
    for character in text:
        if character >= FIRST_CJK:
            if word:
                pieces.append(word)
                word = ""
            # Closing punctuation stays with what it closes.
            if pieces and character in "，。、；：！？）》」』”％":
                pieces[-1] += character
            else:
                pieces.append(character)
        else:
            word += character
            if character in " -/":
                pieces.append(word)
                word = ""
    if word:
        pieces.append(word)
    return pieces


def _shorten(font, text, limit):
    """Return the beginning of a text that fits, with an ellipsis."""
    text = text.strip()
    if font.getlength(text) <= limit:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if font.getlength(text[:middle].rstrip() + "…") <= limit:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def _open_picture(data, size):
    """Return a picture that covers a size, or None when it cannot be read."""
    if not data:
        return None
    try:
        picture = Image.open(BytesIO(data))
        if picture.width * picture.height > MAX_PIXELS:
            return None
        # A large JPEG is decoded at a fraction of its size.
        picture.draft("RGB", size)
        if picture.mode in ("RGBA", "LA", "P"):
            picture = picture.convert("RGBA")
            ground = Image.new("RGBA", picture.size, (*SAND, 255))
            picture = Image.alpha_composite(ground, picture)
        return ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.BILINEAR)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        ValueError,
    ):
        # A drawing (SVG) or a broken file: the poster goes without.
        return None


@lru_cache(maxsize=16)
def _get_code_matrix(url):
    """Return the modules of a QR code, without a border."""
    code = qrcode.QRCode(
        border=0, error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=1
    )
    code.add_data(url)
    code.make(fit=True)
    return tuple(tuple(row) for row in code.get_matrix())


def _draw_code(sheet, url, x, y, size):
    """Draw a QR code on white, with the quiet zone that scanners need."""
    matrix = _get_code_matrix(url)
    count = len(matrix)
    image = Image.new("1", (count + 8, count + 8), 1)
    for row, modules in enumerate(matrix):
        for column, is_dark in enumerate(modules):
            if is_dark:
                image.putpixel((column + 4, row + 4), 0)
    pixels = sheet.px(size)
    # Whole pixels for each module: a blurred edge is what scanners stumble over.
    module = max(pixels // (count + 8), 1)
    image = image.resize(((count + 8) * module,) * 2, Image.Resampling.NEAREST)
    sheet.box(x, y, size, size, WHITE)
    offset = (pixels - image.width) // 2
    sheet.image.paste(
        image.convert("RGB"), (sheet.px(x) + offset, sheet.px(y) + offset)
    )


def _prepare(content, size):
    """Return an empty sheet for a content, with a font that has its characters."""
    needs_cjk = any(
        character >= FIRST_CJK
        for text in content._get_texts()
        for character in _clean(text)
    )
    return _Sheet(size, needs_cjk)


def _draw_offer(sheet, offer, x, y, width):
    """Draw a product with its ladder, OFFER_HEIGHT high."""
    for line in sheet.wrap(_clean(offer.name), 27, width, 1, "bold"):
        sheet.text(x, y, line, 27, "bold")
    top = y + 42
    steps = offer.ladder[:5]
    if not steps:
        return
    gap = 10
    step_width = min((width - gap * (len(steps) - 1)) / len(steps), 260)
    for position, (label, price, is_current) in enumerate(steps):
        left = x + position * (step_width + gap)
        sheet.box(left, top, step_width, 74, GREEN if is_current else SAND, 12)
        ink = WHITE if is_current else INK
        middle = left + step_width / 2
        for line in sheet.wrap(_clean(label), 19, step_width - 12, 1):
            sheet.text(middle, top + 21, line, 19, fill=ink, anchor="mm")
        size = 28
        while size > 14 and sheet.measure(price, size, "bold") > step_width - 12:
            size -= 2
        sheet.text(
            middle,
            top + 51,
            _clean(price),
            size,
            "bold",
            fill=ink if is_current else RED,
            anchor="mm",
        )


def _draw_foot(sheet, content, foot, with_code):
    """Draw the code, what to do with it, and the shop.

    :return: Where the code belongs: x, y, size.
    """
    sheet.box(0, foot, sheet.width, sheet.height - foot, SAND)
    area = (MARGIN, foot + MARGIN - 4, CODE_SIZE)
    if with_code:
        _draw_code(sheet, content.url, *area)
    else:
        sheet.box(*area[:2], CODE_SIZE, CODE_SIZE, WHITE)
    left = MARGIN + CODE_SIZE + 32
    top = foot + MARGIN + 6
    room = sheet.width - left - MARGIN
    for line in sheet.wrap(_clean(content.call), 34, room, 2, "bold"):
        sheet.text(left, top, line, 34, "bold", fill=GREEN)
        top += 46
    top += 6
    for line in sheet.wrap(_clean(content.note), 23, room, 3):
        sheet.text(left, top, line, 23, fill=GREY)
        top += 32
    for line in sheet.wrap(_clean(content.brand), 25, room, 1, "bold"):
        sheet.text(left, area[1] + CODE_SIZE, line, 25, "bold", anchor="ls")
    return area


def _draw_head(sheet, content, height):
    """Draw the picture, or without one a coloured head: no empty frame."""
    if sheet.picture(content.picture, 0, 0, sheet.width, height):
        return
    sheet.box(0, 0, sheet.width, height, GREEN)
    lines = sheet.wrap(_clean(content.brand), 64, sheet.width - 2 * MARGIN, 2, "bold")
    y = height / 2 - 42 * (len(lines) - 1)
    for line in lines:
        sheet.text(sheet.width / 2, y, line, 64, "bold", WHITE, "mm")
        y += 84


def _draw_facts(sheet, facts, y):
    """Draw until when to order, when and where to collect.

    :param list facts: Pairs (label, lines of text).
    """
    sheet.line(MARGIN, y - 8, sheet.width - MARGIN, y - 8, SAND)
    for label, lines in facts:
        for line in sheet.wrap(label, 23, 176, 1):
            sheet.text(MARGIN, y + 2, line, 23, fill=GREY)
        for line in lines:
            sheet.text(MARGIN + 190, y, line, 25, "bold")
            y += 34
        y += 10


def _draw_poster(content, size, with_code=True):
    """Draw a poster; the picture takes what the rest leaves.

    :param bool with_code: False leaves the place of the code white, for a code that is
        drawn as lines and not as dots.
    :return: The sheet, and where the code belongs: x, y, size.
    """
    sheet = _prepare(content, size)
    inner = sheet.width - 2 * MARGIN
    foot = sheet.height - CODE_SIZE - 2 * MARGIN + 8
    title = sheet.wrap(_clean(content.title), 50, inner, 2, "bold")
    subtitle = sheet.wrap(_clean(content.subtitle), 26, inner, 1)
    facts = [
        (_clean(label), sheet.wrap(_clean(text), 25, inner - 190, 2))
        for label, text in content.facts
        if text
    ]
    facts_height = sum(34 * len(lines) + 10 for _label, lines in facts)
    gap = 16 if subtitle else 30
    fixed = 30 + 64 * len(title) + 46 * len(subtitle) + gap + facts_height + 36
    # As many products as leave room for a picture.
    count = int((foot - fixed - MIN_PICTURE) // OFFER_HEIGHT)
    offers = content.offers[: max(count, 1)]
    height = max(foot - fixed - OFFER_HEIGHT * len(offers), 120)
    _draw_head(sheet, content, height)
    y = height + 30
    for line in title:
        sheet.text(MARGIN, y, line, 50, "bold")
        y += 64
    for line in subtitle:
        sheet.text(MARGIN, y + 6, line, 26, fill=GREY)
        y += 46
    y += gap
    for offer in offers:
        _draw_offer(sheet, offer, MARGIN, y, inner)
        y += OFFER_HEIGHT
    _draw_facts(sheet, facts, foot - facts_height - 20)
    return sheet, _draw_foot(sheet, content, foot, with_code)


def draw_png(content):
    """Return a poster for phones.

    Little compression: a photo hardly shrinks, and it would take most of the time.

    :param PosterContent content: What it says.
    :return: A PNG picture.
    :rtype: bytes
    :raise MissingFontError: If no font has its characters.
    """
    sheet, _code_area = _draw_poster(content, PNG_SIZE)
    buffer = BytesIO()
    sheet.image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def draw_pdf(content):
    """Return a poster on A4, for a notice board.

    The sheet is a picture, since reportlab cannot embed the fonts for Chinese that
    machines have (CFF outlines); the code is drawn as lines, sharp at any size, and the
    address behind it can be tapped.

    :param PosterContent content: What it says.
    :return: A PDF of one page.
    :rtype: bytes
    :raise MissingFontError: If no font has its characters.
    """
    sheet, (x, y, size) = _draw_poster(content, PDF_SIZE, with_code=False)
    picture = BytesIO()
    sheet.image.save(picture, "JPEG", quality=88)
    picture.seek(0)
    buffer = BytesIO()
    width, height = A4
    # The same content gives the same bytes: no date, no random number in the file.
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(_clean(content.title))
    canvas.setAuthor(_clean(content.brand))
    canvas.drawImage(ImageReader(picture), 0, 0, width, height)
    point = width / sheet.width
    matrix = _get_code_matrix(content.url)
    module = size * point / (len(matrix) + 8)
    left = x * point + 4 * module
    top = height - y * point - 4 * module
    canvas.setFillColorRGB(0, 0, 0)
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        start = None
        for column, is_dark in enumerate((*modules, False)):
            if is_dark and start is None:
                start = column
            elif not is_dark and start is not None:
                path.rect(
                    left + start * module,
                    top - (row + 1) * module,
                    (column - start) * module,
                    module,
                )
                start = None
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.linkURL(
        content.url,
        (
            x * point,
            height - (y + size) * point,
            (x + size) * point,
            height - y * point,
        ),
    )
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def draw_card(content):
    """Return the picture that messengers show beside a link.

    :param PosterContent content: What it says.
    :return: A JPEG picture, 1200 × 630.
    :rtype: bytes
    :raise MissingFontError: If no font has its characters.
    """
    sheet = _prepare(content, CARD_SIZE)
    height = sheet.height
    split = 400
    if not sheet.picture(content.picture, 0, 0, split, height):
        sheet.box(0, 0, split, height, GREEN)
        head = sheet.wrap(_clean(content.brand), 44, split - 60, 3, "bold")
        y = height / 2 - 30 * (len(head) - 1)
        for line in head:
            sheet.text(split / 2, y, line, 44, "bold", WHITE, "mm")
            y += 60
    left, room = split + 32, sheet.width - split - 64
    y = 34
    for line in sheet.wrap(_clean(content.title), 40, room, 2, "bold"):
        sheet.text(left, y, line, 40, "bold")
        y += 52
    for line in sheet.wrap(_clean(content.subtitle), 21, room, 1):
        sheet.text(left, y + 4, line, 21, fill=GREY)
        y += 34
    for offer in content.offers[:1]:
        for line in sheet.wrap(_clean(offer.name), 23, room, 1):
            sheet.text(left, y + 14, line, 23)
        y += 52
        prices = [price for _label, price, _is_current in offer.ladder] or [""]
        reached = [price for _label, price, is_current in offer.ladder if is_current]
        # What a joiner pays now, and what it can come to.
        shown, lowest = (reached or prices)[0], prices[-1]
        sheet.text(left, y, _clean(shown), 52, "bold", RED)
        if lowest and lowest != shown:
            start = left + sheet.measure(shown, 52, "bold") + 16
            sheet.text(start, y + 22, f"→ {_clean(lowest)}", 27, "bold", GREEN)
        y += 74
    if content.facts:
        label, text = content.facts[0]
        foot = height - 74
        sheet.box(split, foot, sheet.width - split, 74, SAND)
        for line in sheet.wrap(_clean(f"{label}  {text}"), 23, room, 1, "bold"):
            sheet.text(left, foot + 37, line, 23, "bold", anchor="lm")
    buffer = BytesIO()
    sheet.image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


DRAW = {"png": draw_png, "pdf": draw_pdf, "card": draw_card}
MIMETYPES = {"png": "image/png", "pdf": "application/pdf", "card": "image/jpeg"}
