# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_application
from . import test_leader
from . import test_leader_access
from . import test_leader_assessment
from . import test_leader_exit
from . import test_leader_paper
from . import test_tours

# --- commission and settlement
from . import test_commission
from . import test_commission_access
from . import test_commission_history
from . import test_commission_units
from . import test_settlement
from . import test_settlement_tours

# --- portal of a leader
from . import test_leader_portal
from . import test_leader_portal_tours
