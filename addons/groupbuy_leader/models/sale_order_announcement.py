# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class SaleOrder(models.Model):
    """What the leader of an order is told of it."""

    _inherit = "sale.order"

    _groupbuy_leader_idx = models.Index(
        "(groupbuy_leader_id, groupbuy_joined_at) WHERE groupbuy_leader_id IS NOT NULL"
    )

    def _groupbuy_on_joined(self):
        """Override of `community_groupbuy` to tell the leader of the new order."""
        result = super()._groupbuy_on_joined()
        # Elevated: a payment may be registered by anybody, or by nobody.
        leader = self.sudo().groupbuy_leader_id
        if leader and leader.announce_mode != "off":
            self.env["groupbuy.leader.announcement"].sudo()._add(self)
            if leader.announce_mode == "at_once":
                self.env.ref("groupbuy_leader.ir_cron_announce").sudo()._trigger()
        return result
