# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The last place in a team goes to one: many checkouts on real connections."""

import re
import threading

from test_last_units import Buyer

CHECKOUTS = 20

# What the scripts below share: a team campaign, and one call in many threads, each
# with its own connection and retried as Odoo retries a request.
TEAMS = """
import threading
from odoo import api
from odoo.service.model import retrying


def make_teams(people, **values):
    return make_shop(
        people,
        **{
            "mode": "team", "success_scope": "group", "min_people": 2,
            "team_seats": 2, "team_hours": 2, **values,
        },
    )


def fill_team_cart(campaign, number, team=None):
    order = env["sale.order"].create(
        {"partner_id": get_resident(number).id, "website_id": website.id}
    )
    line = campaign.line_ids[0]
    order._cart_add(
        line.product_id.id, 1, groupbuy_line_id=line.id,
        groupbuy_team=team.share_token if team else None,
    )
    order._set_delivery_method(carrier)
    order._set_pickup_location(json.dumps({"id": campaign.pickup_point_ids[0].id}))
    env.cr.commit()
    return order


def start_team(campaign, number=0):
    order = fill_team_cart(campaign, number)
    order._check_cart_is_ready_to_be_paid()
    pay(start_payment(order))
    env.invalidate_all()
    return order.groupbuy_group_id


def expire_seats():
    env.cr.execute(
        "UPDATE groupbuy_team_seat SET expires_at ="
        " now() at time zone 'utc' - interval '1 hour' WHERE state = 'held'"
    )
    env.cr.commit()


def at_once(function, ids):
    start = threading.Barrier(len(ids))
    results = [None] * len(ids)

    def work(position, record_id):
        with env.registry.cursor() as cr:
            own = api.Environment(cr, env.uid, dict(env.context))
            start.wait()
            try:
                results[position] = retrying(lambda: function(own, record_id), own)
            except Exception as error:
                cr.rollback()
                results[position] = f"{type(error).__name__}: {error}"

    threads = [
        threading.Thread(target=work, args=(i, record_id))
        for i, record_id in enumerate(ids)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    env.cr.commit()
    env.invalidate_all()
    return results
"""


