# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo makes one class of all controllers that extend the same one of its own."""

import ast
from collections import defaultdict
from itertools import combinations

import pytest

from gbtools import addons
from gbtools.paths import REPOSITORY

FOLDER = REPOSITORY / "addons"


def read_classes():
    """Return class name → addon, names of its bases, names of its methods."""
    classes = {}
    for path in sorted(FOLDER.glob("*/controllers/*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                classes[node.name] = (
                    path.relative_to(FOLDER).parts[0],
                    [ast.unparse(base).rpartition(".")[2] for base in node.bases],
                    {m.name for m in node.body if isinstance(m, ast.FunctionDef)},
                )
    return classes


def get_roots(name, classes):
    """Return the classes of Odoo that a controller extends in the end."""
    if name not in classes:
        return {name} - {"Controller"}
    return set().union(*(get_roots(base, classes) for base in classes[name][1]))


def get_needed(addon, manifests):
    """Return an addon and all of ours that it depends on."""
    needed = {addon}
    for name in manifests[addon]["depends"]:
        if name in manifests:
            needed |= get_needed(name, manifests)
    return needed


def find_clashes(classes, manifests):
    """Return what addons that do not know each other both call the same."""
    by_root = defaultdict(list)
    for name in classes:
        for root in get_roots(name, classes):
            by_root[root].append(name)
    found = []
    for root, names in by_root.items():
        for first, second in combinations(names, 2):
            one, other = classes[first][0], classes[second][0]
            if one in get_needed(other, manifests) or other in get_needed(
                one, manifests
            ):
                continue
            # What Odoo itself declares is overridden, with a call of super().
            found += [
                f"{root}: {method} of {one} and {other}"
                for method in classes[first][2] & classes[second][2]
                if not method.startswith("_prepare_")
            ]
    return found


def test_controllers_of_addons_that_stand_alone_share_no_method():
    classes, manifests = read_classes(), addons.manifests()
    assert get_roots("PointCasePortal", classes) == {"CustomerPortal"}
    assert get_roots("LeaderPortal", classes) == {"CustomerPortal"}
    assert find_clashes(classes, manifests) == []


@pytest.mark.parametrize(
    ("method", "depends", "clashes"),
    [("_try", [], 1), ("_help", [], 0), ("_prepare_values", [], 0), ("_try", ["a"], 0)],
)
def test_a_clash_is_found(method, depends, clashes):
    classes = {
        "Mine": ("a", ["CustomerPortal"], {"_try", "_prepare_values"}),
        "Yours": ("b", ["CustomerPortal"], {method}),
        "Free": ("b", ["Controller"], {"_try"}),
    }
    manifests = {"a": {"depends": ["portal"]}, "b": {"depends": ["portal", *depends]}}
    assert len(find_clashes(classes, manifests)) == clashes
