# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_leader
from . import groupbuy_leader_tier
from . import groupbuy_pickup_point
from . import res_partner
from . import sale_order

# --- commission and settlement
from . import account_move_commission
from . import groupbuy_campaign_commission
from . import groupbuy_commission_adjustment
from . import groupbuy_commission_bracket
from . import groupbuy_commission_entry
from . import groupbuy_commission_plan
from . import groupbuy_commission_rule
from . import groupbuy_commission_volume
from . import groupbuy_leader_commission
from . import groupbuy_leader_tier_commission
from . import groupbuy_settlement
from . import groupbuy_settlement_bill
from . import groupbuy_settlement_guard
from . import res_company_commission
from . import res_config_settings_commission
from . import sale_order_commission
