# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The close, measured inside of Odoo; see closing.py."""

import gc
import random
import threading
import time
from datetime import timedelta
from pathlib import Path

from gbdemo.shop import Shop, run_jobs

CAMPAIGN = "Benchmark"
# Sizes of ten baskets, 44 lines in all.
SIZES = (1, 2, 2, 3, 4, 5, 5, 6, 7, 9)
BATCH = 200


def join(env, people, sizes=SIZES):
    """Let residents join a campaign through the shop, each with a basket and paid.

    :param int people: how many.
    :param sizes: lines of a basket, taken in turn.
    :return: {"lines": …}
    """
    env = env(context=dict(env.context, tracking_disable=True))
    shop = Shop(env)
    points = env["groupbuy.pickup.point"].search([("is_paused", "=", False)])
    points.daily_capacity = 0
    products = env["product.product"].search(
        [("is_storable", "=", True), ("seller_ids", "!=", False)], order="id", limit=40
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
            "pickup_point_ids": [(6, 0, points.ids)],
            "line_ids": [
                (
                    0,
                    0,
                    {
                        "product_id": product.id,
                        "start_price": 20 + number,
                        "tier_measure": ("people", "quantity")[number % 2],
                        "tier_ids": [
                            (0, 0, {"threshold": 5, "price": 19 + number}),
                            (0, 0, {"threshold": 200, "price": 17 + number}),
                        ],
                    },
                )
                for number, product in enumerate(products)
            ],
        }
    )
    campaign.line_ids.write({"below_cost_approved_by": env.uid})
    campaign.action_open_now()
    # Quotas are claimed in transactions of their own, which see what is committed.
    env.cr.commit()
    dice = random.Random(2)
    lines = list(campaign.line_ids)
    for number in range(people):
        point = points[number % len(points)]
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
        basket = dice.sample(lines, sizes[number % len(sizes)])
        shop.join(partner, point, [(line, dice.choice((1, 1, 2))) for line in basket])
        env.cr.commit()
    run_jobs(env, campaign)
    env.cr.commit()
    return {"lines": len(campaign.order_ids.order_line.filtered("groupbuy_line_id"))}


def close(env):
    """Close the campaign: everything until the transfers exist.

    :return: orders, lines, seconds, and megabytes by which the process grew
    :rtype: dict
    """
    campaign = env["groupbuy.campaign"].search([("name", "=", CAMPAIGN)])
    orders = campaign.order_ids.filtered(lambda o: o.groupbuy_state == "waiting").ids
    wanted = _get_wanted(env, orders)
    env.invalidate_all()
    gc.collect()
    with Memory() as memory:
        started = time.perf_counter()
        campaign.action_close_now()
        env.cr.commit()
        env["groupbuy.campaign"]._cron_open_and_close()
        env.cr.commit()
        env["groupbuy.job"]._process_orders()
        env.cr.commit()
        seconds = time.perf_counter() - started
    env.invalidate_all()
    states = set(env["sale.order"].browse(orders).mapped("state"))
    residents = _get_moved(env, campaign, "to_resident")
    points = _get_moved(env, campaign, "to_point")
    if (states, campaign.state) != ({"sale"}, "delivering"):
        raise AssertionError(f"orders are {states}, the campaign is {campaign.state}")
    if not wanted == residents == points:
        raise AssertionError("the transfers do not carry what was ordered")
    if not campaign.purchase_order_ids:
        raise AssertionError("nothing was bought")
    _check_copies(env, orders)
    return {
        "orders": len(orders),
        "lines": wanted[1],
        "seconds": seconds,
        "megabytes": memory.growth,
    }


