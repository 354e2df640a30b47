# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

# What the button puts on lines without tiers: from so many people on, this part of
# the start price.
TEAM_LADDER = ((1, 0.9), (3, 0.7))

# What a token looks like; anything else is not worth a query.
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")

# Open teams that a campaign's page offers to join.
SHOWN_TEAMS = 6


class GroupBuyCampaign(models.Model):
    _inherit = "groupbuy.campaign"

    team_hours = fields.Float(
        string="Hours of a Team",
        default=24.0,
        help="How long a team may look for joiners, at the latest until the campaign"
        " closes.",
    )
    team_seats = fields.Integer(
        string="Seats of a Team",
        default=3,
        help="The most residents in a team; 0 means no limit. A team that is full and"
        " successful ends at once.",
    )
    team_count = fields.Integer(string="Teams", compute="_compute_team_count")

    _team_hours_positive = models.Constraint(
        "CHECK (team_hours > 0)", "A team lasts longer than zero hours."
    )
    _team_seats_positive = models.Constraint(
        "CHECK (COALESCE(team_seats, 0) >= 0)", "A team cannot have negative seats."
    )

    def _compute_team_count(self):
        counts = dict(
            self.env["groupbuy.group"]._read_group(
                [("campaign_id", "in", self.ids), ("team_started_at", "!=", False)],
                ["campaign_id"],
                ["__count"],
            )
        )
        for campaign in self:
            campaign.team_count = counts.get(campaign, 0)

    # === CONSTRAINTS AND CRUD === #

    @api.onchange("mode")
    def _onchange_mode_team(self):
        """Show at once what a team campaign always has."""
        if self.mode == "team":
            self.success_scope = "group"
            if self.shortfall_policy == "extend":
                self.shortfall_policy = "cancel"

    @api.constrains(
        "mode", "success_scope", "shortfall_policy", "team_seats", "min_people"
    )
    def _check_team(self):
        for campaign in self.filtered(lambda campaign: campaign.mode == "team"):
            if campaign.success_scope != "group":
                raise ValidationError(
                    self.env._(
                        "In a team campaign each team succeeds or fails on its own:"
                        " choose the condition for each group."
                    )
                )
            if campaign.shortfall_policy == "extend":
                raise ValidationError(
                    self.env._(
                        "A team has its own hours and is not extended: choose another"
                        " policy for teams that fall short, or more hours."
                    )
                )
            if 0 < campaign.team_seats < campaign.min_people:
                raise ValidationError(
                    self.env._(
                        "No team could ever succeed: it needs %(minimum)s people and"
                        " has %(seats)s seats.",
                        minimum=campaign.min_people,
                        seats=campaign.team_seats,
                    )
                )
            campaign.line_ids._check_team_line()

    @api.model_create_multi
    def create(self, vals_list):
        """Override to count conditions and tiers of a team campaign team by team."""
        return super().create([self._complete_team_values(vals) for vals in vals_list])

    def write(self, vals):
        """Override to keep the mode of a campaign that has opened, and its promises."""
        vals = self._complete_team_values(vals)
        opened = self.filtered(lambda c: c.state not in ("draft", "scheduled"))
        if any(
            "mode" in vals
            and campaign.mode != vals["mode"]
            and "team" in (campaign.mode, vals["mode"])
            for campaign in opened
        ):
            raise UserError(
                self.env._(
                    "Residents have seen this campaign open: it cannot become a team"
                    " campaign, or stop being one. Duplicate it instead."
                )
            )
        changed = {"team_hours", "team_seats"} & vals.keys()
        if changed and opened:
            opened._check_edit_reason()
            opened._log_edit(self._get_field_names(changed))
        if vals.get("mode") == "team":
            # Before the mode: with it, the lines are checked.
            self.line_ids.filtered(lambda line: line.tier_scope != "group").write(
                {"tier_scope": "group", "tier_measure": "people"}
            )
        return super().write(vals)

    @api.model
    def _complete_team_values(self, vals):
        """Return values with what follows from the mode of teams."""
        if vals.get("mode") != "team":
            return vals
        return {**vals, "success_scope": "group"}

    def action_cancel(self):
        """Override to keep what succeeded teams were promised.

        :raise UserError: If a team has succeeded: its orders are confirmed.
        """
        self.check_access("write")
        teams = self.filtered(lambda campaign: campaign.mode == "team").sudo().group_ids
        if any(team.state == "succeeded" for team in teams):
            raise UserError(
                self.env._(
                    "Teams of this campaign have succeeded; their goods will be bought."
                    " Close the campaign instead, and cancel orders one by one where"
                    " you have to."
                )
            )
        failed = teams.filtered(lambda team: team.state == "failed")
        super().action_cancel()
        # They had failed before, and keep it.
        failed.state = "failed"

    def action_seed_team_ladder(self):
        """Give the lines without tiers the usual steps of a team: 1 and 3 people.

        :raise UserError: If the campaign has opened or is no team campaign.
        """
        self.check_access("write")
        for campaign in self:
            if campaign.mode != "team" or campaign.state not in ("draft", "scheduled"):
                raise UserError(
                    self.env._("Steps are proposed for team campaigns in draft only.")
                )
            for line in campaign.line_ids.filtered(lambda line: not line.tier_ids):
                line.write(
                    {
                        "tier_scope": "group",
                        "tier_measure": "people",
                        "tier_ids": [
                            Command.create(
                                {
                                    "threshold": people,
                                    "price": campaign.currency_id.round(
                                        line.start_price * part
                                    ),
                                }
                            )
                            for people, part in TEAM_LADDER
                            if not campaign.team_seats or people <= campaign.team_seats
                        ],
                    }
                )

    def _create_groups(self):
        """Override: a team campaign has teams, and no group of a pickup point."""
        return super(
            GroupBuyCampaign, self.filtered(lambda campaign: campaign.mode != "team")
        )._create_groups()

    # === CLOSING === #

    def _split_groups(self):
        """Override: what teams have reached before stays, the rest is decided now."""
        successful, failed = super()._split_groups()
        if self.mode == "team":
            successful |= self.group_ids.filtered(
                lambda group: group.state == "succeeded"
            )
            # Nobody ever paid in those that never started.
            failed = failed.filtered("team_started_at")
        return successful, failed

    def _on_decided(self, successful, failed, outcomes):
        """Override to end the teams that were prepared and never started."""
        super()._on_decided(successful, failed, outcomes)
        if self.mode == "team":
            # Elevated: nobody writes a group by hand.
            teams = self.group_ids.sudo()
            teams.filtered(lambda team: team.state == "open").state = "cancelled"
            teams.filtered(
                lambda team: team.team_started_at and not team.team_closed_at
            ).team_closed_at = self.closed_at

    def _create_outcomes(self, successful):
        """Override to write the outcome of each team once, by its own headcount."""
        if self.mode != "team":
            return super()._create_outcomes(successful)
        outcomes = self.env["groupbuy.line.outcome"].sudo()
        decided = {
            group.id
            for [group] in outcomes._read_group(
                [("group_id", "in", successful.ids)], ["group_id"]
            )
        }
        undecided = successful.filtered(lambda team: team.id not in decided)
        tallies = undecided._get_line_tallies()
        lines = self.line_ids.grouped("id")
        return outcomes.create(
            [
                lines[line_id]._prepare_outcome(team_id, tally, False)
                for (team_id, line_id), tally in tallies.items()
            ]
        )

    def _decide_teams(self, teams):
        """Decide what becomes of closed teams while the campaign goes on.

        Prices are written and orders are confirmed, or refunded, at once; the goods
        are bought when the campaign closes.

        :param groupbuy.group teams: Teams of this campaign.
        """
        self.ensure_one()
        self.flush_recordset(["state"])
        self.env.cr.execute(
            SQL("SELECT state FROM groupbuy_campaign WHERE id = %s FOR SHARE", self.id)
        )
        if self.env.cr.fetchone()[0] != "open":
            # The close of the campaign decides.
            return
        standing = teams._lock_teams()
        teams = teams.filtered(
            lambda team: standing[team.id][0] == "open" and standing[team.id][2]
        )
        tallies = teams._get_tallies()
        successful = teams.filtered(
            lambda team: team.id in tallies and self._is_reached(tallies[team.id])
        )
        failed = teams - successful
        # It was complete, and somebody left at the same moment: it gets its time.
        early = failed.filtered(lambda t: fields.Datetime.now() < t.team_ends_at)
        early.team_closed_at = False
        failed -= early
        if self.shortfall_policy == "proceed":
            joined = failed.filtered(lambda team: team.id in tallies)
            successful, failed = successful | joined, failed - joined
        self._create_outcomes(successful)
        successful.state = "succeeded"
        failed.state = "failed"
        self._create_success_jobs(successful)
        self._create_refund_jobs(failed, "shortfall")
        self._on_teams_decided(successful, failed)

    def _on_teams_decided(self, successful, failed):
        """Hook for other addons: teams have ended while the campaign goes on.

        :param groupbuy.group successful: Teams whose orders are being confirmed.
        :param groupbuy.group failed: Teams that are refunded.
        """
        self.ensure_one()

    # === LOOKING UP === #

    def _find_team(self, token):
        """Look up a team of this campaign that a browser named by its token.

        :param token: Anything.
        :return: A team that has started, with elevated rights, or nothing.
        :rtype: groupbuy.group
        """
        self.ensure_one()
        teams = self.env["groupbuy.group"].sudo()
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            return teams
        return teams.search(
            [
                ("share_token", "=", token),
                ("campaign_id", "=", self.id),
                ("initiator_id", "!=", False),
                ("team_started_at", "!=", False),
            ],
            limit=1,
        )

    def _get_open_teams(self, community, limit=SHOWN_TEAMS, without=None):
        """Return the teams that a visitor may join, the one that ends next first.

        A constant number of queries for any number of teams.

        :param groupbuy.community community: The visitor's; empty for all.
        :param int limit: How many at most.
        :param groupbuy.group without: A team to leave out.
        :return: Teams with joiners and a free seat.
        :rtype: groupbuy.group
        """
        self.ensure_one()
        teams = self.env["groupbuy.group"].sudo()
        if self.mode != "team" or not self._is_joinable():
            return teams
        self.env["groupbuy.team.seat"].flush_model()
        teams.flush_model()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT g.id
                  FROM groupbuy_group g
                  JOIN LATERAL (
                        SELECT COUNT(*) AS taken,
                               COUNT(*) FILTER (WHERE s.state = 'paid') AS paid
                          FROM groupbuy_team_seat s
                         WHERE s.group_id = g.id
                           AND (s.state = 'paid'
                                OR (s.state = 'held' AND s.expires_at > %(now)s))
                  ) seat ON true
                 WHERE g.campaign_id = %(campaign)s AND g.state = 'open'
                   AND g.team_started_at IS NOT NULL AND g.team_closed_at IS NULL
                   AND g.team_ends_at > %(now)s AND g.id != %(without)s
                   AND (%(community)s::int IS NULL OR g.community_id IS NULL
                        OR g.community_id = %(community)s)
                   AND seat.paid > 0
                   AND (COALESCE(g.team_seats, 0) = 0 OR seat.taken < g.team_seats)
                 ORDER BY g.team_ends_at, g.id
                 LIMIT %(limit)s
                """,
                campaign=self.id,
                community=community.id or None,
                without=without.id if without else 0,
                limit=limit,
                now=now,
            )
        )
        return teams.browse(row[0] for row in rows)
