# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_pickup_point
from . import stock_picking

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
from . import stock_return_picking_case
from . import survey_user_input
