# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import re
import secrets

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL, consteq
from odoo.tools.misc import hmac

from .groupbuy_flash_gate import PASS_SECONDS

# The cookie that knows a visitor again. It holds a random number and its signature:
# a value that this database has not given out opens nothing.
COOKIE = "groupbuy_ticket"
_SCOPE = "groupbuy-flash-visitor"

# Seconds until a page asks again: at least, at most, and for each so many in front.
POLL_LEAST = 2
POLL_MOST = 15
POLL_AHEAD = 50

# Seconds after which a ticket may go over to another cart whose request never ended.
BIND_SECONDS = 60


class GroupBuyFlashTicket(models.Model):
    """A place in the line for a product of a flash sale.

    Who stands where is a fact: place and owner are written once. A ticket goes from
    *waiting* to *admitted* to *bought*, or is *over* when its turn was missed; then a
    new one, at the end of the line, may be drawn.

    Nobody writes tickets: staff read them, all else happens below, in short
    transactions of their own that every node sees at once.
    """

    _name = "groupbuy.flash.ticket"
    _description = "Flash Sale Ticket"
    _order = "line_id, place"
    _rec_name = "place"

    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        string="Product",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="campaign_id.company_id")
    place = fields.Integer(required=True, readonly=True, aggregator=None)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    visitor_key = fields.Char(
        string="Visitor",
        readonly=True,
        help="Digest of the cookie of a visitor who was not signed in.",
    )
    state = fields.Selection(
        selection=[
            ("waiting", "Waiting"),
            ("admitted", "Admitted"),
            ("bought", "Bought"),
            ("over", "Turn Missed"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    admitted_until = fields.Datetime(string="Turn Until", readonly=True)
    order_id = fields.Many2oneReference(
        string="Order",
        model_field="order_model",
        readonly=True,
        help="The cart that the ticket lets through. No foreign key: it is written"
        " before the request that makes the cart is committed.",
    )
    order_model = fields.Char(compute="_compute_order_model")
    bound_at = fields.Datetime(readonly=True)

    _place_uniq = models.UniqueIndex("(line_id, place)", "A place is given once.")
    _partner_uniq = models.UniqueIndex(
        "(line_id, partner_id) WHERE partner_id IS NOT NULL AND state != 'over'",
        "A resident has one place in a line.",
    )
    _visitor_uniq = models.UniqueIndex(
        "(line_id, visitor_key) WHERE visitor_key IS NOT NULL AND state != 'over'",
        "A visitor has one place in a line.",
    )
    _state_idx = models.Index("(line_id, state, place)")
    _order_idx = models.Index("(order_id, line_id) WHERE order_id IS NOT NULL")
    _owner = models.Constraint(
        "CHECK (partner_id IS NOT NULL OR visitor_key IS NOT NULL OR state = 'over')",
        "A ticket belongs to somebody.",
    )

    def _compute_order_model(self):
        self.order_model = "sale.order"

    # === WHO ASKS === #

    @api.model
    def _make_visitor_token(self):
        """Return a new value of the visitor's cookie.

        :rtype: str
        """
        number = secrets.token_hex(16)
        # Elevated: the database's secret is no visitor's to read; only the signature
        # leaves the server.
        return f"{number}.{hmac(self.sudo().env, _SCOPE, number)}"

    @api.model
    def _read_visitor_token(self, token):
        """Return the key of a visitor, if this database gave out the cookie.

        :param token: Anything.
        :return: The digest under which the visitor's tickets are kept, or None.
        :rtype: str | None
        """
        match = re.fullmatch(r"([0-9a-f]{32})\.([0-9a-f]{64})", str(token or ""))
        if not match:
            return None
        # Elevated as above.
        if not consteq(match[2], hmac(self.sudo().env, _SCOPE, match[1])):
            return None
        return hashlib.sha256(match[1].encode()).hexdigest()

    @api.model
    def _get_request_visitor(self):
        """Return the key of the visitor whose request this is, if there is one.

        :rtype: str | None
        """
        if not request:
            return None
        return self._read_visitor_token(request.cookies.get(COOKIE))

    def _get_owner_condition(self, partner_id, visitor_key):
        """Return which tickets are somebody's, and which of them comes first.

        A ticket that a visitor drew before signing in goes along; one of a resident
        opens nothing to anybody else, whatever cookie is sent.
        """
        condition = SQL(
            "((ticket.partner_id = %(partner)s)"
            " OR (ticket.partner_id IS NULL AND ticket.visitor_key = %(visitor)s))",
            partner=partner_id or None,
            visitor=visitor_key or None,
        )
        return condition, SQL("(ticket.partner_id IS NULL), ticket.place")

    # === DRAWING === #

    @api.model
    def _draw(self, line, partner_id=None, visitor_key=None):
        """Give somebody a place in the line of a product, once.

        Why it is safe: place and ticket are one statement, which raises the counter
        of the gate and writes the row or does neither; unique indexes let nobody have
        two, whatever is sent at once to any number of nodes. Drawing again finds the
        place that is there. Who comes while the gate stands open is let through by
        the same statement.

        :param groupbuy.campaign.line line: A product with a queue that can be bought
            now (checked by the caller).
        :param int partner_id: The resident, when signed in.
        :param str visitor_key: Else the visitor, see :meth:`_read_visitor_token`.
        """
        if not partner_id and not visitor_key:
            raise ValueError("A ticket belongs to somebody")
        query = SQL(
            """
            WITH gate AS (
                INSERT INTO groupbuy_flash_gate AS gate (
                    line_id, last_place, admitted_place,
                    create_uid, create_date, write_uid, write_date)
                SELECT %(line)s, 1, 0, %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                 WHERE NOT EXISTS (
                       SELECT 1 FROM groupbuy_flash_ticket ticket
                        WHERE ticket.line_id = %(line)s AND ticket.state != 'over'
                          AND %(owner)s)
                ON CONFLICT (line_id)
                DO UPDATE SET last_place = gate.last_place + 1
                RETURNING line_id, last_place, admitted_place
            )
            INSERT INTO groupbuy_flash_ticket (
                line_id, campaign_id, place, partner_id, visitor_key, state,
                admitted_until, create_uid, create_date, write_uid, write_date)
            SELECT line_id, %(campaign)s, last_place, %(partner)s, %(visitor)s,
                   CASE WHEN last_place <= admitted_place
                        THEN 'admitted' ELSE 'waiting' END,
                   CASE WHEN last_place <= admitted_place
                        THEN clock_timestamp() AT TIME ZONE 'UTC'
                             + %(minutes)s * interval '1 minute' END,
                   %(uid)s, clock_timestamp() AT TIME ZONE 'UTC',
                   %(uid)s, clock_timestamp() AT TIME ZONE 'UTC'
              FROM gate
            """,
            line=line.id,
            campaign=line.campaign_id.id,
            partner=partner_id or None,
            # A resident's ticket is found by the resident only.
            visitor=None if partner_id else visitor_key,
            minutes=line.campaign_id.flash_admission_minutes,
            uid=self.env.uid,
            owner=self._get_owner_condition(partner_id, visitor_key)[0],
        )
        try:
            with self.env["groupbuy.quota"]._single_statement() as cr:
                cr.execute(query, log_exceptions=False)
        except UniqueViolation:
            # The same person draws in another window right now: that place counts.
            pass
        self.invalidate_model(flush=False)

    @api.model
    def _end_spent(self, line_id, partner_id, visitor_key):
        """End a ticket whose turn was missed, so that a new one may be drawn.

        One with which something was bought stays, unless the order was cancelled.
        """
        condition, _order = self._get_owner_condition(partner_id, visitor_key)
        with self.env["groupbuy.quota"]._single_statement() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_flash_ticket ticket SET state = 'over'
                     WHERE line_id = %s AND %s
                       AND (state = 'bought'
                            OR (state = 'admitted' AND admitted_until
                                < clock_timestamp() AT TIME ZONE 'UTC'))
                       AND NOT EXISTS (
                           SELECT 1 FROM groupbuy_hold hold
                            WHERE hold.order_id = ticket.order_id
                              AND hold.line_id = ticket.line_id
                              AND hold.state IN ('held', 'paid'))
                    """,
                    line_id,
                    condition,
                )
            )

    # === ASKING === #

    @api.model
    def _get_status(self, line, partner_id=None, visitor_key=None):
        """Return where somebody stands, with one query for any length of the line.

        Read on a connection of its own, so that it never shows an older moment than
        the page has seen already.

        :param groupbuy.campaign.line line: The product.
        :return: state ("none", "waiting", "admitted", "held", "bought", "over" or
            "sold_out"), place, ahead (people in front), left (units, rounded down),
            seconds (of the turn that are left), poll (seconds until to ask again), and
            is_due (whether to look what is free).
        :rtype: dict
        """
        condition, order = self._get_owner_condition(partner_id, visitor_key)
        with self.env["groupbuy.quota"]._single_statement() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT ticket.state, ticket.place, gate.admitted_place,
                           quota.cap - quota.taken, gate.is_sold_out,
                           extract(epoch FROM ticket.admitted_until
                                   - clock_timestamp() AT TIME ZONE 'UTC'),
                           EXISTS (SELECT 1 FROM groupbuy_hold hold
                                    WHERE hold.order_id = ticket.order_id
                                      AND hold.line_id = quota.line_id
                                      AND hold.state IN ('held', 'paid')),
                           gate.checked_at IS NULL
                           OR gate.checked_at < clock_timestamp() AT TIME ZONE 'UTC'
                                                - %s * interval '1 second'
                      FROM groupbuy_quota quota
                      LEFT JOIN groupbuy_flash_gate gate
                        ON gate.line_id = quota.line_id
                      LEFT JOIN LATERAL (
                           SELECT * FROM groupbuy_flash_ticket ticket
                            WHERE ticket.line_id = quota.line_id
                              AND ticket.state != 'over' AND %s
                            ORDER BY %s LIMIT 1) ticket ON TRUE
                     WHERE quota.line_id = %s
                    """,
                    PASS_SECONDS,
                    condition,
                    order,
                    line.id,
                )
            )
            row = cr.fetchone()
        state, place, admitted, left, is_sold_out, seconds, is_held, is_due = row
        ahead = max(place - admitted - 1, 0) if state == "waiting" else 0
        if state == "admitted":
            if is_held:
                state = "held"
            elif seconds <= 0:
                state = "over"
        elif is_sold_out and state != "bought":
            state = "sold_out"
        return {
            "state": state or "none",
            "place": place or 0,
            "ahead": ahead,
            "left": max(int(left), 0),
            "seconds": max(int(seconds or 0), 0) if state == "admitted" else 0,
            "poll": min(POLL_LEAST + ahead // POLL_AHEAD, POLL_MOST),
            "is_due": is_due,
        }

    @api.model
    def _ask(self, line, partner_id=None, visitor_key=None, draw=False):
        """Return where somebody stands, after drawing a place if asked to.

        Who asks keeps the line moving: at most one caller in a second looks what has
        become free, so no scheduled job has to be waited for.

        :param groupbuy.campaign.line line: A product with a queue, of a campaign that
            can be joined now.
        :param bool draw: Whether to get in line if not in it yet.
        :return: See :meth:`_get_status`.
        :rtype: dict
        """
        status = self._get_status(line, partner_id, visitor_key)
        if draw and status["state"] in ("none", "over", "bought"):
            if status["state"] != "none":
                self._end_spent(line.id, partner_id, visitor_key)
            self._draw(line, partner_id, visitor_key)
            status = self._get_status(line, partner_id, visitor_key)
        if status["is_due"]:
            campaign = line.campaign_id
            if self.env["groupbuy.flash.gate"]._pass(
                line.id, line.limit_per_resident or 1, campaign.flash_admission_minutes
            ):
                status = self._get_status(line, partner_id, visitor_key)
        return status

    # === USING === #

    @api.model
    def _bind(self, line, order_id, partner_id=None, visitor_key=None):
        """Let a cart through with the ticket of its owner.

        Why it is safe: one conditional UPDATE binds the ticket to one cart; a second
        cart gets it only when the first holds nothing and its request is long over.
        The core's claim follows, under its own condition. A request that is rolled
        back lets the ticket go again.

        :param groupbuy.campaign.line line: The product.
        :param int order_id: The cart; it need not be committed yet.
        :return: Whether the cart may claim.
        :rtype: bool
        """
        condition, order = self._get_owner_condition(partner_id, visitor_key)
        query = SQL(
            """
            UPDATE groupbuy_flash_ticket
               SET order_id = %(order)s,
                   bound_at = clock_timestamp() AT TIME ZONE 'UTC',
                   partner_id = COALESCE(partner_id, (
                       SELECT partner.id FROM res_partner partner
                        WHERE partner.id = %(partner)s
                          AND NOT EXISTS (
                              SELECT 1 FROM groupbuy_flash_ticket other
                               WHERE other.line_id = %(line)s
                                 AND other.partner_id = %(partner)s
                                 AND other.state != 'over')))
             WHERE id = (
                   SELECT ticket.id FROM groupbuy_flash_ticket ticket
                    WHERE ticket.line_id = %(line)s AND ticket.state = 'admitted'
                      AND %(owner)s
                    ORDER BY %(first)s LIMIT 1)
               AND state = 'admitted'
               AND admitted_until > clock_timestamp() AT TIME ZONE 'UTC'
               AND (order_id IS NULL OR order_id = %(order)s
                    OR (bound_at < clock_timestamp() AT TIME ZONE 'UTC'
                                   - %(seconds)s * interval '1 second'
                        AND NOT EXISTS (
                            SELECT 1 FROM groupbuy_hold hold
                             WHERE hold.order_id = groupbuy_flash_ticket.order_id
                               AND hold.line_id = %(line)s
                               AND hold.state IN ('held', 'paid'))))
         RETURNING id
            """,
            order=order_id,
            partner=partner_id or None,
            line=line.id,
            owner=condition,
            first=order,
            seconds=BIND_SECONDS,
        )
        try:
            with self.env["groupbuy.quota"]._single_statement() as cr:
                cr.execute(query, log_exceptions=False)
                row = cr.fetchone()
        except UniqueViolation:
            return False
        self.invalidate_model(flush=False)
        if not row:
            return False
        self._unbind_on_rollback(row[0], order_id)
        return True

    def _unbind_on_rollback(self, ticket_id, order_id):
        """Let a ticket go if the request that bound it is rolled back."""
        registry, uid = self.env.registry, self.env.uid

        def unbind():
            with registry.cursor() as cr:
                env = api.Environment(cr, uid, {})
                with env["groupbuy.quota"]._single_statement() as single:
                    single.execute(
                        SQL(
                            """
                            UPDATE groupbuy_flash_ticket ticket
                               SET order_id = NULL, bound_at = NULL
                             WHERE id = %s AND order_id = %s
                               AND NOT EXISTS (
                                   SELECT 1 FROM sale_order WHERE id = %s)
                            """,
                            ticket_id,
                            order_id,
                            order_id,
                        )
                    )

        self.env.cr.postrollback.add(unbind)

    @api.model
    def _unbind(self, order_id):
        """Let the tickets of a cart that was given up go to another cart.

        :param int order_id: The cart, whose holds have been released.
        """
        with self.env["groupbuy.quota"]._single_statement() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_flash_ticket ticket
                       SET order_id = NULL, bound_at = NULL
                     WHERE order_id = %s AND state = 'admitted'
                       AND NOT EXISTS (
                           SELECT 1 FROM groupbuy_hold hold
                            WHERE hold.order_id = ticket.order_id
                              AND hold.line_id = ticket.line_id
                              AND hold.state IN ('held', 'paid'))
                    """,
                    order_id,
                )
            )

    @api.model
    def _mark_bought(self, order):
        """Note that orders were paid with a ticket.

        In a transaction of its own like all that changes tickets. If the registration
        of the payment is rolled back after it, it is repeated and notes it again.

        :param sale.order order: An order that has just joined.
        """
        with self.env["groupbuy.quota"]._single_statement() as cr:
            cr.execute(
                SQL(
                    "UPDATE groupbuy_flash_ticket SET state = 'bought'"
                    " WHERE order_id = %s AND state = 'admitted'",
                    order.id,
                )
            )
        self.invalidate_model(flush=False)
