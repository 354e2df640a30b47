# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime, timedelta

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, is_html_empty

WEEK = timedelta(days=7)
LONG_AGO = datetime(1970, 1, 1)
# Recipients that one step of the scheduled job writes to.
SLICE = 200
# Stands for a recipient's own address in a text that is rendered once for many.
PLACEHOLDER = "groupbuy-unsubscribe-address"


class GroupBuyMessage(models.Model):
    """A message to a segment, sent to each resident at the own active hour.

    Starting it writes down who gets it and when; a scheduled job sends what is due. No
    resident gets more messages in seven days than the company allows.
    """

    _name = "groupbuy.message"
    _description = "Message to Residents"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "subject"
    _check_company_auto = True

    subject = fields.Char(required=True, translate=True)
    body = fields.Html(string="Text", translate=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    segment_id = fields.Many2one(
        comodel_name="groupbuy.segment",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        help="The residents who are in it when the message is started.",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        check_company=True,
        ondelete="set null",
        index="btree_not_null",
        help="The message gets a button that leads to it. After its close the message"
        " goes to nobody any more.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("sending", "Sending"),
            ("done", "Sent"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    start_at = fields.Datetime(
        string="Not Before",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        help="From then on each resident gets it at the next own active hour.",
    )
    end_at = fields.Datetime(
        string="Not After",
        copy=False,
        help="Whoever could not be written to until then is left out. Empty: until the"
        " campaign closes, or seven days.",
    )
    recipient_ids = fields.One2many(
        comodel_name="groupbuy.message.recipient",
        inverse_name="message_id",
        readonly=True,
    )
    waiting_count = fields.Integer(string="Waiting", compute="_compute_counts")
    sent_count = fields.Integer(string="Sent To", compute="_compute_counts")
    skipped_count = fields.Integer(string="Left Out", compute="_compute_counts")

    _times_order = models.Constraint(
        "CHECK (end_at IS NULL OR end_at > start_at)",
        "A message ends after it begins.",
    )

    def _compute_counts(self):
        counts = {
            (message, state): count
            for message, state, count in self.env[
                "groupbuy.message.recipient"
            ]._read_group(
                [("message_id", "in", self.ids)], ["message_id", "state"], ["__count"]
            )
        }
        for message in self:
            for state in ("waiting", "sent", "skipped"):
                message[f"{state}_count"] = counts.get((message._origin, state), 0)

    def write(self, vals):
        """Override: what has been started stays as it is, and nobody types a state in.

        :raise UserError: If staff change it by hand.
        """
        if not self.env.su and self._is_fixed(vals):
            raise UserError(
                self.env._(
                    "A message that has been started stays as it is. Cancel it and"
                    " start a copy instead."
                )
            )
        return super().write(vals)

    def _is_fixed(self, vals):
        """Return whether values change what must stay."""
        if "state" in vals:
            return True
        names = {
            "subject", "body", "segment_id", "campaign_id", "company_id",
            "start_at", "end_at",
        }  # fmt: skip
        return bool(names.intersection(vals)) and any(
            message.state != "draft" for message in self
        )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a message begins as a draft, whoever makes it.

        :raise UserError: If staff name another state.
        """
        if not self.env.su and any(
            vals.get("state", "draft") != "draft" for vals in vals_list
        ):
            raise UserError(self.env._("A message begins as a draft."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        if any(message.state != "draft" for message in self):
            raise UserError(
                self.env._(
                    "A message that has been started is kept, with whom it went to."
                    " Cancel it instead."
                )
            )

    # === BUTTONS === #

    def action_start(self):
        """Write down who gets the messages, and when.

        Why it is safe: the state is changed by one conditional statement; of two
        buttons at once one starts, the other fails to serialise and then finds nothing
        to start. A resident is a recipient once (a unique index).

        :raise AccessError: Unless the user may write messages.
        :raise UserError: Without a text, or after its end.
        """
        self.check_access("write")
        for message in self:
            message._start()

    def _start(self):
        """Start one message; see :meth:`action_start`."""
        self.ensure_one()
        if is_html_empty(self.body):
            raise UserError(self.env._("Please write a text first."))
        if self._get_end() <= fields.Datetime.now():
            raise UserError(
                self.env._(
                    "The time of %s is over. Choose a later one, or another campaign.",
                    self.subject,
                )
            )
        self.flush_recordset()
        started = self.env.execute_query(
            SQL(
                "UPDATE groupbuy_message SET state = 'sending'"
                " WHERE id = %s AND state = 'draft' RETURNING id",
                self.id,
            )
        )
        self.invalidate_recordset(["state"])
        if not started:
            raise UserError(self.env._("%s has been started already.", self.subject))
        # Elevated: recipients are written by nobody; access was checked.
        self.sudo()._add_recipients()

    def _add_recipients(self):
        """Insert who gets the message and when it is due, in one statement."""
        company = self.company_id
        self.env["res.partner"].flush_model(["email", "active", "groupbuy_no_messages"])
        self.env["groupbuy.standing"].flush_model(["active_hour"])
        self.env.execute_query(
            SQL(
                """
                WITH members AS (
                    SELECT m.partner_id,
                           COALESCE(NULLIF(s.active_hour, -1), %(hour)s) AS hour,
                           %(start)s::timestamp AT TIME ZONE 'UTC'
                               AT TIME ZONE %(tz)s AS begins
                      FROM groupbuy_segment_member m
                      JOIN res_partner p ON p.id = m.partner_id
                      LEFT JOIN groupbuy_standing s ON s.partner_id = m.partner_id
                           AND s.company_id = %(company)s
                     WHERE m.segment_id = %(segment)s AND p.active
                       AND COALESCE(p.email, '') != ''
                       AND p.groupbuy_no_messages IS NOT TRUE
                ), moments AS (
                    SELECT partner_id, hour, begins,
                           date_trunc('day', begins)
                               + make_interval(hours => hour) AS moment
                      FROM members
                )
                INSERT INTO groupbuy_message_recipient (
                       message_id, partner_id, company_id, state, hour, due_at)
                SELECT %(message)s, partner_id, %(company)s, 'waiting', hour,
                       (CASE WHEN date_trunc('hour', begins) = moment THEN begins
                             WHEN moment > begins THEN moment
                             ELSE moment + interval '1 day' END)
                           AT TIME ZONE %(tz)s AT TIME ZONE 'UTC'
                  FROM moments
                ON CONFLICT (message_id, partner_id) DO NOTHING
                RETURNING id
                """,
                hour=company.groupbuy_message_hour,
                start=max(self.start_at, fields.Datetime.now()),
                tz=self._get_tz(),
                company=company.id,
                segment=self.segment_id.id,
                message=self.id,
            )
        )
        self.env["groupbuy.message.recipient"].invalidate_model()
        self.invalidate_recordset()

    def action_cancel(self):
        """Stop messages; who has got them has got them.

        :raise AccessError: Unless the user may write messages.
        """
        self.check_access("write")
        # Elevated for what nobody types in; access was checked.
        running = self.sudo().filtered(lambda m: m.state in ("draft", "sending"))
        running.state = "cancelled"
        running.flush_recordset()
        self.env["groupbuy.message.recipient"].flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE groupbuy_message_recipient"
                " SET state = 'skipped', reason = 'cancelled'"
                " WHERE message_id = ANY(%s) AND state = 'waiting'",
                running.ids,
            )
        )
        self.env["groupbuy.message.recipient"].invalidate_model()

    def action_send_test(self):
        """Send the message to the user's own address, as a resident would get it.

        :return: A notification.
        :rtype: dict
        :raise AccessError: Unless the user may write messages.
        :raise UserError: Without a text or an address.
        """
        self.ensure_one()
        self.check_access("write")
        if is_html_empty(self.body):
            raise UserError(self.env._("Please write a text first."))
        partner = self.env.user.partner_id
        if not partner.email:
            raise UserError(self.env._("Please enter your own e-mail address first."))
        # Elevated: a mail to the user, who may have no rights on mails.
        self.sudo().env["mail.mail"].create(
            self.sudo()._prepare_mail(partner, self._render_text(partner.lang), "#")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The message is on its way to %s.", partner.email
                ),
            },
        }

    def action_view_recipients(self):
        """Show to whom the message went, and who was left out.

        :return: An action.
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_marketing.groupbuy_message_recipient_action"
        )
        return {**action, "domain": [("message_id", "=", self.id)]}

    # === SENDING === #

    def _get_tz(self):
        """Return the zone in which hours are meant."""
        self.ensure_one()
        return self.campaign_id.tz or self.company_id.partner_id.tz or "UTC"

    def _get_end(self):
        """Return until when the message may be sent (UTC); long ago when it is over.

        A campaign that was closed before its time is over, too.
        """
        self.ensure_one()
        # Elevated: only whether the campaign still runs.
        if self.sudo().campaign_id and self.sudo().campaign_id.state not in (
            "draft",
            "scheduled",
            "open",
        ):
            return LONG_AGO
        ends = [self.end_at or self.start_at + WEEK]
        if self.campaign_id:
            ends.append(self.sudo().campaign_id.close_at)
        return min(ends)

    @api.model
    def _cron_send(self):
        """Send what is due, in slices, each committed on its own.

        A run that was missed is made up for by the next, as long as the messages have
        not ended.
        """
        recipients = self.env["groupbuy.message.recipient"].sudo()
        commit = self.env["ir.cron"]._commit_progress
        while (count := recipients._send_due(SLICE)) is not None:
            if not commit(processed=count, remaining=int(count == SLICE)):
                return
        self._finish()

    @api.model
    def _finish(self):
        """Note which messages have nobody left to write to."""
        self.flush_model(["state"])
        self.env["groupbuy.message.recipient"].flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE groupbuy_message m SET state = 'done'
                 WHERE m.state = 'sending' AND NOT EXISTS (
                       SELECT 1 FROM groupbuy_message_recipient r
                        WHERE r.message_id = m.id AND r.state = 'waiting')
                RETURNING id
                """
            )
        )
        self.browse(row[0] for row in rows).invalidate_recordset(["state"])

    def _render_text(self, lang):
        """Return subject and HTML in a language; the recipient's address is left open.

        :param str lang: The recipient's language.
        :rtype: tuple[str, str]
        """
        self.ensure_one()
        message = self.with_context(lang=lang or self.env.lang)
        html = message.env["ir.qweb"]._render(
            "groupbuy_marketing.message_mail",
            {
                "message": message,
                "company": message.company_id,
                "campaign": message.campaign_id,
                "base_url": (
                    message.campaign_id.website_id or message.company_id
                ).get_base_url(),
                "unsubscribe_url": PLACEHOLDER,
            },
        )
        return message.subject, html

    def _prepare_mail(self, partner, text, address):
        """Return the values of a mail.

        :param res.partner partner: To whom.
        :param tuple text: What :meth:`_render_text` returned.
        :param str address: Where the recipient unsubscribes.
        :rtype: dict
        """
        self.ensure_one()
        subject, html = text
        values = {
            "subject": subject,
            "body_html": Markup(str(html).replace(PLACEHOLDER, str(escape(address)))),
            "email_from": self.company_id.email_formatted
            or self.env.user.email_formatted,
            "recipient_ids": [fields.Command.link(partner.id)],
            "auto_delete": True,
            "state": "outgoing",
        }
        if address.startswith("http"):
            # Mail programs offer a button of their own for it (RFC 8058).
            values["headers"] = repr(
                {
                    "List-Unsubscribe": f"<{address}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                }
            )
        return values
