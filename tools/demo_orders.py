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

import demo_leaders
import demo_promotions
from demo_points import WAITING, Points
from gbdemo import promotions
from gbdemo.pickup import is_installed
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
    languages = dict(env["res.lang"].get_installed())
    # A shop in China: what is written once, for all readers, is written in Chinese.
    language = "zh_CN" if "zh_CN" in languages else "en_US"
    env = env(context=dict(env.context, tracking_disable=True, lang=language))
    prepare(env, language)
    if "groupbuy.leader" in env:
        demo_leaders.prepare(env)
    # Not chance: every demo shop looks the same.
    dice = random.Random(20260501)
    story = Story(env, dice)
    offers = None
    if promotions.is_installed(env):
        offers = demo_promotions.Promotions(story)
        offers.prepare()
        env.cr.commit()
    for name, people in OPEN:
        story.join(name, people)
        story.spread(name)
    story.sell_out("line_fruit_strawberries")
    story.cancel_one("vegetables")
    for name, people, days, share in CLOSED:
        story.close(name, people, days, share)
    if story.points:
        story.points.review(story.campaign("citrus"))
        story.points.complain(story.campaign("family_dinner"))
        run_jobs(env, story.campaign("family_dinner"))
    if "groupbuy.leader" in env:
        demo_leaders.settle(env)
    if offers:
        offers.play()
    env.cr.commit()
    print("orders:", env["sale.order"].search_count([("groupbuy_state", "!=", False)]))


def prepare(env, language):
    """Finish what the addon's data leave to the database: languages, taxes, mail.

    :param env: Odoo's environment.
    :param str language: of the shop and of its residents.
    """
    set_food_taxes(env)
    # Residents see what they pay; Odoo forgets it when the company's country changes.
    env["website"].search([]).show_line_subtotals_tax_selection = "tax_included"
    # The terms would be a link to another port.
    env["ir.config_parameter"].set_param("account.use_invoice_terms", False)
    if language == "zh_CN":
        speak_chinese(env)
    # Nobody lives at example.com.
    env.ref("mail.ir_cron_mail_scheduler_action").active = False
    env.cr.commit()


def speak_chinese(env):
    """Let the shop speak Chinese where Odoo keeps a text or a language only once."""
    people = env["res.partner"].search([("groupbuy_community_id", "!=", False)])
    people |= env.ref(f"{MODULE}.user_chen").partner_id
    people |= env["groupbuy.pickup.point"].search([]).manager_user_ids.partner_id
    people |= env["res.partner"].search([("supplier_rank", ">", 0)])
    # Jobs run as the root user, and write what they do into the history.
    people |= env.ref("base.partner_root") | env.company.partner_id
    people.lang = "zh_CN"
    env.ref("uom.product_uom_unit").name = "件"
    env.ref("base.partner_admin").name = "管理员 Administrator"
    env.ref("payment.payment_provider_demo").write(
        {
            "pending_msg": "<p>付款正在处理，到账后会通知您。</p>",
            "auth_msg": "<p>付款已授权。</p>",
            "done_msg": "<p>付款成功。</p>",
            "cancel_msg": "<p>付款已取消。</p>",
        }
    )


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
        # None when the addon that works at the points is not installed.
        self.points = Points(env) if is_installed(env) else None
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
        joiners = self.dice.sample(list(invited), min(people, len(invited)))
        waiting = self.env.ref(WAITING)
        if self.points and name == "family_dinner" and waiting not in joiners:
            # Somebody who has a login waits for what is being collected.
            joiners.append(waiting)
        for partner in joiners:
            # The demo starts on any day of the week: who has no point that is open
            # while this campaign is collected does not order.
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
        reason = {
            "zh_CN": "建德的种植户本周没有更多货了。",
            "en_US": "The grower in Jiande has no more this week.",
        }[self.env.lang]
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
        self.spread(name)
        if self.points and campaign.state != "failed":
            self.points.spread(campaign)
        self.env.cr.commit()

    def hand_over(self, campaign, share):
        """Buy, receive, bring to the points, and hand out to some residents."""
        campaign.purchase_order_ids.button_confirm()
        transfer(campaign.purchase_order_ids.picking_ids)
        transfers = campaign.picking_ids.grouped("groupbuy_role")
        pickups = transfers["to_resident"].sorted("id")
        collected = pickups[: round(len(pickups) * share)]
        if self.points:
            self.points.hand_over(transfers["to_point"], collected, is_over=share == 1)
        else:
            transfer(transfers["to_point"])
            transfer(collected)
        run_jobs(self.env, campaign)

    def move_back(self, campaign, days):
        """Move a campaign that was closed just now to where it lies in the story."""
        # Whole days: the times of the day stay those of the demo's data.
        past = timedelta(days=(campaign.close_at - self.env.cr.now()).days + days)
        campaign.with_context(groupbuy_system_write=PRIVILEGE).write(
            {
                name: campaign[name] - past
                for name in ("open_at", "close_at", "pickup_from", "pickup_until")
            }
        )
        campaign.with_context(
            groupbuy_system_write=PRIVILEGE
        ).closed_at = campaign.close_at

    def spread(self, name):
        """Let the residents of a campaign have joined over its days, not just now."""
        campaign = self.campaign(name)
        orders = campaign.order_ids.sorted("id")
        until = min(campaign.close_at, self.env.cr.now())
        for number, order in enumerate(orders, 1):
            share = number / (len(orders) + 1)
            # Many join at the end, when the price has fallen.
            share = 1 - (1 - share) ** 2 if number % 3 else share
            moment = campaign.open_at + share * (until - campaign.open_at)
            order.groupbuy_joined_at = moment.replace(microsecond=0)
        self.env.cr.commit()
