# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.http import request

from ..const_sharing import LINK_COOKIE


class SaleOrder(models.Model):
    _inherit = "sale.order"

    groupbuy_share_link_id = fields.Many2one(
        comodel_name="groupbuy.share.link",
        string="Came by the Link",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The neighbour's link by which the resident came to the campaign.",
    )

    @property
    def _groupbuy_fact_fields(self):
        """Override of `community_groupbuy`: by whose link an order came is a fact."""
        return super()._groupbuy_fact_fields | {"groupbuy_share_link_id"}

    def _check_cart_is_ready_to_be_paid(self):
        """Override of `website_sale` to keep by whose link the resident came.

        Before the payment, which may be registered by a request of the provider that
        knows nothing of the visitor.
        """
        result = super()._check_cart_is_ready_to_be_paid()
        if request and self.groupbuy_campaign_id:
            self._groupbuy_keep_share_link(request.httprequest.cookies.get(LINK_COOKIE))
        return result

    def _groupbuy_on_joined(self):
        """Override of `community_groupbuy` to count who came without an account."""
        super()._groupbuy_on_joined()
        # Elevated: the link is a neighbour's, the request may be the provider's.
        link = self.sudo().groupbuy_share_link_id
        if link:
            link._count_resident(self.partner_id)

    def _groupbuy_keep_share_link(self, token):
        """Note the link of a cart, if it leads to the campaign of the cart.

        :param token: What the visitor's cookie says: anything.
        """
        self.ensure_one()
        link = self.env["groupbuy.share.link"]._find_by_token(token, self.website_id)
        if (
            link
            and link.campaign_id == self.groupbuy_campaign_id
            and link.partner_id != self.partner_id
        ):
            # Elevated: a fact, looked up above and typed in by nobody.
            self.sudo().groupbuy_share_link_id = link
