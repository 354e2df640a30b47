"""A running Odoo server, and processes that lead a group of their own."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress

from .console import ToolError, last_line


class Server:
    """A running Odoo server and all its processes.

    Used as a context manager it is stopped at the end.
    """

    def __init__(self, command, environment, port, log):
        self.port = port
        self.url = f"http://localhost:{port}"
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.stop()

    def wait_ready(self, timeout=120):
        """Wait until the server answers with its database loaded.

        :raises ToolError: when it ends or does not answer in time.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                code = self.process.returncode
                raise ToolError(
                    f"the server ended with exit code {code}, see {self.log}: "
                    + log_reason(self.log)
                )
            try:
                with urllib.request.urlopen(f"{self.url}/web/login", timeout=30):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise ToolError(f"the server did not answer in {timeout} s, see {self.log}")

    def kill(self, number=signal.SIGKILL):
        """Send a signal to all processes of the server at once and wait for it."""
        _signal_group(self.process, number)
        self.process.wait()

    def stop(self, timeout=20):
        """Ask the server to end, and end it when it does not."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout)
        end_group(self.process)


def free_port():
    """Return a TCP port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _signal_group(process, number):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def end_group(process):
    """End what is left of a process that leads a group of its own."""
    _signal_group(process, signal.SIGKILL)
    process.wait()


def log_reason(log):
    """Return the last line of a log that names an error."""
    lines = log.read_text("utf-8", "replace").splitlines()
    errors = [line for line in lines if re.search(r"Error\b|CRITICAL|ERROR", line)]
    return last_line("\n".join(errors or lines))[:300]
