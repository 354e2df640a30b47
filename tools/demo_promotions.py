# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Teams, a flash sale and offers of the demo shop; see demo_orders.py.

Used where `groupbuy_marketing` is installed, so that its screens have something
to show: a team that misses one neighbour, a sale that starts tomorrow, coupons, points,
an invitation, a task with a draw, a membership on sale, comments.
"""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

MODULE = "community_groupbuy"
WORDS = {
    "en_US": {
        "points": "Community Points",
        "point": "points",
        "five_off": "5 off 30",
        "over_60": "8 off from 60",
        "free_order": "A free order, up to 30",
        "coffee": "A coffee at the corner",
        "gift": "A coffee of your choice",
        "merchant": "Corner Café",
        "invitations": "Invite Your Neighbours",
        "teams": "Eggs and Milk with Friends",
        "flash": "Strawberries at Ten",
        "task": "Collect on time five times",
        "draw": "Draw of the Month",
        "prize": "A box of fruit",
        "event": "Tasting at the North Gate",
        "member": "Member for 30 Days",
        "segment": "Who buys fresh food",
        "comments": (
            "Are the tomatoes the ones we had last month? They were great.",
            "Could you bring some more chives next time?",
        ),
    },
    "zh_CN": {
        "points": "社区积分",
        "point": "积分",
        "five_off": "满30减5",
        "over_60": "满60减8",
        "free_order": "免单券（最高30元）",
        "coffee": "成团送咖啡",
        "gift": "任选咖啡一杯",
        "merchant": "街角咖啡",
        "invitations": "邀请邻居有礼",
        "teams": "鸡蛋牛奶拼团",
        "flash": "十点秒杀草莓",
        "task": "按时提货五次",
        "draw": "本月抽奖",
        "prize": "水果礼盒一份",
        "event": "北门试吃会",
        "member": "30天会员",
        "segment": "常买生鲜的居民",
        "comments": (
            "番茄还是上个月那种吗？上次的特别好吃。",
            "下次能多带一点韭菜吗？",
        ),
    },
}


class Promotions:
    """The promotions of the demo shop.

    :param Story story: the demo's residents and shop.
    """

    def __init__(self, story):
        self.env = story.env
        self.shop = story.shop
        self.residents = story.residents
        self.company = self.env.ref("base.main_company")
        self.words = WORDS[self.env.lang]

    def prepare(self):
        """Make the programs, before anybody orders or collects."""
        words = self.words
        self.points = self.make_program(
            words["points"],
            "loyalty",
            {"discount": 0.01, "discount_mode": "per_point", "required_points": 100},
            applies_on="both",
            trigger="auto",
            groupbuy_on_collection=True,
            portal_visible=True,
            portal_point_name=words["point"],
            rule_ids=[
                Command.clear(),
                Command.create(
                    {"reward_point_amount": 1, "reward_point_mode": "money"}
                ),
            ],
        )
        five_off = {"discount": 5, "discount_mode": "per_order"}
        self.coupons = self.make_program(
            words["five_off"],
            "coupons",
            five_off,
            groupbuy_orders_only=True,
            rule_ids=[Command.clear(), Command.create({"minimum_amount": 30})],
        )
        self.make_program(
            words["over_60"],
            "promotion",
            {"discount": 8, "discount_mode": "per_order"},
            trigger="auto",
            groupbuy_orders_only=True,
            rule_ids=[Command.clear(), Command.create({"minimum_amount": 60})],
        )
        free_order = self.make_program(
            words["free_order"],
            "coupons",
            {"discount": 100, "discount_mode": "percent", "discount_max_amount": 30},
        )
        # Only a manager decides that an order may cost nothing.
        free_order.action_groupbuy_approve_below_cost()
        merchant = self.env["res.partner"].create(
            {"name": words["merchant"], "is_company": True}
        )
        coffee = self.make_program(
            words["coffee"],
            "coupons",
            {"discount": 1, "discount_mode": "percent"},
            groupbuy_merchant_id=merchant.id,
            groupbuy_gift=words["gift"],
        )
        self.env.ref(f"{MODULE}.campaign_vegetables").success_program_id = coffee
        gifts = (
            {"role": "invited", "loyalty_program_id": self.coupons.id},
            {"role": "inviter", "loyalty_program_id": self.points.id, "points": 50},
            {
                "role": "milestone",
                "threshold": 3,
                "loyalty_program_id": free_order.id,
            },
        )
        self.env["groupbuy.invitation.program"].create(
            {
                "name": words["invitations"],
                "company_id": self.company.id,
                "gift_ids": [Command.create(gift) for gift in gifts],
            }
        )

    def make_program(self, name, program_type, reward, **values):
        """Make a program of loyalty with one reward on the whole order."""
        return self.env["loyalty.program"].create(
            {
                "name": name,
                "program_type": program_type,
                "trigger": "with_code",
                "applies_on": "current",
                "company_id": self.company.id,
                "communication_plan_ids": [Command.clear()],
                "reward_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_applicability": "order",
                            "required_points": 1,
                            # Odoo's own is half English in Chinese.
                            "description": name,
                            **reward,
                        }
                    ),
                ],
                **values,
            }
        )

    def play(self):
        """Let residents start teams, be invited, get coupons, and comment."""
        self.start_teams()
        self.schedule_flash_sale()
        self.offer_more()
        self.give_coupons()
        self.comment()
        # What comes at night: levels and segments.
        self.env["groupbuy.standing"]._refresh(self.company)
        self.env["groupbuy.segment"]._refresh(self.company)
        self.env.cr.commit()

    def make_campaign(self, name, line, **values):
        """Make a campaign of one product of the demo shop."""
        example = self.env.ref(f"{MODULE}.campaign_vegetables")
        return self.env["groupbuy.campaign"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "tz": example.tz,
                "community_ids": [Command.set(example.community_ids.ids)],
                "pickup_point_ids": [Command.set(example.pickup_point_ids.ids)],
                "pickup_from": example.pickup_from + timedelta(days=2),
                "pickup_until": example.pickup_until + timedelta(days=2),
                "line_ids": [Command.create(line)],
                **values,
            }
        )

    def find_product(self, word):
        """Return a product of the demo by a part of its English name."""
        products = self.env["product.product"].with_context(lang="en_US")
        return products.search([("name", "ilike", word)], order="id", limit=1)

    def start_teams(self):
        """Open a campaign of teams; one team misses one, another one two."""
        now = self.env.cr.now()
        product = self.find_product("Eggs 30")
        price = product.list_price
        campaign = self.make_campaign(
            self.words["teams"],
            {
                "product_id": product.id,
                "start_price": price,
                "tier_ids": [
                    Command.create({"threshold": 1, "price": round(price * 0.9, 1)}),
                    Command.create({"threshold": 3, "price": round(price * 0.7, 1)}),
                ],
            },
            mode="team",
            min_people=3,
            team_seats=3,
            team_hours=48,
            open_at=now,
            close_at=now + timedelta(days=2),
        )
        campaign.action_open_now()
        self.env.cr.commit()
        people = self.residents.filtered(
            lambda partner: (
                partner.groupbuy_community_id in campaign.community_ids
                and not partner.user_ids
            )
        )
        for size in (2, 1):
            token = ""
            starter = people[:1]
            friends = people.filtered(
                lambda partner, starter=starter: (
                    partner.groupbuy_community_id == starter.groupbuy_community_id
                )
            )[:size]
            for partner in friends:
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
                order = self.shop.join(
                    partner, points[:1], [(campaign.line_ids, 1)], team=token
                )
                token = order.groupbuy_group_id.share_token
                self.env.cr.commit()
            people -= friends

    def schedule_flash_sale(self):
        """Schedule a flash sale for tomorrow at ten, in the shop's zone."""
        now = self.env.cr.now()
        product = self.find_product("strawberr")
        start = now.replace(hour=2, minute=0, second=0, microsecond=0)
        start += timedelta(days=1)
        self.make_campaign(
            self.words["flash"],
            {
                "product_id": product.id,
                "start_price": round(product.list_price * 0.75, 1),
                "cap": 20,
                "limit_per_resident": 1,
            },
            mode="flash",
            open_at=start,
            close_at=start + timedelta(minutes=30),
        ).action_schedule()

    def offer_more(self):
        """Put a membership on sale, open a task with a draw, plan a tasting."""
        words = self.words
        env = self.env
        env["product.product"].create(
            {
                "name": words["member"],
                "type": "service",
                "list_price": 15.0,
                "invoice_policy": "order",
                "is_published": True,
                "groupbuy_membership_days": 30,
            }
        )
        prize = env["groupbuy.prize"].create(
            {
                "name": words["prize"],
                "company_id": self.company.id,
                "reward_type": "goods",
                "stock": 3,
            }
        )
        zone = "Asia/Shanghai"
        now = fields.Datetime.now()
        lottery = env["groupbuy.lottery"].create(
            {
                "name": words["draw"],
                "company_id": self.company.id,
                "draw_at": now + timedelta(days=14),
                "tz": zone,
                "line_ids": [Command.create({"prize_id": prize.id, "quantity": 3})],
            }
        )
        lottery.action_publish()
        env["groupbuy.task"].create(
            {
                "name": words["task"],
                "company_id": self.company.id,
                "kind": "on_time",
                "target": 5,
                "tz": zone,
                "start_at": now - timedelta(days=1),
                "reward_type": "ticket",
                "lottery_id": lottery.id,
            }
        ).action_open()
        env["groupbuy.check.in.event"].create(
            {
                "name": words["event"],
                "company_id": self.company.id,
                "place": env.ref(f"{MODULE}.campaign_vegetables")
                .pickup_point_ids[:1]
                .name,
                "start_at": now - timedelta(hours=1),
                "end_at": now + timedelta(days=3),
                "tz": zone,
                "points_program_id": self.points.id,
                "points": 10,
            }
        )
        env["groupbuy.segment"].create({"name": words["segment"]})

    def give_coupons(self):
        """Give the residents a coupon each, and let a neighbour follow a link."""
        self.env["groupbuy.coupon.issue"]._issue(
            self.coupons, self.residents, "staff", "demo/five-off", self.company
        )
        inviter = self.env.ref(f"{MODULE}.resident_wang_xiulan")
        link = self.env["groupbuy.invitation.link"]._get_or_create(
            inviter, self.company
        )
        guest = self.env["res.partner"].create(
            {
                "name": "孙晓梅",
                "lang": self.env.lang,
                "email": "xiaomei@example.com",
                "phone": "+86 139 0013 9007",
                "street": "5-302",
                "city": inviter.city,
                "country_id": inviter.country_id.id,
                "groupbuy_community_id": inviter.groupbuy_community_id.id,
            }
        )
        self.env["groupbuy.invitation"]._accept(link, guest)

    def comment(self):
        """Let two joiners of the open campaign comment on it; one waits for staff."""
        campaign = self.env.ref(f"{MODULE}.campaign_vegetables")
        joiners = campaign.order_ids.partner_id[:2]
        comments = [
            self.env["groupbuy.comment"]._write_comment(campaign, partner, text, True)
            for partner, text in zip(joiners, self.words["comments"], strict=False)
        ]
        comments[0].action_approve()
