# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tasks, draws and check-ins on real connections: nothing given twice."""

import hashlib
import json

import pytest
from shop_database import ShopDatabase

# A program of points, residents, and one call in many threads, each with its own
# connection, repeated as Odoo's dispatcher repeats a request. Each race has prizes,
# draws and residents of its own.
SETUP = """
company = env.company
program = env["loyalty.program"].create(
    {
        "name": "Points", "program_type": "loyalty", "trigger": "auto",
        "applies_on": "both", "company_id": company.id,
    }
)
answers = {}


def make_residents(count):
    return env["res.partner"].create(
        [{"name": f"Resident {number}"} for number in range(count)]
    )


def make_prize(stock):
    return env["groupbuy.prize"].create(
        {"name": "Strawberries", "stock": stock, "company_id": company.id}
    )


def make_draw(prize, quantity=1):
    return env["groupbuy.lottery"].create(
        {
            "name": "Draw", "company_id": company.id, "is_on_site": True,
            "draw_at": fields.Datetime.now() + timedelta(hours=1), "tz": "UTC",
            "line_ids": [Command.create(
                {"prize_id": prize.id, "quantity": quantity}
            )],
        }
    )


def race_with(function, items):
    def work(item):
        return lambda own: str(function(own, item))

    return race([work(item) for item in items])
"""

RACES = """
# Twenty draws of the last prize.
draw = make_draw(make_prize(1))
draw.action_publish()
for resident in make_residents(20):
    draw._issue([(resident, f"r{resident.id}")])
env.cr.commit()


def make(own, draw_id):
    return own["groupbuy.lottery"].browse(draw_id)._draw()


got = race_with(make, [draw.id] * 20)
answers["draws"] = {
    "draw": draw.id, "prize": draw.line_ids.prize_id.id, "got": got,
    "proof": draw._get_proof(),
}

# Twenty draws that promise the last prize.
prize = make_prize(1)
draws = env["groupbuy.lottery"].concat(*[make_draw(prize) for _n in range(20)])
env.cr.commit()


def publish(own, draw_id):
    own["groupbuy.lottery"].browse(draw_id).action_publish()
    return "published"


got = race_with(publish, draws.ids)
answers["promises"] = {"draws": draws.ids, "prize": prize.id, "got": got}

# Tickets that are given while the draw is made.
residents = make_residents(20)
draw = make_draw(make_prize(1))
draw.action_publish()
draw._issue([(residents[0], "first")])
env.cr.commit()
draw_id = draw.id


def work(own, item):
    lottery = own["groupbuy.lottery"].browse(draw_id)
    if item is None:
        return lottery._draw()
    partner = own["res.partner"].browse(item)
    lottery._issue([(partner, f"r{item}")])
    return "given"


got = race_with(work, [*residents.ids[1:13], None, *residents.ids[13:]])
answers["tickets"] = {"draw": draw.id, "got": got, "proof": draw._get_proof()}

# One resident on six connections, and four others.
residents = make_residents(5)
event = env["groupbuy.check.in.event"].create(
    {
        "name": "Tasting", "place": "Gate", "tz": "UTC", "company_id": company.id,
        "start_at": fields.Datetime.now() - timedelta(hours=1),
        "end_at": fields.Datetime.now() + timedelta(hours=1),
        "points_program_id": program.id, "points": 10,
    }
)
env.cr.commit()
event_id = event.id


def come(own, partner_id):
    own["groupbuy.check.in.event"].browse(event_id)._check_in(
        own["res.partner"].browse(partner_id)
    )
    return "in"


got = race_with(come, [residents[0].id] * 6 + residents.ids[1:])
answers["check_ins"] = {"residents": residents.ids, "got": got}

# Twenty visits, two of the same visitor; then the counting, four times at once.
resident_id = make_residents(1).id
task = env["groupbuy.task"].create(
    {
        "name": "Be visited", "kind": "share", "target": 12, "tz": "UTC",
        "company_id": company.id, "reward_type": "points", "points": 5,
        "points_program_id": program.id,
    }
)
task.action_open()
env.cr.commit()


def visit(own, number):
    return own["groupbuy.task"]._groupbuy_count(
        "share", own["res.partner"].browse(resident_id), f"visitor/{number % 19}"
    )


def count(own, _number):
    own["groupbuy.task"]._count_slice(500)
    own["groupbuy.task.completion"]._grant_slice(500)
    return "worked"


got = race_with(visit, list(range(20)))
works = race_with(count, [1, 2, 3, 4])
# Whoever came last in that race may have left the granting to a later run.
env["groupbuy.task"]._cron_work()
env.cr.commit()
answers["visits"] = {"resident": resident_id, "got": got, "works": works}

# Six carts of a resident with one right to a low price.
campaign = make_shop(1)
resident = get_resident(0)
right = env["groupbuy.price.right"].create(
    {
        "key": "test", "partner_id": resident.id, "price": 6,
        "line_id": campaign.line_ids.id,
    }
)
env.cr.commit()
carts = [fill_cart(campaign, resident) for _number in range(6)]
totals = [cart.amount_total for cart in carts]


def begin_payment(own, cart_id):
    own["sale.order"].browse(cart_id)._check_cart_is_ready_to_be_paid()
    return "ready"


got = race_with(begin_payment, [cart.id for cart in carts])
answers["carts"] = {"right": right.id, "totals": totals, "got": got}
answer(**answers)
"""


