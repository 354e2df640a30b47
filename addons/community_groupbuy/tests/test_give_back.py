# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestGiveBack(GroupBuyCommon):
    """The dialog with which staff take something off a confirmed order."""

    def _confirmed(self, quantity=3):
        campaign = self._create_campaign()
        order = self._join(campaign, quantities={campaign.line_ids: quantity})
        self._close(campaign)
        return order

    def _open(self, order, user=None):
        wizards = self.env["groupbuy.give.back"].with_user(user or self.user)
        return Form(wizards.with_context(default_order_id=order.id))

    def _give_back(
        self, order, quantity=0, amount=0, reason="The farm sent too little"
    ):
        form = self._open(order)
        form.reason = reason
        form.borne_by = "supplier"
        with form.line_ids.edit(0) as line:
            line.quantity = quantity
            line.amount = amount
        wizard = form.save()
        wizard.action_give_back()
        return wizard

    def test_goods_and_money_go_back_and_the_resident_reads_why(self):
        order = self._confirmed()
        campaign = order.groupbuy_campaign_id
        self._give_back(order, quantity=1, amount=2.5)
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 12.5)
        facts = order.groupbuy_allowance_ids
        self.assertEqual(set(facts.mapped("borne_by")), {"supplier"})
        self.assertEqual(sum(facts.mapped("amount")), 12.5)
        self.assertEqual(campaign.purchase_order_ids.order_line.product_qty, 2)
        message = order.message_ids.filtered(
            lambda m: "The farm sent too little" in (m.body or "")
        )
        self.assertIn(order.partner_id, message.partner_ids)
        self._receive(campaign)
        self._hand_out(order)
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_invoiced, 17.5)
        self.assertEqual(order.groupbuy_amount_owed, 0.0)
        row = order._groupbuy_get_price_rows()[0]
        self.assertIn("12.50", row["given_back"])
        self.assertFalse(row["is_dropped"])

    def test_a_second_press_gives_nothing_more(self):
        order = self._confirmed()
        wizard = self._give_back(order, quantity=1)
        wizard.action_give_back()
        self._run_jobs()
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)

    def test_a_campaign_whose_last_goods_are_given_back_is_done(self):
        order = self._confirmed(quantity=1)
        campaign = order.groupbuy_campaign_id
        self.assertEqual(campaign.state, "delivering")
        self._give_back(order, quantity=1)
        self._run_jobs()
        self.assertEqual(campaign.state, "done")
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)

    def test_a_campaign_whose_last_order_is_cancelled_is_done(self):
        order = self._confirmed()
        order.with_user(self.manager).action_cancel()
        self.assertEqual(order.groupbuy_campaign_id.state, "done")

    def test_nonsense_is_refused_and_changes_nothing(self):
        order = self._confirmed()
        for values, error in (
            ({"quantity": 4}, ValidationError),
            ({"quantity": -1}, ValidationError),
            ({"amount": 30.01}, ValidationError),
            ({}, UserError),
            ({"quantity": 1, "reason": "  "}, UserError),
        ):
            with self.subTest(values=values), self.assertRaises(error):
                self._give_back(order, **values)
        self.assertFalse(order.groupbuy_allowance_ids)
        self.assertEqual(order.amount_total, 30.0)

    def test_others_than_the_staff_cannot_open_it(self):
        order = self._confirmed()
        seller = new_test_user(
            self.env, login="seller", groups="sales_team.group_sale_salesman_all_leads"
        )
        with self.assertRaises(AccessError):
            self._open(order, seller)

    def test_an_order_that_was_handed_out_is_not_cancelled_as_a_whole(self):
        order = self._confirmed()
        self._receive(order.groupbuy_campaign_id)
        self._hand_out(order)
        self._run_jobs()
        with self.assertRaisesRegex(UserError, "Give Back"):
            order.with_user(self.manager).action_cancel()
        self.assertEqual(order.groupbuy_amount_refunded, 0.0)
        self.assertEqual(order.groupbuy_state, "confirmed")
