# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    groupbuy_leader_grant_limit = fields.Monetary(
        related="company_id.groupbuy_leader_grant_limit",
        currency_field="groupbuy_currency_id",
        readonly=False,
    )
    groupbuy_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of Group Buying"
    )
    groupbuy_case_program_id = fields.Many2one(
        related="company_id.groupbuy_case_program_id", readonly=False
    )
