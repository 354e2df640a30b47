# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Moments as people read them: the day of the week, no seconds, no needless year."""

import babel.dates
import pytz

from odoo.tools.misc import babel_locale_parse, get_lang


def _get_locale(env):
    return babel_locale_parse(get_lang(env).code)


def _localize(moment, tz):
    return pytz.utc.localize(moment).astimezone(pytz.timezone(tz or "UTC"))


def _format_day(local, this_year, locale):
    skeleton = "MMMEd" if local.year == this_year else "yMMMEd"
    return babel.dates.format_skeleton(skeleton, local, locale=locale)


def _format_time(local, locale):
    return babel.dates.format_time(local, "short", locale=locale)


def _join(day, time, locale):
    # The language knows whether a comma stands between them.
    pattern = locale.datetime_formats["short"]
    return str(pattern).replace("{1}", day).replace("{0}", time)


def format_moment(env, moment, tz, with_day=True):
    """Return a moment such as "Thu, Nov 26, 8:00 PM", in the language of `env`.

    :param Environment env: Odoo's environment, with the reader's language.
    :param datetime moment: Naive UTC.
    :param str tz: Name of the time zone to show it in.
    :param bool with_day: False for the time alone, when the moment is near.
    :rtype: str
    """
    locale = _get_locale(env)
    local = _localize(moment, tz)
    time = _format_time(local, locale)
    if not with_day:
        return time
    this_year = _localize(env.cr.now(), tz).year
    return _join(_format_day(local, this_year, locale), time, locale)


def format_window(env, start, end, tz):
    """Return a time from one moment to another; a day they share is said once.

    :param Environment env: Odoo's environment, with the reader's language.
    :param datetime start: Naive UTC.
    :param datetime end: Naive UTC.
    :param str tz: Name of the time zone to show them in.
    :rtype: str
    """
    first = format_moment(env, start, tz)
    last = format_moment(
        env, end, tz, with_day=_localize(start, tz).date() != _localize(end, tz).date()
    )
    return f"{first} – {last}"


def format_zone(env, moment, tz):
    """Return how people call a time zone, such as "China Standard Time".

    :param Environment env: Odoo's environment, with the reader's language.
    :param datetime moment: Naive UTC; summer time has another name.
    :param str tz: Name of the time zone.
    :rtype: str
    """
    return babel.dates.get_timezone_name(_localize(moment, tz), locale=_get_locale(env))
