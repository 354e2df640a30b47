# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyJob(models.Model):
    _inherit = "groupbuy.job"

    reason = fields.Selection(
        selection_add=[("right", "The low price had been used already")],
        ondelete={"right": "set null"},
    )
