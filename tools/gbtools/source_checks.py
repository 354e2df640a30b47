"""Checks of the sources that need neither Odoo nor a database."""

import ast
import json
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from urllib.parse import urlsplit

from . import addons
from .console import run
from .paths import REPOSITORY, addons_folder

CORE = "community_groupbuy"
LICENCE = "LGPL-3"
_BINARY = {".gif", ".ico", ".jpg", ".mo", ".pdf", ".png", ".webp", ".woff2", ".xlsx"}
_NOT_OURS = {".git", ".ruff_cache", "__pycache__", "build"}
# Public registries, besides those that this machine is configured for.
_REGISTRIES = (
    r"\bpypi\.org",
    r"\bpythonhosted\.org",
    r"\bregistry\.npmjs\.",
    r"\b(?:deb|snapshot|security)\.debian\.",
)
_MACHINE_PATH = re.compile(r"(?<![\w.}/-])/(?:root|work|farm|Users/\w+|home/\w+)/")


def tracked_files():
    """Return the files of the repository, new ones included and ignored ones not."""
    listed = run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=False,
    )
    if listed.returncode:
        # Not a work tree, or somebody else's: what an archive would hold.
        paths = REPOSITORY.rglob("*")
        inner = {path: path.relative_to(REPOSITORY).parts for path in paths}
        found = (path for path in inner if not _NOT_OURS.intersection(inner[path]))
    else:
        found = (REPOSITORY / name for name in listed.stdout.split("\0") if name)
    return sorted(path for path in found if path.is_file())


def check_xml():
    """XML files are well-formed and JSON files are JSON."""
    complaints = []
    for path in sorted(addons_folder().rglob("*")):
        try:
            if path.suffix in (".xml", ".svg"):
                ElementTree.parse(path)
            elif path.suffix == ".json":
                json.loads(path.read_text("utf-8"))
        except (ElementTree.ParseError, ValueError) as error:
            complaints.append(f"{path}: {error}")
    return complaints


def check_dependencies(odoo_source):
    """Our addons form a star, and depend on LGPL-3 modules of Odoo only."""
    complaints = []
    ours = addons.manifests()
    for addon, manifest in ours.items():
        if manifest.get("license") != LICENCE:
            complaints.append(f"{addon}: license is not {LICENCE}")
        allowed = set() if addon == CORE else {CORE}
        if manifest.get("auto_install"):
            # A bridge between one leaf and a module of Odoo carries the leaf's name.
            allowed |= {leaf for leaf in ours if addon.startswith(f"{leaf}_")}
        if wrong := sorted(ours.keys() & set(manifest["depends"]) - allowed):
            complaints.append(
                f"{addon} depends on {', '.join(wrong)}: leaves stay apart"
            )
    for name in addons.stock_dependencies():
        folder = odoo_source.module_folder(name)
        if not folder:
            complaints.append(f"{name} is no module of this Odoo")
            continue
        text = (folder / "__manifest__.py").read_text("utf-8")
        licence = ast.literal_eval(text).get("license", LICENCE)
        if licence != LICENCE:
            complaints.append(f"{name} has licence {licence}")
    return complaints


def check_hosts_and_paths():
    """No host of a package mirror and no path of one machine stands in a file."""
    hosts = [*_REGISTRIES, *(re.escape(host) for host in _configured_hosts())]
    host = re.compile("|".join(hosts))
    complaints = []
    for path in tracked_files():
        if path.suffix in _BINARY:
            continue
        lines = path.read_text("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, 1):
            if host.search(line) or _MACHINE_PATH.search(line):
                where = path.relative_to(REPOSITORY)
                complaints.append(f"{where}:{number}: {line.strip()[:120]}")
    return complaints


def _configured_hosts():
    """Return the hosts of the mirrors that pip, npm and apt are configured for."""
    commands = (
        ["python3", "-m", "pip", "config", "list"],
        ["npm", "config", "get", "registry"],
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
    )
    texts = [value for name, value in os.environ.items() if "INDEX" in name]
    for command in commands:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            continue
        texts.append(done.stdout)
    addresses = re.findall(r"https?://[^\s'\"]+", "\n".join(texts))
    found = {urlsplit(address).hostname for address in addresses}
    return sorted(found - {None, "localhost", "127.0.0.1", "github.com"})
