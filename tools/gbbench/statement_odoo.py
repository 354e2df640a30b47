# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the statement's measurement needs. Runs inside of Odoo."""

from .shop_odoo import LOGIN


def _make_user(env, partner=None):
    """Make a portal user who can sign in; of a partner, if one is given."""
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Portal",
                "login": LOGIN,
                "password": LOGIN,
                "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
                **({"partner_id": partner.id} if partner else {}),
            }
        )
    )


def prepare_leader(env):
    """Let the leader of the ledger sign in.

    :return: how many entries the leader has.
    :rtype: int
    """
    leader = env["groupbuy.leader"].search([], limit=1)
    _make_user(env, leader.partner_id)
    env.cr.commit()
    return env["groupbuy.commission.entry"].search_count(
        [("leader_id", "=", leader.id)]
    )


def prepare_orders(env, orders):
    """Make a customer with so many orders who can sign in.

    :param int orders: how many.
    :return: how many there are.
    :rtype: int
    """
    partner = _make_user(env).partner_id
    product = env["product.product"].create({"name": "Tomatoes", "list_price": 10})
    made = env["sale.order"].create(
        [
            {
                "partner_id": partner.id,
                "order_line": [(0, 0, {"product_id": product.id})],
            }
            for _number in range(orders)
        ]
    )
    made.action_confirm()
    env.cr.commit()
    return len(made)
