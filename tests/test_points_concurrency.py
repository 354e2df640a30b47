# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Points and memberships on real connections: nothing twice, nothing overdrawn."""

import pytest
from shop_database import ShopDatabase

# Programs of points and coupons, residents, and requests at once, as Odoo's own
# dispatcher runs and repeats them. Each race has records of its own.
SETUP = """
company = env.company
answers = {}


def make_program(**values):
    return env["loyalty.program"].create(
        {
            "name": "Points", "program_type": "loyalty", "trigger": "auto",
            "applies_on": "both", "company_id": company.id,
            "rule_ids": [Command.create(
                {"reward_point_amount": 1, "reward_point_mode": "money"}
            )],
            **values,
        }
    )


def make_reward():
    # Thirty points for a coupon, and a resident who has seventy.
    program = make_program()
    coupons = env["loyalty.program"].create(
        {
            "name": "5 off", "program_type": "coupons", "trigger": "with_code",
            "applies_on": "current", "company_id": company.id,
            "reward_ids": [Command.create(
                {"reward_type": "discount", "discount_mode": "per_order", "discount": 5}
            )],
        }
    )
    reward = env["loyalty.reward"].create(
        {
            "program_id": program.id, "reward_type": "groupbuy_coupon",
            "groupbuy_coupon_program_id": coupons.id, "required_points": 30,
        }
    )
    resident = env["res.partner"].create({"name": "Anna"})
    env["loyalty.card"].create(
        {"program_id": program.id, "partner_id": resident.id, "points": 70}
    )
    env.cr.commit()
    return reward, resident


def exchange(reward, resident, key):
    reward_id, resident_id = reward.id, resident.id

    def work(own):
        return own["loyalty.reward"].browse(reward_id)._groupbuy_exchange(
            own["res.partner"].browse(resident_id), own.company, key
        ).id
    return work
"""

RACES = """
# Six exchanges of a resident whose points pay two.
reward, resident = make_reward()
answers["exchanges"] = {
    "resident": resident.id,
    "got": race([exchange(reward, resident, f"{n:032x}") for n in range(6)]),
}

# One request that is sent four times.
reward, resident = make_reward()
answers["request"] = {
    "resident": resident.id,
    "got": race([exchange(reward, resident, "ab" * 16)] * 4),
}

# An order line that four find paid, and another one of the same resident.
product = env["product.product"].create(
    {
        "name": "Member", "type": "service", "list_price": 30,
        "taxes_id": [Command.clear()], "groupbuy_membership_days": 30,
    }
)
member = env["res.partner"].create({"name": "Ben"})
orders = env["sale.order"].create(
    [
        {
            "partner_id": member.id,
            "order_line": [Command.create({"product_id": product.id})],
        }
        for _number in range(2)
    ]
)
orders.action_confirm()
provider.write({"state": "test", "is_published": True})
method.active = True
for order in orders:
    tx = start_payment(order)
    tx._process("demo", {"reference": tx.reference, "simulated_state": "done"})
env.cr.commit()


def start(order_id):
    def work(own):
        own["sale.order"].browse(order_id)._groupbuy_start_memberships()
        return "done"
    return work


answers["membership"] = {
    "member": member.id,
    "got": race([start(order_id) for order_id in orders.ids * 2]),
}

# Three orders of a resident that are collected at once.
program = make_program(groupbuy_on_collection=True)
campaign = make_shop(1)
resident = get_resident(0)
orders = [fill_cart(campaign, resident, 2) for _number in range(3)]
for order in orders:
    pay(start_payment(order))
campaign.action_close_now()
env.cr.commit()
run_jobs()
for order in orders:
    order.order_line.filtered("groupbuy_line_id").qty_delivered_method = "manual"
    order.order_line.filtered("groupbuy_line_id").qty_delivered = 2
env.cr.commit()


def collect(order_id):
    def work(own):
        order = own["sale.order"].browse(order_id)
        order._groupbuy_sync_points(own.company, {order: f"points/{order_id}/x"})
        return "done"
    return work


works = [collect(order.id) for order in orders]
# The last is the same event once more, at the same moment.
answers["orders"] = {"program": program.id, "got": race([*works, works[-1]])}
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


def test_six_exchanges_at_once_get_the_two_coupons_that_the_points_pay(shop, answers):
    answer = answers["exchanges"]
    got = [x for x in answer["got"] if isinstance(x, int)]
    assert len(set(got)) == len(got) == 2
    assert answer["got"].count("UserError") == 4
    assert shop.query(
        "SELECT c.points, count(e.id) FROM loyalty_card c"
        " JOIN groupbuy_points_entry e ON e.card_id = c.id"
        " WHERE c.partner_id = %s GROUP BY c.id",
        answer["resident"],
    ) == [(10.0, 2)]


def test_one_request_sent_four_times_at_once_gets_one_coupon(shop, answers):
    answer = answers["request"]
    assert len(set(answer["got"])) == 1
    assert isinstance(answer["got"][0], int)
    assert shop.query(
        "SELECT points FROM groupbuy_points_entry WHERE partner_id = %s",
        answer["resident"],
    ) == [(-30.0,)]


def test_orders_collected_at_once_earn_all_on_one_card(shop, answers):
    answer = answers["orders"]
    assert answer["got"] == ["done"] * 4
    assert shop.query(
        "SELECT count(*), sum(points) FROM loyalty_card"
        " WHERE program_id = %s AND points > 0",
        answer["program"],
    ) == [(1, 60.0)]
    assert shop.query(
        "SELECT count(*), sum(points), count(DISTINCT order_id)"
        " FROM groupbuy_points_entry WHERE program_id = %s",
        answer["program"],
    ) == [(3, 60.0, 3)]


def test_an_order_that_is_found_paid_four_times_at_once_starts_one_membership(
    shop, answers
):
    answer = answers["membership"]
    assert answer["got"] == ["done"] * 4
    # Two periods, one after the other.
    assert shop.query(
        'SELECT count(*), max("end") - min(start) + 1 FROM groupbuy_membership'
        " WHERE partner_id = %s",
        answer["member"],
    ) == [(2, 60)]
