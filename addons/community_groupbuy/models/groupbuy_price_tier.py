# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GroupBuyPriceTier(models.Model):
    _name = "groupbuy.price.tier"
    _description = "Group Buying Price Tier"
    _order = "line_id, threshold"

    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="line_id.company_id")
    currency_id = fields.Many2one(related="line_id.currency_id")
    threshold = fields.Float(
        digits="Product Unit",
        required=True,
        help="Inclusive: the price applies as soon as this value is reached.",
    )
    price = fields.Monetary(required=True, help="Unit price, tax included.")

    _threshold_uniq = models.Constraint(
        "UNIQUE (line_id, threshold)", "Each threshold of a line may be given once."
    )
    _threshold_positive = models.Constraint(
        "CHECK (threshold > 0)", "The threshold of a tier must be greater than zero."
    )
    _price_positive = models.Constraint(
        "CHECK (price >= 0)", "The price of a tier cannot be negative."
    )

    @api.constrains("threshold", "price", "line_id")
    def _check_price_falls(self):
        for line in self.line_id:
            former = line.start_price
            for tier in line.tier_ids.sorted("threshold"):
                if tier.price > former:
                    raise ValidationError(
                        self.env._(
                            "The price of %(product)s must fall as more join: the tier"
                            " of %(threshold)g costs more than the one before it.",
                            product=line.product_id.display_name,
                            threshold=tier.threshold,
                        )
                    )
                former = tier.price

    @api.depends("threshold", "price")
    def _compute_display_name(self):
        for tier in self:
            tier.display_name = (
                f"{tier.threshold:g} → {tier.currency_id.format(tier.price)}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        # A new tier is always an improvement, since its price cannot be higher than
        # the tier's before it; no check against what joiners were promised.
        tiers.line_id._log_open_edit(self.env._("Price tier added"))
        return tiers

    def write(self, vals):
        if {"threshold", "price", "line_id"} & vals.keys():
            for tier in self:
                worse = (
                    vals.get("price", tier.price) > tier.price
                    or vals.get("threshold", tier.threshold) > tier.threshold
                    or vals.get("line_id", tier.line_id.id) != tier.line_id.id
                )
                tier.line_id._check_open_edit(worse)
            self.line_id._log_open_edit(self.env._("Price tier changed"))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_promised(self):
        self.line_id._check_open_edit(worse=True)
