# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""`make demo`: real baskets become paid orders, purchases, pickups and invoices.

BASKETS names another file of baskets, LIMIT reads only so many of them. What comes of
them is counted a second time, on paper; see docs/demo.md.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from gbdemo.baskets import BasketError, read_baskets, read_limit
from gbdemo.catalogue import count_points, merge_names, read_products
from gbdemo.commission import commission_differences
from gbdemo.promotion_rules import promotion_differences
from gbdemo.recount import differences, recount, recount_pickup
from gbdemo.rules import LEADERS, TOO_FEW, make_offer

from gbtools import Environment, Progress, ToolError, addons
from gbtools.paths import BUILD, REPOSITORY, TOOLS

DEFAULT_BASKETS = TOOLS / "demo_baskets.csv"
REPORT = BUILD / "demo-report.json"
PAPERS = BUILD / "papers"
DATABASE = "groupbuy_demo"
DEMO_DATA = REPOSITORY / "addons/community_groupbuy/demo"
DEMO_PRODUCTS = DEMO_DATA / "product_demo.xml"
DEMO_POINTS = DEMO_DATA / "groupbuy_community_demo.xml"
# With this addon goods are received, collected and complained about at the points.
PICKUP_ADDON = "groupbuy_verification"
# With this one leaders run the points, and are paid for it.
LEADER_ADDON = "groupbuy_leader"
# With this one residents join in teams, by flash sales, coupons and invitations.
PROMOTION_ADDON = "groupbuy_marketing"
_SCRIPT = """
import sys
sys.path.insert(0, {tools!r})
from gbdemo import replay
replay.main(env, {settings!r})
"""


