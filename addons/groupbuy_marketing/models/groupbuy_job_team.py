# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


def _forget_reason(jobs):
    """Keep jobs and orders readable when the addon is uninstalled."""
    jobs.order_id.filtered(
        lambda order: order.groupbuy_failure in ("team_full", "team_over")
    ).sudo().groupbuy_failure = "late"
    jobs.reason = "late"


class GroupBuyJob(models.Model):
    _inherit = "groupbuy.job"

    reason = fields.Selection(
        selection_add=[
            ("team_full", "The team was full before the payment arrived"),
            ("team_over", "The team had ended before the payment arrived"),
        ],
        ondelete={"team_full": _forget_reason, "team_over": _forget_reason},
    )
