# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ..line_file import format_tiers, parse_tiers


class GroupBuyCampaignLine(models.Model):
    """What lists and cards of lines show, and the ladder typed in one cell."""

    _inherit = "groupbuy.campaign.line"

    product_image_128 = fields.Image(related="product_id.image_128")
    tier_text = fields.Char(
        string="Price Ladder",
        compute="_compute_tier_text",
        inverse="_inverse_tier_text",
        help="From how many people, how much quantity or amount on which unit price"
        " applies, such as 10: 9.5; 50: 8.9",
    )

    @api.depends("tier_ids.threshold", "tier_ids.price")
    def _compute_tier_text(self):
        """Write the ladder as one short text, such as "10: 9.5; 50: 8.9"."""
        for line in self:
            line.tier_text = format_tiers(line._get_tiers())

    def _inverse_tier_text(self):
        """Turn the typed ladder into tiers; a tier that stays keeps its record.

        :raises ValidationError: when the text is no ladder
        """
        for line in self:
            try:
                wanted = dict(parse_tiers(line.tier_text))
            except ValueError:
                raise ValidationError(
                    self.env._(
                        "“%(text)s” is no price ladder. Write thresholds and prices"
                        " like 10: 9.5; 50: 8.9",
                        text=line.tier_text,
                    )
                ) from None
            line.tier_ids = line._get_tier_commands(wanted)

    def _get_tier_commands(self, wanted):
        """Return the commands that turn the tiers of the line into the wanted ones.

        :param dict wanted: threshold → unit price, tax included
        :return: commands for `tier_ids`, empty when nothing changes
        :rtype: list
        """
        self.ensure_one()
        commands = []
        wanted = dict(wanted)
        for tier in self.tier_ids:
            price = wanted.pop(tier.threshold, None)
            if price is None:
                commands.append(Command.delete(tier.id))
            elif self.currency_id.compare_amounts(price, tier.price):
                commands.append(Command.update(tier.id, {"price": price}))
        return commands + [
            Command.create({"threshold": threshold, "price": price})
            for threshold, price in wanted.items()
        ]
