# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import groupbuy_message_recipient
from . import groupbuy_segment
from . import mailing_mailing
from . import mailing_trace
