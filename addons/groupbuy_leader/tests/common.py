# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import new_test_user

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


class LeaderCommon(GroupBuyCommon):
    """A leader at each of the two points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader_user, cls.other_leader_user = (
            new_test_user(
                cls.env,
                login=login,
                name=name,
                email=f"{login}@example.com",
                groups="base.group_portal",
            )
            for login, name in (("leader_li", "Li Na"), ("leader_zhao", "Zhao Lei"))
        )
        ordinary = cls.env.ref("groupbuy_leader.groupbuy_leader_tier_ordinary")
        cls.leader, cls.other_leader = cls.env["groupbuy.leader"].create(
            [
                {
                    "partner_id": user.partner_id.id,
                    "company_id": cls.company.id,
                    "tier_id": ordinary.id,
                }
                for user in (cls.leader_user, cls.other_leader_user)
            ]
        )
        cls.point.leader_id = cls.leader
        cls.other_point.leader_id = cls.other_leader
