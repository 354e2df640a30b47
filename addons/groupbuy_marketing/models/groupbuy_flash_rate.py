# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL

# Requests are counted in minutes.
SECONDS = 60
# Counters are kept for so many minutes, then thrown away.
MINUTES_KEPT = 10


class GroupBuyFlashRate(models.Model):
    """How often somebody has asked in a minute: one counter row for each.

    In the database and not in a process, so that all nodes count together.
    """

    _name = "groupbuy.flash.rate"
    _description = "Flash Sale Request Counter"
    _log_access = False

    key = fields.Char(
        required=True, help="Who: a resident, a visitor's or an address's digest."
    )
    minute = fields.Integer(
        required=True, help="The minute, counted from the beginning of 1970."
    )
    count = fields.Integer(required=True, default=0)

    _key_minute_uniq = models.UniqueIndex(
        "(key, minute)", "One counter for each minute."
    )
    _minute_idx = models.Index("(minute)")

    @api.model
    def _count(self, limits):
        """Count a request, unless there were too many from the same sender already.

        Why it is safe: counting and comparing are one statement on one row, a
        transaction of its own, so of any number of requests at once, on any node, no
        more than the limit pass. It stays counted when the request is rolled back.

        :param dict[str, int] limits: Key → how often in a minute; 0: no limit.
        :return: Whether the request may go on.
        :rtype: bool
        """
        keys = [key for key, limit in limits.items() if limit]
        if not keys:
            return True
        with self.env["groupbuy.quota"]._single_statement() as cr:
            # In the order of the keys, so that two requests never wait for each other.
            for key in sorted(keys):
                cr.execute(
                    SQL(
                        """
                        INSERT INTO groupbuy_flash_rate AS rate (key, minute, count)
                        VALUES (%s,
                                floor(extract(epoch FROM clock_timestamp()) / %s), 1)
                        ON CONFLICT (key, minute)
                        DO UPDATE SET count = rate.count + 1 WHERE rate.count < %s
                        RETURNING count
                        """,
                        key,
                        SECONDS,
                        limits[key],
                    )
                )
                if not cr.fetchone():
                    return False
        return True

    @api.autovacuum
    def _gc_minutes(self):
        """Throw away the counters of minutes that are over, in slices."""
        limit = 10_000
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM groupbuy_flash_rate WHERE id IN (
                    SELECT id FROM groupbuy_flash_rate
                     WHERE minute < floor(extract(epoch FROM clock_timestamp()) / %s)
                                    - %s
                     LIMIT %s)
                """,
                SECONDS,
                MINUTES_KEPT,
                limit,
            )
        )
        return self.env.cr.rowcount, self.env.cr.rowcount == limit
