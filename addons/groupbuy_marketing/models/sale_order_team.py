# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.community_groupbuy.const import PRIVILEGE


class SaleOrder(models.Model):
    """How an order of a team campaign finds its team.

    The order's group is its team. A cart that was filled on a team's page belongs to
    that team and holds a seat in it; any other gets a team of its own, prepared at the
    checkout, which starts when the order is paid.
    """

    _inherit = "sale.order"

    def _groupbuy_is_for_team(self):
        """Return whether the order is of a team campaign.

        :rtype: bool
        """
        self.ensure_one()
        # Elevated: residents have no rights on campaigns.
        return self.groupbuy_campaign_id.sudo().mode == "team"

    def _groupbuy_is_team_member(self):
        """Return whether the resident has joined the order's team already."""
        self.ensure_one()
        resident = self._groupbuy_get_resident()
        # Elevated: residents have no rights on orders of their group, nor on seats.
        return bool(
            resident
            and self.groupbuy_group_id
            and self.env["groupbuy.team.seat"]
            .sudo()
            .search_count(
                [
                    ("group_id", "=", self.groupbuy_group_id.id),
                    ("partner_id", "=", resident.id),
                    ("state", "=", "paid"),
                ],
                limit=1,
            )
        )

    # === CART === #

    def _cart_add(
        self, product_id, quantity=1.0, *, uom_id=None, groupbuy_team=None, **kwargs
    ):
        """Override to put the cart into a team before the price is taken.

        :param groupbuy_team: The token of a team, from the browser: looked up.
        """
        line_id = kwargs.get("groupbuy_line_id")
        if line_id is not None:
            campaign = self._groupbuy_find_line(line_id).campaign_id
            if campaign.mode == "team":
                self._groupbuy_enter(campaign)
                self._groupbuy_choose_team(groupbuy_team)
            elif groupbuy_team:
                raise UserError(self.env._("This campaign has no teams."))
        return super()._cart_add(product_id, quantity, uom_id=uom_id, **kwargs)

    def _groupbuy_choose_team(self, token=None):
        """Put the cart into the team that a browser named, or keep the one it has.

        Without a token the resident's own running team goes on, if there is one;
        else the cart starts a team.

        :param token: Anything.
        :raise UserError: If there is no such team, it is over or full, or it is for
            the neighbours of another community.
        """
        self.ensure_one()
        if token:
            team = self.groupbuy_campaign_id.sudo()._find_team(token)
            if not team:
                raise UserError(
                    self.env._(
                        "There is no such team in this campaign. Please check the link,"
                        " or start a team of your own on the campaign's page."
                    )
                )
            self._groupbuy_bind_team(team)
            return
        team = self.groupbuy_group_id.sudo()
        if team.team_started_at and team._get_join_refusal(self):
            self._groupbuy_leave_team()
            team = team.browse()
        team = team or self._groupbuy_find_own_team()
        if team:
            self._groupbuy_bind_team(team)

    def _groupbuy_find_own_team(self):
        """Return the running team that the resident of the cart started or joined.

        :rtype: groupbuy.group
        """
        self.ensure_one()
        resident = self._groupbuy_get_resident()
        teams = self.env["groupbuy.group"].sudo()
        if not resident:
            return teams
        orders = self.sudo().search(
            [
                ("groupbuy_campaign_id", "=", self.groupbuy_campaign_id.id),
                ("partner_id", "=", resident.id),
                ("groupbuy_state", "=", "waiting"),
            ],
            order="id desc",
        )
        return orders.groupbuy_group_id.filtered(lambda team: team._is_team_joinable())[
            :1
        ]

    def _groupbuy_bind_team(self, team):
        """Put the cart into a team and take a seat there.

        :param groupbuy.group team: A team of the cart's campaign.
        :raise UserError: If it cannot be joined, or has no free seat.
        """
        self.ensure_one()
        if refusal := team._get_join_refusal(self):
            raise UserError(refusal)
        if not self._groupbuy_take_seat(team, self.groupbuy_campaign_id.hold_minutes):
            raise UserError(team._get_full_text())
        if self.groupbuy_group_id != team:
            self._groupbuy_write_team(team)

    def _groupbuy_take_seat(self, team, minutes, is_paid=False):
        """Take or renew a seat in a team; a team that has not started has room.

        :param groupbuy.group team: The team.
        :param int minutes: How long the seat is held without payment.
        :param bool is_paid: Whether the order is paid.
        :return: Whether there is a seat.
        :rtype: bool
        """
        self.ensure_one()
        if not is_paid and not team.team_started_at:
            return True
        # Elevated: nobody has rights to write seats.
        seats = self.env["groupbuy.team.seat"].sudo()
        result = seats._claim(
            team,
            self.id,
            partner=self._groupbuy_get_resident(),
            minutes=minutes,
            is_paid=is_paid,
        )
        return result == "ok"

    def _groupbuy_write_team(self, team):
        """Write the cart's team, and take its prices: those of another do not stay.

        :param groupbuy.group team: The team; empty to start one.
        """
        self.ensure_one()
        self.with_context(groupbuy_system_write=PRIVILEGE).groupbuy_group_id = team
        # Elevated: what a cart was shown is a fact that only our own code writes.
        lines = self.sudo().order_line.filtered("groupbuy_line_id")
        if not lines:
            return
        member = self._groupbuy_is_team_member()
        prices = (
            lines.groupbuy_line_id.with_context(groupbuy_team_member=member)
            ._get_current_prices(team)
        )  # fmt: skip
        for line in lines:
            line.groupbuy_joined_price = prices[line.groupbuy_line_id.id]
        lines._groupbuy_reprice()

    def _groupbuy_leave_team(self):
        """Leave the team of a cart; the cart then starts a team of its own."""
        self.ensure_one()
        if self.groupbuy_state != "cart" or not self.groupbuy_group_id:
            return
        team = self.groupbuy_group_id.sudo()
        self.env["groupbuy.team.seat"].sudo()._release_held(team.id, self.id)
        self._groupbuy_write_team(team.browse())

    def _prepare_order_line_values(self, *args, groupbuy_line=None, **kwargs):
        """Override to take the price of who sits in the team already."""
        if groupbuy_line and self.groupbuy_group_id and self._groupbuy_is_for_team():
            groupbuy_line = groupbuy_line.with_context(
                groupbuy_team_member=self._groupbuy_is_team_member()
            )
        return super()._prepare_order_line_values(
            *args, groupbuy_line=groupbuy_line, **kwargs
        )

    # === GROUP === #

    def _groupbuy_assign_group(self, point):
        """Override: the group is the team, wherever its joiners collect."""
        self.ensure_one()
        if not self._groupbuy_is_for_team():
            return super()._groupbuy_assign_group(point)
        self._groupbuy_prepare_team(point)
        self.with_context(groupbuy_system_write=PRIVILEGE).groupbuy_point_id = (
            point.id or False
        )
        return None

    def _groupbuy_set_point(self, point):
        """Override: a cart without a pickup point stays in its team."""
        team = self.groupbuy_group_id
        result = super()._groupbuy_set_point(point)
        if team and not self.groupbuy_group_id and self._groupbuy_is_for_team():
            self.with_context(groupbuy_system_write=PRIVILEGE).groupbuy_group_id = team
        return result

    def _groupbuy_prepare_team(self, point):
        """Give a cart that starts a team one, in a request before that of the payment.

        It is seen by nobody, and nobody joins it, until its initiator has paid. One
        that the resident has not used is taken again.

        :param groupbuy.pickup.point point: Where the cart is collected, if known.
        """
        self.ensure_one()
        resident = self._groupbuy_get_resident()
        if self.groupbuy_group_id or not resident:
            return
        campaign = self.groupbuy_campaign_id.sudo()
        community = self._groupbuy_get_community()
        if not community and len(point.sudo().community_ids) == 1:
            community = point.sudo().community_ids
        # Elevated: nobody has rights to write teams.
        teams = self.env["groupbuy.group"].sudo()
        vals = {
            "team_seats": campaign.team_seats,
            "community_id": community.id,
        }
        team = teams.search(
            [
                ("campaign_id", "=", campaign.id),
                ("initiator_id", "=", resident.id),
                ("team_started_at", "=", False),
                ("state", "=", "open"),
            ],
            limit=1,
        )
        if team:
            team.write(vals)
        else:
            team = teams.create(
                {"campaign_id": campaign.id, "initiator_id": resident.id, **vals}
            )
        self.with_context(groupbuy_system_write=PRIVILEGE).groupbuy_group_id = team

    # === PAYING === #

    def _groupbuy_check_payable(self):
        """Override to hold the seat for the time of the payment.

        :raise ValidationError: If the team is over or full, or the campaign is not
            offered to the resident's community.
        """
        self.ensure_one()
        if self._groupbuy_is_for_team() and self.groupbuy_state == "cart":
            self._groupbuy_check_team()
        return super()._groupbuy_check_payable()

    def _groupbuy_check_team(self):
        """Check the team of a cart right before its payment, and renew its seat."""
        self.ensure_one()
        campaign = self.groupbuy_campaign_id.sudo()
        community = self._groupbuy_get_community()
        if (
            community
            and campaign.community_ids
            and community not in campaign.community_ids
        ):
            raise ValidationError(
                self.env._(
                    "%(campaign)s is offered to %(communities)s, and you live in"
                    " %(own)s. Have a look at the campaigns for your community.",
                    campaign=campaign.name,
                    communities=campaign._get_places_text(),
                    own=community.name,
                )
            )
        self._groupbuy_prepare_team(self.groupbuy_point_id)
        team = self.groupbuy_group_id.sudo()
        if refusal := team._get_join_refusal(self):
            raise ValidationError(refusal)
        if not self._groupbuy_take_seat(team, campaign.payment_minutes):
            raise ValidationError(team._get_full_text())

    def _groupbuy_refuse_join(self, tx):
        """Override: a paid order needs a team that is not over, and a seat in it.

        Why it is safe: the team's row is locked until the registration commits, so
        that the job which ends the team waits for it; the seat is claimed in a short
        transaction of its own. A payment that was begun before the team's end counts,
        as one that was begun before the campaign's close does.
        """
        if reason := super()._groupbuy_refuse_join(tx):
            return reason
        if not self._groupbuy_is_for_team():
            return ""
        self._groupbuy_prepare_team(self.groupbuy_point_id)
        team = self.groupbuy_group_id.sudo()
        state, ends_at, closed_at = team._lock_teams()[team.id]
        now = fields.Datetime.now()
        if (
            state != "open"
            or closed_at
            or (ends_at and min(now, tx.create_date or now) >= ends_at)
        ):
            return "team_over"
        if not self._groupbuy_take_seat(team, 0, is_paid=True):
            return "team_full"
        return ""

    def _groupbuy_on_joined(self):
        """Override to start the initiator's team, or end one that is full at once.

        Not before: an order that other addons refuse starts no team.
        """
        super()._groupbuy_on_joined()
        if not self._groupbuy_is_for_team():
            return
        team = self.groupbuy_group_id.sudo()
        if not team.team_started_at:
            team._start_team()
        if not team.team_seats:
            return
        paid = self.env["groupbuy.team.seat"].sudo()._count_taken(team)
        if paid.get(team.id, (0, 0))[1] >= team.team_seats:
            team._trigger_end()

    def _groupbuy_check_changeable(self):
        """Override: after the end of its team, an order can no longer be changed."""
        super()._groupbuy_check_changeable()
        if not self._groupbuy_is_for_team():
            return
        team = self.groupbuy_group_id.sudo()
        state, ends_at, closed_at = team._lock_teams()[team.id]
        if state != "open" or closed_at or fields.Datetime.now() >= ends_at:
            raise UserError(
                self.env._(
                    "Your team has ended, and what was ordered in it counts. Please ask"
                    " for help after you have received the goods."
                )
            )
