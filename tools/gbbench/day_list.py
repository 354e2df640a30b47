# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The list of the day at a pickup point against the stock portal's list of orders."""

import statistics
import time
from dataclasses import replace

from . import cloning, odoo
from .client import Client, QueryLog
from .rows import at_most

ISSUE = 3
PRODUCTS = 60
ORIGINALS = 20
PEOPLE = 500
# What one page of the stock list shows.
ORDERS = 80
REPETITIONS = 60
WARM_UP = 8
# What a manager types, letter by letter.
TYPED = "Resident 14"


def measure(bench):
    """Return the rows of this subject.

    Both lists come from one server and one database, asked for in turns. The first
    load of ours is all that the server answers until the list is there: the app's page
    and the list. The search is the route's; the app itself searches what it has loaded.

    :param Bench bench: the run.
    """
    repetitions = bench.scaled(REPETITIONS, 15)
    people = bench.scaled(PEOPLE, ORIGINALS)
    env = bench.env
    with bench.database("day_list", "installed", "demo") as db:
        with bench.progress.step(f"{people} transfers arrive at a point"):
            odoo.call(
                env,
                db,
                "receipt_odoo",
                "join",
                people=ORIGINALS,
                products=PRODUCTS,
            )
            cloning.grow(env.cluster.dsn(db, "postgres"), people)
            odoo.call(env, db, "receipt_odoo", "bring")
            shop = odoo.call(env, db, "day_list_odoo", "prepare", orders=ORDERS)
        env.sql(db, "ANALYZE")
        with env.start_server(db) as server:
            server.wait_ready()
            manager, buyer = Client(server, shop), Client(server, shop)
            manager.sign_in(db, shop["manager"])
            buyer.sign_in(db, shop["buyer"])
            _check(manager, buyer, people)
            first = _compare((_open_list(manager), _open_orders(buyer)), repetitions)
            search = _compare((_search(manager), _open_orders(buyer)), repetitions)
            queries = _count(server, _open_list(manager))
            searching = _count(server, lambda number: _search(manager)(number))
    rows = [
        at_most(
            f"day's list of {people} transfers, first load, against {ORDERS} orders",
            *first,
            "ms/load",
            1.5,
        ),
        at_most(
            f"search in {people} transfers, a letter, against {ORDERS} orders",
            *search,
            "ms/letter",
            1.5,
        ),
        at_most("day's list, first load", queries, None, "queries", 49),
        at_most("search in the day's list", searching, None, "queries", 49),
    ]
    return [replace(row, issue=ISSUE) for row in rows]


def _open_list(client):
    """Return a function that opens the app and loads its list."""

    def load(number):
        client.get(f"/my/points/{client.shop['point_id']}/scan")
        return client.call("/groupbuy/scan/list", point_id=client.shop["point_id"])

    return load


def _search(client):
    """Return a function that searches for what has been typed so far."""

    def search(number):
        text = TYPED[: number % len(TYPED) + 1]
        return client.call(
            "/groupbuy/scan/list", point_id=client.shop["point_id"], search=text
        )

    return search


def _open_orders(client):
    """Return a function that opens the stock list."""
    return lambda number: client.get("/my/orders")


def _check(manager, buyer, people):
    """Check that both lists are what they are taken for."""
    rows = _open_list(manager)(0)["rows"]
    lines = sum(len(row["lines"]) for row in rows)
    if len(rows) != people or lines < people:
        raise AssertionError(f"{len(rows)} transfers of {lines} lines are listed")
    found = _search(manager)(len(TYPED) - 1)["rows"]
    if not 0 < len(found) < max(people / 2, 3):
        raise AssertionError(f"{len(found)} are found")
    if buyer.get("/my/orders").count('href="/my/orders/') < ORDERS:
        raise AssertionError("the stock list is shorter than it should be")


def _compare(actions, repetitions):
    """Return the median milliseconds of two actions, done in turns."""
    seconds = ([], [])
    for number in range(WARM_UP + repetitions):
        for side in (0, 1) if number % 2 else (1, 0):
            started = time.perf_counter()
            actions[side](number)
            seconds[side].append(time.perf_counter() - started)
    return [1000 * statistics.median(values[WARM_UP:]) for values in seconds]


def _count(server, action):
    """Return the most queries that an action has needed."""
    log = QueryLog(server)
    counts = []
    for number in range(len(TYPED)):
        action(number)
        # The line of a request is written after its answer was sent.
        time.sleep(0.05)
        counts.append(log.count())
    return max(counts)
