# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json

import psycopg2

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import HOST
from odoo.tools import mute_logger

from ..const_sharing import LINK_COOKIE, VISITOR_COOKIE, VISITORS_PER_ADDRESS
from .common_sharing import SharingCommon
from .tasks_common import TasksCommon


@tagged("post_install", "-at_install")
class TestShareLinks(SharingCommon):
    def _copy_visits(self):
        """Run the scheduled job that shows visits in Odoo's link tracker."""
        self.env.ref("groupbuy_marketing.ir_cron_copy_visits").method_direct_trigger()
        self.env.invalidate_all()

    def test_resident_has_one_link_for_a_campaign_and_one_for_a_team(self):
        link = self.links._get_link(self.anna, self.campaign)
        self.assertEqual(self.links._get_link(self.anna, self.campaign), link)
        self.assertNotEqual(self.links._get_link(self.ben, self.campaign), link)
        campaign = self._create_team_campaign()
        team = self._join_team(campaign, self.resident).groupbuy_group_id
        of_team = self.links._get_link(self.anna, campaign, team)
        self.assertNotEqual(self.links._get_link(self.anna, campaign), of_team)
        self.assertEqual(of_team._get_target(), team._get_path())

    def test_link_knows_whether_a_leader_shares(self):
        link = self.links._get_link(self.leader_user.partner_id, self.campaign)
        self.assertEqual(link.role, "leader")
        self.assertEqual(link.pickup_point_id, self.point)
        link = self.links._get_link(self.anna, self.campaign)
        self.assertEqual(link.role, "resident")
        self.assertFalse(link.pickup_point_id)

    def test_token_says_nothing_about_its_owner(self):
        link = self.links._get_link(self.anna, self.campaign)
        self.assertRegex(link.token, r"^[A-Za-z0-9_-]{16}$")
        utm = str(link._get_utm_values())
        for secret in ("Anna", "Miller", "anna@example.com"):
            self.assertNotIn(secret, link._get_url(self.website) + utm)

    def test_forged_tokens_find_nothing(self):
        link = self.links._get_link(self.anna, self.campaign)
        find = self.links.with_user(self.env.ref("base.public_user"))._find_by_token
        self.assertEqual(find(link.token, self.website), link)
        for forged in (None, 1, [], {}, "", "%", link.token[:-1], link.token + "\x00"):
            self.assertFalse(find(forged, self.website))
        self.campaign.is_published = False
        self.assertFalse(find(link.token, self.website), "The website shows it no more")

    def test_visitor_is_counted_once_a_day(self):
        link = self.links._get_link(self.anna, self.campaign)
        nobody = self.env["res.partner"]
        self.assertTrue(link._count_visit(nobody, "visitor-aaaaaaaa", "192.0.2.1"))
        self.assertFalse(link._count_visit(nobody, "visitor-aaaaaaaa", "192.0.2.1"))
        self.assertTrue(link._count_visit(nobody, "visitor-bbbbbbbb", "192.0.2.1"))
        visits = self._get_visits(link)
        self.assertEqual(len(visits), 2)
        # The day before.
        visits.flush_recordset()
        self.env.cr.execute("UPDATE groupbuy_share_visit SET day = day - 1")
        self.assertTrue(link._count_visit(nobody, "visitor-aaaaaaaa", "192.0.2.1"))
        link.invalidate_recordset()
        self.assertEqual((link.visit_count, link.visitor_count), (3, 2))

    def test_owner_never_counts_signed_in_or_not(self):
        link = self.links._get_link(self.anna, self.campaign)
        nobody = self.env["res.partner"]
        own = link._get_partner_visitor(self.anna)
        self.assertFalse(link._count_visit(self.anna, own, "192.0.2.1"))
        self.assertFalse(link._count_visit(self.anna, "another-device-1", "192.0.2.9"))
        self.assertFalse(link._count_visit(nobody, own, "192.0.2.1"), "Signed out")
        self.assertFalse(self._get_visits(link))

    def test_residents_are_told_from_strangers(self):
        link = self.links._get_link(self.anna, self.campaign)
        link._count_visit(self.ben, link._get_partner_visitor(self.ben), "192.0.2.1")
        link._count_visit(self.env["res.partner"], "visitor-aaaaaaaa", "192.0.2.1")
        self.assertEqual((link.visitor_count, link.resident_count), (2, 1))

    def test_one_address_cannot_make_up_visitors_without_end(self):
        link = self.links._get_link(self.anna, self.campaign)
        nobody = self.env["res.partner"]
        counted = [
            link._count_visit(nobody, f"visitor-{number:08}", "192.0.2.1")
            for number in range(VISITORS_PER_ADDRESS + 5)
        ]
        self.assertEqual(sum(counted), VISITORS_PER_ADDRESS)
        self.assertTrue(link._count_visit(nobody, "visitor-elsewhere", "192.0.2.2"))
        # Who is signed in is known, and not limited by the address.
        own = link._get_partner_visitor(self.ben)
        self.assertTrue(link._count_visit(self.ben, own, "192.0.2.1"))

    def test_no_personal_data_in_a_visit(self):
        link = self.links._get_link(self.anna, self.campaign)
        link._count_visit(self.ben, link._get_partner_visitor(self.ben), "192.0.2.1")
        link._count_visit(self.env["res.partner"], "visitor-aaaaaaaa", "192.0.2.1")
        self.env.cr.execute("SELECT row_to_json(v)::text FROM groupbuy_share_visit v")
        text = str(self.env.cr.fetchall())
        for secret in ("192.0.2.1", "Ben", "ben@example.com"):
            self.assertNotIn(secret, text)
        self.assertNotIn("ip", self.env["groupbuy.share.visit"]._fields)

    def test_visit_cannot_be_written_twice(self):
        link = self.links._get_link(self.anna, self.campaign)
        link._count_visit(self.env["res.partner"], "visitor-aaaaaaaa", "192.0.2.1")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.cr.savepoint(),
        ):
            self._get_visits(link).copy()
            self.env.flush_all()

    def test_visits_are_shown_in_odoos_link_tracker_once(self):
        link = self.links._get_link(self.leader_user.partner_id, self.campaign)
        link._count_visit(self.env["res.partner"], "visitor-aaaaaaaa", "192.0.2.1")
        link._count_visit(self.env["res.partner"], "visitor-bbbbbbbb", "192.0.2.1")
        for _run in range(2):
            self._copy_visits()
        tracker = link.tracker_id
        self.assertEqual(tracker.count, 2)
        self.assertEqual(tracker.source_id.name, "Group leader")
        self.assertEqual(tracker.label, link.token)
        self.assertEqual(tracker.campaign_id.groupbuy_campaign_id, self.campaign)
        self.assertFalse(any(tracker.link_click_ids.mapped("ip")))
        self.assertNotIn("Leader Lea", tracker.url + (tracker.title or ""))
        link._count_visit(self.env["res.partner"], "visitor-cccccccc", "192.0.2.1")
        self._copy_visits()
        self.assertEqual(len(tracker.link_click_ids), 3)
        self.assertEqual(link.tracker_id, tracker)

    def test_sources_that_were_deleted_break_nothing(self):
        link = self.links._get_link(self.anna, self.campaign)
        self.env.ref("groupbuy_marketing.utm_medium_share").unlink()
        self.env.ref("groupbuy_marketing.utm_source_resident").unlink()
        self.assertEqual(link._get_utm_values(), {})
        link._count_visit(self.env["res.partner"], "visitor-aaaaaaaa", "192.0.2.1")
        self._copy_visits()
        self.assertEqual(link.tracker_id.count, 1)

    def test_order_keeps_by_whose_link_it_came(self):
        link = self.links._get_link(self.anna, self.campaign)
        other = self.links._get_link(self.ben, self._create_campaign(name="Another"))
        own = self.links._get_link(self.resident, self.campaign)
        order = self._create_cart(self.campaign)
        for token in (None, "x" * 16, other.token, own.token):
            order._groupbuy_keep_share_link(token)
            self.assertFalse(order.groupbuy_share_link_id, token)
        order._groupbuy_keep_share_link(link.token)
        self._pay(order)
        self.assertEqual(order.groupbuy_share_link_id, link)
        self.assertEqual(link.order_count, 1)

    def test_nobody_can_type_in_by_whose_link_an_order_came(self):
        link = self.links._get_link(self.anna, self.campaign)
        order = self._create_cart(self.campaign)
        with self.assertRaises(AccessError):
            order.with_user(self.manager).groupbuy_share_link_id = link
        # What was kept apart before still is.
        with self.assertRaises(AccessError):
            order.with_user(self.manager).groupbuy_state = "confirmed"

    def test_residents_have_no_rights_on_links_and_visits(self):
        portal = self.anna.user_ids
        for model in (
            "groupbuy.share.link",
            "groupbuy.share.visit",
            "groupbuy.poster",
            "groupbuy.comment",
            "groupbuy.message",
            "groupbuy.message.recipient",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])

    def test_staff_read_links_and_change_nothing(self):
        link = self.links._get_link(self.anna, self.campaign)
        as_user = link.with_user(self.user)
        self.assertEqual(as_user.visit_count, 0)
        self.assertEqual(as_user.order_count, 0)
        for change in (
            lambda: as_user.write({"token": "x" * 16}),
            as_user.unlink,
            lambda: as_user.create({"partner_id": self.ben.id}),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_company_sees_its_own_links_only(self):
        link = self.links._get_link(self.anna, self.campaign)
        company = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            login="stranger",
            groups="community_groupbuy.group_groupbuy_user",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.links.with_user(stranger).search([]))
        self.assertEqual(self.links.with_user(self.user).search([]), link)


