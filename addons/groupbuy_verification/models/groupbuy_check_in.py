# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# How long a resident who said "I am here" stands on the managers' list.
WAITING_HOURS = 2


class GroupBuyCheckIn(models.Model):
    """A resident stands at a pickup point and has said so on the phone (自助签到).

    One row for a resident and a point, with the time of the last tap: who tapped
    twice waits once, and no history of people's whereabouts grows. Whether somebody
    still waits is derived from his transfers, so that handing out writes nothing
    here and two managers cannot get into each other's way.
    """

    _name = "groupbuy.check.in"
    _description = "Self Check-in"
    _order = "at, id"

    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Pickup Point",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="point_id.company_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    at = fields.Datetime(string="Since", required=True, readonly=True)

    _point_partner_uniq = models.UniqueIndex("(point_id, partner_id)")
    _at_idx = models.Index("(at)")

    @api.model
    def _announce(self, point, partner):
        """Put a resident on the list of those who wait at a point.

        One statement, so that two taps at the same moment make one row and neither
        of them fails.

        :param groupbuy.pickup.point point: The point whose code was scanned.
        :param res.partner partner: The resident.
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_check_in
                       (point_id, partner_id, at,
                        create_uid, create_date, write_uid, write_date)
                VALUES (%(point)s, %(partner)s, %(now)s,
                        %(user)s, %(now)s, %(user)s, %(now)s)
                ON CONFLICT (point_id, partner_id)
                DO UPDATE SET at = EXCLUDED.at, write_uid = EXCLUDED.write_uid,
                              write_date = EXCLUDED.write_date
                RETURNING id
                """,
                point=point.id,
                partner=partner.id,
                now=fields.Datetime.now(),
                user=self.env.uid,
            )
        )
        self.invalidate_model()
        point._groupbuy_notify_live()

    @api.model
    def _withdraw(self, point, partner):
        """Take a resident off the list, because he has left.

        :param groupbuy.pickup.point point: The point.
        :param res.partner partner: The resident.
        """
        self.sudo().search(
            [("point_id", "=", point.id), ("partner_id", "=", partner.id)]
        ).unlink()
        point._groupbuy_notify_live()

    @api.model
    def _get_waiting(self, point):
        """Return who waits at a point for something that lies there.

        :param groupbuy.pickup.point point: The point.
        :return: Dicts with resident (name), since (ISO, UTC) and picking_ids, who
            came first first.
        :rtype: list[dict]
        """
        check_ins = self.sudo().search(
            [
                ("point_id", "=", point.id),
                ("at", ">", fields.Datetime.now() - timedelta(hours=WAITING_HOURS)),
            ]
        )
        if not check_ins:
            return []
        partners = check_ins.partner_id
        pickings = point._get_collectable(partners)
        picking_ids = {}
        for picking in pickings:
            partner = picking.partner_id.commercial_partner_id
            picking_ids.setdefault(partner, []).append(picking.id)
        return [
            {
                "resident": check_in.partner_id.name,
                "since": f"{check_in.at.isoformat()}Z",
                "picking_ids": picking_ids[check_in.partner_id],
            }
            for check_in in check_ins
            if check_in.partner_id in picking_ids
        ]

    @api.autovacuum
    def _gc_check_ins(self):
        """Forget who was where, a day after."""
        self.sudo().search(
            [("at", "<", fields.Datetime.now() - timedelta(days=1))], limit=10_000
        ).unlink()
