# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shop for the measurements over HTTP. Runs inside of Odoo, with or without ours."""

from .campaigns_odoo import make_campaign, make_products

LOGIN = "bench_resident"


def prepare(env, products):
    """Make a shop that sells so many products, and a resident who can sign in.

    Where our addon is installed, one campaign offers the first product and another
    one all of them.

    :return: what a client has to know
    :rtype: dict
    """
    provider = env.ref("payment.payment_provider_demo")
    provider.write({"state": "test", "is_published": True})
    method = provider.with_context(active_test=False).payment_method_ids[:1]
    method.active = True
    carrier = env.ref("delivery.free_delivery_carrier")
    carrier.write({"is_published": True, "fixed_price": 0.0})
    goods = make_products(env, products, taxes_id=[(5,)])
    _fill_stock(env, goods)
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "name": "Wang Xiulan",
            "login": LOGIN,
            "password": LOGIN,
            "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
        }
    ).partner_id.write(
        {
            "email": "wang@example.com",
            "phone": "+86 571 0000 0000",
            "street": "1 Garden Road",
            "city": "Hangzhou",
            "zip": "310000",
            "country_id": env.ref("base.cn").id,
            "state_id": env.ref("base.state_cn_ZJ").id,
        }
    )
    answer = {
        "provider_id": provider.id,
        "payment_method_id": method.id,
        "carrier_id": carrier.id,
        "product_id": goods[0].id,
        "product_template_id": goods[0].product_tmpl_id.id,
        "product_url": goods[0].website_url,
    }
    if "groupbuy.campaign" in env:
        answer |= _make_campaigns(env, goods)
    env.cr.commit()
    return answer


def _fill_stock(env, products):
    """Put more of each product into stock than anybody is going to order."""
    location = env["stock.warehouse"].search([], limit=1).lot_stock_id
    env["stock.quant"].with_context(inventory_mode=True).create(
        [
            {
                "product_id": product.id,
                "location_id": location.id,
                "inventory_quantity": 100_000,
            }
            for product in products
        ]
    ).action_apply_inventory()


def _make_campaigns(env, products):
    values = [
        {
            "product_id": product.id,
            "start_price": 20,
            "tier_ids": [
                (0, 0, {"threshold": 10, "price": 19}),
                (0, 0, {"threshold": 100_000, "price": 18}),
            ],
        }
        for product in products
    ]
    large = make_campaign(env, "All products", values)
    small = make_campaign(env, "One product", values[:1])
    return {
        "carrier_id": env.ref("community_groupbuy.delivery_carrier_pickup_point").id,
        "groupbuy_line_id": small.line_ids.id,
        "point_id": small.pickup_point_ids.id,
        "campaign_url": small.website_url,
        "large_campaign_url": large.website_url,
    }
