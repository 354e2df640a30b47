# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.tools import SQL

from .groupbuy_case import OPEN_STATES


class StockPicking(models.Model):
    """What happens to goods is seen at once on the boards and orders' pages."""

    _inherit = "stock.picking"

    # The lists and boards of a point: what is open, and what was done lately.
    _groupbuy_point_state_idx = models.Index(
        "(groupbuy_point_id, state, date_done) WHERE groupbuy_role = 'to_resident'"
    )

    def _groupbuy_on_arrived(self):
        """Override of `community_groupbuy` to refresh the screens."""
        result = super()._groupbuy_on_arrived()
        self.groupbuy_point_id._groupbuy_notify_live()
        self._groupbuy_get_residents_transfers()._groupbuy_notify_residents()
        return result

    def _groupbuy_on_handed_out(self):
        """Override of `community_groupbuy` to refresh the screens."""
        result = super()._groupbuy_on_handed_out()
        self.groupbuy_point_id._groupbuy_notify_live()
        self._groupbuy_notify_residents()
        return result

    def _groupbuy_get_blocked_quantities(self):
        """Override of `groupbuy_verification` to ask of few transfers.

        A list of hundreds would otherwise read thousands of moves, to find that no
        case is open.
        """
        concerned = self._groupbuy_filter_with_open_cases()
        if not concerned:
            return {}
        return super(StockPicking, concerned)._groupbuy_get_blocked_quantities()

    def _groupbuy_filter_with_open_cases(self):
        """Return those of these transfers that an open case is about.

        One statement that begins at the open cases, which are few. Whether, and how
        much of what, a case blocks, is another question.

        :rtype: stock.picking
        """
        self.env["stock.move"].flush_model(["picking_id", "sale_line_id"])
        self.env["groupbuy.case"].flush_model(["state", "picking_id"])
        self.env["groupbuy.case.line"].flush_model(["case_id", "order_line_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.picking_id
                  FROM groupbuy_case c
                 WHERE c.state = ANY(%(states)s) AND c.picking_id = ANY(%(ids)s)
                 UNION
                SELECT m.picking_id
                  FROM groupbuy_case c
                  JOIN groupbuy_case_line l ON l.case_id = c.id
                  JOIN stock_move m ON m.sale_line_id = l.order_line_id
                 WHERE c.state = ANY(%(states)s) AND m.picking_id = ANY(%(ids)s)
                """,
                states=list(OPEN_STATES),
                ids=self.ids,
            )
        )
        return self.browse(row[0] for row in rows)

    def _groupbuy_get_residents_transfers(self):
        """Return the residents' transfers of what these bring to the points."""
        return (
            self.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("groupbuy_campaign_id", "in", self.groupbuy_campaign_id.ids),
                    ("groupbuy_point_id", "in", self.groupbuy_point_id.ids),
                    ("groupbuy_role", "=", "to_resident"),
                    ("state", "=", "assigned"),
                ]
            )
        )

    def _groupbuy_notify_residents(self):
        """Have the residents' open order pages look again.

        Each resident is told over the channel of his own contact that one of his
        orders has changed; which one, and how, the page asks for itself. Only
        residents who have a user can have a page open.
        """
        partners = self.sudo().partner_id
        users = (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    (
                        "partner_id.commercial_partner_id",
                        "in",
                        partners.commercial_partner_id.ids,
                    )
                ]
            )
        )
        bus = self.env["bus.bus"]
        for partner in users.partner_id:
            bus._sendone(partner, "groupbuy_order", {})
