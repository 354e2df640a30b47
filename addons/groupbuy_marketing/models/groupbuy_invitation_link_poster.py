# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class GroupBuyInvitationLink(models.Model):
    _inherit = "groupbuy.invitation.link"

    def _get_poster(self, website, kind):
        """Return the poster by which a resident invites neighbours, drawn or kept.

        Of the resident it shows what who follows the link is told: a first name and an
        initial.

        :param website website: The website.
        :param str kind: "png", "pdf" or "card".
        :rtype: bytes
        :raise UserError: When it cannot be drawn on this server.
        """
        self.ensure_one()
        program = self.env["groupbuy.invitation.program"]._get_running(self.company_id)
        gifts = program._get_gifts("invited")
        facts, note = [], ""
        if gifts and not program._is_used_up():
            texts = [gift._describe() for gift in gifts]
            facts = [(self.env._("You get"), ", ".join(texts))]
            note = self.env._("You get it when you have collected your first order.")
        return self.env["groupbuy.campaign"]._get_invitation_poster(
            website,
            kind,
            website.get_base_url() + self._get_path(),
            self.env._(
                "%s invites you to the group buy.",
                self.partner_id._groupbuy_public_name(),
            ),
            facts,
            note,
        )
