# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_flash import FlashCommon


@tagged("post_install", "-at_install")
class TestFlashQueue(FlashCommon):
    """Who stands where, who is let through, and when."""

    def test_as_many_are_let_through_as_there_are_units(self):
        campaign = self._create_flash(cap=2)
        states = [
            self._ask(campaign, who)["state"]
            for who in (self.resident, self.neighbour, self.third, "visitor")
        ]
        self.assertEqual(states, ["admitted", "admitted", "waiting", "waiting"])
        self.assertEqual(self._get_tickets(campaign).mapped("place"), [1, 2, 3, 4])

    def test_place_says_how_many_are_in_front(self):
        campaign = self._create_flash(cap=1)
        for who in ("first", "second", "third"):
            self._ask(campaign, who)
        self.assertEqual(self._ask(campaign, "second")["ahead"], 0)
        self.assertEqual(self._ask(campaign, "third")["ahead"], 1)
        self.assertEqual(self._ask(campaign, "third")["place"], 3)

    def test_resident_has_one_place_however_often_he_asks(self):
        campaign = self._create_flash(cap=1)
        for _ in range(3):
            self._ask(campaign, self.resident)
            # Also when the look before the drawing has seen nothing.
            self.env["groupbuy.flash.ticket"]._draw(
                campaign.line_ids, self.resident.id, "a cookie"
            )
            self.env["groupbuy.flash.ticket"]._draw(
                campaign.line_ids, None, "another cookie"
            )
        self.assertEqual(len(self._get_tickets(campaign)), 2)
        gate = self.env["groupbuy.flash.gate"].search(
            [("line_id", "=", campaign.line_ids.id)]
        )
        self.assertEqual(gate.last_place, 2, "No place is given away in vain")

    def test_who_comes_while_the_gate_is_open_is_let_through_at_once(self):
        campaign = self._create_flash(cap=5)
        self._ask(campaign, "first")
        tickets = self.env["groupbuy.flash.ticket"]
        tickets._draw(campaign.line_ids, None, "second")
        self.assertEqual(self._get_tickets(campaign)[1].state, "admitted")

    def test_gate_never_promises_more_than_there_is(self):
        campaign = self._create_flash(cap=3)
        gate = self.env["groupbuy.flash.gate"]
        for number in range(8):
            self._ask(campaign, f"visitor {number}")
        for _ in range(3):
            self._skip_pause()
            gate._pass(campaign.line_ids.id, 1, 3)
        admitted = self._get_tickets(campaign).filtered(lambda t: t.state == "admitted")
        self.assertEqual(admitted.mapped("place"), [1, 2, 3])

    def test_gate_counts_what_one_may_take(self):
        campaign = self._create_flash(cap=5, limit=2)
        states = [self._ask(campaign, f"visitor {n}")["state"] for n in range(3)]
        self.assertEqual(states, ["admitted", "admitted", "waiting"])

    def test_the_rest_goes_to_one_more(self):
        campaign = self._create_flash(cap=3, limit=2)
        self._ask(campaign, self.resident)
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "waiting")
        self._create_cart(campaign, self.resident, {campaign.line_ids: 2})
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "admitted")

    def test_missed_turn_goes_to_the_next_and_its_owner_to_the_end(self):
        campaign = self._create_flash(cap=1)
        for who in (self.resident, self.neighbour, self.third):
            self._ask(campaign, who)
        self._expire_turns(campaign)
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "admitted")
        self.assertEqual(self._ask(campaign, self.resident, draw=False)["place"], 0)
        again = self._ask(campaign, self.resident)
        self.assertEqual((again["state"], again["place"]), ("waiting", 4))
        self.assertEqual(
            self._get_tickets(campaign).mapped("state"),
            ["over", "admitted", "waiting", "waiting"],
        )

    def test_expired_cart_lets_the_next_through(self):
        campaign = self._create_flash(cap=1)
        self._ask(campaign, self.resident)
        self._ask(campaign, self.neighbour)
        self._create_cart(campaign, self.resident)
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "waiting")
        self._expire_turns(campaign)
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "waiting")
        self._expire_holds(campaign)
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "admitted")
        self.assertQuotaMatchesHolds(campaign)

    def test_sold_out_is_said_when_everything_is_paid(self):
        campaign = self._create_flash(cap=1)
        self._ask(campaign, self.resident)
        self._ask(campaign, self.neighbour)
        self._join(campaign, self.resident)
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "sold_out")
        self.assertEqual(self._ask(campaign, self.third)["state"], "sold_out")
        self.assertEqual(len(self._get_tickets(campaign)), 2, "No place for nothing")
        self.assertEqual(self._ask(campaign, self.resident)["state"], "bought")

    def test_cancelled_order_opens_the_gate_again(self):
        campaign = self._create_flash(cap=1)
        self._ask(campaign, self.resident)
        self._ask(campaign, self.neighbour)
        order = self._join(campaign, self.resident)
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "sold_out")
        order._groupbuy_cancel_by_resident()
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "admitted")
        # Who cancelled may come again, at the end.
        self.assertEqual(self._ask(campaign, self.resident)["state"], "waiting")

    # === THE TURN AND THE CART === #

    def test_nobody_buys_without_a_turn(self):
        campaign = self._create_flash(cap=1)
        self._ask(campaign, self.resident)
        self._ask(campaign, self.neighbour)
        for partner in (self.neighbour, self.third):
            order = self._create_cart(campaign, partner)
            self.assertFalse(order.order_line)
        self.assertEqual(campaign.line_ids.taken_quantity, 0)
        self.assertTrue(self._create_cart(campaign, self.resident).order_line)
        self.assertEqual(campaign.line_ids.taken_quantity, 1)

    def test_refusal_says_what_to_do(self):
        campaign = self._create_flash()
        order = self.env["sale.order"].create(
            {"partner_id": self.third.id, "website_id": self.website.id}
        )
        answer = order._cart_add(
            self.tomato.id, 1, groupbuy_line_id=campaign.line_ids.id
        )
        self.assertIn("Get in line", answer["warning"])

    def test_one_ticket_opens_one_cart(self):
        campaign = self._create_flash(cap=5, limit=1)
        tickets = self.env["groupbuy.flash.ticket"]
        self._ask(campaign, "visitor")
        self.assertTrue(tickets._bind(campaign.line_ids, 1001, None, "visitor"))
        self.assertTrue(tickets._bind(campaign.line_ids, 1001, None, "visitor"))
        self.assertFalse(tickets._bind(campaign.line_ids, 1002, None, "visitor"))

    def test_ticket_of_a_lost_request_goes_to_the_next_cart(self):
        campaign = self._create_flash(cap=5)
        tickets = self.env["groupbuy.flash.ticket"]
        self._ask(campaign, "visitor")
        tickets._bind(campaign.line_ids, 1001, None, "visitor")
        self.env.cr.execute(
            "UPDATE groupbuy_flash_ticket SET bound_at = bound_at - interval '1 hour'"
        )
        self.assertTrue(tickets._bind(campaign.line_ids, 1002, None, "visitor"))

    def test_cart_that_is_given_up_gives_the_ticket_back(self):
        campaign = self._create_flash(cap=5)
        self._ask(campaign, self.resident)
        order = self._create_cart(campaign, self.resident)
        order._groupbuy_leave()
        self.assertFalse(self._get_tickets(campaign).order_id)
        self.assertTrue(self._create_cart(campaign, self.resident).order_line)

    def test_ticket_of_a_resident_opens_nothing_to_others(self):
        campaign = self._create_flash(cap=5)
        self._ask(campaign, self.resident)
        tickets = self.env["groupbuy.flash.ticket"]
        line = campaign.line_ids
        self.assertFalse(tickets._bind(line, 1001, self.neighbour.id, "stolen"))
        self.assertFalse(tickets._bind(line, 1001, None, None))
        # The ticket is of one product, and of one sale.
        other = self._create_flash(cap=5, name="Another Sale")
        self.assertFalse(tickets._bind(other.line_ids, 1001, self.resident.id))

    def test_visitor_keeps_the_place_after_signing_in(self):
        campaign = self._create_flash(cap=5)
        self._ask(campaign, "visitor")
        tickets = self.env["groupbuy.flash.ticket"]
        line = campaign.line_ids
        self.assertEqual(
            tickets._ask(line, self.resident.id, "visitor", draw=True)["place"], 1
        )
        self.assertTrue(tickets._bind(line, 1001, self.resident.id, "visitor"))
        self.assertEqual(self._get_tickets(campaign).partner_id, self.resident)
        # From now on it is the resident's, whoever has the cookie.
        self.assertFalse(tickets._bind(line, 1001, self.neighbour.id, "visitor"))

    def test_spent_turn_cannot_be_used(self):
        campaign = self._create_flash(cap=5)
        self._ask(campaign, self.resident)
        self._expire_turns(campaign)
        self.assertFalse(self._create_cart(campaign, self.resident).order_line)

    def test_expired_cart_does_not_overtake_the_line_when_it_is_paid(self):
        campaign = self._create_flash(cap=1)
        self._ask(campaign, self.resident)
        self._ask(campaign, self.neighbour)
        order = self._create_cart(campaign, self.resident)
        self._expire_turns(campaign)
        self._expire_holds(campaign)
        self.assertEqual(self._ask(campaign, self.neighbour)["state"], "admitted")
        with self.assertRaisesRegex(ValidationError, "not your turn"):
            order._check_cart_is_ready_to_be_paid()
        self.assertTrue(self._create_cart(campaign, self.neighbour).order_line)

    def test_limit_per_resident_holds(self):
        campaign = self._create_flash(cap=5, limit=1)
        self._ask(campaign, self.resident)
        order = self._create_cart(campaign, self.resident, {campaign.line_ids: 2})
        self.assertFalse(order.order_line)

    def test_flash_sale_without_a_queue_sells_at_once(self):
        campaign = self._create_flash(cap=1, flash_queue=False)
        self.assertTrue(self._create_cart(campaign, self.resident).order_line)
        self.assertFalse(self._create_cart(campaign, self.neighbour).order_line)

    def test_waitlist_is_the_line(self):
        campaign = self._create_flash(cap=1)
        with self.assertRaisesRegex(UserError, "Get in line"):
            self.env["groupbuy.waitlist"]._join(campaign.line_ids, self.third, 1)

    # === VISITORS === #

    def test_only_cookies_of_ours_are_known(self):
        tickets = self.env["groupbuy.flash.ticket"]
        token = tickets._make_visitor_token()
        self.assertTrue(tickets._read_visitor_token(token))
        number, signature = token.split(".")
        for forged in (
            None,
            "",
            "x",
            number,
            f"{number}.",
            f"{'0' * 32}.{signature}",
            f"{number}.{'0' * 64}",
            f"{token}0",
            "\x00" * 97,
            {"a": 1},
        ):
            self.assertIsNone(tickets._read_visitor_token(forged), forged)

    def test_key_does_not_tell_the_cookie(self):
        tickets = self.env["groupbuy.flash.ticket"]
        token = tickets._make_visitor_token()
        self.assertNotIn(tickets._read_visitor_token(token), token)

    # === LIMIT ON REQUESTS === #

    def test_requests_beyond_the_limit_are_refused(self):
        rates = self.env["groupbuy.flash.rate"]
        with self._endless_minute():
            answers = [rates._count({"visitor/1": 3}) for _ in range(5)]
            self.assertEqual(answers, [True] * 3 + [False] * 2)
            self.assertTrue(rates._count({"visitor/2": 3}), "Others are not concerned")
            self.assertTrue(rates._count({"visitor/1": 0}), "0 is no limit")
            self.assertFalse(rates._count({"visitor/1": 3, "visitor/2": 3}))
        self.assertTrue(rates._count({"visitor/1": 3}), "Another minute has begun")

    def test_old_counters_are_thrown_away(self):
        rates = self.env["groupbuy.flash.rate"]
        rates._count({"visitor/1": 3})
        rates.create({"key": "visitor/old", "minute": 1, "count": 1})
        self.env.flush_all()
        rates._gc_minutes()
        self.env.invalidate_all()
        self.assertEqual(rates.search([]).mapped("key"), ["visitor/1"])

    # === RIGHTS === #

    def test_nobody_writes_tickets(self):
        campaign = self._create_flash()
        self._ask(campaign, self.resident)
        ticket = self._get_tickets(campaign)
        self.assertEqual(ticket.with_user(self.manager).place, 1)
        with self.assertRaises(AccessError):
            ticket.with_user(self.manager).write({"place": 9})
        with self.assertRaises(AccessError):
            ticket.with_user(self.manager).unlink()
        portal = self._create_residents_with_login("Anna Miller").user_ids
        for model in ("ticket", "gate", "rate"):
            with self.assertRaises(AccessError):
                self.env[f"groupbuy.flash.{model}"].with_user(portal).search([])
