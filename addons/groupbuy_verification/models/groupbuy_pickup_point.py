# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class GroupBuyPickupPoint(models.Model):
    _inherit = "groupbuy.pickup.point"

    @api.model
    def _get_managed(self, user):
        """Return the points at which a user receives and hands out goods.

        Managers are named on the point; they may be portal users, who have no rights
        on any model of group buying. What they see and do goes through controllers
        that begin here.

        :param res.users user: The user who asks.
        :return: The points, with elevated rights.
        :rtype: groupbuy.pickup.point
        """
        if user._is_public():
            return self.sudo().browse()
        return self.sudo().search(
            [
                ("manager_user_ids", "in", user.ids),
                ("company_id", "in", user.company_ids.ids),
            ]
        )
