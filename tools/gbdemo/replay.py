# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The main job from end to end. Runs inside of Odoo's shell, see tools/demo.py."""

import json
import time
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from . import pickup, promotions
from .leaders import Leaders
from .rules import SUCCESS_SHARE, TOO_FEW, digest, get_cost, make_offer
from .shop import JoinError, Shop, run_jobs, transfer

PAPERS = ("pick_by_product", "by_point", "by_resident", "buy_by_supplier")
SURNAMES = "Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Hu Zhu Gao Lin He"
GIVEN_NAMES = (
    "Xiulan Jianguo Min Yufen Haitao Xuemei Lei Guihua Zihan Mingyuan Peng Mei"
)


def main(env, settings):
    """Replay baskets and write what came of it as JSON.

    :param env: Odoo's environment.
    :param dict settings: names of files: baskets, result; of a folder: papers.
    """
    baskets = json.loads(Path(settings["baskets"]).read_text("utf-8"))
    result = Replay(env, **baskets).run(Path(settings["papers"]))
    Path(settings["result"]).write_text(json.dumps(result), "utf-8")


class Replay:
    """One run of the demo.

    :param env: Odoo's environment.
    :param list rows: for each resident {item key: quantity}.
    :param dict names: item key → name.
    :param dict known: item key → id of the demo's product.
    """

    def __init__(self, env, rows, names, known):
        # No mails about each step of each document, as in an import.
        quiet = {"tracking_disable": True, "mail_create_nosubscribe": True}
        self.env = env(context=dict(env.context, **quiet))
        self.rows = rows
        self.names = names
        self.known = known
        self.shop = Shop(self.env)
        self.leaders = Leaders(self.env, self.shop)
        self.seconds = {}
        self.offers = {}
        self.products = {}
        # None when the addon that works at the points is not installed.
        self.pickup = pickup.Pickup(self) if pickup.is_installed(env) else None
        # The same with the addon of promotions.
        self.promotions = None
        if promotions.is_installed(env):
            self.promotions = promotions.Promotions(self)

    def run(self, folder):
        """Do everything and return campaigns and seconds, ready for the report."""
        rows = self.rows
        with self.phase("prepare"):
            points = self.leaders.recruit(self.prepare_points())
            self.find_products()
            self.leaders.sort_products(self.products)
            residents = self.make_residents(points)
            main_campaign = self.make_campaign(
                "All baskets", rows, points, self.success_people(len(rows))
            )
            few = rows[:TOO_FEW]
            small_campaign = self.make_campaign(
                "Too few neighbours", few, points, len(few) + 1
            )
            self.env.cr.commit()
        with self.phase("join"):
            self.join_all(main_campaign, rows, residents)
            self.join_all(small_campaign, few, residents)
        campaigns = main_campaign | small_campaign
        # Counted before the close: a campaign that fails frees what it held.
        joined = {campaign.id: self.count_joined(campaign) for campaign in campaigns}
        with self.phase("close"):
            campaigns.action_close_now()
            run_jobs(self.env, campaigns)
        with self.phase("buy"):
            campaigns.purchase_order_ids.button_confirm()
            self.env.cr.commit()
        with self.phase("receive"):
            receipts = campaigns.purchase_order_ids.picking_ids
            transfer(receipts, on_slice=self.tell(len(receipts), "receipts"))
        with self.phase("deliver"):
            to_points = self.get_transfers(campaigns, "to_point")
            if self.pickup:
                self.pickup.receive(to_points, points)
            else:
                transfer(to_points, on_slice=self.tell(len(to_points), "transfers"))
        with self.phase("papers"):
            self.print_papers(main_campaign, folder)
        with self.phase("hand over"):
            pickups = self.get_transfers(campaigns, "to_resident")
            if self.pickup:
                self.pickup.hand_out(pickups)
            else:
                transfer(pickups, on_slice=self.tell(len(pickups), "pickups"))
        with self.phase("invoice"):
            run_jobs(self.env, campaigns)
        if self.pickup:
            with self.phase("unclaimed"):
                self.pickup.clear_unclaimed(main_campaign)
            with self.phase("cases"):
                self.pickup.settle_cases(main_campaign)
        if self.leaders.is_installed:
            with self.phase("settle"):
                self.leaders.settle(folder.parent / "statements")
        if self.promotions:
            with self.phase("promotions"):
                self.promotions.run(points)
        self.env.invalidate_all()
        self.check_books(campaigns)
        return {
            "campaigns": [
                self.describe(campaign, joined[campaign.id]) for campaign in campaigns
            ],
            "promotions": self.promotions.describe() if self.promotions else {},
            "seconds": self.seconds,
        }

    # ------------------------------------------------------------------ progress

    @contextmanager
    def phase(self, name):
        """Measure a phase and say when it begins and ends."""
        print(f"{name} …", flush=True)
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 2)
        print(f"{name}: {self.seconds[name]:.1f} s", flush=True)

    def tell(self, total, what):
        """Return a function that reports how far a phase is, every few seconds."""
        last = time.monotonic()

        def report(done):
            nonlocal last
            if time.monotonic() - last > 5:
                last = time.monotonic()
                print(f"  {done} of {total} {what}", flush=True)

        return report

    # ------------------------------------------------------------------ preparation

    @staticmethod
    def success_people(count):
        """Return how many of all residents make the campaign succeed."""
        return max(1, int(count * SUCCESS_SHARE))

    def prepare_points(self):
        """Return the demo's pickup points, without a limit of orders a day."""
        points = self.env["groupbuy.pickup.point"].search([("is_paused", "=", False)])
        points.daily_capacity = 0
        return points

    def find_products(self):
        """Find the product of each item, and make those the shop does not have."""
        unknown = []
        for key in self.names:
            list_price = None
            if key in self.known:
                template = self.env.ref(f"community_groupbuy.{self.known[key]}")
                self.products[key] = template.product_variant_id
                list_price = round(template.list_price * 100)
            else:
                unknown.append(key)
            self.offers[key] = make_offer(key, list_price)
        self.products.update(zip(unknown, self.make_products(unknown), strict=True))

    def make_products(self, keys):
        """Make a product of the shop for each item that it does not have."""
        suppliers = self.env["res.partner"].search(
            [("supplier_rank", ">", 0), ("is_company", "=", True)], order="id"
        )
        buy = self.env.ref("purchase_stock.route_warehouse0_buy")
        vals_list = []
        for key in keys:
            offer = self.offers[key]
            cost = get_cost(offer) / 100
            supplier = suppliers[digest(key) % len(suppliers)]
            vals_list.append(
                {
                    "name": self.names[key],
                    "type": "consu",
                    "is_storable": True,
                    "list_price": offer.start_price / 100,
                    "standard_price": cost,
                    "route_ids": [(4, buy.id)],
                    "is_published": True,
                    "seller_ids": [
                        (0, 0, {"partner_id": supplier.id, "price": cost, "delay": 2})
                    ],
                }
            )
        return self.env["product.template"].create(vals_list).product_variant_id

    def make_residents(self, points):
        """Make a resident for each basket; they share the points evenly.

        :return: pairs of resident and pickup point.
        """
        surnames, given_names = SURNAMES.split(), GIVEN_NAMES.split()
        vals_list = []
        for number in range(len(self.rows)):
            point = points[number % len(points)]
            surname = surnames[number % len(surnames)]
            given = given_names[number // len(surnames) % len(given_names)]
            vals_list.append(
                {
                    "name": f"{surname} {given}",
                    "ref": f"DEMO-{number + 1:05d}",
                    "street": point.partner_id.street,
                    "city": point.partner_id.city,
                    "zip": point.partner_id.zip,
                    "state_id": point.partner_id.state_id.id,
                    "country_id": point.partner_id.country_id.id,
                    "groupbuy_community_id": point.community_ids[:1].id,
                }
            )
        partners = self.env["res.partner"].create(vals_list)
        return [
            (partner, points[number % len(points)])
            for number, partner in enumerate(partners)
        ]

    def make_campaign(self, name, rows, points, min_people):
        """Make and open a campaign that offers what some baskets hold."""
        now = self.env.cr.now()
        keys = list(dict.fromkeys(key for row in rows for key in row))
        campaign = self.env["groupbuy.campaign"].create(
            {
                "name": name,
                "company_id": self.shop.company.id,
                "open_at": now,
                "close_at": now + timedelta(days=1),
                "pickup_from": now + timedelta(days=5),
                "pickup_until": now + timedelta(days=6),
                "tz": "Asia/Shanghai",
                "pickup_point_ids": [(6, 0, points.ids)],
                "min_people": min_people,
                **(pickup.CAMPAIGN_VALUES if self.pickup else {}),
                "line_ids": [
                    (0, 0, self.prepare_line(key, sequence))
                    for sequence, key in enumerate(keys)
                ],
            }
        )
        campaign.action_open_now()
        return campaign

    def prepare_line(self, key, sequence):
        """Return the values of the line that offers an item."""
        offer = self.offers[key]
        scale = 100 if offer.measure == "amount" else 1
        return {
            "sequence": sequence,
            "product_id": self.products[key].id,
            "start_price": offer.start_price / 100,
            "tier_measure": offer.measure,
            "tier_ids": [
                (0, 0, {"threshold": threshold / scale, "price": price / 100})
                for threshold, price in offer.tiers
            ],
        }

    # ------------------------------------------------------------------ joining

    def join_all(self, campaign, rows, residents):
        """Let each basket's resident order and pay, one after the other.

        Each in a transaction of its own, as visitors of the shop do: the next one
        sees the prices that those before have reached.
        """
        lines = {line.product_id: line for line in campaign.line_ids}
        report = self.tell(len(rows), f"paid orders of “{campaign.name}”")
        for number, (row, (partner, point)) in enumerate(
            zip(rows, residents, strict=False), start=1
        ):
            wanted = [(lines[self.products[key]], qty) for key, qty in row.items()]
            self.shop.join(partner, point, wanted)
            self.env.cr.commit()
            if not number % 100:
                # What has been paid is not needed again.
                self.env.invalidate_all()
            report(number)

    def count_joined(self, campaign):
        """Return what was joined: people, orders, and units by campaign line."""
        self.env.invalidate_all()
        return {
            "people": campaign.people_count,
            "orders": campaign.order_count,
            "lines": {line.id: line.sold_quantity for line in campaign.line_ids},
        }

    def get_transfers(self, campaigns, role):
        """Return the open transfers of a role, oldest first."""
        return self.env["stock.picking"].search(
            [
                ("groupbuy_campaign_id", "in", campaigns.ids),
                ("groupbuy_role", "=", role),
                ("state", "not in", ("done", "cancel")),
            ],
            order="id",
        )

    # ------------------------------------------------------------------ results

    def check_books(self, campaigns):
        """Check that each order's money is accounted for and the points are empty.

        :raises JoinError: when it is not, or goods are left.
        """
        unexplained = self.env["groupbuy.reconciliation"].search(
            [("campaign_id", "in", campaigns.ids), ("unexplained", "!=", 0)]
        )
        if unexplained:
            raise JoinError(
                f"{unexplained[0].order_id.name}: {unexplained[0].unexplained} of its "
                "money cannot be explained"
            )
        left = self.env["stock.quant"].search(
            [
                ("location_id", "in", campaigns.pickup_point_ids.location_id.ids),
                ("quantity", "!=", 0),
            ]
        )
        if left:
            raise JoinError(
                f"{left[0].quantity} of {left[0].product_id.display_name} are left at "
                f"{left[0].location_id.name}"
            )

    def print_papers(self, campaign, folder):
        """Write the papers of a campaign as PDF and as workbooks."""
        folder.mkdir(parents=True, exist_ok=True)
        papers = self.env["groupbuy.paper"]
        for kind in PAPERS:
            book = papers._render_xlsx(campaign, kind)
            (folder / f"{kind}.xlsx").write_bytes(book)
            content, _type = self.env["ir.actions.report"]._render_qweb_pdf(
                f"community_groupbuy.action_report_paper_{kind}",
                data={"campaign_ids": campaign.ids, "point_ids": []},
            )
            (folder / f"{kind}.pdf").write_bytes(content)

    def describe(self, campaign, joined):
        """Return a campaign as the report shows it, read from the database."""
        orders = campaign.order_ids
        transfers = campaign.picking_ids.filtered(lambda p: p.state == "done")
        names = self.names
        keys = {product: key for key, product in self.products.items()}
        prices = {}
        for outcome in self.env["groupbuy.line.outcome"].search(
            [("campaign_id", "=", campaign.id)]
        ):
            prices[outcome.line_id] = outcome.price
        at_points = self.pickup.describe(campaign) if self.pickup else {}
        return {
            "name": campaign.name,
            "state": campaign.state,
            "people": joined["people"],
            "orders": joined["orders"],
            "lines": [
                {
                    "product": names[keys[line.product_id]],
                    "start_price": self.money(line.start_price),
                    "tiers": [
                        {
                            "threshold": self.threshold(line, tier.threshold),
                            "price": self.money(tier.price),
                        }
                        for tier in line.tier_ids.sorted("threshold")
                    ],
                    "measure": line.tier_measure,
                    "sold_qty": self.number(joined["lines"][line.id]),
                    "final_price": self.money(prices[line]),
                }
                for line in campaign.line_ids
            ],
            "charged": self.money(sum(orders.mapped("groupbuy_amount_charged"))),
            "refunded": self.money(sum(orders.mapped("groupbuy_amount_refunded"))),
            "invoiced": self.money(sum(orders.mapped("groupbuy_amount_invoiced"))),
            "purchase_orders": len(
                campaign.purchase_order_ids.filtered(lambda po: po.state == "purchase")
            ),
            "deliveries": len(
                transfers.filtered(lambda p: p.groupbuy_role == "to_point")
            ),
            "pickups": len(
                transfers.filtered(lambda p: p.groupbuy_role == "to_resident")
            ),
            **at_points,
            **self.leaders.describe(campaign, self.money),
        }

    def money(self, amount):
        """Return an amount with the digits of the currency."""
        digits = Decimal(1).scaleb(-self.shop.currency.decimal_places)
        return str(Decimal(repr(round(amount, 6))).quantize(digits))

    @staticmethod
    def number(quantity):
        """Return whole quantities without a decimal point."""
        return int(quantity) if quantity == int(quantity) else quantity

    def threshold(self, line, value):
        """Return a tier's threshold: money, or a number."""
        return (
            self.money(value) if line.tier_measure == "amount" else self.number(value)
        )
