# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A flash sale and a plain campaign for the benchmark. Runs inside of Odoo."""

from datetime import timedelta

from .campaigns_odoo import make_campaign, make_products


def prepare(env, units, seconds):
    """Make a flash sale that starts soon, and a plain campaign of the same product.

    :param int units: cap of the flash sale's product; one for each resident.
    :param int seconds: until the start.
    :return: what a client has to know
    :rtype: dict
    """
    product = make_products(env, 1)
    plain = make_campaign(
        env, "Plain", [{"product_id": product.id, "start_price": 20, "cap": units}]
    )
    sale = plain.copy({"name": "Flash", "mode": "flash", "flash_address_requests": 0})
    sale.line_ids.limit_per_resident = 1
    sale.open_at = env.cr.now() + timedelta(seconds=seconds)
    sale.action_schedule()
    env.cr.commit()
    return {
        "plain_url": plain.website_url,
        "units": units,
        "sale_id": sale.id,
        "ids": {
            "groupbuy_line_id": sale.line_ids.id,
            "product_id": product.id,
            "product_template_id": product.product_tmpl_id.id,
        },
    }
