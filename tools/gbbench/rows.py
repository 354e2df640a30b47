# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rows of the benchmark: a figure of ours, one of theirs, and a bound."""

import json
from dataclasses import asdict, dataclass

ISSUE = 2


@dataclass
class Row:
    """One bound and how it was kept.

    :param str name: what was measured.
    :param int issue: the issue that states the bound.
    :param float ours: our figure.
    :param theirs: the figure it is compared with; None where the bound is absolute.
    :param str unit: of both figures.
    :param float ratio: ours / theirs, or our figure where the bound is absolute.
    :param str bound: "<= 0.35".
    :param bool holds: whether the ratio keeps the bound.
    """

    name: str
    issue: int
    ours: float
    theirs: float | None
    unit: str
    ratio: float
    bound: str
    holds: bool


def at_most(name, ours, theirs, unit, bound, issue=ISSUE):
    """Return a row whose ratio must not exceed a bound.

    :param theirs: None compares our figure itself.
    :param int issue: the issue that states the bound.
    """
    ratio = ours if theirs is None else ours / theirs
    text, holds = f"<= {bound:g}", ratio <= bound
    return _row(name, ours, theirs, unit, ratio, text, holds, issue)


def at_least(name, ours, theirs, unit, bound, issue=ISSUE):
    """Return a row whose ratio must reach a bound."""
    ratio = ours / theirs
    text, holds = f">= {bound:g}", ratio >= bound
    return _row(name, ours, theirs, unit, ratio, text, holds, issue)


def _row(name, ours, theirs, unit, ratio, bound, holds, issue):
    theirs = None if theirs is None else _short(theirs)
    return Row(name, issue, _short(ours), theirs, unit, _short(ratio), bound, holds)


def _short(value):
    """Round a figure to four significant digits; counts stay whole."""
    return value if isinstance(value, int) else float(f"{value:.4g}")


def write(rows, path):
    """Write the rows as the command contract says."""
    path.parent.mkdir(exist_ok=True)
    text = json.dumps({"rows": [asdict(row) for row in rows]}, indent=2)
    path.write_text(text + "\n", "utf-8")


def print_table(rows):
    """Print a line for each row, with both sides."""
    headings = ("", "ours", "theirs", "", "ratio", "bound", "")
    table = [headings]
    for row in rows:
        theirs = "" if row.theirs is None else f"{row.theirs:,g}"
        holds = "holds" if row.holds else "DOES NOT HOLD"
        ratio = "" if row.theirs is None else f"{row.ratio:.3g}"
        cells = (row.name, f"{row.ours:,g}", theirs, row.unit, ratio, row.bound, holds)
        table.append(cells)
    widths = [max(len(line[n]) for line in table) for n in range(len(headings))]
    print()
    for line in table:
        cells = [
            cell.rjust(width) if number in (1, 2, 4) else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print(("  " + "  ".join(cells)).rstrip())
    print(flush=True)
