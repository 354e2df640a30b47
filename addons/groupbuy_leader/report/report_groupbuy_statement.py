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

        Each is in the language of its leader, whoever prints it: the words of the
        template as well as names of products, kinds and days. A leader who downloads
        it reads it in the language of the page (context `groupbuy_statement_lang`).

        :param list docids: Ids of settlements.
        """
        settlements = self.env["groupbuy.settlement"].browse(docids)
        settlements.check_access("read")
        statements = self.env["groupbuy.statement"]
        docs, documents = [], {}
        for settlement in settlements:
            lang = (
                self.env.context.get("groupbuy_statement_lang")
                # Elevated: the leader's card, of which only the language is read.
                or settlement.sudo().partner_id.lang
                or self.env.lang
            )
            doc = settlement.with_context(lang=lang)
            docs.append(doc)
            documents[doc.id] = statements.with_context(lang=lang)._get_document(doc)
        return {
            "doc_ids": docids,
            "doc_model": "groupbuy.settlement",
            "docs": docs,
            "documents": documents,
        }
