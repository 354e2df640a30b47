# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestSegmentMailing(GroupBuyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = cls.env["groupbuy.segment"].create(
            {
                "name": "Sunny Garden",
                "company_id": cls.company.id,
                "community_ids": [fields.Command.set(cls.community.ids)],
            }
        )
        cls.segment.action_refresh()
        cls.mailing_user = new_test_user(
            cls.env, login="mailing_user", groups="mass_mailing.group_mass_mailing_user"
        )
        cls.contacts = cls.env["ir.model"]._get("res.partner")

    def _create_mailing(self, **values):
        return self.env["mailing.mailing"].create(
            {
                "subject": "Strawberries",
                "body_html": "<p>Fresh from the field</p>",
                "mailing_model_id": self.contacts.id,
                "mailing_domain": "[]",
                "groupbuy_segment_id": self.segment.id,
                **values,
            }
        )

    def _get_recipients(self, mailing):
        return self.env["res.partner"].browse(mailing._get_recipients())

    def _create_sent_message(self, partner, days_ago=1):
        message = self.env["groupbuy.message"].create(
            {
                "subject": "News",
                "body": "<p>News</p>",
                "company_id": self.company.id,
                "segment_id": self.segment.id,
            }
        )
        moment = fields.Datetime.now() - timedelta(days=days_ago)
        return self.env["groupbuy.message.recipient"].create(
            {
                "message_id": message.id,
                "company_id": self.company.id,
                "partner_id": partner.id,
                "due_at": moment,
                "state": "sent",
                "sent_at": moment,
            }
        )

    def test_mailing_goes_to_the_residents_of_the_segment_only(self):
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "email": "stranger@example.com"}
        )
        found = self._get_recipients(self._create_mailing())
        self.assertLessEqual(self.resident | self.neighbour | self.third, found)
        self.assertNotIn(stranger, found)
        everybody = self._create_mailing(groupbuy_segment_id=False)
        self.assertIn(stranger, self._get_recipients(everybody))

    def test_mailing_user_without_rights_on_group_buying_can_use_a_segment(self):
        mailing = self._create_mailing().with_user(self.mailing_user)
        self.assertIn(self.resident.id, mailing._get_recipients())
        self.assertEqual(mailing.groupbuy_segment_id.display_name, "Sunny Garden")

    def test_who_wants_no_messages_is_left_out(self):
        self.neighbour.groupbuy_no_messages = True
        found = self._get_recipients(self._create_mailing())
        self.assertIn(self.resident, found)
        self.assertNotIn(self.neighbour, found)

    def test_who_has_had_enough_this_week_is_left_out(self):
        self.company.groupbuy_messages_per_week = 1
        self._create_sent_message(self.neighbour)
        self._create_sent_message(self.third, days_ago=8)
        found = self._get_recipients(self._create_mailing())
        self.assertNotIn(self.neighbour, found)
        self.assertIn(self.third, found, "A week ago does not count any more")

    def test_mailing_counts_as_a_message(self):
        self.company.groupbuy_messages_per_week = 1
        mailing = self._create_mailing()
        self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": "res.partner",
                "res_id": self.neighbour.id,
                "sent_datetime": fields.Datetime.now() - timedelta(hours=1),
                "trace_status": "sent",
            }
        )
        self.env.flush_all()
        other = self._create_mailing(subject="Cherries")
        self.assertNotIn(self.neighbour, self._get_recipients(other))
        message = self.env["groupbuy.message"].create(
            {
                "subject": "News",
                "body": "<p>News</p>",
                "company_id": self.company.id,
                "segment_id": self.segment.id,
            }
        )
        message.action_start()
        recipients = message.recipient_ids
        recipients.due_at = fields.Datetime.now() - timedelta(minutes=1)
        self.env.flush_all()
        self.env["groupbuy.message.recipient"].sudo()._send_due(1000)
        states = {r.partner_id: r.state for r in recipients}
        self.assertEqual(states[self.resident], "sent")
        self.assertNotEqual(states[self.neighbour], "sent")

    def test_limit_of_none_sends_nothing(self):
        self.company.groupbuy_messages_per_week = 0
        self.assertFalse(self._get_recipients(self._create_mailing()))

    def test_segment_of_another_kind_of_recipients_is_refused(self):
        lists = self.env["ir.model"]._get("mailing.list")
        with self.assertRaisesRegex(ValidationError, "consists of contacts"):
            self._create_mailing(mailing_model_id=lists.id)

    def test_button_of_a_segment_begins_a_mailing(self):
        action = self.segment.action_groupbuy_mailing()
        mailing = (
            self.env["mailing.mailing"]
            .with_context(**action["context"])
            .create({"subject": "Cherries"})
        )
        self.assertEqual(mailing.groupbuy_segment_id, self.segment)
        self.assertEqual(mailing.mailing_model_real, "res.partner")
