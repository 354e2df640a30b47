# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# --- codes and verification
from . import groupbuy_verification_undo
from . import groupbuy_case_decide
