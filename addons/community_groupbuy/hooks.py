# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Install and uninstall hooks."""


def post_init_hook(env):
    """Prepare existing websites and companies for group buying."""


def uninstall_hook(env):
    """Take back what the addon switched on in core records."""
