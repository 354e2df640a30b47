#!/usr/bin/env python3
# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Recompute who won a draw: python3 verify_draw.py draw.json

draw.json is what the page of the draw offers for download. Nothing but Python is
needed; nothing is asked from any server. Keep the hash that the page showed before the
draw and pass it as the second argument to be sure that it is the same.
"""

import hashlib
import hmac
import json
import sys


def numbers_below(seed, digest):
    """Return a function that makes the next random number below a bound."""
    block = -1

    def below(bound):
        nonlocal block
        while True:
            block += 1
            mac = hmac.new(seed, f"{digest}:{block}".encode(), hashlib.sha256)
            value = int.from_bytes(mac.digest(), "big")
            # A rest that is not a full range would favour the small numbers.
            if value < 2**256 - 2**256 % bound:
                return value % bound

    return below


def recompute(published):
    """Return the numbers of the winning tickets, the first prize first."""
    lines = [f"{number} {who} {code}\n" for number, who, code in published["tickets"]]
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    below = numbers_below(bytes.fromhex(published["seed"]), digest)
    left = list(published["tickets"])
    winners, happy = [], set()
    while left and len(winners) < len(published["prizes"]):
        number, who, _code = left.pop(below(len(left)))
        if who in happy and published["wins_once"]:
            continue
        happy.add(who)
        winners.append(number)
    return digest, winners


def main(path, noted_hash=None):
    """Compare what was published with what follows from it."""
    with open(path, encoding="utf-8") as file:
        published = json.load(file)
    digest, winners = recompute(published)
    seed_hash = hashlib.sha256(bytes.fromhex(published["seed"])).hexdigest()
    numbers = [number for number, _who, _code in published["tickets"]]
    checks = {
        "The seed fits the hash that was published": seed_hash == published["hash"],
        "It is the hash that you noted": noted_hash in (None, seed_hash),
        "The tickets are numbered without a gap": numbers
        == list(range(1, len(numbers) + 1)),
        "The list is the one that was frozen": digest == published["digest"],
        "The winners follow from seed and list": winners == published["winners"],
    }
    for text, is_right in checks.items():
        sys.stdout.write(f"{'ok   ' if is_right else 'WRONG'} {text}\n")
    sys.stdout.write(f"Winning tickets: {', '.join(map(str, winners)) or '-'}\n")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
