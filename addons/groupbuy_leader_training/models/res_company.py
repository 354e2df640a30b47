# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    groupbuy_training_channel_id = fields.Many2one(
        comodel_name="slide.channel",
        string="Training of Leaders",
        ondelete="set null",
        help="The course that applicants complete before they are approved, with its"
        " certification where it has one. Empty: a point of the checklist.",
    )
