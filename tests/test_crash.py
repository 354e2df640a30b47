# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every step survives a crash: servers that are killed, downtime, two nodes."""

import time

import pytest
from gbbench import cloning
from shop_database import ShopDatabase

# So many have joined through the shop; the others are copies of their rows.
JOINED = 10
# More than a slice of confirmations, so a kill comes between two commits.
ORDERS = 210
# More than a slice of refunds.
REFUNDS = 60


@pytest.fixture(scope="module")
def paid_orders(odoo):
    """Return a database with a campaign of paid orders, whose close is overdue."""
    with odoo.claimed_db("groupbuy_system_paid") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        shop = ShopDatabase(odoo, name)
        shop.run(
            f"""
campaign = make_shop({JOINED})
for number in range({JOINED}):
    join(campaign, number)
env["ir.cron"].search([]).nextcall = fields.Datetime.now() + timedelta(days=3)
for name in ("open_and_close", "process_jobs"):
    cron = env.ref(f"community_groupbuy.ir_cron_{{name}}")
    cron.nextcall = fields.Datetime.now()
env.cr.execute(
    "UPDATE groupbuy_campaign"
    " SET close_at = now() at time zone 'utc' - interval '3 hours',"
    " open_at = now() at time zone 'utc' - interval '1 day'"
)
env.cr.commit()
"""
        )
        yield name
        odoo.drop_db(name)


@pytest.fixture
def overdue(odoo, paid_orders, request):
    """Return a copy of it with as many orders as the test asks for, or ORDERS."""
    with odoo.claimed_db("groupbuy_system") as name:
        odoo.create_db(name, paid_orders)
        count = getattr(request, "param", ORDERS)
        cloning.grow(odoo.cluster.dsn(name, "postgres"), count)
        yield ShopDatabase(odoo, name)
        odoo.drop_db(name)


def wait_until(shop, condition, seconds=1200, pause=0.02):
    """Wait for a condition, and wake the servers' scheduled jobs meanwhile."""
    end = time.monotonic() + seconds
    woken = 0
    while not condition():
        if time.monotonic() - woken > 1:
            shop.wake()
            woken = time.monotonic()
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(pause)


def count_open_jobs(shop):
    """Return how many jobs are left, -1 before the close."""
    if shop.value("SELECT state FROM groupbuy_campaign") in ("open", "closing"):
        return -1
    return shop.value("SELECT COUNT(*) FROM groupbuy_job WHERE state != 'done'")


def kill_and_go_on(shop, progress):
    """Kill the server in the middle of the work, twice, then let it finish.

    :param progress: a function that counts what is finished.
    :return: how far the work was at each kill.
    """
    seen = []
    for _round in range(2):
        server = shop.odoo.start_server(shop.name, cron=1)
        before = progress()
        wait_until(shop, lambda before=before: progress() > before)
        server.kill()
        seen.append(progress())
    with shop.odoo.start_server(shop.name, cron=1):
        wait_until(shop, lambda: count_open_jobs(shop) == 0)
        time.sleep(1)
    return seen


def test_a_close_that_is_killed_confirms_each_order_exactly_once(overdue):
    shop = overdue

    def confirmed():
        return shop.value(
            "SELECT COUNT(*) FROM sale_order WHERE groupbuy_state = 'confirmed'"
        )

    seen = kill_and_go_on(shop, confirmed)
    assert 0 < seen[0] < ORDERS, seen
    assert confirmed() == ORDERS
    handed = shop.query(
        """
        SELECT l.order_id, SUM(m.product_uom_qty)
          FROM sale_order_line l
          JOIN stock_move m ON m.sale_line_id = l.id AND m.state != 'cancel'
         WHERE l.groupbuy_line_id IS NOT NULL
         GROUP BY l.order_id
        """
    )
    assert len(handed) == ORDERS
    assert {float(quantity) for _order, quantity in handed} == {1.0}
    assert shop.value("SELECT SUM(product_qty) FROM purchase_order_line") == ORDERS
    to_points = shop.value(
        """
        SELECT SUM(m.product_uom_qty)
          FROM stock_move m JOIN stock_picking p ON p.id = m.picking_id
         WHERE p.groupbuy_role = 'to_point' AND m.state != 'cancel'
        """
    )
    assert to_points == ORDERS
    shop.assert_quota_matches_holds()


@pytest.mark.parametrize("overdue", [REFUNDS], indirect=True)
def test_a_refund_that_is_killed_pays_each_order_back_exactly_once(overdue):
    shop = overdue
    shop.execute("UPDATE groupbuy_campaign SET min_people = %s", REFUNDS + 1)

    def refunded():
        return shop.value(
            "SELECT COUNT(*) FROM payment_transaction"
            " WHERE operation = 'refund' AND state = 'done'"
        )

    seen = kill_and_go_on(shop, refunded)
    assert 0 < seen[0] < REFUNDS, seen
    assert shop.value("SELECT state FROM groupbuy_campaign") == "failed"
    wrong = shop.query(
        """
        SELECT o.id, COUNT(t.id), SUM(t.amount)
          FROM sale_order o
          JOIN sale_order_transaction_rel r ON r.sale_order_id = o.id
          JOIN payment_transaction s ON s.id = r.transaction_id
           AND s.operation != 'refund'
          LEFT JOIN payment_transaction t ON t.source_transaction_id = s.id
           AND t.state = 'done'
         GROUP BY o.id
        HAVING COUNT(t.id) != 1 OR SUM(t.amount) != -10
        """
    )
    assert not wrong
    assert refunded() == REFUNDS
    shop.assert_quota_matches_holds()


def test_two_nodes_close_a_campaign_once_after_three_hours_of_downtime(overdue):
    shop = overdue
    with (
        shop.odoo.start_server(shop.name, cron=1),
        shop.odoo.start_server(shop.name, cron=1),
    ):
        wait_until(shop, lambda: count_open_jobs(shop) == 0)
        time.sleep(1)
    state = "SELECT COUNT(*) FROM sale_order WHERE groupbuy_state = 'confirmed'"
    assert shop.value(state) == ORDERS
    assert shop.value("SELECT SUM(product_qty) FROM purchase_order_line") == ORDERS
    assert shop.value("SELECT COUNT(*) FROM groupbuy_line_outcome") >= 1
    moves = (
        "SELECT SUM(m.product_uom_qty) FROM stock_move m"
        " JOIN stock_picking p ON p.id = m.picking_id"
        " WHERE p.groupbuy_role = 'to_resident' AND m.state != 'cancel'"
    )
    assert shop.value(moves) == ORDERS


def test_a_payment_started_before_the_close_that_arrives_after_it_goes_back(shop):
    result = shop.run(
        """
campaign = make_shop(2)
join(campaign, 0)
late = fill_cart(campaign, get_resident(1))
tx = start_payment(late)
campaign.action_close_now()
run_jobs()
pay(tx)
pay(tx)
run_jobs("process_jobs")
refunds = tx.child_transaction_ids.filtered(lambda t: t.operation == "refund")
answer(state=late.groupbuy_state, refunded=refunds.mapped("amount"))
"""
    )
    assert result["state"] in ("failed", "cancelled")
    assert result["refunded"] == [-10.0]
    shop.assert_quota_matches_holds()
