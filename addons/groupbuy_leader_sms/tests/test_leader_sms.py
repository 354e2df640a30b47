# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import tagged

from odoo.addons.groupbuy_leader.tests.test_leader_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestLeaderSms(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader.partner_id.write(
            {"phone": "+8613800138000", "country_id": cls.env.ref("base.cn").id}
        )
        cls.leader.announce_mode = "at_once"

    def _announce(self):
        """Let a resident join and the job run; return the leader's text messages."""
        self._join(self._create_campaign(), self.resident)
        self.env.flush_all()
        self.env.ref("groupbuy_leader.ir_cron_announce").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["sms.sms"].search(
            [("partner_id", "=", self.leader.partner_id.id)]
        )

    def test_who_has_chosen_it_gets_a_text_message(self):
        self._post("/my/leader/announcements", mode="at_once", by_sms="1")
        self.env.invalidate_all()
        self.assertTrue(self.leader.announce_by_sms)
        message = self._announce()
        self.assertEqual(message.number, "+8613800138000")
        self.assertEqual(message.state, "outgoing")
        self.assertTrue(message.body.startswith("1 new order\nWeekend Vegetables: 1"))
        self.assertNotIn("Anna", message.body)

    def test_nobody_gets_a_text_message_without_choosing_it(self):
        self.assertFalse(self._announce())
        self._post("/my/leader/announcements", mode="at_once")
        self.env.invalidate_all()
        self.assertFalse(self.leader.announce_by_sms)

    def test_a_leader_without_a_number_gets_the_mail_only(self):
        self.leader.announce_by_sms = True
        self.leader.partner_id.phone = False
        self.assertFalse(self._announce())
        mails = self.env["mail.mail"].search(
            [("model", "=", "groupbuy.leader"), ("res_id", "=", self.leader.id)]
        )
        self.assertEqual(len(mails), 1)
