# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from odoo.addons.community_groupbuy.const import CONFIRM_SLICE


class GroupBuyJob(models.Model):
    _inherit = "groupbuy.job"

    kind = fields.Selection(
        selection_add=[("points", "Points")], ondelete={"points": "cascade"}
    )
    reason = fields.Selection(
        selection_add=[("membership", "A membership was ended")],
        ondelete={"membership": "set null"},
    )

    def _cron_process_jobs(self):
        """Override of `community_groupbuy` to book points after goods and money."""
        result = super()._cron_process_jobs()
        self._work_all(("points",), CONFIRM_SLICE, self._work_slice)
        return result

    def _do_points(self):
        """Book what orders have earned by what was collected and given back."""
        for company, jobs in self.grouped("company_id").items():
            jobs.order_id._groupbuy_sync_points(
                company, {job.order_id: job.key for job in jobs}
            )
