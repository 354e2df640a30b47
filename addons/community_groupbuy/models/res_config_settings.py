# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    groupbuy_hold_minutes = fields.Integer(
        related="company_id.groupbuy_hold_minutes",
        readonly=False,
    )
    groupbuy_payment_minutes = fields.Integer(
        related="company_id.groupbuy_payment_minutes",
        readonly=False,
    )
    groupbuy_tz = fields.Selection(
        related="company_id.partner_id.tz",
        string="Campaign Time Zone",
        readonly=False,
    )
    groupbuy_alert_user_id = fields.Many2one(
        related="company_id.groupbuy_alert_user_id",
        readonly=False,
    )
    groupbuy_wallet_program_id = fields.Many2one(
        related="company_id.groupbuy_wallet_program_id",
        readonly=False,
    )
