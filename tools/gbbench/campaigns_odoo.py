# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Campaigns for the benchmark. Runs inside of Odoo."""

from datetime import timedelta


def make_products(env, count, price=20.0, **values):
    """Make published products that are kept in stock.

    :rtype: product.product
    """
    supplier = env["res.partner"].create({"name": "Supplier of the benchmark"})
    return env["product.product"].create(
        [
            {
                "name": f"Product {number + 1}",
                "type": "consu",
                "is_storable": True,
                "is_published": True,
                "list_price": price,
                "standard_price": price / 4,
                "seller_ids": [
                    (0, 0, {"partner_id": supplier.id, "price": price / 4, "delay": 1})
                ],
                **values,
            }
            for number in range(count)
        ]
    )


def make_campaign(env, name, lines):
    """Make a campaign that is open for a day and collected at one point.

    :param str name: of the campaign.
    :param list lines: values of its lines.
    :rtype: groupbuy.campaign
    """
    points = env["groupbuy.pickup.point"].search([("name", "=", "North Gate")])
    if not points:
        community = env["groupbuy.community"].create({"name": "Sunny Garden"})
        points = env["groupbuy.pickup.point"].create(
            {"name": "North Gate", "community_ids": [(6, 0, community.ids)]}
        )
    points.daily_capacity = 0
    now = env.cr.now()
    campaign = env["groupbuy.campaign"].create(
        {
            "name": name,
            "open_at": now,
            "close_at": now + timedelta(days=1),
            "pickup_from": now + timedelta(days=4),
            "pickup_until": now + timedelta(days=6),
            "pickup_point_ids": [(6, 0, points.ids)],
            "line_ids": [(0, 0, values) for values in lines],
        }
    )
    campaign.action_open_now()
    env.cr.commit()
    return campaign
