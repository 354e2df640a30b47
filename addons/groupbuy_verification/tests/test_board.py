# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import VerificationCommon


@tagged("post_install", "-at_install")
class TestBoard(VerificationCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.verification = cls.env["groupbuy.verification"].with_user(cls.point_manager)

    def _get_pickings(self, campaign):
        return campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_resident" and p.state != "done"
        ).sorted("id")

    def _verify(self, picking, **values):
        values = {
            "method": "list",
            "request_key": f"board-{picking.id}-{len(values)}",
            **values,
        }
        answer = self.verification._verify(picking.groupbuy_point_id, picking, **values)
        self.env.invalidate_all()
        return answer

    def _get_rows(self, points=None):
        points = points or (self.point | self.other_point)
        board = self.env["groupbuy.board"]._get_board(points)
        return board, {row["point_id"]: row for row in board["rows"]}

    def _set_done(self, pickings, moment):
        pickings.date_done = moment
        self.env.flush_all()

    def test_figures_follow_the_goods(self):
        campaign = self._create_arriving((1, 2, 3))
        _board, rows = self._get_rows()
        self.assertEqual(
            [
                rows[self.point.id][name]
                for name in ("expected", "arrived", "collected")
            ],
            [3, 0, 0],
        )
        self.assertIsNone(rows[self.point.id]["median_minutes"])
        self.assertNotIn(self.other_point.id, rows)
        self._bring(campaign)
        self._verify(self._get_pickings(campaign)[0])
        board, rows = self._get_rows()
        row = rows[self.point.id]
        self.assertEqual(
            [row[name] for name in ("expected", "arrived", "collected", "overdue")],
            [0, 2, 1, 0],
        )
        self.assertEqual(row["pace"], 0.1)
        self.assertEqual(row["bars"][-1], 1)
        self.assertEqual(sum(row["bars"]), 1)
        self.assertEqual(board["totals"]["arrived"], 2)

    def test_what_was_taken_back_is_not_collected(self):
        campaign = self._create_arrived()
        answer = self._verify(self._get_pickings(campaign)[0])
        row = self.env["groupbuy.verification"].browse(answer["verification_id"])
        self.verification._undo(row, reason="Wrong bag", request_key="board-undo-1")
        self.env.invalidate_all()
        _board, rows = self._get_rows()
        row = rows[self.point.id]
        self.assertEqual((row["arrived"], row["collected"], row["pace"]), (2, 0, 0))

    def test_a_part_counts_as_collected_and_its_rest_as_waiting(self):
        campaign = self._create_arrived((3, 1))
        picking = self._get_pickings(campaign)[0]
        self._verify(picking, quantities={picking.move_ids.id: 1.0})
        _board, rows = self._get_rows()
        row = rows[self.point.id]
        self.assertEqual((row["arrived"], row["collected"]), (2, 1))

    def test_median_is_from_arrival_to_collection(self):
        campaign = self._create_arrived((1, 1, 1))
        now = fields.Datetime.now()
        self._set_done(self._get_transfer(campaign), now - timedelta(minutes=100))
        for picking, minutes in zip(
            self._get_pickings(campaign), (90, 60, 10), strict=True
        ):
            self._verify(picking)
            self._set_done(picking, now - timedelta(minutes=minutes))
        _board, rows = self._get_rows()
        # 10, 40 and 90 minutes after the arrival.
        self.assertEqual(rows[self.point.id]["median_minutes"], 40)

    def test_durations_are_told_in_words(self):
        board = self.env["groupbuy.board"]
        self.assertEqual(
            [board._format_minutes(value) for value in (None, 0, 59, 125, 2945)],
            [None, "0 min", "59 min", "2 h 5 min", "2 d 1 h"],
        )

    def test_what_stays_too_long_is_overdue(self):
        campaign = self._create_arrived()
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE groupbuy_campaign
               SET open_at = open_at - interval '10 days',
                   close_at = close_at - interval '10 days',
                   pickup_from = pickup_from - interval '10 days',
                   pickup_until = pickup_until - interval '10 days'
             WHERE id = %s
            """,
            [campaign.id],
        )
        self.env.invalidate_all()
        _board, rows = self._get_rows()
        self.assertEqual(rows[self.point.id]["overdue"], 2)
        self._get_pickings(campaign)[0].groupbuy_code_ids.sudo().action_extend(3)
        self.env.flush_all()
        _board, rows = self._get_rows()
        self.assertEqual(rows[self.point.id]["overdue"], 1)

    def test_conflicts_are_counted(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        self._verify(picking)
        late = self._verify(
            picking, method="offline", request_key="board-late-1", device="second"
        )
        self.assertTrue(late.get("conflict"), late)
        _board, rows = self._get_rows()
        self.assertEqual(rows[self.point.id]["conflicts"], 1)

    def test_the_slowest_come_first_and_who_hands_out_nothing_is_not_the_fastest(self):
        third = self.point.copy()
        third.name = "East Gate"
        for point, age, collected in (
            (self.point, 30, True),
            (self.other_point, 300, False),
            (third, 120, True),
        ):
            campaign = self._create_campaign()
            resident = self._create_residents(1)
            self._join(campaign, resident, {campaign.line_ids: 1}, point=point)
            self._close(campaign)
            self._receive(campaign)
            now = fields.Datetime.now()
            if collected:
                self._hand_out(campaign.order_ids)
            self._set_done(
                self._get_transfer(campaign, point), now - timedelta(minutes=age)
            )
        board, _rows = self._get_rows(self.point | self.other_point | third)
        self.assertEqual(
            [row["name"] for row in board["rows"]],
            ["South Gate", "East Gate", "North Gate"],
        )
        self.assertEqual(board["rows"][0]["oldest_minutes"], 300)
        self.assertIsNone(board["rows"][0]["median_minutes"])

    def test_the_number_of_queries_does_not_grow_with_the_points(self):
        campaign = self._create_arrived()
        self._verify(self._get_pickings(campaign)[0])
        many = self.env["groupbuy.pickup.point"].create(
            [{"name": f"Point {number}"} for number in range(50)]
        )
        counts = []
        for points in (self.point, self.point | many):
            self.env.flush_all()
            self.env.invalidate_all()
            points.mapped("name")
            before = self.env.cr.sql_log_count
            self.env["groupbuy.board"]._get_board(points)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 3)

    def test_staff_see_their_companies_and_nobody_else_sees_anything(self):
        self._create_arrived()
        rows = self.env["groupbuy.board"].with_user(self.user).get_board()["rows"]
        self.assertIn(self.point.id, [row["point_id"] for row in rows])
        foreign = self.env["res.company"].create({"name": "Another Shop"})
        outsider = new_test_user(
            self.env,
            login="outsider",
            groups="community_groupbuy.group_groupbuy_user",
            company_id=foreign.id,
            company_ids=[Command.set(foreign.ids)],
        )
        board = self.env["groupbuy.board"].with_user(outsider).get_board()
        self.assertFalse(board["rows"])
        for user in (self.point_manager, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.env["groupbuy.board"].with_user(user).get_board()

    def test_managers_see_their_own_points_on_a_page(self):
        self._create_arrived()
        self.authenticate("north_manager", "north_manager")
        page = self.url_open("/my/points/board")
        self.assertEqual(page.status_code, 200)
        self.assertIn("North Gate", page.text)
        self.assertNotIn("South Gate", page.text)
        part = self.url_open("/my/points/board/content")
        self.assertTrue(part.text.strip().startswith("<div"), part.text[:50])
        self.assertNotIn("South Gate", part.text)
        self.authenticate("south_manager", "south_manager")
        page = self.url_open("/my/points/board")
        self.assertIn("Nothing lies at your points", page.text)
        self.assertNotIn("North Gate", page.text)


@tagged("post_install", "-at_install")
class TestLive(VerificationCommon):
    """Open screens are told, over channels that a browser cannot ask for."""

    def _get_messages(self):
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].sudo().search([])
        found = [
            (
                json.loads(message.channel)[1:],
                json.loads(message.message)["type"],
                json.loads(message.message)["payload"],
            )
            for message in messages
        ]
        messages.unlink()
        return [item for item in found if item[1].startswith("groupbuy_")]

    def test_staff_managers_and_residents_are_told(self):
        campaign = self._create_arriving()
        resident = campaign.order_ids.partner_id.sorted("id")[0]
        new_test_user(
            self.env, login="resident", groups="base.group_portal"
        ).partner_id = resident
        self._get_messages()
        self._bring(campaign)
        arrived = self._get_messages()
        staff = ["res.company", self.company.id, "groupbuy_board"]
        manager = ["res.partner", self.point_manager.partner_id.id]
        points = {"point_ids": self.point.ids}
        self.assertIn((staff, "groupbuy_board", points), arrived)
        self.assertIn((manager, "groupbuy_board", points), arrived)
        own = (["res.partner", resident.id], "groupbuy_order", {})
        self.assertIn(own, arrived)
        self.assertNotIn(self.other_manager.partner_id.id, [m[0][1] for m in arrived])
        picking = campaign.picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_resident" and p.partner_id == resident
        )
        engine = self.env["groupbuy.verification"].with_user(self.point_manager)
        answer = engine._verify(
            self.point, picking, method="list", request_key="live-key-1"
        )
        told = self._get_messages()
        self.assertIn(own, told)
        # Once, however much happened in the transaction.
        self.assertEqual([m[0] for m in told].count(staff), 1)
        engine._undo(
            self.env["groupbuy.verification"].browse(answer["verification_id"]),
            reason="Wrong bag",
            request_key="live-key-2",
        )
        told = self._get_messages()
        self.assertIn((staff, "groupbuy_board", points), told)
        self.assertIn(own, told)

    def test_the_staff_channel_is_given_by_the_server_only(self):
        class Session:
            uid = 1

        class FakeRequest:
            session = Session()

        for user, is_staff in ((self.user, True), (self.point_manager, False)):
            with patch("odoo.addons.bus.models.ir_websocket.wsrequest", FakeRequest()):
                channels = (
                    self.env["ir.websocket"]
                    .with_user(user)
                    ._build_bus_channel_list(["groupbuy_board"])
                )
            given = [channel for channel in channels if isinstance(channel, tuple)]
            expected = [(self.company, "groupbuy_board")] if is_staff else []
            self.assertEqual(
                [channel for channel in given if channel[1] == "groupbuy_board"],
                expected,
            )
