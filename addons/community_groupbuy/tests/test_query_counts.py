# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from contextlib import contextmanager

from odoo.tests import HttpCase, tagged

from odoo.addons.community_groupbuy.models.groupbuy_campaign_website import (
    LINES_PER_PAGE,
)
from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestQueryCounts(GroupBuyCommon, HttpCase):
    """Cost does not grow with what is not touched: queries are counted, not seconds.

    The same work is done on few and on many records, warm both times, and the two
    counts are compared. A query for each record would show as a difference.
    """

    @contextmanager
    def _count(self, counts):
        """Append the number of queries of a block, on whichever cursor, to a list."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        yield
        self.env.flush_all()
        counts.append(self.env.cr.sql_log_count - before)

    def _create_products(self, count, supplier=True):
        sellers = [(0, 0, {"partner_id": self.supplier.id, "price": 4.0})]
        return self.env["product.product"].create(
            [
                {
                    "name": f"Product {number}",
                    "type": "consu",
                    "is_storable": True,
                    "is_published": True,
                    "standard_price": 4.0,
                    "taxes_id": False,
                    "supplier_taxes_id": False,
                    "seller_ids": sellers if supplier else False,
                }
                for number in range(count)
            ]
        )

    def _create_wide_campaign(self, products, state="draft"):
        campaign = self._create_campaign(state="draft")
        self.env["groupbuy.campaign.line"].create(
            [
                {
                    "campaign_id": campaign.id,
                    "product_id": product.id,
                    "start_price": 10.0,
                    "cap": 50,
                    "tier_ids": [(0, 0, {"threshold": 5, "price": 9.0})],
                }
                for product in products
            ]
        )
        if state == "open":
            campaign.action_open_now()
        return campaign

    # === PREPARING === #

    def test_checking_a_campaign_costs_no_query_for_each_line(self):
        products = self._create_products(80)
        few = self._create_wide_campaign(products[:20])
        many = self._create_wide_campaign(products)
        counts = []
        for campaign in (few, few, many):
            with self._count(counts):
                campaign._check_ready()
        self.assertLessEqual(counts[2], counts[1] + 5, counts)

    def test_cost_and_margin_cost_no_query_for_each_line(self):
        products = self._create_products(80)
        campaign = self._create_wide_campaign(products)
        ids = campaign.line_ids.ids
        counts = []
        for chosen in (ids[:20], ids[:20], ids):
            with self._count(counts):
                lines = campaign.line_ids.browse(chosen)
                lines.mapped("margin")
                lines.mapped("is_below_cost")
        self.assertLessEqual(counts[2], counts[1] + 5, counts)

    def test_adding_lines_costs_no_query_for_each(self):
        products = self._create_products(80)
        counts = []
        for chosen in (products[:20], products[:20], products):
            with self._count(counts):
                self._create_wide_campaign(chosen)
        self.assertLessEqual(counts[2], counts[1] + 3, counts)

    # === PAGES === #

    def test_a_page_of_lines_costs_the_same_in_a_campaign_of_many(self):
        # `make bench` asks for the page of a campaign of 3,000.
        products = self._create_products(20 * LINES_PER_PAGE, supplier=False)
        few = self._create_wide_campaign(products[:LINES_PER_PAGE], "open")
        many = self._create_wide_campaign(products, "open")
        counts = []
        for campaign in (few, few, many, many):
            self.env.flush_all()
            with self._count(counts):
                response = self.url_open(campaign.website_url)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response.text.count('class="gb-line '), LINES_PER_PAGE)
        self.assertLessEqual(counts[3], counts[1] + 3, counts)

    def test_live_numbers_cost_the_same_for_more_lines_and_more_orders(self):
        products = self._create_products(60)
        campaign = self._create_wide_campaign(products, "open")
        lines = campaign.line_ids
        counts = []
        for ids in (lines[:5].ids, lines[:5].ids, lines.ids):
            path = f"/group-buy/{campaign.id}/live?lines={','.join(map(str, ids))}"
            with self._count(counts):
                self.assertEqual(len(self.url_open(path).json()["lines"]), len(ids))
        self.assertLessEqual(counts[2], counts[1], counts)
        for partner in self._create_residents(12):
            self._join(campaign, partner, {lines[0]: 1, lines[1]: 1})
        with self._count(counts):
            values = self.url_open(path).json()
        self.assertEqual(values["people"], 12)
        # Names of joiners are read, all at once.
        self.assertLessEqual(counts[3], counts[2] + 6, counts)

    # === CLOSING === #

    def _prepare_to_close(self, orders):
        """Return a campaign that many residents have joined, about to be decided."""
        campaign = self._create_campaign(
            lines=[{"tiers": [(2, 8.0)], "tier_measure": "people"}]
        )
        for partner in self._create_residents(orders):
            self._join(campaign, partner)
        self._run_jobs()
        campaign._start_closing()
        return campaign

    def test_deciding_costs_the_same_for_twice_as_many_orders(self):
        counts = []
        for orders in (4, 8, 16):
            campaign = self._prepare_to_close(orders)
            with self._count(counts):
                campaign._decide()
            self.assertEqual(campaign.job_pending_count, orders)
        self.assertLessEqual(counts[2], counts[1], counts)

    def test_confirming_costs_few_queries_for_each_order(self):
        counts = []
        for orders in (8, 8, 16):
            campaign = self._prepare_to_close(orders)
            campaign._decide()
            jobs = campaign.job_ids.filtered(lambda job: job.kind == "confirm")
            self.assertEqual(len(jobs), orders)
            with self._count(counts):
                jobs._do()
            self.assertEqual(set(jobs.mapped("state")), {"done"})
        # What is left for each order is Odoo's own confirmation. It is counted here so
        # that it does not grow unseen.
        self.assertLessEqual((counts[2] - counts[1]) / 8, 6.0, counts)

    def test_failing_costs_few_queries_for_each_order(self):
        counts = []
        for orders in (8, 8, 16):
            campaign = self._prepare_to_close(orders)
            campaign._create_refund_jobs(campaign.group_ids, "shortfall")
            jobs = campaign.job_ids.filtered(lambda job: job.kind == "cancel")
            with self._count(counts):
                jobs._do()
            self.assertEqual(
                set(campaign.order_ids.mapped("groupbuy_state")), {"failed"}
            )
        self.assertLessEqual((counts[2] - counts[1]) / 8, 5.0, counts)

    def test_supply_costs_the_same_for_twice_as_many_orders(self):
        counts = []
        for orders in (5, 5, 10):
            campaign = self._prepare_to_close(orders)
            campaign._decide()
            campaign.job_ids.filtered(lambda job: job.kind == "confirm")._do()
            with self._count(counts):
                campaign._sync_supply()
            self.assertEqual(campaign.purchase_order_ids.order_line.product_qty, orders)
        self.assertLessEqual(counts[2], counts[1] + 3, counts)
