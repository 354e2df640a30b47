# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models

from odoo.addons.community_groupbuy.formatting import format_moment


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

    def _format_local(self, moment):
        """Return a moment as people at the point read it, in its own time zone.

        :param datetime moment: Naive UTC.
        :rtype: str
        """
        if not moment:
            return ""
        return format_moment(self.env, moment, self.tz)

    def _get_hours_rows(self):
        """Return the opening hours as a page or mail lists them.

        :return: Pairs of a day's name and its periods; empty when always open.
        :rtype: list[tuple[str, str]]
        """
        self.ensure_one()
        names = dict(
            self.env["resource.calendar.attendance"]
            ._fields["dayofweek"]
            ._description_selection(self.env)
        )
        return [
            (names[day], ", ".join(periods) or self.env._("closed"))
            for day, periods in self._get_opening_hours().items()
        ]
