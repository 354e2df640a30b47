# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_allowance
from . import test_campaign_life
from . import test_closing
from . import test_coupons
from . import test_give_back
from . import test_groupbuy_line_import
from . import test_groupbuy_paper
from . import test_groupbuy_reconciliation
from . import test_groupbuy_report
from . import test_joining
from . import test_journal_items
from . import test_least_privilege
from . import test_payments
from . import test_pickup_point
from . import test_query_counts
from . import test_shop_routes
from . import test_supply
from . import test_texts
from . import test_tours
from . import test_views
