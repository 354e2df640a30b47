# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import re
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools.misc import hash_sign

from odoo.addons.community_groupbuy.flash import COOKIE as MESSAGE_COOKIE
from odoo.addons.community_groupbuy.flash import LIFETIME as MESSAGE_LIFETIME

from ..models.groupbuy_flash_ticket import COOKIE
from .common_flash import FlashCommon


class FlashHttpCase(FlashCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bao = cls._create_residents_with_login("Anna Miller", "Bao Li")

    def _draw(self, line, **session):
        return self.make_jsonrpc_request(
            "/group-buy/flash/ticket", {"line_id": getattr(line, "id", line)}
        )

    def _status(self, line):
        self._skip_pause()
        return self.url_open(f"/group-buy/flash/{line.id}/status").json()

    def _add(self, line, quantity=1):
        return self.make_jsonrpc_request(
            "/shop/cart/add",
            {
                "product_template_id": line.product_id.product_tmpl_id.id,
                "product_id": line.product_id.id,
                "quantity": quantity,
                "groupbuy_line_id": line.id,
            },
        )


@tagged("post_install", "-at_install")
class TestFlashRoutes(FlashHttpCase):
    """What a browser may ask of a flash sale, and what it is answered."""

    def test_visitor_gets_in_line_and_buys(self):
        line = self._create_flash(cap=1).line_ids
        first = self._draw(line)
        self.assertEqual((first["state"], first["place"]), ("admitted", 1))
        self.assertEqual(self._draw(line)["place"], 1)
        self.assertEqual(self._add(line)["quantity"], 1)
        self.assertEqual(self._status(line)["state"], "held")
        self.assertQuotaMatchesHolds(line.campaign_id)

    def test_next_visitor_waits_and_cannot_buy(self):
        line = self._create_flash(cap=1).line_ids
        self._draw(line)
        self.opener.cookies.clear()
        self.assertEqual(self._draw(line)["state"], "waiting")
        answer = self._add(line)
        self.assertEqual(answer["quantity"], 0)
        self.assertIn("not your turn", answer["warning"])
        self.assertFalse(line.campaign_id.order_ids, "No cart is made for nothing")
        self.assertEqual(line.taken_quantity, 0)

    def test_forged_and_missing_cookies_open_nothing(self):
        line = self._create_flash(cap=1).line_ids
        self._draw(line)
        token = self.opener.cookies[COOKIE]
        forged = [f"{'0' * 32}.{token.split('.')[1]}", "x" * 400, ""]
        for value in forged:
            self.opener.cookies.clear()
            self.opener.cookies.set(COOKIE, value)
            self.assertEqual(self._status(line)["state"], "none")
            self.assertEqual(self._add(line)["quantity"], 0)
        self.assertFalse(line.campaign_id.order_ids)

    def test_replayed_cookie_buys_once(self):
        line = self._create_flash(cap=5).line_ids
        self._draw(line)
        token = self.opener.cookies[COOKIE]
        self.assertEqual(self._add(line)["quantity"], 1)
        # Another browser that got hold of the cookie.
        self.opener.cookies.clear()
        self.opener.cookies.set(COOKIE, token)
        self.assertEqual(self._add(line)["quantity"], 0)
        self.assertEqual(line.taken_quantity, 1)

    def test_residents_have_one_place_on_all_devices(self):
        line = self._create_flash(cap=1).line_ids
        self.authenticate("anna", "anna")
        self.assertEqual(self._draw(line)["place"], 1)
        self.authenticate("bao", "bao")
        self.assertEqual(self._draw(line)["place"], 2)
        # Another device: a new session and no cookie.
        self.opener.cookies.clear()
        self.authenticate("anna", "anna")
        self.assertEqual(self._draw(line)["place"], 1)
        self.assertEqual(
            self._get_tickets(line.campaign_id).partner_id, self.anna | self.bao
        )

    def test_status_gives_no_place(self):
        line = self._create_flash().line_ids
        self.assertEqual(self._status(line)["state"], "none")
        self.assertFalse(self._get_tickets(line.campaign_id))

    def test_nonsense_is_unknown(self):
        hidden = self._create_flash()
        hidden.is_published = False
        others = self._create_campaign(name="No Flash Sale")
        for value in (
            hidden.line_ids.id,
            others.line_ids.id,
            0,
            -1,
            None,
            "1; DROP TABLE",
            10**12,
            [1],
            {"id": 1},
            True,
        ):
            answer = self._draw(value)
            self.assertEqual(answer["state"], "unknown", value)
        self.assertFalse(self.env["groupbuy.flash.ticket"].search([]))

    def test_line_begins_at_the_start_and_ends_at_the_end(self):
        now = fields.Datetime.now()
        early = self._create_flash(
            state="scheduled",
            open_at=now + timedelta(minutes=5),
            close_at=now + timedelta(minutes=6),
        )
        self.assertEqual(self._draw(early.line_ids)["state"], "early")
        late = self._create_flash()
        late.action_close_now()
        self.env.flush_all()
        self.assertEqual(self._draw(late.line_ids)["state"], "closed")
        self.assertFalse(self.env["groupbuy.flash.ticket"].search([]))

    def test_first_request_after_the_start_opens_the_sale(self):
        campaign = self._create_flash(
            state="scheduled", open_at=fields.Datetime.now() - timedelta(seconds=1)
        )
        self.env.flush_all()
        self.assertEqual(self._draw(campaign.line_ids)["state"], "admitted")
        self.env.invalidate_all()
        self.assertEqual(campaign.state, "open")

    def test_sign_in_can_be_asked_for(self):
        line = self._create_flash(flash_signed_in_only=True).line_ids
        self.assertEqual(self._draw(line)["state"], "sign_in")
        self.authenticate("anna", "anna")
        self.assertEqual(self._draw(line)["state"], "admitted")

    def test_who_may_not_join_gets_no_place(self):
        segment = self.env["groupbuy.segment"].create(
            {"name": "Some", "company_id": self.company.id}
        )
        line = self._create_flash(cap=1, segment_ids=segment.ids).line_ids
        self.assertEqual(self._draw(line)["state"], "refused")
        self.assertIn("sign in", self._add(line)["warning"])
        self.authenticate("anna", "anna")
        self.assertEqual(self._draw(line)["state"], "refused")
        # The page asks the cart, which says why.
        self.assertIn("other residents", self._add(line)["warning"])
        self.assertFalse(self._get_tickets(line.campaign_id))
        self.assertFalse(line.campaign_id.order_ids)
        # Counted among them, Anna gets through without having had a cart before.
        segment.partner_ids = self.anna
        self.env.flush_all()
        self.assertEqual(self._draw(line)["state"], "admitted")
        self.assertEqual(self._add(line)["quantity"], 1)

    def test_too_many_requests_are_refused(self):
        line = self._create_flash(flash_requests=4).line_ids
        self.authenticate("anna", "anna")
        with self._endless_minute():
            states = [self._draw(line)["state"] for _ in range(6)]
            answer = self._add(line)
        self.assertEqual(states, ["admitted"] * 4 + ["too_many"] * 2)
        self.assertIn("too often", answer["warning"])
        self.assertEqual(line.taken_quantity, 0)

    def test_visitors_without_a_cookie_are_counted_by_their_address(self):
        line = self._create_flash(cap=50, flash_address_requests=3).line_ids
        states = []
        with self._endless_minute():
            for _ in range(5):
                self.opener.cookies.clear()
                states.append(self._draw(line)["state"])
        self.assertEqual(states, ["admitted"] * 3 + ["too_many"] * 2)
        self.assertEqual(len(self._get_tickets(line.campaign_id)), 3)

    def test_sold_out_is_answered_without_a_cart(self):
        campaign = self._create_flash(cap=1)
        self._ask(campaign, self.resident)
        self._join(campaign, self.resident)
        self.env.flush_all()
        self.assertEqual(self._status(campaign.line_ids)["state"], "sold_out")
        orders = campaign.order_ids
        answer = self._add(campaign.line_ids)
        self.assertTrue(answer["groupbuy_sold_out"])
        self.env.invalidate_all()
        self.assertEqual(campaign.order_ids, orders)
        self.assertEqual(len(self._get_tickets(campaign)), 1)

    def test_clock(self):
        now = self.url_open("/group-buy/flash/clock").json()["now"]
        self.assertAlmostEqual(now / 1000, fields.Datetime.now().timestamp(), delta=60)


@tagged("post_install", "-at_install")
class TestFlashPage(FlashHttpCase):
    """The page of a flash sale, before and after its start."""

    def _create_waiting(self):
        now = fields.Datetime.now()
        return self._create_flash(
            state="scheduled",
            open_at=now + timedelta(minutes=30),
            close_at=now + timedelta(minutes=31),
        )

    def _open_page(self, campaign):
        """Return the HTML of the campaign's page."""
        # The first rendering of a page is slow, and so may be the machine.
        response = self.url_open(campaign.website_url, timeout=60)
        self.assertEqual(response.status_code, 200)
        return response.text

    def test_waiting_visitors_cost_no_query_of_ours(self):
        campaign = self._create_waiting()
        self.env.flush_all()
        self._open_page(campaign)
        self.opener.cookies.clear()
        url = campaign.website_url
        self.url_open("/group-buy/flash/clock")
        counts = []
        for _ in range(3):
            before = self.cr.sql_log_count
            self.url_open(url)
            counts.append(self.cr.sql_log_count - before)
        # Odoo itself reads the website for each request; nothing is read of ours.
        self.assertLessEqual(max(counts), 1, counts)

    def test_each_visitor_gets_a_token_and_the_time(self):
        campaign = self._create_waiting()
        self.env.flush_all()
        first = self._open_page(campaign)
        self.opener.cookies.clear()
        second = self._open_page(campaign)
        self.assertNotIn("flash-token", second)
        find = r'csrf_token: "(\w+)"'
        self.assertRegex(first, find)
        self.assertRegex(second, find)
        self.assertNotEqual(
            re.search(find, first)[1],
            re.search(find, second)[1],
        )

    def test_kept_page_is_not_for_residents(self):
        campaign = self._create_waiting()
        self.env.flush_all()
        self._open_page(campaign)
        self.authenticate("anna", "anna")
        self.assertIn("Anna Miller", self._open_page(campaign))
        self.opener.cookies.clear()
        self.authenticate(None, None)
        self.assertNotIn("Anna Miller", self._open_page(campaign))

    def test_page_waits_and_asks_nothing(self):
        campaign = self._create_waiting()
        self.env.flush_all()
        for _ in range(2):
            page = self._open_page(campaign)
            self.assertIn("is-flash-waiting", page)
            self.assertNotIn("data-live-url", page)
            self.assertIn("gb-join", page)
            self.assertIn(campaign.open_at.isoformat() + "Z", page)

    def test_message_is_shown_to_its_visitor_only(self):
        campaign = self._create_waiting()
        self.env.flush_all()
        pages = self.env["groupbuy.campaign"]._flash_get_kept_pages(campaign.id)
        value = hash_sign(
            self.env, MESSAGE_COOKIE, ["Thank you, Anna.", "info"], MESSAGE_LIFETIME
        )
        self.opener.cookies[MESSAGE_COOKIE] = value
        self.assertIn("Thank you, Anna.", self._open_page(campaign))
        self.assertFalse(pages, "It is kept for nobody else")
        del self.opener.cookies[MESSAGE_COOKIE]
        self.assertNotIn("Thank you", self._open_page(campaign))
        self.assertEqual(len(pages), 1)
        # Nor is the message lost on a page that was kept before.
        self.opener.cookies[MESSAGE_COOKIE] = value
        self.assertIn("Thank you, Anna.", self._open_page(campaign))

    def test_kept_page_ends_with_the_wait(self):
        campaign = self._create_waiting()
        self.env.flush_all()
        self._open_page(campaign)
        pages = self.env["groupbuy.campaign"]._flash_get_kept_pages(campaign.id)
        self.assertEqual(len(pages), 1)
        campaign.open_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        # What a process keeps is never older than some seconds.
        for key, (html, _until) in list(pages.items()):
            pages[key] = (html, 0)
        page = self._open_page(campaign)
        self.assertNotIn("is-flash-waiting", page)
        self.assertIn("data-live-url", page)

    def test_all_in_carts_is_not_sold_out(self):
        campaign = self._create_flash(cap=1)
        self._ask(campaign, self.resident)
        self._create_cart(campaign, self.resident)
        self.env.flush_all()
        page = self._open_page(campaign)
        self.assertIn("All in carts", page)
        self.assertNotIn("is-sold-out", page)
        self.assertNotIn("gb-waitlist", page)
