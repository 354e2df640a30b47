# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_case_decide
from . import groupbuy_verification_undo
from . import stock_return_picking
from . import stock_return_picking_line
