# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .receipt_common import ReceiptCommon


class ReceiptTours(ReceiptCommon, HttpCase):
    """The manager of a point receives a transfer in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chinese = cls.env["res.lang"]._activate_lang("zh_CN")
        cls.website.language_ids = [Command.link(chinese.id)]
        cls.tomato.barcode = "6901234567892"
        cls.egg.barcode = "6901234567908"

    def _receive_in_browser(self, prefix):
        campaign = self._create_campaign(lines=[{}, {"product": self.egg}])
        tomato, egg = campaign.line_ids
        first = self._join(campaign, self.resident, {tomato: 3, egg: 1})
        second = self._join(campaign, self.neighbour, {tomato: 2, egg: 1})
        self._send(campaign)
        picking = self._get_transfer(campaign)
        self.start_tour(
            f"{prefix}/my/points/{self.point.id}",
            "groupbuy_receipt",
            login="north_manager",
        )
        self.assertEqual(picking.state, "done")
        receipt = picking.groupbuy_receipt_ids
        by_product = {line.product_id: line for line in receipt.line_ids}
        tomatoes, eggs = by_product[self.tomato], by_product[self.egg]
        self.assertEqual((tomatoes.received, tomatoes.short), (3, 2))
        self.assertEqual(tomatoes.short_responsible, "supplier")
        self.assertEqual((eggs.received, eggs.damaged), (2, 1))
        self.assertEqual(len(eggs.photo_ids), 1)
        self.assertEqual(receipt.allotment_ids.order_id, second)
        self.assertEqual(first.groupbuy_picking_ids.state, "assigned")
        self.assertEqual(receipt.user_id, self.point_manager)
        self._run_jobs()
        self.assertEqual(second.groupbuy_amount_refunded, 30.0)


@tagged("post_install", "-at_install")
class TestReceiptOnAPhone(ReceiptTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_manager_receives_in_english(self):
        self._receive_in_browser("")

    def test_manager_receives_in_chinese(self):
        self._receive_in_browser("/zh_CN")


@tagged("post_install", "-at_install")
class TestReceiptOnADesktop(ReceiptTours):
    browser_size = "1400x900"

    def test_manager_receives_in_english(self):
        self._receive_in_browser("")
