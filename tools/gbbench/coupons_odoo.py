# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A campaign and coupons for the benchmark. Runs inside of Odoo."""

from . import shop_odoo


def prepare(env, coupons):
    """Make a shop with a campaign, and so many coupons of ten percent.

    :param int coupons: one for each order.
    :return: what a client has to know
    :rtype: dict
    """
    shop = shop_odoo.prepare(env, products=1)
    program = env["loyalty.program"].create(
        {
            "name": "Ten percent",
            "program_type": "coupons",
            "trigger": "with_code",
            "applies_on": "current",
            "communication_plan_ids": [(5,)],
            "rule_ids": [(5,), (0, 0, {"minimum_amount": 0})],
            "reward_ids": [
                (5,),
                (
                    0,
                    0,
                    {
                        "reward_type": "discount",
                        "discount": 10,
                        "discount_mode": "percent",
                        "discount_applicability": "order",
                        "required_points": 1,
                    },
                ),
            ],
        }
    )
    if "groupbuy_community_ids" in program._fields:
        # Conditions of our own are looked at, too.
        line = env["groupbuy.campaign.line"].browse(shop["groupbuy_line_id"])
        program.groupbuy_campaign_ids = line.campaign_id
        program.groupbuy_resident_limit = coupons
    cards = env["loyalty.card"].create(
        [{"program_id": program.id, "points": 1} for _number in range(coupons)]
    )
    env.cr.commit()
    return shop | {"codes": cards.mapped("code")}
