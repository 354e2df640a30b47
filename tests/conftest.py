# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Databases and servers for the tests of the whole system."""

import pytest

from gbtools import Environment


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
