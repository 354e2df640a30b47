"""Which tests our addons have, read from their sources, and which a pattern means."""

import ast
import re
from dataclasses import dataclass

from . import addons
from .paths import addons_folder


@dataclass(frozen=True)
class OdooTest:
    """One test method of an addon.

    `on_demand` tests are left out of Odoo's standard run by their tag, most of all
    those that commit and therefore need a database of their own.
    """

    addon: str
    class_name: str
    method: str
    on_demand: bool

    @property
    def name(self):
        """The name that Odoo logs."""
        return f"{self.class_name}.{self.method}"

    @property
    def label(self):
        """The name that patterns are compared with."""
        return f"{self.addon}/{self.name}"

    @property
    def tag(self):
        """The specification that makes Odoo run this test."""
        tag = "*" if self.on_demand else ""
        return f"{tag}/{self.addon}:{self.name}"


def find():
    """Return all tests of our addons."""
    found = []
    for addon in addons.manifests():
        classes = {}
        for path in sorted((addons_folder() / addon / "tests").glob("*.py")):
            tree = ast.parse(path.read_text("utf-8"), str(path))
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    classes[node.name] = node, path.name.startswith("test_")
        for name, (node, is_collected) in classes.items():
            if not is_collected or not node.bases:
                continue  # common helpers, and mix-ins of tests
            found += [
                OdooTest(addon, name, method, _is_on_demand(node))
                for method in sorted(_methods(node, classes))
            ]
    return found


def matching(tests, pattern):
    """Return the tests that a pattern means; without a pattern all of them.

    Like pytest's `-k`: parts of names, whatever their case, joined by `and`, `or` and
    `not`.
    """
    if not pattern:
        return tests
    return [test for test in tests if _matches(pattern, test.label.lower())]


def _matches(pattern, text):
    """Evaluate `a or b and not c`; `and` binds closer than `or`."""
    for alternative in re.split(r"\bor\b", pattern.lower()):
        parts = [part.strip() for part in re.split(r"\band\b", alternative)]
        if all(_holds(part, text) for part in parts):
            return True
    return False


def _holds(part, text):
    negated = part.startswith("not ")
    return (part.removeprefix("not ").strip() in text) != negated


def _methods(node, classes):
    """Return the test methods of a class and of its bases in the same addon."""
    own = {
        item.name
        for item in node.body
        if isinstance(item, ast.FunctionDef) and item.name.startswith("test_")
    }
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in classes and base.id != node.name:
            own |= _methods(classes[base.id][0], classes)
    return own


def _is_on_demand(node):
    return any(
        isinstance(argument, ast.Constant) and argument.value == "-standard"
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        for argument in decorator.args
    )
