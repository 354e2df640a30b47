# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    groupbuy_review_hours = fields.Float(
        string="Ask for a Review After",
        default=3.0,
        help="Hours between the pickup and the mail that asks for a review.",
    )
    groupbuy_survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Satisfaction Survey",
        default=lambda self: self.env.ref(
            "groupbuy_verification.survey_satisfaction", raise_if_not_found=False
        ),
        ondelete="set null",
        help="Linked in the mail that asks for a review. When empty, residents are"
        " asked for the review only.",
    )

    _groupbuy_review_hours_positive = models.Constraint(
        "CHECK (groupbuy_review_hours >= 0)",
        "The hours after which a review is asked for cannot be negative.",
    )
