# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hash_sign, verify_hash_signed

from ..active_hour import next_active_moment
from .groupbuy_message import WEEK

SCOPE = "groupbuy-unsubscribe"


class GroupBuyMessageRecipient(models.Model):
    """Who gets a message, when, and what became of it."""

    _name = "groupbuy.message.recipient"
    _description = "Recipient of a Message"
    _order = "due_at, id"
    _rec_name = "partner_id"
    _log_access = False

    message_id = fields.Many2one(
        comodel_name="groupbuy.message",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    hour = fields.Integer(string="Active Hour", readonly=True, aggregator=None)
    due_at = fields.Datetime(string="Due", required=True, readonly=True)
    state = fields.Selection(
        selection=[("waiting", "Waiting"), ("sent", "Sent"), ("skipped", "Left Out")],
        required=True,
        readonly=True,
    )
    reason = fields.Selection(
        selection=[
            ("late", "The time was over"),
            ("limit", "Had enough messages for a week"),
            ("unsubscribed", "Wants no messages"),
            ("address", "Has no address"),
            ("cancelled", "The message was cancelled"),
        ],
        string="Why Left Out",
        readonly=True,
    )
    sent_at = fields.Datetime(string="Sent At", readonly=True)

    _recipient_uniq = models.UniqueIndex(
        "(message_id, partner_id)", "A resident gets a message once."
    )
    _due_idx = models.Index("(due_at) WHERE state = 'waiting'")
    _sent_idx = models.Index("(partner_id, sent_at) WHERE state = 'sent'")

    @api.model
    def _send_due(self, limit):
        """Send, put off or leave out a slice of what is due.

        Why it is safe: the rows are locked, those that another process works on are
        left to it. The residents' rows of standing are written before their messages
        are counted, so that two processes cannot both send the last one that a week
        allows. State and mail are written together: a process that dies has sent
        neither. Odoo's own queue sends the mails.

        :param int limit: How many at most.
        :return: How many were worked on; None when nothing is due.
        :rtype: int | None
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id FROM groupbuy_message_recipient r
                 WHERE r.state = 'waiting' AND r.due_at <= %s
                 ORDER BY r.due_at, r.id LIMIT %s
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                fields.Datetime.now(),
                limit,
            )
        )
        due = self.browse(row[0] for row in rows)
        if not due:
            return None
        self.invalidate_model()
        for company, theirs in due.grouped("company_id").items():
            # In the order of their ids, as everybody takes them.
            self.env["groupbuy.standing"]._touch(
                company, theirs.partner_id.sorted("id")
            )
            theirs._send_of_company(company)
        return len(due)

    def _send_of_company(self, company):
        """Send, put off or leave out recipients of one company's messages."""
        now = fields.Datetime.now()
        limit = company.groupbuy_messages_per_week
        history = self._get_history(company, now - WEEK)
        outcomes, to_send = [], self.browse()
        for recipient in self:
            message, partner = recipient.message_id, recipient.partner_id
            end = message._get_end()
            sent = history.setdefault(partner.id, [])
            if message.state != "sending":
                outcomes.append((recipient.id, "skipped", "cancelled", None, None))
            elif partner.groupbuy_no_messages or not partner.active:
                outcomes.append((recipient.id, "skipped", "unsubscribed", None, None))
            elif not partner.email:
                outcomes.append((recipient.id, "skipped", "address", None, None))
            elif end <= now:
                outcomes.append((recipient.id, "skipped", "late", None, None))
            elif len(sent) < limit:
                sent.append(now)
                to_send |= recipient
                outcomes.append((recipient.id, "sent", None, None, now))
            else:
                # Free again when the oldest that counts is a week old.
                free_at = sorted(sent)[-limit] + WEEK if limit else end
                later = next_active_moment(
                    max(free_at, now), recipient.hour, message._get_tz()
                )
                if later >= end:
                    outcomes.append((recipient.id, "skipped", "limit", None, None))
                else:
                    outcomes.append((recipient.id, "waiting", None, later, None))
        to_send._create_mails()
        self._write_outcomes(outcomes)

    def _get_history(self, company, since):
        """Return when messages went to these residents, in one query.

        :param res.company company: Whose messages.
        :param datetime since: From when on (UTC).
        :return: Partner id → moments.
        :rtype: dict[int, list[datetime]]
        """
        history = {}
        for partner_id, sent_at in self.env.execute_query(
            SQL(
                """
                SELECT partner_id, sent_at FROM groupbuy_message_recipient
                 WHERE state = 'sent' AND partner_id = ANY(%s) AND sent_at > %s
                   AND company_id = %s
                """,
                self.partner_id.ids,
                since,
                company.id,
            )
        ):
            history.setdefault(partner_id, []).append(sent_at)
        return history

    def _create_mails(self):
        """Queue the mails; a text is rendered once for each message and language."""
        if not self:
            return
        texts, values = {}, []
        for recipient in self:
            message, lang = recipient.message_id, recipient.partner_id.lang
            if (message, lang) not in texts:
                texts[message, lang] = message._render_text(lang)
            values.append(
                message._prepare_mail(
                    recipient.partner_id,
                    texts[message, lang],
                    recipient._get_unsubscribe_url(),
                )
            )
        self.env["mail.mail"].create(values)

    def _write_outcomes(self, outcomes):
        """Write what became of recipients, in one statement.

        :param list outcomes: Tuples id, state, reason, next due moment, sent moment.
        """
        ids, states, reasons, dues, sents = zip(*outcomes, strict=True)
        self.env.cr.execute(
            SQL(
                """
                UPDATE groupbuy_message_recipient r
                   SET state = o.state, reason = o.reason, sent_at = o.sent_at,
                       due_at = COALESCE(o.due_at, r.due_at)
                  FROM unnest(%s::int[], %s::varchar[], %s::varchar[],
                              %s::timestamp[], %s::timestamp[])
                       AS o(id, state, reason, due_at, sent_at)
                 WHERE r.id = o.id
                """,
                list(ids),
                list(states),
                list(reasons),
                list(dues),
                list(sents),
            )
        )
        self.invalidate_recordset()

    # === UNSUBSCRIBING === #

    def _get_unsubscribe_url(self):
        """Return the address by which the recipient wants no more messages.

        It is signed, names a row of this table and not the resident, and opens nothing
        else.

        :rtype: str
        """
        self.ensure_one()
        # Elevated: the secret that signs is nobody's to read.
        token = hash_sign(self.env(su=True), SCOPE, [self.id])
        message = self.message_id
        base = (message.campaign_id.website_id or message.company_id).get_base_url()
        return f"{base}/group-buy/unsubscribe/{token}"

    @api.model
    def _find_by_token(self, token):
        """Look up the recipient that a signed address names.

        :param token: Anything.
        :return: The recipient with elevated rights, or nothing.
        :rtype: groupbuy.message.recipient
        """
        recipients = self.sudo()
        try:
            values = verify_hash_signed(self.env(su=True), SCOPE, token)
        except (ValueError, AttributeError):
            return recipients
        return recipients.browse(values or []).exists()
