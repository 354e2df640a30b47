# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL

# Seconds between two looks at what has become free, of all nodes together.
PASS_SECONDS = 1


class GroupBuyFlashGate(models.Model):
    """The gate of a flash sale's product: who is let through, in one row.

    Places are numbered from 1. Whoever has a place up to `admitted_place` is or was
    let through. The gate may be open further than anybody stands (`admitted_place`
    above `last_place`): then who comes is let through at once, by the very statement
    that gives the place.

    Invariant: what is promised to those who were let through and have not taken it,
    plus what is promised to places nobody has yet, is not more than what is free.
    """

    _name = "groupbuy.flash.gate"
    _description = "Flash Sale Gate"
    _rec_name = "line_id"

    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        string="Product",
        required=True,
        ondelete="cascade",
    )
    last_place = fields.Integer(
        required=True, default=0, help="The place that was given last."
    )
    admitted_place = fields.Integer(
        required=True, default=0, help="Everybody up to this place was let through."
    )
    checked_at = fields.Datetime(help="When it was last looked what is free.")
    is_sold_out = fields.Boolean(help="Everything has been paid for.")

    _line_uniq = models.UniqueIndex("(line_id)", "A product has one gate.")
    _places_positive = models.Constraint(
        "CHECK (last_place >= 0 AND admitted_place >= 0)",
        "Places are numbered from 1.",
    )

    @api.model
    def _pass(self, line_id, per_ticket, minutes):
        """Look what is free and let the next in line through; at most once a second.

        Why it is safe: the first statement lets one caller of all nodes go on in each
        second. The second transaction locks the gate's row, so that nobody gets a
        place meanwhile; each of its statements sees all that was committed before. A
        claim and its hold are one statement, so what is taken and who has taken it
        are read from one moment. Running it again finds nothing to do.

        :param int line_id: The campaign line.
        :param float per_ticket: How much somebody who is let through may take, in the
            line's unit.
        :param int minutes: How long a turn lasts.
        :return: Whether it was this call's turn to look.
        :rtype: bool
        """
        with self.env["groupbuy.quota"]._single_statement() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_flash_gate
                       SET checked_at = clock_timestamp() AT TIME ZONE 'UTC'
                     WHERE line_id = %s
                       AND (checked_at IS NULL
                            OR checked_at < clock_timestamp() AT TIME ZONE 'UTC'
                                            - %s * interval '1 second')
                    """,
                    line_id,
                    PASS_SECONDS,
                )
            )
            if not cr.rowcount:
                return False
        self.env["groupbuy.hold"]._expire(line_ids=[line_id])
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            self._pass_in(cr, line_id, per_ticket, minutes)
        self.invalidate_model(flush=False)
        self.env["groupbuy.flash.ticket"].invalidate_model(flush=False)
        return True

    def _pass_in(self, cr, line_id, per_ticket, minutes):
        """Do the work of :meth:`_pass` on a short transaction."""
        cr.execute(
            SQL(
                "SELECT last_place, admitted_place FROM groupbuy_flash_gate"
                " WHERE line_id = %s FOR UPDATE",
                line_id,
            )
        )
        last_place, admitted_place = cr.fetchone()
        self._end_missed_turns(cr, line_id)
        free, pending, is_sold_out = self._count_free(cr, line_id)
        ahead = max(admitted_place - last_place, 0)
        seats = int((free - per_ticket * (pending + ahead)) // per_ticket)
        if free > 0 and not pending and not ahead:
            # The rest may be less than one may take.
            seats = max(seats, 1)
        # A place that somebody has stays let through.
        wanted = max(min(admitted_place, last_place), admitted_place + seats)
        cr.execute(
            SQL(
                "UPDATE groupbuy_flash_gate SET admitted_place = %s, is_sold_out = %s"
                " WHERE line_id = %s"
                " AND (admitted_place != %s OR is_sold_out IS DISTINCT FROM %s)",
                wanted,
                is_sold_out,
                line_id,
                wanted,
                is_sold_out,
            )
        )
        if wanted > admitted_place:
            cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_flash_ticket
                       SET state = 'admitted',
                           admitted_until = clock_timestamp() AT TIME ZONE 'UTC'
                                            + %s * interval '1 minute'
                     WHERE line_id = %s AND state = 'waiting' AND place <= %s
                    """,
                    minutes,
                    line_id,
                    wanted,
                )
            )

    def _end_missed_turns(self, cr, line_id):
        """End the turns whose time is over and whose carts hold nothing."""
        cr.execute(
            SQL(
                """
                UPDATE groupbuy_flash_ticket ticket SET state = 'over'
                 WHERE line_id = %s AND state = 'admitted'
                   AND admitted_until < clock_timestamp() AT TIME ZONE 'UTC'
                   AND NOT EXISTS (
                       SELECT 1 FROM groupbuy_hold hold
                        WHERE hold.order_id = ticket.order_id
                          AND hold.line_id = ticket.line_id
                          AND hold.state IN ('held', 'paid'))
                """,
                line_id,
            )
        )

    def _count_free(self, cr, line_id):
        """Return what is free, whose turn it is, and whether all has been paid.

        :return: Free quantity; tickets whose turn it is and that hold nothing yet;
            whether everything has been paid for.
        :rtype: tuple[float, int, bool]
        """
        cr.execute(
            SQL(
                """
                SELECT quota.cap - quota.taken,
                       (SELECT count(*) FROM groupbuy_flash_ticket ticket
                         WHERE ticket.line_id = quota.line_id
                           AND ticket.state = 'admitted'
                           AND NOT EXISTS (
                               SELECT 1 FROM groupbuy_hold hold
                                WHERE hold.order_id = ticket.order_id
                                  AND hold.line_id = ticket.line_id
                                  AND hold.state IN ('held', 'paid'))),
                       (SELECT COALESCE(sum(hold.quantity), 0) FROM groupbuy_hold hold
                         WHERE hold.line_id = quota.line_id AND hold.state = 'paid')
                       >= quota.cap
                  FROM groupbuy_quota quota WHERE quota.line_id = %s
                """,
                line_id,
            )
        )
        free, pending, is_sold_out = cr.fetchone()
        return float(free), pending, is_sold_out
