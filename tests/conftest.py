# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Databases and servers for the tests of the whole system."""

import pytest
from playwright.sync_api import expect

from gbtools import Environment

# Browsers share the machine with other tests: what comes late is no failure.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def odoo():
    """Return the environment that `make test` has set up."""
    return Environment.ensure()


@pytest.fixture
def shop(odoo):
    """Return a fresh database with our addons, in which residents can order."""
    from shop_database import ShopDatabase

    with odoo.claimed_db("groupbuy_system") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        yield ShopDatabase(odoo, name)
        odoo.drop_db(name)
