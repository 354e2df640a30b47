# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    groupbuy_undo_minutes = fields.Integer(
        string="Minutes to Undo",
        default=60,
        help="How long a verification can be undone.",
    )
    groupbuy_scan_window_minutes = fields.Integer(
        string="Minutes in Which Wrong Codes Are Counted", default=10
    )
    groupbuy_scan_limit_user = fields.Integer(
        string="Wrong Codes of a Manager", default=10
    )
    groupbuy_scan_limit_point = fields.Integer(
        string="Wrong Codes at a Point", default=20
    )
    groupbuy_scan_limit_address = fields.Integer(
        string="Wrong Codes From an Address",
        default=50,
        help="Many telephones can share one network address.",
    )
    groupbuy_scan_pause_minutes = fields.Integer(string="Minutes of Pause", default=15)
    groupbuy_receipt_days_chilled = fields.Integer(
        string="Days for Chilled Goods",
        default=2,
        help="Days after which the receipt of a delivered parcel with chilled goods"
        " counts as confirmed.",
    )
    groupbuy_receipt_days_ambient = fields.Integer(
        string="Days for Other Goods", default=7
    )

    @api.constrains(
        "groupbuy_undo_minutes",
        "groupbuy_scan_window_minutes",
        "groupbuy_scan_limit_user",
        "groupbuy_scan_limit_point",
        "groupbuy_scan_limit_address",
        "groupbuy_scan_pause_minutes",
        "groupbuy_receipt_days_chilled",
        "groupbuy_receipt_days_ambient",
    )
    def _check_groupbuy_verification(self):
        """Refuse settings that would switch a protection off or lock everybody out.

        :raise ValidationError: When a value is out of its bounds.
        """
        bounds = {
            "groupbuy_undo_minutes": (0, 10080),
            "groupbuy_scan_window_minutes": (1, 1440),
            "groupbuy_scan_limit_user": (3, 1000),
            "groupbuy_scan_limit_point": (3, 1000),
            "groupbuy_scan_limit_address": (3, 10000),
            "groupbuy_scan_pause_minutes": (1, 1440),
            "groupbuy_receipt_days_chilled": (1, 90),
            "groupbuy_receipt_days_ambient": (1, 90),
        }
        for company in self:
            for name, (least, most) in bounds.items():
                if not least <= company[name] <= most:
                    raise ValidationError(
                        self.env._(
                            "%(setting)s: please enter a number from %(least)s to"
                            " %(most)s.",
                            setting=company._fields[name]._description_string(self.env),
                            least=least,
                            most=most,
                        )
                    )
