# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import hashlib

from odoo import models
from odoo.tools import SQL


class GroupBuyPickupPoint(models.Model):
    """Telling open screens that something has happened at a point."""

    _inherit = "groupbuy.pickup.point"

    def _groupbuy_notify_live(self):
        """Have the open boards of staff and of the points' managers look again.

        The message names points and holds nothing else: each board asks for its
        figures with the rights of its own user. Staff are reached over a channel of
        their company that only the server adds to a connection
        (:meth:`ir.websocket._build_bus_channel_list`), managers over the channel of
        their own contact. Many verifications in one transaction are told once.
        """
        told = self.env.cr.precommit.data.setdefault("groupbuy.board.told", set())
        points = self.sudo().filtered(lambda point: point.id not in told)
        if not points:
            return
        told.update(points.ids)
        bus = self.env["bus.bus"]
        for company, of_company in points.grouped("company_id").items():
            bus._sendone(
                (company, "groupbuy_board"),
                "groupbuy_board",
                {"point_ids": of_company.ids},
            )
        for user, managed in self._group_by_manager(points).items():
            bus._sendone(user.partner_id, "groupbuy_board", {"point_ids": managed.ids})

    def _group_by_manager(self, points):
        """Return manager → points, of those among these."""
        result = {}
        for point in points:
            for user in point.manager_user_ids:
                result[user] = result.get(user, points.browse()) | point
        return result

    def _get_list_stamp(self):
        """Return a text that changes whenever the day's list of the point may have.

        One statement over an index, as every open screen asks for it again and again.

        :rtype: str
        """
        self.ensure_one()
        self.env["stock.picking"].flush_model()
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT count(*), max(id), max(write_date),
                       count(*) FILTER (WHERE state = 'done')
                  FROM stock_picking
                 WHERE groupbuy_point_id = %(point)s
                   AND groupbuy_role = 'to_resident'
                   AND (
                       state IN ('waiting', 'confirmed', 'assigned')
                       OR state = 'done'
                          AND date_done >= now() AT TIME ZONE 'UTC' - interval '1 day'
                   )
                """,
                point=self.id,
            )
        )
        return hashlib.sha256(repr(row).encode()).hexdigest()[:16]
