# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Count again, from the baskets and the tiers alone, what the report must say.

Nothing here asks Odoo. A resident is charged the prices that those before have
reached, and pays in the end the lower of that and what all have reached.
"""

from collections import defaultdict
from decimal import Decimal

from .rules import reached_price

CENT = Decimal("0.01")


def yuan(fen):
    """Return fen as the text that the report writes."""
    return str((Decimal(fen) / 100).quantize(CENT))


def recount(rows, offers):
    """Replay baskets on paper.

    :param list rows: for each basket {item key: quantity}, in the order of joining.
    :param dict offers: item key → Offer.
    :return: charged, refunded and invoiced in fen as if the campaign succeeds, the
        number of orders, and by item: sold, people, final_price.
    :rtype: dict
    """
    tallies = {
        key: {"people": 0, "quantity": 0, "amount": 0, "final": offers[key].start_price}
        for key in offers
    }
    joined = defaultdict(list)
    charged = 0
    for row in rows:
        # The prices shown when the basket is filled: before this resident counts.
        shown = {
            key: reached_price(offers[key], tallies[key][offers[key].measure])
            for key in row
        }
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


def differences(entry, expected, offers, names, succeeded):
    """Compare a campaign of the report with the recount.

    :param dict entry: a campaign of demo-report.json.
    :param dict expected: what :func:`recount` returned.
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
        "pickups": expected["orders"] if succeeded else 0,
    }
    found = [
        f"{entry['name']}: {name} is {entry[name]}, the file and the tiers say {value}"
        for name, value in wanted.items()
        if entry[name] != value
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
