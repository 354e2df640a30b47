# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..models.res_partner_invitation import normalise_phone, normalise_text
from .common_invitation import InvitationCommon


@tagged("post_install", "-at_install")
class TestInvitationKeys(BaseCase):
    """Telephones and addresses are compared as people write them."""

    def test_the_same_number_is_recognised_however_it_is_written(self):
        for written in (
            "+86 138 0013 8000", "0086-13800138000", "138 0013 8000", "(138)00138000",
            "８６１３８００１３８０００", "+86 0138 0013 8000",
        ):  # fmt: skip
            with self.subTest(written=written):
                self.assertEqual(normalise_phone(written, 86), "13800138000")
        self.assertEqual(normalise_phone("0571 5550 0199", 86), "57155500199")

    def test_another_number_is_another_one(self):
        self.assertNotEqual(
            normalise_phone("138 0013 8000", 86), normalise_phone("138 0013 8001", 86)
        )
        # Begins like the country's code, and is none.
        self.assertEqual(normalise_phone("8655 1234", 86), "86551234")

    def test_what_is_no_number_is_compared_with_nothing(self):
        for written in ("", None, False, "-", "12345", "ask me"):
            self.assertEqual(normalise_phone(written, 86), "")

    def test_an_address_is_recognised_however_it_is_written(self):
        self.assertEqual(
            normalise_text("1, Garden Road", "Flat 101", "Hangzhou"),
            normalise_text("1 garden road ", "FLAT-101", "hangzhou"),
        )
        self.assertNotEqual(normalise_text("1 Garden Road"), normalise_text("2"))


