# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyJob(models.Model):
    _inherit = "groupbuy.job"

    reason = fields.Selection(
        selection_add=[
            ("short", "Not delivered in full"),
            ("damaged", "Arrived damaged"),
        ]
    )

    def _do_notify(self):
        """Override of `community_groupbuy` to tell what a receipt means for an order.

        All residents of a receipt are told by one rendering of the mail.
        """
        told = self.browse()
        for receipt, jobs in self._get_jobs_by_receipt().items():
            receipt._notify_orders(jobs.order_id)
            told |= jobs
        return super(GroupBuyJob, self - told)._do_notify()

    def _get_jobs_by_receipt(self):
        """Return which jobs tell residents of a receipt.

        :return: Receipt → jobs.
        :rtype: dict
        """
        by_receipt = {}
        receipts = self.env["groupbuy.receipt"].sudo()
        for job in self:
            topic, _sep, rest = (job.key or "").partition("notify/receipt/")
            if topic or not rest:
                continue
            receipt = receipts.browse(int(rest.partition("/")[0]))
            by_receipt[receipt] = by_receipt.get(receipt, self.browse()) | job
        return by_receipt
