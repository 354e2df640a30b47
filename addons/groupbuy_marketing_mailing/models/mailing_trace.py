# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # By resident and day, for the limit of a week.
    _groupbuy_sent_idx = models.Index(
        "(res_id, sent_datetime) WHERE model = 'res.partner'"
        " AND sent_datetime IS NOT NULL"
    )
