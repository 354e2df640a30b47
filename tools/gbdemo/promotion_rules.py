# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the demo's promotions are, and what must come of them on paper.

Nothing here asks Odoo. Money is counted in fen, points in whole points.
"""

# Residents of a team; what each pays by the number of people in it.
TEAM_SEATS = 3
TEAM_LADDER = ((1, 1800), (3, 1400))
# So many teams fill up. Nobody joins the last one, and its initiator is refunded.
FULL_TEAMS = 2

# Units of the flash sale, one for each resident, and how many want one.
FLASH_UNITS = 10
FLASH_VISITORS = 14
FLASH_PRICE = 990

# Residents of a campaign with coupons: who was given one, and who of them uses it.
COUPON_PRICE = 1200
COUPON_OFF = 500
COUPONS_ISSUED = 6
COUPONS_USED = 4
# Neighbours who were invited, and join that campaign with their first order.
INVITED = 3
INVITER_POINTS = 50
MILESTONE = 3
# The merchant's coupons that are redeemed at the counter.
REDEEMED = 2

MEMBERSHIP_DAYS = 30
MEMBERSHIP_PRICE = 3000
MEMBERS = 2
# A membership is an order of the shop: Odoo itself gives the points for it.
MEMBERSHIP_POINTS = MEMBERS * MEMBERSHIP_PRICE // 100

RESIDENTS = TEAM_SEATS * FULL_TEAMS + 1 + FLASH_VISITORS + COUPONS_ISSUED + INVITED


def yuan(fen):
    """Return fen as the text that the report writes."""
    return f"{fen // 100}.{fen % 100:02d}"


def team_price(people):
    """Return what a resident pays who is the so-many-th of a team, in fen."""
    return [price for least, price in TEAM_LADDER if people >= least][-1]


def recount_promotions():
    """Return what the report must say of the promotions.

    A point is earned with each yuan paid for goods that are collected.

    :rtype: dict
    """
    charged = sum(team_price(number + 1) for number in range(TEAM_SEATS))
    final = team_price(TEAM_SEATS)
    teams = FULL_TEAMS * TEAM_SEATS * final
    flash = FLASH_UNITS * FLASH_PRICE
    joined = COUPONS_USED + INVITED
    coupons = joined * COUPON_PRICE - COUPONS_USED * COUPON_OFF
    collected = teams + flash + coupons
    return {
        "teams": FULL_TEAMS + 1,
        "teams_succeeded": FULL_TEAMS,
        "team_charged": yuan(FULL_TEAMS * charged + team_price(1)),
        "team_refunded": yuan(
            FULL_TEAMS * (charged - TEAM_SEATS * final) + team_price(1)
        ),
        "flash_sold": FLASH_UNITS,
        "flash_refused": FLASH_VISITORS - FLASH_UNITS,
        "coupons_used": COUPONS_USED,
        "coupon_amount": yuan(COUPONS_USED * COUPON_OFF),
        "merchant_coupons": joined,
        "merchant_redeemed": REDEEMED,
        # Both sides of each invitation, and the milestone.
        "invitation_rewards": 2 * INVITED + INVITED // MILESTONE,
        "points_issued": (
            collected // 100 + INVITED * INVITER_POINTS + MEMBERSHIP_POINTS
        ),
        "members": MEMBERS,
        "membership_income_deferred": yuan(MEMBERS * MEMBERSHIP_PRICE),
        "promotions_invoiced": yuan(collected),
    }


def promotion_differences(entry):
    """Compare the promotions of the report with what they must be.

    :param dict entry: the report's promotions.
    :return: one sentence for each figure that differs.
    :rtype: list[str]
    """
    return [
        f"promotions: {name} is {entry.get(name)}, the rules say {value}"
        for name, value in recount_promotions().items()
        if entry.get(name) != value
    ]
