# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyCampaign(models.Model):
    _inherit = "groupbuy.campaign"

    mode = fields.Selection(
        selection=[
            ("community", "Community"),
            ("team", "Team"),
            ("flash", "Flash Sale"),
        ],
        required=True,
        default="community",
        help="Community: the joiners of a pickup point share one fate.\n"
        "Team: residents start teams of their own, each with its own fate.\n"
        "Flash sale: a short time and a small quota.",
    )
