# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from odoo.addons.community_groupbuy.const import CONFIRM_SLICE


class GroupBuyJob(models.Model):
    _inherit = "groupbuy.job"

    kind = fields.Selection(
        selection_add=[("invitation", "Invitation or trial")],
        ondelete={"invitation": "cascade"},
    )

    def _cron_process_jobs(self):
        """Override of `community_groupbuy` to give gifts after goods and money."""
        result = super()._cron_process_jobs()
        self._work_all(("invitation",), CONFIRM_SLICE, self._work_slice)
        return result

    def _do_invitation(self):
        """Decide on invitations and trials of orders that were collected."""
        orders = self.order_id
        self.env["groupbuy.invitation"].sudo().search(
            [
                ("invited_id", "in", orders.partner_id.ids),
                ("company_id", "in", orders.company_id.ids),
                ("state", "in", ("pending", "waiting", "rewarded")),
            ],
            order="id",
        )._settle()
        self.env["groupbuy.trial"]._note_collected(orders)
