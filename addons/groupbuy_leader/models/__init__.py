# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_leader
from . import groupbuy_leader_tier
from . import groupbuy_pickup_point
from . import res_partner
from . import sale_order
