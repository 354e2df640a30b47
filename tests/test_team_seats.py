# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The last place in a team goes to one: many checkouts on real connections."""

import re
import threading

import pytest
from shop_database import ShopDatabase
from test_last_units import Buyer

CHECKOUTS = 20

# What the scripts below share: team campaigns, and one call in many threads, each
# with its own connection and retried as Odoo retries a request.
TEAMS = f"""
import threading
from odoo import api
from odoo.service.model import retrying

first_campaign = make_shop(
    {CHECKOUTS} + 1, mode="team", success_scope="group", min_people=2, team_seats=2,
    team_hours=2,
)


def make_campaign(**values):
    campaign = first_campaign.copy(values)
    campaign.action_open_now()
    env.cr.commit()
    return campaign


def fill_team_cart(campaign, number, team=None):
    order = env["sale.order"].create(
        {{"partner_id": get_resident(number).id, "website_id": website.id}}
    )
    line = campaign.line_ids[0]
    order._cart_add(
        line.product_id.id, 1, groupbuy_line_id=line.id,
        groupbuy_team=team.share_token if team else None,
    )
    order._set_delivery_method(carrier)
    order._set_pickup_location(json.dumps({{"id": campaign.pickup_point_ids[0].id}}))
    env.cr.commit()
    return order


def start_team(campaign, number=0):
    order = fill_team_cart(campaign, number)
    order._check_cart_is_ready_to_be_paid()
    pay(start_payment(order))
    env.invalidate_all()
    return order.groupbuy_group_id


def begin_to_pay(order):
    tx = start_payment(order)
    tx._process("demo", {{"reference": tx.reference, "simulated_state": "done"}})
    env.cr.commit()
    return tx


def execute(statement, *parameters):
    env.cr.execute(statement, parameters)
    env.cr.commit()
    env.invalidate_all()


def expire_seats():
    execute(
        "UPDATE groupbuy_team_seat SET expires_at ="
        " now() at time zone 'utc' - interval '1 hour' WHERE state = 'held'"
    )


def get_refunds(orders):
    return [
        [-child.amount for child in order.transaction_ids.child_transaction_ids
         if child.operation == "refund" and child.state == "done"]
        for order in orders
    ]


def count_living_seats(team):
    return len(team.seat_ids.filtered(lambda seat: seat.state in ("held", "paid")))


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
                results[position] = f"{{type(error).__name__}}: {{error}}"

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


def end_teams(own, _what):
    own["groupbuy.group"]._cron_end_teams()
    return "ok"


def post_process(own, tx_id):
    own["payment.transaction"].browse(tx_id)._post_process()
    return "ok"
"""

LAST_SEAT = f"""
campaign = make_campaign(name="Last Seat")
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
txs = [begin_to_pay(cart) for cart in carts]
paid = at_once(post_process, [tx.id for tx in txs])
states = [cart.groupbuy_state for cart in carts]
run_jobs("process_jobs")
last_seat = dict(
    checked=checked, paid=paid, states=states, refunds=get_refunds(carts),
    whys=[cart.groupbuy_failure for cart in carts], people=team.people_count,
    living=count_living_seats(team),
)
"""

END_AND_PAYMENT = """
campaign = make_campaign(name="End and Payment", team_seats=0)
team = start_team(campaign)
cart = fill_team_cart(campaign, 1, team)
tx = begin_to_pay(cart)
# Begun ten seconds ago, the team's time was over five seconds ago.
execute(
    "UPDATE payment_transaction SET create_date = create_date - interval '10 seconds'"
    " WHERE id = %s", tx.id,
)
execute(
    "UPDATE groupbuy_group SET team_ends_at = now() at time zone 'utc'"
    " - interval '5 seconds' WHERE id = %s", team.id,
)


def end_or_pay(own, tx_id):
    return post_process(own, tx_id) if tx_id else end_teams(own, tx_id)


results = at_once(end_or_pay, [tx.id, 0])
end_teams(env, 0)
env.cr.commit()
run_jobs("process_jobs")
end_and_payment = dict(
    results=results, state=team.state, order=cart.groupbuy_state,
    why=cart.groupbuy_failure or "", jobs=env["groupbuy.job"].search_count(
        [("order_id", "=", cart.id), ("kind", "in", ("confirm", "refund"))]
    ),
)
"""

