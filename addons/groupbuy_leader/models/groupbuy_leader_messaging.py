# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

MAX_LENGTH = 500
# Messages within 24 hours.
MAX_PER_CAMPAIGN = 2
MAX_PER_LEADER = 6


class GroupBuyLeader(models.Model):
    """What a leader writes to the joiners."""

    _inherit = "groupbuy.leader"

    message_to_joiners_ids = fields.One2many(
        comodel_name="groupbuy.leader.message",
        inverse_name="leader_id",
        string="Messages to Joiners",
    )

    def _send_message(self, campaign, text):
        """Write to everybody who has joined a campaign with this leader.

        One mail each, so that nobody sees another's address; they go out by the mail
        queue. Who has asked for no mails gets none. The number of queries does not
        depend on the number of joiners.

        Why the limits hold: the row of the leader is locked while they are counted, so
        two requests at once are counted one after the other.

        :param groupbuy.campaign campaign: One of the leader's, with elevated rights.
        :param str text: Plain text.
        :return: The message, kept with the number of residents.
        :rtype: groupbuy.leader.message
        :raise UserError: If the text is empty or too long, if there were too many
            messages, or nobody has joined.
        """
        self.ensure_one()
        text = (text or "").replace("\x00", "").replace("\r\n", "\n").strip()
        if not text:
            raise UserError(self.env._("Please write a message."))
        if len(text) > MAX_LENGTH:
            raise UserError(
                self.env._(
                    "The message has %(count)s characters. At most %(limit)s, please.",
                    count=len(text),
                    limit=MAX_LENGTH,
                )
            )
        self._check_message_limits(campaign, text)
        partners = self._get_message_recipients(campaign)
        if not partners:
            raise UserError(
                self.env._("Nobody has joined yet who can be reached by e-mail.")
            )
        # Elevated: portal users have no rights on the log and on outgoing mails.
        message = (
            self.sudo()
            .env["groupbuy.leader.message"]
            .create(
                {
                    "leader_id": self.id,
                    "campaign_id": campaign.id,
                    "company_id": self.company_id.id,
                    "body": text,
                    "recipient_count": len(partners),
                    "user_id": self.env.uid,
                }
            )
        )
        message._queue_mails(partners)
        return message

    def _check_message_limits(self, campaign, text):
        """Refuse more messages than residents want to read.

        :raise UserError: If there were too many within 24 hours, or the same one.
        """
        self.env.cr.execute(
            SQL(
                "SELECT id FROM groupbuy_leader WHERE id = %s FOR NO KEY UPDATE",
                self.id,
            )
        )
        recent = (
            self.sudo()
            .env["groupbuy.leader.message"]
            .search(
                [
                    ("leader_id", "=", self.id),
                    ("create_date", ">", fields.Datetime.now() - timedelta(days=1)),
                ]
            )
        )
        here = recent.filtered(lambda message: message.campaign_id == campaign)
        if text in here.mapped("body"):
            raise UserError(self.env._("You have sent this message already."))
        if len(here) >= MAX_PER_CAMPAIGN:
            raise UserError(
                self.env._(
                    "At most %s messages a day to the joiners of a campaign. Please try"
                    " again tomorrow.",
                    MAX_PER_CAMPAIGN,
                )
            )
        if len(recent) >= MAX_PER_LEADER:
            raise UserError(
                self.env._(
                    "At most %s messages a day. Please try again tomorrow.",
                    MAX_PER_LEADER,
                )
            )

    def _get_message_recipients(self, campaign):
        """Return the residents who can be written to, each once.

        :rtype: res.partner
        """
        # Elevated: leaders have no rights on orders; the domain is their own.
        orders = self.sudo().env["sale.order"].search(self._get_group_domain(campaign))
        partners = orders.partner_id.filtered("email_normalized")
        refused = set(
            partners.env["mail.blacklist"]
            .search([("email", "in", partners.mapped("email_normalized"))])
            .mapped("email")
        )
        by_address = {}
        for partner in partners:
            if partner.email_normalized not in refused:
                by_address.setdefault(partner.email_normalized, partner)
        return partners.browse(partner.id for partner in by_address.values())
