# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

import qrcode
from qrcode.image.svg import SvgPathImage

from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.community_groupbuy.utils import next_tier, reached_price

# Faces on a team's page; a team without a limit may have hundreds.
SHOWN_FACES = 12


class GroupBuyCampaign(models.Model):
    _inherit = "groupbuy.campaign"

    def _get_team_end(self):
        """Return when a team that were started now would end (UTC)."""
        self.ensure_one()
        return min(
            fields.Datetime.now() + timedelta(hours=self.team_hours), self.close_at
        )

    def _get_live_values(self, lines=None):
        """Override: the ladder of a team campaign is that of a new team."""
        values = super()._get_live_values(lines)
        if self.mode == "team":
            for line in self.line_ids if lines is None else lines:
                values["lines"][line.id]["measured"] = line._get_measured(
                    {}, is_joining=True
                )
        return values

    def _get_goal_text(self, values):
        """Override to say what a team needs."""
        if self.mode != "team" or self.state != "open" or not values["joinable"]:
            return super()._get_goal_text(values)
        needed = self._format_amounts(
            {measure: need for measure, (_have, need) in values["progress"].items()}
        )
        hours = self._format_number(self.team_hours)
        if not needed:
            return self.env._(
                "Start a team and share it: whoever joins within %s hours lowers the"
                " price for all.",
                hours,
            )
        return self.env._(
            "Start a team and share it: it needs %(needed)s within %(hours)s hours."
            " Otherwise its joiners get everything back.",
            needed=needed,
            hours=hours,
        )

    def _get_team_cards(self, community, without=None):
        """Return what the list of teams to join shows.

        :param groupbuy.community community: The visitor's; empty for all.
        :param groupbuy.group without: A team to leave out.
        :return: Dicts with url, title, text, ends (text), ends_at and server_now (ISO
            8601 in UTC).
        :rtype: list[dict]
        """
        self.ensure_one()
        teams = self._get_open_teams(community, without=without)
        tallies = teams._get_tallies()
        titles = teams._get_public_titles()
        now = fields.Datetime.now().isoformat() + "Z"
        return [
            {
                "url": team._get_path(),
                "title": titles[team.id],
                "text": team._get_goal_text(tallies.get(team.id, {})),
                "ends": self._format_local(team.team_ends_at),
                "ends_at": team.team_ends_at.isoformat() + "Z",
                "server_now": now,
            }
            for team in teams
        ]


