# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Settlement runs, measured inside of Odoo; see settlement.py.

Both sides get the same figures: so many lines of 10.00 to 19.99 with a commission of
10 %, of so many leaders, and so many lines that were settled in months before.
"""

import time
from datetime import date, timedelta

MONTHS = 50
# One document has so many lines.
ORDER_LINES = 4
INVOICE_LINES = 50


def _amounts(lines):
    """Return the SQL of a line's amount; the same numbers on both sides.

    :param str lines: SQL of the line's number, from 0
    """
    return f"(10 + mod({lines}, 1000) * 0.01)::numeric"


def _copy_rows(cr, table, rows, **values):
    """Insert copies of a table's newest row, one for each row of a query.

    :param str rows: a query that gives n, from 0
    :param values: column → SQL of its value; n is the number of the copy
    """
    pairs = ", ".join(f"'{column}', {value}" for column, value in values.items())
    # The function stands in FROM: as `(function(…)).*` it would run for each column.
    cr.execute(
        f"INSERT INTO {table} SELECT copy.*"
        f" FROM (SELECT * FROM {table} ORDER BY id DESC LIMIT 1) original"
        f" CROSS JOIN ({rows}) numbers"
        f" CROSS JOIN LATERAL jsonb_populate_record(NULL::{table},"
        f"   to_jsonb(original) || jsonb_build_object({pairs})) copy"
        f" ORDER BY n"
    )


def _reserve(cr, table, count):
    """Return the first of so many new ids of a table."""
    cr.execute(f"SELECT max(id) FROM {table}")
    first = (cr.fetchone()[0] or 0) + 1
    cr.execute(f"SELECT setval('{table}_id_seq', %s)", [first + count])
    return first


def _last_day():
    """Return the last day of the month before this one."""
    return date.today().replace(day=1) - timedelta(days=1)


# --------------------------------------------------------------------------- ours


def fill_ours(env, leaders, lines, history):
    """Make leaders, orders handed out long ago, and their entries.

    The orders, lines and transfers are rows as Odoo writes them, copied from one of
    each; so the settlement reads from tables of their real size.
    """
    env = env(context=dict(env.context, tracking_disable=True))
    cr = env.cr
    partners = env["res.partner"].create(
        [{"name": f"Leader {number}"} for number in range(leaders)]
    )
    people = env["groupbuy.leader"].create([{"partner_id": p.id} for p in partners])
    product = env["product.product"].create(
        {"name": "Tomatoes", "type": "consu", "is_storable": True}
    )
    order = env["sale.order"].create(
        {
            "partner_id": partners[0].id,
            "order_line": [(0, 0, {"product_id": product.id, "price_unit": 10})],
        }
    )
    customers = env.ref("stock.stock_location_customers")
    move = env["stock.move"].create(
        {
            "product_id": product.id,
            "product_uom_qty": 1,
            "location_id": env.ref("stock.stock_location_stock").id,
            "location_dest_id": customers.id,
            "sale_line_id": order.order_line.id,
        }
    )
    env.flush_all()
    total = lines + history
    orders = -(-total // ORDER_LINES)
    day = _last_day() - timedelta(days=20)
    first_order = _reserve(cr, "sale_order", orders)
    first_line = _reserve(cr, "sale_order_line", total)
    first_move = _reserve(cr, "stock_move", total)
    first_leader = people[0].id
    leader = f"({first_leader} + mod(n / {ORDER_LINES}, {leaders}))"
    _copy_rows(
        cr,
        "sale_order",
        f"SELECT generate_series(0, {orders - 1}) AS n",
        id=f"{first_order} + n",
        name="'B' || n",
        access_token="NULL",
        state="'sale'",
        groupbuy_leader_id=f"{first_leader} + mod(n, {leaders})",
    )
    _copy_rows(
        cr,
        "sale_order_line",
        f"SELECT generate_series(0, {total - 1}) AS n",
        id=f"{first_line} + n",
        order_id=f"{first_order} + n / {ORDER_LINES}",
        price_subtotal=_amounts("n"),
        state="'sale'",
    )
    _copy_rows(
        cr,
        "stock_move",
        f"SELECT generate_series(0, {total - 1}) AS n",
        id=f"{first_move} + n",
        sale_line_id=f"{first_line} + n",
        state="'done'",
        date=f"'{day} 08:00:00'::timestamp",
    )
    # What was settled: a settlement of each leader and month before the last one.
    first_settlement = _reserve(cr, "groupbuy_settlement", leaders * MONTHS)
    cr.execute(
        f"""
        INSERT INTO groupbuy_settlement (
            id, name, leader_id, company_id, currency_id, date_from, date_to, step,
            state, entry_count, amount, amount_carried, balance)
        SELECT {first_settlement} + n, 'GBS/' || n, {first_leader} + mod(n, {leaders}),
               %(company)s, %(currency)s, month, month + interval '1 month - 1 day',
               'billed', 'paid', 0, 0, 0, 0
          FROM generate_series(0, {leaders * MONTHS - 1}) AS n
          CROSS JOIN LATERAL (
              SELECT date_trunc('month', %(last)s::date)
                  - (n / {leaders} + 1) * interval '1 month' AS month) m
        """,
        {
            "company": env.company.id,
            "currency": env.company.currency_id.id,
            "last": _last_day(),
        },
    )
    cr.execute(
        f"""
        INSERT INTO groupbuy_commission_entry (
            key, kind, leader_id, company_id, currency_id, date, order_id,
            order_line_id, product_id, amount_type, quantity, base, order_base,
            order_currency_id, percent, window_days, amount, settlement_id)
        SELECT 'accrual/' || ({first_line} + n), 'accrual', {leader}, %(company)s,
               %(currency)s, %(day)s, {first_order} + n / {ORDER_LINES},
               {first_line} + n, %(product)s, 'percent', 1, {_amounts("n")},
               {_amounts("n")}, %(currency)s, 10, 7,
               round({_amounts("n")} * 0.1, 2),
               CASE WHEN n >= {lines} THEN {first_settlement}
                   + mod((n - {lines}) / {ORDER_LINES * leaders}, {MONTHS}) * {leaders}
                   + mod(n / {ORDER_LINES}, {leaders}) END
          FROM generate_series(0, {total - 1}) AS n
        """,
        {
            "company": env.company.id,
            "currency": env.company.currency_id.id,
            "day": day,
            "product": product.id,
        },
    )
    cr.execute(
        "UPDATE groupbuy_settlement s SET amount = t.amount, balance = t.amount,"
        " entry_count = t.count FROM (SELECT settlement_id, sum(amount) AS amount,"
        " count(*) AS count FROM groupbuy_commission_entry GROUP BY 1) t"
        " WHERE t.settlement_id = s.id"
    )
    cr.commit()
    return move.id


def settle_ours(env):
    """Settle everybody and return what it took.

    :return: settlements, lines, amount, seconds
    :rtype: dict
    """
    leaders = env["groupbuy.leader"].search([])
    env.invalidate_all()
    started = time.perf_counter()
    made = env["groupbuy.settlement"]._settle(env.company, leaders)
    env.cr.commit()
    seconds = time.perf_counter() - started
    return {
        "settlements": len(made),
        "lines": sum(made.mapped("entry_count")),
        "amount": f"{sum(made.mapped('amount')):.2f}",
        "seconds": seconds,
    }


def count_queries(env, leaders):
    """Settle so many leaders with an entry each, and count the queries."""
    partners = env["res.partner"].create(
        [{"name": f"Leader {leaders}-{number}"} for number in range(leaders)]
    )
    people = env["groupbuy.leader"].create([{"partner_id": p.id} for p in partners])
    env["groupbuy.commission.entry"]._post(
        [
            {
                "key": f"bonus/{leader.id}/bench",
                "kind": "bonus",
                "leader_id": leader.id,
                "company_id": env.company.id,
                "currency_id": env.company.currency_id.id,
                "date": f"{_last_day() - timedelta(days=5)} 08:00:00",
                "amount": 10,
            }
            for leader in people
        ]
    )
    env.cr.commit()
    env.invalidate_all()
    before = env.cr.sql_log_count
    made = env["groupbuy.settlement"]._settle(env.company, people)
    queries = env.cr.sql_log_count - before
    if len(made) != leaders:
        raise AssertionError(f"{len(made)} settlements for {leaders} leaders")
    env.cr.commit()
    return queries


# ------------------------------------------------------------------------- theirs


def fill_theirs(env, leaders, lines, history):
    """Make agents, posted invoices, and commission_oca's rows about them."""
    env = env(context=dict(env.context, tracking_disable=True))
    cr = env.cr
    commission = env["commission"].create(
        {"name": "Ten percent", "commission_type": "fixed", "fix_qty": 10.0}
    )
    agents = env["res.partner"].create(
        [
            {
                "name": f"Leader {number}",
                "agent": True,
                "commission_id": commission.id,
                "settlement": "monthly",
            }
            for number in range(leaders)
        ]
    )
    customer = env["res.partner"].create(
        {"name": "Resident", "commission_agent_ids": [(6, 0, agents[0].ids)]}
    )
    product = env["product.product"].create({"name": "Tomatoes", "type": "service"})
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "invoice_date": _last_day() - timedelta(days=20),
            "invoice_line_ids": [
                (0, 0, {"product_id": product.id, "price_unit": 10, "tax_ids": []})
            ],
        }
    )
    invoice.action_post()
    env.flush_all()
    total = lines + history
    invoices = -(-total // INVOICE_LINES)
    day = _last_day() - timedelta(days=20)
    first_move = _reserve(cr, "account_move", invoices)
    first_line = _reserve(cr, "account_move_line", total)
    first_row = _reserve(cr, "account_invoice_line_agent", total)
    line = invoice.invoice_line_ids
    cr.execute("SELECT id FROM account_invoice_line_agent ORDER BY id DESC LIMIT 1")
    original = cr.fetchone()[0]
    _copy_rows(
        cr,
        "account_move",
        f"SELECT generate_series(0, {invoices - 1}) AS n",
        id=f"{first_move} + n",
        name="'B' || n",
        sequence_number="NULL",
        access_token="NULL",
        payment_reference="NULL",
    )
    cr.execute(
        "INSERT INTO account_move_line SELECT copy.*"
        " FROM (SELECT * FROM account_move_line WHERE id = %(original)s) original"
        " CROSS JOIN generate_series(0, %(last)s) AS n"
        " CROSS JOIN LATERAL jsonb_populate_record(NULL::account_move_line,"
        " to_jsonb(original)"
        " || jsonb_build_object('id', %(line)s + n, 'move_id', %(move)s + n / %(size)s,"
        f" 'price_subtotal', {_amounts('n')}, 'price_unit', {_amounts('n')})) copy",
        {
            "line": first_line,
            "move": first_move,
            "size": INVOICE_LINES,
            "original": line.id,
            "last": total - 1,
        },
    )
    agent = f"({agents[0].id} + mod(n / {ORDER_LINES}, {leaders}))"
    _copy_rows(
        cr,
        "account_invoice_line_agent",
        f"SELECT generate_series(0, {total - 1}) AS n",
        id=f"{first_row} + n",
        object_id=f"{first_line} + n",
        invoice_id=f"{first_move} + n / {INVOICE_LINES}",
        invoice_date=f"'{day}'::date",
        agent_id=agent,
        amount=f"round({_amounts('n')} * 0.1, 2)",
        settled=f"n >= {lines}",
    )
    # The one that was copied belongs to no figure.
    cr.execute(
        "UPDATE account_invoice_line_agent SET settled = TRUE WHERE id = %s",
        [original],
    )
    first_settlement = _reserve(cr, "commission_settlement", leaders * MONTHS)
    cr.execute(
        f"""
        INSERT INTO commission_settlement (
            id, agent_id, company_id, currency_id, date_from, date_to, state,
            settlement_type, total)
        SELECT {first_settlement} + n, {agents[0].id} + mod(n, {leaders}), %(company)s,
               %(currency)s, month, month + interval '1 month - 1 day', 'invoiced',
               'sale_invoice', 0
          FROM generate_series(0, {leaders * MONTHS - 1}) AS n
          CROSS JOIN LATERAL (
              SELECT date_trunc('month', %(last)s::date)
                  - (n / {leaders} + 1) * interval '1 month' AS month) m
        """,
        {
            "company": env.company.id,
            "currency": env.company.currency_id.id,
            "last": _last_day(),
        },
    )
    cr.execute(
        f"""
        INSERT INTO commission_settlement_line (
            settlement_id, agent_id, date, invoice_agent_line_id, commission_id,
            settled_amount, company_id, currency_id)
        SELECT {first_settlement}
                   + mod((n - {lines}) / {ORDER_LINES * leaders}, {MONTHS}) * {leaders}
                   + mod(n / {ORDER_LINES}, {leaders}),
               {agent}, %(day)s, {first_row} + n, %(commission)s,
               round({_amounts("n")} * 0.1, 2), %(company)s, %(currency)s
          FROM generate_series({lines}, {total - 1}) AS n
        """,
        {
            "company": env.company.id,
            "currency": env.company.currency_id.id,
            "day": day,
            "commission": commission.id,
        },
    )
    cr.commit()
    return total


def settle_theirs(env):
    """Settle everybody with commission_oca's wizard.

    :return: settlements, lines, amount, seconds
    :rtype: dict
    """
    wizard = env["commission.make.settle"].create(
        {
            "date_to": _last_day() + timedelta(days=1),
            "settlement_type": "sale_invoice",
        }
    )
    env.flush_all()
    env.invalidate_all()
    started = time.perf_counter()
    action = wizard.action_settle()
    env.cr.commit()
    seconds = time.perf_counter() - started
    made = env["commission.settlement"].search(action["domain"])
    return {
        "settlements": len(made),
        "lines": len(made.line_ids),
        "amount": f"{sum(made.mapped('total')):.2f}",
        "seconds": seconds,
    }
