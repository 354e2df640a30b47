# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Count again, from the baskets and the tiers alone, what the report must say.

Nothing here asks Odoo. A resident is charged the prices that those before have
reached, and pays in the end the lower of that and what all have reached.
"""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import NamedTuple

from .rules import (
    FEE_PERCENT,
    get_arrival,
    get_complaint,
    is_unclaimed,
    reached_price,
)

CENT = Decimal("0.01")
# Why money goes back after the close, as the report names it.
GIVEN_BACK = ("short", "damaged", "unclaimed", "case")
PICKUP_COUNTS = (
    "received",
    "short",
    "damaged",
    "handed_out",
    "returned",
    "pickups",
    "unclaimed",
    "nothing_left",
    "cases",
    "cases_closed",
)


class Reduction(NamedTuple):
    """What was given back of an item of a basket, in fen.

    :param int goods: the price of goods that the resident does not get.
    :param int granted: money back for goods that the resident keeps.
    """

    goods: int = 0
    granted: int = 0


def yuan(fen):
    """Return fen as the text that the report writes."""
    return str((Decimal(fen) / 100).quantize(CENT))


def recount(rows, offers):
    """Replay baskets on paper.

    :param list rows: for each basket {item key: quantity}, in the order of joining.
    :param dict offers: item key → Offer.
    :return: charged, refunded and invoiced in fen as if the campaign succeeds, the
        number of orders and of pickups, by item: sold, people, final_price; and
        "prices": for each basket {item key: what a unit costs in the end}.
    :rtype: dict
    """
    tallies = {
        key: {"people": 0, "quantity": 0, "amount": 0, "final": offers[key].start_price}
        for key in offers
    }
    joined = defaultdict(list)
    prices = []
    charged = 0
    for row in rows:
        # The prices shown when the basket is filled: before this resident counts.
        shown = {
            key: reached_price(offers[key], tallies[key][offers[key].measure])
            for key in row
        }
        prices.append(shown)
        for key, quantity in row.items():
            amount = shown[key] * quantity
            charged += amount
            joined[key].append((shown[key], quantity))
            tallies[key]["people"] += 1
            tallies[key]["quantity"] += quantity
            tallies[key]["amount"] += amount
    invoiced = 0
    for key, offer in offers.items():
        tallies[key]["final"] = reached_price(offer, tallies[key][offer.measure])
        invoiced += sum(
            min(price, tallies[key]["final"]) * quantity
            for price, quantity in joined[key]
        )
    return {
        "orders": len(rows),
        "pickups": len(rows),
        "prices": [
            {key: min(price, tallies[key]["final"]) for key, price in shown.items()}
            for shown in prices
        ],
        "charged": charged,
        "refunded": charged - invoiced,
        "invoiced": invoiced,
        "lines": {
            key: {
                "sold": tally["quantity"],
                "people": tally["people"],
                "final_price": tally["final"],
            }
            for key, tally in tallies.items()
        },
    }


def recount_pickup(rows, count, points):
    """Go on, on paper, from the goods at the points to the last case.

    At each point something is missing or damaged, and who paid last there goes
    without. Each so many-th resident never comes: the goods go back, and the price
    less the fee. Some complain about a unit that they have got.

    :param list rows: for each basket {item key: quantity}, in the order of joining.
    :param dict count: what :func:`recount` returned.
    :param int points: how many pickup points the residents share, in turn.
    :return: the same with other refunds, invoices and pickups, and with the figures
        of the points; money in fen. And "reductions": for each basket {item key:
        Reduction} of the items that something was given back for.
    :rtype: dict
    """
    figures = Counter(dict.fromkeys(PICKUP_COUNTS, 0))
    back = Counter(dict.fromkeys(GIVEN_BACK, 0))
    left = [dict(row) for row in rows]
    granted = [{} for _row in rows]
    for point in range(points):
        numbers = range(point, len(rows), points)
        ordered = Counter()
        for number in numbers:
            ordered.update(rows[number])
        figures["received"] += ordered.total()
        arrival = get_arrival(point, ordered)
        if not arrival:
            continue
        kind, key, missing = arrival
        figures[kind] += missing
        figures["cases"] += 1
        for number in reversed(numbers):
            less = min(missing, left[number].get(key, 0))
            if less:
                left[number][key] -= less
                missing -= less
                back[kind] += less * count["prices"][number][key]
    figures["received"] -= figures["short"]
    fees = 0
    for number, row in enumerate(left, start=1):
        prices = count["prices"][number - 1]
        units = sum(row.values())
        if not units:
            figures["nothing_left"] += 1
        elif is_unclaimed(number):
            value = sum(prices[key] * quantity for key, quantity in row.items())
            figures["unclaimed"] += 1
            figures["cases"] += 1
            figures["returned"] += units
            back["unclaimed"] += value
            left[number - 1] = {}
            # Half a fen counts as one.
            fees += (2 * value * FEE_PERCENT + 100) // 200
        else:
            figures["pickups"] += 1
            figures["handed_out"] += units
            outcome = get_complaint(number)
            if outcome:
                first = next(key for key, quantity in row.items() if quantity)
                granted[number - 1][first] = {
                    "refund": prices[first],
                    "partial": prices[first] // 2,
                    "reject": 0,
                }[outcome]
                figures["cases"] += 1
                back["case"] += granted[number - 1][first]
    figures["cases_closed"] = figures["cases"]
    less = back.total() - fees
    return {
        **count,
        **figures,
        "refunded": count["refunded"] + less,
        "invoiced": count["invoiced"] - less,
        "fees": fees,
        "given_back": dict(back),
        "reductions": [
            get_reductions(*basket)
            for basket in zip(rows, left, count["prices"], granted, strict=True)
        ],
    }


def get_reductions(row, left, prices, granted):
    """Return what was given back of each item of a basket, where there is any.

    :param dict row: item key → quantity that was ordered.
    :param dict left: the same of what the resident has got.
    :param dict prices: item key → fen for a unit.
    :param dict granted: item key → fen for goods that are kept.
    :return: item key → Reduction.
    :rtype: dict
    """
    found = {
        key: Reduction((quantity - left.get(key, 0)) * prices[key], granted.get(key, 0))
        for key, quantity in row.items()
    }
    return {key: reduction for key, reduction in found.items() if any(reduction)}


def get_pickup_figures(expected, succeeded):
    """Return what the report must say about the points.

    :param dict expected: what :func:`recount_pickup` returned.
    :param bool succeeded: nothing of a campaign that failed reaches a point.
    :rtype: dict
    """
    happened = 1 if succeeded else 0
    return {
        **{name: expected[name] * happened for name in PICKUP_COUNTS},
        "fees": yuan(expected["fees"] * happened),
        "given_back": {
            name: yuan(fen * happened) for name, fen in expected["given_back"].items()
        },
    }


def differences(entry, expected, offers, names, succeeded):
    """Compare a campaign of the report with the recount.

    :param dict entry: a campaign of demo-report.json.
    :param dict expected: what :func:`recount`, and where goods are received and
        collected :func:`recount_pickup`, returned.
    :param dict offers: item key → Offer.
    :param dict names: item key → name in the report.
    :param bool succeeded: a campaign that failed returns everything.
    :return: one sentence for each figure that differs.
    :rtype: list[str]
    """
    refunded = expected["refunded"] if succeeded else expected["charged"]
    invoiced = expected["invoiced"] if succeeded else 0
    wanted = {
        "state": "done" if succeeded else "failed",
        "people": expected["orders"],
        "orders": expected["orders"],
        "charged": yuan(expected["charged"]),
        "refunded": yuan(refunded),
        "invoiced": yuan(invoiced),
        "pickups": expected["pickups"] if succeeded else 0,
    }
    if "received" in expected:
        wanted |= get_pickup_figures(expected, succeeded)
    found = [
        f"{entry['name']}: {name} is {entry.get(name)}, the file and the rules say "
        f"{value}"
        for name, value in wanted.items()
        if entry.get(name) != value
    ]
    lines = {line["product"]: line for line in entry["lines"]}
    if len(lines) != len(expected["lines"]):
        found.append(
            f"{entry['name']}: {len(lines)} products, the file has "
            f"{len(expected['lines'])}"
        )
    for key, tally in expected["lines"].items():
        line = lines.get(names[key], {})
        offer = offers[key]
        wanted = {
            "start_price": yuan(offer.start_price),
            "measure": offer.measure,
            "sold_qty": tally["sold"],
            "final_price": yuan(tally["final_price"]),
            "tiers": [
                {
                    "threshold": (
                        yuan(threshold) if offer.measure == "amount" else threshold
                    ),
                    "price": yuan(price),
                }
                for threshold, price in offer.tiers
            ],
        }
        found += [
            f"{entry['name']}, {names[key]}: {name} is {line.get(name)}, the file and "
            f"the tiers say {value}"
            for name, value in wanted.items()
            if line.get(name) != value
        ]
    return found
