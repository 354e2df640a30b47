# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_pickup_point
from . import stock_picking
from . import groupbuy_board
from . import groupbuy_check_in
from . import groupbuy_pickup_point_check_in
from . import groupbuy_pickup_point_live
from . import ir_websocket
from . import stock_picking_live

# --- codes and verification
from . import groupbuy_campaign_unclaimed
from . import groupbuy_pickup_code
from . import groupbuy_scan_attempt
from . import groupbuy_verification
from . import groupbuy_verification_conflict
from . import groupbuy_verification_line
from . import groupbuy_verification_list
from . import groupbuy_verification_undo
from . import res_company
from . import sale_order_pickup
from . import stock_return_picking
