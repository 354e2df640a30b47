# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta
from zlib import crc32

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.http import request
from odoo.tools import SQL


class GroupBuyScanAttempt(models.Model):
    """Wrong codes at a point, and the pauses that they led to.

    What was typed is not kept: it may be nearly right.
    """

    _name = "groupbuy.scan.attempt"
    _description = "Wrong Pickup Code"
    _order = "id desc"

    kind = fields.Selection(
        selection=[("wrong", "Wrong code"), ("pause", "Scanning paused")],
        required=True,
        readonly=True,
    )
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="point_id.company_id", store=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Manager", readonly=True, index=True
    )
    address = fields.Char(readonly=True, help="Network address of the request.")
    at = fields.Datetime(string="When", required=True, readonly=True)
    paused_until = fields.Datetime(readonly=True)

    _user_idx = models.Index("(user_id, at) WHERE kind = 'wrong'")
    _point_idx = models.Index("(point_id, kind, at)")
    _address_idx = models.Index("(address, at) WHERE kind = 'wrong'")

    @api.model
    def _try(self, point, look_up):
        """Look up a code, unless too many wrong ones were tried; count a wrong one.

        Why it is exact: this runs in a short transaction of its own, READ COMMITTED,
        under locks for the manager, the point and the address. Each attempt is looked
        up after the one before it was counted, so that of a thousand attempts at once
        no more than the limit are looked up. As it is committed on its own, a count
        survives whatever becomes of the request. A right code changes no count.

        :param groupbuy.pickup.point point: Where.
        :param SQL look_up: A query of one id at most; none for a wrong code.
        :return: The id that was found, and until when the point is paused (naive UTC).
        :rtype: tuple[int | None, datetime | None]
        """
        user = self.env.user
        address = request.httprequest.remote_addr if request else None
        names = [f"user/{user.id}", f"point/{point.id}"]
        if address:
            names.append(f"address/{address}")
        # Always in the same order, so that two attempts never wait for each other.
        locks = sorted(crc32(f"groupbuy.scan/{name}".encode()) for name in names)
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            cr.execute(
                SQL(
                    "SELECT pg_advisory_xact_lock(k) FROM unnest(%s::bigint[]) k", locks
                )
            )
            now = fields.Datetime.now()
            until, is_over, found = self._get_tally(
                cr, point, user, address, now, look_up
            )
            if not until and is_over:
                # A manager or address that has used up its tries at one point has
                # none left at another one either.
                until = self._pause(cr, point, user, address, now)
            if until:
                return None, until
            if found:
                return found, None
            return None, self._count(cr, point, user, address, now)

    @api.model
    def _get_tally(self, cr, point, user, address, now, look_up):
        """Return the pause that lasts, the wrong codes of the last minutes, and a code.

        :param SQL look_up: As in :meth:`_try`; whoever is paused is not told.
        :return: Until when the point is paused, if it is; whether the manager, the
            point or the address has reached its limit; the id that was found.
        :rtype: tuple[datetime | None, bool, int | None]
        """
        company = point.company_id
        since = now - timedelta(minutes=company.groupbuy_scan_window_minutes)
        lifted = SQL(
            """COALESCE((SELECT MAX(paused_until) FROM groupbuy_scan_attempt
                WHERE kind = 'pause' AND point_id = %s AND paused_until <= %s), %s)""",
            point.id,
            now,
            since,
        )
        cr.execute(
            SQL(
                """
                SELECT (SELECT MAX(paused_until) FROM groupbuy_scan_attempt
                         WHERE kind = 'pause' AND point_id = %(point)s
                           AND paused_until > %(now)s),
                       (SELECT COUNT(*) FROM groupbuy_scan_attempt
                         WHERE kind = 'wrong' AND user_id = %(user)s
                           AND at > GREATEST(%(since)s, %(lifted)s)),
                       (SELECT COUNT(*) FROM groupbuy_scan_attempt
                         WHERE kind = 'wrong' AND point_id = %(point)s
                           AND at > GREATEST(%(since)s, %(lifted)s)),
                       (SELECT COUNT(*) FROM groupbuy_scan_attempt
                         WHERE kind = 'wrong' AND address = %(address)s
                           AND at > GREATEST(%(since)s, %(lifted)s)),
                       (%(look_up)s)
                """,
                user=user.id,
                point=point.id,
                address=address or None,
                since=since,
                lifted=lifted,
                now=now,
                look_up=look_up,
            )
        )
        until, *counts, found = cr.fetchone()
        limits = (
            company.groupbuy_scan_limit_user,
            company.groupbuy_scan_limit_point,
            company.groupbuy_scan_limit_address,
        )
        is_over = any(
            count >= limit for count, limit in zip(counts, limits, strict=True)
        )
        return until, is_over, found

    @api.model
    def _count(self, cr, point, user, address, now):
        """Write down a wrong code; pause the point when that was one too many."""
        cr.execute(
            SQL(
                "INSERT INTO groupbuy_scan_attempt"
                " (kind, point_id, company_id, user_id, address, at, create_uid,"
                "  create_date)"
                " VALUES ('wrong', %s, %s, %s, %s, %s, %s, %s)",
                point.id,
                point.company_id.id,
                user.id,
                address or None,
                now,
                user.id,
                now,
            )
        )
        _until, is_over, _found = self._get_tally(
            cr, point, user, address, now, SQL("NULL")
        )
        return self._pause(cr, point, user, address, now) if is_over else None

    @api.model
    def _pause(self, cr, point, user, address, now):
        """Pause a point and alert staff, in the short transaction."""
        minutes = point.company_id.groupbuy_scan_pause_minutes
        until = now + timedelta(minutes=minutes)
        env = self.env(cr=cr, user=SUPERUSER_ID)
        env["groupbuy.scan.attempt"].create(
            {
                "kind": "pause",
                "point_id": point.id,
                "user_id": user.id,
                "address": address,
                "at": now,
                "paused_until": until,
            }
        )
        alerted = point.company_id.groupbuy_alert_user_id.id or SUPERUSER_ID
        point.with_env(env).activity_schedule(
            "mail.mail_activity_data_warning",
            user_id=alerted,
            summary=env._("Too many wrong pickup codes"),
            note=env._(
                "Scanning is paused for %(minutes)s minutes. Last tried by %(user)s"
                " from %(address)s.",
                minutes=minutes,
                user=user.name,
                address=address or "-",
            ),
        )
        env.flush_all()
        return until

    def action_lift(self):
        """End pauses at once.

        :raise AccessError: If the user is no manager of group buying.
        """
        self.check_access("read")
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_manager"):
            raise AccessError(self.env._("Only group buying managers can do this."))
        now = fields.Datetime.now()
        self.sudo().filtered(
            lambda row: row.kind == "pause" and row.paused_until > now
        ).paused_until = now
        return True

    @api.autovacuum
    def _gc_attempts(self):
        """Forget wrong codes and addresses after 90 days."""
        limit = fields.Datetime.now() - timedelta(days=90)
        self.search([("at", "<", limit)], limit=10000).unlink()
