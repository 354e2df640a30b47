# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import re

import pytz

from odoo import api, fields, models
from odoo.tools import SQL, float_compare

from .. import keys
from .groupbuy_verification import PRECISION, to_iso

MAX_SEARCH = 64
# What the list says of a transfer that nobody has collected.
NOT_COLLECTED = {
    "verification_id": None,
    "collected_at": None,
    "collected_by": None,
    "undo_until": None,
}


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
        """Return what the list of the day shows of transfers.

        Rows are read by four statements and not as records, of which there would be
        thousands: a list that takes a second keeps a queue waiting. The caller has
        checked that the transfers may be seen.

        :param stock.picking pickings: Residents' transfers, in the order of the list.
        :rtype: list[dict]
        """
        now = fields.Datetime.now()
        lines = self._read_day_lines(pickings)
        collected = self._read_day_collections(pickings, now)
        secret = keys.get_keys(self.env.cr.dbname)
        rows = self._read_day_transfers(pickings)
        campaigns = {
            campaign.id: campaign
            for campaign in self.env["groupbuy.campaign"].browse(
                {row["campaign_id"] for row in rows}
            )
        }
        last_days = {
            campaign: campaign._get_last_pickup() for campaign in campaigns.values()
        }
        result = []
        for row in rows:
            campaign = campaigns[row["campaign_id"]]
            expires_at = row["extended_until"] or last_days[campaign]
            own_lines = lines.get(row["id"], [])
            digits = re.sub(r"\D", "", row["phone"] or "")
            result.append(
                {
                    "picking_id": row["id"],
                    "picking": row["name"],
                    "orders": row["origin"] or "",
                    "campaign": campaign.name,
                    "resident": row["resident"],
                    "phone_end": digits[-4:],
                    "state": self._get_day_state(
                        row["state"], campaign, own_lines, now
                    ),
                    "items": sum(line["quantity"] for line in own_lines),
                    "lines": own_lines,
                    "token_id": row["token_picking_id"],
                    "version": row["version"],
                    "expires": int(
                        pytz.utc.localize(expires_at).timestamp() if expires_at else 0
                    ),
                    "code_hash": self._get_code_hash(secret, row),
                    **collected.get(row["id"], NOT_COLLECTED),
                }
            )
        return result

    @api.model
    def _read_day_transfers(self, pickings):
        """Return what the list needs of transfers, residents and codes, in its order.

        Of the codes of a transfer the open one counts, then the newest collected one.

        :rtype: list[dict]
        """
        self.env["groupbuy.pickup.code"].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT p.id, p.name, p.origin, p.state,
                       p.groupbuy_campaign_id AS campaign_id,
                       r.name AS resident, r.phone,
                       c.state AS code_state, c.token_picking_id, c.version, c.nonce,
                       c.key_reference, c.extended_until
                  FROM unnest(%(ids)s::integer[]) WITH ORDINALITY AS wanted (id, place)
                  JOIN stock_picking p ON p.id = wanted.id
                  LEFT JOIN res_partner r ON r.id = p.partner_id
                  LEFT JOIN LATERAL (
                      SELECT * FROM groupbuy_pickup_code
                       WHERE picking_id = p.id AND state IN ('open', 'used')
                       ORDER BY (state = 'open') DESC, id DESC
                       LIMIT 1
                  ) c ON TRUE
                 ORDER BY wanted.place
                """,
                ids=pickings.ids,
            )
        )

    @api.model
    def _read_day_lines(self, pickings):
        """Return the lines that the list shows, by transfer.

        :rtype: dict[int, list[dict]]
        """
        self.env["stock.move"].flush_model()
        moves = self.env.execute_query_dict(
            SQL(
                """
                SELECT id, picking_id, product_id, product_uom, quantity,
                       product_uom_qty, state
                  FROM stock_move
                 WHERE picking_id = ANY(%s) AND state != 'cancel'
                 ORDER BY sequence, id
                """,
                pickings.ids,
            )
        )
        blocked = pickings._groupbuy_get_blocked_quantities()
        products = self.env["product.product"].browse(
            {move["product_id"] for move in moves}
        )
        units = self.env["uom.uom"].browse({move["product_uom"] for move in moves})
        names = {product.id: product.display_name for product in products}
        unit_names = {unit.id: unit.name for unit in units}
        lines = {}
        for move in moves:
            quantity = move["quantity"] or 0.0
            held_back = 0.0 if move["state"] == "done" else blocked.get(move["id"], 0.0)
            lines.setdefault(move["picking_id"], []).append(
                {
                    "move_id": move["id"],
                    "product": names[move["product_id"]],
                    "quantity": quantity,
                    "ordered": move["product_uom_qty"],
                    "uom": unit_names[move["product_uom"]],
                    "blocked": min(held_back, quantity),
                }
            )
        return lines

    @api.model
    def _read_day_collections(self, pickings, now):
        """Return who handed transfers out, when, and how long it may be undone.

        :return: By transfer, with the keys of `NOT_COLLECTED`.
        :rtype: dict[int, dict]
        """
        self.flush_model()
        self.env["res.users"].flush_model(["partner_id"])
        self.env["res.company"].flush_model(["groupbuy_undo_minutes"])
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT DISTINCT ON (v.picking_id) v.id, v.picking_id, v.user_id, v.at,
                       v.create_date + company.groupbuy_undo_minutes
                           * interval '1 minute' AS undo_until,
                       partner.name AS user_name
                  FROM groupbuy_verification v
                  JOIN res_company company ON company.id = v.company_id
                  JOIN res_users u ON u.id = v.user_id
                  JOIN res_partner partner ON partner.id = u.partner_id
                 WHERE v.picking_id = ANY(%s) AND v.kind = 'pickup'
                   AND NOT EXISTS (SELECT 1 FROM groupbuy_verification undo
                                    WHERE undo.undoes_id = v.id)
                 ORDER BY v.picking_id, v.id DESC
                """,
                pickings.ids,
            )
        )
        is_manager = self.env.user.has_group(
            "community_groupbuy.group_groupbuy_manager"
        )
        result = {}
        for row in rows:
            until = row["undo_until"]
            may_undo = is_manager or row["user_id"] == self.env.uid
            result[row["picking_id"]] = {
                "verification_id": row["id"],
                "collected_at": to_iso(row["at"]),
                "collected_by": row["user_name"],
                "undo_until": to_iso(until) if may_undo and until > now else None,
            }
        return result

    @api.model
    def _get_day_state(self, state, campaign, lines, now):
        """Return due, overdue, collected or blocked."""
        if state == "done":
            return "collected"
        left = sum(line["quantity"] - line["blocked"] for line in lines)
        if float_compare(left, 0, precision_digits=PRECISION) <= 0:
            return "blocked"
        until = campaign.pickup_until
        return "overdue" if until and now > until else "due"

    @api.model
    def _get_code_hash(self, secret, row):
        """Return what an offline scanner finds a typed code by.

        :param Keys secret: The secrets of this database.
        :param dict row: As :meth:`_read_day_transfers` returns it.
        """
        if row["code_state"] != "open" or row["key_reference"] != secret.reference:
            return None
        text = self.env["groupbuy.pickup.code"]._derive(secret, row["nonce"])
        return hashlib.sha256(
            f"{row['token_picking_id']}.{row['version']}.{text}".encode()
        ).hexdigest()
