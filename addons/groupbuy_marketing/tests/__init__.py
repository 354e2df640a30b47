# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

# --- team campaigns
from . import test_team
from . import test_team_pages
from . import test_team_tours

# --- flash sales
from . import test_flash_queue
from . import test_flash_routes
from . import test_flash_sale
from . import test_flash_tours

# --- coupons and promotions
from . import test_coupon_rules
from . import test_merchant_coupons
from . import test_merchant_tours

# --- invitations
from . import test_invitation_pages
from . import test_invitation_tours
from . import test_invitations
from . import test_trials

# --- tasks, lottery, check-in
from . import test_check_in
from . import test_lottery
from . import test_price_right
from . import test_tasks
from . import test_tasks_pages
from . import test_tasks_tours

# --- points, levels, membership, segments
from . import test_levels
from . import test_membership
from . import test_points
from . import test_points_tours

# --- sharing
from . import test_comments
from . import test_messages
from . import test_poster
from . import test_sharing
from . import test_sharing_tours
