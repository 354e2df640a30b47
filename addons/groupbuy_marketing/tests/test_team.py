# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_team import TeamCommon

CAMPAIGN_LOG = "odoo.addons.groupbuy_marketing.models.groupbuy_team"


@tagged("post_install", "-at_install")
class TestTeam(TeamCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign, cls.order = cls._prepare_team(cls.resident)
        cls.team = cls.order.groupbuy_group_id

    # === STARTING AND JOINING === #

    def test_first_order_starts_a_team_of_its_own(self):
        order, team = self.order, self.team
        self.assertEqual(order.groupbuy_state, "waiting")
        self.assertEqual(team.initiator_id, self.resident)
        self.assertEqual(team.community_id, self.community)
        self.assertFalse(team.pickup_point_id)
        self.assertEqual(order.groupbuy_point_id, self.point)
        self.assertEqual(team.team_ends_at, team.team_started_at + timedelta(hours=2))
        self.assertEqual(team.seat_ids.mapped("state"), ["paid"])
        self.assertEqual((team.people_count, team.team_missing), (1, 2))

    def test_team_ends_with_its_campaign_at_the_latest(self):
        campaign = self._create_team_campaign(team_hours=100)
        team = self._join_team(campaign, self.resident).groupbuy_group_id
        self.assertEqual(team.team_ends_at, campaign.close_at)

    def test_team_campaign_has_no_groups_of_points(self):
        campaign = self._create_team_campaign()
        self.assertFalse(campaign.group_ids)
        campaign._create_groups()
        self.assertFalse(campaign.group_ids)

    def test_whoever_joins_pays_the_price_with_himself_counted(self):
        campaign, first = self.campaign, self.order
        team = first.groupbuy_group_id
        second = self._join_team(campaign, self.neighbour, team)
        third = self._join_team(campaign, self.third, team)
        orders = first | second | third
        self.assertEqual(orders.groupbuy_group_id, team)
        self.assertEqual(orders.mapped("groupbuy_charged_total"), [9.0, 9.0, 7.0])

    def test_unpaid_cart_starts_nothing(self):
        campaign = self._create_team_campaign()
        order = self._create_team_cart(campaign, self.resident)
        order._check_cart_is_ready_to_be_paid()
        team = order.groupbuy_group_id
        self.assertEqual(team.initiator_id, self.resident)
        self.assertFalse(team.team_started_at)
        self.assertFalse(campaign._find_team(team.share_token))
        self.assertFalse(campaign._get_open_teams(self.community))
        self._run_teams()
        self.assertEqual(team.state, "open")

    def test_order_that_is_refused_after_its_seat_starts_no_team(self):
        campaign = self._create_team_campaign(lines=[{"cap": 1}])
        order = self._create_team_cart(campaign, self.resident)
        order._check_cart_is_ready_to_be_paid()
        self.env["groupbuy.hold"]._release_for_orders(order.ids, state="expired")
        self._join_team(campaign, self.neighbour)
        self._pay(order)
        self.assertEqual(
            (order.groupbuy_state, order.groupbuy_failure), ("failed", "sold_out")
        )
        team = order.groupbuy_group_id
        self.assertEqual(team.initiator_id, self.resident)
        self.assertFalse(team.team_started_at)
        self.assertFalse(campaign._find_team(team.share_token))
        self.assertEqual(team.seat_ids.mapped("state"), ["released"])

    def test_prepared_team_is_taken_again(self):
        campaign = self._create_team_campaign()
        first = self._create_team_cart(campaign, self.resident)
        second = self._create_team_cart(campaign, self.resident)
        self.assertEqual(first.groupbuy_group_id, second.groupbuy_group_id)
        self.assertEqual(len(campaign.group_ids), 1)

    def test_resident_who_orders_again_sits_on_one_seat(self):
        campaign, first = self.campaign, self.order
        again = self._join_team(campaign, self.resident)
        team = first.groupbuy_group_id
        self.assertEqual(again.groupbuy_group_id, team)
        self.assertEqual(again.groupbuy_charged_total, 9.0)
        self.assertEqual((team.people_count, team.order_count), (1, 2))
        self.assertEqual(len(team.seat_ids), 1)
        first._groupbuy_cancel_by_resident()
        self.assertEqual(team.seat_ids.state, "paid", "The other order sits there")
        again._groupbuy_cancel_by_resident()
        self.assertEqual(team.seat_ids.state, "released")

    def test_member_is_not_counted_twice_in_the_price(self):
        campaign, team = self.campaign, self.team
        self._join_team(campaign, self.neighbour, team)
        again = self._join_team(campaign, self.resident, team)
        self.assertEqual(again.groupbuy_charged_total, 9.0)

    def test_another_team_takes_its_own_price(self):
        campaign, team = self.campaign, self.team
        self._join_team(campaign, self.neighbour, team)
        cart = self._create_team_cart(campaign, self.third, team)
        self.assertEqual(cart.amount_total, 7.0)
        cart._groupbuy_leave_team()
        self.assertFalse(cart.groupbuy_group_id)
        self.assertEqual(cart.amount_total, 9.0)
        self.assertNotIn("held", team.seat_ids.mapped("state"))

    def test_cart_keeps_its_team_when_the_point_is_taken_away(self):
        campaign, team = self.campaign, self.team
        cart = self._create_team_cart(campaign, self.neighbour, team)
        cart._groupbuy_set_point(self.env["groupbuy.pickup.point"])
        self.assertEqual(cart.groupbuy_group_id, team)
        self.assertFalse(cart.groupbuy_point_id)

    def test_joiners_collect_at_points_of_their_own(self):
        campaign, first = self.campaign, self.order
        team = first.groupbuy_group_id
        self._join_team(campaign, self.neighbour, team)
        third = self._join_team(campaign, self.third, team, point=self.other_point)
        self._run_teams()
        self._run_jobs()
        self._close(campaign)
        to_points = campaign.picking_ids.filtered(
            lambda picking: picking.groupbuy_role == "to_point"
        )
        self.assertEqual(
            {
                picking.groupbuy_point_id: sum(
                    picking.move_ids.mapped("product_uom_qty")
                )
                for picking in to_points
            },
            {self.point: 2.0, self.other_point: 1.0},
        )
        self.assertEqual(
            third.groupbuy_picking_ids.location_id, self.other_point.location_id
        )

    # === REFUSALS === #

    def test_forged_tokens_are_refused_and_change_nothing(self):
        campaign = self._create_team_campaign()
        other = self._create_team_campaign(name="Another")
        foreign = self._join_team(other, self.neighbour).groupbuy_group_id
        for token in (
            "x" * 16,
            foreign.share_token,
            7,
            {"id": 1},
            "'; DROP--",
            "a",
            "a\x00" * 8,
        ):
            order = self.env["sale.order"].create(
                {"partner_id": self.resident.id, "website_id": self.website.id}
            )
            line = campaign.line_ids
            with self.assertRaises(UserError), self.env.cr.savepoint():
                order._cart_add(
                    line.product_id.id,
                    1,
                    groupbuy_line_id=line.id,
                    groupbuy_team=token,
                )
            self.assertFalse(order.order_line)
            self.assertFalse(order.groupbuy_campaign_id)
        self.assertEqual(campaign.line_ids.taken_quantity, 0)

    def test_token_in_a_campaign_without_teams_is_refused(self):
        campaign = self._create_campaign()
        order = self.env["sale.order"].create(
            {"partner_id": self.resident.id, "website_id": self.website.id}
        )
        line = campaign.line_ids
        with self.assertRaises(UserError):
            order._cart_add(
                line.product_id.id, 1, groupbuy_line_id=line.id, groupbuy_team="a" * 16
            )

    def test_full_team_refuses_and_others_are_offered(self):
        campaign = self._create_team_campaign(team_seats=2, min_people=2, lines=[{}])
        full = self._join_team(campaign, self.resident).groupbuy_group_id
        self._join_team(campaign, self.neighbour, full)
        other = self._join_team(campaign, self.third).groupbuy_group_id
        self.assertEqual(campaign._get_open_teams(self.community), other)
        with self.assertRaisesRegex(UserError, "full"), self.env.cr.savepoint():
            self._create_team_cart(campaign, self.fourth, full)
        joined = self._join_team(campaign, self.fourth, other)
        self.assertEqual(joined.groupbuy_group_id, other)

    def test_seat_of_a_cart_counts_until_it_expires(self):
        campaign = self._create_team_campaign(team_seats=2, min_people=2, lines=[{}])
        team = self._join_team(campaign, self.resident).groupbuy_group_id
        cart = self._create_team_cart(campaign, self.neighbour, team)
        self.assertEqual(team.team_free_seats, 0)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._create_team_cart(campaign, self.third, team)
        self.env.cr.execute(
            "UPDATE groupbuy_team_seat SET expires_at = now() at time zone 'utc'"
            " - interval '1 hour' WHERE order_id = %s",
            [cart.id],
        )
        team.invalidate_recordset()
        self.assertEqual(team.team_free_seats, 1)
        quick = self._join_team(campaign, self.third, team)
        self.assertEqual(quick.groupbuy_state, "waiting")
        with self.assertRaisesRegex(ValidationError, "full"):
            cart._check_cart_is_ready_to_be_paid()

    def test_payment_that_finds_no_seat_goes_back(self):
        campaign = self._create_team_campaign(team_seats=2, min_people=2, lines=[{}])
        team = self._join_team(campaign, self.resident).groupbuy_group_id
        late = self._create_team_cart(campaign, self.neighbour, team)
        late._check_cart_is_ready_to_be_paid()
        self.env["groupbuy.team.seat"]._release_held(team.id, late.id)
        self._join_team(campaign, self.third, team)
        self._pay(late)
        self._run_jobs()
        self.assertEqual(
            (late.groupbuy_state, late.groupbuy_failure), ("failed", "team_full")
        )
        self.assertEqual(self._get_refunds(late), [10.0])
        self.assertEqual(team.people_count, 2)
        self.assertIn("full", late._groupbuy_get_failure_text())
        self.assertQuotaMatchesHolds(campaign)

    def test_emptied_cart_frees_its_seat(self):
        campaign, team = self.campaign, self.team
        cart = self._create_team_cart(campaign, self.neighbour, team)
        self.assertEqual(team.team_free_seats, 1)
        cart._cart_update_line_quantity(cart.order_line.id, 0)
        team.invalidate_recordset()
        self.assertEqual(team.team_free_seats, 2)

    def test_neighbours_of_another_community_do_not_join(self):
        elsewhere = self.env["groupbuy.community"].create(
            {"name": "Lake View", "company_id": self.company.id}
        )
        point = self.env["groupbuy.pickup.point"].create(
            {
                "name": "Lake Kiosk",
                "company_id": self.company.id,
                "community_ids": [Command.set(elsewhere.ids)],
            }
        )
        campaign = self._create_team_campaign(
            community_ids=[Command.set((self.community | elsewhere).ids)]
        )
        team = self._join_team(campaign, self.resident).groupbuy_group_id
        self.third.groupbuy_community_id = elsewhere
        with self.assertRaisesRegex(UserError, "Sunny Garden"), self.env.cr.savepoint():
            self._create_team_cart(campaign, self.third, team)
        cart = self._create_team_cart(campaign, self.neighbour, team)
        self.assertTrue(point._get_refusal_reason(cart))
        self.assertFalse(self.other_point._get_refusal_reason(cart))
        cart.with_context(mail_notrack=True)._groupbuy_set_point(point)
        with self.assertRaisesRegex(ValidationError, "Lake Kiosk"):
            cart._check_cart_is_ready_to_be_paid()
        self.assertEqual(
            campaign._get_open_teams(elsewhere), self.env["groupbuy.group"]
        )

    def test_resident_of_another_community_does_not_pay(self):
        campaign = self._create_team_campaign()
        self.third.groupbuy_community_id = self.env["groupbuy.community"].create(
            {"name": "Lake View", "company_id": self.company.id}
        )
        cart = self._create_team_cart(campaign, self.third)
        with self.assertRaisesRegex(ValidationError, "Lake View"):
            cart._check_cart_is_ready_to_be_paid()

    def test_ladder_that_rises_is_refused(self):
        campaign = self._create_team_campaign("draft", lines=[{}])
        with self.assertRaises(ValidationError):
            campaign.line_ids.tier_ids = [
                Command.create({"threshold": 1, "price": 7.0}),
                Command.create({"threshold": 3, "price": 9.0}),
            ]

    def test_settings_that_no_team_could_meet_are_refused(self):
        campaign = self._create_team_campaign("draft")
        for vals in (
            {"min_people": 4},
            {"team_seats": 2},
            {"success_scope": "campaign"},
            {"shortfall_policy": "extend"},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                campaign.write(vals)
        for vals in ({"tier_scope": "campaign"}, {"min_quantity": 2}):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                campaign.line_ids.write(vals)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._create_line(campaign, self.egg, tiers=[(4, 5.0)])
        for vals in ({"team_hours": 0}, {"team_seats": -1}):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                campaign.write(vals)
                campaign.flush_recordset()

    def test_mode_follows_into_conditions_and_tiers(self):
        campaign = self._create_campaign("draft", lines=[{}])
        campaign.mode = "team"
        self.assertEqual(campaign.success_scope, "group")
        self.assertEqual(campaign.line_ids.tier_scope, "group")
        self.assertEqual(campaign.line_ids.tier_measure, "people")

    def test_mode_of_an_open_campaign_stays(self):
        for campaign, mode in (
            (self._create_team_campaign(), "community"),
            (self._create_campaign(), "team"),
        ):
            with self.assertRaises(UserError):
                campaign.mode = mode

    def test_seats_of_an_open_campaign_change_with_a_reason_and_for_new_teams(self):
        campaign, team = self.campaign, self.team
        with self.assertRaises(UserError):
            campaign.team_seats = 5
        campaign.with_context(groupbuy_edit_reason="More room").team_seats = 5
        self.assertEqual(team.team_seats, 3)
        second = self._join_team(campaign, self.neighbour).groupbuy_group_id
        self.assertEqual(second.team_seats, 5)

    def test_button_seeds_one_and_three_people(self):
        campaign = self._create_team_campaign("draft", lines=[{"start_price": 19.99}])
        campaign.with_user(self.user).action_seed_team_ladder()
        tiers = campaign.line_ids.tier_ids
        self.assertEqual(
            [(tier.threshold, tier.price) for tier in tiers],
            [(1.0, 17.99), (3.0, 13.99)],
        )
        campaign.action_seed_team_ladder()
        self.assertEqual(len(campaign.line_ids.tier_ids), 2)
        with self.assertRaises(UserError):
            self._create_campaign("draft").action_seed_team_ladder()

    def test_staff_do_not_write_teams_or_seats(self):
        team = self.team
        for record, vals in (
            (team, {"team_ends_at": fields.Datetime.now()}),
            (team.seat_ids, {"state": "released"}),
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.manager).write(vals)

    # === THE END OF A TEAM === #

    def test_full_team_succeeds_at_once_and_returns_the_difference_once(self):
        campaign, first = self.campaign, self.order
        team = first.groupbuy_group_id
        second = self._join_team(campaign, self.neighbour, team)
        self._run_teams()
        self.assertEqual(team.state, "open")
        third = self._join_team(campaign, self.third, team)
        self._run_teams()
        self._run_jobs()
        orders = first | second | third
        self.assertEqual(team.state, "succeeded")
        self.assertEqual(campaign.state, "open")
        self.assertEqual(set(orders.mapped("groupbuy_state")), {"confirmed"})
        self.assertEqual(orders.mapped("amount_total"), [7.0, 7.0, 7.0])
        for _again in range(2):
            self.assertEqual(self._get_refunds(first), [2.0])
            self.assertEqual(self._get_refunds(second), [2.0])
            self.assertEqual(self._get_refunds(third), [])
            self._run_teams()
            self._run_jobs()
        self.assertMoneyReconciles(orders)

    def test_team_that_misses_is_refunded_and_touches_no_other(self):
        campaign, short = self.campaign, self.order
        running = self._join_team(campaign, self.neighbour)
        self._end(short.groupbuy_group_id)
        self.assertEqual(short.groupbuy_group_id.state, "failed")
        self.assertEqual(
            (short.groupbuy_state, short.groupbuy_failure), ("failed", "shortfall")
        )
        self.assertEqual(self._get_refunds(short), [9.0])
        self.assertEqual(running.groupbuy_group_id.state, "open")
        self.assertEqual(running.groupbuy_state, "waiting")
        self.assertFalse(running.groupbuy_job_ids.filtered("amount"))
        self.assertEqual(campaign.state, "open")
        self.assertQuotaMatchesHolds(campaign)

    def test_team_of_one_pays_its_step(self):
        campaign = self._create_team_campaign(min_people=0)
        order = self._join_team(campaign, self.resident)
        self._end(order.groupbuy_group_id)
        self.assertEqual(order.groupbuy_state, "confirmed")
        self.assertEqual(order.amount_total, 9.0)
        self.assertEqual(self._get_refunds(order), [])

    def test_thresholds_are_inclusive(self):
        campaign = self._create_team_campaign(
            min_people=2, team_seats=0, lines=[{"tiers": [(2, 8.0), (3, 7.0)]}]
        )
        first = self._join_team(campaign, self.resident)
        team = first.groupbuy_group_id
        self._join_team(campaign, self.neighbour, team)
        self._end(team)
        self.assertEqual(first.amount_total, 8.0)
        self.assertEqual(self._get_refunds(first), [2.0])

    def test_policy_proceed_keeps_a_small_team(self):
        campaign = self._create_team_campaign(shortfall_policy="proceed")
        order = self._join_team(campaign, self.resident)
        self._end(order.groupbuy_group_id)
        self.assertEqual(order.groupbuy_state, "confirmed")

    def test_after_downtime_all_that_is_due_is_ended_once(self):
        campaign, orders = self.campaign, self.order
        for resident in (self.neighbour, self.third):
            orders |= self._join_team(campaign, resident)
        self._end(*orders.groupbuy_group_id)
        self._run_teams()
        self._run_jobs()
        self.assertEqual(set(orders.groupbuy_group_id.mapped("state")), {"failed"})
        for order in orders:
            self.assertEqual(self._get_refunds(order), [9.0])

    def test_nobody_joins_a_team_whose_job_is_late(self):
        campaign, team = self.campaign, self.team
        cart = self._create_team_cart(campaign, self.neighbour, team)
        cart._check_cart_is_ready_to_be_paid()
        # Payments of this test begin, as records do, when its transaction began.
        team.team_ends_at = self.env.cr.now() - timedelta(minutes=1)
        with self.assertRaisesRegex(UserError, "ended"), self.env.cr.savepoint():
            self._create_team_cart(campaign, self.third, team)
        with self.assertRaisesRegex(ValidationError, "ended"):
            cart._check_cart_is_ready_to_be_paid()
        self._pay(cart)
        self.assertEqual(cart.groupbuy_failure, "team_over")
        self._run_jobs()
        self.assertEqual(self._get_refunds(cart), [9.0])
        self.assertEqual(
            team.seat_ids.filtered(
                lambda seat: seat.partner_id == self.neighbour
            ).state,
            "released",
        )

    def test_payment_begun_before_the_end_counts(self):
        campaign, team = self.campaign, self.team
        cart = self._create_team_cart(campaign, self.neighbour, team)
        cart._check_cart_is_ready_to_be_paid()
        tx = self._pay(cart, post_process=False)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date"
            " - interval '10 minutes' WHERE id = %s",
            [tx.id],
        )
        tx.invalidate_recordset()
        team.team_ends_at = fields.Datetime.now() - timedelta(minutes=1)
        tx._post_process()
        self.assertEqual(cart.groupbuy_state, "waiting")

    def test_crash_between_the_steps_is_decided_by_the_next_run(self):
        order, team = self.order, self.team
        team.team_ends_at = fields.Datetime.now() - timedelta(minutes=1)
        team._close_teams()
        self.assertEqual((team.state, order.groupbuy_state), ("open", "waiting"))
        with self.assertRaises(UserError):
            order._groupbuy_cancel_by_resident()
        self._run_teams()
        self._run_jobs()
        self.assertEqual((team.state, order.groupbuy_state), ("failed", "failed"))

    def test_failure_of_one_team_stops_no_other(self):
        campaign, orders = self.campaign, self.order
        orders |= self._join_team(campaign, self.neighbour)
        teams = orders.groupbuy_group_id
        teams.team_ends_at = fields.Datetime.now() - timedelta(minutes=1)
        decide = type(campaign)._decide_teams

        def fail_for_the_first(records, due):
            if teams[0] in due:
                raise ValueError("A broken team")
            return decide(records, due)

        with (
            patch.object(type(campaign), "_decide_teams", fail_for_the_first),
            mute_logger(CAMPAIGN_LOG),
        ):
            self._run_teams()
        self.assertEqual(teams.mapped("state"), ["open", "failed"])
        self.assertTrue(
            campaign.activity_ids.filtered(lambda a: "A broken team" in (a.note or ""))
        )
        self._run_teams()
        self.assertEqual(teams.mapped("state"), ["failed", "failed"])

    def test_member_who_leaves_frees_the_seat(self):
        campaign, first = self.campaign, self.order
        team = first.groupbuy_group_id
        second = self._join_team(campaign, self.neighbour, team)
        second._groupbuy_cancel_by_resident()
        self._run_jobs()
        self.assertEqual(self._get_refunds(second), [9.0])
        self.assertEqual((team.people_count, team.team_free_seats), (1, 2))
        third = self._join_team(campaign, self.third, team)
        self.assertEqual(third.groupbuy_charged_total, 9.0)

    def test_nobody_leaves_a_team_that_has_succeeded(self):
        campaign = self._create_team_campaign(min_people=0)
        order = self._join_team(campaign, self.resident)
        team = order.groupbuy_group_id
        team.team_ends_at = fields.Datetime.now() - timedelta(minutes=1)
        self._run_teams()
        self.assertEqual((team.state, order.groupbuy_state), ("succeeded", "waiting"))
        with self.assertRaises(UserError):
            order._groupbuy_cancel_by_resident()

    # === THE CLOSE OF THE CAMPAIGN === #

    def test_close_decides_running_teams_and_keeps_what_others_reached(self):
        campaign = self._create_team_campaign(
            min_people=2, lines=[{"tiers": [(1, 9.0), (2, 8.0), (3, 7.0)]}]
        )
        before = self._join_team(campaign, self.resident)
        self._join_team(campaign, self.neighbour, before.groupbuy_group_id)
        self._end(before.groupbuy_group_id)
        at_close = self._join_team(campaign, self.third)
        self._join_team(campaign, self.fourth, at_close.groupbuy_group_id)
        short = self._join_team(campaign, self._create_residents(1, name="Resident 5"))
        prepared = self._create_team_cart(
            campaign, self._create_residents(1, name="Resident 6")
        )
        self._close(campaign)
        self.assertEqual(campaign.state, "delivering")
        self.assertEqual(
            (before | at_close | short).groupbuy_group_id.mapped("state"),
            ["succeeded", "succeeded", "failed"],
        )
        self.assertEqual(prepared.groupbuy_group_id.state, "cancelled")
        self.assertEqual(before.amount_total, 8.0)
        self.assertEqual(at_close.amount_total, 8.0)
        self.assertEqual(short.groupbuy_state, "failed")
        self.assertEqual(self._get_refunds(before), [1.0])
        self.assertEqual(self._get_refunds(at_close), [1.0])
        self.assertEqual(self._get_refunds(short), [9.0])
        self.assertEqual(campaign.line_ids.needed_quantity, 4)
        self.assertEqual(campaign.line_ids.bought_quantity, 4)
        self.assertMoneyReconciles(campaign.order_ids - prepared)

    def test_close_after_all_teams_have_succeeded_buys(self):
        campaign = self._create_team_campaign(min_people=0)
        order = self._join_team(campaign, self.resident)
        self._end(order.groupbuy_group_id)
        self.assertFalse(campaign.purchase_order_ids)
        self._close(campaign)
        self.assertEqual(campaign.state, "delivering")
        self.assertTrue(campaign.purchase_order_ids)
        self.assertEqual(len(campaign.line_ids.outcome_ids), 1)
        self._receive(campaign)
        self._hand_out(order)
        self._run_jobs()
        self.assertEqual(campaign.state, "done")
        self.assertEqual(order.groupbuy_amount_invoiced, 9.0)
        self.assertEqual(order.groupbuy_amount_owed, 0)

    def test_close_of_a_campaign_without_teams_fails_it(self):
        campaign = self._create_team_campaign()
        self._close(campaign)
        self.assertEqual(campaign.state, "failed")

    def test_authorised_payments_are_captured_at_the_final_price(self):
        campaign = self._create_team_campaign()
        first = self._join_team(campaign, self.resident, state="authorized")
        team = first.groupbuy_group_id
        second = self._join_team(campaign, self.neighbour, team, state="authorized")
        third = self._join_team(campaign, self.third, team, state="authorized")
        self._run_teams()
        self._run_jobs()
        orders = first | second | third
        self.assertEqual(set(orders.mapped("groupbuy_state")), {"confirmed"})
        for order in orders:
            self.assertEqual(order.groupbuy_amount_charged, 7.0)

    def test_campaign_with_succeeded_teams_is_not_cancelled(self):
        campaign = self._create_team_campaign(min_people=0)
        order = self._join_team(campaign, self.resident)
        self._end(order.groupbuy_group_id)
        with self.assertRaises(UserError):
            campaign.action_cancel()
        self.assertEqual(campaign.state, "open")

    def test_cancelled_campaign_refunds_running_teams(self):
        campaign, failed = self.campaign, self.order
        self._end(failed.groupbuy_group_id)
        running = self._join_team(campaign, self.neighbour)
        campaign.action_cancel()
        self._run_jobs()
        self.assertEqual(failed.groupbuy_group_id.state, "failed")
        self.assertEqual(running.groupbuy_group_id.state, "cancelled")
        self.assertEqual(self._get_refunds(running), [9.0])
        self.assertEqual(self._get_refunds(failed), [9.0])

    # === COST === #

    def test_ending_many_teams_costs_a_constant_number_of_queries(self):
        campaign = self._create_team_campaign(min_people=0)
        teams = self.env["groupbuy.group"]
        for resident in self._create_residents(7):
            teams |= self._join_team(campaign, resident).groupbuy_group_id
        teams.team_ends_at = fields.Datetime.now() - timedelta(minutes=1)
        counts = []
        for some in (teams[:2], teams[2:]):
            some._close_teams()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._decide_teams()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
