# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.community_groupbuy.controllers.cart import GroupBuyCart
from odoo.addons.community_groupbuy.controllers.group_buy import (
    MAX_LIVE_LINES,
    GroupBuy,
)
from odoo.addons.community_groupbuy.flash import take_message
from odoo.addons.community_groupbuy.utils import parse_id
from odoo.addons.website_sale.models.website import CART_SESSION_CACHE_KEY


class TeamCart(GroupBuyCart):
    def _groupbuy_get_cart_options(self, kwargs):
        """Override to pass the token of the team on whose page something was chosen."""
        return {
            **super()._groupbuy_get_cart_options(kwargs),
            "groupbuy_team": kwargs.get("groupbuy_team"),
        }


class TeamPages(GroupBuy):
    """The pages of teams.

    A team is found by its token, in the campaign of the address only. As on the pages
    of campaigns, visitors have no rights on any model: what is shown is chosen by the
    models.
    """

    def _get_team(self, slug, token):
        """Look up the team that a request names.

        :param str slug: Slug or id of the campaign.
        :param str token: The team's token.
        :return: A team of a campaign of this website, with elevated rights.
        :rtype: groupbuy.group
        :raise NotFound: If there is none; a forged token looks like an old one.
        """
        campaign = self._get_campaign(slug)
        team = campaign and campaign._find_team(token)
        if not team:
            raise request.not_found()
        return team

    def _get_visitor(self):
        """Return the contact of who is signed in, or nobody."""
        user = request.env.user
        return user.partner_id.browse() if user._is_public() else user.partner_id

    def _get_team_values(self, team, lines):
        """Return the values of a team's page for the visitor."""
        return team._get_team_values(
            lines,
            self._get_visitor(),
            request.website._get_groupbuy_community(),
            # Kept by the server; the cart itself is not needed for a look.
            cart_id=request.session.get(CART_SESSION_CACHE_KEY),
        )

    def _prepare_campaign_values(self, campaign, lines):
        """Override to offer the open teams of the visitor's community."""
        values = super()._prepare_campaign_values(campaign, lines)
        if campaign.mode == "team":
            values["teams"] = campaign._get_team_cards(
                request.website._get_groupbuy_community()
            )
        return values

    @route(
        "/group-buy/<string:slug>/team/<string:token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def group_buy_team(self, slug, token, **kwargs):
        """Show a team: who has joined, what is missing, and what can be ordered.

        :param str slug: Slug of the campaign.
        :param str token: The team's token, from a link that somebody shared.
        """
        team = self._get_team(slug, token)
        campaign = team.campaign_id
        if slug != request.env["ir.http"]._slug(campaign):
            return request.redirect(team._get_path(), code=301)
        lines = (
            request.env["groupbuy.campaign.line"]
            .sudo()
            .search(campaign._get_website_line_domain(), limit=MAX_LIVE_LINES)
        )
        community = request.website._get_groupbuy_community()
        values = self._prepare_campaign_values(campaign, lines)
        values.update(
            team=team,
            team_title=team._get_public_title(),
            live=self._get_team_values(team, lines),
            live_url=request.env["ir.http"]._url_for(f"{team._get_path()}/live"),
            share=team._get_share_values(request.website),
            teams=campaign._get_team_cards(community, without=team),
            can_start=campaign._is_joinable(),
            access_note=campaign._groupbuy_get_access_note(self._get_visitor()),
            flash=take_message(),
        )
        return request.render("groupbuy_marketing.group_buy_team", values)

    @route(
        "/group-buy/<string:slug>/team/<string:token>/live",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def group_buy_team_live(self, slug, token, lines="", **kwargs):
        """Return the numbers of a team's page as JSON; a constant number of queries.

        :param str slug: Slug of the campaign.
        :param str token: The team's token.
        :param str lines: Ids of the lines on the page, separated by commas.
        """
        team = self._get_team(slug, token)
        ids = [parse_id(value) for value in lines.split(",")[:MAX_LIVE_LINES]]
        shown = request.env["groupbuy.campaign.line"].sudo()
        if any(ids):
            shown = shown.search(
                team.campaign_id._get_website_line_domain()
                & Domain("id", "in", [line_id for line_id in ids if line_id])
            )
        return request.make_json_response(
            self._get_team_values(team, shown),
            headers={"Cache-Control": "no-store"},
        )

    @route(
        "/group-buy/<string:slug>/team/<string:token>/qr.svg",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def group_buy_team_qr(self, slug, token, **kwargs):
        """Return the QR code of a team's page as a picture."""
        return request.make_response(
            self._get_team(slug, token)._render_share_code(request.website),
            headers=[
                ("Content-Type", "image/svg+xml"),
                ("Cache-Control", "private, max-age=3600"),
            ],
        )

    @route(
        "/group-buy/team/leave",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def group_buy_leave_team(self, **kwargs):
        """Take the visitor's cart out of its team: it starts one of its own."""
        order_sudo = request.cart
        if order_sudo.groupbuy_state == "cart" and order_sudo._groupbuy_is_for_team():
            order_sudo._groupbuy_leave_team()
        return request.redirect("/shop/cart")
