# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import point
from . import board
from . import check_in
from . import scan

# --- codes and verification
from . import pickup_code
from . import receipt

# --- cases and reviews
from . import case
from . import review
