# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import io
import json
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import openpyxl
import pytz
from freezegun import freeze_time
from lxml import html

from odoo import fields
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .commission_common import CommissionCommon


class PortalCommon(CommissionCommon, HttpCase):
    """A leader who is logged in, another one, and a resident."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.resident.name = "Anna Miller"
        cls.resident_user = new_test_user(
            cls.env, login="resident_wu", name="Wu Min", groups="base.group_portal"
        )

    def _open(self, url, login="leader_li", **kwargs):
        """Return the response to somebody's request."""
        self.authenticate(login, login)
        return self.url_open(url, **kwargs)

    def _page(self, url, login="leader_li"):
        """Return a page as a tree, and assert that it is there."""
        response = self._open(url, login)
        self.assertEqual(response.status_code, 200, url)
        return html.fromstring(response.text)

    def _text(self, url, login="leader_li"):
        """Return the text of the portal's part of a page, spaces made one."""
        [part] = self._page(url, login).xpath("//div[contains(@class, 'gb-leader')]")
        return " ".join(part.text_content().split())

    def _post(self, url, login="leader_li", **form):
        """Send a form, with the token of the session."""
        self.authenticate(login, login)
        form["csrf_token"] = Request.csrf_token(self)
        return self.url_open(url, data=form)

    @contextmanager
    def render_pdf(self):
        """Let Odoo print real files, which it does not do in tests by itself."""
        reports = type(self.env["ir.actions.report"])
        render = reports._render_qweb_pdf

        def printing(records, *args, **kwargs):
            records = records.with_context(force_report_rendering=True)
            return render(records, *args, **kwargs)

        with patch.object(reports, "_render_qweb_pdf", printing):
            yield

    def assertSays(self, response, words):
        """Assert that the portal's part of a page says something."""
        self.assertEqual(response.status_code, 200)
        tree = html.fromstring(response.text)
        parts = tree.xpath("//div[contains(@class, 'gb-leader')]")
        text = " ".join(" ".join(part.text_content() for part in parts).split())
        self.assertIn(words, text)

    def _tile(self, tree, name):
        """Return the number of a tile."""
        [tile] = tree.xpath(f"//*[@data-gb='{name}']/b")
        return tile.text_content().strip()


