# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_leader
from . import groupbuy_leader_tier
from . import groupbuy_pickup_point
from . import res_partner
from . import sale_order

# --- leaders: applications, tiers, assessment, binding
from . import delivery_carrier
from . import groupbuy_campaign
from . import groupbuy_leader_application
from . import groupbuy_leader_application_check
from . import groupbuy_leader_application_hours
from . import groupbuy_leader_assess
from . import groupbuy_leader_assessment
from . import groupbuy_leader_binding
from . import groupbuy_leader_check_item
from . import groupbuy_leader_consent
from . import groupbuy_leader_exit
from . import groupbuy_leader_invitation
from . import groupbuy_leader_invitation_bonus
from . import groupbuy_leader_paper
from . import groupbuy_leader_paper_type
from . import res_company_leader
from . import res_config_settings_leader
from . import res_users
from . import stock_picking_invitation

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

# --- portal of a leader
from . import groupbuy_leader_announcement
from . import groupbuy_leader_day_off
from . import groupbuy_leader_message
from . import groupbuy_leader_messaging
from . import groupbuy_leader_news
from . import groupbuy_leader_portal
from . import sale_order_announcement
