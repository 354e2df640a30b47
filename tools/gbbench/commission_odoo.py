# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The commission ledger at confirmation, measured inside of Odoo."""

import time

from . import closing_odoo


def join(env, people, lines):
    """Let residents of leaders' points join a campaign, as closing_odoo does.

    :param int people: how many
    :param int lines: lines of each order
    """
    points = env["groupbuy.pickup.point"].search([("leader_id", "=", False)])
    for point in points:
        partner = env["res.partner"].create({"name": f"Leader of {point.name}"})
        point.leader_id = env["groupbuy.leader"].create({"partner_id": partner.id})
    env.cr.commit()
    return closing_odoo.join(env, people, (lines,))


def confirm(env):
    """Close the campaign, and time what writes the ledger within it.

    Both are measured in the same run: what else the machine does falls on both.

    :return: orders, entries, seconds in all, seconds of the ledger, and its queries
    :rtype: dict
    """
    entries = env["groupbuy.commission.entry"]
    cls = type(entries)
    accrue = cls._accrue
    calls = []

    def timed(records, orders):
        # What the confirmation has left to write is its own, not the ledger's.
        records.env.flush_all()
        before, started = records.env.cr.sql_log_count, time.perf_counter()
        result = accrue(records, orders)
        seconds = time.perf_counter() - started
        calls.append((len(orders), seconds, records.env.cr.sql_log_count - before))
        return result

    campaign = env["groupbuy.campaign"].search([("name", "=", closing_odoo.CAMPAIGN)])
    campaign.action_close_now()
    env.cr.commit()
    env["groupbuy.campaign"]._cron_open_and_close()
    env.cr.commit()
    env.invalidate_all()
    jobs = env["groupbuy.job"]
    cls._accrue = timed
    try:
        started = time.perf_counter()
        jobs._work_all(("confirm",), 200, jobs._work_slice)
        env.cr.commit()
        seconds = time.perf_counter() - started
    finally:
        cls._accrue = accrue
    orders = sum(call[0] for call in calls)
    largest = max(calls)
    one = env["sale.order"].search(
        [("groupbuy_campaign_id", "=", campaign.id), ("state", "=", "sale")], limit=1
    )
    env.cr.execute(
        "DELETE FROM groupbuy_commission_entry WHERE order_id = %s", [one.id]
    )
    env.invalidate_all()
    before = env.cr.sql_log_count
    accrue(entries, one)
    least_queries = env.cr.sql_log_count - before
    return {
        "orders": orders,
        "entries": entries.search_count([("campaign_id", "=", campaign.id)]),
        "seconds": seconds,
        "ledger": sum(call[1] for call in calls),
        "slice": largest[0],
        "queries": largest[2],
        "least": 1,
        "least_queries": least_queries,
    }
