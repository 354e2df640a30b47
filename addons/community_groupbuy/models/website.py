# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.fields import Domain
from odoo.http import request


class Website(models.Model):
    _inherit = "website"

    def get_suggested_controllers(self):
        """Override of `website` to offer the campaigns' page as a menu target."""
        return [
            *super().get_suggested_controllers(),
            (
                self.env._("Group Buy"),
                self.env["ir.http"]._url_for("/group-buy"),
                "community_groupbuy",
            ),
        ]

    def _search_get_details(self, search_type, order, options):
        """Override of `website` to find campaigns by the search of the website."""
        details = super()._search_get_details(search_type, order, options)
        if search_type in ("group_buys", "all"):
            details.append(
                self.env["groupbuy.campaign"]._search_get_detail(self, order, options)
            )
        return details

    def _get_groupbuy_community_domain(self):
        """Return the domain of the communities that residents can choose here.

        :rtype: Domain
        """
        self.ensure_one()
        return Domain(
            [
                ("company_id", "in", (False, self.company_id.id)),
                ("website_id", "in", (False, self.id)),
            ]
        )

    def _get_groupbuy_communities(self):
        """Return the communities that residents can choose on this website.

        Read with elevated rights: visitors have none on the model. Only names are
        shown.

        :rtype: groupbuy.community
        """
        return (
            self.env["groupbuy.community"]
            .sudo()
            .search(self._get_groupbuy_community_domain())
        )

    def _get_groupbuy_community(self):
        """Return the community of the current visitor.

        A resident's is kept on the contact, an anonymous visitor's in the session.

        :return: The community, empty when none was chosen or it is gone.
        :rtype: groupbuy.community
        """
        self.ensure_one()
        communities = self.env["groupbuy.community"].sudo()
        community = self.env.user.sudo().partner_id.groupbuy_community_id
        if self.env.user._is_public():
            community = communities.browse(
                request.session.get("groupbuy_community_id") if request else False
            ).exists()
        return community.filtered_domain(
            self._get_groupbuy_community_domain() & Domain("active", "=", True)
        )

    def _set_groupbuy_community(self, community):
        """Remember the community that the current visitor chose.

        :param groupbuy.community community: One of this website's; empty to forget.
        """
        self.ensure_one()
        if self.env.user._is_public():
            request.session["groupbuy_community_id"] = community.id
        else:
            self.env.user.partner_id.sudo().groupbuy_community_id = community
