# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class GroupBuyVerification(models.Model):
    """What was taken back, or came in late, is seen at once as well."""

    _inherit = "groupbuy.verification"

    @api.model_create_multi
    def create(self, vals_list):
        """Refresh the open screens after each fact that no transfer tells of."""
        rows = super().create(vals_list)
        told = rows.filtered(lambda row: row.kind != "pickup")
        told.point_id._groupbuy_notify_live()
        told.picking_id._groupbuy_notify_residents()
        return rows
