# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL


class GroupBuyCouponCounter(models.Model):
    """How often an offer is in use: one counter row for each limited program."""

    _name = "groupbuy.coupon.counter"
    _description = "Counter of an Offer"
    _log_access = False

    program_id = fields.Integer(
        required=True, help="No foreign key, see the uses that are counted."
    )
    used = fields.Integer(required=True, default=0)

    _program_uniq = models.UniqueIndex("(program_id)", "One counter for each program.")
    _used_positive = models.Constraint(
        "CHECK (used >= 0)", "An offer cannot be used less than never."
    )

    @api.model
    def _lock(self, cr, program_ids):
        """Lock the counters of programs, in the order of their ids, until the commit.

        :param cr: Cursor of a short transaction.
        :param list[int] program_ids: Sorted.
        :return: Program id → how often it is in use.
        :rtype: dict[int, int]
        """
        cr.execute(
            SQL(
                """
                INSERT INTO groupbuy_coupon_counter (program_id, used)
                SELECT program, 0 FROM unnest(%s::int[]) AS program ORDER BY program
                ON CONFLICT (program_id) DO NOTHING
                """,
                program_ids,
            )
        )
        cr.execute(
            SQL(
                """
                SELECT program_id, used FROM groupbuy_coupon_counter
                 WHERE program_id = ANY(%s) ORDER BY program_id FOR NO KEY UPDATE
                """,
                program_ids,
            )
        )
        return dict(cr.fetchall())

    @api.model
    def _add(self, cr, program_ids):
        """Count one more use of each program.

        :param cr: Cursor of the short transaction that has locked them.
        :param list[int] program_ids: The programs.
        """
        if program_ids:
            cr.execute(
                SQL(
                    "UPDATE groupbuy_coupon_counter SET used = used + 1"
                    " WHERE program_id = ANY(%s)",
                    program_ids,
                )
            )
