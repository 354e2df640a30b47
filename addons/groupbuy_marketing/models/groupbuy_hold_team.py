# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.tools import SQL


class GroupBuyHold(models.Model):
    _inherit = "groupbuy.hold"

    # A campaign has thousands of teams: a team is counted from its own holds.
    _team_tally_idx = models.Index(
        "(group_id, line_id, partner_id) INCLUDE (quantity, amount)"
        " WHERE state = 'paid'"
    )

    @api.model
    def _release_for_orders(self, order_ids, line_ids=None, state="released"):
        """Override of `community_groupbuy` to free the seats of what is left empty."""
        freed = super()._release_for_orders(order_ids, line_ids, state)
        # The waitlist holds under negative ids.
        orders = (
            self.env["sale.order"]
            .sudo()
            .browse([order_id for order_id in order_ids if order_id > 0])
            .filtered(lambda order: order.groupbuy_campaign_id.mode == "team")
        )
        if orders:
            seats = self.env["groupbuy.team.seat"].sudo()
            seats._release_for_orders(orders - self._filter_holding(orders))
        return freed

    def _filter_holding(self, orders):
        """Return the orders that still hold something, whatever the snapshot says."""
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            cr.execute(
                SQL(
                    "SELECT DISTINCT order_id FROM groupbuy_hold"
                    " WHERE order_id = ANY(%s) AND state IN ('held', 'paid')",
                    orders.ids,
                )
            )
            return orders.browse(row[0] for row in cr.fetchall())
