# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_campaign

# --- team campaigns

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

# --- sharing
