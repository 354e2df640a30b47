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
        :return: Dicts with url and texts: price, lower (empty at the lowest price)
            and until.
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
        offers = []
        for line in lines:
            campaign = line.campaign_id
            price = line.current_price
            lowest = min(line.tier_ids.mapped("price"), default=price)
            offers.append(
                {
                    "url": campaign.website_url,
                    "price": self.env._(
                        "In a group: %s", line.currency_id.format(price)
                    ),
                    "lower": (
                        self.env._("down to %s", line.currency_id.format(lowest))
                        if line.currency_id.compare_amounts(lowest, price) < 0
                        else ""
                    ),
                    "until": self.env._(
                        "%(campaign)s, until %(close)s",
                        campaign=campaign.name,
                        close=campaign._format_local(campaign.close_at),
                    ),
                }
            )
        return offers
