"""What the manifests of our addons say."""

import ast
import hashlib

from .console import ToolError
from .paths import addons_folder

_LEFT_OUT = {"__pycache__", "tests"}


def manifests():
    """Return the manifest of each of our addons by its technical name."""
    found = {}
    for path in sorted(addons_folder().glob("*/__manifest__.py")):
        try:
            found[path.parent.name] = ast.literal_eval(path.read_text("utf-8"))
        except (SyntaxError, ValueError) as error:
            raise ToolError(f"{path} is not a manifest: {error}") from error
    return found


def names():
    """Return the technical names of our addons.

    :raises ToolError: when there is none.
    """
    found = list(manifests())
    if not found:
        raise ToolError(f"no addon in {addons_folder()}")
    return found


def stock_dependencies():
    """Return the modules of Odoo that our addons depend on, sorted."""
    ours = manifests()
    wanted = {name for manifest in ours.values() for name in manifest["depends"]}
    return sorted(wanted - set(ours))


def content_hash():
    """Return a digest of all files of our addons that a database depends on.

    Tests are left out: a change of a test needs no upgrade of a database.
    """
    digest = hashlib.sha256()
    folder = addons_folder()
    for addon in manifests():
        for path in sorted((folder / addon).rglob("*")):
            inner = path.relative_to(folder)
            if path.is_file() and not _LEFT_OUT.intersection(inner.parts):
                digest.update(f"{inner}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
