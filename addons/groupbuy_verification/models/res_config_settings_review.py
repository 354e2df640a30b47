# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    groupbuy_review_hours = fields.Float(
        related="company_id.groupbuy_review_hours", readonly=False
    )
    groupbuy_survey_id = fields.Many2one(
        related="company_id.groupbuy_survey_id", readonly=False
    )
