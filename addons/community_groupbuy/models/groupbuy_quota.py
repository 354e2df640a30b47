# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from contextlib import contextmanager

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from odoo import fields, models
from odoo.sql_db import Cursor
from odoo.tools import SQL


class GroupBuyQuota(models.Model):
    """The one hot counter of a campaign line.

    It is a row of its own so that the many transactions which change it never touch
    the campaign line, and the campaign line's edits never touch the counter.
    """

    _name = "groupbuy.quota"
    _description = "Group Buying Quota"
    _rec_name = "line_id"

    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        required=True,
        index=True,
        ondelete="cascade",
    )
    cap = fields.Float(
        digits="Product Unit",
        help="The most that may be claimed; 0 means no limit.",
    )
    taken = fields.Float(
        digits="Product Unit",
        required=True,
        default=0.0,
        help="Claimed by open holds and by paid orders.",
    )

    _line_uniq = models.UniqueIndex("(line_id)", "A campaign line has one quota.")
    _taken_positive = models.Constraint(
        "CHECK (taken >= 0)", "More was released than had been claimed."
    )
    _taken_within_cap = models.Constraint(
        "CHECK (COALESCE(cap, 0) <= 0 OR taken <= cap)",
        "The limit cannot be lower than what residents have already claimed.",
    )

    @contextmanager
    def _short_transaction(self):
        """Open a transaction of its own for a change of the counter.

        Why it is safe: the request's transaction is REPEATABLE READ, where a counter
        that somebody else changed since the snapshot raises a serialization failure
        and the whole request is retried. READ COMMITTED in a transaction of its own
        waits for the row instead, re-evaluates the condition on the new value, and
        holds the lock for one round trip only. The price is that the change survives
        a rollback of the request: callers register a compensation (see
        :meth:`groupbuy.hold._claim`), and an expiry stands behind that.

        :return: The cursor of the transaction; committed on leaving the block.
        """
        with self.env.registry.cursor() as cr:
            # The cursor of a test shares the transaction of the test, which has
            # already begun: its isolation can no longer be chosen.
            if isinstance(cr, Cursor):
                # The next user of the connection sets it anew.
                cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            yield cr

    @contextmanager
    def _single_statement(self):
        """Open a connection on which each statement is a transaction of its own.

        For what one statement can decide: like :meth:`_short_transaction` it is READ
        COMMITTED and survives a rollback of the request, and it spares the database
        to begin, to set the isolation and to commit.

        :return: The cursor.
        """
        with self.env.registry.cursor() as cr:
            if isinstance(cr, Cursor):
                # The next user of the connection sets it anew.
                cr.connection.autocommit = True
                yield cr
            else:
                # A test's cursor shares the test's transaction: a statement that is
                # refused must not end that.
                with cr.savepoint(flush=False):
                    yield cr

    def _release(self, cr, quantities):
        """Give back claimed quantities.

        The rows are locked in the order of their lines, so that two releases of
        several lines never wait for each other.

        :param cr: Cursor of the short transaction.
        :param dict quantities: Line id → quantity to give back, in the line's unit.
        """
        quantities = {line: qty for line, qty in quantities.items() if qty}
        if not quantities:
            return
        line_ids = sorted(quantities)
        cr.execute(
            SQL(
                "SELECT 1 FROM groupbuy_quota WHERE line_id = ANY(%s)"
                " ORDER BY line_id FOR NO KEY UPDATE",
                line_ids,
            )
        )
        cr.execute(
            SQL(
                """
                UPDATE groupbuy_quota q SET taken = q.taken - r.quantity
                  FROM unnest(%s::int[], %s::numeric[]) AS r(line_id, quantity)
                 WHERE q.line_id = r.line_id
                """,
                line_ids,
                [quantities[line_id] for line_id in line_ids],
            )
        )
