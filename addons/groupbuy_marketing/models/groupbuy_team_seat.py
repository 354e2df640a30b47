# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL

# First key of the advisory lock under which the seats of a team are given out; the
# second is the team.
SEAT_LOCK = 0x7465616D


class GroupBuyTeamSeat(models.Model):
    """A place in a team, as a hold is a quantity of a quota: held, paid, or free again.

    A seat belongs to a resident: whoever orders twice in a team sits on one. While
    visitors are anonymous, it belongs to their cart.
    """

    _name = "groupbuy.team.seat"
    _description = "Seat in a Team"
    _order = "group_id desc, number, id"

    group_id = fields.Many2one(
        comodel_name="groupbuy.group",
        string="Team",
        required=True,
        index=True,
        ondelete="cascade",
    )
    number = fields.Integer(required=True)
    seats = fields.Integer(help="Seats of the team; 0 means no limit.")
    order_id = fields.Many2oneReference(
        model_field="order_model",
        required=True,
        help="No foreign key: the seat is committed before the request that makes the"
        " order is.",
    )
    order_model = fields.Char(compute="_compute_order_model")
    partner_id = fields.Many2one(comodel_name="res.partner", ondelete="set null")
    state = fields.Selection(
        selection=[
            ("held", "Held"),
            ("paid", "Paid"),
            ("released", "Released"),
            ("expired", "Expired"),
        ],
        required=True,
        default="held",
    )
    expires_at = fields.Datetime()

    # What stands behind the condition of a claim: no number is given twice, none
    # above the number of seats, and nobody sits on two seats of a team.
    _number_uniq = models.UniqueIndex(
        "(group_id, number) WHERE state IN ('held', 'paid')",
        "This seat is taken.",
    )
    _resident_uniq = models.UniqueIndex(
        "(group_id, partner_id) WHERE state IN ('held', 'paid')",
        "A resident has one seat in a team.",
    )
    _order_uniq = models.UniqueIndex(
        "(order_id) WHERE state IN ('held', 'paid')",
        "An order has one seat.",
    )
    _number_within_seats = models.Constraint(
        "CHECK (number > 0 AND (COALESCE(seats, 0) <= 0 OR number <= seats))",
        "The team has no more seats.",
    )

    def _compute_order_model(self):
        self.order_model = "sale.order"

    @api.model
    def _claim(self, team, order_id, *, partner=None, minutes=15, is_paid=False):
        """Take a seat of a team for an order, or keep the one it has.

        Why it is safe: the seats of a team are given out one after the other, under
        an advisory lock, in a short READ COMMITTED transaction of its own (see
        :meth:`groupbuy.quota._short_transaction`), so that of any number of checkouts
        at once exactly as many sit down as there are seats, and no request is
        retried. Unique indexes and a CHECK stand behind it. Repeating it changes
        nothing. A request that is rolled back gives a new seat back through the
        cursor's rollback hook; that of a process that dies expires.

        :param groupbuy.group team: A team that is committed already.
        :param int order_id: The order; it need not be committed yet.
        :param res.partner partner: The resident; nobody while still anonymous.
        :param int minutes: How long the seat is held without payment.
        :param bool is_paid: Whether the order is paid: the seat stays.
        :return: "ok" or "full".
        :rtype: str
        """
        team.ensure_one()
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            result, is_new = self._claim_in(
                cr, team, order_id, partner, minutes, is_paid
            )
        self.invalidate_model(flush=False)
        if is_new and not is_paid:
            self._free_on_rollback(team.id, order_id)
        return result

    def _claim_in(self, cr, team, order_id, partner, minutes, is_paid):
        """Do the work of :meth:`_claim` on its cursor.

        :return: "ok" or "full", and whether the seat is a new one.
        :rtype: tuple[str, bool]
        """
        partner_id = (partner and partner.id) or None
        # Before the statements below take their snapshots.
        cr.execute(SQL("SELECT pg_advisory_xact_lock(%s, %s)", SEAT_LOCK, team.id))
        cr.execute(
            SQL(
                """
                UPDATE groupbuy_team_seat
                   SET state = 'expired', write_date = now() AT TIME ZONE 'UTC'
                 WHERE group_id = %s AND state = 'held' AND order_id != %s
                   AND expires_at < now() AT TIME ZONE 'UTC'
                """,
                team.id,
                order_id,
            )
        )
        cr.execute(
            SQL(
                """
                SELECT id, number, order_id, partner_id FROM groupbuy_team_seat
                 WHERE group_id = %s AND state IN ('held', 'paid')
                """,
                team.id,
            )
        )
        rows = cr.fetchall()
        own = [row for row in rows if partner_id and row[3] == partner_id]
        carts = [row for row in rows if row[2] == order_id]
        if carts and own and carts != own:
            # The visitor has signed in, and sits here already.
            self._free(cr, [row[0] for row in carts])
        if seat := (own or carts)[:1]:
            self._keep(cr, seat[0][0], order_id, partner_id, minutes, is_paid)
            return "ok", False
        if team.team_seats and len(rows) >= team.team_seats:
            return "full", False
        cr.execute(
            SQL(
                """
                UPDATE groupbuy_team_seat
                   SET state = 'released', write_date = now() AT TIME ZONE 'UTC'
                 WHERE order_id = %s AND group_id != %s AND state IN ('held', 'paid')
                """,
                order_id,
                team.id,
            )
        )
        taken = {row[1] for row in rows}
        number = next(n for n in range(1, len(taken) + 2) if n not in taken)
        cr.execute(
            SQL(
                """
                INSERT INTO groupbuy_team_seat (
                    group_id, number, seats, order_id, partner_id, state, expires_at,
                    create_uid, create_date, write_uid, write_date)
                SELECT %(team)s, %(number)s, %(seats)s, %(order)s,
                       (SELECT id FROM res_partner WHERE id = %(partner)s),
                       %(state)s,
                       CASE WHEN %(state)s = 'held'
                            THEN now() AT TIME ZONE 'UTC'
                                 + %(minutes)s * interval '1 minute' END,
                       %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                """,
                team=team.id,
                number=number,
                seats=team.team_seats or 0,
                order=order_id,
                partner=partner_id,
                state="paid" if is_paid else "held",
                minutes=minutes,
                uid=self.env.uid,
            )
        )
        return "ok", True

    def _keep(self, cr, seat_id, order_id, partner_id, minutes, is_paid):
        """Renew a seat, or make it a paid one; a paid seat stays as it is."""
        cr.execute(
            SQL(
                """
                UPDATE groupbuy_team_seat s
                   SET state = CASE WHEN %(is_paid)s THEN 'paid' ELSE state END,
                       partner_id = COALESCE(
                           (SELECT id FROM res_partner WHERE id = %(partner)s),
                           partner_id),
                       order_id = CASE
                           WHEN EXISTS (
                               SELECT 1 FROM groupbuy_team_seat o
                                WHERE o.order_id = %(order)s AND o.id != s.id
                                  AND o.state IN ('held', 'paid'))
                           THEN order_id ELSE %(order)s END,
                       expires_at = CASE WHEN NOT %(is_paid)s THEN GREATEST(
                           expires_at, now() AT TIME ZONE 'UTC'
                           + %(minutes)s * interval '1 minute') END,
                       write_date = now() AT TIME ZONE 'UTC'
                 WHERE id = %(id)s AND state = 'held'
                """,
                is_paid=is_paid,
                partner=partner_id,
                order=order_id,
                minutes=minutes,
                id=seat_id,
            )
        )

    def _free(self, cr, seat_ids):
        """Free seats on the cursor of a short transaction."""
        cr.execute(
            SQL(
                "UPDATE groupbuy_team_seat SET state = 'released',"
                " write_date = now() AT TIME ZONE 'UTC'"
                " WHERE id = ANY(%s) AND state IN ('held', 'paid')",
                list(seat_ids),
            )
        )

    def _free_on_rollback(self, team_id, order_id):
        """Give a new seat back if the request that took it is rolled back."""
        registry, uid = self.env.registry, self.env.uid

        def compensate():
            with registry.cursor() as cr:
                env = api.Environment(cr, uid, {})
                env["groupbuy.team.seat"].sudo()._release_held(team_id, order_id)

        self.env.cr.postrollback.add(compensate)

    @api.model
    def _release_held(self, team_id, order_id):
        """Free the seat that an order holds and has not paid.

        :param int team_id: The team; any team without one.
        :param int order_id: The order.
        """
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_team_seat
                       SET state = 'released', write_date = now() AT TIME ZONE 'UTC'
                     WHERE order_id = %s AND state = 'held'
                       AND (%s::int IS NULL OR group_id = %s)
                    """,
                    order_id,
                    team_id or None,
                    team_id or None,
                )
            )
        self.invalidate_model(flush=False)

    @api.model
    def _release_for_orders(self, orders):
        """Free the seats of orders that are cancelled or emptied, once.

        A seat stays while another order of the same resident has joined the team.

        :param sale.order orders: Orders of team campaigns that hold nothing any more.
        """
        if not orders:
            return
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_team_seat s
                       SET state = 'released', write_date = now() AT TIME ZONE 'UTC'
                      FROM unnest(%(orders)s::int[], %(teams)s::int[],
                                  %(partners)s::int[]) AS o(id, team_id, partner_id)
                     WHERE s.state IN ('held', 'paid')
                       AND (s.order_id = o.id
                            OR (s.group_id = o.team_id
                                AND s.partner_id = o.partner_id))
                       AND NOT EXISTS (
                            SELECT 1 FROM groupbuy_hold other
                             WHERE other.group_id = s.group_id
                               AND other.partner_id = s.partner_id
                               AND other.state = 'paid'
                               AND other.order_id != ALL(%(orders)s))
                    """,
                    orders=orders.ids,
                    # A cart frees its own seat only: another order of the resident
                    # may just be joining with the other one.
                    teams=[
                        order.groupbuy_group_id.id
                        if order.groupbuy_state != "cart"
                        else 0
                        for order in orders
                    ],
                    partners=[order.partner_id.id or 0 for order in orders],
                )
            )
        self.invalidate_model(flush=False)

    @api.model
    def _count_taken(self, teams):
        """Return how many seats of teams are taken, and how many of them are paid.

        :param groupbuy.group teams: The teams.
        :return: Team id → (taken, paid).
        :rtype: dict[int, tuple[int, int]]
        """
        if not teams:
            return {}
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT group_id, COUNT(*), COUNT(*) FILTER (WHERE state = 'paid')
                  FROM groupbuy_team_seat
                 WHERE group_id = ANY(%s)
                   AND (state = 'paid'
                        OR (state = 'held'
                            AND expires_at >= now() AT TIME ZONE 'UTC'))
                 GROUP BY group_id
                """,
                teams.ids,
            )
        )
        return {team: (taken, paid) for team, taken, paid in self.env.cr.fetchall()}
