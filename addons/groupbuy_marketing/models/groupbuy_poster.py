# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import poster

# So many drawings are kept, and none that nobody has asked for in so many days.
MAX_POSTERS = 2000
DAYS_KEPT = 30
# Drawings that are thrown away in one go.
SLICE = 100


class GroupBuyPoster(models.Model):
    """A poster that has been drawn: kept so that it is drawn once.

    The key is a digest of all that it shows, and of the language. Another price,
    another picture or another address is another poster; the old one is asked for no
    more and goes away.
    """

    _name = "groupbuy.poster"
    _description = "Group Buying Poster"
    _order = "id desc"
    _rec_name = "kind"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        selection=[
            ("png", "Picture"),
            ("pdf", "Paper"),
            ("card", "Preview of a link"),
        ],
        required=True,
        readonly=True,
    )
    lang = fields.Char(string="Language", readonly=True)
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    file = fields.Binary(readonly=True, attachment=True)
    size = fields.Integer(string="Bytes", readonly=True)
    used_on = fields.Date(string="Last Asked For", required=True, readonly=True)

    _key_uniq = models.UniqueIndex("(key)", "This poster has been drawn already.")
    _used_on_idx = models.Index("(used_on)")

    @api.model
    def _get_file(self, content, kind, campaign=None):
        """Return a poster, drawn now or kept from before.

        Why it is safe: the row is inserted before anything is drawn. Another request
        for the same poster waits for it at the unique index, fails to serialise when it
        is committed, is repeated by Odoo and finds the drawing. So a poster that a
        hundred neighbours open at once is drawn once.

        :param poster.PosterContent content: What it says, in the language of `env`.
        :param str kind: "png", "pdf" or "card".
        :param groupbuy.campaign campaign: With which it goes away; may be nothing.
        :return: The file.
        :rtype: bytes
        :raise UserError: When no font has its characters; nothing is kept then.
        """
        lang = self.env.lang or "en_US"
        key = content.get_key(kind, lang)
        # Elevated: nobody else writes this table, and what a poster says was chosen by
        # whoever calls.
        posters = self.sudo()
        found = posters.search([("key", "=", key)], limit=1)
        if found.file:
            found._note_use()
            return base64.b64decode(found.file)
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_poster (key, kind, lang, campaign_id, used_on)
                VALUES (%s, %s, %s, %s, %s)
                ON CONFLICT (key) DO NOTHING RETURNING id
                """,
                key,
                kind,
                lang,
                campaign.id if campaign else None,
                fields.Date.today(),
            )
        )
        try:
            data = poster.DRAW[kind](content)
        except poster.MissingFontError:
            raise UserError(
                self.env._(
                    "The poster cannot be drawn: this server has no font with Chinese"
                    " characters. Please ask its administrator to install one, such as"
                    " Debian's fonts-noto-cjk."
                )
            ) from None
        new = posters.browse(row[0] for row in rows) or found
        new.write({"file": base64.b64encode(data), "size": len(data)})
        if posters.search_count([], limit=MAX_POSTERS + 1) > MAX_POSTERS:
            posters._throw_away([("id", "not in", new.ids)])
        return data

    def _note_use(self):
        """Note the day on which a poster was asked for, once a day."""
        self.ensure_one()
        today = fields.Date.today()
        if self.used_on < today:
            self.flush_recordset(["used_on"])
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE groupbuy_poster SET used_on = %s WHERE id IN (
                        SELECT id FROM groupbuy_poster WHERE id = %s AND used_on < %s
                           FOR UPDATE SKIP LOCKED)
                    """,
                    today,
                    self.id,
                    today,
                )
            )
            self.invalidate_recordset(["used_on"])

    def _throw_away(self, domain):
        """Delete a slice of the posters that were asked for the longest ago.

        :param domain: Among which.
        :return: How many.
        :rtype: int
        """
        # Those that another process deletes or notes are left to it.
        old = self.search(domain, order="used_on, id", limit=SLICE)
        old = old.try_lock_for_update()
        count = len(old)
        old.unlink()
        return count

    @api.autovacuum
    def _gc_posters(self):
        """Throw away what nobody asks for any more, and what is too much, in slices."""
        domain = [
            (
                "used_on",
                "<",
                fields.Date.subtract(fields.Date.today(), days=DAYS_KEPT),
            )
        ]
        if self.search_count([]) > MAX_POSTERS:
            domain = []
        done = self._throw_away(domain)
        return done, done == SLICE
