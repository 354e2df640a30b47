# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One transfer is received once: several managers at the same moment, a real server."""

import threading

import requests

PASSWORD = "Sunny-Garden-1"
MANAGERS = 4

# A campaign whose goods are on their way, and the managers of its point.
ARRIVING = f"""
campaign = make_shop(3)
for number in range(3):
    join(campaign, number)
campaign.action_close_now()
# The scheduled jobs work on a connection of their own and see what is committed.
env.cr.commit()
run_jobs()
campaign.purchase_order_ids.button_confirm()
for incoming in campaign.purchase_order_ids.picking_ids:
    incoming.move_ids.quantity = 3
    incoming.move_ids.picked = True
    incoming.button_validate()
point = campaign.pickup_point_ids
managers = env["res.users"].with_context(no_reset_password=True).create(
    [
        {{
            "name": f"Manager {{number}}", "login": f"manager{{number}}",
            "password": "{PASSWORD}",
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }}
        for number in range({MANAGERS})
    ]
)
point.manager_user_ids = managers
picking = campaign.picking_ids.filtered(lambda p: p.groupbuy_role == "to_point")
if picking.state != "assigned":
    picking.action_assign()
env.cr.commit()
answer(
    url=f"/my/points/{{point.id}}/receipts/{{picking.id}}",
    product=picking.move_ids.product_id.id,
    state=picking.state,
)
"""


class Manager:
    """A manager of the point with a browser's session."""

    def __init__(self, server, db, number, arriving):
        self.url = server.url
        self.path = arriving["url"]
        self.product = arriving["product"]
        self.session = requests.Session()
        self.call(
            "/web/session/authenticate",
            db=db,
            login=f"manager{number}",
            password=PASSWORD,
        )
        self.plan = None
        self.answer = None

    def call(self, route, **params):
        """Call a JSON route and return its result."""
        response = self.session.post(
            self.url + route,
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            timeout=120,
        )
        response.raise_for_status()
        body = response.json()
        assert "error" not in body, body["error"]
        return body["result"]

    def count(self, received):
        """Return what the page sends when so much has arrived."""
        return [{"product_id": self.product, "received": received, "damaged": 0}]

    def look(self, received):
        """See who would get less."""
        self.plan = self.call(f"{self.path}/preview", lines=self.count(received))[
            "plan"
        ]

    def confirm(self, received, key):
        """Confirm what was seen."""
        self.answer = self.call(
            f"{self.path}/confirm",
            lines=self.count(received),
            plan=self.plan,
            request_key=key,
        )


def _all_at_once(managers, received, get_key):
    """Let each manager look, then all confirm at the same moment."""
    for manager in managers:
        manager.look(received)
    start = threading.Barrier(len(managers))

    def run(manager, key):
        start.wait()
        manager.confirm(received, key)

    threads = [
        threading.Thread(target=run, args=(manager, get_key(number)))
        for number, manager in enumerate(managers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _received_once(shop):
    """There is one receipt, and the last to have paid lost one piece, once."""
    assert shop.query("SELECT count(*) FROM groupbuy_receipt") == [(1,)]
    assert shop.query("SELECT sum(quantity)::int FROM groupbuy_allowance") == [(1,)]
    assert shop.query(
        "SELECT state, count(*) FROM stock_picking WHERE groupbuy_role = 'to_resident'"
        " GROUP BY 1 ORDER BY 1"
    ) == [("assigned", 2), ("cancel", 1)]
    assert (
        shop.value(
            "SELECT sum(quantity)::int FROM stock_quant q"
            " JOIN groupbuy_pickup_point p ON p.location_id = q.location_id"
        )
        == 2
    )
    assert shop.query("SELECT count(*) FROM groupbuy_job WHERE kind = 'refund'") == [
        (1,)
    ]


def test_of_several_managers_one_receives_and_the_others_are_told(shop):
    arriving = shop.run(ARRIVING)
    assert arriving["state"] == "assigned"
    with shop.odoo.start_server(shop.name, workers=4) as server:
        server.wait_ready()
        managers = [
            Manager(server, shop.name, number, arriving) for number in range(MANAGERS)
        ]
        _all_at_once(managers, 2, lambda number: f"key-of-manager-{number}")
        log = server.log.read_text("utf-8")
    won = [m for m in managers if m.answer["status"] == "confirmed"]
    told = [m for m in managers if m.answer["status"] == "refused"]
    assert len(won) == 1
    assert len(told) == MANAGERS - 1
    for manager in told:
        assert manager.answer["refusal"] == "already_received"
        assert won[0].answer["by"] in manager.answer["message"]
    _received_once(shop)
    assert "Traceback" not in log


def test_one_request_that_is_sent_several_times_at_once_is_done_once(shop):
    arriving = shop.run(ARRIVING)
    with shop.odoo.start_server(shop.name, workers=4) as server:
        server.wait_ready()
        # The phone of one manager, which sends again what it got no answer to.
        phones = [Manager(server, shop.name, 0, arriving) for _ in range(MANAGERS)]
        _all_at_once(phones, 2, lambda number: "the-key-of-this-receipt")
        log = server.log.read_text("utf-8")
    answers = [phone.answer for phone in phones]
    assert all(answer == answers[0] for answer in answers), answers
    assert answers[0]["status"] == "confirmed"
    _received_once(shop)
    assert "Traceback" not in log
