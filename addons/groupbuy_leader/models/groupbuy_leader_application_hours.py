# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools.misc import format_duration


class GroupBuyLeaderApplicationHours(models.Model):
    """When the point that somebody applies with would be open on a day."""

    _name = "groupbuy.leader.application.hours"
    _description = "Opening Hours of an Application"
    _order = "application_id, dayofweek, hour_from"

    application_id = fields.Many2one(
        comodel_name="groupbuy.leader.application",
        required=True,
        index=True,
        ondelete="cascade",
    )
    dayofweek = fields.Selection(
        selection=[
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        string="Day",
        required=True,
    )
    hour_from = fields.Float(string="From", required=True)
    hour_to = fields.Float(string="To", required=True)

    _hours_order = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_to <= 24 AND hour_from < hour_to)",
        "A day opens before it closes, between 0:00 and 24:00.",
    )
    _day_uniq = models.UniqueIndex(
        "(application_id, dayofweek, hour_from)", "These hours are there already."
    )

    def _prepare_attendance(self):
        """Return the values of the hours in the calendar of a point.

        :rtype: dict
        """
        self.ensure_one()
        day = dict(self._fields["dayofweek"]._description_selection(self.env))
        return {
            "name": f"{day[self.dayofweek]} {format_duration(self.hour_from)}",
            "dayofweek": self.dayofweek,
            "hour_from": self.hour_from,
            "hour_to": self.hour_to,
            "day_period": "full_day",
        }
