# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL


class GroupBuyCouponClaim(models.Model):
    """A use of an offer that is limited, by one order.

    Written when the order joins, in a short transaction of its own like a hold of the
    quota, so that no joiner's request is repeated because another one used the same
    popular offer. One row for each order and program: a repeated request claims
    nothing more. When the order fails the use is given back by the program's rule.
    """

    _name = "groupbuy.coupon.claim"
    _description = "Use of an Offer"
    _order = "id desc"
    _rec_name = "order_id"

    program_id = fields.Many2oneReference(
        string="Program",
        model_field="program_model",
        required=True,
        help="No foreign key: whoever applies a code keeps the program's row locked.",
    )
    program_model = fields.Char(compute="_compute_program_model")
    program_name = fields.Char(string="Offer", compute="_compute_program_model")
    order_id = fields.Many2one(
        comodel_name="sale.order", required=True, index=True, ondelete="cascade"
    )
    campaign_id = fields.Many2one(related="order_id.groupbuy_campaign_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Resident", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, ondelete="cascade"
    )
    is_first_order = fields.Boolean(
        help="The offer was for a first order: a resident gets one of them."
    )
    state = fields.Selection(
        selection=[("claimed", "Used"), ("returned", "Given back")],
        required=True,
        default="claimed",
    )

    _order_program_uniq = models.UniqueIndex(
        "(program_id, order_id)", "An order uses an offer once."
    )
    _first_uniq = models.UniqueIndex(
        "(partner_id, company_id) WHERE is_first_order AND state = 'claimed'",
        "A resident has one offer for a first order.",
    )
    _resident_idx = models.Index("(partner_id, program_id) WHERE state = 'claimed'")

    def _compute_program_model(self):
        programs = self.env["loyalty.program"].sudo().browse(self.mapped("program_id"))
        names = {program.id: program.name for program in programs.exists()}
        for claim in self:
            claim.program_model = "loyalty.program"
            claim.program_name = names.get(claim.program_id, "")

    @api.model
    def _get_uses(self, partner, company, program_ids):
        """Return how often a resident has used programs.

        :param res.partner partner: The resident.
        :param res.company company: The company of the order.
        :param list[int] program_ids: The programs.
        :return: Program id → uses; whether a first-order offer was used.
        :rtype: tuple[dict, bool]
        """
        claims = self.sudo()._read_group(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", company.id),
                ("state", "=", "claimed"),
                "|",
                ("program_id", "in", program_ids),
                ("is_first_order", "=", True),
            ],
            ["program_id", "is_first_order"],
            ["__count"],
        )
        uses, has_used_first = {}, False
        for program_id, is_first, count in claims:
            program_id = getattr(program_id, "id", program_id)
            uses[program_id] = uses.get(program_id, 0) + count
            has_used_first = has_used_first or is_first
        return uses, has_used_first

    @api.model
    def _claim(self, order, programs):
        """Claim one use of each of some programs for an order that is about to join.

        All or nothing. Why it is safe: the counters' rows are locked in the order of
        the programs, uses of a resident are counted under an advisory lock on the
        resident, and as the transaction is READ COMMITTED each statement sees what
        others have committed before the lock was granted. Unique indexes stand behind
        it. What the order has claimed already is not claimed again.

        :param sale.order order: The order; its row is locked by the caller.
        :param loyalty.program programs: Those whose uses are limited.
        :return: Whether the order has got them all.
        :rtype: bool
        """
        if not programs:
            return True
        order.flush_recordset()
        self.flush_model()
        ids = sorted(programs.ids)
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            if any(
                p.groupbuy_first_order or p.groupbuy_resident_limit for p in programs
            ):
                cr.execute(
                    SQL(
                        "SELECT pg_advisory_xact_lock("
                        "hashtextextended('groupbuy_coupon_claim', %s))",
                        order.partner_id.id,
                    )
                )
            counts = self.env["groupbuy.coupon.counter"]._lock(cr, ids)
            cr.execute(
                SQL(
                    """
                    SELECT program_id, order_id = %s, is_first_order, state
                      FROM groupbuy_coupon_claim
                     WHERE order_id = %s
                        OR (partner_id = %s AND company_id = %s AND state = 'claimed')
                    """,
                    order.id,
                    order.id,
                    order.partner_id.id,
                    order.company_id.id,
                )
            )
            rows = cr.fetchall()
            own = {program for program, is_own, _first, _state in rows if is_own}
            others = [row for row in rows if not row[1]]
            wanted = programs.filtered(lambda p: p.id not in own)
            if not all(p._groupbuy_is_left(counts[p.id], others) for p in wanted):
                return False
            # One first-order offer for a resident; two in one order count as one.
            first = wanted.filtered("groupbuy_first_order")[:1]
            if any(is_own and is_first for _p, is_own, is_first, _s in rows):
                first = programs.browse()
            cr.execute(
                SQL(
                    """
                    INSERT INTO groupbuy_coupon_claim
                           (program_id, order_id, partner_id, company_id,
                            is_first_order, state,
                            create_uid, create_date, write_uid, write_date)
                    SELECT program, %(order)s, %(partner)s, %(company)s,
                           program = ANY(%(first)s), 'claimed',
                           %(uid)s, now() AT TIME ZONE 'UTC',
                           %(uid)s, now() AT TIME ZONE 'UTC'
                      FROM unnest(%(wanted)s::int[]) AS program
                    ON CONFLICT (program_id, order_id) DO NOTHING
                    RETURNING program_id
                    """,
                    order=order.id,
                    partner=order.partner_id.id,
                    company=order.company_id.id,
                    first=first.ids,
                    uid=self.env.uid,
                    wanted=wanted.ids,
                )
            )
            claimed = [program_id for [program_id] in cr.fetchall()]
            self.env["groupbuy.coupon.counter"]._add(cr, claimed)
        self.invalidate_model()
        return True

    @api.model
    def _give_back(self, order_ids, kept_program_ids=()):
        """Give back the uses of orders that have failed, once.

        In the caller's transaction: an order that stays joined keeps its use. Who
        meets another one at the counter fails to serialise and is repeated.

        :param list[int] order_ids: The orders.
        :param kept_program_ids: Programs whose rule keeps the use.
        """
        if not order_ids:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH freed AS (
                    UPDATE groupbuy_coupon_claim SET state = 'returned',
                           write_date = now() AT TIME ZONE 'UTC'
                     WHERE order_id = ANY(%(orders)s) AND state = 'claimed'
                       AND program_id != ALL(%(kept)s::int[])
                 RETURNING program_id
                ), sums AS (
                    SELECT program_id, count(*) AS number FROM freed GROUP BY program_id
                )
                UPDATE groupbuy_coupon_counter c SET used = c.used - s.number
                  FROM sums s WHERE s.program_id = c.program_id
                """,
                orders=list(order_ids),
                kept=list(kept_program_ids),
            )
        )
        self.invalidate_model()
