# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Teams that are ended in one transaction.
TEAM_SLICE = 100


class GroupBuyGroup(models.Model):
    """A group with an initiator is a team (拼团).

    A team is prepared at its initiator's checkout and starts when that order joins.
    It ends at its own time, when it is full and successful, or with its campaign;
    what becomes of it is decided for it alone, by its own headcount. Its joiners may
    collect at different points, so it has none itself: papers and transfers go by
    the point of each order.
    """

    _inherit = "groupbuy.group"

    community_id = fields.Many2one(
        comodel_name="groupbuy.community",
        index="btree_not_null",
        ondelete="set null",
        help="The initiator's: only neighbours join, and they collect at its points.",
    )
    team_seats = fields.Integer(
        string="Seats", help="The most residents in this team; 0 means no limit."
    )
    team_started_at = fields.Datetime(
        string="Started", help="When the initiator's order was paid."
    )
    team_ends_at = fields.Datetime(string="Ends")
    team_closed_at = fields.Datetime(
        string="Ended", help="From here on nobody joins; the decision follows at once."
    )
    seat_ids = fields.One2many(
        comodel_name="groupbuy.team.seat", inverse_name="group_id", string="Places"
    )
    team_free_seats = fields.Integer(
        string="Free Seats", compute="_compute_team_counts", compute_sudo=True
    )
    team_missing = fields.Integer(
        string="Missing", compute="_compute_team_counts", compute_sudo=True
    )
    team_url = fields.Char(
        string="Link to Share", compute="_compute_team_url", compute_sudo=True
    )

    _team_due_idx = models.Index(
        "(team_ends_at) WHERE state = 'open' AND team_started_at IS NOT NULL"
    )
    _team_open_idx = models.Index(
        "(campaign_id, community_id, team_ends_at)"
        " WHERE state = 'open' AND team_started_at IS NOT NULL"
    )

    # === COMPUTE === #

    @api.depends("team_seats", "campaign_id.min_people")
    def _compute_team_counts(self):
        taken = self.env["groupbuy.team.seat"]._count_taken(self)
        tallies = self._get_tallies()
        for team in self:
            team.team_free_seats = max(
                team.team_seats - taken.get(team.id, (0, 0))[0], 0
            )
            people = tallies.get(team.id, {}).get("people", 0)
            team.team_missing = (
                max(team.campaign_id.min_people - people, 0)
                if team.initiator_id and team.state == "open"
                else 0
            )

    @api.depends("share_token", "campaign_id.website_url", "team_started_at")
    def _compute_team_url(self):
        for team in self:
            campaign = team.campaign_id
            team.team_url = (
                campaign.website_id.get_base_url() + team._get_path()
                if team.team_started_at and campaign.website_id
                else team.get_base_url() + team._get_path()
                if team.team_started_at
                else False
            )

    def _get_path(self):
        """Return the address of the team's page, without the website's own."""
        self.ensure_one()
        return f"{self.campaign_id.website_url}/team/{self.sudo().share_token}"

    # === STANDING === #

    def _is_team_joinable(self):
        """Return whether residents may join the team now, a free seat left aside.

        State and time are both asked, so that nobody joins a team that is over while
        the job that ends it is late.

        :rtype: bool
        """
        self.ensure_one()
        return bool(
            self.initiator_id
            and self.state == "open"
            and self.team_started_at
            and not self.team_closed_at
            and fields.Datetime.now() < self.team_ends_at
            and self.campaign_id._is_joinable()
        )

    def _get_join_refusal(self, order):
        """Tell why the owner of a cart cannot join the team.

        :param sale.order order: A cart of the team's campaign.
        :return: A sentence that says what to do instead; empty when nothing speaks
            against it. Seats are another matter: they are claimed.
        :rtype: str
        """
        self.ensure_one()
        own = self.initiator_id == order._groupbuy_get_resident()
        if not self._is_team_joinable() and not (
            own and self.state == "open" and not self.team_started_at
        ):
            return self.env._(
                "This team has ended. Start a team of your own on the campaign's page,"
                " or join another one there."
            )
        community = order._groupbuy_get_community()
        if self.community_id and community and community != self.community_id:
            return self.env._(
                "This team is for neighbours of %(team)s, and you live in %(own)s."
                " Start a team of your own on the campaign's page, or join one of your"
                " neighbours there.",
                team=self.community_id.name,
                own=community.name,
            )
        return ""

    def _get_full_text(self):
        """Return what is said to who finds no seat."""
        return self.env._(
            "This team is full. Start a team of your own on the campaign's page, or"
            " join another one there."
        )

    def _get_line_tallies(self):
        """Count what each line of each team was bought.

        The people are those of the whole team, whichever products they took.

        :return: (team id, line id) → people, quantity and amount (currency of the
            company, tax included).
        :rtype: dict[tuple[int, int], dict]
        """
        if not self.ids:
            return {}
        people = {
            team_id: tally["people"] for team_id, tally in self._get_tallies().items()
        }
        self.env.cr.execute(
            """
            SELECT group_id, line_id, SUM(quantity), SUM(amount)
              FROM groupbuy_hold
             WHERE group_id = ANY(%s) AND state = 'paid'
             GROUP BY group_id, line_id
            """,
            [self.ids],
        )
        return {
            (team_id, line_id): {
                "people": people.get(team_id, 0),
                "quantity": float(quantity),
                "amount": float(amount or 0),
            }
            for team_id, line_id, quantity, amount in self.env.cr.fetchall()
        }

    # === LIFE === #

    def _lock_teams(self):
        """Lock teams in the order of their ids and return how they stand now.

        A joiner holds the lock until the registration commits; the job that ends the
        team waits for it.

        :return: Team id → (state, ends at, closed at).
        :rtype: dict
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                SELECT id, state, team_ends_at, team_closed_at FROM groupbuy_group
                 WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
                """,
                self.ids,
            )
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    def _start_team(self):
        """Let a prepared team begin: its initiator has paid.

        It ends some hours later, at the latest with its campaign.
        """
        self.ensure_one()
        campaign = self.campaign_id
        now = fields.Datetime.now()
        ends_at = min(now + timedelta(hours=campaign.team_hours), campaign.close_at)
        self.write({"team_started_at": now, "team_ends_at": ends_at})
        self._trigger_end(ends_at)

    @api.model
    def _trigger_end(self, moment=None):
        """Ask the scheduled job to end what is due at a moment; now by default."""
        cron = self.env.ref("groupbuy_marketing.ir_cron_end_teams").sudo()
        cron._trigger(at=moment)

    @api.model
    def _get_due(self):
        """Return the teams whose time is over, and those that are complete.

        By state and `<= now`, never by a time window: after downtime everything is
        caught up, once. Teams whose campaign closes are decided with it.

        :return: Due teams, in the order of their ids.
        :rtype: groupbuy.group
        """
        self.flush_model()
        self.env["groupbuy.team.seat"].flush_model()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT g.id, g.team_ends_at <= %(now)s OR g.team_closed_at IS NOT NULL
                  FROM groupbuy_group g
                  JOIN groupbuy_campaign c ON c.id = g.campaign_id
                 WHERE g.state = 'open' AND g.team_started_at IS NOT NULL
                   AND c.state = 'open'
                   AND (g.team_ends_at <= %(now)s OR g.team_closed_at IS NOT NULL
                        OR (g.team_seats > 0 AND g.team_seats <= (
                            SELECT COUNT(*) FROM groupbuy_team_seat s
                             WHERE s.group_id = g.id AND s.state = 'paid')))
                 ORDER BY g.id
                """,
                now=now,
            )
        )
        due = self.browse(team_id for team_id, is_over in rows if is_over)
        full = self.browse(team_id for team_id, is_over in rows if not is_over)
        tallies = full._get_tallies()
        # A full team that misses an amount or a quantity keeps its time: its joiners
        # may order more.
        due |= full.filtered(
            lambda team: team.campaign_id._is_reached(tallies.get(team.id, {}))
        )
        return due.sorted("id")

    @api.model
    def _cron_end_teams(self):
        """End the teams that are due: close them, and then decide what becomes of them.

        Two steps, each committed before the next, as in the close of a campaign: the
        decision sees every payment that was registered, and no other. A process that
        is killed in between leaves closed teams, which the next run decides.
        """
        due = self._get_due()
        for step in ("_close_teams", "_decide_teams"):
            for slice_ids in self._slice(due.ids):
                self._work_on(slice_ids, step)
        self.env["groupbuy.job"]._trigger()

    @api.model
    def _slice(self, ids):
        """Cut ids into lists that are worked on in one transaction each."""
        return [ids[i : i + TEAM_SLICE] for i in range(0, len(ids), TEAM_SLICE)]

    @api.model
    def _work_on(self, team_ids, step):
        """Do a step for teams in one transaction; if it fails, team by team.

        :param list[int] team_ids: The teams.
        :param str step: Name of the method.
        """
        commit = self.env["ir.cron"]._commit_progress
        try:
            getattr(self.browse(team_ids), step)()
            self.env.flush_all()
        except OperationalError:
            # Somebody is joining right now: the next run begins with a new snapshot.
            self.env.cr.rollback()
            self._trigger_end()
        except Exception as error:
            self.env.cr.rollback()
            if len(team_ids) > 1:
                for team_id in team_ids:
                    self._work_on([team_id], step)
                return
            team = self.browse(team_ids)
            _logger.exception("Team %s: %s failed", team.id, step)
            team.campaign_id._report_failure(error)
        commit(processed=len(team_ids))

    def _close_teams(self):
        """First step of the end: from now on nobody joins or leaves."""
        standing = self._lock_teams()
        now = fields.Datetime.now()
        self.filtered(
            lambda team: standing[team.id][0] == "open" and not standing[team.id][2]
        ).team_closed_at = now

    def _decide_teams(self):
        """Second step of the end: decide, in one transaction, what becomes of teams.

        For each by its own headcount, quantity and amount. Why it is safe: outcomes
        and jobs have unique keys, and the state moves from *open* once, under the
        locks of campaign and team, so that a second run, or the close of the campaign
        at the same moment, finds it changed.
        """
        for campaign, teams in self.grouped("campaign_id").items():
            campaign._decide_teams(teams)
