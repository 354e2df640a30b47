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
from . import groupbuy_campaign_coupons
from . import groupbuy_coupon_claim
from . import groupbuy_coupon_counter
from . import groupbuy_coupon_issue
from . import groupbuy_coupon_redemption
from . import groupbuy_job_coupons
from . import loyalty_card_coupons
from . import loyalty_program_coupons
from . import loyalty_reward_coupons
from . import sale_order_coupon_claims
from . import sale_order_coupons

# --- invitations
from . import groupbuy_invitation
from . import groupbuy_invitation_budget
from . import groupbuy_invitation_gift
from . import groupbuy_invitation_link
from . import groupbuy_invitation_program
from . import groupbuy_invitation_reward
from . import groupbuy_job_invitation
from . import groupbuy_points_entry_invitation
from . import groupbuy_trial
from . import loyalty_program_trial
from . import loyalty_reward_invitation
from . import res_partner_invitation
from . import res_users_invitation
from . import sale_order_invitation
from . import sale_order_trial
from . import stock_picking_invitation

# --- tasks, lottery, check-in
from . import groupbuy_reward_mixin
from . import groupbuy_reward_claim_mixin
from . import groupbuy_reward_budget
from . import groupbuy_reward_counter
from . import groupbuy_task
from . import groupbuy_task_event
from . import groupbuy_task_completion
from . import groupbuy_prize
from . import groupbuy_lottery
from . import groupbuy_lottery_line
from . import groupbuy_lottery_ticket
from . import groupbuy_lottery_award
from . import groupbuy_price_right
from . import groupbuy_check_in_event
from . import groupbuy_check_in_visit
from . import groupbuy_job_tasks
from . import groupbuy_points_entry_tasks
from . import sale_order_tasks
from . import sale_order_line_tasks
from . import stock_picking_tasks

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
from . import groupbuy_invitation_link_poster
from . import groupbuy_message
from . import groupbuy_message_recipient
from . import link_tracker_click_share
from . import res_company_messages
from . import res_partner_messages
from . import sale_order_share
from . import utm_campaign_share
