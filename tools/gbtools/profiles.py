"""The databases that are made once and then copied.

The template of a profile holds Odoo's own modules and none of ours. Its name
contains a digest of what went into it, so a change of Odoo, of a `depends` or of this
file makes a new one.
"""

from dataclasses import dataclass

LANGUAGES = ("en_US", "zh_CN")


@dataclass(frozen=True)
class Profile:
    """What a template holds beside the dependencies of our addons.

    :param str base: the profile whose template this one starts from.
    :param tuple modules: further modules of Odoo.
    :param str script: a script for Odoo's shell, beside this file.
    """

    base: str | None
    modules: tuple
    script: str | None
    with_demo: bool


PROFILES = {
    # Neither demo data nor a country: tests make what they need.
    "test": Profile(None, ("payment_demo",), "demo_provider.py", False),
    # A company in China; the demo data of our addons, and none of Odoo's.
    "demo": Profile("test", ("l10n_cn",), "demo_template.py", True),
}
