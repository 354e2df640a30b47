# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The arithmetic of commissions: pure functions over exact decimal numbers.

Sources of the formulas:

- *marginal brackets*: a progressive table, as income tax tables are applied
  (each rate to its own slice only; e.g. the comprehensive income table annexed to the
  Individual Income Tax Law of the People's Republic of China);
- *rounding*: half away from zero to the unit of the currency, as Odoo's
  `res.currency.round` does;
- *shares that sum to the cent*: cumulative rounding. The rounded running total is the
  exact one rounded, so each part is the difference of two rounded totals and the parts
  always sum to the rounded whole.
"""

from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

HUNDRED = Decimal(100)


def exact(value: float | int | str | Decimal) -> Decimal:
    """Return a number as the decimal number that it shows, not its binary tail."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def to_unit(value: Decimal, unit: Decimal) -> Decimal:
    """Round half away from zero to a multiple of a unit, such as 0.01.

    :param value: an amount in the currency
    :param unit: the smallest amount of the currency, above zero
    """
    return (value / unit).quantize(Decimal(1), rounding=ROUND_HALF_UP) * unit


def get_percent(base: Decimal, percent: Decimal, unit: Decimal) -> Decimal:
    """Return a percentage of an amount, rounded to the unit of the currency."""
    return to_unit(base * percent / HUNDRED, unit)


def get_marginal(volume: Decimal, brackets: list[tuple[Decimal, Decimal]]) -> Decimal:
    """Return the commission on a volume, not rounded: each rate on its own slice.

    :param volume: untaxed amount in the currency, zero or more
    :param brackets: pairs (inclusive lower bound, percent), the first bound 0, in
        ascending order. Only lower bounds exist, so neither gap nor overlap can.
    """
    bounds = [lower for lower, _percent in brackets] + [None]
    total = Decimal(0)
    for (lower, upper), (_lower, percent) in zip(
        pairwise(bounds), brackets, strict=True
    ):
        if volume <= lower:
            break
        reached = volume if upper is None else min(volume, upper)
        total += (reached - lower) * percent / HUNDRED
    return total


def get_slice(
    before: Decimal,
    amount: Decimal,
    brackets: list[tuple[Decimal, Decimal]],
    unit: Decimal,
) -> Decimal:
    """Return what one sale adds to the commission of a period.

    Cumulative rounding: the sales of a period sum to the rounded commission on their
    total, however it is cut into sales.

    :param before: volume of the period before the sale
    :param amount: untaxed amount of the sale
    """
    after = to_unit(get_marginal(before + amount, brackets), unit)
    return after - to_unit(get_marginal(before, brackets), unit)


def get_kept(
    amount: Decimal,
    base: Decimal,
    taken: Decimal,
    unit: Decimal,
) -> Decimal:
    """Return what is left of a commission when a part of its base was taken back.

    Exactly proportional: the commission on the line is taken back at the line's own
    rate, whatever kind of rule it came from. A caller takes back the difference of
    two such rests, so the parts sum to the cent.

    :param amount: the commission as it was accrued
    :param base: what it was accrued on, above zero
    :param taken: what was taken back of that base until now; more than the base is the
        base
    """
    left = base - min(max(taken, Decimal(0)), base)
    return to_unit(amount * left / base, unit)


def share(total: Decimal, weights: list[Decimal], unit: Decimal) -> list[Decimal]:
    """Divide an amount in proportion to weights; the parts sum to it to the cent.

    :param total: what is divided, a multiple of the unit, of any sign
    :param weights: zero or more each; all zero leaves nothing to divide by, and every
        part is zero
    """
    whole = sum(weights, Decimal(0))
    if not whole:
        return [Decimal(0) for _weight in weights]
    parts, running, given = [], Decimal(0), Decimal(0)
    for weight in weights:
        running += weight
        reached = to_unit(total * running / whole, unit)
        parts.append(reached - given)
        given = reached
    return parts
