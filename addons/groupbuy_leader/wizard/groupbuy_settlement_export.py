# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..periods import get_last_complete


class GroupBuySettlementExport(models.TransientModel):
    """Choose the days of the workbook for finance."""

    _name = "groupbuy.settlement.export"
    _description = "Settlement Workbook"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._default_dates()[0]
    )
    date_to = fields.Date(
        string="To", required=True, default=lambda self: self._default_dates()[1]
    )

    def _default_dates(self):
        return get_last_complete("month", fields.Date.context_today(self))

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        if any(export.date_from > export.date_to for export in self):
            raise ValidationError(
                self.env._("Enter the first and the last day, in this order.")
            )

    def action_download(self):
        """Download the workbook of the settlements that end in these days.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/groupbuy/settlements/{self.company_id.id}/"
            f"{self.date_from}/{self.date_to}.xlsx",
            "target": "download",
        }
