# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_campaign

# --- team campaigns
from . import groupbuy_team_seat
from . import groupbuy_team
from . import groupbuy_campaign_team
from . import groupbuy_campaign_line_team
from . import groupbuy_hold_team
from . import groupbuy_job_team
from . import groupbuy_pickup_point_team
from . import sale_order_team
from . import sale_order_line_team
from . import sale_order_team_portal
from . import groupbuy_team_website

# --- flash sales
from . import groupbuy_campaign_flash
from . import groupbuy_campaign_line_flash
from . import groupbuy_flash_gate
from . import groupbuy_flash_rate
from . import groupbuy_flash_ticket
from . import groupbuy_waitlist_flash
from . import ir_http_flash
from . import sale_order_flash

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
from . import groupbuy_share_link
from . import groupbuy_share_visit
from . import groupbuy_poster
from . import groupbuy_campaign_poster
from . import groupbuy_comment
from . import groupbuy_message
from . import groupbuy_message_recipient
from . import link_tracker_click_share
from . import res_company_messages
from . import res_partner_messages
from . import sale_order_share
from . import utm_campaign_share
