"""What the commands print, and how they run other programs."""

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager


class ToolError(Exception):
    """Something is missing or failed; the message is one line for the user."""


class Progress:
    """Print one line per step, each with the seconds since the command began.

    :param bool quiet: print nothing.
    """

    def __init__(self, quiet=False, stream=None):
        self.quiet = quiet
        self.stream = stream or sys.stdout
        self.started = time.monotonic()
        self._lock = threading.Lock()

    def say(self, text):
        """Print one line."""
        if self.quiet:
            return
        with self._lock:
            seconds = time.monotonic() - self.started
            print(f"[{seconds:6.1f} s] {text}", file=self.stream, flush=True)

    @contextmanager
    def step(self, text):
        """Announce a step that takes a while, and say how long it took."""
        self.say(f"{text} …")
        started = time.monotonic()
        yield
        self.say(f"{text}: {time.monotonic() - started:.1f} s")


def run(command, *, log=None, check=True, why="", **options):
    """Run a program to its end without standard input.

    :param list command: the program and its arguments.
    :param Path log: a file that receives what the program prints; without one it is
        captured.
    :param str why: what the program was to do, for the message of a failure.
    :return: the finished process; `stdout` and `stderr` as text when captured.
    :raises ToolError: when the program is absent or, with `check`, fails.
    """
    command = [str(part) for part in command]
    options.setdefault("stdin", subprocess.DEVNULL)
    why = why or os.path.basename(command[0])
    try:
        if log:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("ab") as output:
                done = subprocess.run(
                    command, stdout=output, stderr=subprocess.STDOUT, **options
                )
        else:
            done = subprocess.run(command, capture_output=True, text=True, **options)
    except FileNotFoundError as error:
        raise ToolError(f"{why}: {command[0]} is not on this machine") from error
    if check and done.returncode:
        detail = f"see {log}" if log else reason(done.stderr or done.stdout)
        raise ToolError(f"{why} failed (exit code {done.returncode}): {detail}")
    return done


def reason(text):
    """Return the line of a program's output that most likely says why it failed."""
    lines = (text or "").splitlines()
    telling = [line for line in lines if re.search(r"(?i)\b(error|fatal):", line)]
    return last_line(telling[0] if telling else text)


def last_line(text):
    """Return the last line of a text that says something."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"


def clean_environment(**extra):
    """Return the process environment without what would redirect Odoo or libpq.

    A machine that also serves another Odoo may export PGHOST or ODOO_RC; our
    commands must not reach that one.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "ODOO_")) and name != "PYTHONPATH"
    }
    kept.update({name: str(value) for name, value in extra.items()})
    return kept
