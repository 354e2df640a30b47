# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Codes that people read, type and say: pure functions, no record, no cursor.

A code is 45 bits in Crockford's base 32 (D. Crockford, "Base 32") and one check
character: the number modulo 37. Of the 37 check symbols only the 32 that are letters
and digits of the alphabet are used; a number whose check symbol is another one is not
a code, and a new one is drawn.
"""

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 45
LENGTH = BITS // 5
CHECK_MODULUS = 37

# Read as what it looks like; what people put between groups is dropped.
_CONFUSED = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = frozenset(" -_.\t\u00a0\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
# Nobody types more than this, and nothing longer is worth looking at.
MAX_TYPED = 40


def encode(number):
    """Return the code of a number.

    :param int number: From 0 to 2**45 − 1.
    :return: Ten characters without a separator; None when the number's check
        character is not a letter or digit: draw another number.
    :rtype: str | None
    """
    if not 0 <= number < 1 << BITS:
        raise ValueError(f"{number} does not have {BITS} bits")
    check = number % CHECK_MODULUS
    if check >= len(ALPHABET):
        return None
    characters = [ALPHABET[number >> shift & 31] for shift in range(BITS - 5, -1, -5)]
    return "".join(characters) + ALPHABET[check]


def parse(text):
    """Read a code that somebody typed.

    Accepts lower case, full-width letters, blanks and dashes, and O, I and L for what
    they look like.

    :param text: Anything.
    :return: The code as :func:`encode` returns it; None when it cannot be one, which
        includes a wrong check character.
    :rtype: str | None
    """
    if not isinstance(text, str) or len(text) > MAX_TYPED:
        return None
    text = unicodedata.normalize("NFKC", text).upper()
    text = "".join(char for char in text if char not in _SEPARATORS)
    text = text.translate(_CONFUSED)
    if len(text) != LENGTH + 1 or any(char not in ALPHABET for char in text):
        return None
    number = 0
    for char in text[:LENGTH]:
        number = number << 5 | ALPHABET.index(char)
    return text if encode(number) == text else None


def format_code(text):
    """Return a code as it is shown: two groups of five.

    :param str text: Ten characters.
    :rtype: str
    """
    return f"{text[:5]}-{text[5:]}"
