# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class LinkTrackerClick(models.Model):
    _inherit = "link.tracker.click"

    groupbuy_visit_id = fields.Many2one(
        comodel_name="groupbuy.share.visit",
        string="Visit by a Shared Link",
        readonly=True,
        copy=False,
        ondelete="cascade",
        help="Of which visit this click is the copy.",
    )

    _groupbuy_visit_uniq = models.UniqueIndex(
        "(groupbuy_visit_id) WHERE groupbuy_visit_id IS NOT NULL",
        "This visit is among the clicks already.",
    )
