# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# --- leaders: applications, tiers, assessment, binding
from . import groupbuy_leader_application_refuse
from . import groupbuy_leader_decision
from . import groupbuy_leader_exit
from . import groupbuy_settlement_export
from . import groupbuy_settlement_reason
from . import groupbuy_settlement_run
