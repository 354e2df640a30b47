# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    groupbuy_undo_minutes = fields.Integer(
        related="company_id.groupbuy_undo_minutes", readonly=False
    )
    groupbuy_scan_window_minutes = fields.Integer(
        related="company_id.groupbuy_scan_window_minutes", readonly=False
    )
    groupbuy_scan_limit_user = fields.Integer(
        related="company_id.groupbuy_scan_limit_user", readonly=False
    )
    groupbuy_scan_limit_point = fields.Integer(
        related="company_id.groupbuy_scan_limit_point", readonly=False
    )
    groupbuy_scan_limit_address = fields.Integer(
        related="company_id.groupbuy_scan_limit_address", readonly=False
    )
    groupbuy_scan_pause_minutes = fields.Integer(
        related="company_id.groupbuy_scan_pause_minutes", readonly=False
    )
    groupbuy_receipt_days_chilled = fields.Integer(
        related="company_id.groupbuy_receipt_days_chilled", readonly=False
    )
    groupbuy_receipt_days_ambient = fields.Integer(
        related="company_id.groupbuy_receipt_days_ambient", readonly=False
    )
