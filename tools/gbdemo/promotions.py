# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The demo's promotions, from the first team to the last point. Runs inside of Odoo.

Three small campaigns beside those of the baskets: one of teams, a flash sale that
sells out, and one that residents join with coupons and by invitation. Then some buy a
membership. What is reported is compared with loyalty's history and with the journal.
"""

import time
from datetime import timedelta

from . import promotion_rules as rules
from .shop import JoinError, run_jobs, transfer

COST = 3.0
# Seconds in which the queue of a flash sale lets somebody in.
PATIENCE = 30


def is_installed(env):
    """Tell whether the addon with the promotions is there."""
    return "groupbuy.team.seat" in env


class Promotions:
    """The promotions of one run of the demo.

    :param Replay replay: the run.
    """

    def __init__(self, replay):
        self.replay = replay
        self.env = replay.env
        self.shop = replay.shop
        self.company = self.shop.company
        self.refused = 0

    def run(self, points):
        """Do everything; commits.

        :param groupbuy.pickup.point points: where the goods are collected.
        """
        self.point = points[:1]
        self.residents = self.make_residents()
        self.make_programs()
        self.make_campaigns()
        self.env.cr.commit()
        queue = list(self.residents)
        team_people = [
            [queue.pop(0) for _seat in range(rules.TEAM_SEATS)]
            for _team in range(rules.FULL_TEAMS)
        ]
        for people in [*team_people, [queue.pop(0)]]:
            self.fill_team(people)
        self.sell_out([queue.pop(0) for _visitor in range(rules.FLASH_VISITORS)])
        given = [queue.pop(0) for _coupon in range(rules.COUPONS_ISSUED)]
        self.use_coupons(given)
        self.invite(given[-1], queue)
        self.finish()
        self.redeem()
        self.sell_memberships(given[: rules.MEMBERS])
        self.check()

    # ------------------------------------------------------------------ preparation

    def make_residents(self):
        """Make residents of the point's community, each with a home of their own."""
        home = self.point.partner_id
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Resident {number}",
                    "ref": f"DEMO-P-{number:02d}",
                    "email": f"demo.resident{number}@example.com",
                    "phone": f"+86 139 0013 {8000 + number}",
                    "street": home.street,
                    "street2": f"{number // 4 + 1}-{number % 4 + 1}01",
                    "city": home.city,
                    "zip": home.zip,
                    "state_id": home.state_id.id,
                    "country_id": home.country_id.id,
                    "groupbuy_community_id": self.point.community_ids[:1].id,
                }
                for number in range(rules.RESIDENTS)
            ]
        )

    def make_programs(self):
        """Make points, coupons and the program of invitations."""
        self.points = self.make_program(
            "Points for What You Collect",
            "loyalty",
            {"discount": 0.01, "discount_mode": "per_point", "required_points": 100},
            applies_on="both",
            groupbuy_on_collection=True,
            rule_ids=[
                (5,),
                (0, 0, {"reward_point_amount": 1, "reward_point_mode": "money"}),
            ],
        )
        money_off = {"discount": rules.COUPON_OFF / 100, "discount_mode": "per_order"}
        self.coupons = self.make_program("Five Off", "coupons", money_off)
        self.welcome = self.make_program("Welcome: Five Off", "coupons", money_off)
        self.free_order = self.make_program(
            "A Free Order",
            "coupons",
            {"discount": 100, "discount_mode": "percent", "discount_max_amount": 30},
        )
        # Only a manager decides that an order may cost nothing.
        self.free_order.action_groupbuy_approve_below_cost()
        merchant = self.env["res.partner"].create(
            {"name": "Corner Café", "is_company": True}
        )
        self.coffee = self.make_program(
            "A Coffee for the Group",
            "coupons",
            {"discount": 1, "discount_mode": "percent"},
            groupbuy_merchant_id=merchant.id,
            groupbuy_gift="A coffee",
        )
        # Only one program of invitations runs at a time.
        self.env["groupbuy.invitation.program"].search([]).active = False
        self.invitations = self.env["groupbuy.invitation.program"].create(
            {
                "name": "Invite Your Neighbours",
                "company_id": self.company.id,
                "gift_ids": [
                    (0, 0, {"role": "invited", "loyalty_program_id": self.welcome.id}),
                    (
                        0,
                        0,
                        {
                            "role": "inviter",
                            "loyalty_program_id": self.points.id,
                            "points": rules.INVITER_POINTS,
                        },
                    ),
                    (
                        0,
                        0,
                        {
                            "role": "milestone",
                            "threshold": rules.MILESTONE,
                            "loyalty_program_id": self.free_order.id,
                        },
                    ),
                ],
            }
        )

    def make_program(self, name, program_type, reward, **values):
        """Make a program of loyalty with one reward on the whole order."""
        return self.env["loyalty.program"].create(
            {
                "name": name,
                "program_type": program_type,
                "trigger": "auto" if program_type == "loyalty" else "with_code",
                "applies_on": "current",
                "company_id": self.company.id,
                "communication_plan_ids": [(5,)],
                "rule_ids": [(5,), (0, 0, {"minimum_amount": 0})],
                "reward_ids": [
                    (5,),
                    (
                        0,
                        0,
                        {
                            "reward_type": "discount",
                            "discount_applicability": "order",
                            "required_points": 1,
                            **reward,
                        },
                    ),
                ],
                **values,
            }
        )

    def make_campaigns(self):
        """Make and open the three campaigns."""
        self.teams = self.make_campaign(
            "Eggs for a Team",
            rules.TEAM_LADDER[0][1] + 200,
            mode="team",
            team_seats=rules.TEAM_SEATS,
            team_hours=12,
            min_people=rules.TEAM_SEATS,
            tiers=rules.TEAM_LADDER,
        )
        self.flash = self.make_campaign(
            "Ten at Ten",
            rules.FLASH_PRICE,
            mode="flash",
            line={"cap": rules.FLASH_UNITS, "limit_per_resident": 1},
        )
        self.offer = self.make_campaign(
            "Noodles with a Coupon",
            rules.COUPON_PRICE,
            min_people=rules.COUPONS_USED,
            success_program_id=self.coffee.id,
        )

    def make_campaign(self, name, fen, tiers=(), line=None, **values):
        """Make a campaign of one product of its own, and open it."""
        product = self.make_product(name, fen)
        now = self.env.cr.now()
        tiers = [(0, 0, {"threshold": at, "price": to / 100}) for at, to in tiers]
        campaign = self.env["groupbuy.campaign"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "open_at": now,
                "close_at": now + timedelta(days=1),
                "pickup_from": now + timedelta(days=5),
                "pickup_until": now + timedelta(days=6),
                "tz": "Asia/Shanghai",
                "pickup_point_ids": [(6, 0, self.point.ids)],
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "start_price": fen / 100,
                            "tier_ids": tiers,
                            **(line or {}),
                        },
                    )
                ],
                **values,
            }
        )
        campaign.action_open_now()
        return campaign

    def make_product(self, name, fen):
        """Make the product of a campaign, bought from a supplier of the demo."""
        supplier = self.env["res.partner"].search(
            [("supplier_rank", ">", 0), ("is_company", "=", True)], order="id", limit=1
        )
        buy = self.env.ref("purchase_stock.route_warehouse0_buy")
        return self.env["product.product"].create(
            {
                "name": f"{name}: Product",
                "type": "consu",
                "is_storable": True,
                "list_price": fen / 100,
                "standard_price": COST,
                "route_ids": [(4, buy.id)],
                "is_published": True,
                "seller_ids": [
                    (0, 0, {"partner_id": supplier.id, "price": COST, "delay": 2})
                ],
            }
        )

    # ------------------------------------------------------------------ joining

    def join(self, campaign, partner, **options):
        """Let a resident join a campaign with one unit, and pay."""
        wanted = [(campaign.line_ids, 1)]
        order = self.shop.join(partner, self.point, wanted, **options)
        self.env.cr.commit()
        return order

    def fill_team(self, people):
        """Let the first start a team and the others follow the link."""
        token = ""
        for partner in people:
            order = self.join(self.teams, partner, team=token)
            token = order.groupbuy_group_id.share_token

    def sell_out(self, people):
        """Let all stand in line before the first of them buys."""
        line = self.flash.line_ids
        tickets = self.env["groupbuy.flash.ticket"]
        for partner in people:
            tickets._ask(line, partner.id, draw=True)
            self.env.cr.commit()
        for partner in people:
            try:
                self.wait_for_turn(line, partner)
                self.join(self.flash, partner)
            except JoinError:
                self.env.cr.rollback()
                self.refused += 1

    def wait_for_turn(self, line, partner):
        """Wait in line as the page does.

        :raises JoinError: when there is nothing left.
        """
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            status = self.env["groupbuy.flash.ticket"]._ask(line, partner.id)
            self.env.cr.commit()
            if status["state"] == "admitted":
                return
            if status["state"] == "sold_out":
                raise JoinError("sold out")
            time.sleep(0.2)
        raise JoinError(f"{partner.ref} was not let in: {status}")

    def use_coupons(self, people):
        """Give each a coupon; some of them use it."""
        partners = self.env["res.partner"].union(*people)
        cards = self.env["groupbuy.coupon.issue"]._issue(
            self.coupons, partners, "staff", "demo/five-off", self.company
        )
        codes = {card.partner_id: card.code for card in cards}
        for partner in people[: rules.COUPONS_USED]:
            self.join(self.offer, partner, code=codes[partner])

    def invite(self, inviter, people):
        """Let neighbours follow somebody's link and join for the first time."""
        link = self.env["groupbuy.invitation.link"]._get_or_create(
            inviter, self.company
        )
        for partner in people:
            self.env["groupbuy.invitation"]._accept(link, partner)
            self.env.cr.commit()
            self.join(self.offer, partner)

    # ------------------------------------------------------------------ the rest

    @property
    def campaigns(self):
        """The three campaigns."""
        return self.teams | self.flash | self.offer

    def finish(self):
        """Close, buy, receive, deliver, hand over and invoice."""
        self.run_cron("end_teams")
        self.campaigns.action_close_now()
        run_jobs(self.env, self.campaigns)
        self.campaigns.purchase_order_ids.button_confirm()
        self.env.cr.commit()
        transfer(self.campaigns.purchase_order_ids.picking_ids)
        for role in ("to_point", "to_resident"):
            self.env.invalidate_all()
            transfer(self.replay.get_transfers(self.campaigns, role))
        run_jobs(self.env, self.campaigns)
        # Points and invitations follow the collection by jobs of their own.
        run_jobs(self.env, self.campaigns)

    def run_cron(self, name):
        """Run a scheduled job of the addon."""
        self.env.ref(f"groupbuy_marketing.ir_cron_{name}").method_direct_trigger()
        self.env.cr.commit()
        self.env.invalidate_all()

    def redeem(self):
        """Redeem some of the coffees at the merchant's counter."""
        merchant = self.coffee.groupbuy_merchant_id
        for card in self.coffee.coupon_ids[: rules.REDEEMED]:
            self.env["groupbuy.coupon.redemption"]._redeem(card.code, merchant)
            self.env.cr.commit()

    def sell_memberships(self, people):
        """Sell memberships, invoiced to the account of deferred income."""
        deferred = self.env["account.account"].create(
            {
                "name": "Deferred Memberships",
                "code": "290990",
                "account_type": "liability_current",
                "company_ids": [(6, 0, self.company.ids)],
            }
        )
        self.company.groupbuy_membership_deferred_account_id = deferred
        card = self.env["product.product"].create(
            {
                "name": "Member for 30 Days",
                "type": "service",
                "list_price": rules.MEMBERSHIP_PRICE / 100,
                "invoice_policy": "order",
                "is_published": True,
                "taxes_id": [(5,)],
                "groupbuy_membership_days": rules.MEMBERSHIP_DAYS,
            }
        )
        for partner in people:
            order = self.env["sale.order"].create(
                {
                    "partner_id": partner.id,
                    "website_id": self.shop.website.id,
                    "company_id": self.company.id,
                    "order_line": [(0, 0, {"product_id": card.id})],
                }
            )
            self.shop.pay(order)
            if not order.invoice_ids:
                order._create_invoices().action_post()
            self.env.cr.commit()
        self.deferred = deferred

    # ------------------------------------------------------------------ results

    def check(self):
        """Compare what is reported with loyalty's history and the journal.

        :raises JoinError: when they say different things.
        """
        self.env.invalidate_all()
        used = self.offer._get_coupon_figures()[self.offer.id]
        history = self.env["loyalty.history"].search(
            [("card_id.program_id", "=", self.coupons.id)]
        )
        journal = self.env["account.move.line"].search(
            [
                ("sale_line_ids.reward_id.program_id", "=", self.coupons.id),
                ("parent_state", "=", "posted"),
            ]
        )
        card_history = self.env["loyalty.history"].search(
            [("card_id.program_id", "=", self.points.id)]
        )
        entries = self.env["groupbuy.points.entry"].search(
            [("card_id.program_id", "=", self.points.id)]
        )
        deferred = self.env["account.move.line"].search(
            [("account_id", "=", self.deferred.id), ("parent_state", "=", "posted")]
        )
        rewards = self.get_rewards()
        given = self.env["loyalty.history"].search(
            [("card_id", "in", rewards.card_id.ids)]
        )
        by_invitation = entries.filtered(lambda entry: entry.kind == "invitation")
        for what, ours, theirs in (
            ("coupons used", used["used"], sum(history.mapped("used"))),
            ("coupon amount", used["amount"], -sum(journal.mapped("price_total"))),
            (
                "points issued",
                sum(entries.mapped("points")) + rules.MEMBERSHIP_POINTS,
                sum(card_history.mapped("issued")) - sum(card_history.mapped("used")),
            ),
            (
                "points on cards",
                sum(card_history.mapped("issued")) - sum(card_history.mapped("used")),
                sum(card_history.card_id.mapped("points")),
            ),
            (
                "gifts of invitations",
                sum(rewards.mapped("points")),
                sum(by_invitation.mapped("points"))
                + sum(
                    given.filtered(
                        lambda line: line.card_id.program_id != self.points
                    ).mapped("issued")
                ),
            ),
            (
                "deferred income",
                rules.MEMBERS * rules.MEMBERSHIP_PRICE / 100,
                -sum(deferred.mapped("balance")),
            ),
        ):
            if abs(ours - theirs) > 0.004:
                raise JoinError(f"{what}: {ours}, but the books say {theirs}")
        self.replay.check_books(self.campaigns)

    def get_rewards(self):
        """Return what was given for invitations."""
        return self.env["groupbuy.invitation.reward"].search(
            [("program_id", "=", self.invitations.id)]
        )

    def describe(self):
        """Return what the report says of the promotions."""
        money = self.replay.money
        used = self.offer._get_coupon_figures()[self.offer.id]
        groups = self.teams.group_ids.filtered("team_started_at")
        issued_points = self.env["loyalty.history"].search(
            [("card_id.program_id", "=", self.points.id)]
        )
        orders = self.teams.order_ids
        members = self.env["groupbuy.membership"].search(
            [("partner_id", "in", self.residents.ids)]
        )
        deferred = self.env["account.move.line"].search(
            [("account_id", "=", self.deferred.id), ("parent_state", "=", "posted")]
        )
        issued = self.env["groupbuy.coupon.issue"].search(
            [("program_id", "=", self.coffee.id)]
        )
        redeemed = self.env["groupbuy.coupon.redemption"].search_count(
            [("program_id", "=", self.coffee.id)]
        )
        return {
            "teams": len(groups),
            "teams_succeeded": len(groups.filtered(lambda g: g.state == "succeeded")),
            "team_charged": money(sum(orders.mapped("groupbuy_amount_charged"))),
            "team_refunded": money(sum(orders.mapped("groupbuy_amount_refunded"))),
            "flash_sold": len(
                self.flash.order_ids.filtered(
                    lambda order: order.groupbuy_state == "confirmed"
                )
            ),
            "flash_refused": self.refused,
            "coupons_used": used["used"],
            "coupon_amount": money(used["amount"]),
            "merchant_coupons": len(issued),
            "merchant_redeemed": redeemed,
            "invitation_rewards": len(self.get_rewards()),
            "points_issued": self.replay.number(
                round(sum(issued_points.mapped("issued")), 2)
            ),
            "members": len(members.partner_id),
            "membership_income_deferred": money(-sum(deferred.mapped("balance"))),
            "promotions_invoiced": money(
                sum(self.campaigns.order_ids.mapped("groupbuy_amount_invoiced"))
            ),
        }