def strip(env):
    """Make plain orders of the shop out of the campaign's.

    They keep their products, quantities, prices and payments.
    """
    carrier = env["delivery.carrier"].search(
        [("delivery_type", "=", "fixed"), ("is_published", "=", True)], limit=1
    )
    campaign = env["groupbuy.campaign"].search([("name", "=", CAMPAIGN)])
    orders = campaign.order_ids.filtered(lambda o: o.groupbuy_state == "waiting").ids
    env.cr.execute(
        "UPDATE sale_order_line SET groupbuy_line_id = NULL WHERE order_id = ANY(%s)",
        [orders],
    )
    env.cr.execute("DELETE FROM groupbuy_hold")
    env.cr.execute("DELETE FROM groupbuy_job")
    env.cr.execute(
        "UPDATE sale_order SET groupbuy_campaign_id = NULL, groupbuy_state = NULL,"
        " groupbuy_group_id = NULL, groupbuy_point_id = NULL,"
        " pickup_location_data = NULL, carrier_id = %s WHERE id = ANY(%s)",
        [carrier.id or None, orders],
    )
    env.cr.execute(
        "UPDATE sale_order_line SET product_id = %s WHERE is_delivery"
        " AND order_id = ANY(%s)",
        [carrier.product_id.id or None, orders],
    )
    env.cr.commit()
    return orders


def confirm(env):
    """Confirm the same orders as stock Odoo does, in batches.

    :return: orders, lines, seconds
    :rtype: dict
    """
    orders = strip(env)
    env.invalidate_all()
    gc.collect()
    started = time.perf_counter()
    for start in range(0, len(orders), BATCH):
        env["sale.order"].browse(orders[start : start + BATCH]).action_confirm()
        env.cr.commit()
        env.invalidate_all()
    seconds = time.perf_counter() - started
    confirmed = env["sale.order"].browse(orders)
    if set(confirmed.mapped("state")) != {"sale"}:
        raise AssertionError("not all orders were confirmed")
    if len(confirmed.picking_ids) < len(orders):
        raise AssertionError("an order has no transfer")
    lines = sum(not line.is_delivery for line in confirmed.order_line)
    return {"orders": len(orders), "lines": lines, "seconds": seconds}


def _get_wanted(env, orders):
    """Return units and lines that residents ordered."""
    env.cr.execute(
        "SELECT sum(product_uom_qty)::float, count(*) FROM sale_order_line"
        " WHERE groupbuy_line_id IS NOT NULL AND order_id = ANY(%s)",
        [orders],
    )
    return list(env.cr.fetchone())


def _get_moved(env, campaign, role):
    """Return units, and for transfers to residents lines, of a campaign's transfers."""
    env.cr.execute(
        "SELECT sum(m.product_uom_qty)::float, count(*) FROM stock_move m"
        " JOIN stock_picking p ON p.id = m.picking_id"
        " WHERE p.groupbuy_campaign_id = %s AND p.groupbuy_role = %s"
        " AND m.state != 'cancel'",
        [campaign.id, role],
    )
    units, lines = env.cr.fetchone()
    if role == "to_point":
        # One move for each product and point: only the units are comparable.
        lines = _get_wanted(env, campaign.order_ids.ids)[1]
    return [units, lines]


def _check_copies(env, orders):
    """Check that the close did with each copied order what it did with its original."""
    env.cr.execute(
        """
        WITH lines AS (
            SELECT o.id, split_part(o.name, '-', 1) AS original, o.amount_total,
                   array_agg((l.product_id, l.product_uom_qty, l.price_total,
                              l.groupbuy_joined_price, l.groupbuy_final_price,
                              m.product_uom_qty, m.state, p.groupbuy_point_id)
                             ORDER BY l.id)::text AS made
              FROM sale_order o
              JOIN sale_order_line l ON l.order_id = o.id
              LEFT JOIN stock_move m ON m.sale_line_id = l.id
              LEFT JOIN stock_picking p ON p.id = m.picking_id
             WHERE o.id = ANY(%s)
             GROUP BY o.id)
        SELECT count(DISTINCT original), count(DISTINCT (original, amount_total, made))
          FROM lines
        """,
        [orders],
    )
    originals, kinds = env.cr.fetchone()
    if originals != kinds:
        raise AssertionError("a copied order was not closed like its original")


class Memory:
    """By how many megabytes this process grows at most while the block runs."""

    def __enter__(self):
        self._begin = self._highest = _get_megabytes()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._over.set()
        self._thread.join()
        self.growth = max(self._highest, _get_megabytes()) - self._begin

    def _watch(self):
        while not self._over.wait(0.05):
            self._highest = max(self._highest, _get_megabytes())


def _get_megabytes():
    """Return the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6
