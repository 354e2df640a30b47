# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import HttpCase, tagged

from .test_messages import MessageCommon


@tagged("post_install", "-at_install")
class TestSharingTours(MessageCommon, HttpCase):
    def test_resident_opens_poster_and_link(self):
        self.start_tour(
            self.campaign.website_url, "groupbuy_share_poster", login="anna"
        )
        link = self.links.search([("partner_id", "=", self.anna.id)])
        self.assertEqual(len(link), 1)

    def test_share_button_copies_the_own_link(self):
        self.start_tour(self.campaign.website_url, "groupbuy_share_copy", login="ben")
        self.assertTrue(self.links.search([("partner_id", "=", self.ben.id)]))

    def test_joiner_writes_a_comment(self):
        self._join(self.campaign, self.anna)
        self.start_tour(self.campaign.website_url, "groupbuy_comment", login="anna")
        comment = self.env["groupbuy.comment"].search([])
        self.assertEqual((comment.body, comment.state), ("Very fresh", "pending"))

    def test_one_click_on_the_link_of_a_mail_unsubscribes(self):
        message = self._start()
        url = self._get(message, self.anna)._get_unsubscribe_url()
        self.start_tour(
            "/group-buy/unsubscribe/" + url.rpartition("/")[2],
            "groupbuy_unsubscribe",
        )
        self.anna.invalidate_recordset()
        self.assertTrue(self.anna.groupbuy_no_messages)


@tagged("post_install", "-at_install")
class TestSharingToursOnPhone(TestSharingTours):
    browser_size = "390x844"
    touch_enabled = True
