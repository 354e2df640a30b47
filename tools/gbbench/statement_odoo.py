# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who looks at a portal page, made inside of Odoo; see statement.py."""

from . import settlement_odoo
from .shop_odoo import LOGIN

# Of the ledger, a part that no settlement has taken yet.
OPEN_SHARE = 20


def fill_ours(env, entries):
    """Make a leader who can sign in, with so many ledger entries.

    :param int entries: how many; most of them settled long ago
    """
    lines = max(entries // OPEN_SHARE, 1)
    settlement_odoo.fill_ours(env, 1, lines, entries - lines)
    leader = env["groupbuy.leader"].search([], limit=1)
    _make_user(env, leader.partner_id)
    env.cr.commit()


def fill_stock(env, orders):
    """Make a resident who can sign in, with so many confirmed orders.

    :param int orders: how many
    """
    partner = env["res.partner"].create({"name": "Wang Xiulan"})
    product = env["product.product"].create({"name": "Tomatoes", "type": "service"})
    made = env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "order_line": [(0, 0, {"product_id": product.id, "price_unit": 10})],
            }
            for _number in range(orders)
        ]
    )
    made.action_confirm()
    _make_user(env, partner)
    env.cr.commit()


def _make_user(env, partner):
    """Let somebody sign in at the portal."""
    partner.email = "wang@example.com"
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "partner_id": partner.id,
            "login": LOGIN,
            "password": LOGIN,
            "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
        }
    )