@tagged("post_install", "-at_install")
class TestLeaderPortal(PortalCommon):
    # === TODAY === #

    def test_today_of_a_new_leader_says_what_to_do(self):
        text = self._text("/my/leader")
        self.assertIn("Nothing is on its way to you", text)
        self.assertIn("Nobody is waiting for goods", text)
        self.assertIn("Share your link with your neighbours", text)
        self.assertIn(f"/l/{self.leader.share_token}", text)

    def test_today_counts_what_is_to_be_done(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        self._join(campaign, self.resident, {line: 3})
        self._join(campaign, self.neighbour, {line: 2})
        self._join(campaign, self.third, {line: 1}, self.other_point)
        tree = self._page("/my/leader")
        self.assertEqual(self._tile(tree, "new"), "2")
        self.assertEqual(self._tile(tree, "receive"), "0")
        self._close(campaign)
        tree = self._page("/my/leader")
        self.assertEqual(self._tile(tree, "receive"), "1")
        self.assertEqual(self._tile(tree, "hand-out"), "0")
        # Ten percent of five pieces at ten each.
        self.assertIn("5.00", self._tile(tree, "earned"))
        self._receive(campaign)
        tree = self._page("/my/leader")
        self.assertEqual(self._tile(tree, "receive"), "0")
        self.assertEqual(self._tile(tree, "hand-out"), "2")
        orders = campaign.order_ids.filtered(lambda o: o.partner_id == self.resident)
        self._hand_out(orders)
        tree = self._page("/my/leader")
        self.assertEqual(self._tile(tree, "hand-out"), "1")
        self.assertIn("1 of 2", self._text("/my/leader"))

    def test_today_shows_what_another_addon_wants_answered(self):
        todo = {"label": "Cases to answer", "count": 3, "url": "/my/cases"}
        points = type(self.env["groupbuy.pickup.point"])
        asked = []

        def get_todos(records):
            asked.append(records.ids)
            return [todo]

        self.assertNotIn("To do", self._text("/my/leader"))
        with patch.object(points, "_get_todos", get_todos):
            tree = self._page("/my/leader")
        [link] = tree.xpath("//a[@href='/my/cases']")
        self.assertEqual(" ".join(link.text_content().split()), "Cases to answer 3")
        self.assertEqual(asked, [self.point.ids])

    def test_a_paused_leader_reads_why(self):
        self.leader.write(
            {"is_paused_by_staff": True, "staff_pause_reason": "Holiday check"}
        )
        self.leader._refresh_state()
        self.assertIn("Holiday check", self._text("/my/leader"))

    def test_the_account_shows_the_portal_to_leaders_only(self):
        for login, links in (("leader_li", 1), ("resident_wu", 0)):
            self.authenticate(login, login)
            tree = html.fromstring(self.url_open("/my").text)
            self.assertEqual(len(tree.xpath("//a[@href='/my/leader']")), links, login)

    # === CAMPAIGNS === #

    def test_the_campaign_shows_first_names_and_items_only(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident, {campaign.line_ids: 3})
        self.assertIn("Weekend Vegetables", self._text("/my/leader/campaigns"))
        text = self._text(f"/my/leader/campaigns/{campaign.id}")
        self.assertIn("Anna M.", text)
        self.assertIn("Tomatoes × 3", text)
        for secret in ("Miller", "resident1@example.com", "Garden Road"):
            self.assertNotIn(secret, text)

    def test_who_hides_the_name_is_not_named_on_the_campaign(self):
        campaign = self._create_campaign()
        order = self._join(campaign, self.resident)
        order.groupbuy_show_name = False
        text = self._text(f"/my/leader/campaigns/{campaign.id}")
        self.assertNotIn("Anna", text)
        self.assertIn("A resident", text)

    def test_the_joiners_of_another_point_are_not_shown(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident, point=self.other_point)
        text = self._text(f"/my/leader/campaigns/{campaign.id}")
        self.assertNotIn("Anna", text)
        self.assertIn("Nobody yet", text)
        self.assertIn(
            "Anna M.", self._text(f"/my/leader/campaigns/{campaign.id}", "leader_zhao")
        )

    def test_the_shared_link_binds_a_resident_to_the_leader(self):
        campaign = self._create_campaign()
        tree = self._page(f"/my/leader/campaigns/{campaign.id}")
        [link] = tree.xpath("//a[contains(@class, 'gb-link')]/@href")
        self.assertIn(self.leader.share_token, link)
        response = self._open("/" + link.split("/", 3)[3], "resident_wu")
        self.assertEqual(response.status_code, 200)
        self.assertIn(campaign.website_url, response.url)
        self.env.invalidate_all()
        self.assertEqual(self.resident_user.partner_id.groupbuy_leader_id, self.leader)

    def test_the_qr_code_holds_the_link_of_the_leader(self):
        campaign = self._create_campaign()
        mine = self._open(f"/my/leader/campaigns/{campaign.id}/qr.svg")
        self.assertEqual(mine.headers["Content-Type"], "image/svg+xml")
        self.assertEqual(mine.content, self.leader._render_share_code(campaign))
        theirs = self._open(f"/my/leader/campaigns/{campaign.id}/qr.svg", "leader_zhao")
        self.assertNotEqual(mine.content, theirs.content)

    def test_a_sharer_without_a_point_has_a_portal(self):
        user = new_test_user(
            self.env, login="koc_sun", name="Sun Yu", groups="base.group_portal"
        )
        sharer = self.env["groupbuy.leader"].create(
            {
                "partner_id": user.partner_id.id,
                "company_id": self.company.id,
                "kind": "koc",
            }
        )
        campaign = self._create_campaign()
        self.point.leader_id = False
        self.resident._groupbuy_bind(sharer, "link")
        self._join(campaign, self.resident)
        tree = self._page("/my/leader", "koc_sun")
        self.assertFalse(tree.xpath("//*[@data-gb='receive']"))
        self.assertEqual(self._tile(tree, "new"), "1")
        text = self._text(f"/my/leader/campaigns/{campaign.id}", "koc_sun")
        self.assertIn("Anna M.", text)
        response = self._open(f"/my/leader/campaigns/{campaign.id}/hand-out", "koc_sun")
        self.assertSays(response, "You run no pickup point")
        pdf = self._open(f"/my/leader/campaigns/{campaign.id}/hand-out.pdf", "koc_sun")
        self.assertNotIn("pdf", pdf.headers["Content-Type"])

    # === MESSAGES === #

    def _write_to(self, campaign, body, login="leader_li"):
        return self._post(
            f"/my/leader/campaigns/{campaign.id}/message", login, body=body
        )

    def _messages(self):
        self.env.invalidate_all()
        return self.env["groupbuy.leader.message"].search([])

    def test_a_message_reaches_each_joiner_once_by_the_queue(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        self._join(campaign, self.resident, {line: 1})
        self._join(campaign, self.resident, {line: 1})
        self._join(campaign, self.neighbour, {line: 1})
        self._join(campaign, self.third, {line: 1}, self.other_point)
        response = self._write_to(campaign, "Come <b>early</b>\nplease")
        self.assertSays(response, "Your message goes to 2 residents.")
        message = self._messages()
        self.assertEqual(message.leader_id, self.leader)
        self.assertEqual(message.recipient_count, 2)
        mails = self.env["mail.mail"].search(
            [("model", "=", message._name), ("res_id", "=", message.id)]
        )
        self.assertEqual(mails.mapped("state"), ["outgoing"] * 2)
        self.assertEqual(
            sorted(mail.recipient_ids.ids for mail in mails),
            sorted([self.resident.ids, self.neighbour.ids]),
        )
        self.assertIn("Come &lt;b&gt;early&lt;/b&gt;<br", mails[0].body_html)

    def test_a_message_leaves_out_who_wants_no_mail(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident)
        self._join(campaign, self.neighbour)
        self.env["mail.blacklist"]._add(self.neighbour.email)
        self._write_to(campaign, "Hello")
        self.assertEqual(self._messages().recipient_count, 1)

    def test_a_bad_message_is_refused_and_kept_in_the_form(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident)
        for body, words in (
            ("  ", "Please write a message."),
            ("x" * 501, "At most 500, please."),
        ):
            response = self._write_to(campaign, body)
            self.assertSays(response, words)
            self.assertSays(response, body.strip())
        self.assertFalse(self._messages())

    def test_messages_are_limited(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident)
        self._write_to(campaign, "One")
        self.assertSays(
            self._write_to(campaign, "One"), "You have sent this message already."
        )
        self._write_to(campaign, "Two")
        self.assertSays(self._write_to(campaign, "Three"), "At most 2 messages a day")
        self.assertEqual(len(self._messages()), 2)
        with freeze_time(fields.Datetime.now() + timedelta(hours=25)):
            self.leader._send_message(campaign, "Three")
        self.assertEqual(len(self._messages()), 3)

    def test_nobody_is_written_to_when_nobody_has_joined(self):
        campaign = self._create_campaign()
        response = self._write_to(campaign, "Hello")
        self.assertSays(response, "Nobody has joined yet")
        self.assertFalse(self._messages())

    def test_a_message_to_more_joiners_needs_no_more_queries(self):
        few, many = (self._create_campaign(name=name) for name in ("Few", "Many"))
        partners = self._create_residents(60)
        for campaign, count in ((few, 3), (many, 60)):
            self.env["sale.order"].create(
                [
                    {
                        "partner_id": partner.id,
                        "groupbuy_campaign_id": campaign.id,
                        "groupbuy_point_id": self.point.id,
                        "groupbuy_state": "waiting",
                    }
                    for partner in partners[:count]
                ]
            )
        counts = []
        for campaign in (few, few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.leader._send_message(campaign, f"Hello {len(counts)}")
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 5, counts)

    # === HAND-OUT LIST === #

    def test_the_hand_out_list_names_who_gets_what_at_the_own_point(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        mine = self._join(campaign, self.resident, {line: 3})
        self._join(campaign, self.neighbour, {line: 2}, self.other_point)
        url = f"/my/leader/campaigns/{campaign.id}/hand-out"
        self.assertIn("There is nothing to print yet", self._text(url))
        self._close(campaign)
        text = self._text(url)
        self.assertIn("Anna Miller", text)
        self.assertIn("Tomatoes × 3", text)
        self.assertIn("0 of 1 handed out", text)
        self.assertNotIn(self.neighbour.name, text)
        self._receive(campaign)
        self._hand_out(mine)
        self.assertIn("1 of 1 handed out", self._text(url))

    def test_the_hand_out_list_is_printed(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident)
        url = f"/my/leader/campaigns/{campaign.id}/hand-out.pdf"
        # Nothing to print is a sentence on the page, no broken file.
        self.assertSays(self._open(url), "There is nothing to print yet")
        self._close(campaign)
        with self.render_pdf():
            response = self._open(url)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertTrue(response.content.startswith(b"%PDF"))

    # === STATEMENT === #

    def test_the_statement_says_what_each_amount_waits_for(self):
        order, _line = self._confirmed(3)
        url = "/my/leader/statement"
        self.assertIn("Waiting for pickup", self._text(url))
        self._receive(order.groupbuy_campaign_id)
        self._hand_out(order)
        self.assertIn("After-sales window until", self._text(url))
        window = self._page(f"{url}?state=window")
        [entry] = window.xpath("//div[contains(@class, 'gb-entry')]")
        self.assertIn("3.00", entry.text_content())
        self.assertIn("There are no such entries", self._text(f"{url}?state=pickup"))
        self.assertIn("There are no such entries", self._text(f"{url}?state=paid"))

    def test_the_statement_follows_an_amount_until_it_is_paid(self):
        order, _line = self._delivered(3)
        settlement = self._settle()
        text = self._text("/my/leader/statement?state=settled")
        self.assertIn(f"Settled in {settlement.name}", text)
        self._pay_bills(self._bill(settlement))
        text = self._text("/my/leader/statement?state=paid")
        self.assertIn(f"Paid with {settlement.name}", text)
        self.assertIn(order.name, text)
        tree = self._page("/my/leader/statement")
        self.assertIn("3.00", self._tile(tree, "paid"))
        self.assertIn("0.00", self._tile(tree, "to-pay"))

    def test_what_is_below_the_minimum_says_so(self):
        self.plan.minimum_payout = 50
        self._delivered(3)
        settlement = self._settle()
        self.assertEqual(settlement.state, "carried")
        text = self._text("/my/leader/statement")
        self.assertIn("Minimum payout Below", text)
        self.assertIn("50.00", text)
        self.assertIn("carried forward", self._text("/my/leader/settlements"))

    def test_a_settlement_on_hold_says_why(self):
        self._delivered(3)
        self._settle().with_user(self.finance)._hold("The bank account is missing")
        for page in ("statement", "settlements"):
            text = self._text(f"/my/leader/{page}")
            self.assertIn("The bank account is missing", text)

    def test_a_debt_is_visible_as_such(self):
        order, line = self._delivered(3)
        self._pay_bills(self._bill(self._settle()))
        order._groupbuy_compensate({line: 10.0}, "staff", "case/9")
        settlement = self._settle(days=21)
        self.assertLess(settlement.balance, 0)
        text = self._text("/my/leader/statement")
        self.assertIn("Debt Refunds took back more", text)
        self.assertIn("A debt:", self._text("/my/leader/settlements"))

    def test_the_statement_is_limited_to_a_month(self):
        self._confirmed(3)
        month = f"{fields.Date.today():%Y-%m}"
        self.leader.date_start = fields.Date.today() - timedelta(days=100)
        first = fields.Date.today().replace(day=1)
        other = f"{first - timedelta(days=1):%Y-%m}"
        self.assertIn("1 entry", self._text(f"/my/leader/statement?month={month}"))
        self.assertIn(
            "There are no such entries",
            self._text(f"/my/leader/statement?month={other}"),
        )

    def test_nonsense_filters_show_everything(self):
        self._confirmed(3)
        for query in ("month=2026-99", "state=%27%3B--", "month=abc&state=x"):
            self.assertIn("1 entry", self._text(f"/my/leader/statement?{query}"))
        self.assertEqual(
            self._open("/my/leader/statement/page/999999").status_code, 200
        )

    def test_the_statement_is_downloaded_as_workbook_and_pdf(self):
        self._delivered(3)
        settlement = self._settle()
        self._pay_bills(self._bill(settlement))
        url = f"/my/leader/settlements/{settlement.id}"
        tree = self._page("/my/leader/settlements")
        for name in ("statement.pdf", "statement.xlsx", "bill.pdf"):
            self.assertTrue(tree.xpath(f"//a[@href='{url}/{name}']"), name)
        book = openpyxl.load_workbook(
            io.BytesIO(self._open(f"{url}/statement.xlsx").content)
        )
        cells = [cell.value for row in book.active.rows for cell in row]
        self.assertIn(settlement.name, cells)
        self.assertIn("Tomatoes", cells)
        with self.render_pdf():
            for name in ("statement", "bill"):
                response = self._open(f"{url}/{name}.pdf")
                self.assertEqual(response.headers["Content-Type"], "application/pdf")
                self.assertTrue(response.content.startswith(b"%PDF"), name)

    def test_a_settlement_without_a_bill_has_no_bill_to_download(self):
        self._delivered(3)
        settlement = self._settle()
        response = self._open(f"/my/leader/settlements/{settlement.id}/bill.pdf")
        self.assertEqual(response.status_code, 404)

    def test_who_has_left_still_reads_the_statement(self):
        self._delivered(3)
        settlement = self._settle()
        self.leader.state = "left"
        response = self._open("/my/leader")
        self.assertTrue(response.url.endswith("/my/leader/statement"))
        self.assertSays(response, "3.00")
        self.assertEqual(
            self._open(
                f"/my/leader/settlements/{settlement.id}/statement.xlsx"
            ).status_code,
            200,
        )
        for page in ("campaigns", "days-off", "tier", "announcements"):
            self.assertEqual(self._open(f"/my/leader/{page}").status_code, 404, page)

    # === DAYS OFF === #

    def _close_point(self, first, last="", point=None, **form):
        return self._post(
            "/my/leader/days-off",
            point_id=str((point or self.point).id),
            date_from=str(first),
            date_to=str(last),
            **form,
        )

    def test_days_off_close_the_point(self):
        first = fields.Date.today() + timedelta(days=10)
        last = first + timedelta(days=2)
        response = self._close_point(first, last, name="Family visit")
        self.assertSays(response, "Family visit")
        self.env.invalidate_all()
        self.assertEqual(self.point.day_off_ids.date_to, last)
        noon = fields.Datetime.to_datetime(first) + timedelta(days=1, hours=4)
        self.assertFalse(self.point._is_open_at(noon))
        day_off = self.point.day_off_ids
        self._post(f"/my/leader/days-off/{day_off.id}/delete")
        self.env.invalidate_all()
        self.assertFalse(day_off.exists())
        self.assertTrue(self.point._is_open_at(noon))

    def test_bad_days_off_are_refused(self):
        today = fields.Date.today()
        first = today + timedelta(days=10)
        self._close_point(first)
        for start, end, words in (
            ("", "", "Please choose a first day."),
            ("31.12.2026", "", "Please choose a first day."),
            (first + timedelta(5), first, "The last day off cannot be before"),
            (today - timedelta(5), "", "days that are not over yet"),
            (first - timedelta(2), first, "closed on some of these days already"),
            (first + timedelta(9), first + timedelta(45), "At most 31 days"),
            (today + timedelta(400), "", "within a year"),
        ):
            response = self._close_point(start, end)
            self.assertSays(response, words)
        response = self._close_point(first + timedelta(1), point=self.other_point)
        self.assertSays(response, "Please choose one of your pickup points.")
        self.env.invalidate_all()
        self.assertEqual(len(self.point.day_off_ids), 1)
        self.assertFalse(self.other_point.day_off_ids)

    def test_days_off_never_strand_who_has_ordered(self):
        campaign = self._create_campaign()
        self._join(campaign, self.resident)
        first = campaign.pickup_from.date() - timedelta(days=1)
        last = campaign.pickup_until.date() + timedelta(days=1)
        response = self._close_point(first, last)
        self.assertSays(response, "Residents could not collect any more")
        self.env.invalidate_all()
        self.assertFalse(self.point.day_off_ids)
        # One day less leaves them a day.
        self._close_point(first, campaign.pickup_until.date() - timedelta(days=1))
        self.env.invalidate_all()
        self.assertTrue(self.point.day_off_ids)

    # === TIER === #

    def test_the_tier_page_says_what_is_missing(self):
        gold = self.env.ref("groupbuy_leader.groupbuy_leader_tier_gold")
        gold.min_orders = 40
        self._join(self._create_campaign(), self.resident)
        text = self._text("/my/leader/tier")
        self.assertIn(f"Missing for {gold.name}", text)
        self.assertIn("Orders: 1 of 40", text)
        self.assertIn("Sales", text)

    # === SPEED === #

    def _fill_ledger(self, settlement, count, settled):
        """Write a history: so many entries, of which so many are settled."""
        entry = self._entries(kind="accrual")[:1]
        self.env.cr.execute(
            """
            INSERT INTO groupbuy_commission_entry (
                key, kind, leader_id, company_id, currency_id, date, order_id,
                order_line_id, campaign_id, product_id, categ_id, plan_id, rule_id,
                amount_type, quantity, base, order_base, order_currency_id, percent,
                window_days, amount, settlement_id, create_date)
            SELECT 'history/' || n, 'bonus', e.leader_id, e.company_id, e.currency_id,
                   e.date - make_interval(hours => (%(count)s - n)::int), e.order_id,
                   CASE WHEN n > %(settled)s THEN e.order_line_id END, e.campaign_id,
                   e.product_id, e.categ_id, e.plan_id, e.rule_id, e.amount_type,
                   e.quantity, e.base, e.order_base, e.order_currency_id, e.percent,
                   e.window_days, 0.1, CASE WHEN n <= %(settled)s THEN %(id)s END, now()
              FROM groupbuy_commission_entry e, generate_series(1, %(count)s) n
             WHERE e.id = %(entry)s
            """,
            {
                "count": count,
                "settled": settled,
                "id": settlement.id,
                "entry": entry.id,
            },
        )
        self.env.invalidate_all()

    def _count_queries(self, url):
        """Return the number of queries of a page, when everything static is warm."""
        self._open(url)
        counts = []
        dispatch = type(self.env["ir.http"])._dispatch.__func__

        def counting(cls, endpoint):
            before = self.env.cr.sql_log_count
            response = dispatch(cls, endpoint)
            response.flatten()
            counts.append(self.env.cr.sql_log_count - before)
            return response

        with patch.object(
            type(self.env["ir.http"]), "_dispatch", classmethod(counting)
        ):
            self.assertEqual(self.url_open(url).status_code, 200)
        self.assertEqual(len(counts), 1)
        return counts[0]

    def test_a_statement_of_20000_entries_needs_few_queries(self):
        self._delivered(3)
        settlement = self._settle()
        self._confirmed(2)
        few = self._count_queries("/my/leader/statement")
        self._fill_ledger(settlement, 20000, 19700)
        many = self._count_queries("/my/leader/statement")
        self.assertLess(many, 40, "Queries of the statement")
        self.assertLessEqual(many, few + 2, "Queries grow with the history")
        self.assertIn("20,002 entries", self._text("/my/leader/statement"))

    def test_no_page_needs_more_queries_for_more_residents(self):
        campaign = self._create_campaign()
        line = campaign.line_ids
        partners = self._create_residents(12)
        self._join(campaign, partners[0], {line: 1})
        urls = [
            "/my/leader",
            "/my/leader/campaigns",
            f"/my/leader/campaigns/{campaign.id}",
            f"/my/leader/campaigns/{campaign.id}/hand-out",
        ]
        before = {url: self._count_queries(url) for url in urls[:3]}
        for partner in partners[1:6]:
            self._join(campaign, partner, {line: 1})
        for url, count in before.items():
            self.assertLessEqual(self._count_queries(url), count + 1, url)
        other = self._create_campaign(name="Other")
        self._join(other, partners[0], {other.line_ids: 1})
        self._close(other)
        self._close(campaign)
        one = self._count_queries(f"/my/leader/campaigns/{other.id}/hand-out")
        self.assertLessEqual(self._count_queries(urls[3]), one + 1)


@tagged("post_install", "-at_install")
class TestLeaderPortalAccess(PortalCommon):
    """Each route, asked by whom it does not concern."""

    def _get_routes(self):
        """Return every address of the portal that shows something of this leader."""
        self._delivered(3)
        settlement = self._settle()
        self._bill(settlement)
        campaign = self._create_campaign()
        day_off = self.leader._add_day_off(
            self.point,
            fields.Date.today() + timedelta(days=30),
            fields.Date.today() + timedelta(days=31),
        )
        pages = [
            "/my/leader",
            "/my/leader/campaigns",
            "/my/leader/qr.svg",
            "/my/leader/statement",
            "/my/leader/settlements",
            "/my/leader/days-off",
            "/my/leader/tier",
            "/my/leader/announcements",
            "/my/leader/push-worker.js",
            f"/my/leader/campaigns/{campaign.id}",
            f"/my/leader/campaigns/{campaign.id}/qr.svg",
            f"/my/leader/campaigns/{campaign.id}/hand-out",
            f"/my/leader/campaigns/{campaign.id}/hand-out.pdf",
        ]
        files = [
            f"/my/leader/settlements/{settlement.id}/{name}"
            for name in ("statement.xlsx", "statement.pdf", "bill.pdf")
        ]
        posts = [
            f"/my/leader/campaigns/{campaign.id}/message",
            "/my/leader/days-off",
            f"/my/leader/days-off/{day_off.id}/delete",
            "/my/leader/announcements",
        ]
        return pages, files, posts

    def test_the_public_is_asked_to_log_in(self):
        pages, files, posts = self._get_routes()
        self.authenticate(None, None)
        for url in pages + files:
            response = self.url_open(url, allow_redirects=False)
            self.assertIn(response.status_code, (302, 303), url)
            self.assertIn("/web/login", response.headers["Location"], url)
        for url in posts:
            response = self.url_open(
                url,
                data={"csrf_token": Request.csrf_token(self)},
                allow_redirects=False,
            )
            self.assertIn("/web/login", response.headers.get("Location", ""), url)

    def test_a_resident_finds_nothing(self):
        pages, files, posts = self._get_routes()
        for url in pages + files:
            self.assertEqual(self._open(url, "resident_wu").status_code, 404, url)
        for url in posts:
            response = self._post(url, "resident_wu", body="Hello", mode="off")
            self.assertEqual(response.status_code, 404, url)
        self.env.invalidate_all()
        self.assertFalse(self.env["groupbuy.leader.message"].search([]))
        self.assertTrue(self.point.day_off_ids)

    def test_another_leader_cannot_open_or_change_anything(self):
        _pages, files, _posts = self._get_routes()
        only_mine = self._create_campaign(name="Mine", pickup_point_ids=self.point.ids)
        day_off = self.point.day_off_ids
        url = f"/my/leader/campaigns/{only_mine.id}"
        pages = [url, f"{url}/qr.svg", f"{url}/hand-out", f"{url}/hand-out.pdf"]
        for address in pages + files:
            self.assertEqual(self._open(address).status_code, 200, address)
            self.assertEqual(
                self._open(address, "leader_zhao").status_code, 404, address
            )
        for address, form in (
            (f"{url}/message", {"body": "Hello"}),
            (f"/my/leader/days-off/{day_off.id}/delete", {}),
        ):
            response = self._post(address, "leader_zhao", **form)
            self.assertEqual(response.status_code, 404, address)
        response = self._post(
            "/my/leader/days-off",
            "leader_zhao",
            point_id=str(self.point.id),
            date_from=str(fields.Date.today() + timedelta(days=3)),
        )
        self.assertSays(response, "Please choose one of your pickup points.")
        self.env.invalidate_all()
        self.assertTrue(day_off.exists())
        self.assertEqual(len(self.point.day_off_ids), 1)
        self.assertFalse(self.env["groupbuy.leader.message"].search([]))

    def test_ids_that_do_not_exist_are_not_found(self):
        for url in (
            "/my/leader/campaigns/999999999",
            "/my/leader/campaigns/99999999999999999999",
            "/my/leader/campaigns/999999999/hand-out",
            "/my/leader/settlements/999999999/statement.pdf",
            "/my/leader/settlements/99999999999999999999/bill.pdf",
        ):
            self.assertEqual(self._open(url).status_code, 404, url)

    def test_a_leader_of_another_company_finds_nothing_here(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        user = new_test_user(
            self.env, login="leader_far", name="Far Li", groups="base.group_portal"
        )
        self.env["groupbuy.leader"].create(
            {"partner_id": user.partner_id.id, "company_id": company.id}
        )
        for url in ("/my/leader", "/my/leader/statement", "/my/leader/campaigns"):
            self.assertEqual(self._open(url, "leader_far").status_code, 404, url)

    def test_a_draft_campaign_is_not_shown(self):
        campaign = self._create_campaign(state="draft")
        url = f"/my/leader/campaigns/{campaign.id}"
        self.assertEqual(self._open(url).status_code, 404)
        self.assertNotIn(campaign.name, self._text("/my/leader/campaigns"))

    def test_a_form_without_its_token_changes_nothing(self):
        self.authenticate("leader_li", "leader_li")
        mode = self.leader.announce_mode
        with mute_logger("odoo.http"):
            response = self.url_open("/my/leader/announcements", data={"mode": "off"})
        self.assertEqual(response.status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.leader.announce_mode, mode)

    def test_portal_users_have_no_rights_on_the_models_behind_it(self):
        self._join(self._create_campaign(), self.resident)
        for model in (
            "groupbuy.leader",
            "groupbuy.leader.message",
            "groupbuy.leader.announcement",
            "groupbuy.campaign",
            "groupbuy.day.off",
        ):
            records = self.env[model].with_user(self.leader_user)
            for operation in ("read", "write", "create", "unlink"):
                self.assertFalse(records.has_access(operation), (model, operation))


@tagged("post_install", "-at_install")
class TestLeaderAnnouncements(PortalCommon):
    """How leaders are told of new orders."""

    def _save(self, **form):
        return self._post("/my/leader/announcements", **form)

    def _announce(self):
        self.env.flush_all()
        self.env.ref("groupbuy_leader.ir_cron_announce").method_direct_trigger()
        self.env.invalidate_all()

    def _mails(self, leader=None):
        return self.env["mail.mail"].search(
            [
                ("model", "=", "groupbuy.leader"),
                ("res_id", "=", (leader or self.leader).id),
            ]
        )

    def test_the_leader_chooses_how(self):
        self._save(mode="at_once", by_mail="1")
        self.env.invalidate_all()
        self.assertEqual(self.leader.announce_mode, "at_once")
        self.assertTrue(self.leader.announce_by_mail)
        self.assertFalse(self.leader.announce_by_push)
        self._save(mode="digest", hour="7", by_push="1")
        self.env.invalidate_all()
        self.assertEqual(
            (self.leader.announce_mode, self.leader.announce_hour), ("digest", 7)
        )

    def test_forged_choices_change_nothing(self):
        before = (self.leader.announce_mode, self.leader.announce_hour)
        for form, words in (
            ({"mode": "always"}, "Please choose when new orders are announced."),
            ({}, "Please choose when new orders are announced."),
            ({"mode": "digest", "hour": "24"}, "Please choose an hour of the day."),
            ({"mode": "digest", "hour": "x"}, "Please choose an hour of the day."),
        ):
            self.assertSays(self._save(**form), words)
        self.env.invalidate_all()
        self.assertEqual((self.leader.announce_mode, self.leader.announce_hour), before)

    def test_new_orders_are_announced_at_once_and_once(self):
        self.leader.announce_mode = "at_once"
        campaign = self._create_campaign()
        cron = self.env.ref("groupbuy_leader.ir_cron_announce")
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self._join(campaign, self.resident, {campaign.line_ids: 3})
        self._join(campaign, self.neighbour, {campaign.line_ids: 1})
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 2)
        self._announce()
        mail = self._mails()
        self.assertEqual(mail.subject, "2 new orders")
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Weekend Vegetables", mail.body_html)
        self.assertIn("40.00", mail.body_html)
        self.assertNotIn("Anna", mail.body_html)
        self._announce()
        self.assertEqual(len(self._mails()), 1)
        self._join(campaign, self.third, {campaign.line_ids: 1})
        self._announce()
        self.assertEqual(self._mails().mapped("subject").count("1 new order"), 1)

    def test_a_sharer_is_told_beside_the_leader_of_the_point(self):
        user = new_test_user(
            self.env,
            login="koc_told",
            email="koc@example.com",
            groups="base.group_portal",
        )
        sharer = self.env["groupbuy.leader"].create(
            {
                "partner_id": user.partner_id.id,
                "company_id": self.company.id,
                "kind": "koc",
                "announce_mode": "at_once",
            }
        )
        self.leader.announce_mode = "at_once"
        campaign = self._create_campaign()
        self.resident._groupbuy_bind(sharer, "link")
        self._join(campaign, self.resident)
        self._announce()
        self.assertEqual(self._mails().subject, "1 new order")
        self.assertEqual(self._mails(sharer).subject, "1 new order")

    def test_a_digest_waits_for_its_hour_and_is_caught_up(self):
        # In two hours from now, at the point.
        local = pytz.utc.localize(fields.Datetime.now()).astimezone(
            pytz.timezone(self.point.tz)
        )
        hour = (local.hour + 2) % 24
        self.leader.write({"announce_mode": "digest", "announce_hour": hour})
        campaign = self._create_campaign()
        self._join(campaign, self.resident)
        joined = fields.Datetime.now()
        announcements = self.env["groupbuy.leader.announcement"]
        self.assertNotIn(self.leader, announcements._get_due_leaders(joined))
        self._announce()
        self.assertFalse(self._mails())
        # Days of downtime later it is told all the same, once.
        later = joined + timedelta(days=3)
        self.assertIn(self.leader, announcements._get_due_leaders(later))
        with freeze_time(later):
            self._announce()
            self._announce()
        self.assertEqual(self._mails().subject, "1 new order")

    def test_the_hour_of_a_digest_is_that_of_the_point(self):
        self.leader.announce_hour = 18
        at = self.leader._get_last_digest
        # 18:00 in Shanghai is 10:00 in UTC.
        self.assertEqual(
            at(fields.Datetime.to_datetime("2026-07-01 10:00:00")),
            fields.Datetime.to_datetime("2026-07-01 10:00:00"),
        )
        self.assertEqual(
            at(fields.Datetime.to_datetime("2026-07-01 09:59:00")),
            fields.Datetime.to_datetime("2026-06-30 10:00:00"),
        )

    def test_who_wants_no_announcement_gets_none(self):
        self.leader.announce_mode = "off"
        self._join(self._create_campaign(), self.resident)
        self._announce()
        self.assertFalse(self._mails())
        self.assertFalse(
            self.env["groupbuy.leader.announcement"].search(
                [("leader_id", "=", self.leader.id)]
            )
        )

    def test_an_order_that_was_cancelled_is_no_news(self):
        self.leader.announce_mode = "at_once"
        order = self._join(self._create_campaign(), self.resident)
        order._groupbuy_cancel_by_resident()
        self._announce()
        self.assertFalse(self._mails())

    def test_announcing_to_more_leaders_needs_no_more_queries(self):
        self.leader.announce_mode = self.other_leader.announce_mode = "at_once"
        campaign = self._create_campaign()
        announcements = self.env["groupbuy.leader.announcement"]
        counts = []
        for points in ([self.point], [self.point], [self.point, self.other_point]):
            for point in points:
                self._join(campaign, self._create_residents(1), point=point)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            announcements._announce(self.leader | self.other_leader)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 3, counts)

    # === WEB PUSH === #

    def _device(self, endpoint="https://push.example.com/abc"):
        """Return a browser that was registered, and its private keys."""
        keys = {"p256dh": "B" * 87, "auth": "a" * 22}
        return self.env["mail.push.device"].create(
            {
                "partner_id": self.leader.partner_id.id,
                "endpoint": endpoint,
                "keys": json.dumps(keys),
            }
        )

    def test_a_notification_is_queued_for_each_device(self):
        self.env["mail.push.device"].get_web_push_vapid_public_key()
        device = self._device()
        self.leader.write({"announce_mode": "at_once", "announce_by_mail": False})
        self._join(self._create_campaign(), self.resident, None)
        self._announce()
        push = self.env["mail.push"].search([("mail_push_device_id", "=", device.id)])
        payload = json.loads(push.payload)
        self.assertEqual(payload["title"], "1 new order")
        self.assertIn("Weekend Vegetables", payload["options"]["body"])
        self.assertEqual(payload["options"]["data"]["url"], "/my/leader")
        self.assertFalse(self._mails())

    def test_a_browser_is_registered_for_its_user_only(self):
        key = self.env["mail.push.device"].get_web_push_vapid_public_key()
        self.authenticate("leader_li", "leader_li")
        good = {
            "endpoint": "https://push.example.com/send/xyz",
            "keys": {"p256dh": "B" * 87, "auth": "a" * 22, "more": "x"},
            "vapid_public_key": key,
        }
        for forged in (
            {"endpoint": "http://push.example.com/x"},
            {"endpoint": "https://localhost/x"},
            {"endpoint": "https://127.0.0.1/x"},
            {"endpoint": "https://[::1]/x"},
            {"endpoint": "https://10.0.0.1:8069/x"},
            {"endpoint": "https://db.internal/x"},
            {"endpoint": "https://push.example.com:8069/x"},
            {"endpoint": 5},
            {"keys": {"p256dh": "B" * 87}},
            {"keys": "x"},
            {"vapid_public_key": "other"},
        ):
            self.assertFalse(
                self.make_jsonrpc_request("/my/leader/push-device", {**good, **forged}),
                forged,
            )
        self.assertFalse(self.env["mail.push.device"].search([]))
        self.assertTrue(self.make_jsonrpc_request("/my/leader/push-device", good))
        device = self.env["mail.push.device"].search([])
        self.assertEqual(device.partner_id, self.leader.partner_id)
        self.assertEqual(set(json.loads(device.keys)), {"p256dh", "auth"})

    def test_the_worker_is_only_for_the_pages_of_the_portal(self):
        response = self._open("/my/leader/push-worker.js")
        self.assertEqual(response.headers["Service-Worker-Allowed"], "/my/leader")
        self.assertIn("javascript", response.headers["Content-Type"])
