# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class GroupBuyMessageRecipient(models.Model):
    _inherit = "groupbuy.message.recipient"

    def _get_history(self, company, since):
        """Override of `groupbuy_marketing`: mailings to segments are messages, too."""
        history = super()._get_history(company, since)
        for partner_id, sent_at in self.env.execute_query(
            self.env["groupbuy.segment"]._get_mailing_history_query(
                company, since, self.partner_id.ids
            )
        ):
            history.setdefault(partner_id, []).append(sent_at)
        return history
