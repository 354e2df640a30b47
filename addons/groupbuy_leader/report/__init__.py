# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_commission_check
from . import groupbuy_commission_report
from . import groupbuy_settlement_reconciliation
from . import groupbuy_statement
from . import report_groupbuy_statement
