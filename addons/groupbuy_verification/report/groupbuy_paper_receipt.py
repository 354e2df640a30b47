# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class GroupBuyPaper(models.AbstractModel):
    """What a receipt at the point means for the papers of a campaign."""

    _inherit = "groupbuy.paper"

    @api.model
    def _get_explanations(self, campaign, kind, points=None):
        """Override of `community_groupbuy` to explain what receipts changed.

        What arrived damaged was brought and is on no order any more. What a resident
        is asked about is on the order and on no transfer. What replaces it comes from
        the warehouse's stock and was not bought.
        """
        facts = super()._get_explanations(campaign, kind, points)
        if kind in ("by_point", "pick_by_product"):
            facts += self._explain_losses(campaign, points)
        facts += self._explain_offers(campaign, kind, points)
        return facts

    def _explain_losses(self, campaign, points):
        facts = []
        for (point, product), loss in self._get_losses(campaign).items():
            if points and point not in points:
                continue
            values = {"product": product.display_name, "point": point.name}
            if loss.damaged:
                facts.append(
                    {
                        "product_id": product.id,
                        "quantity": loss.damaged,
                        "text": self.env._(
                            "%(quantity)g × %(product)s arrived damaged at %(point)s.",
                            quantity=loss.damaged,
                            **values,
                        ),
                    }
                )
            if loss.covered > 0:
                facts.append(
                    {
                        "product_id": product.id,
                        "quantity": -loss.covered,
                        "text": self.env._(
                            "%(quantity)g × %(product)s lay at %(point)s already.",
                            quantity=loss.covered,
                            **values,
                        ),
                    }
                )
        return facts

    @api.model
    def _get_losses(self, campaign):
        # Elevated: whoever prints a paper of a campaign may see its sums.
        return self.env["groupbuy.receipt.line"].sudo()._get_losses(campaign)

    def _explain_offers(self, campaign, kind, points):
        domain = [("campaign_id", "=", campaign.id)]
        if points:
            domain.append(("order_id.groupbuy_point_id", "in", points.ids))
        facts = []
        for replaced, product, state, quantity in (
            self.env["groupbuy.replacement.offer"]
            .sudo()
            ._read_group(
                [*domain, ("state", "in", ("offered", "accepted"))],
                ["replaced_product_id", "product_id", "state"],
                ["quantity:sum"],
            )
        ):
            values = {
                "quantity": quantity,
                "product": replaced.display_name,
                "replacement": product.display_name,
            }
            if state == "offered" and kind != "buy_by_supplier":
                facts.append(
                    {
                        "product_id": replaced.id,
                        "quantity": -quantity,
                        "text": self.env._(
                            "Residents are asked whether %(replacement)s may replace"
                            " %(quantity)g × %(product)s.",
                            **values,
                        ),
                    }
                )
            elif state == "accepted" and kind == "buy_by_supplier":
                facts.append(
                    {
                        "product_id": product.id,
                        "quantity": -quantity,
                        "text": self.env._(
                            "%(quantity)g × %(replacement)s from stock replace"
                            " %(product)s.",
                            **values,
                        ),
                    }
                )
        return facts

    @api.model
    def _get_lost_quantities(self, campaign):
        """Override of `community_groupbuy`: what arrived damaged is not left over."""
        lost = super()._get_lost_quantities(campaign)
        for (_point, product), loss in self._get_losses(campaign).items():
            lost[product.id] = lost.get(product.id, 0.0) + loss.damaged
        return lost
