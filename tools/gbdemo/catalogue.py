# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The demo shop's products, read from where they are written and not from Odoo."""

from collections import Counter
from decimal import Decimal
from typing import NamedTuple
from xml.etree import ElementTree

from .baskets import item_key, product_key


class Product(NamedTuple):
    """A product of the demo shop: its id in the file, and its price in fen."""

    xmlid: str
    list_price: int


def read_products(path):
    """Return {item key: Product} of the demo's products.

    An item is a product of the shop when it has its English or Chinese name, with or
    without the size of the pack.

    :param Path path: demo/product_demo.xml of the addon.
    """
    products = {}
    for record in ElementTree.parse(path).iter("record"):
        if record.get("model") != "product.template":
            continue
        fields = {field.get("name"): field for field in record.iter("field")}
        fen = int(Decimal(fields["list_price"].get("eval")) * 100)
        for name in ("name", "name@zh_CN"):
            text = fields[name].text
            for key in (product_key(text), item_key(text)):
                products[key] = Product(record.get("id"), fen)
    return products


def count_points(path):
    """Return how many pickup points of the demo can be chosen.

    :param Path path: demo/groupbuy_community_demo.xml of the addon.
    """
    return sum(
        record.get("model") == "groupbuy.pickup.point"
        and not any(field.get("name") == "is_paused" for field in record.iter("field"))
        for record in ElementTree.parse(path).iter("record")
    )


def merge_names(baskets, products):
    """Count names of one product together: "tomatoes" and "西红柿".

    The name that the file writes first stays.

    :param Baskets baskets: changed in place.
    :param dict products: see :func:`read_products`.
    """
    first, same = {}, {}
    for key in baskets.names:
        product = products.get(key)
        same[key] = first.setdefault(product.xmlid, key) if product else key
    for key in [key for key in baskets.names if same[key] != key]:
        del baskets.names[key]
    for number, row in enumerate(baskets.rows):
        merged = Counter()
        for key, quantity in row.items():
            merged[same[key]] += quantity
        baskets.rows[number] = dict(merged)
