# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_coupons import CouponCommon


@tagged("post_install", "-at_install")
class TestSuccessCoupon(CouponCommon):
    """Who joined a successful group gets a coupon, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._create_merchant_program()

    def _get_cards(self, partner=None):
        return self.program.with_context(active_test=False).coupon_ids.filtered(
            lambda card: not partner or card.partner_id == partner
        )

    def test_each_joiner_gets_one_however_many_orders(self):
        campaign = self._create_campaign(success_program_id=self.program.id)
        self._join(campaign)
        self._join(campaign)
        self._join(campaign, self.neighbour)
        self._create_cart(campaign, self.third)
        self._close(campaign)
        self.assertEqual(self._get_cards().partner_id, self.resident | self.neighbour)
        self.assertEqual(self._get_cards().mapped("points"), [1.0, 1.0])
        self.assertEqual(campaign.success_coupon_count, 2)
        last = fields.Date.today() + timedelta(days=31)
        for card in self._get_cards():
            self.assertLessEqual(card.expiration_date, last)
            self.assertEqual(card.history_ids.issued, 1.0)

    def test_giving_them_again_changes_nothing(self):
        campaign = self._create_campaign(success_program_id=self.program.id)
        self._join(campaign)
        self._close(campaign)
        cards = self._get_cards()
        campaign._groupbuy_sync_success_coupons(self.resident)
        self.assertEqual(self._get_cards(), cards)
        self.assertTrue(cards.active)

    def test_a_failed_group_gets_none(self):
        campaign = self._create_campaign(
            success_program_id=self.program.id, min_people=3
        )
        self._join(campaign)
        self._close(campaign)
        self.assertFalse(self._get_cards())

    def test_who_cancels_after_the_close_loses_it_unless_it_was_redeemed(self):
        campaign = self._create_campaign(success_program_id=self.program.id)
        order = self._join(campaign)
        other = self._join(campaign, self.neighbour)
        self._close(campaign)
        redemptions = self.env["groupbuy.coupon.redemption"]
        redemptions._redeem(self._get_cards(self.neighbour).code, self.merchant)
        (order | other).action_cancel()
        self._run_jobs()
        self.assertFalse(self._get_cards(self.resident).active)
        self.assertTrue(self._get_cards(self.neighbour).active)
        with self.assertRaisesRegex(UserError, "withdrawn"):
            redemptions._redeem(self._get_cards(self.resident).code, self.merchant)

    def test_the_mail_names_gift_and_merchant_but_no_code(self):
        campaign = self._create_campaign(success_program_id=self.program.id)
        self._join(campaign)
        self._close(campaign)
        card = self._get_cards()
        mail = self.env["mail.mail"].search(
            [("model", "=", "loyalty.card"), ("res_id", "=", card.id)]
        )
        self.assertEqual(len(mail), 1)
        self.assertIn("A coffee", mail.subject)
        self.assertIn("Corner Café", mail.body_html)
        self.assertNotIn(card.code, mail.body_html)

    def test_it_is_not_used_in_a_cart(self):
        card = self._create_card(self.program, self.resident)
        order = self._create_cart(self._create_campaign())
        self.assertIn("Corner Café", self._apply(order, card.code))
        self.assertEqual(order.amount_total, 10.0)

    def test_only_coupons_have_a_merchant_and_a_gift(self):
        with self.assertRaises(ValidationError):
            self.program.groupbuy_gift = False
        with self.assertRaises(ValidationError):
            self._create_promotion(5, 10, groupbuy_merchant_id=self.merchant.id)
        with self.assertRaises(ValidationError):
            self._create_campaign(success_program_id=self._create_promotion(5, 10).id)

    def test_issuing_costs_no_queries_for_each_resident(self):
        def count(number):
            partners = self._create_residents(number)
            program = self._create_merchant_program()
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            cards = self.env["groupbuy.coupon.issue"]._issue(
                program, partners, "staff", f"staff/{program.id}", self.company
            )
            self.env.flush_all()
            self.assertEqual(len(cards), number)
            return self.env.cr.sql_log_count - start

        count(1)
        self.assertLessEqual(count(40), count(4) + 2)

    # === GIVEN BY STAFF === #

    def _issue(self, user, **values):
        wizard = (
            self.env["groupbuy.coupon.issue.wizard"]
            .with_user(user)
            .create({"program_id": self.program.id, "send_mail": False, **values})
        )
        return wizard.action_issue()

    def test_residents_of_a_community_get_one_each_once(self):
        values = {"community_ids": [Command.set(self.community.ids)]}
        self._issue(self.manager, **values)
        residents = self.env["res.partner"].search(
            [("groupbuy_community_id", "=", self.community.id)]
        )
        self.assertEqual(self._get_cards().partner_id, residents)
        answer = self._issue(self.manager, **values)
        self.assertEqual(len(self._get_cards()), len(residents))
        self.assertEqual(answer["params"]["type"], "warning")

    def test_nobody_chosen_and_wrong_programs_are_refused(self):
        with self.assertRaisesRegex(UserError, "Nobody was found"):
            self._issue(self.manager)
        with self.assertRaisesRegex(UserError, "program of coupons"):
            self._issue(
                self.manager,
                program_id=self._create_promotion(5, 10).id,
                partner_ids=[Command.set(self.resident.ids)],
            )
        self.assertFalse(self._get_cards())

    def test_only_managers_give_coupons(self):
        with self.assertRaises(AccessError):
            self._issue(self.user, partner_ids=[Command.set(self.resident.ids)])

    def test_facts_can_be_neither_changed_nor_deleted(self):
        card = self._create_card(self.program, self.resident)
        fact = self.env["groupbuy.coupon.redemption"]._redeem(card.code, self.merchant)
        for record in (
            fact,
            self.env["groupbuy.coupon.issue"].search([], limit=1),
        ):
            if record:
                with self.assertRaises(UserError):
                    record.partner_id = self.neighbour
                with self.assertRaises(UserError):
                    record.unlink()


@tagged("post_install", "-at_install")
class TestMerchantCounter(CouponCommon, HttpCase):
    """A coupon is redeemed once, by its merchant only, at the merchant's page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._create_merchant_program()
        cls.clerk = new_test_user(cls.env, login="clerk", groups="base.group_portal")
        cls.clerk.partner_id.parent_id = cls.merchant
        cls.stranger = new_test_user(
            cls.env, login="stranger", groups="base.group_portal"
        )
        cls.anna = cls._create_residents_with_login("Anna Miller")
        cls.redemptions = cls.env["groupbuy.coupon.redemption"]

    def _post(self, path, code):
        """Send a form, and read what it has changed from the database afterwards."""
        self.env.flush_all()
        page = self.url_open(
            path, data={"code": code, "csrf_token": http.Request.csrf_token(self)}
        )
        self.env.invalidate_all()
        return page

    def _get(self, path):
        """Open a page that sees what the test has written."""
        self.env.flush_all()
        return self.url_open(path)

    def test_a_coupon_is_redeemed_once(self):
        card = self._create_card(self.program, self.anna)
        self.authenticate("clerk", "clerk")
        page = self._post("/my/merchant/check", card.code)
        self.assertIn("A coffee", page.text)
        self.assertNotIn("Anna Miller", page.text)
        self.assertFalse(self.redemptions.search([]))
        page = self._post("/my/merchant/redeem", f" {card.code} ")
        self.assertIn("Please hand out: A coffee", page.text)
        fact = self.redemptions.search([])
        self.assertEqual(fact.card_id, card)
        self.assertEqual(fact.merchant_id, self.merchant)
        self.assertEqual(fact.partner_id, self.anna)
        self.assertEqual(fact.redeemed_by, self.clerk)
        self.assertEqual(card.points, 0)
        self.assertEqual(card.history_ids.used, 1.0)
        page = self._post("/my/merchant/redeem", card.code)
        self.assertIn("was redeemed on", page.text)
        self.assertEqual(self.redemptions.search([]), fact)

    def test_a_forged_code_is_refused(self):
        other = self._create_merchant_program(
            groupbuy_merchant_id=self.env["res.partner"].create({"name": "Bakery"}).id
        )
        codes = ["044-none", "' OR 1=1", "x" * 500, self._create_card(other).code]
        codes.append(self._create_card(self._create_program()).code)
        self.authenticate("clerk", "clerk")
        for code in codes:
            page = self._post("/my/merchant/redeem", code)
            self.assertEqual(page.status_code, 200)
            self.assertIn("no coupon of yours", page.text)
        self.assertFalse(self.redemptions.search([]))

    def test_expired_and_used_coupons_are_refused(self):
        card = self._create_card(self.program, self.anna)
        card.expiration_date = fields.Date.today() - timedelta(days=2)
        with self.assertRaisesRegex(UserError, "could be redeemed until"):
            self.redemptions._redeem(card.code, self.merchant)
        card.write({"expiration_date": False, "points": 0})
        with self.assertRaisesRegex(UserError, "used up"):
            self.redemptions._redeem(card.code, self.merchant)
        self.assertFalse(self.redemptions.search([]))

    def test_nobody_else_has_a_counter(self):
        card = self._create_card(self.program, self.anna)
        self.authenticate("stranger", "stranger")
        self.assertEqual(self._get("/my/merchant").status_code, 404)
        for path in ("/my/merchant/check", "/my/merchant/redeem"):
            self.assertEqual(self._post(path, card.code).status_code, 404)
        self.assertFalse(self.redemptions.search([]))
        self.authenticate("clerk", "clerk")
        self.assertEqual(self._get("/my/merchant").status_code, 200)
        self.assertIn("/my/merchant", self._get("/my").text)

    def test_guessing_is_stopped(self):
        self.authenticate("clerk", "clerk")
        card = self._create_card(self.program, self.anna)
        self.env["groupbuy.flash.rate"]._count({f"merchant/{self.clerk.id}": 99})
        self.env.cr.execute("UPDATE groupbuy_flash_rate SET count = 99")
        page = self._post("/my/merchant/redeem", card.code)
        self.assertIn("Too many codes", page.text)
        self.assertFalse(self.redemptions.search([]))

    def test_a_portal_user_cannot_redeem_by_rpc(self):
        card = self._create_card(self.program, self.anna)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self.redemptions.with_user(self.clerk).create(
                {
                    "card_id": card.id,
                    "program_id": self.program.id,
                    "merchant_id": self.merchant.id,
                    "company_id": self.company.id,
                    "redeemed_by": self.clerk.id,
                    "redeemed_at": fields.Datetime.now(),
                }
            )

    # === THE RESIDENT'S PAGES === #

    def test_the_campaigns_page_promises_the_coupon(self):
        campaign = self._create_campaign(success_program_id=self.program.id)
        promise = "each joiner gets a coupon: A coffee at Corner Café"
        self.assertIn(promise, self._get(campaign.website_url).text)
        other = self._create_campaign(name="Without")
        self.assertNotIn("gets a coupon", self._get(other.website_url).text)

    def test_a_resident_sees_the_own_coupons_only(self):
        own = self._create_card(self.program, self.anna)
        other = self._create_card(self.program, self.neighbour)
        self.authenticate("anna", "anna")
        page = self._get("/my/coupons")
        self.assertIn(f"/my/coupons/{own.id}", page.text)
        self.assertNotIn(f"/my/coupons/{other.id}", page.text)
        page = self._get(f"/my/coupons/{own.id}")
        self.assertIn(own.code, page.text)
        self.assertIn("data:image/svg+xml;base64,", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        for forged in (other.id, "0", "-1", "abc", "9" * 30):
            self.assertEqual(self._get(f"/my/coupons/{forged}").status_code, 404)

    def test_without_coupons_the_page_says_what_to_do(self):
        self.authenticate("anna", "anna")
        page = self._get("/my/coupons")
        self.assertIn("You have no coupons yet", page.text)
