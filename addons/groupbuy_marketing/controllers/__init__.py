# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

# --- team campaigns
from . import team

# --- flash sales
from . import flash

# --- coupons and promotions
from . import merchant
from . import portal_coupons

# --- invitations
from . import portal_invitations
from . import portal_trials

# --- tasks, lottery, check-in
from . import tasks

# --- points, levels, membership, segments
from . import portal_points

# --- sharing
from . import sharing
