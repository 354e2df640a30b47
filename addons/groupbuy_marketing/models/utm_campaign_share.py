# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    groupbuy_campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        string="Group Campaign",
        readonly=True,
        copy=False,
        ondelete="set null",
    )

    _groupbuy_campaign_uniq = models.UniqueIndex(
        "(groupbuy_campaign_id) WHERE groupbuy_campaign_id IS NOT NULL",
        "A group campaign has one marketing campaign.",
    )
