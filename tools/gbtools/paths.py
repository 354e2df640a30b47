"""Where things are: the repository, its addons, the cache folder."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = REPOSITORY / "tools"
BUILD = REPOSITORY / "build"
CONFIG_TEMPLATE = REPOSITORY / "odoo.conf"
REQUIREMENTS = REPOSITORY / "requirements-dev.txt"


def cache_folder():
    """Return the folder that holds all that is not in the repository."""
    chosen = os.environ.get("GROUPBUY_CACHE")
    folder = Path(chosen) if chosen else Path.home() / ".cache" / "community-groupbuy"
    return folder.expanduser().absolute()


def addons_folder():
    """Return the folder of our addons; `GROUPBUY_ADDONS` names another for trials."""
    chosen = os.environ.get("GROUPBUY_ADDONS")
    return Path(chosen).absolute() if chosen else REPOSITORY / "addons"
