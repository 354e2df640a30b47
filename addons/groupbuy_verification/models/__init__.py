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
from . import stock_return_picking

# --- scan pages and live board
from . import groupbuy_board
from . import groupbuy_check_in
from . import groupbuy_pickup_point_check_in
from . import groupbuy_pickup_point_live
from . import groupbuy_verification_live
from . import ir_websocket
from . import stock_picking_live
