# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, new_test_user, tagged

from .tasks_common import TasksCommon


class TasksTours(TasksCommon, HttpCase):
    """Anna checks in, looks at her tasks and at a draw, in a real browser."""

    def setUp(self):
        super().setUp()
        self.anna = self._create_residents_with_login("Anna Miller")

    def _check_in_browser(self):
        lottery = self._create_lottery((self._create_prize(), 1))
        event = self._create_event(lottery_id=lottery.id, step_seconds=300, tolerance=3)
        self._create_task(target=1)
        self._do(1, partner=self.anna)
        self._work()
        self.env.flush_all()
        self.start_tour(
            f"/group-buy/check-in/{event.id}?code={event._make_token()}",
            "groupbuy_tasks_check_in",
            login="anna",
        )
        self.env.invalidate_all()
        self.assertEqual(event.visit_ids.partner_id, self.anna)
        self.assertEqual(self._get_points(self.anna), 10)
        lottery.action_draw()
        self.env.flush_all()
        self.start_tour(lottery.website_url, "groupbuy_tasks_draw", login="anna")


@tagged("post_install", "-at_install")
class TestTasksOnADesktop(TasksTours):
    browser_size = "1400x900"

    def test_resident_checks_in_and_looks_at_the_draw(self):
        self._check_in_browser()

    def test_staff_show_the_code_on_a_screen(self):
        event = self._create_event(step_seconds=5)
        new_test_user(self.env, "gwen", groups="community_groupbuy.group_groupbuy_user")
        self.env.flush_all()
        self.start_tour(
            f"/group-buy/check-in/{event.id}/screen",
            "groupbuy_tasks_screen",
            login="gwen",
        )


@tagged("post_install", "-at_install")
class TestTasksOnAPhone(TasksTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_resident_checks_in_and_looks_at_the_draw(self):
        self._check_in_browser()