def main():
    """Run the demo and return the exit code.

    :return: 0; 1 when the baskets cannot be read or a figure of the report is not
        what follows from the file and the tiers.
    :rtype: int
    """
    progress = Progress()
    try:
        path = Path(os.environ.get("BASKETS") or DEFAULT_BASKETS)
        limit = read_limit(os.environ.get("LIMIT"))
        baskets = read_baskets(path, limit)
        products = read_products(DEMO_PRODUCTS)
        merge_names(baskets, products)
        progress.say(
            f"{len(baskets.rows)} baskets with {len(baskets.names)} different items "
            f"from {path} ({baskets.encoding}, {baskets.empty} empty lines)"
        )
        env = Environment.ensure(progress)
        with env.claimed_db(DATABASE) as db:
            with progress.step(f"Database {db}: a fresh copy"):
                env.create_db(db, env.installed_db("demo"))
            result = replay_in_odoo(env, db, baskets, products, progress)
    except (BasketError, ToolError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return report(result, baskets, products, progress)


def replay_in_odoo(env, db, baskets, products, progress):
    """Run :mod:`gbdemo.replay` in Odoo's shell and return its result.

    :raises ToolError: when it fails.
    """
    BUILD.mkdir(exist_ok=True)
    result_path = BUILD / "demo-result.json"
    result_path.unlink(missing_ok=True)
    baskets_path = BUILD / "demo-baskets.json"
    known = {key: products[key].xmlid for key in baskets.names if key in products}
    baskets_path.write_text(
        json.dumps({"rows": baskets.rows, "names": baskets.names, "known": known}),
        "utf-8",
    )
    settings = {
        "baskets": str(baskets_path),
        "result": str(result_path),
        "papers": str(PAPERS),
    }
    log = BUILD / "demo.log"
    with log.open("w", encoding="utf-8") as errors:
        shell = subprocess.Popen(
            env.odoo_cmd("shell", "-d", db, "--no-http"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=env.process_environment(),
        )
        shell.stdin.write(_SCRIPT.format(tools=str(TOOLS), settings=settings))
        shell.stdin.close()
        for line in shell.stdout:
            progress.say(line.rstrip())
        shell.wait()
    if shell.returncode or not result_path.is_file():
        lines = [line for line in log.read_text("utf-8").splitlines() if line.strip()]
        raise ToolError(f"{lines[-1] if lines else 'Odoo ended'}; see {log}")
    result = json.loads(result_path.read_text("utf-8"))
    result_path.unlink()
    baskets_path.unlink()
    return result


def report(result, baskets, products, progress):
    """Write the report, check it against a recount, and sum it up on one screen.

    :return: 0, or 1 when a figure is not what the recount says.
    :rtype: int
    """
    campaigns = result["campaigns"]
    with progress.step("recount from the file and the rules"):
        started = time.monotonic()
        found = check(campaigns, baskets, products)
        if PROMOTION_ADDON in addons.names():
            found += promotion_differences(result["promotions"])
        result["seconds"]["recount"] = round(time.monotonic() - started, 2)
    text = json.dumps(
        {name: result[name] for name in ("campaigns", "promotions", "seconds")},
        ensure_ascii=False,
        indent=2,
    )
    REPORT.write_text(text + "\n", "utf-8")
    print_summary(campaigns, result["promotions"], result["seconds"])
    for sentence in found[:20]:
        print(f"demo: {sentence}", file=sys.stderr)
    if found:
        print(f"demo: {len(found)} figures differ from the recount", file=sys.stderr)
        return 1
    print("  Each figure is what the file and the rules say.")
    return 0


def check(campaigns, baskets, products):
    """Return a sentence for each figure that does not follow from file and tiers."""
    offers = {
        key: make_offer(key, products[key].list_price if key in products else None)
        for key in baskets.names
    }
    # What must be there follows from the addons, not from what the report has.
    present = addons.names()
    points = LEADERS if LEADER_ADDON in present else count_points(DEMO_POINTS)
    found = []
    for campaign, succeeded in zip(campaigns, (True, False), strict=True):
        rows = baskets.rows if succeeded else baskets.rows[:TOO_FEW]
        keys = dict.fromkeys(key for row in rows for key in row)
        offered = {key: offers[key] for key in keys}
        expected = recount(rows, offered)
        if PICKUP_ADDON in present:
            expected = recount_pickup(rows, expected, points)
        found += differences(campaign, expected, offered, baskets.names, succeeded)
        # How prices are taxed is a fact of the shop; it is no figure of the report.
        tax = campaign.pop("tax_percent", "0")
        if LEADER_ADDON in present:
            found += commission_differences(campaign, rows, expected, succeeded, tax)
    return found


def print_summary(campaigns, promotions, seconds):
    """Print what a reader wants to know first."""
    print()
    headings = ["", *(campaign["name"] for campaign in campaigns)]
    rows = [
        [name, *(str(campaign[key]) for campaign in campaigns)]
        for name, key in (
            ("state", "state"),
            ("residents", "people"),
            ("paid orders", "orders"),
            ("charged, CNY", "charged"),
            ("refunded, CNY", "refunded"),
            ("invoiced, CNY", "invoiced"),
            ("purchase orders", "purchase_orders"),
            ("transfers to points", "deliveries"),
            ("units received there", "received"),
            ("  missing", "short"),
            ("  damaged", "damaged"),
            ("residents who collected", "pickups"),
            ("  who did not come", "unclaimed"),
            ("  for whom nothing was left", "nothing_left"),
            ("cases", "cases"),
            ("  closed", "cases_closed"),
            ("commission, CNY", "commission"),
            ("settled and paid, CNY", "settled"),
        )
        if key in campaigns[0]
    ]
    rows.insert(1, ["products", *(str(len(c["lines"])) for c in campaigns)])
    fallen = [
        sum(line["final_price"] != line["start_price"] for line in campaign["lines"])
        for campaign in campaigns
    ]
    rows.insert(2, ["  with a fallen price", *map(str, fallen)])
    widths = [max(len(row[n]) for row in [headings, *rows]) for n in range(3)]
    for row in [headings, *rows]:
        cells = [row[0].ljust(widths[0])]
        cells += [row[n].rjust(widths[n]) for n in (1, 2)]
        print("  " + "   ".join(cells))
    if promotions:
        print()
    for name, value in promotions.items():
        print(f"  {name.replace('_', ' ').ljust(widths[0])}   {value}")
    spent = ", ".join(f"{name} {value:.0f} s" for name, value in seconds.items())
    print(f"\n  {spent}")
    print(f"  {REPORT}\n  {PAPERS}/: the papers as PDF and XLSX", flush=True)
