# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, tagged

from .test_messages import MessageCommon


class SharingTours(MessageCommon, HttpCase):
    def _open_poster_in_browser(self):
        self.start_tour(
            self.campaign.website_url, "groupbuy_share_poster", login="anna"
        )
        link = self.links.search([("partner_id", "=", self.anna.id)])
        self.assertEqual(len(link), 1)

    def _share_in_browser(self, tour):
        self.start_tour(self.campaign.website_url, tour, login="ben")
        self.assertTrue(self.links.search([("partner_id", "=", self.ben.id)]))

    def _comment_in_browser(self):
        self._join(self.campaign, self.anna)
        self.start_tour(self.campaign.website_url, "groupbuy_comment", login="anna")
        comment = self.env["groupbuy.comment"].search([])
        self.assertEqual((comment.body, comment.state), ("Very fresh", "pending"))

    def _unsubscribe_in_browser(self):
        message = self._start()
        url = self._get(message, self.anna)._get_unsubscribe_url()
        self.start_tour(
            "/group-buy/unsubscribe/" + url.rpartition("/")[2],
            "groupbuy_unsubscribe",
        )
        self.anna.invalidate_recordset()
        self.assertTrue(self.anna.groupbuy_no_messages)


@tagged("post_install", "-at_install")
class TestSharingOnADesktop(SharingTours):
    browser_size = "1400x900"

    def test_resident_opens_poster_and_link(self):
        self._open_poster_in_browser()

    def test_share_button_copies_the_own_link(self):
        self._share_in_browser("groupbuy_share_copy")

    def test_joiner_writes_a_comment(self):
        self._comment_in_browser()

    def test_opening_the_link_of_a_mail_unsubscribes(self):
        self._unsubscribe_in_browser()


@tagged("post_install", "-at_install")
class TestSharingOnAPhone(SharingTours):
    browser_size = "390x844"
    touch_enabled = True

    def test_resident_opens_poster_and_link(self):
        self._open_poster_in_browser()

    def test_share_button_opens_the_dialog_of_the_phone(self):
        self._share_in_browser("groupbuy_share_dialog")

    def test_joiner_writes_a_comment(self):
        self._comment_in_browser()

    def test_opening_the_link_of_a_mail_unsubscribes(self):
        self._unsubscribe_in_browser()
