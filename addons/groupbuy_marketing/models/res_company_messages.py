# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    groupbuy_messages_per_week = fields.Integer(
        string="Messages a Week",
        default=2,
        help="So many messages about campaigns a resident gets in seven days at most."
        " 0: none.",
    )
    groupbuy_message_hour = fields.Integer(
        string="Usual Hour",
        default=19,
        help="When residents get a message who have not ordered yet, so that their own"
        " active hour is not known. From 0 to 23.",
    )

    _groupbuy_messages_valid = models.Constraint(
        "CHECK (COALESCE(groupbuy_messages_per_week, 0) BETWEEN 0 AND 50"
        " AND COALESCE(groupbuy_message_hour, 0) BETWEEN 0 AND 23)",
        "A resident gets 0 to 50 messages a week, at an hour from 0 to 23.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    groupbuy_messages_per_week = fields.Integer(
        related="company_id.groupbuy_messages_per_week", readonly=False
    )
    groupbuy_message_hour = fields.Integer(
        related="company_id.groupbuy_message_hour", readonly=False
    )
