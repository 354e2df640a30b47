# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_pickup_point
from . import stock_picking

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
