# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When somebody's active hour comes next: no record, no cursor."""

from datetime import datetime, time, timedelta

import pytz


def next_active_moment(moment, hour, tz):
    """Return the next moment at which a resident is active.

    A moment within the hour is that moment. In a night of clock change an hour that
    does not exist is the one after it; of one that comes twice it is the second.

    :param datetime moment: Naive UTC.
    :param int hour: From 0 to 23, in the zone.
    :param str tz: Name of the time zone.
    :return: Naive UTC, not before the moment.
    :rtype: datetime
    """
    zone = pytz.timezone(tz or "UTC")
    local = pytz.utc.localize(moment).astimezone(zone)
    if local.hour == hour:
        return moment
    day = local.date()
    if local.hour > hour:
        day += timedelta(days=1)
    # `normalize` moves a time that a clock change skips to the one that exists.
    begins = zone.normalize(zone.localize(datetime.combine(day, time(hour))))
    return max(begins.astimezone(pytz.utc).replace(tzinfo=None), moment)
