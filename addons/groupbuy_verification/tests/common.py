# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


class VerificationCommon(GroupBuyCommon):
    """Two points with a manager each, who are portal users."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.point_manager = new_test_user(
            cls.env, login="north_manager", name="Li Na", groups="base.group_portal"
        )
        cls.other_manager = new_test_user(
            cls.env, login="south_manager", name="Zhao Lei", groups="base.group_portal"
        )
        cls.point.manager_user_ids = [Command.set(cls.point_manager.ids)]
        cls.other_point.manager_user_ids = [Command.set(cls.other_manager.ids)]

    def _create_arriving(self, quantities=(2, 1), **line):
        """Return a campaign whose goods are on their way to the first point.

        Bought and received in the warehouse; the transfer to the point is reserved
        and not validated yet.

        :param quantities: What each resident has ordered, in the order of payment.
        """
        campaign = self._create_campaign(lines=[line])
        residents = self._create_residents(len(quantities))
        for resident, quantity in zip(residents, quantities, strict=True):
            self._join(campaign, resident, {campaign.line_ids: quantity})
        self._close(campaign)
        campaign.purchase_order_ids.button_confirm()
        for picking in campaign.purchase_order_ids.picking_ids:
            self._validate(picking)
        self._get_transfer(campaign).action_assign()
        return campaign

    def _create_arrived(self, quantities=(2, 1), **line):
        """Return a campaign whose goods lie at the first point, ready to hand out."""
        campaign = self._create_arriving(quantities, **line)
        self._bring(campaign)
        return campaign

    def _get_transfer(self, campaign, point=None):
        """Return the transfer of a campaign to a point."""
        return campaign.picking_ids.filtered(
            lambda picking: (
                picking.groupbuy_role == "to_point"
                and picking.groupbuy_point_id == (point or self.point)
            )
        )
