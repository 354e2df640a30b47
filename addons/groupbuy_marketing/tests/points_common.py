# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields
from odoo.fields import Command

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


class PointsCommon(GroupBuyCommon):
    """A program of points, levels, and helpers to bring orders to residents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search(
            [("groupbuy_on_collection", "=", True)]
        ).groupbuy_on_collection = False
        cls.program = cls.env["loyalty.program"].create(
            {
                "name": "Community Points",
                "program_type": "loyalty",
                "trigger": "auto",
                "applies_on": "both",
                "company_id": cls.company.id,
                "groupbuy_on_collection": True,
                "portal_visible": True,
                "portal_point_name": "points",
                "rule_ids": [
                    Command.create(
                        {"reward_point_amount": 1, "reward_point_mode": "money"}
                    )
                ],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "per_point",
                            "discount": 0.1,
                            "discount_applicability": "order",
                            "required_points": 10,
                        }
                    )
                ],
            }
        )
        cls.coupons = cls.env["loyalty.program"].create(
            {
                "name": "5 off",
                "program_type": "coupons",
                "trigger": "with_code",
                "applies_on": "current",
                "company_id": cls.company.id,
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "per_order",
                            "discount": 5,
                            "discount_applicability": "order",
                        }
                    )
                ],
            }
        )

    def _get_card(self, partner=None):
        """Return a resident's card of points."""
        return self.env["loyalty.card"].search(
            [
                ("program_id", "=", self.program.id),
                ("partner_id", "=", (partner or self.resident).id),
            ]
        )

    def _get_points(self, partner=None):
        """Return the balance of a resident."""
        return sum(self._get_card(partner).mapped("points"))

    @classmethod
    def _deliver(cls):
        """Return a confirmed order of 40 whose goods lie at the point."""
        campaign = cls._create_campaign()
        order = cls._join(campaign, quantities={campaign.line_ids: 4})
        cls._close(campaign)
        cls._receive(campaign)
        return order

    @classmethod
    def _collect(cls):
        """Return an order that was collected and has earned its 40 points."""
        order = cls._deliver()
        cls._hand_out(order)
        cls._run_jobs()
        return order

    def _give_points(self, points, days_ago=0, partner=None):
        """Give points as another addon would, and date their history."""
        partner = partner or self.resident
        card = self._get_card(partner) or self.env["loyalty.card"].create(
            {"program_id": self.program.id, "partner_id": partner.id}
        )
        card.points += points
        history = self.env["loyalty.history"].create(
            {"card_id": card.id, "description": "Gift", "issued": points, "used": 0}
        )
        self.env.flush_all()
        moment = fields.Datetime.subtract(fields.Datetime.now(), days=days_ago)
        self.env.cr.execute(
            "UPDATE loyalty_history SET create_date = %s WHERE id = %s",
            [moment, history.id],
        )
        self.env.cr.execute(
            "UPDATE loyalty_card SET create_date = least(create_date, %s)"
            " WHERE id = %s",
            [moment, card.id],
        )
        self.env.invalidate_all()
        return card

    def assertLedgerMatches(self, card):
        """Assert that ledger, history and balance of a card say the same."""
        history = card.history_ids
        self.assertAlmostEqual(
            card.points, sum(history.mapped("issued")) - sum(history.mapped("used"))
        )
        entries = self.env["groupbuy.points.entry"].search([("card_id", "=", card.id)])
        self.assertAlmostEqual(card.points, sum(entries.mapped("points")))
