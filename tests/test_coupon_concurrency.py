# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Coupons on real connections: used, claimed, given and redeemed exactly once."""

import pytest
from shop_database import ShopDatabase

# Programs, a campaign, carts with a code, and requests at once as Odoo's own dispatcher
# runs and repeats them.
COUPONS = """
env["loyalty.program"].search([]).active = False
results = {}


def get_resident(number):
    # Of the shop that was made last.
    return env["res.partner"].search(
        [("ref", "=", f"R{number}")], order="id desc", limit=1
    )


def make_program(rule=None, **values):
    return env["loyalty.program"].create(
        {
            "name": "Ten percent", "program_type": "coupons",
            "trigger": "with_code", "applies_on": "current",
            "communication_plan_ids": [Command.clear()],
            "rule_ids": [Command.clear(), Command.create(
                {"minimum_amount": 0, **(rule or {})}
            )],
            "reward_ids": [Command.clear(), Command.create(
                {
                    "reward_type": "discount", "discount": 10,
                    "discount_mode": "percent", "discount_applicability": "order",
                    "required_points": 1,
                }
            )],
            **values,
        }
    )


def make_code(code, **values):
    return make_program(
        {"mode": "with_code", "code": code, "reward_point_amount": 1},
        program_type="promo_code", **values,
    )


def fill_with(campaign, partner, code):
    order = fill_cart(campaign, partner)
    status = order._try_apply_code(code)
    assert "error" not in status, status
    for coupon, rewards in status.items():
        assert not order._apply_program_reward(rewards, coupon)
    order._update_programs_and_rewards()
    order._check_cart_is_ready_to_be_paid()
    env.cr.commit()
    return order


def pay_at_once(orders):
    txs = []
    for order in orders:
        tx = start_payment(order)
        tx._process("demo", {"reference": tx.reference, "simulated_state": "done"})
        env.cr.commit()
        txs.append(tx.id)

    def register(order_id, tx_id):
        def work(own):
            tx = own["payment.transaction"].browse(tx_id)
            own["sale.order"].browse(order_id)._groupbuy_register_payment(tx)
            return "done"
        return work

    # The joining alone: booking the payments takes turns at the journal's numbers.
    race([register(o.id, tx_id) for o, tx_id in zip(orders, txs, strict=True)])
    env.invalidate_all()
    # Odoo's scheduled job comes after all: it finds what has joined, and what five
    # attempts were not enough for.
    for tx in env["payment.transaction"].browse(txs):
        tx._post_process()
        env.cr.commit()
    run_jobs("process_jobs")
    return [order.groupbuy_state for order in orders]
"""

RACES = """
# One coupon in the carts of 20 residents.
campaign = make_shop(20, cap=100)
card = env["loyalty.card"].create({"program_id": make_program().id, "points": 1})
orders = [fill_with(campaign, get_resident(n), card.code) for n in range(20)]
states = pay_at_once(orders)
lost = [order for order in orders if order.groupbuy_state != "waiting"]
results["one_coupon"] = {
    "joined": states.count("waiting"),
    "why": sorted({order.groupbuy_failure for order in lost}),
    "refunded": sorted({order.groupbuy_amount_refunded for order in lost}),
    "points": card.points,
    "line_id": campaign.line_ids.id,
}

# A code for all, of which 5 uses are left when 20 have it in their carts.
campaign = make_shop(20, cap=100)
program = make_code("FEW", limit_usage=True, max_usage=50)
orders = [fill_with(campaign, get_resident(n), "FEW") for n in range(20)]
program.max_usage = 5
env.cr.commit()
results["five_uses"] = {
    "joined": pay_at_once(orders).count("waiting"), "program_id": program.id,
}

# One resident with six first orders.
campaign = make_shop(1, cap=100)
make_code("HELLO", groupbuy_first_order=True)
make_code("WELCOME", groupbuy_first_order=True)
orders = [
    fill_with(campaign, get_resident(0), "HELLO" if n % 2 else "WELCOME")
    for n in range(6)
]
results["first_order"] = {"joined": pay_at_once(orders).count("waiting")}


def make_coffee():
    merchant = env["res.partner"].create({"name": "Corner Cafe"})
    return make_program(
        name="Coffee", groupbuy_merchant_id=merchant.id, groupbuy_gift="A coffee"
    )


# One coupon at 20 counters of its merchant.
coffee = make_coffee()
card = env["loyalty.card"].create({"program_id": coffee.id, "points": 1})
code, merchant_id = card.code, coffee.groupbuy_merchant_id.id
env.cr.commit()


def redeem(own):
    merchant = own["res.partner"].browse(merchant_id)
    return own["groupbuy.coupon.redemption"]._redeem(code, merchant).id


results["counters"] = {"got": race([redeem] * 20), "card_id": card.id}

# Success coupons of five residents, given by 8 processes.
campaign = make_shop(5)
campaign.success_program_id = gift = make_coffee()
orders = [join(campaign, number) for number in range(5)]
campaign.action_close_now()
env.cr.commit()
run_jobs("open_and_close")
env["groupbuy.job"]._process_orders()
env.cr.commit()
campaign_id, residents = campaign.id, [order.partner_id.id for order in orders]


def give(own):
    campaign = own["groupbuy.campaign"].browse(campaign_id)
    campaign._groupbuy_sync_success_coupons(own["res.partner"].browse(residents))
    return "done"


results["success"] = {"got": race([give] * 8), "program_id": gift.id}
answer(**results)
"""


