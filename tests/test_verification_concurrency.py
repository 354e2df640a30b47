# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Goods are handed out once: several scanners at the same moment, for real.

Each contender has a connection of its own and has read the database before the start,
so none of them sees what the others do: the worst case of Odoo's transactions.
"""

import pytest

SCANNERS = 8

PRELUDE = """
import logging
import threading
import uuid
from functools import partial

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

env.company.groupbuy_scan_limit_point = 1000


class Errors(logging.Handler):
    found = []

    def emit(self, record):
        self.found.append(record.getMessage())


logging.getLogger("odoo.sql_db").addHandler(Errors(logging.WARNING))


def arrive(people, quantity=1):
    # Bring a campaign's goods to its point; one order for each resident.
    campaign = make_shop(people)
    for number in range(people):
        order = fill_cart(campaign, get_resident(number), quantity)
        pay(start_payment(order))
    campaign.action_close_now()
    env.cr.commit()
    run_jobs()
    run_jobs("process_jobs")
    campaign.purchase_order_ids.button_confirm()
    for picking in campaign.purchase_order_ids.picking_ids:
        validate(picking)
    for picking in campaign.picking_ids.filtered(
        lambda p: p.groupbuy_role == "to_point"
    ):
        picking.action_assign()
        validate(picking)
    env.cr.commit()
    return campaign


def validate(picking):
    for move in picking.move_ids:
        move.quantity = move.product_uom_qty
        move.picked = True
    picking.with_context(skip_backorder=True).button_validate()


def get_parcels(campaign):
    return campaign.picking_ids.filtered(
        lambda p: p.groupbuy_role == "to_resident"
    ).sorted("id")


def make_managers(count, point):
    users = env["res.users"].with_context(no_reset_password=True).create(
        [
            {
                "name": f"Manager {number}", "login": f"manager{number}",
                "group_ids": [Command.set(env.ref("base.group_portal").ids)],
            }
            for number in range(count)
        ]
    )
    point.manager_user_ids = [Command.set(users.ids)]
    env.cr.commit()
    return users


