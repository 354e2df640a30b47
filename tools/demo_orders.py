# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fill the demo shop with life: residents join, campaigns close, goods are handed out.

The addon's demo data hold campaigns, products and people. Orders are not written into
files: here residents really order and pay with the demo provider, so that each figure
that the demo shows was counted by the same code as in a real shop. Runs inside of
Odoo's shell, see :func:`main`.
"""

import random
from datetime import timedelta

from gbdemo.shop import Shop, run_jobs, transfer

from odoo.addons.community_groupbuy.const import PRIVILEGE

MODULE = "community_groupbuy"
# Campaign, how many residents join, and how many days ago it closed (None: running).
OPEN = (("vegetables", 19), ("fruit", 16), ("breakfast", 13))
# Closed: residents, days since the close, the share of residents who have collected.
CLOSED = (("citrus", 14, 9, 1.0), ("family_dinner", 17, 2, 0.6), ("tea", 5, 5, 0.0))


def main(env):
    """Make the orders of the demo; a second call changes nothing.

    :param env: Odoo's environment, of a database with the demo data.
    """
    if env["sale.order"].search_count([("groupbuy_campaign_id", "!=", False)], limit=1):
        return
    env = env(context=dict(env.context, tracking_disable=True))
    prepare(env)
    # Not chance: every demo shop looks the same.
    dice = random.Random(20260501)
    story = Story(env, dice)
    for name, people in OPEN:
        story.join(name, people)
    story.sell_out("line_fruit_strawberries")
    story.cancel_one("vegetables")
    for name, people, days, share in CLOSED:
        story.close(name, people, days, share)
    env.cr.commit()
    print("orders:", env["sale.order"].search_count([("groupbuy_state", "!=", False)]))


def prepare(env):
    """Finish what the addon's data leave to the database: languages, taxes, mail."""
    set_food_taxes(env)
    languages = dict(env["res.lang"].get_installed())
    if "zh_CN" in languages:
        people = env["res.partner"].search([("groupbuy_community_id", "!=", False)])
        people.lang = "zh_CN"
        env.ref(f"{MODULE}.user_chen").lang = "zh_CN"
    # Nobody lives at example.com.
    env.ref("mail.ir_cron_mail_scheduler_action").active = False
    env.cr.commit()


def set_food_taxes(env):
    """Give fresh food the lower rate of 9 %, where the chart of accounts has it."""
    company = env.ref("base.main_company")
    taxes = {
        use: env["account.tax"].search(
            [
                ("company_id", "=", company.id),
                ("type_tax_use", "=", use),
                ("amount", "=", 9),
                ("amount_type", "=", "percent"),
            ],
            limit=1,
        )
        for use in ("sale", "purchase")
    }
    food = env["product.template"].search(
        [("categ_id", "child_of", env.ref(f"{MODULE}.category_fresh").id)]
    )
    if taxes["sale"] and taxes["purchase"]:
        food.write(
            {
                "taxes_id": [(6, 0, taxes["sale"].ids)],
                "supplier_taxes_id": [(6, 0, taxes["purchase"].ids)],
            }
        )


class Story:
    """What happened in the demo's communities.

    :param env: Odoo's environment.
    :param random.Random dice: a generator with a fixed seed.
    """

    def __init__(self, env, dice):
        self.env = env
        self.dice = dice
        self.shop = Shop(env)
        self.residents = env["res.partner"].search(
            [("groupbuy_community_id", "!=", False)], order="id"
        )

    def campaign(self, name):
        """Return a campaign of the demo data."""
        return self.env.ref(f"{MODULE}.campaign_{name}")

    def join(self, name, people):
        """Let residents of the campaign's communities order and pay."""
        campaign = self.campaign(name)
        invited = self.residents.filtered(
            lambda partner: partner.groupbuy_community_id in campaign.community_ids
        )
        for partner in self.dice.sample(list(invited), min(people, len(invited))):
            # The demo begins on any day of the week, and not each point is open on
            # each: a resident chooses one that is.
            points = (
                partner.groupbuy_community_id.pickup_point_ids
                & campaign.pickup_point_ids
            ).filtered(
                lambda point: point._get_open_days(
                    campaign.pickup_from, campaign.pickup_until
                )
            )
            if not points:
                continue
            wanted = self.fill_basket(campaign)
            show_name = self.dice.random() < 0.75
            self.shop.join(partner, self.dice.choice(list(points)), wanted, show_name)
            self.env.cr.commit()

    def fill_basket(self, campaign):
        """Return what a resident wants: a few lines, one to three of each."""
        lines = campaign.line_ids.filtered(
            lambda line: not line.cap or line.available_quantity >= 3
        )
        count = min(len(lines), self.dice.choice((1, 2, 2, 3, 3, 4, 5)))
        return [
            (line, self.dice.choice((1, 1, 1, 2, 2, 3)))
            for line in self.dice.sample(list(lines), count)
        ]

    def sell_out(self, xmlid):
        """Limit a line to what has been ordered, and let two residents wait for it."""
        line = self.env.ref(f"{MODULE}.{xmlid}")
        # Quotas are claimed in transactions of their own.
        self.env.invalidate_all()
        reason = "The grower in Jiande has no more this week."
        line.with_context(groupbuy_edit_reason=reason).cap = max(line.taken_quantity, 1)
        ordered = line.campaign_id.order_ids.partner_id
        for partner in (self.residents - ordered)[:2]:
            self.env["groupbuy.waitlist"]._join(line, partner, 1)
        self.env.cr.commit()

    def cancel_one(self, name):
        """Let one resident change their mind and get the money back."""
        order = self.campaign(name).order_ids.sorted("id")[3]
        order._groupbuy_cancel_by_resident()
        self.env.cr.commit()
        run_jobs(self.env, self.campaign(name))

    def close(self, name, people, days, share):
        """Run a campaign from its opening to what has been collected by now.

        :param int days: how long ago it closed.
        :param float share: how many of its residents have collected their goods.
        """
        campaign = self.campaign(name)
        campaign.action_open_now()
        self.env.cr.commit()
        self.join(name, people)
        campaign.action_close_now()
        run_jobs(self.env, campaign)
        if campaign.state != "failed":
            self.hand_over(campaign, share)
        self.move_back(campaign, days)
        self.env.cr.commit()

    def hand_over(self, campaign, share):
        """Buy, receive, bring to the points, and hand out to some residents."""
        campaign.purchase_order_ids.button_confirm()
        transfer(campaign.purchase_order_ids.picking_ids)
        transfers = campaign.picking_ids.grouped("groupbuy_role")
        transfer(transfers["to_point"])
        pickups = transfers["to_resident"].sorted("id")
        transfer(pickups[: round(len(pickups) * share)])
        run_jobs(self.env, campaign)

    def move_back(self, campaign, days):
        """Move a campaign that was closed just now to where it lies in the story."""
        past = campaign.close_at - self.env.cr.now() + timedelta(days=days)
        campaign.with_context(groupbuy_system_write=PRIVILEGE).write(
            {
                name: campaign[name] - past
                for name in ("open_at", "close_at", "pickup_from", "pickup_until")
            }
        )
        campaign.with_context(
            groupbuy_system_write=PRIVILEGE
        ).closed_at = campaign.close_at
        for number, order in enumerate(campaign.order_ids.sorted("id")):
            moment = campaign.open_at + timedelta(hours=2, minutes=47 * number)
            order.groupbuy_joined_at = min(moment, campaign.close_at)
