# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_campaign_edit
from . import groupbuy_give_back
from . import groupbuy_line_import
from . import groupbuy_paper_wizard