@tagged("post_install", "-at_install")
class TestShareTasks(SharingCommon, TasksCommon):
    """A task that asks for different residents counts who comes by links."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.link = cls.links._get_link(cls.anna, cls.campaign)
        cls.task = cls._prepare(lambda: cls._create_task(kind="share"))

    def _visit(self, number, partner=None, address="192.0.2.1"):
        partner = partner or self.env["res.partner"]
        visitor = (
            self.link._get_partner_visitor(partner)
            if partner
            else f"visitor-{number:08}"
        )
        return self.link._count_visit(partner, visitor, address)

    def _get_progress(self):
        self._work()
        return self.task._get_progress(self.anna)[self.task.id]

    def _get_events(self):
        return self.env["groupbuy.task.event"].search(
            [("kind", "=", "share"), ("partner_id", "=", self.anna.id)]
        )

    def test_different_residents_bring_who_shared_the_reward(self):
        self._visit(0, self.neighbour)
        self.assertEqual(self._get_progress(), 1)
        self.assertFalse(self._get_completions(self.task))
        self._visit(0, self.ben)
        self.assertEqual(self._get_progress(), 2)
        self.assertEqual(self._get_completions(self.task).partner_id, self.anna)
        self.assertEqual(len(self._get_coupons(self.anna)), 1)
        self.assertFalse(self._get_coupons(self.ben), "Who visits has done nothing")

    def test_same_visitor_counts_once_on_any_day_and_by_any_link(self):
        self._visit(0, self.ben)
        self._visit(0, self.ben)
        self.env.cr.execute("UPDATE groupbuy_share_visit SET day = day - 1")
        self.assertTrue(self._visit(0, self.ben), "A visit of another day")
        self.link = self.links._get_link(self.anna, self._create_campaign(name="Two"))
        self.assertTrue(self._visit(0, self.ben), "A visit by another link")
        self.assertEqual(self._get_progress(), 1)
        self.assertEqual(len(self._get_events()), 1)

    def test_repeated_request_counts_once(self):
        """What a request wrote is rolled back, its visit stays; then it is repeated."""
        self.assertTrue(self._visit(0, self.ben))
        self._get_events().flush_recordset()
        self.env.cr.execute("DELETE FROM groupbuy_task_event")
        self.env.invalidate_all()
        self.assertFalse(self._visit(0, self.ben), "Its visit was counted")
        self.assertFalse(self._visit(0, self.ben))
        self.assertEqual(len(self._get_events()), 1)
        self.assertEqual(len(self._get_visits(self.link)), 1)

    def test_owner_does_nothing_for_the_own_task(self):
        self._visit(0, self.anna)
        self.link._count_visit(
            self.env["res.partner"],
            self.link._get_partner_visitor(self.anna),
            "192.0.2.1",
        )
        self.assertFalse(self._get_events())

    def test_made_up_visitors_do_nothing_for_the_task(self):
        for number in range(5):
            self.assertTrue(self._visit(number, address=f"192.0.2.{number}"))
        self.assertFalse(self._get_events())

    def test_who_joins_by_the_link_counts_once_without_an_account(self):
        self._visit(1)
        for _order in range(2):
            order = self._create_cart(self.campaign, self.neighbour)
            order._groupbuy_keep_share_link(self.link.token)
            self.assertLessEqual(len(self._get_events()), 1, "A cart is no resident")
            self._pay(order)
        key = f"visitor/{self.link._get_partner_visitor(self.neighbour)}"
        self.assertEqual(self._get_events().mapped("key"), [key])

    def test_event_names_nobody(self):
        self._visit(0, self.ben)
        key = self._get_events().key
        self.assertEqual(key, f"visitor/{self.link._get_partner_visitor(self.ben)}")
        self.assertNotIn(str(self.ben.id), key.split("/"))


@tagged("post_install", "-at_install")
class TestSharePages(SharingCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.link = self.links._get_link(self.anna, self.campaign)

    def _follow(self, token=None, **kwargs):
        return self.url_open(
            f"/s/{token or self.link.token}", allow_redirects=False, **kwargs
        )

    def _call(self, path, **params):
        body = self.url_open(
            path,
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        ).json()
        return body.get("result") or body["error"]["data"]["message"]

    def test_link_leads_to_the_campaign_and_counts_the_visitor_once(self):
        for _attempt in range(3):
            response = self._follow()
            self.assertEqual(response.status_code, 302)
            self.assertTrue(
                response.headers["Location"].endswith(self.campaign.website_url)
            )
            self.assertIn("no-store", response.headers["Cache-Control"])
        self.assertEqual(len(self._get_visits(self.link)), 1)
        self.assertEqual(self.opener.cookies[LINK_COOKIE], self.link.token)
        self.assertNotIn("Anna", str(self.opener.cookies))

    def test_owner_is_not_counted_and_gets_no_cookie(self):
        self.authenticate("anna", "anna")
        self._follow()
        self.assertFalse(self._get_visits(self.link))
        self.assertNotIn(LINK_COOKIE, self.opener.cookies)
        # The same device, signed out.
        kept = self.opener.cookies[VISITOR_COOKIE]
        self.authenticate(None, None)
        self.opener.cookies.set(VISITOR_COOKIE, kept, domain=HOST)
        self._follow()
        self.assertFalse(self._get_visits(self.link))

    def test_bots_are_not_counted(self):
        self._follow(headers={"User-Agent": "Googlebot/2.1"})
        self.url_open(f"/s/{self.link.token}", allow_redirects=False, method="HEAD")
        self.assertFalse(self._get_visits(self.link))

    def test_forged_visitor_cookie_is_replaced(self):
        self.opener.cookies.set(VISITOR_COOKIE, "short", domain=HOST)
        self._follow()
        self.assertNotEqual(self.opener.cookies[VISITOR_COOKIE], "short")
        self.assertEqual(len(self._get_visits(self.link)), 1)

    def test_forged_or_old_link_leads_to_the_list_and_counts_nothing(self):
        for token in ("x" * 16, "1", "%00"):
            response = self._follow(token)
            self.assertNotEqual(response.status_code, 500)
        self.campaign.is_published = False
        response = self._follow()
        self.assertTrue(response.headers["Location"].endswith("/group-buy"))
        text = self.url_open("/group-buy").text
        self.assertIn("This link does not hold any more", text)
        self.assertFalse(self._get_visits(self.link))

    def test_visit_tells_odoo_where_the_order_comes_from(self):
        self.campaign._get_utm_campaign()
        cookies = self._follow().headers["Set-Cookie"]
        self.assertRegex(cookies, 'odoo_utm_source="?Group-buy resident')
        self.assertRegex(cookies, 'odoo_utm_campaign="?Weekend Vegetables')

    def test_order_by_a_link_is_kept_from_the_visit_to_the_payment(self):
        self.authenticate("ben", "ben")
        self._follow()
        line = self.campaign.line_ids
        self._call(
            "/shop/cart/add",
            product_template_id=line.product_id.product_tmpl_id.id,
            product_id=line.product_id.id,
            quantity=1,
            groupbuy_line_id=line.id,
        )
        order = self.env["sale.order"].search([("partner_id", "=", self.ben.id)])
        order._set_delivery_method(self.carrier)
        order._groupbuy_set_point(self.point)
        self.env.flush_all()
        self.assertFalse(order.groupbuy_share_link_id)
        self._call(
            f"/shop/payment/transaction/{order.id}",
            access_token=order._portal_ensure_token(),
            amount=order.amount_total,
            provider_id=self.provider.id,
            payment_method_id=self.payment_method.id,
            token_id=None,
            flow="direct",
            tokenization_requested=False,
            landing_route="/shop/payment/validate",
        )
        self.env.invalidate_all()
        self.assertEqual(order.groupbuy_share_link_id, self.link)
        self.assertTrue(order.transaction_ids)

    def test_share_button_gets_the_own_link(self):
        self.authenticate("ben", "ben")
        answer = self._call("/group-buy/share/link", campaign_id=self.campaign.id)
        link = self.links._get_link(self.ben, self.campaign)
        self.assertTrue(answer["url"].endswith(f"/s/{link.token}"))

    def test_share_button_with_nonsense_makes_no_link(self):
        count = self.links.search_count([])
        self.assertEqual(
            self._call("/group-buy/share/link", campaign_id=self.campaign.id),
            {"url": ""},
            "A stranger has none",
        )
        self.authenticate("ben", "ben")
        for campaign_id, team in (
            (None, None), ("x", None), (-1, None), ([1], None), (True, None),
            (self.campaign.id, "x" * 16), (self.campaign.id, 7),
        ):  # fmt: skip
            self.assertEqual(
                self._call("/group-buy/share/link", campaign_id=campaign_id, team=team),
                {"url": ""},
            )
        self.assertEqual(self.links.search_count([]), count)

    def test_campaign_page_offers_the_poster(self):
        text = self.url_open(self.campaign.website_url).text
        self.assertIn(f'href="{self.campaign.website_url}/share"', text)
        self.assertNotIn("data-campaign-id", text)
        self.authenticate("anna", "anna")
        text = self.url_open(self.campaign.website_url).text
        self.assertIn(f'data-campaign-id="{self.campaign.id}"', text)
