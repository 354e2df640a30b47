# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_board
from . import test_check_in
from . import test_order_tours
from . import test_point_portal

# --- codes and verification
from . import test_pickup_code
from . import test_scan
from . import test_scan_tours
from . import test_verification

# --- receipt at the point
from . import test_receipt
from . import test_receipt_allotment
from . import test_receipt_portal
from . import test_receipt_replacement
from . import test_receipt_speed
from . import test_receipt_tours

# --- cases and reviews
from . import test_case
from . import test_case_outcome
from . import test_review
from . import test_case_portal
from . import test_case_tours
from . import test_verification_unclaimed
from . import test_point_hooks
