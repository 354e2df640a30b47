# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL


class GroupBuyHold(models.Model):
    """A claimed quantity of a line's quota.

    Invariant, checked by the reconciliation test: for each line, the quota's `taken`
    equals the sum of the quantities of its holds in state *held* or *paid*.
    """

    _name = "groupbuy.hold"
    _description = "Group Buying Hold"
    _order = "id desc"

    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line", required=True, ondelete="cascade"
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="campaign_id.company_id")
    group_id = fields.Many2one(comodel_name="groupbuy.group", ondelete="set null")
    order_id = fields.Many2oneReference(
        model_field="order_model",
        required=True,
        help="No foreign key: the hold is committed before the request that makes the"
        " order is.",
    )
    order_model = fields.Char(compute="_compute_order_model")
    partner_id = fields.Many2one(comodel_name="res.partner", ondelete="set null")
    quantity = fields.Float(digits="Product Unit", required=True)
    currency_id = fields.Many2one(related="campaign_id.currency_id")
    # Monetary: as many decimals as the currency has, be it none or three.
    amount = fields.Monetary(
        help="What the resident was charged for the line, tax included, in the"
        " currency of the campaign's company.",
    )
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

    # One living hold for an order and a line: repeating a claim changes the
    # quantity, it never claims twice.
    _living_uniq = models.UniqueIndex(
        "(order_id, line_id) WHERE state IN ('held', 'paid')",
        "An order has one hold for a line.",
    )
    _expiry_idx = models.Index("(expires_at) WHERE state = 'held'")
    _line_partner_idx = models.Index(
        "(line_id, partner_id) WHERE state IN ('held', 'paid')"
    )
    # Covers the tallies, so that a page reads the index and not 10,000 rows.
    _tally_idx = models.Index(
        "(campaign_id, line_id, group_id, partner_id) INCLUDE (quantity, amount)"
        " WHERE state = 'paid'"
    )
    _line_tally_idx = models.Index(
        "(line_id, group_id, partner_id) INCLUDE (quantity, amount)"
        " WHERE state = 'paid'"
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A hold has a positive quantity."
    )

    def _compute_order_model(self):
        self.order_model = "sale.order"

    # === CLAIMS === #

    @api.model
    def _claim(
        self,
        line,
        order_id,
        quantity,
        *,
        partner=None,
        group=None,
        minutes=15,
        instead_of=(),
    ):
        """Set the quantity that an order holds of a line, all or nothing.

        Why it is safe: the counter is raised by one conditional UPDATE in a short
        READ COMMITTED transaction (see :meth:`groupbuy.quota._short_transaction`), so
        of any number of simultaneous claims for the last units exactly as many
        succeed as there are units; a CHECK on the row stands behind the condition.
        A claim is absolute, not an addition: when a request is retried, the same
        order claims the same quantity and nothing changes. A request that is rolled
        back puts the former quantity back through the cursor's rollback hook; a
        process that dies leaves a hold that expires.

        :param groupbuy.campaign.line line: The line, of an open campaign.
        :param int order_id: The order; it need not be committed yet.
        :param float quantity: The quantity wanted in all, in the line's unit.
        :param res.partner partner: Who joins, if known: needed for the limit per
            resident.
        :param groupbuy.group group: The group joined, if known.
        :param int minutes: How long the hold lasts without payment.
        :param list[int] instead_of: Keys of holds on the line that this claim
            replaces, in the same transaction: what was kept for the resident.
        :return: "ok", "sold_out" or "limit".
        :rtype: str
        """
        line.ensure_one()
        result = None
        former = {}
        if not instead_of:
            result = self._claim_at_once(
                line, order_id, quantity, partner, group, minutes
            )
        if not result:
            result = self._claim_step_by_step(
                line, order_id, quantity, partner, group, minutes, instead_of, former
            )
        self._forget_counts()
        if result == "ok":
            self._compensate_on_rollback(line.id, order_id, former.get("quantity", 0))
        return result

    def _claim_at_once(self, line, order_id, quantity, partner, group, minutes):
        """Try the usual claim: a first one, without a limit per resident.

        One statement, which is a transaction of its own and reads all it needs: the
        counter's row is locked for no longer than that, and who comes when nothing
        is left costs one look.

        :return: "ok", "sold_out", or None when the order holds something of the line
            already or the line has a limit per resident.
        """
        query = self._get_claim_query(line, order_id, quantity, partner, group, minutes)
        try:
            with self.env["groupbuy.quota"]._single_statement() as cr:
                cr.execute(query, log_exceptions=False)
                hold_id, needs_steps = cr.fetchone()
        except UniqueViolation:
            # The same order claims the same line in another window right now.
            return None
        if hold_id:
            return "ok"
        return None if needs_steps else "sold_out"

    def _get_claim_query(
        self, line, order_id, quantity, partner, group, minutes, is_checked=False
    ):
        """Return the statement that claims, if there is enough.

        A partner or group that this very request makes is not visible to it yet; the
        hold gets it when the order is paid.

        :param bool is_checked: Whether limits and what the order holds already have
            been looked at; else the statement claims only where there are none.
        :return: One row: the id of the new hold, and whether it has to be looked at.
        :rtype: SQL
        """
        needs_steps = (
            SQL("FALSE")
            if is_checked
            else SQL(
                """
                (EXISTS (SELECT 1 FROM groupbuy_hold
                          WHERE order_id = %s AND line_id = %s
                            AND state IN ('held', 'paid'))
                 OR EXISTS (SELECT 1 FROM groupbuy_campaign_line
                             WHERE id = %s AND limit_per_resident > 0))
                """,
                order_id,
                line.id,
                line.id,
            )
        )
        return SQL(
            """
            WITH claimed AS (
                UPDATE groupbuy_quota SET taken = taken + %(qty)s
                 WHERE line_id = %(line)s
                   AND (COALESCE(cap, 0) <= 0 OR taken + %(qty)s <= cap)
                   AND NOT %(needs_steps)s
             RETURNING line_id
            ), hold AS (
                INSERT INTO groupbuy_hold (
                    line_id, campaign_id, group_id, order_id, partner_id, quantity,
                    state, expires_at, create_uid, create_date, write_uid, write_date)
                SELECT line_id,
                       (SELECT campaign_id FROM groupbuy_campaign_line
                         WHERE id = %(line)s),
                       (SELECT id FROM groupbuy_group WHERE id = %(group)s),
                       %(order)s,
                       (SELECT id FROM res_partner WHERE id = %(partner)s),
                       %(qty)s, 'held',
                       now() AT TIME ZONE 'UTC' + %(minutes)s * interval '1 minute',
                       %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM claimed
                RETURNING id
            )
            SELECT (SELECT id FROM hold), %(needs_steps)s
            """,
            qty=quantity,
            line=line.id,
            group=(group and group.id) or None,
            order=order_id,
            partner=(partner and partner.id) or None,
            minutes=minutes,
            uid=self.env.uid,
            needs_steps=needs_steps,
        )

    def _claim_step_by_step(
        self, line, order_id, quantity, partner, group, minutes, instead_of, former
    ):
        """Claim with all that may come in: limits, changes, what the waitlist keeps.

        :param dict former: Receives the quantity that the order held before.
        :return: "ok", "sold_out" or "limit".
        """
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            if instead_of:
                self._release_in(cr, instead_of, [line.id])
            result = self._claim_in(
                cr, line, order_id, quantity, partner, group, minutes, former
            )
            if result != "ok":
                cr.rollback()
        return result

    def _claim_in(self, cr, line, order_id, quantity, partner, group, minutes, former):
        """Do the work of :meth:`_claim_step_by_step` on its cursor."""
        # A partner that this very request makes is not visible to the other
        # transaction. Such a person has no earlier holds that a limit could count.
        limit = line.limit_per_resident
        partner_id = (partner and partner.id) or None
        if limit and partner_id:
            # Claims of one resident for one line wait for each other here, before
            # the statement below takes its snapshot, so that two tabs together
            # cannot exceed the limit. The lock ends with this transaction.
            cr.execute(SQL("SELECT pg_advisory_xact_lock(%s, %s)", line.id, partner_id))
            cr.execute(
                SQL(
                    """
                    SELECT COALESCE(SUM(quantity), 0) FROM groupbuy_hold
                     WHERE line_id = %s AND partner_id = %s AND order_id != %s
                       AND state IN ('held', 'paid')
                    """,
                    line.id,
                    partner_id,
                    order_id,
                )
            )
            if float(cr.fetchone()[0]) + quantity > limit:
                return "limit"
        elif limit and quantity > limit:
            return "limit"
        cr.execute(
            SQL(
                """
                SELECT id, quantity FROM groupbuy_hold
                 WHERE order_id = %s AND line_id = %s AND state IN ('held', 'paid')
                   FOR NO KEY UPDATE
                """,
                order_id,
                line.id,
            )
        )
        row = cr.fetchone()
        if row:
            former["quantity"] = float(row[1])
            return self._claim_change(cr, line, row, quantity, minutes, partner, group)
        cr.execute(
            self._get_claim_query(
                line, order_id, quantity, partner, group, minutes, is_checked=True
            )
        )
        return "ok" if cr.fetchone()[0] else "sold_out"

    def _claim_change(self, cr, line, row, quantity, minutes, partner, group):
        """Change a living hold to another quantity and renew its expiry."""
        hold_id, old_quantity = row
        delta = quantity - float(old_quantity)
        if delta:
            cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_quota SET taken = taken + %(delta)s
                     WHERE line_id = %(line)s
                       AND (%(delta)s <= 0 OR COALESCE(cap, 0) <= 0
                            OR taken + %(delta)s <= cap)
                    """,
                    delta=delta,
                    line=line.id,
                )
            )
            if not cr.rowcount:
                return "sold_out"
        cr.execute(
            SQL(
                """
                UPDATE groupbuy_hold
                   SET quantity = %(quantity)s,
                       partner_id = COALESCE(
                           (SELECT id FROM res_partner WHERE id = %(partner)s),
                           partner_id),
                       group_id = COALESCE(
                           (SELECT id FROM groupbuy_group WHERE id = %(group)s),
                           group_id),
                       expires_at = GREATEST(expires_at,
                           now() AT TIME ZONE 'UTC'
                           + %(minutes)s * interval '1 minute'),
                       write_date = now() AT TIME ZONE 'UTC'
                 WHERE id = %(id)s
                """,
                quantity=quantity,
                partner=(partner and partner.id) or None,
                group=(group and group.id) or None,
                minutes=minutes,
                id=hold_id,
            )
        )
        return "ok"

    def _forget_counts(self):
        """Drop cached counts: they are read from the database, not from the cache."""
        self.invalidate_model(flush=False)
        lines = self.env["groupbuy.campaign.line"]
        lines.invalidate_model(
            [
                name
                for name, field in lines._fields.items()
                if field.compute in ("_compute_tallies", "_compute_taken_quantity")
            ],
            flush=False,
        )

    def _compensate_on_rollback(self, line_id, order_id, former_quantity):
        """Put a claim back if the request that made it is rolled back."""
        registry, uid = self.env.registry, self.env.uid

        def compensate():
            with registry.cursor() as cr:
                env = api.Environment(cr, uid, {})
                hold = env["groupbuy.hold"].sudo()
                hold._compensate(line_id, order_id, former_quantity)

        self.env.cr.postrollback.add(compensate)

    @api.model
    def _compensate(self, line_id, order_id, former_quantity):
        """Give back what a rolled back request had claimed beyond its former hold.

        :param int line_id: The campaign line.
        :param int order_id: The order of the request.
        :param float former_quantity: What the order held before the request.
        """
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT id, quantity FROM groupbuy_hold
                     WHERE order_id = %s AND line_id = %s AND state = 'held'
                       FOR NO KEY UPDATE
                    """,
                    order_id,
                    line_id,
                )
            )
            row = cr.fetchone()
            if not row or float(row[1]) <= former_quantity:
                return
            if former_quantity:
                cr.execute(
                    SQL(
                        "UPDATE groupbuy_hold SET quantity = %s WHERE id = %s",
                        former_quantity,
                        row[0],
                    )
                )
            else:
                cr.execute(
                    SQL(
                        "UPDATE groupbuy_hold SET state = 'released' WHERE id = %s",
                        row[0],
                    )
                )
            self.env["groupbuy.quota"]._release(
                cr, {line_id: float(row[1]) - former_quantity}
            )

    # === RELEASE AND EXPIRY === #

    @api.model
    def _release_for_orders(self, order_ids, line_ids=None, state="released"):
        """Release the living holds of orders and free their quantities, once.

        Why it is safe: only holds that are still living change state, in the same
        short transaction that lowers the counters, so a repetition finds nothing.

        :param list[int] order_ids: Orders that are cancelled or emptied.
        :param list[int] line_ids: Only these campaign lines, if given.
        :param str state: "released" or "expired".
        :return: Ids of the campaign lines on which something became free.
        :rtype: list[int]
        """
        if not order_ids:
            return []
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            freed = self._release_in(cr, order_ids, line_ids, state)
        self._forget_counts()
        return list(freed)

    def _release_in(self, cr, order_ids, line_ids=None, state="released"):
        """Do the work of :meth:`_release_for_orders` on a short transaction."""
        cr.execute(
            SQL(
                """
                UPDATE groupbuy_hold SET state = %s,
                       write_date = now() AT TIME ZONE 'UTC'
                 WHERE order_id = ANY(%s) AND state IN ('held', 'paid')
                   AND (%s::int[] IS NULL OR line_id = ANY(%s))
             RETURNING line_id, quantity
                """,
                state,
                list(order_ids),
                line_ids,
                line_ids,
            )
        )
        freed = defaultdict(float)
        for line_id, quantity in cr.fetchall():
            freed[line_id] += float(quantity)
        self.env["groupbuy.quota"]._release(cr, freed)
        return freed

    @api.model
    def _expire(self, limit=1000, line_ids=None):
        """Expire the holds whose time is over and free their quantities.

        Why it is safe: a hold that a payment is just settling is locked by that
        payment and skipped; one that expired first is claimed again by the payment,
        or refunded when nothing is left.

        :param int limit: The most holds to expire at once.
        :param list[int] line_ids: Only those of these campaign lines, if given.
        :return: Ids of the campaign lines on which something became free.
        :rtype: list[int]
        """
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_hold SET state = 'expired',
                           write_date = now() AT TIME ZONE 'UTC'
                     WHERE id IN (
                         SELECT id FROM groupbuy_hold
                          WHERE state = 'held'
                            AND expires_at < now() AT TIME ZONE 'UTC'
                            AND (%s::int[] IS NULL OR line_id = ANY(%s))
                          ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                       AND state = 'held'
                 RETURNING line_id, quantity
                    """,
                    line_ids,
                    line_ids,
                    limit,
                )
            )
            freed = defaultdict(float)
            for line_id, quantity in cr.fetchall():
                freed[line_id] += float(quantity)
            self.env["groupbuy.quota"]._release(cr, freed)
        self._forget_counts()
        return list(freed)

    @api.model
    def _cron_expire(self):
        """Expire holds in slices, and offer what became free to the waitlist."""
        self.env["groupbuy.waitlist"]._expire_offers()
        freed = set()
        while lines := self._expire():
            freed.update(lines)
            if not self.env["ir.cron"]._commit_progress(processed=len(lines)):
                break
        self.env["groupbuy.waitlist"]._promote(list(freed))

    # === SETTLEMENT === #

    @api.model
    def _settle(self, order):
        """Turn the holds of an order that was just paid into paid ones.

        Why it is safe: what is held is read and settled in short transactions of
        their own, never in the request's snapshot, which may be older than the holds.
        A hold that expired meanwhile is claimed again under the same condition as any
        other. Repeating the settlement of an order changes nothing, so a request that
        is retried after it, or a process that dies after it, does no harm: the
        payment's post-processing is run again and finds the holds paid.

        :param sale.order order: The paid order.
        :return: The campaign lines of which not enough is left; empty if all is held.
        :rtype: groupbuy.campaign.line
        """
        wanted = defaultdict(float)
        amounts = defaultdict(float)
        for line in order.order_line.filtered("groupbuy_line_id"):
            campaign_line = line.groupbuy_line_id
            wanted[campaign_line] += line.product_uom_qty
            amounts[campaign_line] += order._groupbuy_to_company_currency(
                line.price_total
            )
        missing = self.env["groupbuy.campaign.line"]
        living = self._get_living(order)
        for campaign_line in sorted(wanted, key=lambda line: line.id):
            if living.get(campaign_line.id) == wanted[campaign_line]:
                continue
            result = self._claim(
                campaign_line,
                order.id,
                wanted[campaign_line],
                partner=order.partner_id,
                group=order.groupbuy_group_id,
            )
            if result != "ok":
                missing |= campaign_line
        if missing:
            return missing
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            self._write_paid(cr, order, amounts)
        if self._get_living(order, state="paid").keys() < {line.id for line in wanted}:
            # Expired between the two steps: once more, now that it is known.
            return self._settle(order)
        self._forget_counts()
        return missing

    def _get_living(self, order, state=None):
        """Return what an order holds now, whatever the request's snapshot says.

        :param sale.order order: The order.
        :param str state: "paid" to count paid holds only.
        :return: Campaign line id → quantity in the line's unit.
        :rtype: dict[int, float]
        """
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            cr.execute(
                SQL(
                    "SELECT line_id, quantity FROM groupbuy_hold"
                    " WHERE order_id = %s AND state = ANY(%s)",
                    order.id,
                    [state] if state else ["held", "paid"],
                )
            )
            return {line_id: float(qty) for line_id, qty in cr.fetchall()}

    def _write_paid(self, cr, order, amounts):
        """Mark the holds of an order as paid, with what was charged for each."""
        lines = list(amounts)
        cr.execute(
            SQL(
                """
                UPDATE groupbuy_hold h
                   SET state = 'paid', expires_at = NULL, amount = a.amount,
                       partner_id = %(partner)s, group_id = %(group)s,
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%(lines)s::int[], %(amounts)s::numeric[])
                       AS a(line_id, amount)
                 WHERE h.order_id = %(order)s AND h.line_id = a.line_id
                   AND h.state IN ('held', 'paid')
                """,
                partner=order.partner_id.id,
                group=order.groupbuy_group_id.id or None,
                lines=[line.id for line in lines],
                amounts=[amounts[line] for line in lines],
                order=order.id,
            )
        )
