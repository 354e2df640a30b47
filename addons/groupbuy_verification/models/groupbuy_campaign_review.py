# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .groupbuy_reviewed_mixin import SHOWN_REVIEWS


class GroupBuyCampaign(models.Model):
    _name = "groupbuy.campaign"
    _inherit = ["groupbuy.campaign", "groupbuy.reviewed.mixin"]
    _groupbuy_review_source = ("groupbuy.review", "campaign_id", "__count")

    survey_count = fields.Integer(
        string="Surveys", compute="_compute_survey_count", compute_sudo=True
    )

    def _compute_survey_count(self):
        counts = {
            campaign.id: count
            for campaign, count in self.env["survey.user_input"]._read_group(
                [("groupbuy_campaign_id", "in", self.ids), ("state", "=", "done")],
                ["groupbuy_campaign_id"],
                ["__count"],
            )
        }
        for campaign in self:
            campaign.survey_count = counts.get(campaign.id, 0)

    def action_view_survey(self):
        """Open what residents answered in the survey.

        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_verification.groupbuy_survey_report_action"
        )
        action["domain"] = [("campaign_id", "in", self.ids)]
        return action

    def _get_shown_reviews(self):
        """Return the latest published reviews of the products that are offered.

        :rtype: groupbuy.review
        """
        self.ensure_one()
        templates = self.line_ids.product_id.product_tmpl_id
        return (
            self.env["groupbuy.review"]
            .sudo()
            .search(
                [
                    ("line_ids.product_tmpl_id", "in", templates.ids),
                    ("is_published", "=", True),
                    ("company_id", "=", self.company_id.id),
                ],
                limit=SHOWN_REVIEWS,
            )
        )
