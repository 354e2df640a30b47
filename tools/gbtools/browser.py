"""The programs of Debian that browser tests and papers need."""

import os
import shutil
import subprocess
import tempfile

from .console import ToolError, last_line, run

# Program that shows that the package is there, and what it is for.
_PACKAGES = {
    "chromium": ("chromium", "browser tests"),
    "wkhtmltopdf": ("wkhtmltopdf", "PDF papers"),
    "poppler-utils": ("pdftotext", "checks of PDF papers"),
    "fontconfig": ("fc-list", "fonts in PDF papers"),
    "fonts-noto-cjk": (None, "Chinese text in screenshots and PDF papers"),
}
ALL = tuple(_PACKAGES)
PAPERS = ("wkhtmltopdf", "fontconfig", "fonts-noto-cjk")
_BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def executable():
    """Return the browser that Odoo's tours and Playwright use, None without one."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def missing_packages(wanted=ALL):
    """Return the names of those of the wanted packages that this machine lacks."""
    missing = []
    for package in wanted:
        program, _purpose = _PACKAGES[package]
        if package == "chromium":
            present = executable()
        elif program:
            present = shutil.which(program)
        else:
            present = _has_chinese_font()
        if not present:
            missing.append(package)
    return missing


def _has_chinese_font():
    if not shutil.which("fc-list"):
        return False
    done = subprocess.run(
        ["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False
    )
    return bool(done.stdout.strip())


def ensure(cache, progress, wanted=ALL):
    """Install what is missing as root; otherwise say how to get it.

    :param tuple wanted: names of packages, ALL or PAPERS.
    :raises ToolError: when something stays missing.
    """
    missing = missing_packages(wanted)
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        with progress.step(f"apt-get install {' '.join(missing)}"):
            _apt_install(missing, cache / "log" / "apt.log")
        missing = missing_packages(wanted)
    if missing:
        purposes = ", ".join(_PACKAGES[name][1] for name in missing)
        raise ToolError(
            f"missing for {purposes}; as root: apt-get install {' '.join(missing)}"
        )


def check_start():
    """Start the browser once, so that the first tour does not wait for a cold start.

    :raises ToolError: when it does not start; Odoo would skip its tours then.
    """
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    flags += " --disable-background-networking --disable-component-update"
    with tempfile.TemporaryDirectory() as profile:
        command = [executable(), *flags.split(), "--disable-sync"]
        command += [f"--user-data-dir={profile}", "--dump-dom", "about:blank"]
        try:
            done = run(command, check=False, timeout=90)
        except subprocess.TimeoutExpired as error:
            raise ToolError(f"{command[0]} does not start within 90 s") from error
    if "<html" not in done.stdout:
        raise ToolError(f"{command[0]} does not start: {last_line(done.stderr)}")


def _apt_install(packages, log):
    command = ["apt-get", "-y", "-q", "--no-install-recommends", "install", *packages]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = run(command, log=log, env=environment, check=False)
    if done.returncode:
        # The lists of packages may be absent or too old.
        run(["apt-get", "-q", "update"], log=log, why="apt-get update")
        run(command, log=log, env=environment, why="apt-get install")
