# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_point_portal

# --- cases and reviews
from . import test_case
from . import test_case_outcome
from . import test_review
from . import test_case_portal
from . import test_case_tours