@pytest.fixture(scope="module")
def shop(odoo):
    """Return a fresh database for all races of this file."""
    with odoo.claimed_db("groupbuy_system_coupons") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        yield ShopDatabase(odoo, name)
        odoo.drop_db(name)


@pytest.fixture(scope="module")
def answers(shop):
    """Return what the races were answered, each under its name."""
    return shop.run(COUPONS + RACES)


def test_20_checkouts_with_one_coupon_use_it_once(shop, answers):
    answer = answers["one_coupon"]
    line_id = answer.pop("line_id")
    assert answer == {
        "joined": 1,
        "why": ["coupon"],
        "refunded": [9.0],
        "points": 0.0,
    }
    shop.assert_quota_matches_holds()
    assert (
        shop.value("SELECT taken FROM groupbuy_quota WHERE line_id = %s", line_id) == 1
    )


def test_20_residents_share_the_5_uses_of_a_code(shop, answers):
    answer = answers["five_uses"]
    assert answer["joined"] == 5
    program_id = answer["program_id"]
    assert shop.query(
        "SELECT used FROM groupbuy_coupon_counter WHERE program_id = %s", program_id
    ) == [(5,)]
    assert (
        shop.value(
            "SELECT count(*) FROM groupbuy_coupon_claim c JOIN sale_order o"
            " ON o.id = c.order_id WHERE c.state = 'claimed'"
            " AND o.groupbuy_state = 'waiting' AND c.program_id = %s",
            program_id,
        )
        == 5
    )
    shop.assert_quota_matches_holds()


def test_a_resident_with_six_first_orders_at_once_has_one(shop, answers):
    assert answers["first_order"] == {"joined": 1}
    assert (
        shop.value(
            "SELECT count(*) FROM groupbuy_coupon_claim"
            " WHERE state = 'claimed' AND is_first_order"
        )
        == 1
    )


def test_20_counters_redeem_a_coupon_once(shop, answers):
    answer = answers["counters"]
    got = [x for x in answer["got"] if isinstance(x, int)]
    assert len(got) == 1
    assert answer["got"].count("UserError") == 19
    assert shop.query("SELECT id FROM groupbuy_coupon_redemption") == [tuple(got)]
    assert (
        shop.value("SELECT points FROM loyalty_card WHERE id = %s", answer["card_id"])
        == 0.0
    )


def test_success_coupons_that_are_given_8_times_at_once_are_given_once(shop, answers):
    answer = answers["success"]
    assert "done" in answer["got"]
    assert shop.query(
        "SELECT count(*), count(DISTINCT partner_id), count(DISTINCT card_id)"
        " FROM groupbuy_coupon_issue"
    ) == [(5, 5, 5)]
    assert (
        shop.value(
            "SELECT count(*) FROM loyalty_card WHERE program_id = %s",
            answer["program_id"],
        )
        == 5
    )
