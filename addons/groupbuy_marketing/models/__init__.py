# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_campaign

# --- team campaigns

# --- flash sales

# --- coupons and promotions

# --- invitations

# --- tasks, lottery, check-in

# --- points, levels, membership, segments
from . import delivery_carrier_membership
from . import groupbuy_campaign_access
from . import groupbuy_job_points
from . import groupbuy_level
from . import groupbuy_level_change
from . import groupbuy_membership
from . import groupbuy_membership_recognition
from . import groupbuy_points_entry
from . import groupbuy_segment
from . import groupbuy_standing
from . import loyalty_program_points
from . import loyalty_reward_exchange
from . import payment_transaction_membership
from . import product_template_membership
from . import res_company_membership
from . import res_partner_points
from . import sale_order_level
from . import sale_order_membership
from . import sale_order_points
from . import stock_picking_points

# --- sharing
