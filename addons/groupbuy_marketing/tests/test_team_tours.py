# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, tagged

from .common_team import TeamCommon


class TeamTours(TeamCommon, HttpCase):
    """Anna, a resident, starts and joins teams in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment_method.active = True
        cls.anna = cls._create_residents_with_login("Anna Miller")

    def _start_in_browser(self):
        campaign = self._create_team_campaign()
        self.start_tour(campaign.website_url, "groupbuy_team_start", login="anna")
        order = campaign.order_ids
        team = order.groupbuy_group_id
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertEqual(order.amount_total, 9.0)
        self.assertEqual(order.groupbuy_point_id, self.other_point)
        self.assertEqual(team.initiator_id, self.anna)
        self.assertTrue(team.team_ends_at)
        self.assertEqual(team.seat_ids.mapped("state"), ["paid"])

    def _join_in_browser(self):
        campaign = self._create_team_campaign()
        team = self._join_team(campaign, self.resident).groupbuy_group_id
        self._join_team(campaign, self.neighbour, team)
        self.start_tour(team._get_path(), "groupbuy_team_join", login="anna")
        order = campaign.order_ids.filtered(lambda o: o.partner_id == self.anna)
        self.assertEqual(order.groupbuy_group_id, team)
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertEqual(order.amount_total, 7.0)
        self.assertEqual(order.groupbuy_point_id, self.other_point)
        self._run_teams()
        self._run_jobs()
        self.assertEqual(team.state, "succeeded")
        self.assertEqual(
            set(campaign.order_ids.mapped("groupbuy_state")), {"confirmed"}
        )
        self.assertEqual(campaign.order_ids.mapped("amount_total"), [7.0] * 3)


@tagged("post_install", "-at_install")
class TestTeamsOnADesktop(TeamTours):
    browser_size = "1400x900"

    def test_resident_starts_a_team(self):
        self._start_in_browser()

    def test_resident_joins_a_team(self):
        self._join_in_browser()


@tagged("post_install", "-at_install")
class TestTeamsOnAPhone(TeamTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_resident_starts_a_team(self):
        self._start_in_browser()

    def test_resident_joins_a_team(self):
        self._join_in_browser()
