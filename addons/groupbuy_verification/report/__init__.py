# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_paper_receipt
from . import groupbuy_paper_unclaimed
from . import groupbuy_return_report
from . import groupbuy_survey_report
