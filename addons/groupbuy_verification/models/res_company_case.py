# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    groupbuy_leader_grant_limit = fields.Monetary(
        string="Leaders May Grant",
        default=50.0,
        help="Up to which value the managers of a pickup point decide a case alone.",
    )
    groupbuy_case_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        string="Compensation Coupon",
        domain="[('program_type', '=', 'coupons'), ('company_id', 'in', (False, id))]",
        help="Residents get a coupon of this program when a case is settled so.",
    )

    _groupbuy_leader_grant_positive = models.Constraint(
        "CHECK (groupbuy_leader_grant_limit >= 0)",
        "What leaders may grant cannot be negative.",
    )
