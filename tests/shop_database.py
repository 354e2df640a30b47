# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A database with a campaign, driven by scripts in Odoo's shell and read by SQL."""

import json

import psycopg2

# What every script finds: the shop's records and the steps of a resident.
PRELUDE = """
import json
import threading
from datetime import timedelta
from functools import partial
from odoo import api, fields
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.fields import Command

provider = env.ref("payment.payment_provider_demo")
method = provider.with_context(active_test=False).payment_method_ids[:1]
website = env["website"].search([], limit=1)
carrier = env.ref("community_groupbuy.delivery_carrier_pickup_point")
env = env(context=dict(env.context, tracking_disable=True))


def make_shop(people, **values):
    provider.write({"state": "test", "is_published": True})
    method.active = True
    community = env["groupbuy.community"].create({"name": "Sunny Garden"})
    point = env["groupbuy.pickup.point"].create(
        {"name": "North Gate", "community_ids": [Command.set(community.ids)]}
    )
    supplier = env["res.partner"].create({"name": "Green Valley Farm"})
    product = env["product.product"].create(
        {
            "name": "Tomatoes", "type": "consu", "is_storable": True,
            "is_published": True, "list_price": 12, "standard_price": 4,
            "taxes_id": [Command.clear()], "supplier_taxes_id": [Command.clear()],
            "seller_ids": [Command.create(
                {"partner_id": supplier.id, "price": 4, "delay": 1}
            )],
        }
    )
    env["res.partner"].create(
        [
            {
                "name": f"Resident {number}",
                "email": f"resident{number}@example.com",
                "groupbuy_community_id": community.id,
                "country_id": env.ref("base.cn").id,
                "ref": f"R{number}",
            }
            for number in range(people)
        ]
    )
    now = fields.Datetime.now()
    cap = values.pop("cap", 0)
    campaign = env["groupbuy.campaign"].create(
        {
            "name": "Weekend Vegetables",
            "open_at": now - timedelta(hours=1),
            "close_at": now + timedelta(days=1),
            "pickup_from": now + timedelta(days=4),
            "pickup_until": now + timedelta(days=6),
            "community_ids": [Command.set(community.ids)],
            "line_ids": [Command.create(
                {"product_id": product.id, "start_price": 10.0, "cap": cap}
            )],
            **values,
        }
    )
    campaign.action_open_now()
    env.cr.commit()
    return campaign


def get_resident(number):
    return env["res.partner"].search([("ref", "=", f"R{number}")])


def fill_cart(campaign, partner, quantity=1):
    order = env["sale.order"].create(
        {"partner_id": partner.id, "website_id": website.id}
    )
    line = campaign.line_ids[0]
    warning = order._cart_add(
        line.product_id.id, quantity, groupbuy_line_id=line.id
    )["warning"]
    if warning:
        env.cr.rollback()
        return None
    order._set_delivery_method(carrier)
    order._set_pickup_location(json.dumps({"id": campaign.pickup_point_ids[0].id}))
    env.cr.commit()
    return order


def start_payment(order):
    tx = env["payment.transaction"].create(
        {
            "provider_id": provider.id,
            "payment_method_id": method.id,
            "reference": env["payment.transaction"]._compute_reference(
                "demo", prefix=order.name
            ),
            "amount": order.amount_total,
            "currency_id": order.currency_id.id,
            "partner_id": order.partner_id.id,
            "operation": "online_direct",
            "sale_order_ids": [Command.set(order.ids)],
        }
    )
    env.cr.commit()
    return tx


def pay(tx):
    tx._process("demo", {"reference": tx.reference, "simulated_state": "done"})
    env.cr.commit()
    tx._post_process()
    env.cr.commit()


def join(campaign, number):
    order = fill_cart(campaign, get_resident(number))
    pay(start_payment(order))
    return order


def run_jobs(*names):
    for name in names or ("open_and_close", "process_jobs"):
        env.ref(f"community_groupbuy.ir_cron_{name}").method_direct_trigger()
        env.cr.commit()
        env.invalidate_all()


def race(works):
    # Each in a transaction of its own, repeated as Odoo's dispatcher repeats a request.
    # Returns what they returned, or the names of what they raised, sorted.
    registry = Registry(env.cr.dbname)
    barrier = threading.Barrier(len(works), timeout=120)
    answers = []

    def run(work):
        with registry.cursor() as cr:
            own = api.Environment(cr, 1, {})
            # The snapshot of each begins before any of them has changed anything.
            own.cr.execute("SELECT count(*) FROM groupbuy_campaign")
            barrier.wait()
            try:
                answers.append(retrying(partial(work, own), own))
            except Exception as error:
                answers.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    env.cr.rollback()
    env.invalidate_all()
    return sorted(answers, key=str)


def answer(**values):
    print("ANSWER " + json.dumps(values, default=str))
"""


class ShopDatabase:
    """One database; scripts run in a process of their own, as a node would.

    :param Environment odoo: the tools.
    :param str name: the database.
    """

    def __init__(self, odoo, name):
        self.odoo = odoo
        self.name = name

    def run(self, script):
        """Run a script after the prelude and return what it answered.

        :rtype: dict
        """
        printed = self.odoo.shell(self.name, f"{PRELUDE}\n{script}\n")
        for line in printed.splitlines():
            if "ANSWER " in line:
                return json.loads(line.split("ANSWER ", 1)[1])
        return {}

    def query(self, statement, *parameters):
        """Return the rows of a statement, on a connection of its own."""
        with psycopg2.connect(self.odoo.pg_dsn(self.name)) as connection:
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                rows = cursor.fetchall()
        connection.close()
        return rows

    def execute(self, statement, *parameters):
        """Run a statement and commit it."""
        with psycopg2.connect(self.odoo.pg_dsn(self.name)) as connection:
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters)
        connection.close()

    def wake(self):
        """Tell the servers that a scheduled job is due; they look by themselves once
        a minute only."""
        connection = psycopg2.connect(self.odoo.pg_dsn("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [self.name])
        connection.close()

    def value(self, statement, *parameters):
        """Return the only value of a statement."""
        return self.query(statement, *parameters)[0][0]

    def assert_quota_matches_holds(self):
        """Each counter is the sum of its living holds, and none above its cap."""
        wrong = self.query(
            """
            SELECT q.line_id, q.taken, q.cap, COALESCE(SUM(h.quantity), 0)
              FROM groupbuy_quota q
              LEFT JOIN groupbuy_hold h
                ON h.line_id = q.line_id AND h.state IN ('held', 'paid')
             GROUP BY q.line_id, q.taken, q.cap
            HAVING q.taken != COALESCE(SUM(h.quantity), 0)
                OR (q.cap > 0 AND q.taken > q.cap)
            """
        )
        assert not wrong
