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


def prepare_leader(env, entries):
    """Let the leader of the ledger sign in, and make the history long.

    :param int entries: how many there are in the end.
    :return: how many entries the leader has.
    :rtype: int
    """
    leader = env["groupbuy.leader"].search([], limit=1)
    _make_user(env, leader.partner_id)
    ledger = env["groupbuy.commission.entry"]
    domain = [("leader_id", "=", leader.id)]
    missing = entries - ledger.search_count(domain)
    env.cr.execute(
        """
        WITH original AS (
            SELECT *, row_number() OVER (ORDER BY id) - 1 AS number,
                   count(*) OVER () AS total
              FROM groupbuy_commission_entry
             WHERE leader_id = %s AND settlement_id IS NOT NULL)
        INSERT INTO groupbuy_commission_entry (
            key, kind, leader_id, company_id, currency_id, date, order_id,
            order_line_id, product_id, amount_type, quantity, base, order_base,
            order_currency_id, percent, window_days, amount, settlement_id)
        SELECT key || '/' || n, kind, leader_id, company_id, currency_id, date,
               order_id, order_line_id, product_id, amount_type, quantity, base,
               order_base, order_currency_id, percent, window_days, amount,
               settlement_id
          FROM generate_series(1, %s) n
          JOIN original ON original.number = mod(n, original.total)
        """,
        [leader.id, missing],
    )
    env.cr.commit()
    env.invalidate_all()
    return ledger.search_count(domain)


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