ENDED_TWICE = """
campaign = make_campaign(name="Ended Twice")
teams = [start_team(campaign, number) for number in range(4)]
execute(
    "UPDATE groupbuy_group SET team_ends_at = now() at time zone 'utc'"
    " - interval '1 minute' WHERE campaign_id = %s", campaign.id,
)
results = at_once(end_teams, list(range(4)))
# What a run left alone because another one was at it.
end_teams(env, 0)
env.cr.commit()
run_jobs("process_jobs")
run_jobs("process_jobs")
ended_twice = dict(
    results=results, states=[team.state for team in teams],
    refunds=get_refunds(campaign.order_ids),
)
"""

FOR_VISITORS = """
campaign = make_campaign(name="For Visitors")
team = start_team(campaign)
line = campaign.line_ids
for_visitors = dict(
    url=team._get_path(), team=team.id,
    ids={
        "groupbuy_line_id": line.id,
        "groupbuy_team": team.share_token,
        "product_id": line.product_id.id,
        "product_template_id": line.product_id.product_tmpl_id.id,
    },
)
"""


@pytest.fixture(scope="module")
def races(odoo):
    """Return a database in which the races were run, and what came of each."""
    with odoo.claimed_db("groupbuy_system_teams") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        shop = ShopDatabase(odoo, name)
        shop.results = shop.run(
            TEAMS
            + LAST_SEAT
            + END_AND_PAYMENT
            + ENDED_TWICE
            + FOR_VISITORS
            + "\nanswer(last_seat=last_seat, end_and_payment=end_and_payment,"
            " ended_twice=ended_twice, for_visitors=for_visitors)"
        )
        yield shop
        odoo.drop_db(name)


def test_last_seat_under_20_checkouts_and_payments_at_once(races):
    result = races.results["last_seat"]
    assert result["checked"].count("ok") == 1, result["checked"]
    assert sum("full" in text for text in result["checked"]) == CHECKOUTS - 1
    assert result["paid"] == ["ok"] * CHECKOUTS
    assert result["states"].count("waiting") == 1
    assert result["states"].count("failed") == CHECKOUTS - 1
    assert result["whys"].count("team_full") == CHECKOUTS - 1
    assert sorted(result["refunds"]) == [[]] + [[10.0]] * (CHECKOUTS - 1)
    assert result["people"] == 2
    assert result["living"] == 2
    races.assert_quota_matches_holds()


def test_end_of_a_team_and_a_payment_at_once(races):
    """Either the payment counts for the team's fate, or it goes back: never neither."""
    result = races.results["end_and_payment"]
    assert result["results"] == ["ok", "ok"], result
    assert (result["state"], result["order"], result["why"]) in {
        ("succeeded", "confirmed", ""),
        ("failed", "failed", "team_over"),
    }, result
    assert result["jobs"] == 1


def test_team_ended_twice_at_once_returns_its_money_once(races):
    result = races.results["ended_twice"]
    assert result["results"] == ["ok"] * 4, result
    assert result["states"] == ["failed"] * 4
    assert result["refunds"] == [[10.0]] * 4


def test_last_seat_under_20_visitors_at_once(races):
    made = races.results["for_visitors"]
    with races.odoo.start_server(races.name, workers=4) as server:
        server.wait_ready()
        buyers = [Buyer(server.url, made["url"], made["ids"]) for _ in range(CHECKOUTS)]
        start = threading.Barrier(CHECKOUTS)

        def run(buyer):
            start.wait()
            buyer.buy()

        threads = [threading.Thread(target=run, args=(buyer,)) for buyer in buyers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log = server.log.read_text("utf-8")
    got = [b for b in buyers if b.answer.get("quantity") == 1]
    assert len(got) == 1
    for buyer in buyers:
        if buyer not in got:
            assert re.search("full", str(buyer.answer)), buyer.answer
    assert "could not serialize" not in log
    assert (
        races.value(
            "SELECT COUNT(*) FROM groupbuy_team_seat"
            " WHERE group_id = %s AND state IN ('held', 'paid')",
            made["team"],
        )
        == 2
    )
    # Who was refused keeps neither goods nor a cart with goods.
    line_id = made["ids"]["groupbuy_line_id"]
    taken = "SELECT taken FROM groupbuy_quota WHERE line_id = %s"
    assert races.value(taken, line_id) == 2
    races.assert_quota_matches_holds()
