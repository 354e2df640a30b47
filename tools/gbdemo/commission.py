# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Count again, from the baskets and the plan alone, what leaders earn.

Nothing here asks Odoo. A line of an order earns its product's rate on what it costs
without tax, rounded to the cent; what failed earns nothing. What is given back later
takes its part with it: of the line's commission as much is left, rounded once, as is
left of what it was earned on. The fee for goods that nobody collects earns nothing.
"""

from decimal import ROUND_HALF_UP, Decimal

from .recount import Reduction
from .rules import digest

CENT = Decimal("0.01")
# Percent, as in the plan that the addon brings: fresh food and daily goods.
RATES = (5, 8)


def get_kind(key):
    """Return whether an item counts as fresh food (0) or daily goods (1)."""
    return digest(key) // 100_000_000 % 2


def get_net(fen, tax_percent):
    """Return an amount without the tax that it includes, in yuan."""
    net = Decimal(fen) / 100 / (1 + Decimal(tax_percent) / 100)
    return net.quantize(CENT, ROUND_HALF_UP)


def recount_commission(rows, count, tax_percent):
    """Return what the leaders earn with all baskets together.

    :param list rows: for each basket {item key: quantity}, in the order of joining.
    :param dict count: what :func:`recount.recount`, and where goods are received and
        collected :func:`recount.recount_pickup`, returned.
    :param str tax_percent: tax that the prices include.
    :rtype: Decimal
    """
    total = Decimal(0)
    reductions = count.get("reductions") or [{}] * len(rows)
    for row, prices, reduced in zip(rows, count["prices"], reductions, strict=True):
        for key, quantity in row.items():
            gross = prices[key] * quantity
            base = get_net(gross, tax_percent)
            rate = Decimal(RATES[get_kind(key)]) / 100
            accrual = (base * rate).quantize(CENT, ROUND_HALF_UP)
            back = reduced.get(key, Reduction())
            left = get_net(gross - back.goods, tax_percent)
            left -= get_net(back.granted, tax_percent)
            # Two roundings can say one fen more than there was.
            left = max(left, Decimal(0))
            if gross > back.goods:
                total += (accrual * left / base).quantize(CENT, ROUND_HALF_UP)
    return total


def commission_differences(entry, rows, count, succeeded, tax_percent):
    """Compare what leaders earned in a campaign of the report with the recount.

    :param dict entry: a campaign of demo-report.json.
    :param dict count: see :func:`recount_commission`.
    :param bool succeeded: a campaign that failed earns nothing.
    :return: one sentence for each figure that differs.
    :rtype: list[str]
    """
    earned = recount_commission(rows, count, tax_percent) if succeeded else 0
    wanted = str(Decimal(earned).quantize(CENT))
    return [
        f"{entry['name']}: {name} is {entry.get(name)}, the file and the plan say "
        f"{wanted}"
        for name in ("commission", "settled")
        if entry.get(name) != wanted
    ]
