# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
import hashlib
import io
import secrets
from datetime import timedelta

import qrcode
from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .. import code_text, keys, token
from ..const import SEND_SLICE


class GroupBuyPickupCode(models.Model):
    """A code that opens one resident's transfer (核销码).

    A row is one version; a reissue closes it and makes the next one. Neither the code
    nor anything from which it follows is stored: the code is the HMAC of a nonce under
    a key outside of the database (see `keys.py`), and what is stored for finding it is
    another HMAC of the code.
    """

    _name = "groupbuy.pickup.code"
    _description = "Pickup Code"
    _order = "id desc"
    _rec_name = "picking_id"

    picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Transfer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        help="What the code opens now; after a part was handed out, the rest.",
    )
    token_picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="First Transfer",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The transfer that the QR picture names, as the code was issued for it.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    partner_id = fields.Many2one(related="picking_id.partner_id", string="Resident")
    point_id = fields.Many2one(related="picking_id.groupbuy_point_id")
    campaign_id = fields.Many2one(related="picking_id.groupbuy_campaign_id")
    version = fields.Integer(required=True, readonly=True)
    nonce = fields.Char(
        required=True, readonly=True, groups="base.group_system", copy=False
    )
    digest = fields.Char(
        required=True, readonly=True, groups="base.group_system", copy=False
    )
    key_reference = fields.Char(
        readonly=True,
        groups="base.group_system",
        help="The key that the code was derived with.",
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("used", "Collected"),
            ("replaced", "Replaced"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="open",
        readonly=True,
    )
    event_count = fields.Integer(
        readonly=True,
        default=0,
        help="Raised by everything that is handed out or undone, so that whoever"
        " waited for the lock of this row learns that something has changed.",
    )
    sent_at = fields.Datetime(string="Sent", readonly=True)
    extended_until = fields.Datetime(
        string="Stay Extended Until",
        readonly=True,
        help="Until when it can be collected, where that is later than the campaign"
        " says.",
    )
    expires_at = fields.Datetime(string="Expires", compute="_compute_expires_at")

    _open_picking_uniq = models.UniqueIndex(
        "(picking_id) WHERE state = 'open'", "A transfer has one open code."
    )
    _open_digest_uniq = models.UniqueIndex("(digest) WHERE state = 'open'")
    _digest_idx = models.Index("(digest)")
    _token_uniq = models.UniqueIndex("(token_picking_id, version)")
    _unsent_idx = models.Index("(id) WHERE state = 'open' AND sent_at IS NULL")

    @api.depends(
        "extended_until",
        "picking_id.groupbuy_campaign_id.pickup_until",
        "picking_id.groupbuy_campaign_id.unclaimed_rule",
        "picking_id.groupbuy_campaign_id.unclaimed_days",
    )
    def _compute_expires_at(self):
        for code in self:
            code.expires_at = code.extended_until or (
                code.campaign_id._get_last_pickup()
            )

    # === ISSUE === #

    @api.model
    def _issue(self, pickings):
        """Give a code to each transfer that has none; two statements for all of them.

        :param stock.picking pickings: Residents' transfers, of any number.
        """
        if not pickings:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "SELECT picking_id FROM groupbuy_pickup_code"
                " WHERE picking_id = ANY(%s) AND state IN ('open', 'used')",
                pickings.ids,
            )
        )
        have = {row[0] for row in self.env.cr.fetchall()}
        missing = [picking for picking in pickings if picking.id not in have]
        self._insert([(picking, picking.id, 1, None) for picking in missing])

    @api.model
    def _insert(self, rows):
        """Write new codes, drawing again what happens to exist already.

        Written in SQL: the close of a campaign makes thousands of them.

        :param list rows: Tuples (transfer, id of the transfer in the token, version,
            time until which the stay is extended).
        """
        if not rows:
            return
        pickings = self.env["stock.picking"].browse(row[0].id for row in rows)
        pickings.flush_recordset(["company_id"])
        secret = keys.get_keys(self.env.cr.dbname)
        drawn = {}
        while len(drawn) < len(rows):
            fresh = {}
            while len(drawn) + len(fresh) < len(rows):
                nonce = secrets.token_hex(16)
                text = self._derive(secret, nonce)
                if text:
                    fresh[self._get_digest(secret, text)] = nonce
            self.env.cr.execute(
                SQL(
                    "SELECT digest FROM groupbuy_pickup_code WHERE digest = ANY(%s)",
                    list(fresh),
                )
            )
            for (digest,) in self.env.cr.fetchall():
                del fresh[digest]
            drawn.update(fresh)
        now = fields.Datetime.now()
        values = [
            (
                picking.id,
                token_id,
                picking.company_id.id,
                version,
                nonce,
                digest,
                secret.reference,
                extended_until or None,
                self.env.uid,
                now,
                self.env.uid,
                now,
            )
            for (picking, token_id, version, extended_until), (digest, nonce) in zip(
                rows, drawn.items(), strict=True
            )
        ]
        execute_values(
            self.env.cr._obj,
            """
            INSERT INTO groupbuy_pickup_code (
                picking_id, token_picking_id, company_id, version, nonce, digest,
                key_reference, extended_until, state, event_count,
                create_uid, create_date, write_uid, write_date)
            VALUES %s
            """,
            values,
            template="(%s, %s, %s, %s, %s, %s, %s, %s, 'open', 0, %s, %s, %s, %s)",
            page_size=1000,
        )
        self.invalidate_model()
        pickings.invalidate_recordset(["groupbuy_code_ids"])

    def _reissue(self):
        """Replace open codes by new ones; the old ones open nothing from now on.

        Safe against a verification at the same moment: the row is written, so one of
        the two is repeated and sees what the other did.

        :return: The new codes.
        :rtype: groupbuy.pickup.code
        """
        codes = self.filtered(lambda code: code.state == "open")
        if not codes:
            return self.browse()
        codes.write({"state": "replaced"})
        codes.flush_recordset()
        self._insert(
            [
                (
                    code.picking_id,
                    code.token_picking_id.id,
                    code.version + 1,
                    code.extended_until,
                )
                for code in codes
            ]
        )
        return self.search(
            [("picking_id", "in", codes.picking_id.ids), ("state", "=", "open")]
        )

    # === WHAT IT SAYS === #

    @api.model
    def _derive(self, secret, nonce):
        """Return the code of a nonce, or None when it is to be drawn again."""
        digest = secret.digest("code", nonce)
        number = int.from_bytes(digest[:8], "big") >> (64 - code_text.BITS)
        return code_text.encode(number)

    @api.model
    def _get_digest(self, secret, text):
        """Return what a code is found by."""
        return secret.digest("find", text).hex()

    def _is_readable(self):
        """Tell whether the key with which this code was made is still there."""
        self.ensure_one()
        secret = keys.get_keys(self.env.cr.dbname)
        return self.sudo().key_reference == secret.reference

    def _get_text(self):
        """Return the code, ten characters; only its resident may be shown it.

        :rtype: str
        :raise UserError: If the key is lost; a new code has to be issued.
        """
        self.ensure_one()
        secret = keys.get_keys(self.env.cr.dbname)
        if self.sudo().key_reference != secret.reference:
            raise UserError(
                self.env._("This code can no longer be read. Please ask for a new one.")
            )
        return self._derive(secret, self.sudo().nonce)

    def _get_token(self):
        """Return the signed token that the QR picture carries.

        :rtype: str
        """
        self.ensure_one()
        secret = keys.get_keys(self.env.cr.dbname)
        return token.sign(
            secret.private,
            {
                "d": self._get_database_name(),
                "t": self.token_picking_id.id,
                "p": self.point_id.id,
                "e": int(self.expires_at.timestamp()),
                "v": self.version,
            },
        )

    @api.model
    def _get_database_name(self):
        """Return a short name of this database for tokens, the same on all nodes."""
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return hashlib.sha256(uuid.encode()).hexdigest()[:12]

    def _get_qr_png(self):
        """Return the QR picture of the token.

        :return: A PNG file.
        :rtype: bytes
        """
        self.ensure_one()
        code = qrcode.QRCode(
            error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=6, border=4
        )
        code.add_data(self._get_token())
        stream = io.BytesIO()
        code.make_image().save(stream, format="PNG")
        return stream.getvalue()

    def _get_qr_data_uri(self):
        """Return the QR picture for a page, which nothing else can link to.

        :rtype: str
        """
        return "data:image/png;base64," + base64.b64encode(self._get_qr_png()).decode()

    # === AFTER A PART === #

    def _follow(self, picking, state="open"):
        """Let a code open another transfer: what remains, or what was undone.

        :param stock.picking picking: The transfer that it opens from now on.
        :param str state: Its state from now on.
        """
        self.ensure_one()
        self.write(
            {
                "picking_id": picking.id,
                "state": state,
                "event_count": self.event_count + 1,
            }
        )

    # === BUTTONS === #

    def action_reissue(self):
        """Replace codes for residents who have lost theirs or fear it was seen.

        :raise AccessError: If the user is not staff of group buying.
        """
        self.check_access("read")
        self._check_staff()
        new = self.sudo()._reissue()
        if not new:
            raise UserError(self.env._("Only open codes can be replaced."))
        self._trigger_sending()
        return True

    def action_extend(self, days=1):
        """Let codes be used for longer.

        :param int days: How many days beyond the later of now and their expiry.
        :raise AccessError: If the user is not staff of group buying.
        """
        self.check_access("read")
        self._check_staff()
        if not isinstance(days, int) or not 1 <= days <= 31:
            raise UserError(self.env._("A stay is extended by 1 to 31 days."))
        now = fields.Datetime.now()
        for code in self.sudo().filtered(lambda code: code.state == "open"):
            code.extended_until = max(now, code.expires_at) + timedelta(days=days)
        return True

    def _check_staff(self):
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_user"):
            raise AccessError(self.env._("Only group buying staff can do this."))

    # === MAIL === #

    @api.model
    def _trigger_sending(self):
        """Ask the scheduled job to send codes as soon as this commits."""
        self.env.ref("groupbuy_verification.ir_cron_send_codes").sudo()._trigger()

    @api.model
    def _get_unsent_domain(self):
        return [
            ("state", "=", "open"),
            ("sent_at", "=", False),
            ("picking_id.state", "=", "assigned"),
            ("picking_id.groupbuy_role", "=", "to_resident"),
        ]

    @api.model
    def _cron_send(self):
        """Send the codes of goods that have arrived, slice by slice.

        A code is marked sent in the transaction that queues its mail. The mail in the
        database carries no code: that is put in when it leaves (see `mail.mail`).
        """
        commit = self.env["ir.cron"]._commit_progress
        template = self.env.ref(
            "groupbuy_verification.mail_template_code", raise_if_not_found=False
        )
        self._issue_missing()
        self._reissue_unreadable()
        while codes := self.search(
            self._get_unsent_domain(), order="id", limit=SEND_SLICE
        ).try_lock_for_update():
            codes.write({"sent_at": fields.Datetime.now()})
            reachable = codes.filtered("partner_id.email")
            if template and reachable:
                template.send_mail_batch(reachable.ids, force_send=False)
            remaining = self.search_count(self._get_unsent_domain())
            if not commit(processed=len(codes), remaining=remaining):
                return

    @api.model
    def _issue_missing(self):
        """Give codes to transfers that came here without: of before this addon was
        installed, or split in the stock app. Close those that nobody will collect.
        """
        self.flush_model()
        self.env["stock.picking"].flush_model()
        self.env.cr.execute(
            """
            SELECT p.id FROM stock_picking p
             WHERE p.groupbuy_role = 'to_resident'
               AND p.state IN ('waiting', 'confirmed', 'assigned')
               AND NOT EXISTS (
                   SELECT 1 FROM groupbuy_pickup_code c
                    WHERE c.picking_id = p.id AND c.state = 'open')
            """
        )
        self._issue(
            self.env["stock.picking"].browse(row[0] for row in self.env.cr.fetchall())
        )
        self.search(
            [("state", "=", "open"), ("picking_id.state", "=", "cancel")]
        ).state = "cancelled"

    @api.model
    def _reissue_unreadable(self):
        """Replace codes whose key was lost, so that residents get new ones."""
        reference = keys.get_keys(self.env.cr.dbname).reference
        lost = self.sudo().search(
            [("state", "=", "open"), ("key_reference", "!=", reference)]
        )
        return lost._reissue()
