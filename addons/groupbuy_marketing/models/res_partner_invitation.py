# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re

from odoo import models

# What the Chinese postal service and residents write differently is not looked at:
# spaces, punctuation, case.
NOT_WORD = re.compile(r"[\W_]+")


def normalise_phone(number, country_code=None):
    """Return a telephone number in the form in which two of them can be compared.

    The digits without the prefix of international calls, the country's own code and
    the leading zeros of national ones: "+86 138 0013 8000", "0086-13800138000" and
    "138 0013 8000" are the same.

    :param str number: As somebody typed it; may be empty.
    :param int country_code: Calling code of the resident's country, such as 86.
    :return: Digits, or an empty string where there are too few for a number.
    :rtype: str
    """
    text = str(number or "").strip()
    digits = "".join(char for char in text if char.isdecimal())
    # Full-width digits are digits, too.
    digits = "".join(str(int(char)) for char in digits)
    is_international = text.startswith(("+", "＋", "00"))
    digits = digits.removeprefix("00")
    code = str(country_code or "")
    # Without a sign of an international number, the code is taken for one only where
    # a whole number is left: "861380..." but not a number that begins like it.
    if code and digits.startswith(code) and (is_international or len(digits) > 11):
        digits = digits.removeprefix(code)
    digits = digits.lstrip("0")
    return digits if len(digits) >= 6 else ""


def normalise_text(*parts):
    """Return texts joined, without case, spaces and punctuation.

    :rtype: str
    """
    return NOT_WORD.sub("", "|".join(part or "" for part in parts)).casefold()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _groupbuy_get_phone_key(self):
        """Return the resident's telephone number, to be compared with another's.

        :rtype: str
        """
        self.ensure_one()
        return normalise_phone(self.phone, self.country_id.phone_code)

    def _groupbuy_get_address_key(self):
        """Return the resident's address, to be compared with another's.

        :return: Empty where the street is not known: a town is no address.
        :rtype: str
        """
        self.ensure_one()
        if not (self.street or "").strip():
            return ""
        return normalise_text(self.street, self.street2, self.city)

    def _groupbuy_get_masked_name(self):
        """Return how an invited resident is shown to who invited.

        As joiners are shown on a campaign's page; of who signed up with a mail address
        as the name, the first letter only.

        :rtype: str
        """
        self.ensure_one()
        name = self._groupbuy_public_name()
        return f"{name[0]}**" if "@" in name else name
