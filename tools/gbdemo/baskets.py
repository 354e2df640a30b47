# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Read a file of baskets: a line is one resident's basket, items between commas.

Nothing of the file is believed. What cannot be read is refused with one sentence that
names the line, before anything has been changed.
"""

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

LARGEST_FILE = 64 * 1024 * 1024
LONGEST_NAME = 120
MOST_ITEMS = 500
MOST_PRODUCTS = 3000

_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_BLANKS = re.compile(r"\s+")
# What follows the name of a product in its packs: "Tomatoes 500 g", "鲜鸡蛋 30 枚".
_PACK = re.compile(r"\s+\d.*$")


class BasketError(Exception):
    """The baskets cannot be used; the message is one sentence for the user."""


@dataclass
class Baskets:
    """What a file holds.

    :param list rows: for each basket {item key: quantity}, in the order of the file.
    :param dict names: item key → the name as the file first writes it.
    :param str encoding: how the file was read.
    :param int empty: lines without an item, which were passed over.
    """

    rows: list = field(default_factory=list)
    names: dict = field(default_factory=dict)
    encoding: str = "utf-8"
    empty: int = 0


def item_key(name):
    """Return what two spellings of an item have in common: case and blanks differ."""
    return _BLANKS.sub(" ", name).strip().casefold()


def product_key(name):
    """Return the key of a product's name without the size of its pack."""
    return item_key(_PACK.sub("", name.strip()))


def read_limit(text):
    """Return how many baskets to read, None for all.

    :raises BasketError: when the text is no whole number above zero.
    """
    if text is None or not str(text).strip():
        return None
    text = str(text).strip()
    if not re.fullmatch(r"[0-9]{1,9}", text) or not int(text):
        raise BasketError(f"LIMIT={text} is not a whole number above zero")
    return int(text)


def read_baskets(path, limit=None):
    """Read the baskets of a file.

    An item that stands twice in a basket is ordered twice. Blanks, quotes and a byte
    order mark around an item do not count; full-width commas separate, too.

    :param path: the file.
    :param int limit: stop after so many baskets.
    :rtype: Baskets
    :raises BasketError: when there is no such file, it is no text, or it is out of
        bounds.
    """
    raw = _read_bytes(Path(path))
    text, encoding = decode(raw)
    baskets = Baskets(encoding=encoding)
    # What follows the last line end is no line of its own.
    text = re.sub(r"(\r\n|\n|\r)\Z", "", text)
    for number, line in enumerate(_LINE_ENDS.split(text), start=1):
        if limit and len(baskets.rows) >= limit:
            break
        items = _split(line, number)
        if not items:
            baskets.empty += 1
            continue
        row = Counter()
        for name in items:
            key = item_key(name)
            baskets.names.setdefault(key, name)
            row[key] += 1
        baskets.rows.append(dict(row))
        if len(baskets.names) > MOST_PRODUCTS:
            raise BasketError(
                f"line {number}: more than {MOST_PRODUCTS} different items; is this a "
                "file of baskets?"
            )
    if not baskets.rows:
        raise BasketError(f"{path} holds no basket")
    return baskets


def decode(raw):
    """Return the text of a file and the name of its encoding.

    UTF-8 is tried first, which hardly any other text passes for by chance; then
    Chinese GB 18030, unless what it yields is not how Chinese is written; then
    Latin-1, which reads anything.

    :raises BasketError: when the bytes are no text.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return raw.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            raise BasketError("the file is broken UTF-16") from error
    if b"\0" in raw:
        raise BasketError("the file is not text: it holds zero bytes")
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("gb18030")
        if _looks_chinese(text):
            return text, "gb18030"
    except UnicodeDecodeError:
        pass
    return raw.decode("latin-1"), "latin-1"


def _looks_chinese(text):
    """Tell Chinese from Latin-1 that happens to decode as GB 18030.

    In "crème" the accented letter swallows the plain one after it; in Chinese the
    second byte of the common characters lies above the letters.
    """
    others = [character for character in text if ord(character) > 127]
    common = 0
    for character in others:
        written = character.encode("gb18030")
        common += len(written) == 2 and written[1] >= 0xA1
    return common >= 0.8 * len(others)


def _read_bytes(path):
    if path.is_dir():
        raise BasketError(f"{path} is a folder; BASKETS names a file")
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise BasketError(
                f"{path} has {size // 2**20} MiB; at most {LARGEST_FILE // 2**20} are "
                "read"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise BasketError(f"there is no file {path}") from error
    except OSError as error:
        raise BasketError(f"{path} cannot be read: {error.strerror}") from error


def _split(line, number):
    """Return the items of a line, in their order."""
    line = line.replace("，", ",")
    try:
        # Line by line: a stray quote must not swallow the lines after it.
        cells = next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error as error:
        raise BasketError(f"line {number}: {error}") from error
    items = [_clean(cell) for cell in cells]
    items = [item for item in items if item]
    if len(items) > MOST_ITEMS:
        raise BasketError(
            f"line {number}: {len(items)} items in one basket; at most {MOST_ITEMS} "
            "are one resident's order"
        )
    for item in items:
        if len(item) > LONGEST_NAME:
            raise BasketError(
                f"line {number}: an item's name has {len(item)} characters, at most "
                f"{LONGEST_NAME}: {item[:40]}…"
            )
    return items


def _clean(cell):
    printable = "".join(c if c.isprintable() else " " for c in cell)
    return _BLANKS.sub(" ", printable).strip().strip("\ufeff\"'").strip()