@pytest.fixture(scope="module")
def shop(odoo):
    """Return a fresh database for all races of this file."""
    with odoo.claimed_db("groupbuy_system") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        yield ShopDatabase(odoo, name)
        odoo.drop_db(name)


@pytest.fixture(scope="module")
def answers(shop):
    """Return what the races were answered, each under its name."""
    return shop.run(SETUP + RACES)


def get_counters(shop, prize_id):
    return shop.query(
        "SELECT cap, taken FROM groupbuy_reward_counter WHERE prize_id = %s", prize_id
    )


def test_twenty_draws_at_once_give_the_last_prize_once(shop, answers):
    answer = answers["draws"]
    assert answer["got"].count("True") == 1
    assert answer["got"].count("False") == 19
    assert shop.query(
        "SELECT count(*), count(DISTINCT ticket_id) FROM groupbuy_lottery_award"
        " WHERE lottery_id = %s",
        answer["draw"],
    ) == [(1, 1)]
    assert get_counters(shop, answer["prize"]) == [(1, 1)]
    proof = json.loads(answer["proof"])
    assert len(proof["tickets"]) == 20
    assert [ticket[0] for ticket in proof["tickets"]] == list(range(1, 21))
    seed = bytes.fromhex(proof["seed"])
    assert hashlib.sha256(seed).hexdigest() == proof["hash"]


def test_of_twenty_draws_that_promise_the_last_prize_one_is_published(shop, answers):
    answer = answers["promises"]
    assert answer["got"].count("published") == 1
    assert answer["got"].count("UserError") == 19
    assert get_counters(shop, answer["prize"]) == [(1, 1)]
    # The others have no seed, and can be published when there is more.
    assert shop.query(
        "SELECT count(*) FILTER (WHERE state = 'open'), count(seed)"
        " FROM groupbuy_lottery WHERE id = ANY(%s)",
        answer["draws"],
    ) == [(1, 1)]


def test_tickets_given_while_the_draw_is_made_are_in_it_or_refused(shop, answers):
    answer = answers["tickets"]
    given = answer["got"].count("given")
    assert answer["got"].count("True") == 1
    assert given + answer["got"].count("UserError") == 19
    numbers = [
        row[0]
        for row in shop.query(
            "SELECT number FROM groupbuy_lottery_ticket WHERE lottery_id = %s"
            " ORDER BY number",
            answer["draw"],
        )
    ]
    assert numbers == list(range(1, given + 2)), "No ticket without a number"
    assert len(json.loads(answer["proof"])["tickets"]) == given + 1


def test_a_resident_who_checks_in_on_six_connections_gets_points_once(shop, answers):
    answer = answers["check_ins"]
    assert answer["got"].count("in") == 5
    assert answer["got"].count("UserError") == 5
    assert shop.query(
        "SELECT count(*), sum(points), count(DISTINCT partner_id)"
        " FROM groupbuy_points_entry WHERE kind = 'check_in'"
    ) == [(5, 50.0, 5)]
    assert shop.query(
        "SELECT count(*), min(points), max(points) FROM loyalty_card"
        " WHERE partner_id = ANY(%s)",
        answer["residents"],
    ) == [(5, 10.0, 10.0)]


def test_visits_at_the_same_moment_all_count_and_give_one_reward(shop, answers):
    answer = answers["visits"]
    assert answer["got"].count("True") == 19
    assert answer["got"].count("False") == 1
    assert answer["works"] == ["worked"] * 4
    assert shop.query(
        "SELECT count(*) FROM groupbuy_task_event WHERE partner_id = %s",
        answer["resident"],
    ) == [(19,)]
    assert shop.query(
        "SELECT state FROM groupbuy_task_completion WHERE partner_id = %s",
        answer["resident"],
    ) == [("granted",)]
    assert shop.query(
        "SELECT count(*), sum(points) FROM groupbuy_points_entry WHERE kind = 'task'"
    ) == [(1, 5.0)]


def test_carts_that_pay_at_once_share_one_low_price(shop, answers):
    answer = answers["carts"]
    assert answer["totals"] == [6.0] * 6
    assert answer["got"].count("ready") == 1
    assert answer["got"].count("ValidationError") == 5
    assert (
        shop.value(
            "SELECT count(order_id) FROM groupbuy_price_right WHERE id = %s",
            answer["right"],
        )
        == 1
    )
