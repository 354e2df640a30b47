"""`make run`: the demo shop on this machine."""

import json
import signal
import socket

from . import addons, browser
from .console import ToolError
from .paths import TOOLS

DEFAULT_PORT = 8069
DEFAULT_DB = "groupbuy"
_ORDERS = """
import sys
sys.path.insert(0, {tools!r})
import demo_orders
demo_orders.main(env)
"""


def prepare_db(env, db):
    """Make the demo database, or bring its addons up to date when they changed."""
    wanted = addons.content_hash()
    if not env.db_exists(db):
        env.create_db(db, env.installed_db("demo"))
        env.progress.say(f"Database {db}: copied from the demo template")
        with env.progress.step("The demo's residents order and pay, campaigns close"):
            env.shell(db, _ORDERS.format(tools=str(TOOLS)))
    elif env.get_mark(db).get("addons") == wanted:
        env.progress.say(f"Database {db}, already here and up to date")
        return
    else:
        env.update_addons(db)
    env.set_mark(db, {"addons": wanted})


def run(env, port=DEFAULT_PORT, db=DEFAULT_DB):
    """Serve the demo shop until Ctrl-C."""
    _check_port(port)
    try:
        browser.ensure(env.cache, env.progress, browser.PAPERS)
    except ToolError as error:
        env.progress.say(str(error))  # the shop serves without them
    prepare_db(env, db)
    # SIGINT too: a shell that starts us in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    env.progress.say(f"Server of database {db}: starting")
    with env.start_server(db, port=port, cron=1) as server:
        try:
            server.wait_ready()
            _print_addresses(env, server)
            server.process.wait()
        except KeyboardInterrupt:
            print()
            env.progress.say("stopping")
            return
    raise ToolError(f"the server ended by itself, see {server.log}")


def _check_port(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ToolError(
                f"port {port} is taken; choose another: make run PORT={port + 1}"
            ) from error


def _print_addresses(env, server):
    env.progress.say("ready; Ctrl-C ends it")
    rows = [("shop", f"{server.url}/shop", "", "")]
    if "community_groupbuy" in addons.manifests():
        rows.append(("group campaigns", f"{server.url}/group-buy", "", ""))
    logins = json.loads((TOOLS / "demo_logins.json").read_text("utf-8"))
    rows += [
        (row["role"], server.url + row["url"], row["login"], row["password"])
        for row in logins
        # Where to start may be a page of an addon that was left out.
        if row.get("addon", "community_groupbuy") in addons.manifests()
    ]
    headings = ("who", "address", "login", "password")
    widths = [max(len(row[column]) for row in [headings, *rows]) for column in range(4)]
    print()
    for row in [headings, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  " + "  ".join(cells).rstrip())
    print(f"\n  log: {server.log}\n", flush=True)
