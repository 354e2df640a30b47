# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import LeaderCommon


@tagged("post_install", "-at_install")
class TestLeader(LeaderCommon):
    def test_an_order_belongs_to_the_leader_of_its_point(self):
        campaign = self._create_campaign()
        first = self._join(campaign, self.resident, point=self.point)
        second = self._join(campaign, self.neighbour, point=self.other_point)
        self.assertEqual(first.groupbuy_leader_id, self.leader)
        self.assertEqual(second.groupbuy_leader_id, self.other_leader)

    def test_a_resident_is_a_leader_of_a_company_once(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self.leader.copy({"partner_id": self.leader.partner_id.id})

    def test_a_sharer_runs_no_point(self):
        sharer = self._create_sharer()
        with self.assertRaises(ValidationError):
            self.point.leader_id = sharer

    def _create_sharer(self):
        return self.env["groupbuy.leader"].create(
            {
                "partner_id": self.third.id,
                "company_id": self.company.id,
                "kind": "koc",
            }
        )

    def test_a_sharer_earns_what_bound_residents_have_brought_home(self):
        sharer = self._create_sharer()
        self.resident._groupbuy_bind(sharer, "link")
        order = self._create_cart(self._create_campaign())
        order.groupbuy_point_id = False
        self.assertEqual(order._groupbuy_find_sharer(), sharer)
        self.assertFalse(order._groupbuy_find_leader())

    def test_a_sharer_and_the_leader_of_the_point_are_both_kept(self):
        sharer = self._create_sharer()
        self.resident._groupbuy_bind(sharer, "link")
        order = self._join(self._create_campaign(), self.resident)
        self.assertEqual(order.groupbuy_leader_id, self.leader)
        self.assertEqual(order.groupbuy_sharer_id, sharer)
        self.assertEqual((self.leader | sharer).mapped("order_count"), [1, 1])
        found = self.env["sale.order"].search(sharer.action_view_orders()["domain"])
        self.assertEqual(found, order)

    def test_a_sharer_who_left_or_is_of_another_company_earns_nothing(self):
        sharer = self._create_sharer()
        self.resident._groupbuy_bind(sharer, "link")
        order = self._create_cart(self._create_campaign())
        self.assertEqual(order._groupbuy_find_sharer(), sharer)
        sharer.state = "left"
        self.assertFalse(order._groupbuy_find_sharer())
        sharer.write(
            {
                "state": "active",
                "company_id": self.env["res.company"].create({"name": "Other"}).id,
            }
        )
        self.assertFalse(order._groupbuy_find_sharer())

    def test_tokens_name_working_leaders_of_the_company_only(self):
        find = self.env["groupbuy.leader"]._find_by_token
        token = self.leader.share_token
        self.assertEqual(find(token, self.company), self.leader)
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(find(token, other))
        for nonsense in (None, "", "x", 7, "%", token + "x", "x" * 200):
            self.assertFalse(find(nonsense, self.company))
        self.leader.state = "left"
        self.assertFalse(find(token, self.company))

    def test_campaigns_for_a_tier_leave_other_points_out(self):
        gold = self.env.ref("groupbuy_leader.groupbuy_leader_tier_gold")
        campaign = self._create_campaign(
            state="draft", lines=[{}], leader_tier_ids=gold.ids
        )
        with self.assertRaisesRegex(UserError, "No pickup point has a leader"):
            campaign.action_open_now()
        self.leader.tier_id = gold
        campaign.action_open_now()
        order = self._create_cart(campaign, point=self.point)
        self.assertFalse(self.point._get_refusal_reason(order))
        self.assertTrue(self.other_point._get_refusal_reason(order))

    def test_points_of_a_good_tier_are_listed_first(self):
        gold = self.env.ref("groupbuy_leader.groupbuy_leader_tier_gold")
        gold.is_listed_first = True
        order = self._create_cart(self._create_campaign())

        def get_names():
            result = order._get_pickup_locations()
            return [location["name"] for location in result["pickup_locations"]]

        self.assertEqual(get_names(), ["North Gate", "South Gate"])
        self.other_leader.tier_id = gold
        self.assertEqual(get_names(), ["South Gate", "North Gate"])
        # Not for a resident of another community.
        self.resident.groupbuy_community_id = self.env["groupbuy.community"].create(
            {"name": "River Court", "company_id": self.company.id}
        )
        self.assertEqual(get_names(), ["North Gate", "South Gate"])

    def test_a_leader_grants_up_to_the_limit_of_the_tier(self):
        gold = self.env.ref("groupbuy_leader.groupbuy_leader_tier_gold")
        self.leader.tier_id = gold
        self.assertEqual(self.point._get_grant_limit(self.leader_user), 50)
        for user in (self.other_leader_user, self.manager):
            self.assertIsNone(self.point._get_grant_limit(user))
        self.leader.state = "paused"
        self.assertEqual(self.point._get_grant_limit(self.leader_user), 0)


@tagged("post_install", "-at_install")
class TestLeaderBinding(LeaderCommon):
    def _get_log(self, partner):
        return [
            (row.previous_leader_id, row.leader_id, row.how)
            for row in self.env["groupbuy.leader.binding"].search(
                [("partner_id", "=", partner.id)], order="id"
            )
        ]

    def test_who_chooses_a_point_is_bound_to_its_leader_once(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident, point=self.point)
        self.assertEqual(self.resident.groupbuy_leader_id, self.leader)
        self._join(campaign, self.resident, point=self.other_point)
        self.assertEqual(self.resident.groupbuy_leader_id, self.leader)
        self.assertEqual(
            self._get_log(self.resident),
            [(self.env["groupbuy.leader"], self.leader, "point")],
        )

    def test_each_change_is_logged_and_the_log_stays(self):
        self.resident._groupbuy_bind(self.leader, "link")
        self.resident._groupbuy_bind(self.leader, "link")
        self.resident._groupbuy_bind(self.other_leader, "resident")
        self.resident._groupbuy_bind(self.env["groupbuy.leader"], "resident")
        none = self.env["groupbuy.leader"]
        self.assertEqual(
            self._get_log(self.resident),
            [
                (none, self.leader, "link"),
                (self.leader, self.other_leader, "resident"),
                (self.other_leader, none, "resident"),
            ],
        )
        row = self.resident.groupbuy_binding_ids[0]
        for change in (lambda: row.write({"how": "staff"}), row.unlink):
            with self.assertRaises(UserError):
                change()

    def test_a_leader_is_not_bound_to_the_own_account(self):
        self.assertFalse(self.leader.partner_id._groupbuy_bind(self.leader, "link"))
        self.assertFalse(self.leader.partner_id.groupbuy_leader_id)

    def test_a_link_takes_nobody_away_from_a_working_leader(self):
        self.resident._groupbuy_bind(self.leader, "link")
        self.assertFalse(
            self.resident._groupbuy_bind_if_free(self.other_leader, "link")
        )
        self.assertEqual(self.resident.groupbuy_leader_id, self.leader)
        self.leader.state = "left"
        self.assertTrue(self.resident._groupbuy_bind_if_free(self.other_leader, "link"))

    def test_residents_and_leaders_have_no_rights_on_the_models(self):
        for model in (
            "groupbuy.leader",
            "groupbuy.leader.application",
            "groupbuy.leader.paper",
            "groupbuy.leader.assessment",
            "groupbuy.leader.binding",
            "groupbuy.leader.invitation",
            "groupbuy.leader.invitation.bonus",
            "groupbuy.leader.tier",
            "groupbuy.leader.consent",
            "groupbuy.leader.exit",
            "groupbuy.leader.decision",
        ):
            records = self.env[model].with_user(self.leader_user)
            for operation in ("read", "write", "create", "unlink"):
                self.assertFalse(records.has_access(operation), (model, operation))

    def test_papers_and_applications_are_for_leader_managers_only(self):
        for user in (self.user, self.manager):
            for model in ("groupbuy.leader.application", "groupbuy.leader.paper"):
                self.assertFalse(self.env[model].with_user(user).has_access("read"))
        reviewer = new_test_user(
            self.env, login="reviewer", groups="groupbuy_leader.group_leader_manager"
        )
        self.assertTrue(
            self.env["groupbuy.leader.paper"].with_user(reviewer).has_access("write")
        )
        # Facts are written by the system only.
        for model in ("groupbuy.leader.assessment", "groupbuy.leader.binding"):
            records = self.env[model].with_user(reviewer)
            self.assertTrue(records.has_access("read"))
            for operation in ("write", "create", "unlink"):
                self.assertFalse(records.has_access(operation), (model, operation))

    def test_other_companies_see_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        reviewer = new_test_user(
            self.env,
            login="reviewer_other",
            groups="groupbuy_leader.group_leader_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        leader = self.leader.with_user(reviewer)
        with self.assertRaises(AccessError):
            leader.read(["state"])
        with self.assertRaises(AccessError):
            leader.action_pause()


@tagged("post_install", "-at_install")
class TestLeaderInvitation(LeaderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "groupbuy_invitation_amount": 2.0,
                "groupbuy_invitation_max": 5.0,
                "groupbuy_invitation_days": 30,
            }
        )
        cls.other_leader.inviter_id = cls.leader
        cls.invitation = cls.env["groupbuy.leader.invitation"]._start(cls.other_leader)

    def _deliver(self, partners, point=None):
        campaign = self._create_campaign()
        orders = self.env["sale.order"]
        for partner in partners:
            orders |= self._join(campaign, partner, point=point or self.other_point)
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(orders)
        return orders

    def test_an_inviter_gets_a_bonus_up_to_its_limit(self):
        self._deliver(self.resident | self.neighbour)
        self.assertEqual(self.invitation.bonus_ids.mapped("amount"), [2.0, 2.0])
        self._deliver(self.resident | self.neighbour)
        self.assertEqual(
            sorted(self.invitation.bonus_ids.mapped("amount")), [1.0, 2.0, 2.0]
        )
        self.assertEqual(self.invitation.amount_granted, 5.0)

    def test_an_order_is_counted_once(self):
        orders = self._deliver(self.resident)
        for _time in range(2):
            self.env["groupbuy.leader.invitation"]._grant_for_orders(orders)
        self.assertEqual(self.invitation.amount_granted, 2.0)

    def test_orders_after_the_time_and_of_the_two_themselves_do_not_count(self):
        self._deliver(self.leader.partner_id | self.other_leader.partner_id)
        self.assertFalse(self.invitation.bonus_ids)
        self.env.cr.execute(
            "UPDATE groupbuy_leader_invitation SET date_start = '2020-01-01',"
            " date_end = '2020-02-01' WHERE id = %s",
            [self.invitation.id],
        )
        self.invitation.invalidate_recordset()
        self._deliver(self.resident)
        self.assertFalse(self.invitation.bonus_ids)

    def test_orders_of_others_bring_nothing(self):
        self._deliver(self.resident, point=self.point)
        self.assertFalse(self.invitation.bonus_ids)

    def test_the_terms_of_a_running_invitation_stay(self):
        self.company.groupbuy_invitation_amount = 50.0
        self._deliver(self.resident)
        self.assertEqual(self.invitation.amount_granted, 2.0)

    def test_nobody_invites_themselves_and_there_is_no_chain(self):
        with self.assertRaisesRegex(ValidationError, "Nobody can invite themselves"):
            self.leader.inviter_id = self.leader
        with self.assertRaisesRegex(ValidationError, "one level only"):
            self.env["groupbuy.leader"].create(
                {
                    "partner_id": self.third.id,
                    "company_id": self.company.id,
                    "inviter_id": self.other_leader.id,
                }
            )
        with self.assertRaises(ValidationError):
            self.leader.inviter_id = self.other_leader

    def test_a_bonus_stays_as_it_was_granted(self):
        self._deliver(self.resident)
        for change in (
            lambda: self.invitation.bonus_ids.write({"amount": 9}),
            self.invitation.bonus_ids.unlink,
            self.invitation.unlink,
        ):
            with self.assertRaises(UserError):
                change()

    def test_no_bonus_is_paid_where_none_is_set(self):
        self.company.groupbuy_invitation_amount = 0
        self.assertFalse(
            self.env["groupbuy.leader.invitation"]._start(self.other_leader)
        )
