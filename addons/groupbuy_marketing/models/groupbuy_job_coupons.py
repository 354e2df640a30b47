# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from odoo.addons.community_groupbuy.const import CONFIRM_SLICE


class GroupBuyJob(models.Model):
    _inherit = "groupbuy.job"

    kind = fields.Selection(
        selection_add=[("coupon", "Success coupon")], ondelete={"coupon": "cascade"}
    )

    def _cron_process_jobs(self):
        """Override of `community_groupbuy` to give coupons after goods and money."""
        result = super()._cron_process_jobs()
        self._work_all(("coupon",), CONFIRM_SLICE, self._work_slice)
        return result

    def _do_coupon(self):
        """Give or withdraw the success coupons of the orders' residents."""
        for campaign, jobs in self.grouped("campaign_id").items():
            campaign._groupbuy_sync_success_coupons(jobs.order_id.partner_id)
