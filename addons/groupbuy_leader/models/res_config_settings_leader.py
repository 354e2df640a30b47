# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    groupbuy_invitation_amount = fields.Monetary(
        related="company_id.groupbuy_invitation_amount",
        readonly=False,
        currency_field="currency_id",
    )
    groupbuy_invitation_max = fields.Monetary(
        related="company_id.groupbuy_invitation_max",
        readonly=False,
        currency_field="currency_id",
    )
    groupbuy_invitation_days = fields.Integer(
        related="company_id.groupbuy_invitation_days", readonly=False
    )
