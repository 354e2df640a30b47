# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Many orders out of a few: rows are copied in SQL, with all that belongs to them.

A copy has the columns of its original, so it is what the shop itself has made. Only
ids, what points to copied rows, and what must be unique are new.
"""

from dataclasses import dataclass, field

import psycopg2

ORDERS = "SELECT id FROM sale_order WHERE groupbuy_state = 'waiting'"
PAYMENTS = (
    "SELECT transaction_id FROM sale_order_transaction_rel"
    f" WHERE sale_order_id IN ({ORDERS})"
)
MOVES = (
    "SELECT move_id FROM account_payment WHERE move_id IS NOT NULL"
    f" AND payment_transaction_id IN ({PAYMENTS})"
)


@dataclass
class Table:
    """What is copied of a table.

    :param str name: the table.
    :param str where: which rows.
    :param dict links: columns without a foreign key → the copied table they name.
    :param dict unique: columns → their new value in SQL; {k} is the copy's number.
    """

    name: str
    where: str
    links: dict = field(default_factory=dict)
    unique: dict = field(default_factory=dict)


TABLES = (
    Table(
        "res_partner",
        f"id IN (SELECT partner_id FROM sale_order WHERE id IN ({ORDERS}))",
    ),
    Table("sale_order", f"id IN ({ORDERS})", unique={"name": "name || '-' || {k}"}),
    Table("sale_order_line", f"order_id IN ({ORDERS})"),
    Table(
        "account_tax_sale_order_line_rel",
        "sale_order_line_id IN"
        f" (SELECT id FROM sale_order_line WHERE order_id IN ({ORDERS}))",
    ),
    Table(
        "payment_transaction",
        f"id IN ({PAYMENTS})",
        unique={"reference": "reference || '-' || {k}"},
    ),
    Table("sale_order_transaction_rel", f"sale_order_id IN ({ORDERS})"),
    Table("groupbuy_hold", f"order_id IN ({ORDERS})", {"order_id": "sale_order"}),
    Table(
        "groupbuy_job",
        f"order_id IN ({ORDERS})",
        unique={"key": "kind || '/copy/' || {k} || '/' || key"},
    ),
    Table(
        "account_move",
        f"id IN ({MOVES})",
        unique={"name": "name || '-' || {k}"},
    ),
    Table("account_move_line", f"move_id IN ({MOVES})"),
    Table("account_payment", f"payment_transaction_id IN ({PAYMENTS})"),
    Table(
        "mail_followers",
        f"res_model = 'sale.order' AND res_id IN ({ORDERS})",
        {"res_id": "sale_order"},
    ),
    Table(
        "mail_message",
        f"model = 'sale.order' AND res_id IN ({ORDERS})",
        {"res_id": "sale_order"},
    ),
)


def grow(dsn, count):
    """Make so many waiting orders out of those that are there.

    :param str dsn: the database, as its superuser.
    :param int count: how many orders there shall be.
    """
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cr:
        # Whatever order the rows come in, they fit together in the end.
        cr.execute("SET session_replication_role = replica")
        cr.execute(f"{ORDERS} ORDER BY id")
        originals = [row[0] for row in cr.fetchall()]
        for table in TABLES:
            _keep_originals(cr, table)
        steps = {table.name: _get_step(cr, table.name) for table in TABLES}
        links = _get_links(cr)
        for number in range(1, -(-count // len(originals))):
            for table in TABLES:
                _copy(cr, table, number, steps, links.get(table.name, {}))
        _drop_surplus(cr, count)
        cr.execute("SET session_replication_role = origin")
        for name, step in steps.items():
            if step:
                cr.execute(
                    f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"
                )
        cr.execute(
            "UPDATE groupbuy_quota q SET taken = COALESCE((SELECT sum(quantity)"
            " FROM groupbuy_hold h WHERE h.line_id = q.line_id"
            " AND h.state IN ('held', 'paid')), 0)"
        )
    # As the database's own upkeep has done long before a campaign closes.
    connection.autocommit = True
    connection.cursor().execute("VACUUM ANALYZE")
    connection.close()


def _keep_originals(cr, table):
    cr.execute(
        f"CREATE TEMP TABLE original_{table.name} AS"
        f" SELECT * FROM {table.name} WHERE {table.where}"
    )


def _get_step(cr, name):
    """Return by how much a copy's ids differ from those of the copy before it."""
    cr.execute(
        "SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'id'",
        [name],
    )
    if not cr.fetchone():
        return 0
    cr.execute(f"SELECT max(id) FROM {name}")
    return (cr.fetchone()[0] or 0) + 1


def _get_links(cr):
    """Return the foreign keys between the copied tables.

    :return: table → column → table that the column names
    :rtype: dict
    """
    cr.execute(
        """
        SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
          FROM pg_constraint c
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY(%(names)s)
           AND c.confrelid::regclass::text = ANY(%(names)s)
        """,
        {"names": [table.name for table in TABLES]},
    )
    links = {}
    for table, column, target in cr.fetchall():
        links.setdefault(table, {})[column] = target
    for table in TABLES:
        links.setdefault(table.name, {}).update(table.links)
    return links


def _copy(cr, table, number, steps, links):
    """Insert one copy of a table's rows."""
    cr.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
        " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table.name],
    )
    columns = [row[0] for row in cr.fetchall()]
    values = []
    for column in columns:
        if column == "id":
            values.append(f"o.id + {number * steps[table.name]}")
        elif column in links:
            target = links[column]
            shift = number * steps[target]
            # What names a row that is not copied keeps naming it.
            values.append(
                f"CASE WHEN o.{column} IN (SELECT id FROM original_{target})"
                f" THEN o.{column} + {shift} ELSE o.{column} END"
            )
        elif column in table.unique:
            values.append(table.unique[column].format(k=number))
        else:
            values.append(f"o.{column}")
    names = ", ".join(f'"{column}"' for column in columns)
    cr.execute(
        f"INSERT INTO {table.name} ({names})"
        f" SELECT {', '.join(values)} FROM original_{table.name} o"
    )


def _drop_surplus(cr, count):
    """Remove the orders beyond the wanted number from the campaign.

    They have no purpose but to make the last copy whole.
    """
    cr.execute(f"CREATE TEMP TABLE surplus AS {ORDERS} ORDER BY id OFFSET %s", [count])
    cr.execute("DELETE FROM groupbuy_hold WHERE order_id IN (SELECT id FROM surplus)")
    cr.execute("DELETE FROM groupbuy_job WHERE order_id IN (SELECT id FROM surplus)")
    cr.execute(
        "DELETE FROM sale_order_transaction_rel"
        " WHERE sale_order_id IN (SELECT id FROM surplus)"
    )
    cr.execute("DELETE FROM sale_order_line WHERE order_id IN (SELECT id FROM surplus)")
    cr.execute("DELETE FROM sale_order WHERE id IN (SELECT id FROM surplus)")
