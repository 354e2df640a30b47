# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class ReportGroupBuyStatement(models.AbstractModel):
    """Values of the printed statement."""

    _name = "report.groupbuy_leader.report_statement"
    _description = "Statement of a Leader"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the documents of the settlements, checked for access.

        :param list docids: Ids of settlements.
        """
        settlements = self.env["groupbuy.settlement"].browse(docids)
        settlements.check_access("read")
        statements = self.env["groupbuy.statement"]
        return {
            "doc_ids": docids,
            "doc_model": "groupbuy.settlement",
            "docs": settlements,
            "documents": {
                settlement.id: statements._get_document(settlement)
                for settlement in settlements
            },
        }
