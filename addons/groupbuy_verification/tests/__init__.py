# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_board
from . import test_check_in
from . import test_point_portal
from . import test_scan
from . import test_scan_tours

# --- codes and verification
from . import test_pickup_code
from . import test_verification
from . import test_verification_unclaimed
