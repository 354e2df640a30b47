# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The periods of settlements: pure functions over calendar days.

A period is a pair of its first and its last day, both inclusive. The periods of a kind
cover every day of the calendar exactly once: weeks begin on Monday (ISO 8601), halves
of a month on the 1st and the 16th, months on the 1st.
"""

import calendar
from datetime import date, datetime, time, timedelta

import pytz

KINDS = ("week", "half_month", "month")
Period = tuple[date, date]


def get_period(kind: str, day: date) -> Period:
    """Return the period that a day lies in.

    :param kind: one of `KINDS`
    :raises ValueError: if there is no such kind
    """
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    last = calendar.monthrange(day.year, day.month)[1]
    if kind == "month":
        return day.replace(day=1), day.replace(day=last)
    if kind == "half_month":
        if day.day <= 15:
            return day.replace(day=1), day.replace(day=15)
        return day.replace(day=16), day.replace(day=last)
    raise ValueError(kind)


def get_last_complete(kind: str, today: date) -> Period:
    """Return the latest period that is over when a day begins."""
    first, _last = get_period(kind, today)
    return get_period(kind, first - timedelta(days=1))


def to_utc(day: date, zone: str) -> datetime:
    """Return when a day begins in a time zone, as a naive time in UTC.

    In the few zones where clocks are changed at midnight, the later of two beginnings
    counts, and where the hour is left out, the moment in which it would have been.
    """
    tz = pytz.timezone(zone)
    local = tz.localize(datetime.combine(day, time.min), is_dst=False)
    return local.astimezone(pytz.utc).replace(tzinfo=None)


def get_end(period: Period, zone: str) -> datetime:
    """Return the moment in UTC at which a period is over: the next day's beginning."""
    return to_utc(period[1] + timedelta(days=1), zone)


def to_day(moment: datetime, zone: str) -> date:
    """Return the calendar day of a naive moment in UTC in a time zone."""
    return pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).date()
