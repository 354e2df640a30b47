# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResCompany(models.Model):
    """What a company gives for the invitation of leaders."""

    _inherit = "res.company"

    groupbuy_invitation_amount = fields.Monetary(
        string="Bonus for Each Order",
        help="What an inviter gets for each collected order of an invited leader.",
    )
    groupbuy_invitation_max = fields.Monetary(
        string="Bonus at Most", help="For one invited leader, in all."
    )
    groupbuy_invitation_days = fields.Integer(
        string="Bonus for Days",
        default=90,
        help="Orders of so many days after the approval count.",
    )

    _groupbuy_invitation_positive = models.Constraint(
        "CHECK (groupbuy_invitation_amount >= 0 AND groupbuy_invitation_max >= 0"
        " AND groupbuy_invitation_days BETWEEN 0 AND 366)",
        "The bonus cannot be negative, and it ends after a year at the latest.",
    )
