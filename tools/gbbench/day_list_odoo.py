# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What day_list.py compares, made inside of Odoo."""

from .receipt_odoo import CAMPAIGN

MANAGER = "bench_manager"
BUYER = "bench_buyer"


def prepare(env, orders):
    """Bring the goods to the point, and make a buyer with a list of stock orders.

    :param int orders: how many orders the buyer has.
    :return: what the clients have to know
    :rtype: dict
    """
    campaign = env["groupbuy.campaign"].search([("name", "=", CAMPAIGN)])
    transfer = env["stock.picking"].search(
        [("groupbuy_campaign_id", "=", campaign.id), ("groupbuy_role", "=", "to_point")]
    )
    transfer.move_ids.picked = True
    transfer.with_context(skip_backorder=True).button_validate()
    env.cr.commit()
    # Residents are told apart by name and telephone, as they are in a shop.
    residents = campaign.order_ids.partner_id.sorted("id")
    for number, partner in enumerate(residents):
        partner.write(
            {"name": f"Resident {number}", "phone": f"+86 571 5550 {1000 + number}"}
        )
    manager, buyer = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": name,
                    "login": login,
                    "password": login,
                    "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
                }
                for name, login in (("Li Na", MANAGER), ("Wang Xiulan", BUYER))
            ]
        )
    )
    point = campaign.pickup_point_ids
    point.manager_user_ids = manager
    _order(env, buyer.partner_id, campaign.line_ids.product_id[:6], orders)
    env.cr.commit()
    return {"point_id": point.id, "manager": MANAGER, "buyer": BUYER}


def _order(env, partner, products, count):
    """Make orders of the stock shop."""
    env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_uom_qty": 1})
                    for product in products
                ],
            }
            for _ in range(count)
        ]
    ).action_confirm()
