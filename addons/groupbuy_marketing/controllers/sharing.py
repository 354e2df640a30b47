# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import secrets

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.community_groupbuy.controllers.group_buy import GroupBuy
from odoo.addons.community_groupbuy.flash import put_message, take_message
from odoo.addons.community_groupbuy.utils import parse_id

from ..const_sharing import (
    LINK_COOKIE,
    LINK_DAYS,
    TOKEN,
    VISITOR_COOKIE,
    VISITOR_DAYS,
)
from ..poster import MIMETYPES

# Posters of an address: the ending that is asked for, and the drawing.
FILES = {"poster.png": "png", "poster.pdf": "pdf", "card.jpg": "card"}
# A campaign that is over is not advertised any more.
SHARED_STATES = ("draft", "scheduled", "open")


def get_visitor():
    """Return the contact of who is signed in, or nobody."""
    user = request.env.user
    return user.partner_id.browse() if user._is_public() else user.partner_id


def send_poster(draw, file, name, cache):
    """Answer a request with a poster.

    :param draw: Returns the file for a kind of drawing.
    :param str file: What is asked for, of FILES.
    :param str name: Name of the paper.
    :param str cache: Who may keep it, and how long.
    :return: The response; a sentence when this server has no font for it.
    """
    kind = FILES[file]
    try:
        data = draw(kind)
    except UserError as error:
        return request.make_response(
            str(error),
            headers=[("Content-Type", "text/plain; charset=utf-8")],
            status=503,
        )
    headers = [
        ("Content-Type", MIMETYPES[kind]),
        ("Content-Length", len(data)),
        ("Cache-Control", cache),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if kind == "pdf":
        headers.append(("Content-Disposition", f'inline; filename="{name}"'))
    return request.make_response(data, headers=headers)


class SharePages(GroupBuy):
    """Posters, links, and comments of campaigns and teams.

    As on the other pages of campaigns visitors have no rights on any model: a campaign
    is found in the domain of this website, a team and a link by their tokens, and what
    is shown is chosen by the models.
    """

    def _get_shared(self, slug, token=None):
        """Look up the campaign and the team that a request names.

        :param slug: Slug or id of the campaign.
        :param token: Token of a team of it; None for the campaign itself.
        :return: Campaign and team, with elevated rights.
        :raise NotFound: If there is none; a forged token looks like an old one.
        """
        campaign = self._get_campaign(slug)
        team = campaign and token is not None and campaign._find_team(token)
        if not campaign or (token is not None and not team):
            raise request.not_found()
        return campaign, team or None

    # === POSTERS === #

    @route(
        [
            "/group-buy/<string:slug>/<any('poster.png','poster.pdf','card.jpg'):file>",
            "/group-buy/<string:slug>/team/<string:token>"
            "/<any('poster.png','poster.pdf','card.jpg'):file>",
        ],
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        save_session=False,
    )
    def group_buy_poster(self, slug, file, token=None, link=None, **kwargs):
        """Return a poster as a picture or paper, or the picture of a link's preview.

        :param str slug: Slug or id of the campaign.
        :param str file: What is asked for.
        :param str token: Token of a team of the campaign.
        :param str link: Token of a neighbour's link, for the code; one that does not
            lead to the same place is left out.
        """
        campaign, team = self._get_shared(slug, token)
        website = request.website
        url = campaign._get_poster_url(website, team, link)
        return send_poster(
            lambda kind: campaign._get_poster(website, kind, url, team),
            file,
            f"group-buy-{campaign.id}.pdf",
            # What it says may change with each joiner.
            "public, max-age=300",
        )

    @route(
        "/my/invitations/<any('poster.png','poster.pdf'):file>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
        save_session=False,
    )
    def group_buy_invitation_poster(self, file, **kwargs):
        """Return the poster by which the signed-in resident invites neighbours.

        :param str file: What is asked for.
        """
        website = request.website
        link = request.env["groupbuy.invitation.link"]._get_or_create(
            request.env.user.partner_id, website.company_id
        )
        return send_poster(
            lambda kind: link._get_poster(website, kind),
            file,
            "group-buy-invitation.pdf",
            "private, max-age=300",
        )

    @route(
        [
            "/group-buy/<string:slug>/share",
            "/group-buy/<string:slug>/team/<string:token>/share",
        ],
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def group_buy_share(self, slug, token=None, **kwargs):
        """Show the poster, the link to send, and what came of it.

        Who is signed in gets an own link; it says nothing about its owner.

        :param str slug: Slug or id of the campaign.
        :param str token: Token of a team of the campaign.
        """
        campaign, team = self._get_shared(slug, token)
        link = request.env["groupbuy.share.link"].sudo()
        if (partner := get_visitor()) and campaign.state in SHARED_STATES:
            link = link._get_link(partner, campaign, team)
        owner = team or campaign
        share = owner._get_share_values(request.website)
        if link:
            share["url"] = link._get_url(request.website)
        path = team._get_path() if team else campaign.website_url
        query = f"?link={link.token}" if link else ""
        return request.render(
            "groupbuy_marketing.group_buy_share_page",
            {
                "main_object": campaign,
                "campaign": campaign,
                "team": team,
                "team_title": team._get_public_title() if team else "",
                "back": path,
                "share": share,
                "link": link,
                "is_over": campaign.state not in SHARED_STATES,
                "poster_png": f"{path}/poster.png{query}",
                "poster_pdf": f"{path}/poster.pdf{query}",
                "is_public": request.env.user._is_public(),
                "flash": take_message(),
            },
        )

    # === LINKS === #

    @route(
        "/group-buy/share/link",
        type="jsonrpc",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def group_buy_share_link(self, campaign_id=None, team=None, **kwargs):
        """Return the visitor's own link for the share button.

        :param campaign_id: The campaign.
        :param team: Token of a team of it.
        :return: url; empty for an anonymous visitor, who shares the page itself.
        :rtype: dict
        """
        partner = get_visitor()
        campaign = self._get_campaign(parse_id(campaign_id))
        if not partner or not campaign or campaign.state not in SHARED_STATES:
            return {"url": ""}
        found = campaign._find_team(team) if team else None
        if team and not found:
            return {"url": ""}
        link = request.env["groupbuy.share.link"]._get_link(partner, campaign, found)
        return {"url": link._get_url(request.website)}

    @route(
        "/s/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def group_buy_follow(self, token, **kwargs):
        """Follow a neighbour's link: count the visit, remember the link, go on.

        :param str token: The link's token; one that holds no more leads to the list.
        """
        website = request.website
        link = request.env["groupbuy.share.link"]._find_by_token(token, website)
        if not link:
            put_message(
                request.env._(
                    "This link does not hold any more. Here is what is open now."
                ),
                "warning",
            )
            return request.redirect("/group-buy")
        is_person = (
            request.httprequest.method == "GET"
            and not request.env["ir.http"].is_a_bot()
        )
        if is_person:
            partner = get_visitor()
            visitor = self._get_visitor_cookie(link, partner)
            link._count_visit(partner, visitor, request.httprequest.remote_addr)
            if partner != link.partner_id:
                self._set_cookie(LINK_COOKIE, link.token, LINK_DAYS)
                self._set_utm_cookies(link)
        response = request.redirect(link._get_target(), code=302)
        # Each visit has to come here.
        response.headers["Cache-Control"] = "no-store"
        return response

    def _get_visitor_cookie(self, link, partner):
        """Return by what a visitor is known again, and keep it on the device.

        :param groupbuy.share.link link: Any link.
        :param res.partner partner: Who is signed in; nobody for a stranger.
        :rtype: str
        """
        kept = request.httprequest.cookies.get(VISITOR_COOKIE, "")
        if partner:
            visitor = link._get_partner_visitor(partner)
        elif TOKEN.fullmatch(kept):
            return kept
        else:
            visitor = secrets.token_urlsafe(18)
        if visitor != kept:
            self._set_cookie(VISITOR_COOKIE, visitor, VISITOR_DAYS)
        return visitor

    def _set_utm_cookies(self, link):
        """Let Odoo note where an order came from, where the visitor allows it.

        As cookies and not in the address: that is shared on, and a page that is kept
        for a crowd is kept for its plain address.
        """
        values = link._get_utm_values()
        for _parameter, field, cookie in request.env["utm.mixin"].tracking_fields():
            if field in values:
                request.future_response.set_cookie(
                    cookie,
                    values[field],
                    max_age=LINK_DAYS * 86400,
                    # As Odoo sets it: else there would be two of the same name.
                    domain=request.env["ir.http"].get_utm_domain_cookies(),
                    cookie_type="optional",
                )

    def _set_cookie(self, name, value, days):
        request.future_response.set_cookie(
            name, value, max_age=days * 86400, httponly=True, samesite="Lax"
        )

    # === COMMENTS === #

    def _prepare_campaign_values(self, campaign, lines):
        """Override to show what joiners have written, from the opening on."""
        values = super()._prepare_campaign_values(campaign, lines)
        if campaign.state not in ("draft", "scheduled"):
            values["talk"] = request.env["groupbuy.comment"]._get_page_values(
                campaign, get_visitor()
            )
        return values

    @route(
        "/group-buy/<string:slug>/comments",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def group_buy_comments(self, slug, page="1", **kwargs):
        """Show the comments on a campaign, page by page.

        :param str slug: Slug or id of the campaign.
        :param str page: From 1.
        """
        campaign, _team = self._get_shared(slug)
        number = min(parse_id(page) or 1, 10_000)
        return request.render(
            "groupbuy_marketing.group_buy_comments_page",
            {
                "main_object": campaign,
                "campaign": campaign,
                "talk": request.env["groupbuy.comment"]._get_page_values(
                    campaign, get_visitor(), number
                ),
                "page": number,
                "is_public": request.env.user._is_public(),
                "flash": take_message(),
            },
        )

    @route(
        "/group-buy/<string:slug>/comments",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def group_buy_write_comment(self, slug, body="", show_name=None, **kwargs):
        """Keep a joiner's comment until somebody approves it.

        :param str slug: Slug or id of the campaign.
        :param str body: The text.
        :param str show_name: Anything but empty: the first name may be shown.
        """
        campaign, _team = self._get_shared(slug)
        try:
            request.env["groupbuy.comment"]._write_comment(
                campaign, request.env.user.partner_id, body, bool(show_name)
            )
        except UserError as error:
            put_message(error, "warning")
        else:
            put_message(
                request.env._(
                    "Thank you. Your comment is shown as soon as we have read it."
                )
            )
        return request.redirect(f"{campaign.website_url}#comments")


class MessagePages(Controller):
    """Where residents choose whether they want messages about campaigns."""

    def _get_recipient(self, token):
        """Look up the recipient that a signed address names.

        :raise NotFound: If the address is forged, or too old.
        """
        recipient = request.env["groupbuy.message.recipient"]._find_by_token(token)
        if not recipient:
            raise request.not_found()
        return recipient

    def _render(self, partner, action, is_auto=False):
        return request.render(
            "groupbuy_marketing.messages_page",
            {
                "wants": not partner.groupbuy_no_messages,
                "action": action,
                "is_auto": is_auto,
            },
        )

    @route(
        "/group-buy/unsubscribe/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def unsubscribe(self, token, **kwargs):
        """Show the page that an unsubscribe link opens.

        Opening changes nothing by itself, for mail scanners open links, too: the page's
        script posts its form, and who has no script presses the button.

        :param str token: Signed by :meth:`_get_unsubscribe_url`.
        """
        partner = self._get_recipient(token).partner_id
        return self._render(
            partner, request.httprequest.path, not partner.groupbuy_no_messages
        )

    @route(
        "/group-buy/unsubscribe/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
        # Mail programs post here by themselves (RFC 8058); the address is signed.
        csrf=False,
    )
    def unsubscribe_now(self, token, wants=None, **kwargs):
        """Send no more messages, or some again.

        :param str token: Signed by :meth:`_get_unsubscribe_url`.
        :param str wants: "1" to get messages again.
        """
        partner = self._get_recipient(token).partner_id
        partner._groupbuy_set_messages(wants == "1")
        return self._render(partner, request.httprequest.path)

    @route(
        "/my/group-messages", type="http", auth="user", methods=["GET"], website=True
    )
    def my_messages(self, **kwargs):
        """Show a resident whether messages about campaigns are wanted."""
        # Elevated: the resident's own choice only.
        return self._render(request.env.user.partner_id.sudo(), "/my/group-messages")

    @route(
        "/my/group-messages", type="http", auth="user", methods=["POST"], website=True
    )
    def my_messages_choose(self, wants=None, **kwargs):
        """Keep a resident's choice.

        :param str wants: "1" to get messages.
        """
        # Elevated: the resident's own choice only.
        partner = request.env.user.partner_id.sudo()
        partner._groupbuy_set_messages(wants == "1")
        return self._render(partner, "/my/group-messages")
