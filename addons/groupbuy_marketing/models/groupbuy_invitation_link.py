# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import secrets

import qrcode
from qrcode.image.svg import SvgPathImage

from odoo import api, fields, models
from odoo.tools import SQL


class GroupBuyInvitationLink(models.Model):
    """The link by which a resident invites neighbours: a random token, nothing else.

    It opens nothing and says nothing about the resident; who follows it is told a first
    name and an initial.
    """

    _name = "groupbuy.invitation.link"
    _description = "Invitation Link"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    token = fields.Char(required=True, readonly=True)

    _token_uniq = models.UniqueIndex("(token)", "This token is taken.")
    _resident_uniq = models.UniqueIndex(
        "(company_id, partner_id)", "A resident has one invitation link."
    )

    @api.model
    def _get_or_create(self, partner, company):
        """Return a resident's link, made at the first time.

        Why it is safe: one statement; of two pages that are opened at once the second
        gets the link of the first.

        :param res.partner partner: The resident.
        :param res.company company: The company of the website.
        :return: The link with elevated rights.
        :rtype: groupbuy.invitation.link
        """
        # Elevated: residents have no rights on the model; the link is their own.
        links = self.sudo()
        domain = [("company_id", "=", company.id), ("partner_id", "=", partner.id)]
        if link := links.search(domain, limit=1):
            return link
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_invitation_link AS l
                       (company_id, partner_id, token)
                VALUES (%(company)s, %(partner)s, %(token)s)
                ON CONFLICT (company_id, partner_id) DO UPDATE SET token = l.token
                RETURNING id
                """,
                company=company.id,
                partner=partner.id,
                token=secrets.token_urlsafe(12),
            )
        )
        links.invalidate_model()
        return links.browse(rows[0][0])

    @api.model
    def _find(self, token, company):
        """Look up the link that a browser named.

        :param token: Anything.
        :param res.company company: The company of the website.
        :return: The link with elevated rights, of a resident who is not archived; or
            nothing.
        :rtype: groupbuy.invitation.link
        """
        # Elevated: the token is the right to follow the link.
        links = self.sudo()
        if not isinstance(token, str) or not 8 <= len(token) <= 32 or "\x00" in token:
            return links.browse()
        return links.search(
            [
                ("token", "=", token),
                ("company_id", "=", company.id),
                ("partner_id.active", "=", True),
            ],
            limit=1,
        )

    def _get_path(self):
        """Return the address of the link within the website.

        :rtype: str
        """
        self.ensure_one()
        return f"/i/{self.token}"

    def _get_share_values(self, website):
        """Return what the share button and its QR code need.

        :param website website: The website.
        :return: url (absolute), title, text, qr (address of the picture).
        :rtype: dict
        """
        self.ensure_one()
        return {
            "url": website.get_base_url() + self._get_path(),
            "title": website.name,
            "text": self.env._(
                "Buy together with your neighbours and collect it around the corner."
                " When you have collected your first order, we both get something:"
            ),
            "qr": "/my/invitations/qr.svg",
        }

    def _render_code(self, website):
        """Return the QR code of the link, for a phone held to a screen.

        :param website website: The website.
        :return: An SVG picture.
        :rtype: bytes
        """
        self.ensure_one()
        return qrcode.make(
            website.get_base_url() + self._get_path(),
            image_factory=SvgPathImage,
            border=2,
        ).to_string()
