# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.http import Controller, request, route

from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.community_groupbuy.utils import parse_id


class LeaderShare(Controller):
    @route(
        ["/l/<string:token>", "/l/<string:token>/<string:slug>"],
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def follow_link(self, token, slug=None, **kwargs):
        """Remember whose link a visitor followed, and show the campaigns.

        The token names a leader and opens nothing; there is nothing about the
        resident in the address. Somebody who is logged in and has no leader yet is
        bound at once, a visitor at the sign-up, the login or the payment.

        :param str token: The leader's token.
        :param str slug: Slug of the campaign that was shared.
        """
        website = request.website
        leader = request.env["groupbuy.leader"]._find_by_token(
            token, website.company_id
        )
        target = "/group-buy"
        campaign_id = parse_id(request.env["ir.http"]._unslug(slug or "")[1])
        campaign = request.env["groupbuy.campaign"]._find_for_website(
            website, campaign_id
        )
        if campaign:
            target = campaign.website_url
        if not leader:
            put_message(request.env._("This link does not hold any more."), "warning")
            return request.redirect(target)
        user = request.env.user
        name = leader.partner_id._groupbuy_public_name()
        if user._is_public():
            request.session["groupbuy_leader_token"] = token
            put_message(request.env._("%s invites you to the group buy.", name))
        elif user.partner_id.sudo()._groupbuy_bind_if_free(leader, "link"):
            put_message(request.env._("%s is your leader now.", name))
        elif user.partner_id.sudo().groupbuy_leader_id not in (
            leader,
            leader.browse(),
        ):
            put_message(
                request.env._(
                    "You belong to another leader. You can change that in your account."
                ),
                "info",
            )
        return request.redirect(target)

    # === THE RESIDENT'S LEADER === #

    @route("/my/group-leader", type="http", auth="user", methods=["GET"], website=True)
    def my_leader(self, **kwargs):
        """Show a resident the own leader, and who else could be it."""
        partner = request.env.user.partner_id
        leader = partner.sudo().groupbuy_leader_id
        choices = request.env["groupbuy.leader"]._get_choices(
            partner, request.website.company_id
        )
        return request.render(
            "groupbuy_leader.portal_my_leader",
            {
                "page_name": "group_leader",
                "leader": leader,
                "choices": choices - leader,
                "community": partner.sudo().groupbuy_community_id,
                "flash": take_message(),
            },
        )

    @route("/my/group-leader", type="http", auth="user", methods=["POST"], website=True)
    def my_leader_change(self, leader_id=None, **kwargs):
        """Bind the resident to another leader, or to none.

        :param str leader_id: One of those that are offered; "0" for none.
        """
        partner = request.env.user.partner_id
        company = request.website.company_id
        leaders = request.env["groupbuy.leader"]
        chosen_id = parse_id(leader_id)
        leader = leaders._get_choices(partner, company).filtered(
            lambda lead: lead.id == chosen_id
        )
        if not leader and leader_id != "0":
            put_message(request.env._("Please choose one of these leaders."), "warning")
            return request.redirect("/my/group-leader")
        partner._groupbuy_bind(leader, "resident")
        request.session.pop("groupbuy_leader_token", None)
        put_message(
            request.env._("%s is your leader now.", leader.partner_id.name)
            if leader
            else request.env._("You belong to no leader any more.")
        )
        return request.redirect("/my/group-leader")
