# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The rules of the monthly assessment. Pure functions: no record, no cursor."""

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

# Rounding noise of a rate is no reason to fall out of a tier.
EPSILON = 1e-6


@dataclass(frozen=True)
class Standing:
    """Where a leader stands when a month is assessed.

    :param int rank: index of the current tier, 0 is the best.
    :param list met: for each tier, the best first, whether its conditions are met.
    :param bool is_new: whether the leader came within the months looked at.
    :param bool is_held: whether the staff decided on the tier for now.
    :param date month: first day of the month assessed.
    :param date today: the day on which it is assessed.
    :param date deadline: until when a warned leader has to improve; None if not warned.
    :param int grace_months: whole months that a warning leaves.
    """

    rank: int
    met: tuple
    is_new: bool
    is_held: bool
    month: date
    today: date
    deadline: date | None
    grace_months: int


def unmet_conditions(conditions, figures):
    """Return the conditions that figures do not meet.

    A figure that nobody can tell, None, is not counted.

    :param dict conditions: Name of a figure → (">=" or "<=", value).
    :param dict figures: Name of a figure → value or None.
    :return: (figure, operator, required, actual) of each.
    :rtype: list[tuple]
    """
    unmet = []
    for figure, (operator, required) in conditions.items():
        actual = figures.get(figure)
        if actual is None:
            continue
        short = required - actual if operator == ">=" else actual - required
        if short > EPSILON:
            unmet.append((figure, operator, required, actual))
    return unmet


def month_of(day):
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(month):
    """Return the first day of the month after."""
    return month_of(month) + relativedelta(months=1)


def months_to_assess(start, last_assessed, today):
    """Return the months that have ended and were not assessed yet, oldest first.

    :param date start: The day on which the leader began.
    :param date last_assessed: First day of the last assessed month, or None.
    :param date today: The current day in the company's time zone.
    :rtype: list[date]
    """
    month = next_month(last_assessed) if last_assessed else month_of(start)
    months = []
    while next_month(month) <= today:
        months.append(month)
        month = next_month(month)
    return months


def decide(standing):
    """Return what a month's figures mean for a leader.

    Up at once, and to the best tier whose conditions are met; who is new can only
    rise. Down only after a
    warning whose deadline has passed: to the best lower tier whose conditions are
    met, else to the lowest; who misses the conditions of the lowest leaves. The
    deadline is counted from the day of the warning, so that a month which is caught
    up late takes nobody's time to improve.

    :param Standing standing: Where the leader stands.
    :return: The decision ("up", "keep", "warn", "down" or "exit"), the rank after it,
        and the deadline of the warning or None.
    :rtype: tuple[str, int, date | None]
    """
    rank = standing.rank
    if standing.is_held:
        return "keep", rank, None
    better = next((index for index in range(rank) if standing.met[index]), None)
    if better is not None:
        return "up", better, None
    if standing.met[rank] or standing.is_new:
        return "keep", rank, None
    if not standing.deadline:
        return "warn", rank, _get_deadline(standing)
    # The month in which the deadline falls is the last that counts.
    if next_month(standing.month) <= standing.deadline:
        return "warn", rank, standing.deadline
    for index in range(rank + 1, len(standing.met)):
        if standing.met[index]:
            return "down", index, None
    if rank < len(standing.met) - 1:
        return "down", len(standing.met) - 1, None
    return "exit", rank, None


def _get_deadline(standing):
    """Return the last day of the whole months that a warning leaves."""
    return (
        month_of(standing.today)
        + relativedelta(months=standing.grace_months)
        - relativedelta(days=1)
    )
