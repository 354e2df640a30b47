# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields

from .common import VerificationCommon


class EngineCommon(VerificationCommon):
    """Short names for what the pages call."""

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
        self.env.invalidate_all()
        return campaign.order_ids.groupbuy_picking_ids.filtered(
            lambda p: (
                p.groupbuy_role == "to_resident" and p.state not in ("done", "cancel")
            )
        ).sorted("id")

    def _find(self, text, point=None):
        return self.verification._find(point or self.point, text)

    def _verify(self, picking, method="list", **values):
        values.setdefault("request_key", self._new_key())
        point = values.pop("point", self.point)
        model = values.pop("model", self.verification)
        return model._verify(point, picking, method=method, **values)

    def _undo(self, answer, reason="Wrong bag", **values):
        values.setdefault("request_key", self._new_key())
        model = values.pop("model", self.verification)
        row = self.env["groupbuy.verification"].browse(answer["verification_id"])
        return model._undo(row, reason=reason, **values)

    def _end_window(self, campaign, days=0.1):
        """Let the pickup window have ended some days ago."""
        now = fields.Datetime.now()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE groupbuy_campaign SET open_at = %s, close_at = %s,"
            " pickup_from = %s, pickup_until = %s WHERE id = %s",
            [
                now - timedelta(days=days + 9),
                now - timedelta(days=days + 5),
                now - timedelta(days=days + 2),
                now - timedelta(days=days),
                campaign.id,
            ],
        )
        self.env.invalidate_all()

    def _get_order_line(self, picking):
        return picking.move_ids.sale_line_id

    def _run_cron(self, name):
        """Run a scheduled job of this addon."""
        self.env.flush_all()
        self.env.ref(f"groupbuy_verification.ir_cron_{name}").method_direct_trigger()
        self.env.invalidate_all()

    # === ASSERTIONS === #

    def assertRefused(self, answer, refusal):
        """Assert that a request was refused, for a reason and in words."""
        self.assertEqual(answer.get("status"), "refused", answer)
        self.assertEqual(answer["refusal"], refusal, answer)
        self.assertTrue(answer["message"])

    def assertVerified(self, answer):
        self.assertEqual(answer.get("status"), "verified", answer)

    def assertLogMatches(self, campaign):
        """Assert that the log, the orders and the stock say the same."""
        self.env.invalidate_all()
        lines = campaign.order_ids.order_line.filtered("groupbuy_line_id")
        rows = self.env["groupbuy.verification"].search(
            [("campaign_id", "=", campaign.id)]
        )
        moves = campaign.order_ids.order_line.move_ids.filtered(
            lambda move: move.state == "done"
        )
        stock = sum(
            move.quantity
            if move.location_dest_id.usage == "customer"
            else -move.quantity
            for move in moves
        )
        log = sum(rows.line_ids.mapped("quantity"))
        self.assertEqual(log, sum(lines.mapped("qty_delivered")))
        self.assertEqual(log, stock)
