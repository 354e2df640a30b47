# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class GroupBuyStatement(models.AbstractModel):
    _inherit = "groupbuy.statement"

    @api.model
    def _get_document(self, settlement):
        """Override of `groupbuy_leader` to add what was withheld."""
        document = super()._get_document(settlement)
        # Elevated: the document above has checked the settlement.
        document["withheld"] = settlement.sudo().amount_withheld
        return document

    @api.model
    def _get_totals(self, settlement, document):
        """Override of `groupbuy_leader` to add what was withheld."""
        totals = super()._get_totals(settlement, document)
        if document["withheld"]:
            totals.append((self.env._("Withheld"), -document["withheld"]))
        return totals
