# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GroupBuyDayOff(models.Model):
    """Days on which one pickup point is closed, whatever its opening hours say."""

    _name = "groupbuy.day.off"
    _description = "Day Off of a Pickup Point"
    _order = "date_from, id"

    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="point_id.company_id", store=True)
    date_from = fields.Date(
        string="First Day", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="Last Day", required=True, default=fields.Date.context_today
    )
    name = fields.Char(string="Reason", translate=True)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for day_off in self:
            if day_off.date_to < day_off.date_from:
                raise ValidationError(
                    self.env._("The last day off cannot be before the first one.")
                )
