# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class SaleOrder(models.Model):
    """What the leader and the sharer of an order are told of it."""

    _inherit = "sale.order"

    _groupbuy_leader_idx = models.Index(
        "(groupbuy_leader_id, groupbuy_joined_at) WHERE groupbuy_leader_id IS NOT NULL"
    )

    def _groupbuy_on_joined(self):
        """Override of `community_groupbuy` to tell who brought it of the order."""
        result = super()._groupbuy_on_joined()
        # Elevated: a payment may be registered by anybody, or by nobody.
        order = self.sudo()
        modes = (order.groupbuy_leader_id | order.groupbuy_sharer_id).mapped(
            "announce_mode"
        )
        if set(modes) - {"off"}:
            self.env["groupbuy.leader.announcement"].sudo()._add(self)
            if "at_once" in modes:
                self.env.ref("groupbuy_leader.ir_cron_announce").sudo()._trigger()
        return result
