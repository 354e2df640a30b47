# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyCampaign(models.Model):
    _inherit = "groupbuy.campaign"

    case_count = fields.Integer(
        string="Cases", compute="_compute_case_count", compute_sudo=True
    )

    def _compute_case_count(self):
        counts = self.env["groupbuy.case"]._count_by("campaign_id", self)
        for campaign in self:
            campaign.case_count = counts.get(campaign.id, 0)

    def action_view_cases(self):
        """Open the cases of the campaigns.

        :rtype: dict
        """
        return self.env["groupbuy.case"]._get_window_action(
            [("campaign_id", "in", self.ids)]
        )
