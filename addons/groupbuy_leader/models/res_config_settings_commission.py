# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    groupbuy_commission_plan_id = fields.Many2one(
        related="company_id.groupbuy_commission_plan_id", readonly=False
    )
    groupbuy_koc_plan_id = fields.Many2one(
        related="company_id.groupbuy_koc_plan_id", readonly=False
    )
    groupbuy_settlement_approval_amount = fields.Monetary(
        related="company_id.groupbuy_settlement_approval_amount",
        currency_field="groupbuy_commission_currency_id",
        readonly=False,
    )
    groupbuy_adjustment_approval_amount = fields.Monetary(
        related="company_id.groupbuy_adjustment_approval_amount",
        currency_field="groupbuy_commission_currency_id",
        readonly=False,
    )
    groupbuy_commission_journal_id = fields.Many2one(
        related="company_id.groupbuy_commission_journal_id", readonly=False
    )
    groupbuy_commission_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of Commissions"
    )
