# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.fields import Domain


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _get_additionnal_combination_info(
        self, product_or_template, quantity, uom, date, website
    ):
        """Override of `website_sale` to say which campaigns offer the product."""
        info = super()._get_additionnal_combination_info(
            product_or_template, quantity, uom, date, website
        )
        template = (
            product_or_template.product_tmpl_id
            if product_or_template.is_product_variant
            else product_or_template
        )
        info["groupbuy_offers"] = template._get_groupbuy_offers(website)
        return info

    def _get_groupbuy_offers(self, website, limit=3):
        """Return the offers of running campaigns, to be shown on the product's page.

        Three queries at most, none of which writes: the page is read-only.

        :param website website: The website of the page.
        :param int limit: How many offers at most.
        :return: Dicts with campaign, url, price, lowest_price (texts) and closes.
        :rtype: list[dict]
        """
        self.ensure_one()
        lines = (
            self.env["groupbuy.campaign.line"]
            .sudo()
            .search(
                Domain("product_id", "in", self.product_variant_ids.ids)
                & Domain(
                    "campaign_id",
                    "any",
                    self.env["groupbuy.campaign"]._get_open_domain(website)
                    & Domain("state", "=", "open")
                    & Domain("close_at", ">", fields.Datetime.now()),
                ),
                limit=limit,
            )
        )
        return [
            {
                "campaign": line.campaign_id.name,
                "url": line.campaign_id.website_url,
                "price": line.currency_id.format(line.current_price),
                "lowest_price": line.currency_id.format(
                    min(line.tier_ids.mapped("price"), default=line.current_price)
                ),
                "has_lower_price": any(
                    tier.price < line.current_price for tier in line.tier_ids
                ),
                "closes": line.campaign_id._format_local(line.campaign_id.close_at),
            }
            for line in lines
        ]
