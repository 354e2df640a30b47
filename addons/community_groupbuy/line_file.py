# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Read what people write about campaign lines: numbers, tiers, spreadsheets.

Pure helpers: no record, no cursor. Whatever is wrong raises `ValueError` with one of
the codes named there; the callers say it in the user's language.
"""

import csv
import io
import re
import unicodedata
import zipfile
from decimal import Decimal, InvalidOperation

import openpyxl

# A campaign of 3,000 lines is normal; more than this is a file chosen by mistake.
MAX_ROWS = 10_000
MAX_COLUMNS = 64
MAX_FILE_BYTES = 10 * 1024 * 1024
# A small archive can unpack to gigabytes: look before reading.
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_NUMBER = Decimal("1e9")

COLUMNS = {
    "product": (
        *("sku", "code", "barcode", "default code", "internal reference", "item"),
        *("商品", "产品", "商品编码", "商品条码", "条码", "编码", "货号", "内部参考"),
        *("商品名称", "品名"),
    ),
    "start_price": ("price", "起始价", "起步价", "单价", "价格", "团购价"),
    "tiers": (
        *("tier", "price tiers", "price ladder", "ladder"),
        *("阶梯价", "阶梯", "价格阶梯", "阶梯价格"),
    ),
    "measure": ("tier measure", "计量", "计量方式", "阶梯计量", "按"),
    "scope": ("tier scope", "范围", "阶梯范围", "适用范围"),
    "cap": ("quota", "total limit", "限量", "总量", "上限", "库存上限", "总限量"),
    "limit": (
        *("limit per resident", "per resident"),
        *("限购", "每人限购", "每户限购", "单人限购"),
    ),
    "min_per_order": (
        *("minimum per order", "每单最少", "起购量"),
        *("最少购买", "每单起购"),
    ),
    "min_quantity": (
        *("line minimum", "minimum quantity"),
        *("成团量", "起团量", "最低成团量", "最低数量"),
    ),
    "case_size": ("case", "箱规", "每箱数量", "装箱数", "箱装量"),
}
MEASURES = {
    "people": ("persons", "person", "人数", "人"),
    "quantity": ("qty", "units", "数量", "件数", "件"),
    "amount": ("money", "金额", "销售额"),
}
SCOPES = {
    "campaign": ("whole campaign", "all", "活动", "全活动", "整个活动", "全部"),
    "group": ("each group", "团", "每团", "各团", "单团"),
}


def normalize(text):
    """Return a header or a word in the form in which it is compared.

    Full-width letters become plain ones; case, spaces and underscores do not count.

    :param text: Anything; None is the empty text.
    :rtype: str
    """
    text = unicodedata.normalize("NFKC", str(text if text is not None else ""))
    return re.sub(r"[\s_*:]+", " ", text).strip().casefold()


def _lookup(mapping):
    """Turn {key: aliases} into {alias: key}, the key being its own alias."""
    return {
        normalize(alias): key
        for key, aliases in mapping.items()
        for alias in (key, *aliases)
    }


COLUMN_OF = _lookup(COLUMNS)
MEASURE_OF = _lookup(MEASURES)
SCOPE_OF = _lookup(SCOPES)


def parse_number(value):
    """Read a number as people write it in a cell.

    :param value: A number, a text such as "¥1,234.50" or "９.５元", or None.
    :return: The number, or None for an empty cell.
    :rtype: float | None
    :raises ValueError: "number" when it is no finite number, "negative" when it is
        below zero, "large" when it is above a thousand million.
    """
    if value is None or isinstance(value, bool):
        if value is None:
            return None
        raise ValueError("number")
    text = unicodedata.normalize("NFKC", str(value)).strip()
    text = re.sub(r"^(¥|\$|€|£|CNY|RMB)\s*|\s*(元|块)$", "", text, flags=re.I)
    if not text:
        return None
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("number") from None
    if not number.is_finite():
        raise ValueError("number")
    if number < 0:
        raise ValueError("negative")
    if number > MAX_NUMBER:
        raise ValueError("large")
    return float(number)


def parse_tiers(text):
    """Read a price ladder such as "10:9.50;50:8.90".

    :param text: Pairs of threshold and unit price; the pairs are separated by a
        semicolon, a middle dot, a vertical bar or a new line, also full-width.
    :return: Pairs (threshold, price), lowest threshold first.
    :rtype: list[tuple[float, float]]
    :raises ValueError: "tiers" when a pair cannot be read or a threshold is not above
        zero or is given twice, or a code of :func:`parse_number`.
    """
    # An empty cell is None in a spreadsheet and False in a record.
    if text is None or text is False:
        return []
    text = unicodedata.normalize("NFKC", str(text)).strip()
    tiers = {}
    for part in re.split(r"[;|\n\r·、]+", text):
        if not part.strip():
            continue
        pair = re.split(r"[:=]|->|→", part)
        if len(pair) != 2:
            raise ValueError("tiers")
        threshold, price = (parse_number(value) for value in pair)
        if not threshold or price is None or threshold in tiers:
            raise ValueError("tiers")
        tiers[threshold] = price
    return sorted(tiers.items())


def format_tiers(tiers):
    """Write a price ladder in the form that :func:`parse_tiers` reads.

    :param list[tuple[float, float]] tiers: Pairs (threshold, unit price).
    :rtype: str
    """
    return "; ".join(f"{threshold:.15g}: {price:.15g}" for threshold, price in tiers)


def read_rows(content, filename=""):
    """Read the rows of the first sheet of a workbook, or of a text file.

    :param bytes content: The file.
    :param str filename: Its name, only used to recognise the old .xls.
    :return: Pairs (row number as the spreadsheet shows it, list of cells), without
        empty rows.
    :rtype: list[tuple[int, list]]
    :raises ValueError: "empty", "large_file", "xls", "unreadable" or "rows".
    """
    if not content:
        raise ValueError("empty")
    if len(content) > MAX_FILE_BYTES:
        raise ValueError("large_file")
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise ValueError("xls")
    if content[:2] == b"PK" or filename.lower().endswith(".xlsx"):
        rows = _read_xlsx(content)
    else:
        rows = _read_csv(content)
    rows = [
        (number, row)
        for number, row in rows
        if any(cell is not None and str(cell).strip() for cell in row)
    ]
    if not rows:
        raise ValueError("empty")
    if len(rows) > MAX_ROWS + 1:
        raise ValueError("rows")
    return rows


def _read_xlsx(content):
    """Read the first sheet of a workbook; see :func:`read_rows`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(i.file_size for i in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise ValueError("large_file")
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True
        )
        sheet = book.worksheets[0]
        # The size that a file states may be wrong: let the reader find it.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(
            max_row=MAX_ROWS * 2, max_col=MAX_COLUMNS, values_only=True
        )
        return [(number, list(row)) for number, row in enumerate(rows, start=1)]
    except ValueError as error:
        if str(error) == "large_file":
            raise
        raise ValueError("unreadable") from error
    except Exception as error:  # a broken archive raises almost anything
        raise ValueError("unreadable") from error


def _read_csv(content):
    """Read delimited text in UTF-8, UTF-16 or GB 18030; see :func:`read_rows`."""
    if b"\x00" in content and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("unreadable")
    encodings = ["utf-8-sig", "gb18030"]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError("unreadable")
    header = text.lstrip().split("\n", 1)[0]
    # The separator is the one that the header has most of: the tiers of a row also
    # contain semicolons.
    delimiter = max(",\t;", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = []
    try:
        for row in reader:
            if len(rows) > MAX_ROWS * 2:
                raise ValueError("rows")
            cells = [cell.strip() or None for cell in row[:MAX_COLUMNS]]
            rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise ValueError("unreadable") from error
    return rows
