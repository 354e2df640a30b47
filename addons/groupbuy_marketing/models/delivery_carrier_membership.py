# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    groupbuy_free_for_members = fields.Boolean(
        string="Free for Members",
        help="Residents with a paid membership pay nothing for this delivery.",
    )

    def rate_shipment(self, order):
        """Override of `delivery`: members are delivered to for free."""
        result = super().rate_shipment(order)
        if (
            self.groupbuy_free_for_members
            and result.get("success")
            and result.get("price")
            and order.partner_id._groupbuy_is_member(order.company_id)
        ):
            result["price"] = 0.0
            result["warning_message"] = self.env._("Free for members.")
        return result
