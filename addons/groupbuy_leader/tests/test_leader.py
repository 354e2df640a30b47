# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import tagged

from .common import LeaderCommon


@tagged("post_install", "-at_install")
class TestLeader(LeaderCommon):
    def test_an_order_belongs_to_the_leader_of_its_point(self):
        campaign = self._create_campaign()
        first = self._join(campaign, self.resident, point=self.point)
        second = self._join(campaign, self.neighbour, point=self.other_point)
        self.assertEqual(first.groupbuy_leader_id, self.leader)
        self.assertEqual(second.groupbuy_leader_id, self.other_leader)
