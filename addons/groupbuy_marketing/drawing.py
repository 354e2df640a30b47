# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Draws that anybody can recompute: pure functions, no record, no cursor.

1. When a draw is published, 32 random bytes are drawn: the *seed*. Their SHA-256 is
   shown from then on, the seed itself is not: it can no longer be exchanged.
2. When the draw is due, the tickets are numbered. The *list* of all tickets is a text
   of one line for each, in the order of their numbers: number, participant and code,
   separated by a space, and a line feed. Its SHA-256 in hexadecimal is the *digest*.
3. Random numbers are made of blocks: block n, from 0, is the HMAC-SHA256 of the text
   "digest:n" under the seed, read as an integer, most significant byte first. A number
   below m is the next block modulo m; blocks of floor(2^256 / m) x m or more are
   skipped, so that each number is equally likely.
4. The prizes are given out in their order. For each a ticket is taken from the list of
   those that are left, by a number below their count, and removed; the others close
   up. Where a participant wins once at most, a ticket of somebody who has won already
   is removed, and another one is taken for the same prize.

`static/src/verify/verify_draw.py` says the same once more, for everybody.
"""

import hashlib
import hmac
import secrets

_BLOCK_RANGE = 1 << 256


def make_seed():
    """Return a new seed: 32 random bytes of the operating system, in hexadecimal.

    :rtype: str
    """
    return secrets.token_bytes(32).hex()


def get_commitment(seed):
    """Return what is published of a seed before the draw.

    :param str seed: Hexadecimal.
    :return: SHA-256 of the seed's bytes, in hexadecimal.
    :rtype: str
    """
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def get_list_text(tickets):
    """Return the list of tickets as it is published.

    :param tickets: Triples (number, participant, code), in the order of the numbers.
    :rtype: str
    """
    return "".join(
        f"{number} {participant} {code}\n" for number, participant, code in tickets
    )


def get_list_digest(text):
    """Return the SHA-256 of a published list, in hexadecimal.

    :param str text: See :func:`get_list_text`.
    :rtype: str
    """
    return hashlib.sha256(text.encode()).hexdigest()


class Numbers:
    """Random numbers that follow from a seed and a list of tickets.

    :param str seed: Hexadecimal.
    :param str digest: See :func:`get_list_digest`.
    """

    def __init__(self, seed, digest):
        self._key = bytes.fromhex(seed)
        self._digest = digest
        self._block = 0

    def below(self, bound):
        """Return the next number from 0 to bound - 1, each equally likely.

        :param int bound: One or more.
        :rtype: int
        """
        limit = _BLOCK_RANGE // bound * bound
        while True:
            value = self._next_block()
            if value < limit:
                return value % bound

    def _next_block(self):
        message = f"{self._digest}:{self._block}".encode()
        self._block += 1
        block = hmac.new(self._key, message, hashlib.sha256).digest()
        return int.from_bytes(block, "big")


def draw(seed, digest, participants, units, wins_once):
    """Return which tickets win.

    :param str seed: Hexadecimal.
    :param str digest: See :func:`get_list_digest`.
    :param list participants: Of each ticket, in the order of the numbers.
    :param int units: How many prizes there are.
    :param bool wins_once: Whether a participant wins one prize at most.
    :return: Positions in `participants`, the winner of the first prize first; fewer
        than `units` when there are not enough tickets.
    :rtype: list[int]
    """
    numbers = Numbers(seed, digest)
    left = list(range(len(participants)))
    winners, happy = [], set()
    while left and len(winners) < units:
        position = left.pop(numbers.below(len(left)))
        if wins_once and participants[position] in happy:
            continue
        happy.add(participants[position])
        winners.append(position)
    return winners
