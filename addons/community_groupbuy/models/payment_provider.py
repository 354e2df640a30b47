# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models

from odoo.addons.payment import utils as payment_utils


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    @api.model
    def _get_compatible_providers(
        self, *args, sale_order_id=None, report=None, **kwargs
    ):
        """Override of `payment` to offer group orders only what can be given back.

        Money that waits for a group may have to go back. Providers that neither
        capture later nor refund are offered only where the campaign allows store
        credit or refunds by hand; payment on site or on delivery never, because such
        a promise would count as a joiner.
        """
        providers = super()._get_compatible_providers(
            *args, sale_order_id=sale_order_id, report=report, **kwargs
        )
        order = self.env["sale.order"].sudo().browse(sale_order_id or [])
        campaign = order.exists().groupbuy_campaign_id
        if not campaign:
            return providers
        offered = providers.filtered(lambda p: p._groupbuy_is_offered(campaign))
        payment_utils.add_to_report(
            report,
            providers - offered,
            available=False,
            reason=self.env._("cannot return money to members of a group purchase"),
        )
        return offered

    def _groupbuy_is_offered(self, campaign):
        """Return whether orders of a campaign may be paid through this provider.

        :param groupbuy.campaign campaign: The campaign of the order.
        :rtype: bool
        """
        self.ensure_one()
        if self.code == "custom":
            # Wire transfers and payments on site or on delivery are promises.
            return False
        if self.support_refund in ("full_only", "partial"):
            return True
        if self.capture_manually and self.support_manual_capture != "none":
            return True
        return campaign.refund_fallback != "none"
