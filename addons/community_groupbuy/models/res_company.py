# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    groupbuy_hold_minutes = fields.Integer(
        string="Minutes in the Cart",
        default=15,
        help="How long a quantity that lies in a cart is kept for that resident.",
    )
    groupbuy_payment_minutes = fields.Integer(
        string="Minutes to Pay",
        default=30,
        help="How long a quantity is kept once the resident has started to pay.",
    )
    groupbuy_alert_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Alerted About Stuck Jobs",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Gets an activity when a job of a group order keeps failing. When empty, "
        "the responsible of the campaign is alerted.",
    )
    groupbuy_wallet_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        string="Store Credit Program",
        domain="[('program_type', '=', 'ewallet'), ('company_id', 'in', (False, id))]",
        help="Refunds that a payment provider cannot make are added to this wallet, "
        "where the campaign allows it.",
    )

    @api.constrains("groupbuy_hold_minutes", "groupbuy_payment_minutes")
    def _check_groupbuy_minutes(self):
        """Refuse durations that would free a quantity at once or never.

        :raises ValidationError: when a duration is outside of 1 minute to 1 day
        """
        for company in self:
            for minutes in (
                company.groupbuy_hold_minutes,
                company.groupbuy_payment_minutes,
            ):
                if not 1 <= minutes <= 1440:
                    raise ValidationError(
                        self.env._(
                            "A quantity can be kept for 1 to 1440 minutes, not for "
                            "%(minutes)s.",
                            minutes=minutes,
                        )
                    )
