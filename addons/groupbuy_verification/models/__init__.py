# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_pickup_point
from . import stock_picking

# --- codes and verification
from . import groupbuy_campaign_unclaimed
from . import groupbuy_job_unclaimed
from . import groupbuy_pickup_code
from . import groupbuy_pickup_code_unclaimed
from . import groupbuy_scan_attempt
from . import groupbuy_verification
from . import groupbuy_verification_conflict
from . import groupbuy_verification_line
from . import groupbuy_verification_list
from . import groupbuy_verification_parcel
from . import groupbuy_verification_undo
from . import mail_mail
from . import product_template
from . import res_company
from . import res_config_settings
from . import sale_order_line
from . import sale_order_pickup
from . import sale_order_unclaimed
from . import stock_move
from . import stock_picking_unclaimed

# --- receipt at the point
from . import account_move_line_receipt
from . import account_move_receipt
from . import groupbuy_campaign_line_receipt
from . import groupbuy_campaign_receipt
from . import groupbuy_job_receipt
from . import groupbuy_pickup_point_receipt
from . import groupbuy_receipt
from . import groupbuy_receipt_allotment
from . import groupbuy_receipt_claim
from . import groupbuy_receipt_line
from . import groupbuy_replacement_offer
from . import purchase_order_line_receipt
from . import sale_order_line_receipt
from . import sale_order_receipt
from . import stock_picking_receipt
from . import stock_scrap

# --- cases and reviews
from . import groupbuy_job_case
from . import groupbuy_case
from . import groupbuy_case_type
from . import groupbuy_case_line
from . import groupbuy_case_outcome
from . import groupbuy_case_actions
from . import groupbuy_reviewed_mixin
from . import groupbuy_review
from . import groupbuy_review_line
from . import groupbuy_campaign_case
from . import groupbuy_campaign_review
from . import groupbuy_pickup_point_case
from . import groupbuy_pickup_point_review
from . import ir_http
from . import product_template_review
from . import res_company_case
from . import res_company_review
from . import res_config_settings_case
from . import res_config_settings_review
from . import res_partner_review
from . import sale_order_case
from . import sale_order_line_case
from . import sale_order_review
from . import stock_move_case
from . import stock_picking_case
from . import stock_picking_review
from . import survey_user_input

# --- scan pages and live board
from . import groupbuy_board
from . import groupbuy_check_in
from . import groupbuy_pickup_point_check_in
from . import groupbuy_pickup_point_live
from . import groupbuy_verification_live
from . import ir_websocket
from . import stock_picking_live
