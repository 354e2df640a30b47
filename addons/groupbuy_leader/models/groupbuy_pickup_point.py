# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .groupbuy_leader import WORKING_STATES


class GroupBuyPickupPoint(models.Model):
    _inherit = "groupbuy.pickup.point"

    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        domain="[('kind', '=', 'leader'), ('state', '!=', 'left')]",
        help="Who runs the point and earns a commission on what is collected here.",
    )

    @api.constrains("leader_id")
    def _check_leader_id(self):
        for point in self.sudo():
            if point.leader_id.kind == "koc":
                raise ValidationError(
                    self.env._(
                        "%s is a sharer and runs no pickup point.",
                        point.leader_id.display_name,
                    )
                )

    def _get_refusal_reason(self, order):
        """Override of `community_groupbuy` to leave out points of paused leaders.

        Their tier, too, may keep them out of a campaign.
        """
        leader = self.sudo().leader_id
        if leader and leader.state not in WORKING_STATES:
            return self.env._(
                "%s takes no new orders at the moment. Please choose another pickup"
                " point.",
                self.name,
            )
        tiers = order.groupbuy_campaign_id.sudo().leader_tier_ids
        if tiers and leader.tier_id not in tiers:
            return self.env._(
                "%s does not take part in this campaign. Please choose another pickup"
                " point.",
                self.name,
            )
        return super()._get_refusal_reason(order)

    def _get_grant_limit(self, user):
        """Override of `community_groupbuy` to give a leader the limit of the tier.

        Helpers of the leader have none of their own; who is paused grants nothing.
        """
        leader = self.sudo().leader_id
        if not leader.tier_id or user.partner_id != leader.partner_id:
            return super()._get_grant_limit(user)
        return leader.tier_id.grant_limit if leader.state in WORKING_STATES else 0.0
