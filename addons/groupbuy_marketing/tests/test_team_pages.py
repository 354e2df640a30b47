# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json
from datetime import timedelta

from odoo import fields, http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_team import TeamCommon


@tagged("post_install", "-at_install")
class TestTeamPages(TeamCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_residents_with_login("Anna Miller")
        cls.campaign, cls.order = cls._prepare_team(cls.anna)
        cls.team = cls.order.groupbuy_group_id

    def _get(self, path):
        # The first rendering of a page is slow, and so may be the machine.
        return self.url_open(path, allow_redirects=False, timeout=60)

    def _call(self, path, **params):
        """Call a JSON route and return its result, or its error as text."""
        body = self.url_open(
            path,
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        ).json()
        return body.get("result") or body["error"]["data"]["message"]

    def _add(self, campaign, **params):
        line = campaign.line_ids
        return self._call(
            "/shop/cart/add",
            product_template_id=line.product_id.product_tmpl_id.id,
            product_id=line.product_id.id,
            quantity=1,
            groupbuy_line_id=line.id,
            **params,
        )

    def test_page_of_a_team_shows_who_joined_and_what_is_missing(self):
        campaign, team = self.campaign, self.team
        text = self._get(team._get_path()).text
        for words in ("Team of Anna M.", "Still needed: 2 neighbours", "gb-countdown"):
            self.assertIn(words, text)
        self.assertNotIn("Anna Miller", text)
        self.assertEqual(text.count('class="is-free"'), 2)
        text = self._get(campaign.website_url).text
        self.assertIn(team.share_token, text)
        self.assertIn("Team of Anna M.", text)

    def test_page_of_a_team_shows_what_is_said_about_its_campaign(self):
        path = self.team._get_path()
        comments = self.env["groupbuy.comment"]
        comments._write_comment(self.campaign, self.anna, "Very fresh", False)
        self.assertNotIn("Very fresh", self._get(path).text)
        comments.search([]).action_approve()
        text = self._get(path).text
        self.assertIn("Very fresh", text)
        self.assertNotIn("gb_comment_name", text, "A visitor has not joined")

    def test_who_may_not_join_reads_why_on_the_page_of_a_team(self):
        segment = self.env["groupbuy.segment"].create(
            {"name": "Some", "company_id": self.company.id}
        )
        path = self.team._get_path()
        self.assertNotIn("some residents only", self._get(path).text)
        self.campaign.segment_ids = segment
        self.assertIn("some residents only", self._get(path).text)

    def test_name_that_is_not_to_be_shown_is_not(self):
        self.order.groupbuy_show_name = False
        text = self._get(self.team._get_path()).text
        self.assertIn("Team of a neighbour", text)
        self.assertNotIn("Anna", text)

    @mute_logger("odoo.http")
    def test_forged_tokens_are_not_found(self):
        campaign = self.campaign
        other = self._create_team_campaign(name="Another")
        foreign = self._join_team(other, self.neighbour).groupbuy_group_id
        prepared = self._create_team_cart(campaign, self.third).groupbuy_group_id
        path = foreign._get_path()
        self.assertEqual(self._get(path).status_code, 200)
        other.is_published = False
        paths = [
            f"{campaign.website_url}/team/{token}"
            for token in (
                "x" * 16, foreign.share_token, prepared.share_token, "%27", "1",
            )
        ]  # fmt: skip
        for page in [*paths, path]:
            for suffix in ("", "/live", "/qr.svg"):
                self.assertEqual(self._get(page + suffix).status_code, 404, page)

    def test_old_slug_leads_to_the_new_one(self):
        campaign, team = self.campaign, self.team
        response = self._get(
            f"/group-buy/old-name-{campaign.id}/team/{team.share_token}"
        )
        self.assertEqual(response.status_code, 301)
        self.assertTrue(response.headers["Location"].endswith(team._get_path()))

    def test_visitor_joins_by_the_token_and_refusals_change_nothing(self):
        campaign = self._create_team_campaign(team_seats=2, min_people=2, lines=[{}])
        team = self._join_team(campaign, self.resident).groupbuy_group_id
        self.assertEqual(
            self._add(campaign, groupbuy_team=team.share_token)["quantity"], 1
        )
        cart = campaign.order_ids.filtered(lambda o: o.groupbuy_state == "cart")
        self.assertEqual(cart.groupbuy_group_id, team)
        self.assertEqual(team.team_free_seats, 0)
        # The visitor's own seat is no reason to turn the visitor away.
        values = self._get(f"{team._get_path()}/live").json()
        self.assertEqual((values["state"], values["joinable"]), ("open", True))
        self.authenticate(None, None)
        values = self._get(f"{team._get_path()}/live").json()
        self.assertEqual((values["state"], values["joinable"]), ("full", False))
        with mute_logger("odoo.http"):
            self.assertIn("full", self._add(campaign, groupbuy_team=team.share_token))
            for token in ("x" * 16, 3, ["a"], {"a": 1}):
                self.assertIn("no such team", self._add(campaign, groupbuy_team=token))
        self.assertEqual(campaign.order_ids - cart - team.order_ids, cart.browse())
        self.assertEqual(campaign.line_ids.taken_quantity, 2)

    def test_full_and_ended_teams_offer_others(self):
        campaign = self._create_team_campaign(team_seats=2, min_people=2, lines=[{}])
        full = self._join_team(campaign, self.resident).groupbuy_group_id
        self._join_team(campaign, self.neighbour, full)
        other = self._join_team(campaign, self.third).groupbuy_group_id
        for words in (
            "All seats of this team are taken",
            "This team is complete",
            other.share_token,
        ):
            self.assertIn(words, self._get(full._get_path()).text)
        other.team_ends_at = fields.Datetime.now() - timedelta(minutes=1)
        text = self._get(other._get_path()).text
        self.assertIn("This team has ended", text)
        self.assertIn("Start a team of your own", text)
        self.assertNotIn('class="gb-join"', text)

    def test_live_numbers_follow_the_team(self):
        campaign, team = self.campaign, self.team
        line = campaign.line_ids
        path = f"{team._get_path()}/live?lines={line.id},x,-1"
        values = self._get(path).json()
        shown = values["lines"][str(line.id)]
        self.assertEqual((values["people"], shown["price"]), (1, 9.0))
        self.assertEqual((shown["missing"], shown["next_price"]), (1.0, 7.0))
        self._join_team(campaign, self.neighbour, team)
        values = self._get(path).json()
        self.assertEqual(values["people"], 2)
        self.assertEqual(values["lines"][str(line.id)]["price"], 7.0)

    def test_live_numbers_cost_a_constant_number_of_queries(self):
        campaign = self._create_team_campaign(team_seats=0)
        team = self._join_team(campaign, self.resident).groupbuy_group_id
        # A team to be listed: with the first one, all queries are asked.
        self._join_team(campaign, self.neighbour)
        lines = campaign.line_ids

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            team._get_team_values(lines, self.third, self.community)
            cards = campaign._get_team_cards(self.community, without=team)
            return len(cards), self.env.cr.sql_log_count - before

        count()
        self.assertEqual(count()[0], 1)
        queries = count()[1]
        residents = self._create_residents(6)
        for resident in residents[:3]:
            self._join_team(campaign, resident, team)
        for resident in residents[3:]:
            self._join_team(campaign, resident)
        self.assertEqual(count(), (4, queries))

    def test_cart_can_leave_its_team(self):
        campaign, team = self.campaign, self.team
        self.authenticate(None, None)
        self._add(campaign, groupbuy_team=team.share_token)
        text = self._get("/shop/cart").text
        self.assertIn("Team of Anna M.", text)
        self.assertIn("Start a team of my own instead", text)
        cart = campaign.order_ids.filtered(lambda o: o.groupbuy_state == "cart")
        token = http.Request.csrf_token(self)
        self.url_open("/group-buy/team/leave", data={"csrf_token": token}, timeout=60)
        self.assertFalse(cart.groupbuy_group_id)
        self.assertEqual(team.team_free_seats, 2)

    def test_page_of_the_order_speaks_of_the_team(self):
        self.authenticate("anna", "anna")
        text = self._get(f"/my/orders/{self.order.id}").text
        for words in ("Waiting for the team", "Team of Anna M."):
            self.assertIn(words, text)
