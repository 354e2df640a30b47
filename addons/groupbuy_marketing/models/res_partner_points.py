# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    groupbuy_standing_ids = fields.One2many(
        comodel_name="groupbuy.standing",
        inverse_name="partner_id",
        string="Levels",
        groups="community_groupbuy.group_groupbuy_user",
    )
    groupbuy_membership_ids = fields.One2many(
        comodel_name="groupbuy.membership",
        inverse_name="partner_id",
        string="Memberships",
        groups="community_groupbuy.group_groupbuy_user",
    )
    groupbuy_segment_ids = fields.Many2many(
        comodel_name="groupbuy.segment",
        relation="groupbuy_segment_member",
        column1="partner_id",
        column2="segment_id",
        string="Segments",
        # What is offered to an archived segment only is still offered to its residents.
        context={"active_test": False},
        readonly=True,
        copy=False,
        groups="community_groupbuy.group_groupbuy_user",
    )

    def _groupbuy_get_standing(self, company):
        """Return how a resident stands with a company; may be empty.

        :param res.company company: The company.
        :rtype: groupbuy.standing
        """
        self.ensure_one()
        # Elevated: standings are for staff; what a resident may know is decided by
        # who asks.
        return (
            self.env["groupbuy.standing"]
            .sudo()
            .search(
                [("company_id", "=", company.id), ("partner_id", "=", self.id)], limit=1
            )
        )

    def _groupbuy_get_level(self, company):
        """Return a resident's level with a company; may be empty.

        :rtype: groupbuy.level
        """
        return self._groupbuy_get_standing(company).level_id

    def _groupbuy_is_member(self, company):
        """Return whether a resident has a paid membership today.

        :rtype: bool
        """
        until = self._groupbuy_get_standing(company).member_until
        return bool(until and until >= fields.Date.context_today(self))

    def _groupbuy_is_served_first(self, company):
        """Override of `community_groupbuy`: residents of some levels are."""
        return super()._groupbuy_is_served_first(company) or bool(
            self._groupbuy_get_level(company).is_priority
        )
