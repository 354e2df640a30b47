# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class GroupBuyPaperReport(models.AbstractModel):
    """What the PDFs of the papers have in common; each kind is a report of its own."""

    _name = "groupbuy.paper.report"
    _description = "PDF of a Group Buying Paper"

    _paper_kind = None

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the documents to render.

        :param list[int] docids: ids of campaigns, when printed from the Print menu
        :param dict data: campaign_ids and point_ids, when printed from the dialog
        :return: values for the template
        :rtype: dict
        :raises AccessError: when the user may not read a campaign
        :raises UserError: when a paper does not agree with its orders
        """
        data = data or {}
        campaigns = self.env["groupbuy.campaign"].browse(
            [int(i) for i in docids or data.get("campaign_ids") or ()]
        )
        points = self.env["groupbuy.pickup.point"].browse(
            [int(i) for i in data.get("point_ids") or ()]
        )
        papers = self.env["groupbuy.paper"]
        return {
            "doc_ids": campaigns.ids,
            "doc_model": "groupbuy.campaign",
            "docs": campaigns,
            "documents": [
                papers._get_document(campaign, self._paper_kind, points)
                for campaign in campaigns
            ],
        }


class ReportPaperPickByProduct(models.AbstractModel):
    _name = "report.community_groupbuy.report_paper_pick_by_product"
    _inherit = ["groupbuy.paper.report"]
    _description = "Picking List by Product"

    _paper_kind = "pick_by_product"


class ReportPaperByPoint(models.AbstractModel):
    _name = "report.community_groupbuy.report_paper_by_point"
    _inherit = ["groupbuy.paper.report"]
    _description = "Delivery Note by Pickup Point"

    _paper_kind = "by_point"


class ReportPaperByResident(models.AbstractModel):
    _name = "report.community_groupbuy.report_paper_by_resident"
    _inherit = ["groupbuy.paper.report"]
    _description = "Hand-out List by Resident"

    _paper_kind = "by_resident"


class ReportPaperBuyBySupplier(models.AbstractModel):
    _name = "report.community_groupbuy.report_paper_buy_by_supplier"
    _inherit = ["groupbuy.paper.report"]
    _description = "Buying List by Supplier"

    _paper_kind = "buy_by_supplier"
