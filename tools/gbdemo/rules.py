# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Prices and tiers of the demo's campaigns, by rule: see docs/demo.md.

The file of baskets says what residents bought, not at which price. So each item's
price, what its tiers measure and where they lie follow from the digest of its name,
the same on every machine. Money is counted in fen, hundredths of a yuan.
"""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

# So many residents join the campaign that fails for want of one more.
TOO_FEW = 20
# The share of all residents that makes the other one succeed.
SUCCESS_SHARE = 0.6
# With leaders all baskets are collected at the points of so many.
LEADERS = 2
MEASURES = ("people", "quantity", "amount")
# Of the item that most was ordered of at a point, one unit in so many is missing at the
# first point, damaged at the second, missing at the third …
LACKING_ONE_IN = 10
# Each so many-th resident never comes; of the refund so many percent are kept.
UNCLAIMED_EVERY = 20
FEE_PERCENT = 10
# Of so many residents those with these numbers complain; what becomes of it.
COMPLAINT_CYCLE = 60
COMPLAINTS = {5: "refund", 25: "partial", 45: "reject"}


@dataclass(frozen=True)
class Offer:
    """What a campaign offers of one item.

    :param int start_price: fen, tax included.
    :param str measure: people, quantity or amount.
    :param tuple tiers: pairs of threshold (people, units, or fen) and price in fen.
    """

    start_price: int
    measure: str
    tiers: tuple


def digest(key):
    """Return a large number that depends on the item's key and on nothing else."""
    return int.from_bytes(hashlib.sha256(key.encode("utf-8")).digest()[:8], "big")


def make_offer(key, list_price=None):
    """Return the offer of an item.

    :param str key: see :func:`baskets.item_key`.
    :param int list_price: the shop's price in fen, where the shop has the product;
        the campaign starts from it. Without one the price lies between 3.00 and 39.90.
    :rtype: Offer
    """
    number = digest(key)
    start = list_price or 300 + 10 * (number % 370)
    measure = MEASURES[number // 1000 % 3]
    first = 5 + number // 10_000 % 16
    thresholds = [first, 4 * first]
    if measure == "amount":
        thresholds = [-(-threshold * start // 1000) * 1000 for threshold in thresholds]
    discounts = (6 + number // 1_000_000 % 5, 14 + number // 10_000_000 % 8)
    prices = [_to_jiao(start * (100 - percent) // 100) for percent in discounts]
    return Offer(start, measure, tuple(zip(thresholds, prices, strict=True)))


def get_cost(offer):
    """Return what a unit costs us in fen, tax included: well below the last tier."""
    return _to_jiao(min(price for _threshold, price in offer.tiers) * 65 // 100)


def _to_jiao(fen):
    """Round down to tenths of a yuan, as shops write prices; never down to nothing."""
    return max(fen // 10 * 10, 10)


def reached_price(offer, measured):
    """Return the price that a tally reaches; thresholds are inclusive.

    :param measured: people, units, or fen.
    """
    price = offer.start_price
    for threshold, tier_price in offer.tiers:
        if measured >= threshold:
            price = tier_price
    return price


class Arrival(NamedTuple):
    """What goes wrong with the goods of a point.

    :param str kind: short or damaged.
    :param str key: the item.
    :param int units: how many are missing, or damaged.
    """

    kind: str
    key: str
    units: int


def get_arrival(number, ordered):
    """Return what goes wrong with what is brought to a point.

    :param int number: of the point, from 0.
    :param dict ordered: item key → units that were ordered there.
    :rtype: Arrival | None
    """
    if not ordered:
        return None
    key = max(ordered, key=lambda key: (ordered[key], -digest(key)))
    if ordered[key] < 2:
        return None
    units = -(-int(ordered[key]) // LACKING_ONE_IN)
    return Arrival(("short", "damaged")[number % 2], key, units)


def is_unclaimed(number):
    """Tell whether a resident never comes for the goods.

    :param int number: of the basket, from 1.
    """
    return number % UNCLAIMED_EVERY == 0


def get_complaint(number):
    """Return how the complaint of a resident ends, None for the many who have none.

    :param int number: of the basket, from 1.
    :return: refund (the price of a unit), partial (half of it) or reject.
    """
    return COMPLAINTS.get(number % COMPLAINT_CYCLE)
