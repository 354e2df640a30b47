# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


class VerificationCommon(GroupBuyCommon):
    """Two points with a manager each, who are portal users."""

    # Whether most tests of the class start with a campaign that has arrived.
    starts_with_arrived = False
    # That campaign, until the test asks for it.
    prepared_campaign = None

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
        if cls.starts_with_arrived:
            cls.prepared_campaign = cls._prepare(
                lambda: cls._bring_to_point(cls._create_arriving())
            )

    @classmethod
    def _create_arriving(cls, quantities=(2, 1), **line):
        """Return a campaign whose goods are on their way to the first point.

        Bought and received in the warehouse; the transfer to the point is reserved
        and not validated yet.

        :param quantities: What each resident has ordered, in the order of payment.
        """
        campaign = cls._create_campaign(lines=[line])
        residents = cls._create_residents(len(quantities))
        for resident, quantity in zip(residents, quantities, strict=True):
            cls._join(campaign, resident, {campaign.line_ids: quantity})
        cls._close(campaign)
        campaign.purchase_order_ids.button_confirm()
        for picking in campaign.purchase_order_ids.picking_ids:
            cls._validate(picking)
        cls._get_transfer(campaign).action_assign()
        return campaign

    def _create_arrived(self, quantities=(2, 1), **line):
        """Return a campaign whose goods lie at the first point, ready to hand out."""
        if quantities == (2, 1) and not line and self.prepared_campaign:
            campaign, self.prepared_campaign = self.prepared_campaign, None
            return campaign
        return self._bring_to_point(self._create_arriving(quantities, **line))

    @classmethod
    def _bring_to_point(cls, campaign):
        cls._bring(campaign)
        return campaign

    @classmethod
    def _get_transfer(cls, campaign, point=None):
        """Return the transfer of a campaign to a point."""
        return campaign.picking_ids.filtered(
            lambda picking: (
                picking.groupbuy_role == "to_point"
                and picking.groupbuy_point_id == (point or cls.point)
            )
        )
