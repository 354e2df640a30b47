# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import tagged

from .common import VerificationCommon


@tagged("post_install", "-at_install")
class TestVerification(VerificationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.verification = cls.env["groupbuy.verification"].with_user(cls.point_manager)
        cls.key_number = 0

    def _new_key(self):
        type(self).key_number += 1
        return f"test-key-{self.key_number}"

    def _get_pickings(self, campaign):
        """Return the residents' open transfers, in the order of their payment."""
        return campaign.order_ids.groupbuy_picking_ids.filtered(
            lambda p: p.groupbuy_role == "to_resident" and p.state != "done"
        ).sorted("id")

    def _verify(self, picking, method="list", **values):
        values.setdefault("request_key", self._new_key())
        point = values.pop("point", self.point)
        model = values.pop("model", self.verification)
        return model._verify(point, picking, method=method, **values)

    def test_a_typed_code_opens_its_transfer(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        text = picking.groupbuy_code_ids._get_text()
        found = self.verification._find(self.point, f" {text[:5].lower()}-{text[5:]} ")
        self.assertEqual(found["status"], "found")
        self.assertEqual(found["picking_id"], picking.id)
        self.assertEqual(found["lines"][0]["quantity"], 2)
        answer = self._verify(picking, method="code", code=text)
        self.assertEqual(answer["status"], "verified", answer)
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.groupbuy_code_ids.state, "used")
        again = self.verification._find(self.point, text)
        self.assertEqual(again["refusal"], "already_collected")
        self.assertEqual(again["details"]["by"], "Li Na")
        self.assertEqual(again["details"]["point"], "North Gate")

    def test_undo_brings_the_goods_back_and_keeps_the_code(self):
        campaign = self._create_arrived()
        picking = self._get_pickings(campaign)[0]
        order = campaign.order_ids.sorted("id")[0]
        text = picking.groupbuy_code_ids._get_text()
        answer = self._verify(picking)
        line = order.order_line.filtered("groupbuy_line_id")
        self.assertEqual(line.qty_delivered, 2)
        row = self.env["groupbuy.verification"].browse(answer["verification_id"])
        undone = self.verification._undo(
            row, reason="Wrong bag", request_key=self._new_key()
        )
        self.assertEqual(undone["status"], "undone", undone)
        self.env.invalidate_all()
        self.assertEqual(line.qty_delivered, 0)
        found = self.verification._find(self.point, text)
        self.assertEqual(found["status"], "found", found)
        self.assertEqual(found["picking_id"], undone["picking_id"])
        self.assertEqual(found["lines"][0]["quantity"], 2)

    def test_day_list(self):
        campaign = self._create_arrived()
        rows = self.verification._get_day_list(self.point)
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows[0]["state"], "due")
        batch = self.verification._verify_batch(
            self.point,
            self._get_pickings(campaign),
            method="batch",
            request_key=self._new_key(),
        )
        self.assertEqual(batch["verified"], 2, batch)
        rows = self.verification._get_day_list(self.point)
        self.assertEqual({row["state"] for row in rows}, {"collected"})
        self.assertEqual(campaign.state, "done")
