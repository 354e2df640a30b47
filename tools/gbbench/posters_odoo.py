# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Posters, measured inside of Odoo; see posters.py."""

import base64
import random
import statistics
import time
from datetime import timedelta
from io import BytesIO

from PIL import Image

from odoo import fields

PRODUCTS = 6


def compare(env, repetitions):
    """Return how long a poster takes, drawn and kept, in milliseconds.

    Each drawing is one of another address, as it is for each neighbour's link.

    :return: Kind → first and kept, medians.
    :rtype: dict
    """
    env = env(context=dict(env.context, tracking_disable=True))
    campaign = _make_campaign(env)
    website = env["website"].search([], limit=1)
    # What a process does once: load fonts, read the models' caches.
    campaign._get_poster(website, "png", "https://shop.example.com/s/warm-up")
    figures = {}
    for kind in ("png", "pdf", "card"):
        first, kept = [], []
        for number in range(repetitions):
            url = f"https://shop.example.com/s/{kind}-{number:012}"
            for seconds in (first, kept):
                env.cr.commit()
                env.invalidate_all()
                begin = time.perf_counter()
                data = campaign._get_poster(website, kind, url)
                env.flush_all()
                seconds.append((time.perf_counter() - begin) * 1000)
                if len(data) < 10_000:
                    raise AssertionError(f"{kind} has {len(data)} bytes only")
        figures[kind] = {
            "first": statistics.median(first),
            "kept": statistics.median(kept),
        }
    drawn = env["groupbuy.poster"].search_count([])
    if drawn != 3 * repetitions + 1:
        raise AssertionError(f"{drawn} posters were kept")
    return figures


def _make_campaign(env):
    """Return an open campaign with a photo, products and ladders, named in Chinese."""
    community = env["groupbuy.community"].create({"name": "阳光花园"})
    env["groupbuy.pickup.point"].create(
        {"name": "北门便利店", "community_ids": [(6, 0, community.ids)]}
    )
    now = fields.Datetime.now()
    campaign = env["groupbuy.campaign"].create(
        {
            "name": "周末新鲜蔬菜团购：番茄、鸡蛋、牛奶一起买更便宜",
            "open_at": now - timedelta(hours=1),
            "close_at": now + timedelta(days=1),
            "pickup_from": now + timedelta(days=4),
            "pickup_until": now + timedelta(days=6),
            "community_ids": [(6, 0, community.ids)],
            "image_1920": _make_photo(),
            "line_ids": [
                (
                    0,
                    0,
                    {
                        "product_id": env["product.product"]
                        .create(
                            {
                                "name": f"有机番茄 {number}",
                                "type": "consu",
                                "is_published": True,
                            }
                        )
                        .id,
                        "start_price": 20.0,
                        "tier_ids": [
                            (0, 0, {"threshold": 10, "price": 18.0}),
                            (0, 0, {"threshold": 30, "price": 15.5}),
                        ],
                    },
                )
                for number in range(PRODUCTS)
            ],
        }
    )
    campaign.action_open_now()
    env.cr.commit()
    return campaign


def _make_photo():
    """Return a picture that compresses as badly as a photo does."""
    noise = random.Random(7).randbytes(240 * 180 * 3)
    image = Image.frombytes("RGB", (240, 180), noise).resize((1600, 1200))
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return base64.b64encode(buffer.getvalue())
