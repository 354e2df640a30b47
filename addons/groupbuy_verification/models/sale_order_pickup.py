# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class SaleOrder(models.Model):
    """What opens a resident's goods."""

    _inherit = "sale.order"

    def _groupbuy_get_or_create_pickings(self):
        """Override of `community_groupbuy` to give each new transfer its code."""
        pickings = super()._groupbuy_get_or_create_pickings()
        self.env["groupbuy.pickup.code"].sudo()._issue(
            self.env["stock.picking"].union(*pickings.values())
        )
        return pickings

    def _groupbuy_give_back(self, quantities, reason, reference, borne_by="platform"):
        """Override of `community_groupbuy` to lock transfers before orders.

        A verification locks in this order; two that lock the same rows the other way
        round would wait for each other.
        """
        lines = self.env["sale.order.line"].union(*quantities)
        self.env["groupbuy.verification"].sudo()._lock_transfers(
            lines.sudo().move_ids.picking_id
        )
        return super()._groupbuy_give_back(quantities, reason, reference, borne_by)
