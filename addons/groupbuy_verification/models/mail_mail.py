# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models

from ..code_text import format_code
from ..const import CODE_PLACEHOLDER


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Override of `mail` to put a pickup code in when its mail leaves.

        Mails wait in the database, and stay there when they cannot be sent. A code in
        them could be read by whoever reads the database, so a placeholder stands for
        it. It is filled for the code's own resident only, whoever wrote the mail.
        """
        emails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if self.model != "groupbuy.pickup.code":
            return emails
        code = self.env["groupbuy.pickup.code"].sudo().browse(self.res_id).exists()
        if code.state == "replaced":
            # Replaced while the mail was waiting: the newest one counts.
            code = code.picking_id._groupbuy_get_code()
        for email in emails:
            if CODE_PLACEHOLDER not in email["body"]:
                continue
            if email.get("partner_id") != code.partner_id or code.state != "open":
                continue
            text = format_code(code._get_text())
            for part in ("body", "body_alternative"):
                if email.get(part):
                    email[part] = email[part].replace(CODE_PLACEHOLDER, text)
            email["attachments"] = [
                *email["attachments"],
                ("pickup-code.png", code._get_qr_png(), "image/png"),
            ]
        return emails
