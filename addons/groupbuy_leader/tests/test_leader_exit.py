# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import LeaderCommon


@tagged("post_install", "-at_install")
class TestLeaderExit(LeaderCommon):
    """A leader goes: nothing is lost, nothing is doubled, nobody pays more."""

    def _leave(self, leader=None, targets=None, successor=None, reason="Moves away"):
        leader = leader or self.leader
        wizard = self.env["groupbuy.leader.exit"].browse(leader.action_exit()["res_id"])
        for line in wizard.line_ids:
            line.target_id = (targets or {}).get(line.point_id, self.other_point)
        if successor is not None:
            wizard.successor_id = successor
        wizard.reason = reason
        wizard.action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()
        return wizard

    def _get_at(self, point):
        """Return what lies at a point, by product."""
        quants = self.env["stock.quant"].search(
            [("location_id", "=", point.location_id.id)]
        )
        return {quant.product_id: quant.quantity for quant in quants if quant.quantity}

    def test_joiners_of_an_open_campaign_move_and_pay_what_they_joined_for(self):
        campaign = self._create_campaign(
            lines=[{"cap": 10, "tiers": [(2, 9.0)]}],
            success_scope="group",
            min_people=2,
        )
        moved = self._join(campaign, self.resident, point=self.point)
        stayed = self._join(campaign, self.neighbour, point=self.other_point)
        cart = self._create_cart(campaign, self.third, point=self.point)
        self._leave()
        self.assertEqual((moved | cart).groupbuy_point_id, self.other_point)
        self.assertEqual((moved | cart).groupbuy_group_id, stayed.groupbuy_group_id)
        self.assertEqual(campaign.pickup_point_ids, self.other_point)
        self.assertEqual(stayed.groupbuy_group_id.people_count, 2)
        self.assertQuotaMatchesHolds(campaign)
        cart._check_cart_is_ready_to_be_paid()
        self._pay(cart)
        self._close(campaign)
        self.assertEqual(
            (moved | stayed | cart).mapped("groupbuy_state"), ["confirmed"] * 3
        )
        self.assertEqual((moved | stayed | cart).mapped("amount_total"), [9.0] * 3)
        self.assertMoneyReconciles(moved | stayed | cart)

    def test_a_group_moves_as_a_whole_where_the_other_point_has_none(self):
        campaign = self._create_campaign(
            state="draft", lines=[{}], pickup_point_ids=self.point.ids
        )
        campaign.action_open_now()
        order = self._join(campaign, self.resident, point=self.point)
        group = order.groupbuy_group_id
        self._leave()
        self.assertEqual(order.groupbuy_group_id, group)
        self.assertEqual(group.pickup_point_id, self.other_point)
        self.assertEqual(campaign.group_ids, group)
        self.assertEqual(campaign.pickup_point_ids, self.other_point)

    def test_goods_under_way_go_to_the_other_point(self):
        campaign = self._create_campaign()
        moved = self._join(campaign, self.resident, {campaign.line_ids: 3})
        stayed = self._join(campaign, self.neighbour, point=self.other_point)
        self._close(campaign)
        campaign.purchase_order_ids.button_confirm()
        self._leave()
        to_point = campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_point" and p.state != "cancel"
        )
        self.assertEqual(to_point.groupbuy_point_id, self.other_point)
        self.assertEqual(sum(to_point.move_ids.mapped("product_uom_qty")), 4)
        for picking in campaign.purchase_order_ids.picking_ids:
            self._validate(picking)
        self._bring(campaign)
        self._hand_out(moved | stayed)
        self.assertEqual(
            (moved | stayed).groupbuy_picking_ids.mapped("state"), ["done", "done"]
        )
        self.assertEqual(campaign.state, "done")
        self.assertFalse(self._get_at(self.point))
        self.assertFalse(self._get_at(self.other_point))

    def test_goods_that_have_arrived_are_brought_over_and_handed_out_there(self):
        campaign = self._create_campaign()
        moved = self._join(campaign, self.resident, {campaign.line_ids: 3})
        served = self._join(campaign, self.third, {campaign.line_ids: 2})
        stayed = self._join(campaign, self.neighbour, point=self.other_point)
        self._close(campaign)
        self._receive(campaign)
        self._hand_out(served)
        self.assertEqual(self._get_at(self.point), {self.tomato: 3})
        self._leave()
        handover = campaign.picking_ids.filtered("groupbuy_from_point_id")
        self.assertEqual(handover.groupbuy_from_point_id, self.point)
        self.assertEqual(handover.groupbuy_point_id, self.other_point)
        self.assertEqual(handover.move_ids.product_uom_qty, 3)
        self.assertEqual(handover.state, "assigned")
        self.assertFalse(
            campaign.picking_ids.filtered(
                lambda p: (
                    p.groupbuy_role == "to_point"
                    and p.state not in ("done", "cancel")
                    and p != handover
                )
            ),
            "Nothing is bought or brought a second time",
        )
        self.assertEqual(moved.groupbuy_picking_ids.state, "confirmed")
        self.assertEqual(served.groupbuy_point_id, self.point, "Collected: it stays")
        campaign._sync_supply()
        self.assertEqual(handover.move_ids.product_uom_qty, 3)
        self._validate(handover)
        self.assertEqual(moved.groupbuy_picking_ids.state, "assigned")
        self._hand_out(moved | stayed)
        self.assertEqual(campaign.state, "done")
        self.assertFalse(self._get_at(self.point))
        self.assertFalse(self._get_at(self.other_point))
        self._run_jobs()
        self.assertMoneyReconciles(moved | served | stayed)

    def test_what_else_lies_there_goes_along(self):
        self.env["stock.quant"]._update_available_quantity(
            self.egg, self.point.location_id, 7
        )
        self._leave()
        picking = self.env["stock.picking"].search(
            [("groupbuy_from_point_id", "=", self.point.id)]
        )
        self.assertEqual(picking.move_ids.product_uom_qty, 7)
        self.assertEqual(picking.location_dest_id, self.other_point.location_id)
        self.assertFalse(picking.groupbuy_campaign_id)

    def test_residents_go_to_the_successor_and_read_about_it(self):
        campaign = self._create_campaign()
        order = self._join(campaign, self.resident, point=self.point)
        self.neighbour._groupbuy_bind(self.leader, "link")
        wizard = self._leave()
        self.assertEqual(wizard.successor_id, self.other_leader)
        for resident in (self.resident, self.neighbour):
            self.assertEqual(resident.groupbuy_leader_id, self.other_leader)
            self.assertEqual(resident.groupbuy_binding_ids[0].how, "exit")
        mail = self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "=", order.id)], limit=1
        )
        self.assertIn("South Gate", mail.subject)
        self.assertEqual(order.groupbuy_leader_id, self.leader, "Who won the order")

    def test_the_point_closes_and_the_leader_is_told_once_to_settle(self):
        calls = []
        self.patch(
            type(self.env["groupbuy.leader"]),
            "_on_left",
            lambda leader: calls.append(leader.state),
        )
        self._leave()
        self.assertEqual(self.leader.state, "left")
        self.assertEqual(calls, ["left"])
        self.assertFalse(self.point.active)
        self.assertFalse(self.point.leader_id)
        self.assertTrue(self.leader.date_end)
        with self.assertRaises(UserError):
            self.leader._leave({}, self.env["groupbuy.leader"], "Again")
        self.assertEqual(calls, ["left"])

    def test_the_preview_says_what_moves(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident, point=self.point)
        self._create_cart(campaign, self.third, point=self.point)
        self.env["stock.quant"]._update_available_quantity(
            self.egg, self.point.location_id, 7
        )
        wizard = self.env["groupbuy.leader.exit"].create({"leader_id": self.leader.id})
        line = wizard.line_ids
        self.assertEqual(line.point_id, self.point)
        self.assertEqual((line.order_count, line.people_count), (1, 1))
        self.assertEqual(line.campaign_text, campaign.name)
        self.assertIn("Eggs: 7", line.goods_text)
        self.assertEqual(self.leader.state, "active")

    def test_bad_targets_are_refused_and_change_nothing(self):
        campaign = self._create_campaign()
        order = self._join(campaign, self.resident, point=self.point)
        other_company = self.env["res.company"].create({"name": "Other"})
        foreign = self.env["groupbuy.pickup.point"].create(
            {"name": "Foreign", "company_id": other_company.id, "tz": "UTC"}
        )
        paused = self.other_point.copy({"is_paused": True})
        nobody = self.env["groupbuy.leader"]
        for targets, reason in (
            ({}, "x"),
            ({self.point: self.point}, "x"),
            ({self.point: foreign}, "x"),
            ({self.point: paused}, "x"),
            ({self.point: self.other_point}, " "),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.leader._leave(targets, nobody, reason)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.leader._leave({self.point: self.other_point}, self.leader, "x")
        with self.assertRaises(AccessError):
            self.leader.with_user(self.user)._leave(
                {self.point: self.other_point}, nobody, "x"
            )
        campaign._start_closing()
        with self.assertRaisesRegex(UserError, "just being closed"):
            self.leader._leave({self.point: self.other_point}, nobody, "x")
        self.assertEqual(order.groupbuy_point_id, self.point)
        self.assertEqual(self.leader.state, "active")

    def test_a_sharer_leaves_without_a_point(self):
        sharer = self.env["groupbuy.leader"].create(
            {
                "partner_id": self.third.id,
                "company_id": self.company.id,
                "kind": "koc",
            }
        )
        self.resident._groupbuy_bind(sharer, "link")
        self._leave(sharer, successor=self.leader)
        self.assertEqual(sharer.state, "left")
        self.assertEqual(self.resident.groupbuy_leader_id, self.leader)
