# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
import json
from datetime import timedelta

from odoo import fields, http
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.community_groupbuy.const import MAX_QUANTITY, PRIVILEGE
from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon

# What a browser can send instead of an id.
NO_IDS = (0, -1, 2**31, 2**70, 1e99, "x", "1 OR 1=1", "", [], [1], {}, {"id": 1}, True)
# What a browser can send instead of a quantity; JSON as Python writes it knows NaN.
NO_QUANTITIES = (
    0,
    -1,
    0.5,
    1e9,
    MAX_QUANTITY + 1,
    float("nan"),
    float("inf"),
    "NaN",
    "inf",
    "-1",
    "two",
    "",
    None,
    [],
    [2],
    {},
    {"quantity": 2},
    True,
)


@tagged("post_install", "-at_install")
class TestShopRoutes(GroupBuyCommon, HttpCase):
    """What a browser sends, honest or forged, to the routes of the shop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment_method.active = True
        cls.anna, cls.bella = cls._create_residents_with_login("Anna", "Bella")

    # === REQUESTS === #

    def _post(self, route, **params):
        """Send a JSON request, also with NaN, and return its result.

        :return: The result, or the dict `error` of the answer with its message.
        """
        body = {"id": 0, "jsonrpc": "2.0", "method": "call", "params": params}
        # Odoo warns of each refusal, and refusals are what is asked for here.
        with mute_logger("odoo.http"):
            response = self.opener.post(
                self.base_url() + route,
                data=json.dumps(body),
                headers={"Content-Type": "application/json"},
                timeout=30,
            )
        self.assertEqual(response.status_code, 200)
        answer = response.json()
        self.env.invalidate_all()
        return answer["error"]["data"] if "error" in answer else answer.get("result")

    def _add(self, line, quantity=1, **params):
        """Ask for a campaign's line, as its page does."""
        product = line.product_id
        return self._post(
            "/shop/cart/add",
            **{
                "product_template_id": product.product_tmpl_id.id,
                "product_id": product.id,
                "quantity": quantity,
                "groupbuy_line_id": line.id,
                **params,
            },
        )

    def _form(self, route, **data):
        """Send a form, with the token that Odoo puts into each of its forms."""
        return self.url_open(
            route, data={"csrf_token": http.Request.csrf_token(self), **data}
        )

    def _get_cart(self, partner=None):
        return self.env["sale.order"].search(
            [
                ("partner_id", "=", (partner or self.anna).id),
                ("website_id", "=", self.website.id),
                ("state", "=", "draft"),
            ]
        )

    def _fill_cart(self, campaign, quantity=1):
        """Return Anna's cart with the first line, made by a request."""
        self.authenticate("anna", "anna")
        answer = self._add(campaign.line_ids[0], quantity)
        self.assertEqual(answer["quantity"], quantity)
        return self._get_cart()

    def _snapshot(self, order):
        self.env.invalidate_all()
        return (
            order.state,
            order.groupbuy_state,
            order.groupbuy_point_id,
            order.amount_total,
            sorted((li.product_id.id, li.product_uom_qty) for li in order.order_line),
            order.groupbuy_campaign_id.line_ids.mapped("taken_quantity"),
            len(order.groupbuy_job_ids),
        )

    # === /shop/cart/add === #

    def test_unknown_and_forged_offers_are_refused(self):
        campaign = self._create_campaign()
        self.authenticate("anna", "anna")
        for value in (*NO_IDS, campaign.line_ids.id + 999):
            answer = self._add(campaign.line_ids, groupbuy_line_id=value)
            self.assertIn("does not exist", answer["warning"], value)
            self.assertEqual(answer["quantity"], 0)
        self.assertFalse(self._get_cart().order_line)
        self.assertEqual(campaign.line_ids.taken_quantity, 0)

    def test_offers_that_are_not_for_this_visitor_are_refused(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        website = self.env["website"].create(
            {"name": "Second shop", "company_id": self.company.id}
        )
        draft = self._create_campaign(state="draft", lines=[{}])
        hidden = self._create_campaign()
        hidden.is_published = False
        other_website = self._create_campaign(website_id=website.id)
        foreign = self._create_campaign(
            state="draft",
            company_id=company.id,
            website_id=False,
            community_ids=False,
            warehouse_id=self.env["stock.warehouse"]
            .search([("company_id", "=", company.id)], limit=1)
            .id,
            lines=[{}],
        )
        foreign._set_state("open")
        foreign.is_published = True
        self.authenticate("anna", "anna")
        for campaign in (hidden, other_website, foreign):
            answer = self._add(campaign.line_ids)
            self.assertIn("does not exist", answer["warning"], campaign.name)
        self.assertEqual(self._add(draft.line_ids)["quantity"], 0)
        self.assertFalse(self._get_cart().order_line)

    def test_an_offer_that_opens_later_or_has_closed_says_so(self):
        now = fields.Datetime.now()
        later = self._create_campaign(
            state="draft", open_at=now + timedelta(hours=1), lines=[{}]
        )
        later.action_schedule()
        closed = self._create_campaign()
        self._close(closed)
        self.authenticate("anna", "anna")
        self.assertIn("opens on", self._add(later.line_ids)["warning"])
        self.assertIn("has closed", self._add(closed.line_ids)["warning"])
        self.assertFalse(self._get_cart().order_line)

    def test_quantities_that_are_none_are_refused(self):
        campaign = self._create_campaign()
        self.authenticate("anna", "anna")
        for value in NO_QUANTITIES:
            answer = self._add(campaign.line_ids, value)
            self.assertIn("whole number", answer["warning"], value)
        self.assertFalse(self._get_cart().order_line)
        self.assertEqual(campaign.line_ids.taken_quantity, 0)
        # A number that arrives as text is a number.
        self.assertEqual(self._add(campaign.line_ids, "2")["quantity"], 2)

    def test_a_price_in_the_request_is_ignored(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        self.authenticate("anna", "anna")
        answer = self._add(
            line,
            2,
            price=0.01,
            price_unit=0.01,
            discount=99,
            groupbuy_line=line.id,
            groupbuy_joined_price=0.01,
            groupbuy_final_price=0.01,
            groupbuy_prices={f"{line.id},0": 0.01},
            uom_id=self.env.ref("uom.product_uom_dozen").id,
            context={"groupbuy_confirm": True, "groupbuy_prices": {}},
        )
        self.assertEqual(answer["quantity"], 2)
        order_line = self._get_cart().order_line
        self.assertEqual(order_line.price_unit, 10.0)
        self.assertEqual(order_line.discount, 0.0)
        self.assertEqual(order_line.product_uom_id, self.tomato.uom_id)
        self.assertEqual(order_line.groupbuy_joined_price, 10.0)
        self.assertFalse(order_line.groupbuy_final_price)
        self.assertEqual(order_line.order_id.groupbuy_state, "cart")

    def test_the_product_of_the_request_does_not_replace_that_of_the_offer(self):
        campaign = self._create_campaign()
        self.authenticate("anna", "anna")
        self._add(
            campaign.line_ids,
            product_id=self.egg.id,
            product_template_id=self.egg.product_tmpl_id.id,
        )
        self.assertEqual(self._get_cart().order_line.product_id, self.tomato)

    def test_nothing_comes_along_with_an_offer(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        self.egg.allow_out_of_stock_order = True
        linked = {
            "product_template_id": self.egg.product_tmpl_id.id,
            "parent_product_template_id": self.tomato.product_tmpl_id.id,
            "product_id": self.egg.id,
            "quantity": 3,
            "product_custom_attribute_values": [],
            "no_variant_attribute_value_ids": [],
            "groupbuy_line_id": egg.id,
            "groupbuy_joined_price": 0.01,
        }
        self.authenticate("anna", "anna")
        self._add(tomato, linked_products=[linked])
        cart = self._get_cart()
        self.assertEqual(cart.order_line.product_id, self.tomato)
        # Nor does an offer come along with goods of the shop.
        cart._groupbuy_leave()
        linked["parent_product_template_id"] = self.third_product.product_tmpl_id.id
        self._post(
            "/shop/cart/add",
            product_template_id=self.third_product.product_tmpl_id.id,
            product_id=self.third_product.id,
            quantity=1,
            linked_products=[linked],
        )
        cart = self._get_cart()
        self.assertEqual(len(cart.order_line), 2)
        self.assertFalse(cart.order_line.groupbuy_line_id)
        self.assertFalse(cart.groupbuy_campaign_id)
        self.assertEqual(egg.taken_quantity, 0)

    @property
    def third_product(self):
        """A product of the shop that no campaign offers."""
        product = self.env["product.product"].search(
            [("default_code", "=", "ROUTES-SHOP")], limit=1
        )
        return product or self._create_product(
            "Soap", default_code="ROUTES-SHOP", allow_out_of_stock_order=True
        )

    def test_quick_add_meets_the_same_checks(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        self._fill_cart(campaign)
        answer = self._post(
            "/shop/cart/quick_add",
            product_template_id=self.tomato.product_tmpl_id.id,
            product_id=self.tomato.id,
            quantity=-3,
            groupbuy_line_id=line.id,
        )
        self.assertIn("whole number", answer["warning"])
        self.assertEqual(self._get_cart().order_line.product_uom_qty, 1)

    # === /shop/cart/update === #

    def test_an_update_with_a_quantity_that_is_none_leaves_the_cart(self):
        campaign = self._create_campaign()
        cart = self._fill_cart(campaign, 2)
        before = self._snapshot(cart)
        for value in NO_QUANTITIES[1:]:
            answer = self._post(
                "/shop/cart/update",
                line_id=cart.order_line.id,
                quantity=value,
                groupbuy_line=campaign.line_ids.id,
                price_unit=0.01,
            )
            self.assertIn("cart_quantity", answer, value)
            self.assertIn("whole number", answer["website_sale.cart_lines"], value)
            self.assertEqual(self._snapshot(cart), before, value)
        self._post("/shop/cart/update", line_id=cart.order_line.id, quantity=3)
        self.assertEqual(cart.order_line.product_uom_qty, 3)
        self.assertEqual(cart.order_line.price_unit, 10.0)
        self._post("/shop/cart/update", line_id=cart.order_line.id, quantity=0)
        self.assertFalse(cart.order_line)
        self.assertEqual(campaign.line_ids.taken_quantity, 0)

    def test_an_update_of_a_foreign_line_changes_nothing(self):
        campaign = self._create_campaign()
        foreign = self._create_cart(campaign, self.bella, {campaign.line_ids: 2})
        cart = self._fill_cart(campaign)
        before = self._snapshot(cart), self._snapshot(foreign)
        for line_id in (foreign.order_line[:1].id, -1, 2**40, "x", [1]):
            for quantity in (0, 5):
                answer = self._post(
                    "/shop/cart/update", line_id=line_id, quantity=quantity
                )
                self.assertIn("warning", answer)
        self.assertEqual((self._snapshot(cart), self._snapshot(foreign)), before)

    def test_an_update_does_not_take_more_than_is_left(self):
        campaign = self._create_campaign(lines=[{"cap": 3}])
        self._join(campaign, self.bella)
        cart = self._fill_cart(campaign, 2)
        answer = self._post("/shop/cart/update", line_id=cart.order_line.id, quantity=3)
        self.assertIn("sold out", answer["website_sale.cart_lines"])
        self.assertEqual(cart.order_line.product_uom_qty, 2)
        self.assertQuotaMatchesHolds(campaign)

    # === ONE CAMPAIGN IN A CART === #

    def test_another_campaign_asks_before_it_starts_a_new_cart(self):
        campaign = self._create_campaign(lines=[{"cap": 5}])
        other = self._create_campaign(name="Eggs", lines=[{"product": self.egg}])
        cart = self._fill_cart(campaign, 2)
        before = self._snapshot(cart)
        answer = self._add(other.line_ids)
        self.assertIn("Weekend Vegetables", answer["groupbuy_conflict"]["message"])
        self.assertEqual(self._snapshot(cart), before)
        answer = self._add(other.line_ids, groupbuy_new_cart=True)
        self.assertEqual(answer["quantity"], 1)
        self.assertEqual(self._get_cart().order_line.product_id, self.egg)
        self.assertEqual(self._get_cart().groupbuy_campaign_id, other)
        self.assertEqual(campaign.line_ids.taken_quantity, 0)

    def test_goods_of_the_shop_and_of_a_campaign_do_not_mix(self):
        campaign = self._create_campaign()
        shop_goods = {
            "product_template_id": self.third_product.product_tmpl_id.id,
            "product_id": self.third_product.id,
            "quantity": 1,
        }
        cart = self._fill_cart(campaign)
        before = self._snapshot(cart)
        answer = self._post("/shop/cart/add", **shop_goods)
        self.assertTrue(answer["groupbuy_conflict"])
        self.assertEqual(self._snapshot(cart), before)
        self._post("/shop/cart/add", **shop_goods, groupbuy_new_cart=True)
        cart = self._get_cart()
        self.assertEqual(cart.order_line.product_id, self.third_product)
        self.assertFalse(cart.groupbuy_campaign_id)
        self.assertEqual(campaign.line_ids.taken_quantity, 0)
        # And the other way round.
        answer = self._add(campaign.line_ids)
        self.assertIn("goods of the shop", answer["groupbuy_conflict"]["message"])
        self.assertEqual(campaign.line_ids.taken_quantity, 0)
        self._add(campaign.line_ids, groupbuy_new_cart=True)
        self.assertEqual(self._get_cart().order_line.product_id, self.tomato)

    def test_a_refused_offer_does_not_cost_the_cart_that_was_there(self):
        campaign = self._create_campaign()
        sold_out = self._create_campaign(
            name="Eggs", lines=[{"product": self.egg, "cap": 1}]
        )
        self._join(sold_out, self.bella)
        cart = self._fill_cart(campaign)
        before = self._snapshot(cart)
        answer = self._add(sold_out.line_ids, groupbuy_new_cart=True)
        self.assertTrue(answer["groupbuy_sold_out"])
        self._add(sold_out.line_ids, -1, groupbuy_new_cart=True)
        self._add(sold_out.line_ids, groupbuy_line_id="x", groupbuy_new_cart=True)
        self.assertEqual(self._snapshot(cart), before)

    # === A CART THAT IS KEPT OPEN OVER THE CLOSE === #

    def _pay_in_browser(self, order):
        """Ask to pay an order, as the page of the payment does."""
        return self._post(
            f"/shop/payment/transaction/{order.id}",
            access_token=order._portal_ensure_token(),
            amount=order.amount_total,
            provider_id=self.provider.id,
            payment_method_id=self.payment_method.id,
            token_id=None,
            flow="direct",
            tokenization_requested=False,
            landing_route="/shop/payment/validate",
        )

    def _prepare_to_pay(self, cart):
        cart._set_delivery_method(self.carrier)
        cart._groupbuy_set_point(self.point)
        self.env.flush_all()

    def test_a_cart_kept_open_over_the_close_is_told_and_not_charged(self):
        campaign = self._create_campaign()
        cart = self._fill_cart(campaign)
        self._prepare_to_pay(cart)
        self._join(campaign, self.bella)
        self._close(campaign)
        page = self.url_open("/shop/cart").text
        self.assertIn("This campaign has closed. Nothing was charged.", page)
        error = self._pay_in_browser(cart)
        self.assertIn("has closed", error["message"])
        self.assertFalse(cart.transaction_ids)
        answer = self._post(
            "/shop/cart/update", line_id=cart.order_line[:1].id, quantity=4
        )
        self.assertTrue(answer)
        self.assertEqual(campaign.line_ids.taken_quantity, 1)
        # The cart is no trap: something else can be ordered.
        other = self._create_campaign(name="Eggs", lines=[{"product": self.egg}])
        self._add(other.line_ids, groupbuy_new_cart=True)
        self.assertEqual(self._get_cart().groupbuy_campaign_id, other)

    def test_a_cart_after_the_closing_time_is_refused_before_the_job_has_run(self):
        campaign = self._create_campaign()
        cart = self._fill_cart(campaign)
        self._prepare_to_pay(cart)
        now = fields.Datetime.now()
        campaign.with_context(groupbuy_system_write=PRIVILEGE).write(
            {"open_at": now - timedelta(days=2), "close_at": now - timedelta(minutes=1)}
        )
        self.env.flush_all()
        self.assertIn("has closed", self._pay_in_browser(cart)["message"])
        self.assertFalse(cart.transaction_ids)

    def test_an_open_cart_can_be_paid_by_the_same_request(self):
        cart = self._fill_cart(self._create_campaign())
        self._prepare_to_pay(cart)
        answer = self._pay_in_browser(cart)
        self.assertEqual(answer["provider_code"], "demo")
        self.assertEqual(cart.transaction_ids.amount, 10.0)

    def test_another_amount_or_a_wrong_token_starts_no_payment(self):
        cart = self._fill_cart(self._create_campaign())
        self._prepare_to_pay(cart)
        params = {
            "access_token": cart._portal_ensure_token(),
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method.id,
            "token_id": None,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": "/shop/payment/validate",
        }
        route = f"/shop/payment/transaction/{cart.id}"
        for amount in (0.01, 9.99, 10.01, 1e9):
            error = self._post(route, amount=amount, **params)
            self.assertIn("has been updated", error["message"])
        self.authenticate(None, None)
        params["access_token"] = "forged"
        error = self._post(route, amount=10.0, **params)
        self.assertIn("access token is invalid", error["message"])
        self.assertFalse(cart.transaction_ids)

    # === TWO TABS === #

    def test_two_tabs_together_do_not_exceed_the_limit_of_a_resident(self):
        campaign = self._create_campaign(lines=[{"limit_per_resident": 3, "cap": 9}])
        line = campaign.line_ids
        tabs = []
        for _tab in range(2):
            # A second session store would delete the first: keep it logged in.
            self.session = None
            self.authenticate("anna", "anna")
            tabs.append(self.opener)
        self.assertNotEqual(
            tabs[0].cookies["session_id"], tabs[1].cookies["session_id"]
        )
        answers = []
        for self.opener in tabs:
            answers.append(self._add(line, 2))
        self.assertEqual(answers[0]["quantity"], 2)
        self.assertIn("may order 3", answers[1]["notification_info"]["warning"])
        held = self.env["groupbuy.hold"].search(
            [("line_id", "=", line.id), ("state", "=", "held")]
        )
        self.assertEqual(sum(held.mapped("quantity")), 2)
        # What was paid in one tab counts for the other.
        cart = self._get_cart()
        self._prepare_to_pay(cart)
        self._pay(cart)
        answer = self._add(line, 2)
        self.assertIn("may order 3", answer["notification_info"]["warning"])
        self.assertEqual(self._add(line, 1)["quantity"], 1)
        self.assertEqual(line.taken_quantity, 3)
        self.assertQuotaMatchesHolds(campaign)

    def test_two_visitors_do_not_get_the_same_last_piece(self):
        campaign = self._create_campaign(lines=[{"cap": 3}])
        self._fill_cart(campaign, 2)
        self.session = None
        self.authenticate(None, None)
        answer = self._add(campaign.line_ids, 2)
        self.assertIn("Only 1", answer["notification_info"]["warning"])
        self.assertEqual(self._add(campaign.line_ids, 1)["quantity"], 1)
        answer = self._add(campaign.line_ids, 1)
        self.assertTrue(answer["groupbuy_sold_out"])
        self.assertEqual(campaign.line_ids.taken_quantity, 3)
        self.assertQuotaMatchesHolds(campaign)

    # === PAGES AND LIVE NUMBERS === #

    def test_pages_of_campaigns_that_are_not_there_say_so(self):
        campaign = self._create_campaign()
        draft = self._create_campaign(state="draft", name="Secret", lines=[{}])
        self.authenticate("anna", "anna")
        for path in (
            f"/group-buy/{draft.id}",
            f"/group-buy/{campaign.id + 999}",
            "/group-buy/nothing",
            "/group-buy/nothing-0",
            f"/group-buy/x-{2**70}",
            f"/group-buy/{draft.id}/live",
            f"/group-buy/{2**31 - 1}/live",
            f"/group-buy/{2**70}/live",
            "/group-buy/x/live",
        ):
            response = self.url_open(path)
            self.assertEqual(response.status_code, 404, path)
            self.assertNotIn("Secret", response.text)
        # A slug with another name leads to the right address.
        response = self.url_open(f"/group-buy/wrong-name-{campaign.id}")
        self.assertEqual(response.status_code, 200)
        self.assertIn(campaign.website_url, response.url)

    def test_nonsense_in_the_address_does_not_break_a_page(self):
        campaign = self._create_campaign()
        for query in (
            "?search=%27%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
            "?category=x-99999999999999999999",
            "?category=-1",
            "?search=%00",
            "?point=0&community=nobody-0",
            "?page=999",
        ):
            for path in ("/group-buy", campaign.website_url):
                response = self.url_open(path + query)
                self.assertEqual(response.status_code, 200, path + query)
                self.assertNotIn("<script>alert(1)", response.text)
        self.assertIn(
            self.url_open(f"{campaign.website_url}/page/99999").status_code, (200, 404)
        )

    def test_live_numbers_are_those_of_the_campaign_only(self):
        campaign = self._create_campaign()
        other = self._create_campaign(name="Eggs", lines=[{"product": self.egg}])
        line, foreign = campaign.line_ids, other.line_ids
        for lines, shown in (
            ("", []),
            (str(line.id), [str(line.id)]),
            (f"{line.id},{foreign.id},-1,x,,{2**70}", [str(line.id)]),
            (f"{foreign.id}", []),
            ("1%20OR%201=1", []),
        ):
            response = self.url_open(f"/group-buy/{campaign.id}/live?lines={lines}")
            self.assertEqual(response.status_code, 200, lines)
            self.assertEqual(list(response.json()["lines"]), shown, lines)
            self.assertNotIn("cost", response.text)

    # === THE WAITLIST === #

    def test_the_waitlist_refuses_nonsense(self):
        campaign = self._create_campaign(lines=[{"cap": 1}])
        other = self._create_campaign(
            name="Eggs", lines=[{"product": self.egg, "cap": 1}]
        )
        self._join(campaign, self.bella)
        self._join(other, self.bella)
        route = f"/group-buy/{campaign.id}/waitlist"
        self.authenticate("anna", "anna")
        for line_id in ("0", "-1", "x", str(2**70), "", str(other.line_ids.id)):
            response = self._form(route, line_id=line_id, quantity="1")
            self.assertEqual(response.status_code, 404, line_id)
        for quantity in ("0", "-1", "1e9", "NaN", "two", "", "0.5"):
            response = self._form(
                route, line_id=campaign.line_ids.id, quantity=quantity
            )
            self.assertIn("whole number", response.text, quantity)
        self.assertEqual(
            self._form(
                f"/group-buy/{campaign.id + 999}/waitlist", line_id=1
            ).status_code,
            404,
        )
        self.assertFalse(self.env["groupbuy.waitlist"].search([]))
        response = self._form(route, line_id=campaign.line_ids.id, quantity="1")
        self.assertIn("You are on the waitlist", response.text)
        response = self._form(route, line_id=campaign.line_ids.id, quantity="1")
        self.assertIn("already", response.text)
        entry = self.env["groupbuy.waitlist"].search([])
        self.assertEqual((entry.partner_id, entry.quantity), (self.anna, 1))

    def test_who_leaves_the_waitlist_makes_room_for_the_next(self):
        campaign = self._create_campaign(lines=[{"cap": 1}])
        line = campaign.line_ids
        order = self._join(campaign, self.bella)
        entries = self.env["groupbuy.waitlist"]
        own = entries._join(line, self.anna, 1)
        other = entries._join(line, self.neighbour, 1)
        order._groupbuy_cancel_by_resident()
        self._run_jobs()
        self.assertEqual((own.state, other.state), ("offered", "waiting"))
        self.authenticate("anna", "anna")
        route = f"/group-buy/{campaign.id}/waitlist/leave"
        elsewhere = self._create_campaign(
            name="Eggs", lines=[{"product": self.egg, "cap": 1}]
        )
        for line_id in ("0", "x", "", str(elsewhere.line_ids.id)):
            self.assertEqual(self._form(route, line_id=line_id).status_code, 404)
        self.assertEqual(own.state, "offered")
        response = self._form(route, line_id=line.id)
        self.assertIn("not on the waitlist", response.text)
        self.env.invalidate_all()
        self.assertEqual((own.state, other.state), ("cancelled", "offered"))
        # Nobody else's place is touched, however often it is asked for.
        self._form(route, line_id=line.id)
        self.env.invalidate_all()
        self.assertEqual(other.state, "offered")

    def test_the_waitlist_wants_a_resident_who_is_signed_in(self):
        campaign = self._create_campaign(lines=[{"cap": 1}])
        self._join(campaign, self.bella)
        self.authenticate(None, None)
        self._form(f"/group-buy/{campaign.id}/waitlist", line_id=campaign.line_ids.id)
        self.assertFalse(self.env["groupbuy.waitlist"].search([]))

    # === THE PICKUP POINT === #

    def test_a_browser_names_a_point_and_nothing_else(self):
        campaign = self._create_campaign()
        cart = self._fill_cart(campaign)
        cart._set_delivery_method(self.carrier)
        cart._groupbuy_set_point(self.point)
        foreign = self.env["groupbuy.pickup.point"].create(
            {"name": "Far away", "company_id": self.company.id}
        )
        before = self._snapshot(cart)
        warehouse = cart.warehouse_id
        for location in (
            *({"id": value} for value in NO_IDS),
            {"id": foreign.id},
            {"id": None, "name": "My door"},
            [self.other_point.id],
            self.other_point.id,
        ):
            error = self._post(
                "/website_sale/set_pickup_location",
                pickup_location_data=json.dumps(location),
            )
            self.assertEqual(error["name"], "odoo.exceptions.ValidationError", location)
            self.assertEqual(self._snapshot(cart), before, location)
        for data in ("{no json", "[]]", "\x00"):
            error = self._post(
                "/website_sale/set_pickup_location", pickup_location_data=data
            )
            self.assertEqual(error["name"], "odoo.exceptions.ValidationError", data)
        self._post(
            "/website_sale/set_pickup_location",
            pickup_location_data=json.dumps(
                {"id": self.other_point.id, "street": "Forged 1", "name": "My door"}
            ),
        )
        self.env.invalidate_all()
        self.assertEqual(cart.groupbuy_point_id, self.other_point)
        self.assertEqual(cart.pickup_location_data["name"], "South Gate")
        self.assertNotIn("Forged", json.dumps(cart.pickup_location_data))
        self.assertEqual(cart.warehouse_id, warehouse)

    def test_an_order_that_has_joined_stays_at_its_point(self):
        order = self._join(self._create_campaign(), self.anna)
        new_test_user(
            self.env,
            login="groupbuy_clerk",
            groups="community_groupbuy.group_groupbuy_user",
        )
        for login in ("anna", "groupbuy_clerk"):
            self.authenticate(login, login)
            error = self._post(
                "/delivery/set_pickup_location",
                order_id=order.id,
                pickup_location_data=json.dumps({"id": self.other_point.id}),
            )
            self.assertIn("name", error or {}, login)
        self.env.invalidate_all()
        self.assertEqual(order.groupbuy_point_id, self.point)

    # === THE PORTAL === #

    def test_nobody_changes_the_order_of_somebody_else(self):
        campaign = self._create_campaign(lines=[{"cap": 5}])
        order = self._join(campaign, self.bella, {campaign.line_ids: 3})
        line = order.order_line.filtered("groupbuy_line_id")
        before = self._snapshot(order)
        for login in ("anna", None):
            self.authenticate(login, login)
            for order_id in (order.id, order.id + 999, 2**31 - 1):
                for token in (None, "", "forged", "0" * 36):
                    data = {"access_token": token} if token is not None else {}
                    response = self._form(
                        f"/my/orders/{order_id}/group-buy/cancel", **data
                    )
                    self.assertEqual(response.status_code, 404)
                    response = self._form(
                        f"/my/orders/{order_id}/group-buy/update",
                        **data,
                        **{f"quantity_{line.id}": "1"},
                    )
                    self.assertEqual(response.status_code, 404)
        self.assertEqual(self._snapshot(order), before)

    def test_a_form_without_its_token_changes_nothing(self):
        order = self._join(self._create_campaign(), self.anna)
        self.authenticate("anna", "anna")
        before = self._snapshot(order)
        with mute_logger("odoo.http"):
            response = self.url_open(
                f"/my/orders/{order.id}/group-buy/cancel", data={"x": "y"}
            )
        self.assertEqual(response.status_code, 400)
        response = self.url_open(f"/my/orders/{order.id}/group-buy/cancel")
        self.assertEqual(response.status_code, 405, "A link cancels nothing")
        self.assertEqual(self._snapshot(order), before)

    def test_bad_quantities_of_the_portals_form_change_nothing(self):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        order = self._join(campaign, self.anna, {tomato: 3, egg: 2})
        foreign = self._join(campaign, self.bella)
        lines = order.order_line.filtered("groupbuy_line_id")
        delivery = order.order_line - lines
        route = f"/my/orders/{order.id}/group-buy/update"
        self.authenticate("anna", "anna")
        before = self._snapshot(order)
        good = {f"quantity_{lines[0].id}": "1"}
        forms = [
            {**good, f"quantity_{lines[1].id}": value}
            for value in ("-1", "0.5", "3", "1e9", "NaN", "inf", "two", "", "[1]")
        ]
        forms += [
            {},
            {"quantity_": "1"},
            {**good, "quantity_x": "1"},
            {**good, f"quantity_{2**70}": "1"},
            {**good, f"quantity_{foreign.order_line[:1].id}": "0"},
            {"price_unit": "0.01", "groupbuy_state": "confirmed"},
        ]
        if delivery:
            forms.append({**good, f"quantity_{delivery[0].id}": "0"})
        for form in forms:
            response = self._form(route, **form)
            self.assertEqual(response.status_code, 200, form)
            self.assertEqual(self._snapshot(order), before, form)
        self.assertEqual(foreign.groupbuy_state, "waiting")
        response = self._form(route, **good)
        self.assertIn("Your order is changed", response.text)
        self.env.invalidate_all()
        self.assertEqual(lines[0].product_uom_qty, 1)
        self.assertQuotaMatchesHolds(campaign)

    def test_after_the_close_the_portals_forms_change_nothing(self):
        campaign = self._create_campaign()
        order = self._join(campaign, self.anna)
        self._close(campaign)
        line = order.order_line.filtered("groupbuy_line_id")
        self.authenticate("anna", "anna")
        before = self._snapshot(order)
        response = self._form(f"/my/orders/{order.id}/group-buy/cancel")
        self.assertIn("can no longer be changed", response.text)
        response = self._form(
            f"/my/orders/{order.id}/group-buy/update", **{f"quantity_{line.id}": "0"}
        )
        self.assertIn("can no longer be changed", response.text)
        self.assertEqual(self._snapshot(order), before)

    def test_an_answer_is_said_once_and_only_if_the_server_gave_it(self):
        campaign = self._create_campaign()
        order = self._join(campaign, self.anna, {campaign.line_ids: 3})
        self.authenticate("anna", "anna")
        url = order.get_portal_url()
        line = order.order_line.filtered("groupbuy_line_id")
        response = self.url_open(
            f"/my/orders/{order.id}/group-buy/update",
            data={
                "csrf_token": http.Request.csrf_token(self),
                f"quantity_{line.id}": "1",
            },
            allow_redirects=False,
        )
        self.assertEqual(response.status_code, 303)
        # A page that is still open opens its websocket only now, or looks again.
        session = http.root.session_store.get(self.session.sid)
        self.assertNotIn("groupbuy_flash", session)
        script = {"X-Requested-With": "XMLHttpRequest"}
        text = "Your order is changed"
        self.assertNotIn(text, self.url_open(url, headers=script).text)
        signed = self.opener.cookies["groupbuy_flash"]
        self.assertIn(text, self.url_open(url).text)
        self.assertNotIn(text, self.url_open(url).text)
        self.assertNotIn("groupbuy_flash", self.opener.cookies)
        forged = base64.urlsafe_b64encode(
            base64.urlsafe_b64decode(signed + "==").replace(b"Your", b"Her ")
        ).decode()
        for value in (forged, signed[:-9], "x", "1 OR 1=1", "=" * 3000, "%00", "AQ"):
            self.opener.cookies["groupbuy_flash"] = value
            response = self.url_open(url)
            self.assertEqual(response.status_code, 200, value)
            self.assertNotIn("alert-success", response.text, value)

    def test_a_token_of_the_order_lets_a_visitor_cancel_once(self):
        campaign = self._create_campaign(lines=[{"cap": 1}])
        order = self._join(campaign, self.bella)
        token = order._portal_ensure_token()
        self.env.flush_all()
        self.authenticate(None, None)
        route = f"/my/orders/{order.id}/group-buy/cancel"
        self._form(route, access_token=token)
        self.env.invalidate_all()
        self.assertEqual(order.groupbuy_state, "cancelled")
        self._form(route, access_token=token)
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)

    # === COUPONS === #

    def test_the_code_of_somebody_else_is_refused_in_the_cart(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Ten percent",
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "rule_ids": [Command.create({"minimum_amount": 0})],
                "reward_ids": [Command.create({"discount": 10, "required_points": 1})],
            }
        )
        card = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": self.bella.id, "points": 1}
        )
        cart = self._fill_cart(self._create_campaign())
        page = self._form("/shop/pricelist", promo=card.code).text
        self.assertIn("This coupon is reserved for somebody else.", page)
        self.url_open(f"/coupon/{card.code}")
        self.env.invalidate_all()
        self.assertEqual(cart.amount_total, 10.0)
        self.assertFalse(cart.applied_coupon_ids)

    def test_the_share_code_is_a_picture_of_a_page_that_can_be_seen(self):
        campaign = self._create_campaign()
        answer = self.url_open(f"/group-buy/{campaign.id}/qr.svg")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "image/svg+xml")
        self.assertIn("<svg", answer.text)
        page = self.url_open(campaign.website_url)
        self.assertIn(f"/group-buy/{campaign.id}/qr.svg", page.text)
        draft = self._create_campaign(state="draft", lines=[{}])
        for campaign_id in (draft.id, 0, 2**31):
            answer = self.url_open(f"/group-buy/{campaign_id}/qr.svg")
            self.assertEqual(answer.status_code, 404)
