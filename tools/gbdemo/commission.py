# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Count again, from the baskets and the plan alone, what leaders earn.

Nothing here asks Odoo. A line of an order earns its product's rate on what it costs
without tax, rounded to the cent; what failed earns nothing. No refund comes after the
confirmation in the demo, so what was earned is what is settled.
"""

from decimal import ROUND_HALF_UP, Decimal

from .rules import digest, reached_price

CENT = Decimal("0.01")
# Percent, as in the plan that the addon brings: fresh food and daily goods.
RATES = (5, 8)


def get_kind(key):
    """Return whether an item counts as fresh food (0) or daily goods (1)."""
    return digest(key) // 100_000_000 % 2


def recount_commission(rows, offers, tax_percent):
    """Return what the leaders earn with all baskets together.

    :param list rows: for each basket {item key: quantity}, in the order of joining.
    :param dict offers: item key → Offer.
    :param str tax_percent: tax that the prices include.
    :rtype: Decimal
    """
    measured = dict.fromkeys(offers, 0)
    shown = []
    for row in rows:
        prices = {key: reached_price(offers[key], measured[key]) for key in row}
        shown.append(prices)
        for key, quantity in row.items():
            measured[key] += {
                "people": 1,
                "quantity": quantity,
                "amount": prices[key] * quantity,
            }[offers[key].measure]
    final = {key: reached_price(offers[key], measured[key]) for key in offers}
    total = Decimal(0)
    for row, prices in zip(rows, shown, strict=True):
        for key, quantity in row.items():
            gross = Decimal(min(prices[key], final[key]) * quantity) / 100
            net = gross / (1 + Decimal(tax_percent) / 100)
            net = net.quantize(CENT, ROUND_HALF_UP)
            rate = Decimal(RATES[get_kind(key)]) / 100
            total += (net * rate).quantize(CENT, ROUND_HALF_UP)
    return total


def commission_differences(entry, rows, offers, succeeded, tax_percent):
    """Compare what leaders earned in a campaign of the report with the recount.

    :param dict entry: a campaign of demo-report.json.
    :return: one sentence for each figure that differs.
    :rtype: list[str]
    """
    if "commission" not in entry:
        return []
    earned = recount_commission(rows, offers, tax_percent) if succeeded else 0
    wanted = str(Decimal(earned).quantize(CENT))
    return [
        f"{entry['name']}: {name} is {entry[name]}, the file and the plan say {wanted}"
        for name in ("commission", "settled")
        if entry[name] != wanted
    ]
