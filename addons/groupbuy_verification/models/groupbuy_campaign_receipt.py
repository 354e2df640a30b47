# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from odoo.addons.community_groupbuy.utils import has_privilege


class GroupBuyCampaign(models.Model):
    """What a campaign says about goods that do not arrive in full."""

    _inherit = "groupbuy.campaign"

    shortage_rule = fields.Selection(
        selection=[
            ("payment", "Order of payment"),
            ("proportional", "Proportional"),
        ],
        string="Shortage",
        required=True,
        default="payment",
        help="Who gets less when less arrives than was ordered. Order of payment: who"
        " paid first is served first. Proportional: everybody gets the same share, in"
        " whole units.",
    )
    replacement_hours = fields.Float(
        string="Answer within",
        default=24.0,
        help="Hours that residents have to accept a replacement; after that they get"
        " their money back.",
    )
    receipt_ids = fields.One2many(
        comodel_name="groupbuy.receipt", inverse_name="campaign_id"
    )
    receipt_count = fields.Integer(compute="_compute_receipt_count")

    _replacement_hours_positive = models.Constraint(
        "CHECK (replacement_hours >= 0)", "The hours to answer cannot be negative."
    )

    def _compute_receipt_count(self):
        counts = dict(
            self.env["groupbuy.receipt"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]
            )
        )
        for campaign in self:
            campaign.receipt_count = counts.get(campaign, 0)

    def action_view_receipts(self):
        """Open what the points of these campaigns have received.

        :return: an action dictionary
        :rtype: dict
        """
        return self._get_window_action(
            "groupbuy_verification.groupbuy_receipt_action",
            [("campaign_id", "in", self.ids)],
            {"create": False},
        )

    def _get_quantities_by_point(self, role):
        """Override of `community_groupbuy` to count what receipts took off for good.

        What was missing is not sent once more: it was given back, or replaced, or
        taken from what lay at the point for nobody. What arrived damaged was brought
        and is gone. Both sides of the comparison therefore sink by what residents get
        less, and by nothing else.
        """
        quantities = super()._get_quantities_by_point(role)
        if role == "to_point":
            losses = self.env["groupbuy.receipt.line"].sudo()._get_losses(self)
            for (point, product), loss in losses.items():
                key = (point.id, product.id)
                quantities[key] = (
                    quantities.get(key, 0.0) + loss.missing - loss.allotted
                )
        return quantities

    def _sync_launched_supply(self):
        """Override of `community_groupbuy` to let a receipt do this at its end.

        Half way through, the transfer that is being received is neither what was sent
        nor what has arrived.
        """
        if has_privilege(self.env.context, "groupbuy_receiving"):
            return
        super()._sync_launched_supply()

    def _is_delivered(self):
        """Override of `community_groupbuy`: open questions keep a campaign open."""
        return super()._is_delivered() and not self.env[
            "groupbuy.replacement.offer"
        ].sudo().search_count(
            [("campaign_id", "=", self.id), ("state", "=", "offered")], limit=1
        )
