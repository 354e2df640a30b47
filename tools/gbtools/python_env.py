"""The virtual environment that Odoo and the checks run in."""

import hashlib
import os
import shutil
import subprocess
import sys

from .console import ToolError, run
from .paths import REPOSITORY, REQUIREMENTS

OLDEST, NEWEST = (3, 10), (3, 13)


def ensure(cache, progress):
    """Return the Python of the virtual environment, made or brought up to date."""
    folder = cache / "venv"
    python = folder / "bin" / "python"
    stamp = folder / "requirements.sha256"
    wanted = _requirements_digest()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted and _works(python):
        progress.say("Python packages, already here")
        return python
    with progress.step("Python packages: making the virtual environment"):
        uv = shutil.which("uv")
        log = cache / "log" / "venv.log"
        if not _works(python):
            shutil.rmtree(folder, ignore_errors=True)
            _create(folder, uv, log, progress)
        _install(python, uv, log)
    stamp.write_text(wanted, "utf-8")
    return python


def _requirements_digest():
    files = sorted(REPOSITORY.glob("requirements*.txt"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _works(python):
    if not python.exists():
        return False
    done = subprocess.run(
        [str(python), "-c", ""], stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode == 0


def _interpreter():
    """Return a Python that Odoo 19 runs on.

    :raises ToolError: when there is none.
    """
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        if found := shutil.which(f"python3.{minor}"):
            return found
    raise ToolError(
        "Odoo 19 runs on Python 3.10 to 3.13 and none of them is on PATH; "
        "on Debian: apt-get install python3 python3-venv"
    )


def _create(folder, uv, log, progress):
    interpreter = _interpreter()
    if uv:
        run([uv, "venv", "-q", "-p", interpreter, folder], log=log, why="uv venv")
        return
    done = run([interpreter, "-c", "import ensurepip"], check=False)
    if done.returncode and os.geteuid() == 0 and shutil.which("apt-get"):
        progress.say("apt-get install python3-venv …")
        install = ["apt-get", "install", "-y", "--no-install-recommends"]
        run([*install, "python3-venv"], log=log, why="apt-get install python3-venv")
    elif done.returncode:
        raise ToolError(
            "Python's venv module is missing; as root: apt-get install python3-venv"
        )
    run([interpreter, "-m", "venv", folder], log=log, why="python -m venv")


def _install(python, uv, log):
    """Install the pins with uv where it is, else with pip.

    uv does not read pip's configuration, so it is told pip's index.
    """
    if not uv:
        command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        run([*command, "-r", REQUIREMENTS], log=log, why="pip install")
        return
    environment = dict(os.environ)
    listed = run([sys.executable, "-m", "pip", "config", "list"], check=False).stdout
    for line in listed.splitlines():
        name, _equals, value = line.partition("=")
        if name.endswith(".index-url"):
            environment.setdefault("UV_DEFAULT_INDEX", value.strip("'\""))
    run(
        [uv, "pip", "install", "-q", "-p", python, "-r", REQUIREMENTS],
        log=log,
        why="uv pip install",
        env=environment,
    )
