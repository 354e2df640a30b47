# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import test_closing, test_joining, test_supply
from . import test_groupbuy_line_import
from . import test_groupbuy_paper
from . import test_groupbuy_reconciliation
from . import test_groupbuy_report
from . import test_pickup_point
from . import test_texts
from . import test_tours
from . import test_views