def race(*contenders):
    # Run functions of an environment at once; return (answer, attempts) of each.
    env.cr.commit()
    start = threading.Barrier(len(contenders))
    registry = Registry(env.cr.dbname)
    results = [None] * len(contenders)

    def run(number, uid, function):
        with registry.cursor() as cr:
            own = api.Environment(cr, uid, {})
            attempts = []

            def attempt():
                attempts.append(1)
                return function(own)

            own["res.users"].sudo().search_count([])  # the snapshot is taken
            start.wait()
            try:
                answer = retrying(attempt, own)
            except UserError as error:
                answer = {"status": "error", "message": str(error)}
                cr.rollback()
        results[number] = (answer, len(attempts))

    threads = [
        threading.Thread(target=run, args=(number, uid, function))
        for number, (uid, function) in enumerate(contenders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    env.invalidate_all()
    return results


def find_and_verify(text, key, own):
    verification = own["groupbuy.verification"]
    point = own["groupbuy.pickup.point"].browse(point_id)
    found = verification._find(point, text)
    if found["status"] != "found":
        return found
    picking = own["stock.picking"].browse(found["picking_id"])
    return verification._verify(
        point, picking, method="scan", code=text, request_key=key
    )


def verify(picking_id, own, **values):
    return own["groupbuy.verification"]._verify(
        own["groupbuy.pickup.point"].browse(point_id),
        own["stock.picking"].browse(picking_id),
        method="list",
        **{"request_key": uuid.uuid4().hex, **values},
    )


def undo(row_id, own, key=None):
    return own["groupbuy.verification"]._undo(
        own["groupbuy.verification"].browse(row_id),
        reason="Wrong bag",
        request_key=key or uuid.uuid4().hex,
    )


def give_back(line_id, own):
    line = own["sale.order.line"].browse(line_id)
    line.order_id._groupbuy_give_back({line: 1}, "staff", "race")
    return {"status": "given back"}


def audit(campaign):
    # What the log, the orders and the stock say was handed out, by resident.
    env.invalidate_all()
    customers = env.ref("stock.stock_location_customers")
    rows = env["groupbuy.verification"].search([("campaign_id", "=", campaign.id)])
    quants = env["stock.quant"].search(
        [("product_id", "in", campaign.line_ids.product_id.ids)]
    )
    lines = campaign.order_ids.order_line.filtered("groupbuy_line_id")
    return {
        "log": sum(rows.line_ids.mapped("quantity")),
        "delivered": sum(lines.mapped("qty_delivered")),
        "customers": sum(
            quants.filtered(lambda q: q.location_id == customers).mapped("quantity")
        ),
        "at_point": sum(
            quants.filtered(
                lambda q: q.location_id == campaign.pickup_point_ids.location_id
            ).mapped("quantity")
        ),
        "ordered": sum(lines.mapped("product_uom_qty")),
    }
"""


def run(shop, script):
    """Run a script after the prelude of this file; point_id is the first point."""
    return shop.run(PRELUDE + script)


def test_the_same_code_from_8_scanners_at_once(shop):
    result = run(
        shop,
        f"""
campaign = arrive(1, quantity=2)
point_id = campaign.pickup_point_ids.id
managers = make_managers({SCANNERS}, campaign.pickup_point_ids)
token = get_parcels(campaign).groupbuy_code_ids._get_token()
Errors.found.clear()
results = race(
    *((user.id, partial(find_and_verify, token, uuid.uuid4().hex)) for user in managers)
)
answer(
    answers=[found for found, _attempts in results],
    attempts=[attempts for _found, attempts in results],
    errors=Errors.found, names=managers.mapped("name"), audit=audit(campaign),
)
""",
    )
    answers = result["answers"]
    won = [a for a in answers if a["status"] == "verified"]
    assert len(won) == 1, answers
    assert won[0]["by"] in result["names"]
    for answer in answers:
        if answer["status"] == "verified":
            continue
        assert answer["refusal"] == "already_collected", answer
        assert answer["details"]["by"] == won[0]["by"]
        assert answer["details"]["point"] == "North Gate"
        assert answer["details"]["at"] == won[0]["at"]
    # Nobody had to begin again, and nothing failed in the database.
    assert result["attempts"] == [1] * SCANNERS
    assert not result["errors"]
    assert result["audit"] == {
        "log": 2.0,
        "delivered": 2.0,
        "customers": 2.0,
        "at_point": 0.0,
        "ordered": 2.0,
    }


def test_the_same_request_from_8_connections_gets_one_answer(shop):
    result = run(
        shop,
        f"""
campaign = arrive(1)
point_id = campaign.pickup_point_ids.id
user = make_managers(1, campaign.pickup_point_ids)
parcel = get_parcels(campaign)
results = race(
    *((user.id, partial(verify, parcel.id, request_key="the-same-key"))
      for _number in range({SCANNERS}))
)
answer(answers=[found for found, _attempts in results], audit=audit(campaign))
""",
    )
    first = result["answers"][0]
    assert first["status"] == "verified", first
    assert all(answer == first for answer in result["answers"])
    assert result["audit"]["log"] == 1.0


def test_a_refund_at_the_same_moment_and_a_verification_exclude_each_other(shop):
    result = run(
        shop,
        """
campaign = arrive(8)
point_id = campaign.pickup_point_ids.id
user = make_managers(1, campaign.pickup_point_ids)
rounds = []
for number, parcel in enumerate(get_parcels(campaign)):
    line = parcel.move_ids.sale_line_id
    contenders = [
        (user.id, partial(verify, parcel.id)),
        (SUPERUSER_ID, partial(give_back, line.id)),
    ]
    results = dict(zip(("verify", "refund"), [r[0] for r in race(*contenders)]))
    order = line.order_id
    rounds.append(
        {
            **{name: found["status"] for name, found in results.items()},
            "delivered": line.qty_delivered, "ordered": line.product_uom_qty,
            "given": sum(order.groupbuy_allowance_ids.mapped("quantity")),
            "log": sum(parcel.groupbuy_verification_ids.line_ids.mapped("quantity")),
        }
    )
answer(rounds=rounds, audit=audit(campaign))
""",
    )
    for outcome in result["rounds"]:
        if outcome["verify"] == "verified":
            assert outcome["refund"] == "error", outcome
            assert (outcome["delivered"], outcome["given"]) == (1.0, 0.0), outcome
        else:
            assert outcome["refund"] == "given back", outcome
            assert (outcome["delivered"], outcome["given"]) == (0.0, 1.0), outcome
        assert outcome["log"] == outcome["delivered"] == outcome["ordered"], outcome
    audit = result["audit"]
    assert audit["log"] == audit["delivered"] == audit["customers"]
    assert audit["customers"] + audit["at_point"] == 8


@pytest.mark.parametrize("part", ["whole", "part"])
def test_undo_against_a_second_verification(shop, part):
    result = run(
        shop,
        f"""
campaign = arrive(6, quantity=2)
point_id = campaign.pickup_point_ids.id
user, other = make_managers(2, campaign.pickup_point_ids)
rounds = []
for parcel in get_parcels(campaign):
    code = parcel.groupbuy_code_ids
    token = code._get_token()
    own = env(user=user.id)
    quantities = {{parcel.move_ids.id: 1.0}} if {part!r} == "part" else None
    first = verify(parcel.id, own, quantities=quantities)
    env.cr.commit()
    results = race(
        (user.id, partial(undo, first["verification_id"])),
        (other.id, partial(find_and_verify, token, uuid.uuid4().hex)),
        (user.id, partial(undo, first["verification_id"])),
    )
    code = code.browse(code.id)
    rounds.append(
        {{
            "undo": sorted(results[n][0].get("refusal", "undone") for n in (0, 2)),
            "second": results[1][0].get("refusal", results[1][0]["status"]),
            "code": code.state, "open": code.picking_id.state,
            "delivered": sum(
                parcel.move_ids.sale_line_id.mapped("qty_delivered")
            ),
            "log": sum(
                env["groupbuy.verification"].search(
                    [("partner_id", "=", parcel.partner_id.id)]
                ).line_ids.mapped("quantity")
            ),
        }}
    )
answer(rounds=rounds, audit=audit(campaign))
""",
    )
    for outcome in result["rounds"]:
        # Exactly one of the two undoes it.
        assert outcome["undo"] == ["undo_done", "undone"], outcome
        second = outcome["second"]
        assert second in ("verified", "already_collected"), outcome
        assert outcome["log"] == outcome["delivered"], outcome
        if second == "already_collected":
            assert (outcome["delivered"], outcome["code"]) == (0.0, "open"), outcome
        # What is not with the resident still opens with the code.
        assert (outcome["code"] == "open") == (outcome["delivered"] < 2), outcome
    audit = result["audit"]
    assert audit["log"] == audit["delivered"] == audit["customers"]
    assert audit["customers"] + audit["at_point"] == 12


def test_wrong_codes_are_counted_exactly_when_they_come_at_once(shop):
    result = run(
        shop,
        f"""
campaign = arrive(1)
point = campaign.pickup_point_ids
point_id = point.id
env.company.write({{"groupbuy_scan_limit_point": 20, "groupbuy_scan_limit_user": 1000}})
managers = make_managers({SCANNERS}, point)


def guess(own):
    return [
        own["groupbuy.verification"]._find(
            own["groupbuy.pickup.point"].browse(point_id), "0000000000"
        )["refusal"]
        for _number in range(10)
    ]


results = race(*((user.id, guess) for user in managers))
refusals = [refusal for found, _attempts in results for refusal in found]
answer(
    unknown=refusals.count("unknown"), paused=refusals.count("too_many_tries"),
    wrong=env["groupbuy.scan.attempt"].search_count([("kind", "=", "wrong")]),
    pauses=env["groupbuy.scan.attempt"].search_count([("kind", "=", "pause")]),
    alerts=len(point.activity_ids),
)
""",
    )
    # The twentieth is the one that pauses the point.
    assert result == {
        "unknown": 19,
        "paused": SCANNERS * 10 - 19,
        "wrong": 20,
        "pauses": 1,
        "alerts": 1,
    }
