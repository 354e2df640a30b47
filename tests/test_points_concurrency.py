# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Points and memberships on real connections: nothing twice, nothing overdrawn."""

# A program of points, a coupon that they buy, and a resident with points for two.
POINTS = """
company = env.company
program = env["loyalty.program"].create(
    {
        "name": "Points", "program_type": "loyalty", "trigger": "auto",
        "applies_on": "both", "groupbuy_on_collection": True,
        "company_id": company.id,
        "rule_ids": [Command.create(
            {"reward_point_amount": 1, "reward_point_mode": "money"}
        )],
    }
)
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
ids = {"reward": reward.id, "resident": resident.id, "program": program.id}
"""

# Requests at once, as Odoo's own dispatcher runs and repeats them.
RACE = """
import threading
from functools import partial
from odoo import api
from odoo.modules.registry import Registry
from odoo.service.model import retrying

registry = Registry(env.cr.dbname)


def race(works):
    barrier = threading.Barrier(len(works), timeout=60)
    answers = []

    def run(work):
        with registry.cursor() as cr:
            own = api.Environment(cr, 1, {})
            # The snapshot of each begins before any of them has changed anything.
            own.cr.execute("SELECT count(*) FROM groupbuy_standing")
            barrier.wait()
            try:
                answers.append(retrying(partial(work, own), own))
            except Exception as error:
                answers.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers, key=str)


def exchange(key):
    def work(own):
        return own["loyalty.reward"].browse(ids["reward"])._groupbuy_exchange(
            own["res.partner"].browse(ids["resident"]), own.company, key
        ).id
    return work
"""


def test_six_exchanges_at_once_get_the_two_coupons_that_the_points_pay(shop):
    answer = shop.run(
        POINTS
        + """
env["loyalty.card"].create(
    {"program_id": program.id, "partner_id": resident.id, "points": 70}
)
env.cr.commit()
"""
        + RACE
        + """
answer(got=race([exchange(f"{n:032x}") for n in range(6)]))
"""
    )
    got = [x for x in answer["got"] if isinstance(x, int)]
    assert len(set(got)) == len(got) == 2
    assert answer["got"].count("UserError") == 4
    assert shop.query(
        "SELECT c.points, count(e.id) FROM loyalty_card c"
        " JOIN groupbuy_points_entry e ON e.card_id = c.id GROUP BY c.id"
    ) == [(10.0, 2)]


def test_one_request_sent_four_times_at_once_gets_one_coupon(shop):
    answer = shop.run(
        POINTS
        + """
env["loyalty.card"].create(
    {"program_id": program.id, "partner_id": resident.id, "points": 70}
)
env.cr.commit()
"""
        + RACE
        + """
answer(got=race([exchange("ab" * 16)] * 4))
"""
    )
    assert len(set(answer["got"])) == 1
    assert isinstance(answer["got"][0], int)
    assert shop.query("SELECT points FROM groupbuy_points_entry") == [(-30.0,)]


def test_two_orders_collected_at_once_earn_both_on_one_card(shop):
    answer = shop.run(
        POINTS
        + """
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
"""
        + RACE
        + """
def collect(order_id):
    def work(own):
        order = own["sale.order"].browse(order_id)
        order._groupbuy_sync_points(own.company, {order: f"points/{order_id}/x"})
        return "done"
    return work


works = [collect(order.id) for order in orders]
# The last is the same event once more, at the same moment.
answer(got=race([*works, works[-1]]))
"""
    )
    assert answer["got"] == ["done"] * 4
    assert shop.query(
        "SELECT count(*), sum(c.points) FROM loyalty_card c JOIN loyalty_program p"
        " ON p.id = c.program_id WHERE p.groupbuy_on_collection AND c.points > 0"
    ) == [(1, 60.0)]
    assert shop.value("SELECT count(*) FROM groupbuy_points_entry") == 3


def test_an_order_that_is_found_paid_four_times_at_once_starts_one_membership(shop):
    answer = shop.run(
        POINTS
        + """
product = env["product.product"].create(
    {
        "name": "Member", "type": "service", "list_price": 30,
        "taxes_id": [Command.clear()], "groupbuy_membership_days": 30,
    }
)
orders = env["sale.order"].create(
    [
        {
            "partner_id": resident.id,
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
order_ids = orders.ids
"""
        + RACE
        + """
def start(order_id):
    def work(own):
        own["sale.order"].browse(order_id)._groupbuy_start_memberships()
        return "done"
    return work


answer(got=race([start(order_id) for order_id in order_ids * 2]))
"""
    )
    assert answer["got"] == ["done"] * 4
    # Two periods, one after the other.
    assert shop.query(
        'SELECT count(*), max("end") - min(start) + 1 FROM groupbuy_membership'
    ) == [(2, 60)]
