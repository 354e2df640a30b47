# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Pure helpers: no record, no cursor."""

import math
import re
from decimal import Decimal

from odoo.tools import float_round

from .const import PRIVILEGE

# Mean radius of the Earth (IUGG).
EARTH_RADIUS_KM = 6371.0088


def reached_price(start_price, tiers, measured):
    """Return the unit price that a measured value has unlocked.

    Thresholds are inclusive: a tier of 10 people is reached by the tenth. The price
    of the highest threshold reached applies; below the first tier the start price
    does. The result never exceeds the start price.

    :param float start_price: Unit price without any tier, tax included.
    :param list[tuple[float, float]] tiers: Pairs (threshold, unit price).
    :param float measured: People, quantity or amount, as the line measures.
    :return: The unit price, in the currency of the prices given.
    :rtype: float
    """
    reached = [
        (threshold, price) for threshold, price in tiers if measured >= threshold
    ]
    return min(start_price, max(reached)[1]) if reached else start_price


def next_tier(tiers, measured):
    """Return the nearest tier that a measured value has not reached yet.

    :param list[tuple[float, float]] tiers: Pairs (threshold, unit price).
    :param float measured: People, quantity or amount, as the line measures.
    :return: The pair (threshold, price) or None when the last tier is reached.
    :rtype: tuple[float, float] | None
    """
    return min(
        ((threshold, price) for threshold, price in tiers if measured < threshold),
        default=None,
    )


def round_up_to_case(quantity, case_size):
    """Return the quantity to buy when the supplier sells whole cases only.

    :param float quantity: What residents ordered, in the product's unit.
    :param float case_size: Units in a case; 0 or 1 means single units.
    :return: The smallest multiple of the case size that covers the quantity.
    :rtype: float
    """
    if not case_size or case_size <= 0 or quantity <= 0:
        return max(quantity, 0.0)
    # Decimal keeps 0.3 / 0.1 from becoming 3 cases and a bit.
    cases = math.ceil(Decimal(str(quantity)) / Decimal(str(case_size)))
    return float_round(cases * case_size, precision_digits=6)


def parse_quantity(value, maximum):
    """Read a quantity that came from a browser.

    :param value: Anything: a number, a text, None.
    :param float maximum: The largest quantity accepted.
    :return: The quantity, or None when the value is not a positive whole number up
        to the maximum (text, NaN, infinity, 0, negative, fractions, too large).
    :rtype: int | None
    """
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(number) or number != int(number):
        return None
    return int(number) if 0 < number <= maximum else None


def parse_id(value):
    """Read a record id that came from a browser.

    :param value: Anything.
    :return: The id, or None when the value cannot be one.
    :rtype: int | None
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and not re.fullmatch(r"\d{1,10}", value):
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number < 2**31 else None


def great_circle_km(latitude1, longitude1, latitude2, longitude2):
    """Return the distance between two places on the Earth.

    The haversine formula on a sphere of the Earth's mean radius (R. W. Sinnott,
    "Virtues of the Haversine", Sky and Telescope 68, 1984).

    :param float latitude1: Degrees, north is positive.
    :param float longitude1: Degrees, east is positive.
    :param float latitude2: Degrees.
    :param float longitude2: Degrees.
    :return: Kilometres.
    :rtype: float
    """
    phi1, phi2 = math.radians(latitude1), math.radians(latitude2)
    half_phi = (phi2 - phi1) / 2
    half_lambda = math.radians(longitude2 - longitude1) / 2
    chord = (
        math.sin(half_phi) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(half_lambda) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def has_privilege(context, name):
    """Return whether our own code, and no browser, put a privilege into a context.

    Anybody who calls a method by RPC chooses its context, so a plain `True` there is
    worth nothing. The value is compared by identity with an object that cannot come
    through JSON.

    :param dict context: The context of an environment.
    :param str name: The key, such as "groupbuy_confirm".
    :rtype: bool
    """
    return context.get(name) is PRIVILEGE


def selection_of(model, name):
    """Return the selection of another field, for a field that keeps one of its values.

    Odoo translates what is a list; what a function returns has to come translated.

    :param str model: The model of the other field.
    :param str name: Its name.
    :rtype: function
    """

    def get_selection(records):
        return records.env[model]._fields[name]._description_selection(records.env)

    return get_selection
