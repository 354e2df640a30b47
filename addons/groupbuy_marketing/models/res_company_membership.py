# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    groupbuy_membership_notice_days = fields.Integer(
        string="Membership Reminder",
        default=14,
        help="Days before the end of a membership on which its owner is reminded.",
    )
    groupbuy_membership_deferred_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Deferred Membership Income",
        domain="[('account_type', 'in',"
        " ('liability_current', 'liability_non_current'))]",
        check_company=True,
        ondelete="restrict",
    )
    groupbuy_membership_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Journal of Membership Income",
        domain="[('type', '=', 'general')]",
        check_company=True,
        ondelete="restrict",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    groupbuy_membership_notice_days = fields.Integer(
        related="company_id.groupbuy_membership_notice_days", readonly=False
    )
    groupbuy_membership_deferred_account_id = fields.Many2one(
        related="company_id.groupbuy_membership_deferred_account_id", readonly=False
    )
    groupbuy_membership_journal_id = fields.Many2one(
        related="company_id.groupbuy_membership_journal_id", readonly=False
    )
