# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import HttpCase, tagged

from .commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestSettlementTours(CommissionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Debian's build of Odoo leaves out a script of video calls: the browser's
        # console says so, and any error there fails a tour.
        cls.env["ir.asset"].create(
            {
                "name": "No video background",
                "bundle": "web.assets_backend",
                "directive": "remove",
                "path": "mail/static/lib/selfie_segmentation/selfie_segmentation.js",
            }
        )

    def _start(self, path, tour, user):
        """Run a tour of the back office."""
        self.start_tour(path, tour, login=user.login)

    def test_finance_settles_and_somebody_else_approves_and_pays(self):
        self.company.groupbuy_settlement_approval_amount = 50
        with freeze_time(fields.Datetime.now() - timedelta(days=15)):
            self.leader._grant_bonus(100, "tour", "For the tour")
        self._start(
            "/odoo/action-groupbuy_leader.groupbuy_settlement_run_action",
            "groupbuy_settlement_prepare",
            self.finance,
        )
        settlement = self.env["groupbuy.settlement"].search(
            [("leader_id", "=", self.leader.id)]
        )
        self.assertEqual((settlement.state, settlement.balance), ("to_approve", 100))
        self._start(
            "/odoo/leader-settlements", "groupbuy_settlement_pay", self.approver
        )
        self.assertEqual(settlement.state, "paid")
        self.assertEqual(settlement.bill_id.amount_residual, 0)
        self.assertEqual(settlement.submitted_by_id, self.finance)
        self.assertEqual(settlement.approved_by_id, self.approver)
