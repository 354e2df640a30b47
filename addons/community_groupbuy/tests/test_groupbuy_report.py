# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestGroupBuyReport(GroupBuyCommon):
    def _get_rows(self, orders):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["groupbuy.report"].search(
            [("order_id", "in", orders.ids)], order="id"
        )

    def test_cart_is_not_reported(self):
        order = self._create_cart(self._create_campaign())
        self.assertFalse(self._get_rows(order))

    def test_each_line_of_a_paid_order_is_a_row(self):
        campaign = self._create_campaign(
            lines=[
                {"product": self.tomato},
                {"product": self.egg, "start_price": 20.0},
            ]
        )
        tomato, egg = campaign.line_ids
        order = self._join(campaign, quantities={tomato: 3, egg: 2})
        rows = self._get_rows(order)
        self.assertRecordValues(
            rows,
            [
                {
                    "campaign_id": campaign.id,
                    "line_id": tomato.id,
                    "product_id": self.tomato.id,
                    "point_id": self.point.id,
                    "community_id": self.community.id,
                    "partner_id": self.resident.id,
                    "state": "waiting",
                    "quantity": 3.0,
                    "amount_joined": 30.0,
                    "amount_final": 30.0,
                    "amount_saved": 0.0,
                    "amount_cost": 12.0,
                    "margin": 18.0,
                },
                {
                    "campaign_id": campaign.id,
                    "line_id": egg.id,
                    "product_id": self.egg.id,
                    "point_id": self.point.id,
                    "community_id": self.community.id,
                    "partner_id": self.resident.id,
                    "state": "waiting",
                    "quantity": 2.0,
                    "amount_joined": 40.0,
                    "amount_final": 40.0,
                    "amount_saved": 0.0,
                    "amount_cost": 16.0,
                    "margin": 24.0,
                },
            ],
        )

    def test_price_fall_is_what_the_residents_get_back(self):
        campaign = self._create_campaign(
            lines=[{"product": self.tomato, "tiers": [(5, 8.0)]}]
        )
        order = self._join(campaign, quantities={campaign.line_ids: 3})
        self._join(campaign, self.neighbour, {campaign.line_ids: 2})
        self._close(campaign)
        row = self._get_rows(order)
        self.assertEqual(row.amount_joined, 30.0)
        self.assertEqual(row.amount_final, 24.0)
        self.assertEqual(row.amount_saved, 6.0)
        refunded = sum(
            order.groupbuy_job_ids.filtered(
                lambda job: job.kind == "difference"
            ).mapped("amount")
        )
        self.assertEqual(row.amount_saved, refunded)

    def test_orders_and_residents_are_counted_once(self):
        campaign = self._create_campaign(
            lines=[{"product": self.tomato}, {"product": self.egg}]
        )
        quantities = dict.fromkeys(campaign.line_ids, 1)
        orders = self._join(campaign, quantities=quantities)
        orders |= self._join(campaign, quantities=quantities)
        orders |= self._join(campaign, self.neighbour, quantities)
        self.env.flush_all()
        [(found, order_count, partner_count, quantity)] = self.env[
            "groupbuy.report"
        ]._read_group(
            [("campaign_id", "=", campaign.id)],
            ["campaign_id"],
            ["order_id:count_distinct", "partner_id:count_distinct", "quantity:sum"],
        )
        self.assertEqual(
            (found, order_count, partner_count, quantity), (campaign, 3, 2, 6.0)
        )

    def test_units_are_those_of_the_product(self):
        campaign = self._create_campaign()
        order = self._join(campaign, quantities={campaign.line_ids: 2})
        dozen = self.env.ref("uom.product_uom_dozen")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_line SET product_uom_id = %s WHERE order_id = %s",
            [dozen.id, order.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._get_rows(order).quantity, 24.0)

    def test_other_companies_are_not_reported(self):
        order = self._join(self._create_campaign())
        self.env.flush_all()
        self.assertTrue(
            self.env["groupbuy.report"]
            .with_user(self.user)
            .search([("order_id", "=", order.id)])
        )
        company = self.env["res.company"].create({"name": "Elsewhere"})
        foreigner = new_test_user(
            self.env,
            login="foreigner",
            groups="community_groupbuy.group_groupbuy_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(
            self.env["groupbuy.report"]
            .with_user(foreigner)
            .search([("order_id", "=", order.id)])
        )
