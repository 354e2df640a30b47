#!/usr/bin/env python3
"""The commands of the repository; `make run` is `python3 tools/groupbuy.py run`.

What they take comes from the environment: PORT and DB (run), K (test), BASKETS and
LIMIT (demo), ONLY (bench), GROUPBUY_CACHE (where everything lands), ODOO_PATH and
ODOO_DEB (which Odoo).
"""

import argparse
import os
import subprocess
import sys

from gbtools import (
    Environment,
    Progress,
    ToolError,
    browser,
    checks,
    lint,
    postgres,
    serve,
)
from gbtools.paths import REPOSITORY, TOOLS, cache_folder


def command_run(progress):
    """set up, make the demo database, serve until Ctrl-C"""
    port = os.environ.get("PORT") or str(serve.DEFAULT_PORT)
    if not port.isdigit():
        raise ToolError(f"PORT={port} is no number")
    env = Environment.ensure(progress)
    serve.run(env, int(port), os.environ.get("DB") or serve.DEFAULT_DB)
    return 0


def command_demo(progress):
    """the main job from end to end in a fresh database"""
    browser.ensure(cache_folder(), progress, browser.PAPERS)
    return _run_script("demo", progress)


def command_test(progress):
    """the tests of the addons and of tests/; K=pattern narrows"""
    return checks.run(progress, os.environ.get("K") or None)


def command_lint(progress):
    """style, translations, the linters of OCA and of Odoo"""
    return lint.run_all(progress)


def command_format(progress):
    """rewrite the sources as ruff and prettier want them"""
    return lint.rewrite(progress)


def command_i18n(progress):
    """export the addons' terms and add new ones to the Chinese files"""
    return lint.update_translations(progress)


def command_bench(progress):
    """the benchmark; writes build/bench.json"""
    return _run_script("bench", progress)


def command_setup(progress):
    """set up Odoo, Python and PostgreSQL, and nothing more"""
    Environment.ensure(progress)
    return 0


def command_stop(progress):
    """stop the private PostgreSQL server"""
    cluster = postgres.find(cache_folder())
    if cluster and cluster.is_running():
        cluster.stop()
        progress.say("PostgreSQL stopped")
    else:
        progress.say("PostgreSQL is not running")
    return 0


def _run_script(name, progress):
    """Run tools/<name>.py, which has a function main(), in the virtual environment."""
    if not (TOOLS / f"{name}.py").is_file():
        raise ToolError(f"tools/{name}.py is not there")
    env = Environment.ensure(progress)
    return subprocess.run(
        [env.python, "-c", f"import sys, {name}; sys.exit({name}.main())"],
        cwd=REPOSITORY,
        env=env.process_environment(PYTHONPATH=TOOLS),
        check=False,
    ).returncode


COMMANDS = {
    "run": command_run,
    "demo": command_demo,
    "test": command_test,
    "lint": command_lint,
    "bench": command_bench,
    "format": command_format,
    "i18n": command_i18n,
    "setup": command_setup,
    "stop": command_stop,
}


def main():
    """Run one command and return the exit code."""
    listed = "\n".join(f"  {name:6} {do.__doc__}" for name, do in COMMANDS.items())
    parser = argparse.ArgumentParser(
        description=f"{__doc__}\ncommands:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    command = COMMANDS[parser.parse_args().command]
    try:
        return command(Progress())
    except ToolError as error:
        print(f"groupbuy: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