class GroupBuyGroup(models.Model):
    """What residents see of a team."""

    _inherit = "groupbuy.group"

    def _get_public_titles(self):
        """Return how each team is called on the website.

        The name is the initiator's first name and initial, if the initiator still is
        in the team and lets neighbours see it.

        :return: Team id → text.
        :rtype: dict[int, str]
        """
        orders = (
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("groupbuy_group_id", "in", self.ids),
                    ("groupbuy_state", "in", ("waiting", "confirmed")),
                    ("groupbuy_show_name", "=", True),
                ]
            )
        )
        shown = {
            order.groupbuy_group_id
            for order in orders
            if order.partner_id == order.groupbuy_group_id.initiator_id
        }
        return {
            team.id: (
                self.env._("Team of %s", team.initiator_id._groupbuy_public_name())
                if team in shown
                else self.env._("Team of a neighbour")
            )
            for team in self
        }

    def _get_public_title(self):
        """Return how the team is called on the website."""
        self.ensure_one()
        return self._get_public_titles()[self.id]

    def _get_faces(self):
        """Return who sits on the team's seats, for its page.

        Only residents who have paid; an empty seat is shown as empty.

        :return: Dicts with name, initial and is_free.
        :rtype: list[dict]
        """
        self.ensure_one()
        orders = (
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("groupbuy_group_id", "=", self.id),
                    ("groupbuy_state", "in", ("waiting", "confirmed")),
                ],
                order="groupbuy_joined_at, id",
            )
        )
        faces = []
        for partner, theirs in orders.grouped("partner_id").items():
            name = (
                partner._groupbuy_public_name()
                if any(order.groupbuy_show_name for order in theirs)
                else self.env._("A neighbour")
            )
            faces.append({"name": name, "initial": name[:1], "is_free": False})
        wanted = self.team_seats or self.campaign_id.min_people
        free = max(min(wanted, SHOWN_FACES) - len(faces), 0)
        if self.state != "open":
            free = 0
        return (
            faces[:SHOWN_FACES]
            + [{"name": self.env._("Free"), "initial": "+", "is_free": True}] * free
        )

    def _get_bars(self, tally):
        """Return the bars towards the team's success.

        :param dict tally: What :meth:`_get_tallies` says of the team.
        :rtype: list[dict]
        """
        self.ensure_one()
        campaign = self.campaign_id
        return [
            campaign._get_bar(measure, have, need)
            for measure, (have, need) in campaign._get_progress(tally).items()
            if need
        ]

    def _get_goal_text(self, tally):
        """Return what becomes of the team, or what it still needs, as a sentence.

        :param dict tally: What :meth:`_get_tallies` says of the team.
        :rtype: str
        """
        self.ensure_one()
        campaign = self.campaign_id
        texts = {
            "succeeded": self.env._("This team has succeeded."),
            "failed": self.env._(
                "Not enough neighbours joined this team. They get their money back."
            ),
            "cancelled": self.env._("This campaign was cancelled."),
        }
        if self.state in texts:
            return texts[self.state]
        if self.team_started_at and not self._is_team_joinable():
            return self.env._("This team is just ending.")
        missing = {
            measure: need - have
            for measure, (have, need) in campaign._get_progress(tally).items()
            if need and have < need
        }
        if missing == {"people": 1}:
            return self.env._(
                "One more neighbour is needed. Otherwise everybody in this team gets"
                " the money back."
            )
        if not missing and 0 < self.team_seats <= tally.get("people", 0):
            return self.env._("This team is complete: it is just being confirmed.")
        if not missing:
            return self.env._("Goal reached: whoever joins may lower the price.")
        return self.env._(
            "Still needed: %s. Otherwise everybody in this team gets the money back.",
            campaign._format_amounts(missing),
        )

    def _get_visitor_seats(self, partner, cart_id):
        """Return the states of the seats that a visitor has in the team.

        :param res.partner partner: The visitor; empty for an anonymous one.
        :param int cart_id: The visitor's cart, if any.
        :return: Some of "held" and "paid".
        :rtype: list[str]
        """
        self.ensure_one()
        owner = Domain("order_id", "=", cart_id or 0) | Domain(
            "partner_id", "in", partner.ids
        )
        return (
            self.env["groupbuy.team.seat"]
            .search(
                Domain("group_id", "=", self.id)
                & Domain("state", "in", ("held", "paid"))
                & owner
            )
            .mapped("state")
        )

    def _get_team_values(self, lines, partner, community, cart_id=None):
        """Return what a team's page shows and what its script refreshes.

        The same shape as :meth:`groupbuy.campaign._get_website_values`.

        :param groupbuy.campaign.line lines: The lines on the page.
        :param res.partner partner: The visitor; empty for an anonymous one.
        :param groupbuy.community community: The visitor's; may be empty.
        :param int cart_id: The visitor's cart, whose seat is not somebody else's.
        :return: JSON-able values.
        :rtype: dict
        """
        self.ensure_one()
        campaign = self.campaign_id
        values = campaign._get_live_values(lines)
        tally = self._get_tallies().get(self.id, {})
        people = tally.get("people", 0)
        seats = self._get_visitor_seats(partner, cart_id)
        is_member = "paid" in seats
        is_full = bool(self.team_seats) and not self.team_free_seats and not seats
        is_strange = bool(
            community and self.community_id and community != self.community_id
        )
        is_open = self._is_team_joinable()
        state = self.state
        if state == "open" and not is_open:
            state = "ended"
        elif is_open and is_full:
            state = "full"
        values.update(
            state=state,
            joinable=is_open and not is_full and not is_strange,
            close_at=self.team_ends_at.isoformat() + "Z",
            people=people,
            people_text=campaign._get_people_text(people),
            bars=self._get_bars(tally) if self.state != "failed" else [],
            goal_text=self._get_goal_text(tally),
            joiners=[],
            faces=self._get_faces(),
            is_member=is_member,
            is_full=is_full,
            is_strange=is_strange,
        )
        is_joining = values["joinable"] and not is_member
        measures = lines._get_team_measures(self, is_joining)
        for line in lines:
            shown = values["lines"][line.id]
            measured = measures[line]
            tiers = line._get_tiers()
            following = next_tier(tiers, measured)
            shown.update(
                price=reached_price(line.start_price, tiers, measured),
                measured=measured,
                next_price=following[1] if following else None,
                missing=following[0] - measured if following else None,
            )
            shown.update(line._get_website_texts(shown))
        return values

    def _get_share_values(self, website):
        """Return what the share button and its QR code need.

        :param website website: The website.
        :return: url (absolute), title, text, qr (address of the picture).
        :rtype: dict
        """
        self.ensure_one()
        campaign = self.campaign_id
        path = self.env["ir.http"]._url_for(self._get_path())
        return {
            "url": website.get_base_url() + path,
            "title": campaign.name,
            "text": self.env._(
                "Join my team: %(campaign)s, until %(end)s",
                campaign=campaign.name,
                end=campaign._format_local(self.team_ends_at),
            ),
            "qr": f"{self._get_path()}/qr.svg",
        }

    def _render_share_code(self, website):
        """Return the QR code of the team's page, for a phone held to a screen.

        :param website website: The website.
        :return: An SVG picture.
        :rtype: bytes
        """
        self.ensure_one()
        return qrcode.make(
            website.get_base_url() + self._get_path(),
            image_factory=SvgPathImage,
            border=2,
        ).to_string()
