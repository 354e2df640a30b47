# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A visitor of the shop, over HTTP."""

import json
import re

import requests

from gbtools import ToolError

from .shop_odoo import LOGIN

# What Odoo's log says at the end of a request: queries, their seconds, the rest.
_REQUEST = re.compile(r'" \d{3} - (\d+) [\d.]+ [\d.]+')


class Client:
    """A visitor with a session of its own.

    :param Server server: the server.
    :param dict shop: what :func:`shop_odoo.prepare` answered.
    """

    def __init__(self, server, shop):
        self.server = server
        self.shop = shop
        self.session = requests.Session()

    def get(self, path):
        """Get a page and return its text.

        :raises ToolError: when there is none.
        """
        response = self.session.get(self.server.url + path, timeout=60)
        if response.status_code != 200:
            raise ToolError(f"{path} answers {response.status_code}")
        return response.text

    def call(self, route, **params):
        """Call a JSON route and return its result.

        :raises ToolError: with the message of the server.
        """
        response = self.session.post(
            self.server.url + route,
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            timeout=60,
        )
        body = response.json()
        if "error" in body:
            raise ToolError(f"{route}: {body['error']['data']['message']}")
        return body.get("result")

    def sign_in(self, db, login=LOGIN):
        """Sign in, by default as the shop's resident; the password is the login."""
        self.call("/web/session/authenticate", db=db, login=login, password=login)

    def order(self):
        """Order one unit, from the cart to the payment that has been processed."""
        shop = self.shop
        ids = {"product_id": shop["product_id"]}
        ids["product_template_id"] = shop["product_template_id"]
        if "groupbuy_line_id" in shop:
            ids["groupbuy_line_id"] = shop["groupbuy_line_id"]
        added = self.call("/shop/cart/add", quantity=1, **ids)
        if added.get("quantity") != 1:
            raise ToolError(f"nothing was put into the cart: {added}")
        self.get("/shop/cart")
        self.get("/shop/checkout")
        self.call("/shop/set_delivery_method", dm_id=shop["carrier_id"])
        if "point_id" in shop:
            self.call(
                "/website_sale/set_pickup_location",
                pickup_location_data=json.dumps({"id": shop["point_id"]}),
            )
        self.pay(self.get("/shop/payment"))

    def pay(self, page):
        """Pay on the page of the payment, as its JavaScript does.

        :param str page: its HTML.
        """
        form = re.search(r'data-transaction-route="([^"]+)"', page)
        token = re.search(r'data-access-token="([^"]+)"', page)
        if not form or not token:
            raise ToolError("the page of the payment holds no form")
        values = self.call(
            form[1],
            access_token=token[1],
            provider_id=self.shop["provider_id"],
            payment_method_id=self.shop["payment_method_id"],
            token_id=None,
            amount=None,
            flow="direct",
            tokenization_requested=False,
            landing_route="/shop/payment/validate",
        )
        self.call(
            "/payment/demo/simulate_payment",
            reference=values["reference"],
            payment_details="1234",
            simulated_state="done",
        )
        self.get("/payment/status")
        answer = self.call("/payment/status/poll")
        if answer["state"] != "done":
            raise ToolError(f"the payment is {answer['state']}")


class QueryLog:
    """The number of queries of a server's requests, read from its log."""

    def __init__(self, server):
        self.path = server.log
        self.position = self.path.stat().st_size

    def count(self):
        """Return the queries of all requests since the last call."""
        with self.path.open("rb") as log:
            log.seek(self.position)
            text = log.read().decode("utf-8", "replace")
            self.position = log.tell()
        return sum(int(queries) for queries in _REQUEST.findall(text))
