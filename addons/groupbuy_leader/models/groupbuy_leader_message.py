# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from markupsafe import Markup, escape

from odoo import fields, models


class GroupBuyLeaderMessage(models.Model):
    """A message of a leader to the joiners of a campaign: a fact, written once."""

    _name = "groupbuy.leader.message"
    _description = "Message of a Leader"
    _order = "id desc"
    _rec_name = "campaign_id"

    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    body = fields.Text(string="Message", required=True, readonly=True)
    recipient_count = fields.Integer(
        string="Residents", readonly=True, help="Who was written to, one mail each."
    )
    user_id = fields.Many2one(comodel_name="res.users", string="By", readonly=True)

    def _queue_mails(self, partners):
        """Queue a mail to each resident, in the resident's language.

        :param res.partner partners: Residents with an address.
        """
        self.ensure_one()
        company = self.company_id
        sender = company.email_formatted or self.env.user.email_formatted
        vals_list = []
        for lang, readers in partners.grouped("lang").items():
            message = self.with_context(lang=lang or self.env.lang)
            campaign = message.campaign_id
            subject = message.env._(
                "%(campaign)s: a message from %(leader)s",
                campaign=campaign.name,
                leader=self.leader_id.partner_id._groupbuy_public_name(),
            )
            body = message.env["ir.qweb"]._render(
                "groupbuy_leader.mail_leader_message",
                {
                    "message": message,
                    "campaign": campaign,
                    "company": company,
                    "lines": Markup("<br/>").join(
                        escape(line) for line in self.body.split("\n")
                    ),
                    "url": self.leader_id.get_base_url() + campaign.website_url,
                },
                minimal_qcontext=True,
            )
            vals_list += [
                {
                    "subject": subject,
                    "body_html": body,
                    "author_id": company.partner_id.id,
                    "email_from": sender,
                    # Given, so that it is not looked up for each mail.
                    "reply_to": sender,
                    "recipient_ids": [fields.Command.link(reader.id)],
                    "model": self._name,
                    "res_id": self.id,
                    "auto_delete": True,
                    "state": "outgoing",
                }
                for reader in readers
            ]
        self.env["mail.mail"].create(vals_list)