def test_last_seat_under_20_visitors_at_once(shop):
    ids = shop.run(
        f"""{TEAMS}
campaign = make_teams(1)
team = start_team(campaign)
line = campaign.line_ids
answer(
    url=team._get_path(),
    team=team.id,
    ids={{
        "groupbuy_line_id": line.id,
        "groupbuy_team": team.share_token,
        "product_id": line.product_id.id,
        "product_template_id": line.product_id.product_tmpl_id.id,
    }},
)
"""
    )
    with shop.odoo.start_server(shop.name, workers=4) as server:
        server.wait_ready()
        buyers = [Buyer(server.url, ids["url"], ids["ids"]) for _ in range(CHECKOUTS)]
        start = threading.Barrier(CHECKOUTS)

        def run(buyer):
            start.wait()
            buyer.buy()

        threads = [threading.Thread(target=run, args=(buyer,)) for buyer in buyers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        got = [b for b in buyers if b.answer.get("quantity") == 1]
        assert len(got) == 1
        for buyer in buyers:
            if buyer not in got:
                assert re.search("full", str(buyer.answer)), buyer.answer
        log = server.log.read_text("utf-8")
        assert "could not serialize" not in log
    living = "SELECT COUNT(*) FROM groupbuy_team_seat WHERE state IN ('held', 'paid')"
    assert shop.value(living) == 2
    # Who was refused keeps neither goods nor a cart with goods.
    assert shop.value("SELECT SUM(taken) FROM groupbuy_quota") == 2
    shop.assert_quota_matches_holds()


def test_last_seat_under_20_checkouts_and_payments_at_once(shop):
    result = shop.run(
        f"""{TEAMS}
campaign = make_teams({CHECKOUTS} + 1)
team = start_team(campaign)
carts = []
for number in range(1, {CHECKOUTS} + 1):
    carts.append(fill_team_cart(campaign, number, team))
    expire_seats()


def check_out(own, order_id):
    own["sale.order"].browse(order_id)._check_cart_is_ready_to_be_paid()
    return "ok"


checked = at_once(check_out, [cart.id for cart in carts])
# Their browsers had begun to pay before: each payment comes in, seat or not.
expire_seats()
txs = [start_payment(cart) for cart in carts]
for tx in txs:
    tx._process("demo", {{"reference": tx.reference, "simulated_state": "done"}})
env.cr.commit()


def post_process(own, tx_id):
    own["payment.transaction"].browse(tx_id)._post_process()
    return "ok"


paid = at_once(post_process, [tx.id for tx in txs])
states = [cart.groupbuy_state for cart in carts]
run_jobs("process_jobs")
refunds = [
    -sum(child.amount for child in tx.child_transaction_ids
         if child.operation == "refund" and child.state == "done")
    for tx in txs
]
answer(
    checked=checked, paid=paid, states=states, refunds=refunds,
    whys=[cart.groupbuy_failure for cart in carts], people=team.people_count,
)
"""
    )
    assert result["checked"].count("ok") == 1, result["checked"]
    assert sum("full" in text for text in result["checked"]) == CHECKOUTS - 1
    assert result["paid"] == ["ok"] * CHECKOUTS
    assert result["states"].count("waiting") == 1
    assert result["states"].count("failed") == CHECKOUTS - 1
    assert result["whys"].count("team_full") == CHECKOUTS - 1
    assert sorted(result["refunds"]) == [0.0] + [10.0] * (CHECKOUTS - 1)
    assert result["people"] == 2
    assert (
        shop.value(
            "SELECT COUNT(*) FROM groupbuy_team_seat WHERE state IN ('held', 'paid')"
        )
        == 2
    )
    shop.assert_quota_matches_holds()


def test_end_of_a_team_and_a_payment_at_once(shop):
    """Either the payment counts for the team's fate, or it goes back: never neither."""
    result = shop.run(
        f"""{TEAMS}
campaign = make_teams(3, team_seats=0)
team = start_team(campaign)
cart = fill_team_cart(campaign, 1, team)
tx = start_payment(cart)
tx._process("demo", {{"reference": tx.reference, "simulated_state": "done"}})
env.cr.execute(
    "UPDATE groupbuy_group SET team_ends_at = now() at time zone 'utc'"
    " + interval '1 second' WHERE id = %s", [team.id]
)
env.cr.commit()
env.cr.execute("SELECT pg_sleep(1.2)")
env.cr.commit()
env.invalidate_all()


def work(own, what):
    if what:
        own["payment.transaction"].browse(what)._post_process()
    else:
        own["groupbuy.group"]._cron_end_teams()
    return "ok"


results = at_once(work, [tx.id, 0])
env["groupbuy.group"]._cron_end_teams()
env.cr.commit()
run_jobs("process_jobs")
answer(
    results=results, state=team.state, order=cart.groupbuy_state,
    why=cart.groupbuy_failure, jobs=env["groupbuy.job"].search_count(
        [("order_id", "=", cart.id), ("kind", "in", ("confirm", "refund"))]
    ),
)
"""
    )
    assert result["results"] == ["ok", "ok"], result
    outcome = (result["state"], result["order"], result["why"])
    assert outcome in {
        ("succeeded", "confirmed", None),
        ("succeeded", "confirmed", False),
        ("failed", "failed", "team_over"),
    }, result
    assert result["jobs"] == 1


def test_team_ended_twice_at_once_returns_its_money_once(shop):
    result = shop.run(
        f"""{TEAMS}
campaign = make_teams(4)
teams = [start_team(campaign, number) for number in range(4)]
env.cr.execute(
    "UPDATE groupbuy_group SET team_ends_at = now() at time zone 'utc'"
    " - interval '1 minute' WHERE team_started_at IS NOT NULL"
)
env.cr.commit()
env.invalidate_all()


def end(own, _number):
    own["groupbuy.group"]._cron_end_teams()
    return "ok"


results = at_once(end, list(range(4)))
# What a run left alone because another one was at it.
env["groupbuy.group"]._cron_end_teams()
env.cr.commit()
run_jobs("process_jobs")
run_jobs("process_jobs")
orders = campaign.order_ids
answer(
    results=results, states=[team.state for team in teams],
    refunds=[
        [-child.amount for child in order.transaction_ids.child_transaction_ids
         if child.operation == "refund"]
        for order in orders
    ],
)
"""
    )
    assert result["results"] == ["ok"] * 4, result
    assert result["states"] == ["failed"] * 4
    assert result["refunds"] == [[10.0]] * 4
    shop.assert_quota_matches_holds()
