# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Verifications and validations, measured inside of Odoo; see verification.py.

Each is a transaction of its own with an empty cache, as a request to the server is.
Queries of all connections are counted, so also those of the short transaction in which
a code is looked up.
"""

import gc
import statistics
import threading
import time
from uuid import uuid4

from odoo import Command, api
from odoo.modules.registry import Registry

from . import receipt_odoo


def arrive(env):
    """Bring the goods to the point, which is open day and night, with a manager."""
    campaign = _get_campaign(env)
    picking = env["stock.picking"].search(
        [("groupbuy_campaign_id", "=", campaign.id), ("groupbuy_role", "=", "to_point")]
    )
    picking.move_ids.picked = True
    picking.button_validate()
    user = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Benchmark manager",
                "login": "benchmark_manager",
                "group_ids": [Command.set(env.ref("base.group_portal").ids)],
            }
        )
    )
    calendar = env["resource.calendar"].create(
        {
            "name": "Day and night",
            "attendance_ids": [Command.clear()]
            + [
                Command.create(
                    {
                        "name": "Open",
                        "dayofweek": str(day),
                        "hour_from": 0,
                        "hour_to": 24,
                        "day_period": "morning",
                    }
                )
                for day in range(7)
            ],
        }
    )
    picking.groupbuy_point_id.write(
        {"manager_user_ids": [Command.set(user.ids)], "calendar_id": calendar.id}
    )
    env.cr.commit()
    waiting = _get_waiting(env)
    if set(waiting.mapped("state")) != {"assigned"}:
        raise AssertionError("not everything has arrived")
    return {"transfers": len(waiting)}


def compare(env, repetitions, warm_up):
    """Measure a verification and a validation in turn, on transfers of one kind.

    Those that are validated were taken out of the campaign with their orders, so that
    Odoo does with them what it does with any transfer of the shop.

    :param int repetitions: of each.
    :param int warm_up: how many of each are not counted.
    :return: ours, theirs: seconds (median) and queries (mean) of one
    :rtype: dict
    """
    count = repetitions + warm_up
    transfers = _get_waiting(env)[: 2 * count]
    ours, theirs = transfers[::2], transfers[1::2]
    tokens = {code.picking_id.id: code._get_token() for code in ours.groupbuy_code_ids}
    point, user = _get_point_and_user(env)
    _strip(env, theirs)

    def verify(own, picking_id):
        answer = own["groupbuy.verification"]._verify(
            own["groupbuy.pickup.point"].browse(point),
            own["stock.picking"].browse(picking_id),
            method="scan",
            code=tokens[picking_id],
            request_key=uuid4().hex,
        )
        if answer["status"] != "verified":
            raise AssertionError(f"not verified: {answer}")

    def validate(own, picking_id):
        # There is no provider of text messages here; ours sends none either.
        picking = own["stock.picking"].sudo().browse(picking_id)
        if picking.with_context(skip_sms=True).button_validate() is not True:
            raise AssertionError("not validated")

    figures = {"ours": [], "theirs": []}
    for number in range(count):
        for name, function, picking in (
            ("ours", verify, ours[number]),
            ("theirs", validate, theirs[number]),
        ):
            measured = _measure(env, user, function, picking.id)
            if number >= warm_up:
                figures[name].append(measured)
    _check(env, ours | theirs)
    return {name: _sum_up(measured) for name, measured in figures.items()}


def batch(env, count):
    """Measure verifications one by one, and as many in one batch.

    :param int count: of each.
    :return: single, batch: seconds and queries for each transfer
    :rtype: dict
    """
    transfers = _get_waiting(env)[: 2 * count]
    singles, together = transfers[::2], transfers[1::2]
    point, user = _get_point_and_user(env)

    def verify(own, picking_id):
        answer = own["groupbuy.verification"]._verify(
            own["groupbuy.pickup.point"].browse(point),
            own["stock.picking"].browse(picking_id),
            method="list",
            request_key=uuid4().hex,
        )
        if answer["status"] != "verified":
            raise AssertionError(f"not verified: {answer}")

    def verify_batch(own, picking_ids):
        answer = own["groupbuy.verification"]._verify_batch(
            own["groupbuy.pickup.point"].browse(point),
            own["stock.picking"].browse(picking_ids),
            method="batch",
            request_key=uuid4().hex,
        )
        if answer["verified"] != len(picking_ids):
            raise AssertionError(f"{answer['verified']} were verified")

    one_by_one = [_measure(env, user, verify, picking.id) for picking in singles]
    seconds, queries = _measure(env, user, verify_batch, together.ids)
    _check(env, singles | together)
    return {
        "single": {
            "seconds": statistics.mean(s for s, _q in one_by_one),
            "queries": statistics.mean(q for _s, q in one_by_one),
        },
        "batch": {"seconds": seconds / count, "queries": queries / count},
    }


def _measure(env, user, function, argument):
    """Call a function in a transaction of its own; return seconds and queries."""
    gc.collect()
    thread = threading.current_thread()
    with Registry(env.cr.dbname).cursor() as cr:
        own = api.Environment(cr, user, {})
        # What a request has read before it comes to its work: the user.
        own.user.has_group("base.group_portal")
        thread.query_count = 0
        started = time.perf_counter()
        function(own, argument)
        cr.commit()
        return time.perf_counter() - started, thread.query_count


def _sum_up(measured):
    return {
        "seconds": statistics.median(seconds for seconds, _queries in measured),
        "queries": statistics.mean(queries for _seconds, queries in measured),
    }


def _get_campaign(env):
    return env["groupbuy.campaign"].search([("name", "=", receipt_odoo.CAMPAIGN)])


def _get_waiting(env):
    return env["stock.picking"].search(
        [
            ("groupbuy_campaign_id", "=", _get_campaign(env).id),
            ("groupbuy_role", "=", "to_resident"),
            ("state", "not in", ("done", "cancel")),
        ],
        order="id",
    )


def _get_point_and_user(env):
    user = env["res.users"].search([("login", "=", "benchmark_manager")])
    point = env["groupbuy.pickup.point"].search([("manager_user_ids", "=", user.id)])
    return point.id, user.id


def _strip(env, pickings):
    """Make plain transfers of the shop out of residents' transfers."""
    orders = pickings.move_ids.sale_line_id.order_id
    for statement, ids in (
        ("DELETE FROM groupbuy_pickup_code WHERE picking_id = ANY(%s)", pickings),
        (
            "UPDATE stock_picking SET groupbuy_campaign_id = NULL,"
            " groupbuy_point_id = NULL, groupbuy_role = NULL WHERE id = ANY(%s)",
            pickings,
        ),
        ("DELETE FROM groupbuy_hold WHERE order_id = ANY(%s)", orders),
        (
            "UPDATE sale_order_line SET groupbuy_line_id = NULL"
            " WHERE order_id = ANY(%s)",
            orders,
        ),
        (
            "UPDATE sale_order SET groupbuy_campaign_id = NULL,"
            " groupbuy_state = NULL, groupbuy_group_id = NULL,"
            " groupbuy_point_id = NULL WHERE id = ANY(%s)",
            orders,
        ),
    ):
        env.cr.execute(statement, [ids.ids])
    env.cr.commit()
    env.invalidate_all()


def _check(env, pickings):
    """Check that all was handed out, and all that was ordered was delivered."""
    # A snapshot that is older than what the other connections have done shows nothing.
    env.cr.commit()
    env.invalidate_all()
    lines = pickings.move_ids.sale_line_id
    if set(pickings.mapped("state")) != {"done"}:
        raise AssertionError("not all transfers are done")
    if any(line.qty_delivered != line.product_uom_qty for line in lines):
        raise AssertionError("not all that was ordered counts as delivered")
    ours = pickings.filtered("groupbuy_role")
    if len(ours.groupbuy_verification_ids) != len(ours):
        raise AssertionError("not all that was handed out is logged")
