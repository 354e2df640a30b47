# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Constants that several models share."""

# States of a campaign in which a resident's money or goods are still under way.
ACTIVE_STATES = ("scheduled", "open", "closing", "succeeded", "delivering")

# An order counts for tiers and success conditions in these states.
JOINED_STATES = ("waiting", "confirmed")

# The largest quantity that a resident may ask for in one line. It keeps typing
# errors and forged requests away from the quota and from numeric overflows.
MAX_QUANTITY = 9999

# Who bears what is given back after a group has succeeded.
BEARERS = [
    ("platform", "Platform"),
    ("supplier", "Supplier"),
    ("carrier", "Carrier"),
    ("warehouse", "Warehouse"),
    ("leader", "Leader"),
]

# Orders confirmed in one transaction. Larger slices save little and make a
# failure, which is then isolated order by order, dearer.
CONFIRM_SLICE = 200

# Money jobs prepared in one transaction, before each is sent on its own.
MONEY_SLICE = 50

# Minutes to wait before the next attempt of a failed job, by number of attempts.
RETRY_MINUTES = (1, 5, 15, 60, 240)
MAX_ATTEMPTS = len(RETRY_MINUTES) + 1

# What only our own code may do is marked in the context with this object: the keys
# `groupbuy_confirm` (confirm a group order) and `groupbuy_system_write` (write the
# state of a campaign, or what its joiners were promised). A context that arrives by RPC
# holds what JSON can say, and nothing that JSON can say is this object: see
# `utils.has_privilege`.
PRIVILEGE = object()


class Reservations(dict):
    """What move lines that are made together reserve: (product, location) → quantity.

    A class of its own, so that no context that arrives by RPC can hold one.
    """
