# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The pages of a campaign against the stock shop's, over HTTP."""

import statistics
import time

from . import odoo
from .client import Client
from .rows import at_most

REPETITIONS = 100
WARM_UP = 8
PRODUCTS = 3_000
JOINERS = 40


def measure(bench):
    """Return the rows of this subject.

    :param Bench bench: the run.
    """
    repetitions = bench.scaled(REPETITIONS, 20)
    env = bench.env
    with (
        bench.database("pages_ours", "installed") as ours,
        bench.database("pages_stock", "stock") as stock,
    ):
        shops = []
        for db in (ours, stock):
            with bench.progress.step(f"Database {db}: {PRODUCTS} products"):
                shops.append(
                    odoo.call(env, db, "shop_odoo", "prepare", products=PRODUCTS)
                )
            env.sql(db, "ANALYZE")
        with (
            env.start_server(ours) as our_server,
            env.start_server(stock) as stock_server,
        ):
            our_server.wait_ready()
            stock_server.wait_ready()
            resident = Client(our_server, shops[0])
            resident.sign_in(ours)
            with bench.progress.step(f"{JOINERS} orders join the campaign"):
                for _ in range(JOINERS):
                    resident.order()
            visitors = Client(our_server, shops[0]), Client(stock_server, shops[1])
            page = compare(
                visitors,
                (shops[0]["campaign_url"], shops[1]["product_url"]),
                repetitions,
            )
            listed = compare(
                visitors, (shops[0]["large_campaign_url"], "/shop"), repetitions
            )
    return [
        at_most("campaign page against product page", *page, "ms/page", 1.5),
        at_most(
            f"campaign of {PRODUCTS:,} lines against /shop", *listed, "ms/page", 2.0
        ),
    ]


def compare(visitors, paths, repetitions):
    """Return the median milliseconds of two pages, asked for in turns.

    :param visitors: our client and the other.
    :param paths: our page and the other.
    """
    seconds = ([], [])
    for number in range(WARM_UP + repetitions):
        for side in (0, 1) if number % 2 else (1, 0):
            started = time.perf_counter()
            visitors[side].get(paths[side])
            seconds[side].append(time.perf_counter() - started)
    return [1000 * statistics.median(values[WARM_UP:]) for values in seconds]
