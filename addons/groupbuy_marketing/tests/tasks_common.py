# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .points_common import PointsCommon


class TasksCommon(PointsCommon):
    """Tasks, prizes, draws and events, and the job that works on them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tasks = cls.env["groupbuy.task"]

    @classmethod
    def _create_task(cls, is_open=True, **values):
        """Return a task that gives a coupon for two reviews, open by default."""
        task = cls.env["groupbuy.task"].create(
            {
                "name": "Show us",
                "company_id": cls.company.id,
                "kind": "review",
                "target": 2,
                "tz": "Asia/Shanghai",
                "start_at": fields.Datetime.now() - timedelta(days=40),
                "reward_type": "coupon",
                "coupon_program_id": cls.coupons.id,
                **values,
            }
        )
        if is_open:
            task.action_open()
        return task

    @classmethod
    def _create_prize(cls, **values):
        return cls.env["groupbuy.prize"].create(
            {
                "name": "Strawberries",
                "company_id": cls.company.id,
                "reward_type": "goods",
                "stock": 5,
                **values,
            }
        )

    @classmethod
    def _create_lottery(cls, *prizes, is_open=True, **values):
        """Return a draw of pairs of prize and quantity, drawn on the spot."""
        lottery = cls.env["groupbuy.lottery"].create(
            {
                "name": "Spring draw",
                "company_id": cls.company.id,
                "draw_at": fields.Datetime.now() + timedelta(days=1),
                "tz": "Asia/Shanghai",
                "is_on_site": True,
                "line_ids": [
                    Command.create({"prize_id": prize.id, "quantity": quantity})
                    for prize, quantity in prizes
                ],
                **values,
            }
        )
        if is_open:
            lottery.action_publish()
        return lottery

    @classmethod
    def _create_event(cls, **values):
        now = fields.Datetime.now()
        return cls.env["groupbuy.check.in.event"].create(
            {
                "name": "Tasting",
                "company_id": cls.company.id,
                "place": "North Gate",
                "start_at": now - timedelta(hours=1),
                "end_at": now + timedelta(hours=1),
                "tz": "Asia/Shanghai",
                "points_program_id": cls.program.id,
                "points": 10,
                **values,
            }
        )

    def _do(self, times=1, partner=None, kind="review", first=0, at=None):
        """Let a resident do something that tasks ask for."""
        return self.tasks._groupbuy_count_many(
            kind,
            [
                (partner or self.resident, f"thing/{number}")
                for number in range(first, first + times)
            ],
            company=self.company,
            at=at,
        )

    def _work(self):
        """Run the scheduled job of tasks, rewards and draws."""
        self.env.flush_all()
        self.env.ref("groupbuy_marketing.ir_cron_work_on_tasks").method_direct_trigger()
        self.env.invalidate_all()

    def _get_completions(self, task):
        return self.env["groupbuy.task.completion"].search([("task_id", "=", task.id)])

    def _get_coupons(self, partner=None):
        return self.env["loyalty.card"].search(
            [
                ("program_id", "=", self.coupons.id),
                ("partner_id", "=", (partner or self.resident).id),
            ]
        )
