# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .tasks_common import TasksCommon


@tagged("post_install", "-at_install")
class TestTasksPages(TasksCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.anna = self._create_residents_with_login("Anna Miller")

    def _create_drawn(self):
        lottery = self._create_lottery((self._create_prize(), 1))
        lottery._issue([(self.anna, "a"), (self.neighbour, "b"), (self.anna, "c")])
        return lottery

    def test_a_resident_sees_tasks_progress_and_rewards(self):
        self.authenticate("anna", "anna")
        self.assertIn("no task for you", self.url_open("/my/group-tasks").text)
        task = self._create_task(name="Two photos")
        self._do(1, partner=self.anna)
        page = self.url_open("/my/group-tasks").text
        self.assertIn("Two photos", page)
        self.assertIn("1 of 2", page)
        self.assertIn("Coupon: 5 off", page)
        self._do(1, partner=self.anna, first=1)
        self._work()
        page = self.url_open("/my/group-tasks").text
        self.assertIn("You got: Coupon", page)
        self.assertIn(self._get_coupons(self.anna).code, page)
        task.action_close()
        self.assertIn("no task for you", self.url_open("/my/group-tasks").text)
        self.assertIn("/my/group-tasks", self.url_open("/my").text)

    def test_a_resident_sees_tickets_prizes_and_low_prices_of_his_own_only(self):
        campaign = self._create_campaign()
        rights = self.env["groupbuy.price.right"]
        for partner, price in ((self.anna, 6.5), (self.neighbour, 7.25)):
            rights.create(
                {
                    "key": f"test/{price}",
                    "partner_id": partner.id,
                    "line_id": campaign.line_ids.id,
                    "price": price,
                }
            )
        lottery = self._create_lottery((self._create_prize(), 1))
        lottery._issue([(self.anna, "a")])
        lottery.action_draw()
        self.authenticate("anna", "anna")
        page = self.url_open("/my/group-tasks").text
        self.assertIn("6.50", page)
        self.assertNotIn("7.25", page)
        self.assertIn("Strawberries", page)
        self.assertIn("Spring draw", page)

    def test_before_the_draw_the_page_shows_the_hash_and_no_seed(self):
        lottery = self._create_drawn()
        page = self.url_open(lottery.website_url).text
        self.assertIn(lottery.seed_hash, page)
        self.assertNotIn(lottery.sudo().seed, page)
        for ticket in lottery.ticket_ids:
            self.assertNotIn(ticket.code, page)
        with mute_logger("odoo.http"):
            proof = self.url_open(f"{lottery.website_url}/draw.json")
        self.assertEqual(proof.status_code, 404)
        self.assertIn(lottery.website_url, self.url_open("/group-buy/draws").text)

    def test_after_the_draw_the_page_shows_all_that_proves_it(self):
        lottery = self._create_drawn()
        lottery.action_draw()
        page = self.url_open(lottery.website_url).text
        for text in (lottery.seed_hash, lottery.sudo().seed, lottery.list_digest):
            self.assertIn(text, page)
        for ticket in lottery.ticket_ids:
            self.assertIn(ticket.code, page)
        self.assertIn("Anna M.", page)
        self.assertNotIn("Anna Miller", page)
        answer = self.url_open(f"{lottery.website_url}/draw.json")
        self.assertEqual(answer.json(), json.loads(lottery._get_proof()))
        self.assertNotIn("Anna", answer.text)
        script = self.url_open("/groupbuy_marketing/static/src/verify/verify_draw.py")
        self.assertIn("def recompute", script.text)

    def test_a_long_list_has_pages(self):
        lottery = self._create_lottery((self._create_prize(), 1))
        lottery._issue([(self.anna, str(number)) for number in range(150)])
        lottery.action_draw()
        last = lottery.ticket_ids.filtered(lambda t: t.number == 150)
        self.assertNotIn(last.code, self.url_open(lottery.website_url).text)
        page = self.url_open(f"{lottery.website_url}/page/2")
        self.assertIn(last.code, page.text)

    @mute_logger("odoo.http")
    def test_draws_that_are_not_public_are_not_found(self):
        draft = self._create_lottery((self._create_prize(), 1), is_open=False)
        gone = self._create_lottery((self._create_prize(), 1))
        gone.action_cancel()
        for slug in (draft.id, gone.id, "x", "0", "-1", "draw-999999999"):
            for end in ("", "/draw.json", "/qr.svg"):
                with self.subTest(slug=slug, end=end):
                    answer = self.url_open(f"/group-buy/draws/{slug}{end}")
                    self.assertEqual(answer.status_code, 404)

    def test_the_code_of_a_draw_is_a_picture(self):
        lottery = self._create_drawn()
        picture = self.url_open(f"{lottery.website_url}/qr.svg")
        self.assertEqual(picture.headers["Content-Type"], "image/svg+xml")
        self.assertIn(b"<svg", picture.content)
