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
