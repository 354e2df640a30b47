# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.http import request


class SaleOrder(models.Model):
    _inherit = "sale.order"

    groupbuy_leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="Leader",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Who earns the commission of the order: kept when the order joins.",
    )
    groupbuy_sharer_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="Sharer",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Who brought the resident by a link and runs no point: earns by the plan"
        " of sharers, beside the leader of the point. Kept when the order joins.",
    )

    def _groupbuy_on_joined(self):
        """Override of `community_groupbuy` to keep who earns the commission."""
        result = super()._groupbuy_on_joined()
        leader = self._groupbuy_find_leader()
        self.groupbuy_leader_id = leader
        self.groupbuy_sharer_id = self._groupbuy_find_sharer()
        # Who chose a point and has no leader yet belongs to that of the point.
        self.partner_id._groupbuy_bind_if_free(leader, "point")
        return result

    def _check_cart_is_ready_to_be_paid(self):
        """Override of `website_sale` to bind who came by a link, before the payment.

        The payment may be registered by a request of the provider, which knows
        nothing of the visitor's session.
        """
        result = super()._check_cart_is_ready_to_be_paid()
        if self.groupbuy_campaign_id and request and not self._is_anonymous_cart():
            self.env["groupbuy.leader"]._bind_from_session(self.sudo().partner_id)
        return result

    def _groupbuy_find_leader(self):
        """Return the leader who earns the commission of this order.

        The leader of the pickup point, else the leader the resident is bound to.

        :rtype: groupbuy.leader
        """
        self.ensure_one()
        bound = self.partner_id.groupbuy_leader_id
        leader = self.groupbuy_point_id.leader_id or bound
        return leader.filtered(
            lambda leader: leader.kind == "leader" and self._groupbuy_may_earn(leader)
        )

    def _groupbuy_find_sharer(self):
        """Return the sharer who brought the resident, if it was one.

        :rtype: groupbuy.leader
        """
        self.ensure_one()
        return self.partner_id.groupbuy_leader_id.filtered(
            lambda leader: leader.kind == "koc" and self._groupbuy_may_earn(leader)
        )

    def _groupbuy_may_earn(self, leader):
        """Tell whether somebody works for the company of this order.

        :param groupbuy.leader leader: A leader or sharer.
        :rtype: bool
        """
        self.ensure_one()
        return leader.company_id == self.company_id and leader.state != "left"
