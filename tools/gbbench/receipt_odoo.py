# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The receipt at a pickup point, measured inside of Odoo; see receipt.py."""

import gc
import time
from datetime import timedelta
from uuid import uuid4

from gbdemo.shop import Shop, run_jobs

CAMPAIGN = "Benchmark"
# What each resident orders, of different products.
BASKET = 6


def join(env, people, products):
    """Let residents of one point order, each a basket of products, and pay.

    :param int people: how many.
    :param int products: how many are offered; each is ordered by somebody.
    :return: {"lines": …}
    """
    env = env(context=dict(env.context, tracking_disable=True))
    shop = Shop(env)
    point = env["groupbuy.pickup.point"].search([("is_paused", "=", False)], limit=1)
    point.daily_capacity = 0
    supplier = env["res.partner"].create({"name": "Benchmark supplier"})
    goods = env["product.product"].create(
        [
            {
                "name": f"Benchmark product {number + 1}",
                "type": "consu",
                "is_storable": True,
                "list_price": 20,
                "standard_price": 5,
                "seller_ids": [(0, 0, {"partner_id": supplier.id, "price": 5})],
            }
            for number in range(products)
        ]
    )
    now = env.cr.now()
    campaign = env["groupbuy.campaign"].create(
        {
            "name": CAMPAIGN,
            "company_id": shop.company.id,
            "open_at": now,
            "close_at": now + timedelta(days=1),
            "pickup_from": now + timedelta(days=5),
            "pickup_until": now + timedelta(days=6),
            "tz": "Asia/Shanghai",
            "pickup_point_ids": [(6, 0, point.ids)],
            "line_ids": [
                (0, 0, {"product_id": product.id, "start_price": 18})
                for product in goods
            ],
        }
    )
    campaign.line_ids.write({"below_cost_approved_by": env.uid})
    campaign.action_open_now()
    # Quotas are claimed in transactions of their own, which see what is committed.
    env.cr.commit()
    lines = list(campaign.line_ids)
    for number in range(people):
        partner = env["res.partner"].create(
            {
                "name": f"Resident {number + 1}",
                "street": point.partner_id.street,
                "city": point.partner_id.city,
                "zip": point.partner_id.zip,
                "state_id": point.partner_id.state_id.id,
                "country_id": point.partner_id.country_id.id,
                "groupbuy_community_id": point.community_ids[:1].id,
            }
        )
        env.cr.commit()
        first = number * BASKET
        basket = [lines[(first + step) % products] for step in range(BASKET)]
        shop.join(partner, point, [(line, 1) for line in basket])
        env.cr.commit()
    run_jobs(env, campaign)
    env.cr.commit()
    return {"lines": people * BASKET}


def bring(env):
    """Close the campaign, buy, and put the goods aside for the point."""
    campaign = env["groupbuy.campaign"].search([("name", "=", CAMPAIGN)])
    campaign.action_close_now()
    env.cr.commit()
    env["groupbuy.campaign"]._cron_open_and_close()
    env.cr.commit()
    env["groupbuy.job"]._process_orders()
    env.cr.commit()
    campaign.purchase_order_ids.button_confirm()
    for incoming in campaign.purchase_order_ids.picking_ids:
        for move in incoming.move_ids:
            move.quantity = move.product_uom_qty
        incoming.move_ids.picked = True
        incoming.button_validate()
    picking = _get_picking(env, campaign)
    picking.action_assign()
    env.cr.commit()
    if picking.state != "assigned":
        raise AssertionError(f"the transfer to the point is {picking.state}")
    return {}


def receive(env, short, lost):
    """Receive the transfer at the point, with some products short.

    :param int short: how many products are short.
    :param int lost: how many pieces of each are missing.
    :return: seconds, queries, and affected residents
    :rtype: dict
    """
    campaign = env["groupbuy.campaign"].search([("name", "=", CAMPAIGN)])
    picking = _get_picking(env, campaign)
    people = len(campaign.order_ids.filtered(lambda o: o.state == "sale"))
    lines = [
        {
            "product_id": product.id,
            "received": entry["quantity"] - (lost if number < short else 0),
            "damaged": 0,
        }
        for number, (product, entry) in enumerate(
            picking._groupbuy_get_expected().items()
        )
    ]
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    before = env.cr.sql_log_count
    started = time.perf_counter()
    answer = env["groupbuy.receipt"]._confirm(picking, lines, request_key=uuid4().hex)
    env.cr.commit()
    seconds = time.perf_counter() - started
    queries = env.cr.sql_log_count - before
    if answer["status"] != "confirmed" or answer["short"] != short * lost:
        raise AssertionError(f"the receipt is {answer}")
    _check(env, campaign, people, short * lost)
    return {"seconds": seconds, "queries": queries, "affected": answer["affected"]}


def _get_picking(env, campaign):
    return env["stock.picking"].search(
        [("groupbuy_campaign_id", "=", campaign.id), ("groupbuy_role", "=", "to_point")]
    )


def _check(env, campaign, people, lost):
    """Check that each resident has what is left of the order, and the rest is owed."""
    env.invalidate_all()
    env.cr.execute(
        "SELECT sum(m.product_uom_qty)::float, sum(m.quantity)::float,"
        " count(DISTINCT p.partner_id)"
        " FROM stock_move m JOIN stock_picking p ON p.id = m.picking_id"
        " WHERE p.groupbuy_campaign_id = %s AND p.groupbuy_role = 'to_resident'"
        " AND m.state != 'cancel'",
        [campaign.id],
    )
    wanted, reserved, residents = env.cr.fetchone()
    if (wanted, reserved, residents) != (
        people * BASKET - lost,
        people * BASKET - lost,
        people,
    ):
        raise AssertionError(
            f"{residents} residents wait for {wanted}, {reserved} lie there"
        )
    env.cr.execute(
        "SELECT sum(a.quantity)::float FROM groupbuy_allowance a"
        " WHERE a.campaign_id = %s",
        [campaign.id],
    )
    if env.cr.fetchone()[0] != lost:
        raise AssertionError("not what is missing was given back")
