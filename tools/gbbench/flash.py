# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The start of a flash sale against a plain campaign's page under the same load."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from gbtools import ToolError

from . import odoo
from .client import Client
from .rows import at_most

ISSUE = 5
VISITORS = 2_000
UNITS = 200
CONNECTIONS = 32
WARM_UP = 64
# Until the servers are up and the plain page has been measured.
SECONDS_BEFORE = 3_600


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    visitors = bench.scaled(VISITORS, 200)
    units = visitors * UNITS // VISITORS
    env = bench.env
    with bench.database("flash", "installed") as db:
        shop = odoo.call(
            env, db, "flash_odoo", "prepare", units=units, seconds=SECONDS_BEFORE
        )
        with env.start_server(db) as first, env.start_server(db) as second:
            servers = (first, second)
            for server in servers:
                server.wait_ready()
            _run(servers, shop, WARM_UP, _read_page)
            pages = _run(servers, shop, visitors, _read_page)
            # The clock is not waited for; the sale starts now.
            env.sql(
                db,
                "UPDATE groupbuy_campaign SET open_at = now() at time zone 'utc'"
                f" WHERE id = {shop['sale_id']}",
            )
            answers = _run(servers, shop, visitors, _take_part)
        sold = _count_sold(env, db, shop)
    states = [state for _seconds, state in answers]
    unanswered = sum(
        state not in ("waiting", "admitted", "sold_out", "in the cart")
        for state in states
    )
    who = f"{visitors:,} visitors, {CONNECTIONS} connections, 2 servers"
    return [
        at_most(
            f"flash start, 95th percentile against the page ({who})",
            _percentile(answers),
            _percentile(pages),
            "ms/answer",
            2.0,
            ISSUE,
        ),
        at_most(
            f"flash start: units sold more or less than {units}",
            abs(sold - units),
            None,
            "units",
            0,
            ISSUE,
        ),
        at_most(
            "flash start: visitors without an answer",
            unanswered,
            None,
            "visitors",
            0,
            ISSUE,
        ),
    ]


def _run(servers, shop, count, step):
    """Let so many visitors take a step, each with a browser of their own.

    :return: seconds and outcome of each request.
    :rtype: list
    """

    def visit(number):
        return step(Client(servers[number % 2], shop))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return [
            answer for answers in pool.map(visit, range(count)) for answer in answers
        ]


def _read_page(client):
    started = time.perf_counter()
    client.get(client.shop["plain_url"])
    return [(time.perf_counter() - started, "page")]


def _take_part(client):
    """Get in line and, when it is the visitor's turn, put the product into the cart."""
    ids = client.shop["ids"]
    answers = []
    started = time.perf_counter()
    try:
        status = client.call("/group-buy/flash/ticket", line_id=ids["groupbuy_line_id"])
        # Who came before the gate was opened asks once more, as the page does.
        while status["state"] == "waiting" and status["place"] <= client.shop["units"]:
            answers.append((time.perf_counter() - started, status["state"]))
            time.sleep(status["poll"])
            started = time.perf_counter()
            path = f"/group-buy/flash/{ids['groupbuy_line_id']}/status"
            status = client.session.get(client.server.url + path, timeout=60).json()
        answers.append((time.perf_counter() - started, status["state"]))
        if status["state"] == "admitted":
            started = time.perf_counter()
            added = client.call("/shop/cart/add", quantity=1, **ids)
            state = "in the cart" if added["quantity"] == 1 else str(added)
            answers.append((time.perf_counter() - started, state))
    except (ToolError, OSError, ValueError) as error:
        answers.append((time.perf_counter() - started, str(error)))
    return answers


def _percentile(answers):
    """Return the 95th percentile of the answers, in milliseconds."""
    seconds = [seconds for seconds, _outcome in answers]
    return 1000 * statistics.quantiles(seconds, n=20)[-1]


def _count_sold(env, db, shop):
    """Return what was sold, and check that the counter says the same."""
    line_id = shop["ids"]["groupbuy_line_id"]
    taken, held = (
        int(float(value))
        for value in env.sql(
            db,
            "SELECT q.taken, (SELECT COALESCE(sum(quantity), 0) FROM groupbuy_hold h"
            " WHERE h.line_id = q.line_id AND h.state IN ('held', 'paid'))"
            f" FROM groupbuy_quota q WHERE q.line_id = {line_id}",
        ).split("\t")
    )
    if taken != held:
        raise ToolError(f"the counter says {taken}, the holds say {held}")
    return taken
