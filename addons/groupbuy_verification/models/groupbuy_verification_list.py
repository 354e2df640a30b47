# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import re
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.tools import SQL, float_compare

from .. import keys
from .groupbuy_verification import PRECISION, to_iso

MAX_SEARCH = 64


class GroupBuyVerification(models.Model):
    """Who is to come to a point today."""

    _inherit = "groupbuy.verification"

    @api.model
    def _get_day_list(self, point, search=None, limit=None, offset=0):
        """Return the transfers that lie at a point, and those collected today.

        A constant number of queries, however many there are.

        An offline scanner finds the transfer of a token by `token_id` and `version`,
        and that of a typed code by `code_hash`: the SHA-256, in hexadecimal, of
        "<token_id>.<version>.<code>", the code being ten capital letters and digits
        without a dash, with O read as 0, I and L as 1.

        :param groupbuy.pickup.point point: Where.
        :param str search: A part of the resident's name or of an order's number, or
            the last four digits of the telephone.
        :param int limit: How many at most.
        :param int offset: How many are passed over.
        :return: Dicts, those that are still to come first, by name.
        :rtype: list[dict]
        """
        self = self.sudo().with_company(point.sudo().company_id)
        point = point.with_env(self.env)
        pickings = self._search_day(point, search, limit, offset)
        return self._describe_day(pickings)

    @api.model
    def _search_residents(self, point, text, limit=20):
        """Find who stands at the counter without a code.

        :param str text: Name, order, or last four digits of the telephone; two
            characters at least.
        :return: As :meth:`_get_day_list`; empty for anything shorter.
        :rtype: list[dict]
        """
        if not isinstance(text, str) or len(text.strip()) < 2:
            return []
        return self._get_day_list(point, search=text, limit=limit)

    @api.model
    def _search_day(self, point, search, limit, offset):
        """Return the transfers of a point's day, sorted, in one query."""
        self.env["stock.picking"].flush_model()
        self.env["res.partner"].flush_model(["name", "phone"])
        zone = pytz.timezone(point.tz)
        midnight = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
        start = (
            zone.localize(fields.Datetime.to_datetime(midnight))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
        )
        self.env.cr.execute(
            SQL(
                """
                SELECT p.id
                  FROM stock_picking p
                  LEFT JOIN res_partner r ON r.id = p.partner_id
                 WHERE p.groupbuy_point_id = %s AND p.groupbuy_role = 'to_resident'
                   AND (p.state = 'assigned'
                        OR (p.state = 'done' AND p.date_done >= %s))
                   AND %s
                 ORDER BY (p.state = 'done'), r.name, p.id
                 LIMIT %s OFFSET %s
                """,
                point.id,
                start,
                self._get_search_condition(search),
                limit,
                offset,
            )
        )
        return self.env["stock.picking"].browse(
            row[0] for row in self.env.cr.fetchall()
        )

    @api.model
    def _get_search_condition(self, search):
        """Return the condition for what a manager typed."""
        text = search.strip()[:MAX_SEARCH] if isinstance(search, str) else ""
        if not text:
            return SQL("TRUE")
        pattern = "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
        condition = SQL(
            "(r.name ILIKE %s OR p.origin ILIKE %s OR p.name ILIKE %s)",
            pattern,
            pattern,
            pattern,
        )
        if re.fullmatch(r"\d{4}", text):
            condition = SQL(
                r"(%s OR right(regexp_replace(r.phone, '\D', '', 'g'), 4) = %s)",
                condition,
                text,
            )
        return condition

    @api.model
    def _describe_day(self, pickings):
        """Return what the list of the day shows of transfers."""
        now = fields.Datetime.now()
        blocked = pickings._groupbuy_get_blocked_quantities()
        secret = keys.get_keys(self.env.cr.dbname)
        codes = {code.picking_id.id: code for code in self._get_code(pickings)}
        rows = {}
        for row in self.search(
            [("picking_id", "in", pickings.ids), ("kind", "=", "pickup")], order="id"
        ):
            if not row.undone_by_ids:
                rows[row.picking_id.id] = row
        is_manager = self.env.user.has_group(
            "community_groupbuy.group_groupbuy_manager"
        )
        # Read at once for all of them.
        pickings.move_ids.product_id.mapped("display_name")
        result = []
        for picking in pickings:
            code = codes.get(picking.id, self.env["groupbuy.pickup.code"])
            row = rows.get(picking.id, self.browse())
            lines = self._describe_day_lines(picking, blocked)
            undo_until = None
            if row and (is_manager or row.user_id == self.env.user):
                until = row.create_date + timedelta(
                    minutes=row.company_id.groupbuy_undo_minutes
                )
                undo_until = to_iso(until) if until > now else None
            digits = re.sub(r"\D", "", picking.partner_id.phone or "")
            expires_at = code.expires_at or picking.groupbuy_campaign_id.pickup_until
            result.append(
                {
                    "picking_id": picking.id,
                    "picking": picking.name,
                    "orders": picking.origin or "",
                    "campaign": picking.groupbuy_campaign_id.name,
                    "resident": picking.partner_id.name,
                    "phone_end": digits[-4:],
                    "state": self._get_day_state(picking, lines, now),
                    "items": sum(line["quantity"] for line in lines),
                    "lines": lines,
                    "token_id": code.token_picking_id.id or None,
                    "version": code.version or None,
                    "expires": int(
                        pytz.utc.localize(expires_at).timestamp() if expires_at else 0
                    ),
                    "code_hash": self._get_code_hash(secret, code),
                    "verification_id": row.id or None,
                    "collected_at": to_iso(row.at or None),
                    "collected_by": row.user_id.name or None,
                    "undo_until": undo_until,
                }
            )
        return result

    @api.model
    def _describe_day_lines(self, picking, blocked):
        """Return the lines of a transfer on the list."""
        return [
            {
                "move_id": move.id,
                "product": move.product_id.display_name,
                "quantity": move.quantity,
                "ordered": move.product_uom_qty,
                "uom": move.product_uom.name,
                "blocked": (
                    0.0
                    if move.state == "done"
                    else min(blocked.get(move.id, 0.0), move.quantity)
                ),
            }
            for move in picking.move_ids
            if move.state != "cancel"
        ]

    @api.model
    def _get_day_state(self, picking, lines, now):
        """Return due, overdue, collected or blocked."""
        if picking.state == "done":
            return "collected"
        left = sum(line["quantity"] - line["blocked"] for line in lines)
        if float_compare(left, 0, precision_digits=PRECISION) <= 0:
            return "blocked"
        until = picking.groupbuy_campaign_id.pickup_until
        return "overdue" if until and now > until else "due"

    @api.model
    def _get_code_hash(self, secret, code):
        """Return what an offline scanner finds a typed code by."""
        if not code or code.state != "open" or code.key_reference != secret.reference:
            return None
        text = code._derive(secret, code.nonce)
        return hashlib.sha256(
            f"{code.token_picking_id.id}.{code.version}.{text}".encode()
        ).hexdigest()