@tagged("post_install", "-at_install")
class TestInvitations(InvitationCommon):
    starts_with_invited = True

    # === WHAT BOTH GET === #

    def test_both_get_their_gifts_when_the_first_order_is_collected_and_not_before(
        self,
    ):
        invitation = self._invite(self.neighbour)
        order = self._bring_orders(self.neighbour, collect=False)
        self.assertEqual(invitation.state, "pending")
        self.assertFalse(self._get_rewards())
        self._hand_out(order)
        self.assertFalse(self._get_rewards(), "The job gives them")
        self._run_jobs()
        self.assertEqual(invitation.state, "rewarded")
        self.assertEqual(invitation.order_id, order)
        self.assertEqual(self._get_points(), 50)
        self.assertLedgerMatches(self._get_card())
        coupon = self._get_rewards(self.neighbour).card_id
        self.assertEqual(coupon.program_id, self.coupons)
        self.assertEqual(coupon.partner_id, self.neighbour)
        self.assertEqual(coupon.points, 1)
        self.assertEqual(coupon.history_ids.issued, 1)
        self.assertEqual(
            coupon.expiration_date, fields.Date.add(fields.Date.today(), days=90)
        )
        mails = self.env["mail.mail"].search(
            [("model", "=", "groupbuy.invitation.reward")]
        )
        self.assertEqual(mails.recipient_ids, self.resident | self.neighbour)

    def test_the_gifts_are_given_once_whatever_happens_again(self):
        invitation = self._invite(self.neighbour)
        self._bring_orders(self.neighbour)
        invitation._settle()
        self.env["groupbuy.job"].search([("kind", "=", "invitation")]).write(
            {"state": "pending"}
        )
        self._run_jobs()
        self._bring_orders(self.neighbour)
        self.assertEqual(len(self._get_rewards()), 2)
        self.assertEqual(self._get_inviter_points(), 50)

    def test_an_order_of_which_a_part_waits_does_not_count_yet(self):
        invitation = self._invite(self.neighbour)
        order = self._bring_orders(self.neighbour, collect=False)
        picking = order.groupbuy_picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=[]
        ).button_validate()
        self._run_jobs()
        self.assertEqual(invitation.state, "pending")
        self._validate(order.groupbuy_picking_ids.filtered(lambda p: p.state != "done"))
        self._run_jobs()
        self.assertEqual(invitation.state, "rewarded")

    def test_a_wallet_gets_credit_with_its_history(self):
        self.invitations.gift_ids.filtered(lambda g: g.role == "inviter").write(
            {"loyalty_program_id": self.wallet.id, "points": 8}
        )
        self._invite(self.neighbour)
        self._invite(self.third)
        self._bring_orders(self.neighbour, self.third)
        card = self.env["loyalty.card"].search(
            [
                ("program_id", "=", self.wallet.id),
                ("partner_id", "=", self.resident.id),
            ]
        )
        self.assertEqual((len(card), card.points), (1, 16))
        self.assertEqual(sum(card.history_ids.mapped("issued")), 16)

    def test_the_gift_waits_as_many_days_as_the_program_says(self):
        self.invitations.wait_days = 7
        invitation = self._invite(self.neighbour)
        self._bring_orders(self.neighbour)
        self.assertEqual(invitation.state, "waiting")
        self.assertFalse(self._get_rewards())
        self._run_cron()
        self.assertEqual(invitation.state, "waiting")
        invitation.due_at = fields.Datetime.now() - timedelta(days=3)
        self._run_cron()
        self.assertEqual(invitation.state, "rewarded")
        self.assertEqual(self._get_points(), 50)

    def test_what_is_paid_back_while_the_gift_waits_does_not_count(self):
        self.invitations.wait_days = 7
        invitation = self._invite(self.neighbour)
        order = self._bring_orders(self.neighbour)
        order._groupbuy_compensate({order.order_line[0]: 20.0}, "staff", "case/test")
        self._run_jobs()
        self.assertEqual(
            (invitation.state, invitation.reason), ("pending", "paid_back")
        )
        self._run_cron()
        self.assertFalse(self._get_rewards())

    def _run_cron(self):
        self.env.flush_all()
        self.env.ref(
            "groupbuy_marketing.ir_cron_settle_invitations"
        ).method_direct_trigger()
        self.env.invalidate_all()

    # === MILESTONES === #

    def test_a_milestone_is_reached_by_the_number_itself_and_once(self):
        dora = self._create_resident("Dora")
        for partner in (self.neighbour, self.third, dora):
            self._invite(partner)
        self._bring_orders(self.neighbour)
        self.assertFalse(self._get_rewards(kind="milestone"))
        self._bring_orders(self.third)
        milestone = self._get_rewards(kind="milestone")
        self.assertEqual(milestone.partner_id, self.resident)
        self.assertEqual(milestone.card_id.program_id, self.free_order)
        self._bring_orders(dora)
        self.assertEqual(self._get_rewards(kind="milestone"), milestone)

    def test_a_free_order_is_free_up_to_its_ceiling(self):
        for partner in (self.neighbour, self.third):
            self._invite(partner)
        self._bring_orders(self.neighbour, self.third)
        coupon = self._get_rewards(kind="milestone").card_id
        campaign = self._create_campaign()
        small = self._create_cart(campaign, quantities={campaign.line_ids: 2})
        status = small._try_apply_code(coupon.code)
        small._apply_program_reward(status[coupon], coupon)
        self.assertEqual(small.amount_total, 0)
        large = self._create_cart(campaign, quantities={campaign.line_ids: 5})
        status = large._try_apply_code(coupon.code)
        large._apply_program_reward(status[coupon], coupon)
        self.assertEqual(large.amount_total, 20)
        other = self._create_cart(campaign, self.neighbour)
        self.assertIn("error", other._try_apply_code(coupon.code))

    def test_a_free_order_without_a_ceiling_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "maximum discount"):
            self.free_order.reward_ids.discount_max_amount = 0
        endless = self.coupons.copy({"name": "Endless"})
        endless.reward_ids.write({"discount_mode": "percent", "discount": 100})
        with self.assertRaisesRegex(ValidationError, "maximum discount"):
            self.invitations.gift_ids = [
                Command.create(
                    {
                        "role": "milestone",
                        "threshold": 10,
                        "loyalty_program_id": endless.id,
                    }
                )
            ]

    def test_who_gives_free_orders_accepts_that_they_are_below_cost(self):
        program = self.free_order.copy({"name": "Another free order"})
        self.assertFalse(program.groupbuy_below_cost_approved_by)
        gift = {
            "program_id": self.invitations.id,
            "role": "milestone",
            "threshold": 10,
            "loyalty_program_id": program.id,
        }
        gifts = self.env["groupbuy.invitation.gift"]
        with self.assertRaises(AccessError):
            gifts.with_user(self.user).create(gift)
        self.assertFalse(program.groupbuy_below_cost_approved_by)
        gifts.with_user(self.manager).create(gift)
        self.assertEqual(program.groupbuy_below_cost_approved_by, self.manager)
        # An ordinary coupon that is a gift stays above cost.
        self.assertFalse(self.coupons.groupbuy_below_cost_approved_by)

    def test_there_is_one_level(self):
        dora = self._create_resident("Dora")
        self._invite(self.neighbour)
        self._invite(dora, self.neighbour)
        self._bring_orders(dora)
        self.assertFalse(self._get_rewards(self.resident))
        self.assertEqual(len(self._get_rewards(self.neighbour, kind="inviter")), 1)

    # === WHAT DOES NOT COUNT === #

    def assertRefused(self, invitation, reason, words):
        self.assertEqual((invitation.state, invitation.reason), ("refused", reason))
        self.assertIn(words, invitation._get_text())
        self.assertFalse(self._get_rewards())
        self.assertFalse(self._get_points())

    def test_the_own_link_invites_nobody(self):
        self.assertFalse(self._invite(self.resident))
        child = self._create_resident("Second name", parent_id=self.resident.id)
        self.assertFalse(self._invite(child))

    def test_a_second_account_with_the_same_telephone_does_not_count(self):
        self.neighbour.phone = "0086 (138) 0013-8000"
        invitation = self._invite(self.neighbour)
        self._bring_orders(self.neighbour)
        self.assertRefused(invitation, "same_phone", "telephone number is yours")

    def test_one_telephone_counts_once_for_an_inviter(self):
        self.third.phone = self.neighbour.phone
        first, second = self._invite(self.neighbour), self._invite(self.third)
        self._bring_orders(self.neighbour, self.third)
        self.assertEqual((first | second).mapped("state"), ["rewarded", "refused"])
        self.assertEqual(second.reason, "same_phone")

    def test_a_second_account_with_the_same_mail_address_does_not_count(self):
        self.neighbour.email = "Resident1@Example.com"
        invitation = self._invite(self.neighbour)
        self._bring_orders(self.neighbour)
        self.assertRefused(invitation, "self", "same account")

    def test_the_same_address_does_not_count_until_a_manager_has_checked_it(self):
        self.neighbour.street2 = "house 0 flat-101"
        invitation = self._invite(self.neighbour)
        self._bring_orders(self.neighbour)
        self.assertRefused(invitation, "same_address", "two households")
        with self.assertRaises(AccessError):
            invitation.with_user(self.user).action_clear()
        invitation.with_user(self.manager).action_clear()
        self.assertEqual(invitation.state, "rewarded")
        self.assertEqual(invitation.cleared_by_id, self.manager)
        self.assertEqual(self._get_points(), 50)

    def test_an_account_without_a_telephone_counts_when_one_is_added(self):
        self.neighbour.phone = False
        invitation = self._invite(self.neighbour)
        self._bring_orders(self.neighbour)
        self.assertEqual((invitation.state, invitation.reason), ("pending", "no_phone"))
        self.neighbour.phone = "+86 139 0000 0001"
        invitation.with_user(self.manager).action_check_again()
        self.assertEqual(invitation.state, "rewarded")

    def test_who_has_ordered_before_is_not_new(self):
        dora = self._create_resident("Dora")
        self._bring_orders(dora)
        invitation = self._invite(dora)
        self._bring_orders(dora)
        self.assertRefused(invitation, "known", "ordered before")
        invitation.with_user(self.manager).action_check_again()
        self.assertEqual(invitation.state, "refused")

    def test_an_order_that_was_paid_back_before_the_gift_does_not_count(self):
        invitation = self._invite(self.neighbour)
        order = self._bring_orders(self.neighbour, collect=False)
        line = order.order_line.filtered("groupbuy_line_id")
        order._groupbuy_give_back({line: 2}, "staff", "test/all")
        self._run_jobs()
        self.assertEqual(
            (invitation.state, invitation.reason), ("pending", "paid_back")
        )
        self.assertIn("next one may count", invitation._get_text())
        self._bring_orders(self.neighbour)
        self.assertEqual(invitation.state, "rewarded")

    def test_gifts_are_taken_back_when_the_order_is_paid_back_afterwards(self):
        self.invitations.budget = 1000
        invitation = self._invite(self.neighbour)
        order = self._bring_orders(self.neighbour)
        coupon = self._get_rewards(self.neighbour).card_id
        spent = self.invitations.spent
        self.assertGreater(spent, 0)
        order._groupbuy_compensate({order.order_line[0]: 20.0}, "staff", "case/test")
        self._run_jobs()
        self._run_jobs()
        self.assertEqual(
            (invitation.state, invitation.reason), ("revoked", "paid_back")
        )
        self.assertEqual(coupon.points, 0)
        self.assertEqual(self._get_points(), 0)
        self.assertLedgerMatches(self._get_card())
        self.assertEqual(len(self._get_rewards(kind="revoked")), 2)
        self.assertEqual(self.invitations.spent, 0)

    def test_what_was_spent_already_stays_spent(self):
        invitation = self._invite(self.neighbour)
        order = self._bring_orders(self.neighbour)
        card = self._get_card()
        self.env["groupbuy.points.entry"]._book(
            [
                {
                    "key": "exchange/test",
                    "kind": "exchange",
                    "card": card,
                    "company": self.company,
                    "points": -45,
                    "description": "Spent",
                }
            ]
        )
        order._groupbuy_compensate({order.order_line[0]: 20.0}, "staff", "case/test")
        self._run_jobs()
        self.assertEqual(invitation.state, "revoked")
        self.assertEqual(card.points, 0, "A card is never overdrawn")
        self.assertLedgerMatches(card)

    def test_an_order_below_the_minimum_does_not_count_and_the_next_may(self):
        self.invitations.min_amount = 25
        invitation = self._invite(self.neighbour)
        self._bring_orders(self.neighbour)
        self.assertEqual(
            (invitation.state, invitation.reason), ("pending", "too_small")
        )
        order = self._bring_orders(self.neighbour, quantity=3)
        self.assertEqual((invitation.state, invitation.order_id), ("rewarded", order))

    def test_an_order_long_after_the_invitation_does_not_count(self):
        invitation = self._invite(self.neighbour)
        invitation.invited_at = fields.Datetime.now() - timedelta(days=91)
        self._bring_orders(self.neighbour)
        self.assertRefused(invitation, "late", "too late")

    def test_who_was_invited_is_invited_by_nobody_else(self):
        first = self._invite(self.neighbour)
        self.assertEqual(self._invite(self.neighbour, self.third), first)
        self.assertEqual(first.inviter_id, self.resident)
        self.assertFalse(self._invite(self.resident, self.neighbour), "Nor in a circle")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            first.copy({"inviter_id": self.third.id})

    # === BUDGET === #

    def test_the_budget_stops_when_it_is_used_up(self):
        gifts = self.invitations.gift_ids
        gifts.cost = 0
        gifts.filtered(lambda gift: gift.role != "milestone").cost = 5
        self.invitations.budget = 15
        first, second = self._invite(self.neighbour), self._invite(self.third)
        self._bring_orders(self.neighbour, self.third)
        self.assertEqual((first | second).mapped("state"), ["rewarded", "refused"])
        self.assertEqual(second.reason, "budget")
        self.assertIn("budget", second._get_text())
        self.assertEqual(
            (self.invitations.spent, self.invitations.budget_left), (10, 5)
        )
        self.assertTrue(self.invitations._is_used_up())
        self.assertEqual(sum(self._get_rewards().mapped("cost")), 10)
        with self.assertRaises(AccessError):
            self.invitations.with_user(self.user).action_give_missing()
        self.invitations.budget = 20
        self.invitations.with_user(self.manager).action_give_missing()
        self.assertEqual(second.state, "rewarded")
        self.assertEqual(self.invitations.spent, 20)
        self.assertTrue(self._get_rewards(kind="milestone"), "It costs nothing here")

    def test_a_milestone_that_did_not_fit_is_given_when_the_budget_is_raised(self):
        self.invitations.gift_ids.cost = 0
        self.invitations.gift_ids.filtered(
            lambda gift: gift.role == "milestone"
        ).cost = 30
        self.invitations.budget = 10
        self._invite(self.neighbour)
        self._invite(self.third)
        self._bring_orders(self.neighbour, self.third)
        self.assertFalse(self._get_rewards(kind="milestone"))
        self.invitations.budget = 30
        self.invitations.with_user(self.manager).action_give_missing()
        self.invitations.with_user(self.manager).action_give_missing()
        self.assertEqual(len(self._get_rewards(kind="milestone")), 1)
        self.assertEqual(self.invitations.spent, 30)

    def test_the_budget_cannot_fall_below_what_was_spent(self):
        self.invitations.gift_ids.cost = 5
        self.invitations.budget = 100
        self._invite(self.neighbour)
        self._bring_orders(self.neighbour)
        with self.assertRaisesRegex(UserError, "have cost already"):
            self.invitations.budget = 9

    def test_costs_are_proposed(self):
        costs = {gift.role: gift.cost for gift in self.invitations.gift_ids}
        self.assertEqual(costs, {"invited": 5, "inviter": 5, "milestone": 30})

    # === ACCESS AND INPUT === #

    def test_what_is_given_is_a_fact(self):
        self._invite(self.neighbour)
        self._bring_orders(self.neighbour)
        reward = self._get_rewards()[0]
        with self.assertRaises(UserError):
            reward.points = 1000
        with self.assertRaises(UserError):
            reward.unlink()
        with self.assertRaises(AccessError):
            reward.with_user(self.manager).copy({"key": "forged"})
        with self.assertRaises(AccessError):
            self.env["groupbuy.invitation"].with_user(self.manager).create(
                {
                    "program_id": self.invitations.id,
                    "company_id": self.company.id,
                    "inviter_id": self.resident.id,
                    "invited_id": self.third.id,
                    "invited_at": fields.Datetime.now(),
                    "state": "rewarded",
                }
            )

    def test_gifts_that_make_no_sense_are_refused(self):
        promotion = self.env["loyalty.program"].create(
            {"name": "Promotion", "program_type": "promotion"}
        )
        with self.assertRaisesRegex(ValidationError, "neither coupons"):
            self._add_gift(role="inviter", loyalty_program_id=promotion.id)
        for values in (
            {"role": "milestone", "threshold": 0},
            {"role": "inviter", "threshold": 3},
            {"role": "milestone", "threshold": 2},
            {"role": "milestone", "threshold": 5, "points": 0},
            {"role": "milestone", "threshold": 5, "cost": -1},
        ):
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._add_gift(loyalty_program_id=self.free_order.id, **values)

    def _add_gift(self, **values):
        return self.env["groupbuy.invitation.gift"].create(
            {"program_id": self.invitations.id, **values}
        )

    def test_a_program_that_invited_somebody_is_archived_and_not_deleted(self):
        self._invite(self.neighbour)
        with self.assertRaisesRegex(UserError, "archive it"):
            self.invitations.unlink()

    def test_without_a_program_a_link_leads_to_the_campaigns_all_the_same(self):
        dora = self._create_resident("Dora")
        self.invitations.active = False
        self.assertFalse(self._invite(dora))
        self.invitations.active = True
        self.invitations.date_from = fields.Date.add(fields.Date.today(), days=1)
        self.assertFalse(self._invite(dora))

    def test_a_name_that_is_a_mail_address_is_not_shown(self):
        self.neighbour.name = "anna@example.com"
        self.assertEqual(self.neighbour._groupbuy_get_masked_name(), "a**")

    def _create_resident(self, name, **values):
        partner = self._create_residents(1)
        partner.write(
            {
                "name": name,
                "email": f"{name.split()[0].lower()}@example.com",
                "street2": f"House of {name}",
                "phone": f"+86 139 {partner.id:08}",
                **values,
            }
        )
        return partner

    def test_deciding_does_not_cost_queries_for_each_invitation(self):
        partners = [self._create_resident(f"R{number}") for number in range(9)]
        invitations = self.env["groupbuy.invitation"].union(
            *(self._invite(partner) for partner in partners)
        )
        orders = self._bring_orders(*partners, collect=False)
        self._hand_out(orders)
        self.assertEqual(set(invitations.mapped("state")), {"pending"})

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._settle()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        # Mails are rendered one by one, by Odoo.
        (self.resident | orders.partner_id).email = False
        count(invitations[:1])
        few, many = count(invitations[1:3]), count(invitations[3:])
        self.assertEqual(set(invitations.mapped("state")), {"rewarded"})
        self.assertLessEqual(many, few + 4)
