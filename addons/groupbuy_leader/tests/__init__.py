# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_leader

# --- commission and settlement
from . import test_commission
from . import test_commission_access
from . import test_commission_history
from . import test_commission_units
from . import test_settlement
from . import test_settlement_tours
