# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

STAFF = "community_groupbuy.group_groupbuy_user"
# What was collected before is history, not live.
DAYS = 7
# Codes per minute are those of the last minutes.
PACE_MINUTES = 10
# The small chart: so many bars of so many minutes.
BARS = 24
BAR_MINUTES = 5


class GroupBuyBoard(models.AbstractModel):
    """What happens at the pickup points right now (实时看板).

    Nothing is stored: the figures are counted from transfers and verifications when
    somebody looks, in three statements for any number of points. They cover what is
    still to be collected, however old, and what was collected within the last days.
    """

    _name = "groupbuy.board"
    _description = "Live Board"

    @api.model
    def get_board(self):
        """Return the board of the user's companies.

        :return: As :meth:`_get_board` says.
        :rtype: dict
        :raise AccessError: If the user is not staff of group buying.
        """
        if not self.env.user.has_group(STAFF):
            raise AccessError(self.env._("The live board is for the shop's staff."))
        points = self.env["groupbuy.pickup.point"].search(
            [("company_id", "in", self.env.companies.ids)]
        )
        return self._get_board(points)

    @api.model
    def _get_board(self, points):
        """Return the figures of points; the caller has checked that they may be seen.

        :param groupbuy.pickup.point points: Any number of points.
        :return: rows (one for each point where something lies, is coming or was
            collected; the slowest first), totals, and at (ISO, UTC).
        :rtype: dict
        """
        now = fields.Datetime.now()
        counts = self._get_counts(points, now)
        bars = self._get_bars(points, now)
        rows = []
        for point in points:
            row = counts.get(point.id)
            if not row:
                continue
            row.update(
                point_id=point.id,
                name=point.name,
                median_text=self._format_minutes(row["median_minutes"]),
                oldest_text=self._format_minutes(row["oldest_minutes"]),
                bars=bars.get(point.id, [0] * BARS),
            )
            rows.append(row)
        rows.sort(key=self._get_slowness, reverse=True)
        return {
            "rows": rows,
            "totals": {
                name: sum(row[name] for row in rows)
                for name in (
                    "expected",
                    "arrived",
                    "collected",
                    "overdue",
                    "conflicts",
                    "pace",
                )
            },
            "at": f"{now.isoformat()}Z",
            "days": DAYS,
            "bar_minutes": BAR_MINUTES,
        }

    @api.model
    def _get_slowness(self, row):
        """Return what the rows are ordered by, the slowest largest.

        The median from arrival to collection; where nobody has collected anything
        yet, how long the first goods have been lying there. So a point that hands
        out nothing is not the fastest.
        """
        minutes = row["median_minutes"]
        if minutes is None:
            minutes = row["oldest_minutes"]
        return (minutes is not None, minutes or 0, row["overdue"], row["arrived"])

    @api.model
    def _get_counts(self, points, now):
        """Return what is counted for each point.

        A transfer has arrived when its goods are reserved at the point, at the time
        when the campaign's last transfer to the point before it was done. What was
        handed out and taken back has lost its role, so it is not collected.

        :rtype: dict[int, dict]
        """
        if not points:
            return {}
        self._flush()
        since = now - timedelta(days=DAYS)
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH transfer AS (
                    SELECT picking.id, picking.groupbuy_point_id AS point_id,
                           picking.groupbuy_campaign_id AS campaign_id,
                           picking.state, picking.date_done,
                           COALESCE(code.extended_until, campaign.pickup_until)
                               AS expires_at
                      FROM stock_picking picking
                      JOIN groupbuy_campaign campaign
                        ON campaign.id = picking.groupbuy_campaign_id
                      LEFT JOIN groupbuy_pickup_code code
                        ON code.picking_id = picking.id AND code.state = 'open'
                     WHERE picking.groupbuy_point_id = ANY(%(points)s)
                       AND picking.groupbuy_role = 'to_resident'
                       AND (
                           picking.state IN
                               ('draft', 'waiting', 'confirmed', 'assigned')
                           OR picking.state = 'done'
                              AND picking.date_done >= %(since)s
                       )
                ), timed AS (
                    SELECT transfer.*, arrival.at AS arrived_at
                      FROM transfer
                      LEFT JOIN LATERAL (
                          SELECT max(brought.date_done) AS at
                            FROM stock_picking brought
                           WHERE brought.groupbuy_campaign_id = transfer.campaign_id
                             AND brought.groupbuy_point_id = transfer.point_id
                             AND brought.groupbuy_role = 'to_point'
                             AND brought.state = 'done'
                             AND brought.date_done
                                 <= COALESCE(transfer.date_done, %(now)s)
                      ) arrival ON transfer.state IN ('assigned', 'done')
                )
                SELECT point_id,
                       count(*) FILTER (WHERE state NOT IN ('assigned', 'done'))
                           AS expected,
                       count(*) FILTER (WHERE state = 'assigned') AS arrived,
                       count(*) FILTER (WHERE state = 'done') AS collected,
                       count(*) FILTER (
                           WHERE state = 'assigned' AND expires_at < %(now)s
                       ) AS overdue,
                       count(*) FILTER (
                           WHERE state = 'done' AND date_done >= %(recent)s
                       ) AS recent,
                       percentile_cont(0.5) WITHIN GROUP (
                           ORDER BY extract(epoch FROM date_done - arrived_at)
                       ) FILTER (WHERE state = 'done' AND arrived_at IS NOT NULL)
                           AS median_seconds,
                       max(extract(epoch FROM %(now)s - arrived_at))
                           FILTER (WHERE state = 'assigned') AS oldest_seconds
                  FROM timed
                 GROUP BY point_id
                """,
                points=points.ids,
                since=since,
                now=now,
                recent=now - timedelta(minutes=PACE_MINUTES),
            )
        )
        conflicts = self._get_conflicts(points, since)
        return {
            row["point_id"]: {
                "expected": row["expected"],
                "arrived": row["arrived"],
                "collected": row["collected"],
                "overdue": row["overdue"],
                "conflicts": conflicts.get(row["point_id"], 0),
                "pace": row["recent"] / PACE_MINUTES,
                "median_minutes": self._to_minutes(row["median_seconds"]),
                "oldest_minutes": self._to_minutes(row["oldest_seconds"]),
            }
            for row in rows
        }

    @api.model
    def _flush(self):
        """Write what the statements read."""
        self.env["stock.picking"].flush_model(
            [
                "groupbuy_point_id",
                "groupbuy_campaign_id",
                "groupbuy_role",
                "state",
                "date_done",
            ]
        )
        self.env["groupbuy.campaign"].flush_model(["pickup_until"])
        self.env["groupbuy.pickup.code"].flush_model()
        self.env["groupbuy.verification"].flush_model()

    @api.model
    def _get_conflicts(self, points, since):
        """Return how often goods turned out to be handed out twice, by point.

        :rtype: dict[int, int]
        """
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT point_id, count(*)
                      FROM groupbuy_verification
                     WHERE kind = 'conflict'
                       AND point_id = ANY(%s)
                       AND at >= %s
                     GROUP BY point_id
                    """,
                    points.ids,
                    since,
                )
            )
        )

    @api.model
    def _get_bars(self, points, now):
        """Return how much was collected lately, in steps of some minutes.

        :return: Point id → numbers of transfers, the oldest first.
        :rtype: dict[int, list[int]]
        """
        if not points:
            return {}
        start = now - timedelta(minutes=BARS * BAR_MINUTES)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT groupbuy_point_id,
                       LEAST(
                           floor(extract(epoch FROM date_done - %(start)s)
                                 / %(step)s)::integer,
                           %(last)s
                       ) AS bar,
                       count(*)
                  FROM stock_picking
                 WHERE groupbuy_point_id = ANY(%(points)s)
                   AND groupbuy_role = 'to_resident'
                   AND state = 'done'
                   AND date_done > %(start)s
                 GROUP BY groupbuy_point_id, bar
                """,
                points=points.ids,
                start=start,
                step=BAR_MINUTES * 60,
                last=BARS - 1,
            )
        )
        bars = {}
        for point_id, bar, count in rows:
            bars.setdefault(point_id, [0] * BARS)[bar] = count
        return bars

    @api.model
    def _to_minutes(self, seconds):
        return None if seconds is None else round(float(seconds) / 60)

    @api.model
    def _format_minutes(self, minutes):
        """Return a duration as people say it, in its two largest units.

        :param int minutes: The duration; None for none.
        :rtype: str | None
        """
        if minutes is None:
            return None
        hours, minutes = divmod(minutes, 60)
        days, rest = divmod(hours, 24)
        if days:
            return self.env._("%(days)s d %(hours)s h", days=days, hours=rest)
        if hours:
            return self.env._(
                "%(hours)s h %(minutes)s min", hours=hours, minutes=minutes
            )
        return self.env._("%s min", minutes)
