# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.community_groupbuy.const import JOINED_STATES

# Leaders told in one transaction.
SLICE = 100


class GroupBuyLeaderAnnouncement(models.Model):
    """A new order that its leader is told of: an outbox.

    An order that joins writes one row; the scheduled job tells each leader of all rows
    that are due, in one mail, and marks them. Both are committed together, so after a
    crash nothing is told twice and nothing is forgotten.
    """

    _name = "groupbuy.leader.announcement"
    _description = "New Order to Announce"
    _order = "id desc"
    _rec_name = "order_id"

    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True
    )
    sent_at = fields.Datetime(string="Announced On", readonly=True)

    _order_uniq = models.UniqueIndex(
        "(order_id, leader_id)", "An order is announced once."
    )
    _waiting_idx = models.Index("(leader_id) WHERE sent_at IS NULL")

    @api.model
    def _add(self, orders):
        """Note orders that have joined; again changes nothing.

        :param sale.order orders: Orders with a leader or sharer; who does not want to
            be told is passed over.
        """
        if not orders:
            return
        self.env["sale.order"].flush_model(
            ["groupbuy_leader_id", "groupbuy_sharer_id", "company_id"]
        )
        self.env["groupbuy.leader"].flush_model(["announce_mode"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO groupbuy_leader_announcement (
                    leader_id, order_id, company_id,
                    create_uid, create_date, write_uid, write_date)
                SELECT l.id, o.id, o.company_id,
                       %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM sale_order o
                  JOIN groupbuy_leader l
                    ON l.id IN (o.groupbuy_leader_id, o.groupbuy_sharer_id)
                 WHERE o.id = ANY(%(orders)s) AND l.announce_mode != 'off'
                ON CONFLICT (order_id, leader_id) DO NOTHING
                """,
                uid=self.env.uid,
                orders=orders.ids,
            )
        )
        self.invalidate_model()

    # === SCHEDULED JOB === #

    @api.model
    def _cron_announce(self):
        """Tell the leaders of new orders whose time it is, in slices.

        Which are due follows from what is not marked yet, so after downtime all of it
        is told, once.
        """
        commit = self.env["ir.cron"]._commit_progress
        due = self._get_due_leaders(fields.Datetime.now())
        for start in range(0, len(due), SLICE):
            leaders = due[start : start + SLICE]
            self._announce(leaders)
            left = len(due) - start - len(leaders)
            if not commit(processed=len(leaders), remaining=left):
                return

    @api.model
    def _get_due_leaders(self, now):
        """Return the leaders who are to be told now.

        Who wants a digest is told once the hour of the day has come after the oldest
        order.

        :param datetime now: Naive UTC.
        :rtype: groupbuy.leader
        """
        oldest = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT leader_id, MIN(create_date)
                      FROM groupbuy_leader_announcement
                     WHERE sent_at IS NULL
                     GROUP BY leader_id ORDER BY leader_id
                    """
                )
            )
        )
        leaders = self.env["groupbuy.leader"].browse(oldest)
        return leaders.filtered(
            lambda leader: (
                leader.announce_mode != "digest"
                or oldest[leader.id] < leader._get_last_digest(now)
            )
        )

    @api.model
    def _announce(self, leaders):
        """Tell leaders of their new orders, and mark these as announced.

        :param groupbuy.leader leaders: Leaders who are due.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, a.leader_id, a.order_id
                  FROM groupbuy_leader_announcement a
                 WHERE a.leader_id = ANY(%s) AND a.sent_at IS NULL
                 ORDER BY a.id FOR UPDATE SKIP LOCKED
                """,
                leaders.ids,
            )
        )
        if not rows:
            return
        orders = self.env["sale.order"].browse([row[2] for row in rows])
        # Who has been cancelled in the meantime is no news.
        joined = {order.id for order in orders if order.groupbuy_state in JOINED_STATES}
        own = defaultdict(list)
        for _row_id, leader_id, order_id in rows:
            if order_id in joined:
                own[leader_id].append(order_id)
        news = {
            leader: orders.browse(own[leader.id])
            for leader in leaders
            if own[leader.id] and leader.announce_mode != "off"
        }
        if news:
            told = self.env["groupbuy.leader"].union(*news)
            told._send_news(news)
        self.browse([row[0] for row in rows]).write({"sent_at": fields.Datetime.now()})
