"""Find or fetch Odoo 19 Community.

Tried in this order, and said which: `ODOO_PATH` (a checkout or an installed Odoo),
`ODOO_DEB` (a package file), Debian's package odoo-19, a shallow git clone.
"""

import json
import os
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from .console import ToolError, last_line, run

SERIES = (19, 0)
GIT_REPOSITORY = "https://github.com/odoo/odoo"
GIT_SECONDS = 900

# The package's relative links lead into these; they are unpacked beside it.
_COMPANIONS = (
    "fonts-glyphicons-halflings",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
# From a stable suite: unstable's font-awesome has other file names.
_STABLE_COMPANIONS = ("fonts-font-awesome", "fonts-inconsolata")
_UNSTABLE = "sid"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class OdooSource:
    """Where Odoo lies.

    `root` is the folder to put on PYTHONPATH, `key` changes with the version.
    """

    kind: str
    root: Path
    key: str

    @property
    def addons_paths(self):
        """The folders of Odoo's own addons."""
        inner, outer = self.root / "odoo" / "addons", self.root / "addons"
        # Installed, all modules lie in the first; Debian leaves copies of their
        # Python files in the second, which in a checkout has most modules.
        is_installed = (inner / "web" / "__manifest__.py").is_file()
        paths = [inner] if is_installed else [inner, outer]
        return [path for path in paths if path.is_dir()]

    def module_folder(self, name):
        """Return the folder of one of Odoo's own modules, None if there is none."""
        for path in self.addons_paths:
            if (path / name / "__manifest__.py").is_file():
                return path / name
        return None


def ensure(cache, progress):
    """Return the Odoo to use, fetching it when the machine has none.

    :raises ToolError: when none of the ways works.
    """
    if chosen := os.environ.get("ODOO_PATH"):
        source = _from_path(Path(chosen))
        progress.say(f"Odoo {source.key} from ODOO_PATH")
        return source
    folder = cache / "odoo"
    deb = os.environ.get("ODOO_DEB")
    if source := _remembered(folder, deb):
        progress.say(f"Odoo {source.key} ({source.kind}), already here")
        return source
    ways = [("the package of ODOO_DEB", lambda: _from_deb_file(folder, Path(deb)))]
    if not deb:
        ways = [
            ("Debian's package odoo-19", lambda: _from_debian(folder)),
            ("a git clone of branch 19.0", lambda: _from_git(folder)),
        ]
    refusals = []
    for title, fetch in ways:
        try:
            with progress.step(f"Odoo: fetching {title}"):
                source = fetch()
        except ToolError as error:
            refusals.append(f"{title}: {error}")
            progress.say(f"Odoo: {title} is not to be had: {error}")
            continue
        _remember(folder, source, deb)
        progress.say(f"Odoo {source.key} ({source.kind})")
        return source
    raise ToolError(
        "no Odoo 19 could be had; set ODOO_PATH to a checkout or an installed Odoo 19,"
        " or ODOO_DEB to a package file. Tried: " + "; ".join(refusals)
    )


def _remembered(folder, deb):
    stamp = folder / "source.json"
    if not stamp.is_file():
        return None
    known = json.loads(stamp.read_text("utf-8"))
    source = OdooSource(known["kind"], Path(known["root"]), known["key"])
    return source if known["deb"] == deb and source.addons_paths else None


def _remember(folder, source, deb):
    known = asdict(source) | {"root": str(source.root), "deb": deb}
    (folder / "source.json").write_text(json.dumps(known), "utf-8")


def _release(root):
    """Return the version that `release.py` states, None where there is none."""
    release = root / "odoo" / "release.py"
    if not release.is_file():
        return None
    stated = re.search(
        r"^version_info = \((\d+), *(\d+)", release.read_text("utf-8"), re.MULTILINE
    )
    return tuple(int(part) for part in stated.groups()) if stated else None


def _from_path(path):
    candidates = [
        path,
        path.parent,
        path / "usr/lib/python3/dist-packages",
        *path.glob("lib/python3*/site-packages"),
    ]
    for root in candidates:
        version = _release(root)
        if version == SERIES:
            return OdooSource("ODOO_PATH", root.absolute(), _checkout_key(root))
        if version:
            stated = ".".join(str(part) for part in version)
            raise ToolError(
                f"ODOO_PATH={path} is Odoo {stated}; version 19.0 it must be"
            )
    raise ToolError(f"ODOO_PATH={path} holds no Odoo (no odoo/release.py in it)")


def _checkout_key(root):
    done = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    is_checkout = (root / ".git").exists() and done.returncode == 0
    return f"19.0-{done.stdout.strip()}" if is_checkout else "19.0"


def _from_deb_file(folder, deb):
    if not deb.is_file():
        raise ToolError(f"ODOO_DEB={deb} is not a file")
    apt = _PrivateApt(folder / "apt")
    return _unpack(folder, deb, apt.download())


def _from_debian(folder):
    apt = _PrivateApt(folder / "apt")
    packages = apt.download("odoo-19")
    deb = next(path for path in packages if path.name.startswith("odoo-19_"))
    return _unpack(folder, deb, [path for path in packages if path != deb])


def _unpack(folder, deb, companions):
    version = run(["dpkg-deb", "-f", deb, "Version"], why="reading the package").stdout
    key = version.strip()
    target = folder / f"debian-{key}"
    partial = folder / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    for package in (deb, *companions):
        run(["dpkg", "-x", package, partial], why=f"unpacking {package.name}")
    root = Path("usr/lib/python3/dist-packages")
    if _release(partial / root) != SERIES:
        raise ToolError(f"{deb.name} is not Odoo 19.0")
    partial.rename(target)
    shutil.rmtree(folder / "apt", ignore_errors=True)
    return OdooSource("Debian's package", target / root, key)


def _from_git(folder):
    target = folder / "git"
    shutil.rmtree(target, ignore_errors=True)
    command = ["git", "clone", "--quiet", "--depth", "1", "--branch", "19.0"]
    try:
        run(
            [*command, GIT_REPOSITORY, target],
            why="git clone",
            timeout=GIT_SECONDS,
            env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"no answer within {GIT_SECONDS} s") from error
    return OdooSource("git", target, _checkout_key(target))


class _PrivateApt:
    """apt-get with sources and lists of its own, beside the machine's.

    Nothing of the machine's own set-up is changed, and no root is needed; apt still
    verifies signatures and checksums. The mirror is the machine's own.
    """

    def __init__(self, folder):
        if not shutil.which("apt-get"):
            raise ToolError("apt-get is not on this machine")
        if not _KEYRING.is_file():
            raise ToolError("the package debian-archive-keyring is not installed")
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        for inner in ("lists/partial", "cache/archives/partial", "debs"):
            (folder / inner).mkdir(parents=True)
        self.stable = self._own_suite()
        mirror = self._mirror()
        sources = folder / "sources.list"
        lines = [
            f"deb [signed-by={_KEYRING}] {mirror} {suite} main\n"
            for suite in (_UNSTABLE, self.stable)
        ]
        sources.write_text("".join(lines), "utf-8")
        options = {
            "Dir::Etc::sourcelist": sources,
            "Dir::Etc::sourceparts": "-",
            "Dir::State::Lists": folder / "lists",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": folder / "cache",
            "Acquire::Languages": "none",
        }
        self.command = ["apt-get", "-q"]
        for name, value in options.items():
            self.command += ["-o", f"{name}={value}"]

    @staticmethod
    def _own_suite():
        stated = dict(
            line.rstrip().split("=", 1)
            for line in Path("/etc/os-release").read_text("utf-8").splitlines()
            if "=" in line
        )
        if stated.get("ID") != "debian":
            raise ToolError("this machine is not Debian")
        suite = stated.get("VERSION_CODENAME", "").strip('"')
        return suite if "sid" not in stated.get("PRETTY_NAME", "") else "trixie"

    @staticmethod
    def _mirror():
        command = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
        command.append("Created-By: Packages")
        # Before the first update of the machine's lists the origin is unknown.
        for filters in (["Origin: Debian"], []):
            listed = run([*command, *filters], why="reading apt's sources").stdout
            for uri in listed.split():
                if "security" not in uri:
                    return uri
        raise ToolError("apt has no Debian mirror configured")

    def download(self, *packages):
        """Fetch Odoo's companions and more packages of unstable; return the files."""
        wanted = [f"{name}/{_UNSTABLE}" for name in (*packages, *_COMPANIONS)]
        wanted += [f"{name}/{self.stable}" for name in _STABLE_COMPANIONS]
        self._apt("update")
        self._apt("download", *wanted)
        return sorted((self.folder / "debs").glob("*.deb"))

    def _apt(self, *arguments):
        command = [*self.command, *arguments]
        done = run(command, check=False, cwd=self.folder / "debs")
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line[:2] == "E:"]
            reason = errors[0][2:].strip() if errors else last_line(done.stderr)
            raise ToolError(f"apt-get {arguments[0]}: {reason}")
