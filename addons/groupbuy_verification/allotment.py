# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who gets less when less arrives than was ordered: pure functions.

Quantities are counted in whole steps (pieces, or the finest part of the unit), so that
what is allotted adds up exactly.
"""

from collections.abc import Hashable
from dataclasses import dataclass

PAYMENT_ORDER = "payment"
PROPORTIONAL = "proportional"


@dataclass(frozen=True)
class Demand:
    """What one order line waits for.

    :param key: What the demand is of; unique.
    :param quantity: In the product's unit.
    :param rank: Sorts demands by payment, the first to have paid first.
    """

    key: Hashable
    quantity: float
    rank: tuple


def allot(shortage: float, demands: list[Demand], rule: str, step: float) -> dict:
    """Return by how much each demand is reduced so that the rest can be met.

    Two rules:

    - Payment order: who paid first is served first, so the last bear the shortage.
    - Proportional: everybody gets the same share, by the method of largest
      remainders (A. Hamilton 1792; M. L. Balinski and H. P. Young, "Fair
      Representation", 1982, chapter 2): the whole steps of each exact share first,
      then one more step each for the largest remainders, on equal remainders for
      who paid first. Nobody is a whole step away from the exact share, and who
      ordered more never gets less. A shortage that grows may give a single step back
      to somebody (the Alabama paradox); no rule of whole steps keeps all three.

    :param shortage: What is missing, in the unit of the demands.
    :param demands: Who waits for what.
    :param rule: `PAYMENT_ORDER` or `PROPORTIONAL`.
    :param step: The smallest part that is handed out, such as 1 or 0.01.
    :return: Key → reduction above zero, at most the demand. They add up to the
        shortage, or to all demands when these are less.
    :raise ValueError: If there is no such rule.
    """
    ordered = sorted(demands, key=lambda demand: demand.rank)
    wanted = [_to_steps(demand.quantity, step) for demand in ordered]
    missing = min(_to_steps(shortage, step), sum(wanted))
    if rule == PAYMENT_ORDER:
        served = _serve_in_order(wanted, sum(wanted) - missing)
    elif rule == PROPORTIONAL:
        served = _serve_in_proportion(wanted, sum(wanted) - missing)
    else:
        raise ValueError(f"There is no rule {rule!r}")
    return {
        demand.key: (steps - given) * step
        if step >= 1
        else (steps - given) / (1 / step)
        for demand, steps, given in zip(ordered, wanted, served, strict=True)
        if steps > given
    }


def _to_steps(quantity: float, step: float) -> int:
    return max(round(quantity / step), 0)


def _serve_in_order(wanted: list[int], available: int) -> list[int]:
    served = []
    for steps in wanted:
        served.append(min(steps, available))
        available -= served[-1]
    return served


def _serve_in_proportion(wanted: list[int], available: int) -> list[int]:
    total = sum(wanted)
    if not total:
        return [0] * len(wanted)
    # Whole numbers throughout: two remainders are equal only when they really are.
    served = [steps * available // total for steps in wanted]
    by_remainder = sorted(
        range(len(wanted)), key=lambda i: (-(wanted[i] * available % total), i)
    )
    for index in by_remainder[: available - sum(served)]:
        served[index] += 1
    return served
