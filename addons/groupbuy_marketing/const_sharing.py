# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Names and limits of sharing."""

import re

# The cookie that remembers by whose link a visitor came, and the one that makes visits
# of the same visitor one visit. Both hold random or one-way values only.
LINK_COOKIE = "groupbuy_share"
VISITOR_COOKIE = "groupbuy_visitor"
LINK_DAYS = 30
VISITOR_DAYS = 365

# What a token of a link, and the value of a visitor's cookie, look like.
TOKEN = re.compile(r"[A-Za-z0-9_-]{12,64}")

# New visitors of one link, from one address, in one day: a family and its neighbours
# behind one router, but not a script that throws its cookies away.
VISITORS_PER_ADDRESS = 20
