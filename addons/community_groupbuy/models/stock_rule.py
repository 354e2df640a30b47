# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _make_po_get_domain(self, company_id, values, partner):
        """Override of `purchase_stock` to group requests by supplier and campaign.

        A campaign's need never lands on a request of another purpose, nor the other
        way round.
        """
        domain = super()._make_po_get_domain(company_id, values, partner)
        campaign = values.get("groupbuy_campaign_id")
        return (
            *domain,
            ("groupbuy_campaign_id", "=", campaign.id if campaign else False),
        )

    def _prepare_purchase_order(self, company_id, origins, values):
        """Override of `purchase_stock` to put the campaign on the request."""
        vals = super()._prepare_purchase_order(company_id, origins, values)
        campaign = values[0].get("groupbuy_campaign_id")
        if campaign:
            vals["groupbuy_campaign_id"] = campaign.id
        return vals
