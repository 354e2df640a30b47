# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.exceptions import ValidationError

from odoo.addons.community_groupbuy.utils import next_tier, reached_price


class GroupBuyCampaignLine(models.Model):
    _inherit = "groupbuy.campaign.line"

    # === CONSTRAINTS AND CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to count the tiers of a team campaign by its teams."""
        campaigns = self.env["groupbuy.campaign"].browse(
            {vals["campaign_id"] for vals in vals_list if vals.get("campaign_id")}
        )
        of_teams = set(campaigns.filtered(lambda c: c.mode == "team").ids)
        return super().create(
            [
                {"tier_measure": "people", **vals, "tier_scope": "group"}
                if vals.get("campaign_id") in of_teams
                else vals
                for vals in vals_list
            ]
        )

    @api.constrains("campaign_id", "tier_scope", "min_quantity", "tier_ids")
    def _check_team_line(self):
        for line in self._filter_team():
            seats = line.campaign_id.team_seats
            if line.tier_scope != "group":
                raise ValidationError(
                    self.env._(
                        "The tiers of %s are reached by each team on its own.",
                        line.product_id.display_name,
                    )
                )
            if line.min_quantity:
                raise ValidationError(
                    self.env._(
                        "%s cannot have a minimum for the line: teams end one after"
                        " the other, before it is known.",
                        line.product_id.display_name,
                    )
                )
            if (
                seats > 0
                and line.tier_measure == "people"
                and any(tier.threshold > seats for tier in line.tier_ids)
            ):
                raise ValidationError(
                    self.env._(
                        "A team of %(seats)s seats never reaches each tier of"
                        " %(product)s.",
                        seats=seats,
                        product=line.product_id.display_name,
                    )
                )

    def _filter_team(self):
        """Return the lines of team campaigns."""
        return self.filtered(lambda line: line.campaign_id.mode == "team")

    # === PRICES === #

    def _compute_final_price(self):
        """Override: while other teams are looking for joiners, no price is final."""
        super()._compute_final_price()
        for line in self._filter_team():
            if line.campaign_state in ("draft", "scheduled", "open"):
                line.final_price = 0.0

    def _compute_tallies(self):
        """Override to show what who starts a team pays."""
        super()._compute_tallies()
        for line in self._filter_team():
            line._set_team_step(line._get_measured({}, is_joining=True))

    def _format_threshold(self, threshold):
        """Override: the ladder of a team often begins with who starts it."""
        if self.tier_measure == "people" and threshold == 1:
            return self.env._("1 person")
        return super()._format_threshold(threshold)

    def _set_team_step(self, measured):
        """Put the step of the ladder that a team has reached on the line."""
        self.ensure_one()
        tiers = self._get_tiers()
        following = next_tier(tiers, measured)
        self.current_price = reached_price(self.start_price, tiers, measured)
        self.next_threshold = following[0] if following else 0.0
        self.next_price = following[1] if following else 0.0
        self.missing_to_next = following[0] - measured if following else 0.0

    def _get_measured(self, tally, is_joining):
        """Return how far a team has come on the ladder of a line.

        Whoever joins counts: the third of a team pays the price of three.

        :param dict tally: people, quantity and amount of the line in the team.
        :param bool is_joining: Whether one more person is about to join.
        :rtype: float
        """
        self.ensure_one()
        measured = tally.get(self.tier_measure, 0.0)
        return measured + (is_joining and self.tier_measure == "people")

    def _get_current_prices(self, group=None):
        """Override to give the price of a team, with whoever joins counted.

        The context `groupbuy_team_member` says that the resident sits in the team
        already; all that it can do to a price is raise it.
        """
        of_teams = self._filter_team()
        prices = super(GroupBuyCampaignLine, self - of_teams)._get_current_prices(group)
        if of_teams:
            is_joining = not self.env.context.get("groupbuy_team_member")
            for line, measured in of_teams._get_team_measures(
                group, is_joining
            ).items():
                prices[line.id] = reached_price(
                    line.start_price, line._get_tiers(), measured
                )
        return prices

    def _get_team_measures(self, team, is_joining):
        """Return how far a team has come on the ladder of each line.

        :param groupbuy.group team: The team; empty for one that is just started.
        :param bool is_joining: Whether one more person is about to join.
        :return: Line → people, quantity or amount, as the line measures.
        :rtype: dict
        """
        team = (team or self.env["groupbuy.group"]).sudo()
        people = team._get_tallies().get(team.id, {}).get("people", 0)
        tallies = team._get_line_tallies()
        return {
            line: line._get_measured(
                {**tallies.get((team.id, line.id), {}), "people": people}, is_joining
            )
            for line in self
        }

    # === WEBSITE === #

    def _get_shown_measure(self, values):
        """Override: a team campaign shows the ladder from who joins on."""
        if self.campaign_id.mode == "team":
            return values["measured"]
        return super()._get_shown_measure(values)

    def _get_missing_text(self, values):
        """Override: it is the team that climbs the ladder."""
        if self.campaign_id.mode != "team" or values["missing"] is None:
            return super()._get_missing_text(values)
        return self.env._(
            "From %(threshold)s in the team on: %(price)s",
            threshold=self._format_threshold(values["measured"] + values["missing"]),
            price=self.currency_id.format(values["next_price"]),
        )
