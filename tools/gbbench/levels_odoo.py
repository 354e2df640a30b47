# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Levels and segments, measured inside of Odoo; see levels.py."""

import time
from datetime import timedelta

from odoo import fields

from .settlement_odoo import _copy_rows, _reserve

PRODUCTS = 40

# What the nightly run has to know of each resident, and nothing else.
BARE = (
    """
    SELECT o.partner_id,
           SUM(o.amount_total / COALESCE(NULLIF(o.currency_rate, 0), 1)),
           COUNT(*), MAX(o.groupbuy_joined_at),
           mode() WITHIN GROUP (ORDER BY EXTRACT(hour FROM
               o.groupbuy_joined_at AT TIME ZONE 'UTC' AT TIME ZONE c.tz)::int)
      FROM sale_order o JOIN groupbuy_campaign c ON c.id = o.groupbuy_campaign_id
     WHERE o.company_id = %(company)s AND o.groupbuy_state = 'confirmed'
       AND o.groupbuy_joined_at >= %(since)s
     GROUP BY o.partner_id
    """,
    """
    SELECT DISTINCT o.partner_id, rel.product_public_category_id
      FROM sale_order o
      JOIN sale_order_line l ON l.order_id = o.id
      JOIN product_product p ON p.id = l.product_id
      JOIN product_public_category_product_template_rel rel
        ON rel.product_template_id = p.product_tmpl_id
     WHERE o.company_id = %(company)s AND o.groupbuy_state = 'confirmed'
       AND o.groupbuy_joined_at >= %(since)s
    """,
)


def fill(env, residents, orders):
    """Make residents, their confirmed orders of a year, levels and segments.

    The orders and lines are rows as Odoo writes them, copied from one of each.
    """
    env = env(context=dict(env.context, tracking_disable=True))
    cr = env.cr
    community = env["groupbuy.community"].create({"name": "Sunny Garden"})
    categories = env["product.public.category"].create(
        [{"name": f"Category {number}"} for number in range(8)]
    )
    products = env["product.product"].create(
        [
            {
                "name": f"Product {number}",
                "type": "consu",
                "public_categ_ids": [(6, 0, categories[number % 8].ids)],
            }
            for number in range(PRODUCTS)
        ]
    )
    now = fields.Datetime.now()
    campaign = env["groupbuy.campaign"].create(
        {
            "name": "Year",
            "open_at": now,
            "close_at": now + timedelta(days=1),
            "pickup_from": now + timedelta(days=2),
            "pickup_until": now + timedelta(days=3),
            "line_ids": [
                (0, 0, {"product_id": product.id, "start_price": 10})
                for product in products
            ],
        }
    )
    partner = env["res.partner"].create(
        {"name": "Resident", "groupbuy_community_id": community.id}
    )
    env["sale.order"].create(
        {
            "partner_id": partner.id,
            "order_line": [(0, 0, {"product_id": products[0].id, "price_unit": 10})],
        }
    )
    env.flush_all()
    first_partner = _reserve(cr, "res_partner", residents)
    first_order = _reserve(cr, "sale_order", orders)
    first_line = _reserve(cr, "sale_order_line", orders)
    _copy_rows(
        cr,
        "res_partner",
        f"SELECT generate_series(0, {residents - 1}) AS n",
        id=f"{first_partner} + n",
        name="'Resident ' || n",
        complete_name="'Resident ' || n",
        commercial_partner_id=f"{first_partner} + n",
    )
    _copy_rows(
        cr,
        "sale_order",
        f"SELECT generate_series(0, {orders - 1}) AS n",
        id=f"{first_order} + n",
        name="'L' || n",
        access_token="NULL",
        state="'sale'",
        partner_id=f"{first_partner} + mod(n::bigint * 7919, {residents})",
        groupbuy_state="'confirmed'",
        groupbuy_campaign_id=campaign.id,
        groupbuy_joined_at=(
            f"'{now}'::timestamp - mod(n, 360) * interval '1 day'"
            " - mod(n / 7, 24) * interval '1 hour'"
        ),
        amount_total="10 + mod(n, 4000) * 0.02",
    )
    product_id, line_id = products[0].id, campaign.line_ids[0].id
    _copy_rows(
        cr,
        "sale_order_line",
        f"SELECT generate_series(0, {orders - 1}) AS n",
        id=f"{first_line} + n",
        order_id=f"{first_order} + n",
        product_id=f"{product_id} + mod(n, {PRODUCTS})",
        groupbuy_line_id=f"{line_id} + mod(n, {PRODUCTS})",
        state="'sale'",
    )
    env["groupbuy.segment"].create(
        [
            {
                "name": f"Segment {number}",
                "community_ids": [(6, 0, community.ids)],
                "category_ids": [(6, 0, categories[number].ids)],
                "use_hours": bool(number % 2),
            }
            for number in range(4)
        ]
    )
    cr.commit()
    return True


def compare(env, repetitions):
    """Return the seconds of the nightly run and of the bare aggregate.

    Without the first night, in which every resident gets a row. Before each other one
    the orders of a day change.
    """
    company = env.company
    since = fields.Datetime.now() - timedelta(days=365)

    def night():
        env["groupbuy.standing"]._refresh(company)
        env["groupbuy.segment"]._refresh(company)
        env.cr.commit()

    def bare():
        for query in BARE:
            # Of whole rows: the server leaves out what nobody asks for.
            env.cr.execute(
                f"SELECT count(figures) FROM ({query}) figures",
                {"company": company.id, "since": since},
            )
        env.cr.commit()

    bare()
    night()
    seconds = {"ours": [], "theirs": []}
    for number in range(repetitions):
        # What a day brings: one order in 360 is another one than the night before.
        env.cr.execute(
            "UPDATE sale_order SET amount_total = amount_total + 300"
            " WHERE groupbuy_state = 'confirmed' AND mod(id, 360) = %s",
            [number],
        )
        env.cr.commit()
        for key, action in (("theirs", bare), ("ours", night)):
            started = time.perf_counter()
            action()
            seconds[key].append(time.perf_counter() - started)
    env.cr.execute("SELECT count(*), count(DISTINCT level_id) FROM groupbuy_standing")
    standings, levels = env.cr.fetchone()
    before = env.cr.sql_log_count
    night()
    return {
        "ours": sorted(seconds["ours"])[repetitions // 2],
        "theirs": sorted(seconds["theirs"])[repetitions // 2],
        "standings": standings,
        "levels": levels,
        "queries": env.cr.sql_log_count - before,
    }
