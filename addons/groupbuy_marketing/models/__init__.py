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

# --- coupons and promotions

# --- invitations

# --- tasks, lottery, check-in

# --- points, levels, membership, segments

# --- sharing
