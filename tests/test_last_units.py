# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Nothing is sold that is not there: many buyers on a real server."""

import re
import threading

import requests

BUYERS = 64
UNITS = 5


class Buyer:
    """A visitor with a browser's session, who wants one unit."""

    def __init__(self, url, campaign_url, ids):
        self.url = url
        self.ids = ids
        self.session = requests.Session()
        self.session.get(url + campaign_url, timeout=60).raise_for_status()
        self.answer = None

    def call(self, route, **params):
        """Call a JSON route and return its result, or its error as text."""
        response = self.session.post(
            self.url + route,
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            timeout=120,
        )
        response.raise_for_status()
        body = response.json()
        if "error" in body:
            return {"error": body["error"]["data"]["message"]}
        return body["result"]

    def buy(self):
        """Try to put one unit into the cart."""
        self.answer = self.call("/shop/cart/add", quantity=1, **self.ids)


def test_64_buyers_for_the_last_5_units(shop):
    ids = shop.run(
        f"""
campaign = make_shop(0, cap={UNITS})
line = campaign.line_ids
answer(
    url=campaign.website_url,
    ids={{
        "groupbuy_line_id": line.id,
        "product_id": line.product_id.id,
        "product_template_id": line.product_id.product_tmpl_id.id,
    }},
)
"""
    )
    with shop.odoo.start_server(shop.name, workers=4) as server:
        server.wait_ready()
        buyers = [Buyer(server.url, ids["url"], ids["ids"]) for _ in range(BUYERS)]
        start = threading.Barrier(BUYERS)

        def run(buyer):
            start.wait()
            buyer.buy()

        threads = [threading.Thread(target=run, args=(buyer,)) for buyer in buyers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        got = [b for b in buyers if b.answer.get("quantity") == 1]
        refused = [b for b in buyers if b not in got]
        assert len(got) == UNITS
        for buyer in refused:
            assert "error" not in buyer.answer, buyer.answer
            text = buyer.answer.get("warning") or ""
            text += buyer.answer.get("notification_info", {}).get("warning", "")
            assert re.search("sold out", text), buyer.answer
        assert shop.value("SELECT taken FROM groupbuy_quota") == UNITS
        shop.assert_quota_matches_holds()
        log = server.log.read_text("utf-8")
        assert "could not serialize" not in log
        assert "Traceback" not in log


def test_a_unit_whose_hold_expired_goes_to_another_and_the_late_payment_back(shop):
    result = shop.run(
        """
campaign = make_shop(2, cap=1, payment_minutes=1)
late = fill_cart(campaign, get_resident(0))
tx = start_payment(late)
env.cr.execute(
    "UPDATE groupbuy_hold"
    " SET expires_at = now() at time zone 'utc' - interval '1 hour'"
)
env.cr.commit()
run_jobs("expire_holds")
quick = join(campaign, 1)
pay(tx)
run_jobs("process_jobs")
refund = tx.child_transaction_ids.filtered(lambda t: t.operation == "refund")
answer(
    quick=quick.groupbuy_state, late=late.groupbuy_state, why=late.groupbuy_failure,
    refunded=-sum(refund.mapped("amount")), states=refund.mapped("state"),
    taken=campaign.line_ids.taken_quantity,
)
"""
    )
    assert result == {
        "quick": "waiting",
        "late": "failed",
        "why": "sold_out",
        "refunded": 10.0,
        "states": ["done"],
        "taken": 1.0,
    }
    shop.assert_quota_matches_holds()


def test_a_late_payment_claims_again_what_is_still_there(shop):
    result = shop.run(
        """
campaign = make_shop(1, cap=1)
late = fill_cart(campaign, get_resident(0))
tx = start_payment(late)
env.cr.execute(
    "UPDATE groupbuy_hold"
    " SET expires_at = now() at time zone 'utc' - interval '1 hour'"
)
env.cr.commit()
run_jobs("expire_holds")
freed = campaign.line_ids.taken_quantity
pay(tx)
env.invalidate_all()
answer(state=late.groupbuy_state, freed=freed, taken=campaign.line_ids.taken_quantity)
"""
    )
    assert result == {"state": "waiting", "freed": 0.0, "taken": 1.0}
    shop.assert_quota_matches_holds()
