# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Invitations on real connections: each gift once, and no more than the budget."""

import pytest
from shop_database import ShopDatabase

# Some residents who were invited by one, and whose orders are collected.
INVITED = """
company = env.company
results = {}


def get_resident(number):
    # Of the shop that was made last.
    return env["res.partner"].search(
        [("ref", "=", f"R{number}")], order="id desc", limit=1
    )


coupons = env["loyalty.program"].create(
    {
        "name": "5 off", "program_type": "coupons", "trigger": "with_code",
        "applies_on": "current", "company_id": company.id,
        "reward_ids": [Command.create(
            {"reward_type": "discount", "discount_mode": "per_order", "discount": 5}
        )],
    }
)
points = env["loyalty.program"].create(
    {
        "name": "Points", "program_type": "loyalty", "trigger": "auto",
        "applies_on": "both", "company_id": company.id,
    }
)


def make_program(**values):
    # Residents are invited by the only one that runs.
    env["groupbuy.invitation.program"].search([]).active = False
    return env["groupbuy.invitation.program"].create(
        {
            "name": "Invite neighbours", "company_id": company.id,
            "require_phone": False,
            "gift_ids": [
                Command.create({
                    "role": "invited", "loyalty_program_id": coupons.id, "cost": 5,
                }),
                Command.create({
                    "role": "inviter", "loyalty_program_id": points.id, "points": 10,
                    "cost": 5,
                }),
                Command.create({
                    "role": "milestone", "threshold": 3, "cost": 5,
                    "loyalty_program_id": coupons.id,
                }),
            ],
            **values,
        }
    )


def invite(program, people):
    campaign = make_shop(people)
    inviter = env["res.partner"].create({"name": "Anna"})
    link = env["groupbuy.invitation.link"]._get_or_create(inviter, company)
    invitations = env["groupbuy.invitation"]
    orders = env["sale.order"]
    for number in range(people):
        invitations |= invitations._accept(link, get_resident(number))[0]
        orders |= join(campaign, number)
    campaign.action_close_now()
    env.cr.commit()
    run_jobs()
    for order in orders:
        moves = order.order_line.move_ids
        moves.write({"quantity": 1, "picked": True})
        moves._action_done()
    # The queue would decide on them by itself.
    env["groupbuy.job"].search([("kind", "=", "invitation")]).state = "cancelled"
    env.cr.commit()
    assert set(orders.mapped("groupbuy_state")) == {"confirmed"}
    return invitations
"""

# Requests at once, as Odoo's own dispatcher runs and repeats them.
RACES = """
def settle(ids):
    def work(own):
        own["groupbuy.invitation"].browse(ids)._settle()
        return "done"
    return work


# One inviter's three neighbours, decided on by 20 processes.
invitations = invite(make_program(), 3)
ids = invitations.ids
results["milestone"] = {
    "got": race([settle(ids)] * 20), "program_id": invitations.program_id.id,
}
# Who was repeated too often is a job that is tried again later.
race([settle(ids)])

# Enough for three of eight.
invitations = invite(make_program(budget=30), 8)
program = invitations.program_id
program.gift_ids.filtered(lambda gift: gift.role == "milestone").unlink()
for invitation in invitations:
    invitation.inviter_id = env["res.partner"].create({"name": "Inviter"})
env.cr.commit()
works = [settle([invitation_id]) for invitation_id in invitations.ids]
race(works)
for work in works:
    race([work])
invitations.invalidate_recordset()
results["budget"] = {
    "states": sorted(invitations.mapped("state")), "program_id": program.id,
}

# One link, followed six times by one visitor.
make_program()
inviter, invited = env["res.partner"].create([{"name": "Anna"}, {"name": "Bert"}])
link = env["groupbuy.invitation.link"]._get_or_create(inviter, company)
env.cr.commit()


def follow(own):
    return len(own["groupbuy.invitation"]._accept(
        own["groupbuy.invitation.link"].browse(link.id),
        own["res.partner"].browse(invited.id),
    )[0])


results["link"] = {"got": race([follow] * 6), "invited_id": invited.id}

# One offer of trial goods, accepted six times.
campaign = make_shop(1)
trial = env["groupbuy.trial"].create(
    {
        "partner_id": get_resident(0).id,
        "product_id": campaign.line_ids.product_id.id,
    }
)
trial.action_offer()
env.cr.commit()


def accept(own):
    own["groupbuy.trial"].browse(trial.id)._accept()
    return "done"


results["trial"] = {"got": race([accept] * 6)}
answer(**results)
"""


@pytest.fixture(scope="module")
def shop(odoo):
    """Return a fresh database for all races of this file."""
    with odoo.claimed_db("groupbuy_system_invitations") as name:
        odoo.create_db(name, odoo.installed_db("test"))
        yield ShopDatabase(odoo, name)
        odoo.drop_db(name)


@pytest.fixture(scope="module")
def answers(shop):
    """Return what the races were answered, each under its name."""
    return shop.run(INVITED + RACES)


def get_spent(shop, program_id):
    """Return what the budget's counter says, and what the facts say."""
    return shop.query(
        "SELECT b.spent::float, (SELECT sum(r.cost)::float"
        " FROM groupbuy_invitation_reward r WHERE r.program_id = b.program_id)"
        " FROM groupbuy_invitation_budget b WHERE b.program_id = %s",
        program_id,
    )


def test_twenty_runs_at_once_give_one_milestone_and_each_gift_once(shop, answers):
    answer = answers["milestone"]
    program_id = answer["program_id"]
    assert len(answer["got"]) == 20
    assert "done" in answer["got"]
    assert set(answer["got"]) <= {"done", "SerializationFailure"}
    assert shop.query(
        "SELECT kind, count(*) FROM groupbuy_invitation_reward WHERE program_id = %s"
        " GROUP BY kind ORDER BY kind",
        program_id,
    ) == [("invited", 3), ("inviter", 3), ("milestone", 1)]
    assert shop.query(
        "SELECT sum(c.points) FROM loyalty_card c JOIN loyalty_program p"
        " ON p.id = c.program_id WHERE p.program_type = 'loyalty' AND c.id IN"
        " (SELECT card_id FROM groupbuy_invitation_reward WHERE program_id = %s)",
        program_id,
    ) == [(30.0,)]
    assert get_spent(shop, program_id) == [(35, 35)]


def test_many_inviters_at_once_do_not_overspend_the_budget(shop, answers):
    answer = answers["budget"]
    assert answer["states"] == ["refused"] * 5 + ["rewarded"] * 3
    assert get_spent(shop, answer["program_id"]) == [(30, 30)]


def test_a_link_followed_six_times_at_once_makes_one_invitation(shop, answers):
    answer = answers["link"]
    assert [x for x in answer["got"] if isinstance(x, int)].count(1) == 1
    assert set(answer["got"]) <= {0, 1, "SerializationFailure"}
    assert (
        shop.value(
            "SELECT count(*) FROM groupbuy_invitation WHERE invited_id = %s",
            answer["invited_id"],
        )
        == 1
    )


def test_a_trial_accepted_six_times_at_once_has_one_coupon(shop, answers):
    answer = answers["trial"]
    assert answer["got"].count("done") == 1
    assert set(answer["got"]) <= {"done", "UserError", "SerializationFailure"}
    assert shop.query(
        "SELECT count(*), sum(points) FROM loyalty_card c JOIN loyalty_program p"
        " ON p.id = c.program_id WHERE p.groupbuy_trial_product_id IS NOT NULL"
    ) == [(1, 1.0)]
