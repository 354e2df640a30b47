# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import re
import time

from odoo import fields
from odoo.http import Controller, request, route

from odoo.addons.community_groupbuy.controllers.cart import GroupBuyCart
from odoo.addons.community_groupbuy.controllers.group_buy import GroupBuy
from odoo.addons.community_groupbuy.flash import COOKIE as MESSAGE_COOKIE
from odoo.addons.community_groupbuy.utils import parse_id

from ..models.groupbuy_flash_ticket import COOKIE

# Seconds for which the page of a waiting flash sale is served as it was rendered.
PAGE_SECONDS = 10
# The most versions of a page that a process keeps.
MAX_PAGES = 50
# Days for which a visitor is known again.
COOKIE_DAYS = 2

# What is written anew into a kept page for each visitor: the token against forged
# forms, which belongs to a session, and the server's time.
_TOKEN = re.compile(r"\b[0-9a-f]{40}o\d{9,11}\b")
# The visitor allows cookies that are not necessary; asking Odoo would cost a query.
_CONSENT = re.compile(r'"optional":\s*true')
_TOKEN_MARK = "@@flash-token@@"
_NOW = re.compile(r'(data-now=")[^"]*(")')


class FlashSale(Controller):
    """The queue of flash sales.

    Light on purpose: no page is rendered, no session is written, nothing is asked
    twice. Visitors have no rights on any of the models; each `sudo()` below reads a
    line of a published campaign of this website, or the sender's own ticket. The
    answers hold numbers and codes, the page says them in the visitor's language.
    """

    def _get_line(self, line_id):
        """Look up the product of a flash sale that a browser named.

        :param line_id: Anything.
        :return: A line with elevated rights, or nothing.
        :rtype: groupbuy.campaign.line
        """
        lines = request.env["groupbuy.campaign.line"].sudo()
        website = request.env["website"].get_current_website()
        number = parse_id(line_id)
        if not number:
            return lines
        campaigns = request.env["groupbuy.campaign"]
        return lines.search(
            [
                ("id", "=", number),
                ("campaign_id.mode", "=", "flash"),
                ("campaign_id", "any", campaigns._get_visible_domain(website)),
            ],
            limit=1,
        )

    @route(
        "/group-buy/flash/ticket",
        type="jsonrpc",
        auth="public",
        methods=["POST"],
        sitemap=False,
        save_session=False,
    )
    def flash_ticket(self, line_id=None):
        """Give the visitor a place in the line of a product, or say which it is.

        :param line_id: The product, as a `groupbuy.campaign.line` id.
        :return: See :meth:`groupbuy.flash.ticket._get_status`; besides, the states
            "unknown", "early", "closed", "refused", "sign_in" and "too_many", with
            nothing changed, and now (milliseconds since 1970, UTC).
        :rtype: dict
        """
        return self._answer(line_id, draw=True)

    @route(
        "/group-buy/flash/<int:line_id>/status",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        save_session=False,
    )
    def flash_status(self, line_id):
        """Return where the visitor stands, as JSON; nobody gets in line by it.

        :param int line_id: The product.
        """
        return request.make_json_response(
            self._answer(line_id), headers={"Cache-Control": "no-store"}
        )

    @route(
        "/group-buy/flash/clock",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def flash_clock(self):
        """Return the server's time, for the countdown of a page; no model is read."""
        return request.make_json_response(
            {"now": int(time.time() * 1000)}, headers={"Cache-Control": "no-store"}
        )

    def _answer(self, line_id, draw=False):
        line = self._get_line(line_id)
        now = {"now": int(time.time() * 1000)}
        if not line:
            return {"state": "unknown", **now}
        campaign = line.campaign_id
        partner = get_partner()
        partner_id = partner.id
        tickets = request.env["groupbuy.flash.ticket"].sudo()
        visitor_key = tickets._get_request_visitor()
        if not count_request(campaign, partner_id, visitor_key):
            return {"state": "too_many", "poll": 20, **now}
        if not campaign._is_joinable():
            early = campaign.state == "scheduled" and (
                fields.Datetime.now() < campaign.open_at
            )
            return {"state": "early" if early else "closed", **now}
        if campaign.state == "scheduled":
            campaign._flash_open_if_due(campaign.id)
        if not line._flash_has_queue():
            left = line.available_quantity
            state = "admitted" if left > 0 or not line.cap else "sold_out"
            return {"state": state, "left": int(left), **now}
        if draw and campaign._groupbuy_get_refusal(partner):
            # A place would be of no use, and keep somebody else waiting. The cart says
            # why, in the visitor's language.
            return {"state": "refused", **now}
        if draw and not partner_id:
            if campaign.flash_signed_in_only:
                return {"state": "sign_in", **now}
            if not visitor_key:
                visitor_key = self._give_cookie(tickets)
        status = tickets._ask(line, partner_id, visitor_key, draw=draw)
        status.pop("is_due")
        return {**status, **now}

    def _give_cookie(self, tickets):
        """Make the visitor known to the next request, and return the key."""
        token = tickets._make_visitor_token()
        request.future_response.set_cookie(
            COOKIE,
            token,
            max_age=COOKIE_DAYS * 86400,
            httponly=True,
            samesite="Lax",
            secure=request.httprequest.scheme == "https",
        )
        return tickets._read_visitor_token(token)


def get_partner():
    """Return the contact of who is signed in, or nobody."""
    user = request.env.user
    return user.partner_id.browse() if user._is_public() else user.partner_id


def count_request(campaign, partner_id, visitor_key):
    """Count a request about a flash sale against the limits of its sender.

    A resident is counted by name, a visitor by the cookie and by the address: who
    throws the cookie away is still counted. No address is kept, only its digest.

    :param groupbuy.campaign campaign: The flash sale, with elevated rights.
    :return: Whether the request may go on.
    :rtype: bool
    """
    if partner_id:
        limits = {f"resident/{campaign.id}/{partner_id}": campaign.flash_requests}
    else:
        address = request.httprequest.remote_addr or ""
        digest = hashlib.sha256(f"{campaign.id}/{address}".encode()).hexdigest()
        limits = {f"address/{digest}": campaign.flash_address_requests}
        if visitor_key:
            limits[f"visitor/{campaign.id}/{visitor_key}"] = campaign.flash_requests
    # Elevated: nobody has rights on the counters; they hold digests and numbers.
    return request.env["groupbuy.flash.rate"].sudo()._count(limits)


class FlashCart(GroupBuyCart):
    @route()
    def add_to_cart(self, *args, **kwargs):
        """Override of `community_groupbuy` to let through only whose turn it is.

        Refused before a cart or an order is made: who comes too late or too often
        costs two small statements. The model checks again (see
        `sale.order._flash_check_turn`).
        """
        refusal = self._flash_refuse(kwargs.get("groupbuy_line_id"))
        return refusal or super().add_to_cart(*args, **kwargs)

    def _flash_refuse(self, line_id):
        """Return the answer to somebody who cannot be let through, or nothing.

        :param line_id: What the browser named.
        :rtype: dict | None
        """
        number = parse_id(line_id) if line_id is not None else None
        if not number:
            return None
        # Elevated: looked up only; the core checks website and publication.
        line = request.env["groupbuy.campaign.line"].sudo().browse(number).exists()
        campaign = line.campaign_id
        if not line or campaign.mode != "flash":
            return None
        partner = get_partner()
        tickets = request.env["groupbuy.flash.ticket"].sudo()
        visitor_key = tickets._get_request_visitor()
        if not count_request(campaign, partner.id, visitor_key):
            return self._groupbuy_refusal(
                request.env._("That was too often. Please wait a minute and try again.")
            )
        if campaign._is_joinable() and campaign.state == "scheduled":
            campaign._flash_open_if_due(campaign.id)
        if not line._flash_has_queue() or not campaign._is_joinable():
            return None
        state = tickets._get_status(line, partner.id, visitor_key)["state"]
        # The core says why who may not join at all may not.
        if state in ("admitted", "held") or campaign._groupbuy_get_refusal(partner):
            return None
        if state == "sold_out":
            return {
                **self._groupbuy_refusal(request.env._("%s is sold out.", line.name)),
                "groupbuy_sold_out": True,
            }
        return {
            **self._groupbuy_refusal(
                request.env._(
                    "It is not your turn for %s yet. Get in line on the page of the"
                    " flash sale.",
                    line.name,
                )
            ),
            "groupbuy_flash_url": campaign.website_url,
        }


class FlashPage(GroupBuy):
    @route()
    def group_buy(self, slug, page=1, search="", category=None, **kwargs):
        """Override of `community_groupbuy` to serve a waiting flash sale to a crowd.

        Before the start everybody looks at the same page, again and again. For
        visitors it is rendered once in some seconds by each process, and served from
        there without a query of ours; only the token of the session and the server's
        time are written anew.
        """
        pages = key = None
        if page == 1 and not search and not category and not kwargs:
            pages, key = self._flash_get_pages(slug)
        if pages is not None:
            html, until = pages.get(key, ("", 0))
            if time.time() < until:
                return self._flash_serve(html)
        response = super().group_buy(
            slug, page=page, search=search, category=category, **kwargs
        )
        if pages is not None:
            campaign = getattr(response, "qcontext", {}).get("campaign")
            if campaign and campaign._flash_is_waiting():
                self._flash_keep(pages, key, campaign, response)
        return response

    def _flash_get_pages(self, slug):
        """Return where pages are kept for visitors like this one, if they may be.

        Not for who is signed in, has a cart or a message to read, or debugs.

        :return: The pages of the campaign and the key of this visitor's.
        """
        session = request.session
        campaign_id = parse_id(request.env["ir.http"]._unslug(str(slug))[1])
        if (
            not campaign_id
            or not request.env.user._is_public()
            or session.debug
            or session.get("sale_order_id")
            or session.get("website_sale_cart_quantity")
            or request.cookies.get(MESSAGE_COOKIE)
        ):
            return None, None
        key = (
            request.website.id,
            slug,
            request.env.lang,
            session.get("groupbuy_community_id"),
            bool(_CONSENT.search(request.cookies.get("website_cookies_bar") or "")),
            request.httprequest.host_url,
        )
        campaigns = request.env["groupbuy.campaign"]
        return campaigns._flash_get_kept_pages(campaign_id), key

    def _flash_keep(self, pages, key, campaign, response):
        """Keep a page that has just been rendered, not beyond the start."""
        html = response.render()
        html = html.decode() if isinstance(html, bytes) else str(html)
        seconds = (campaign.open_at - fields.Datetime.now()).total_seconds()
        now = time.time()
        for other, (_html, until) in list(pages.items()):
            if until < now:
                pages.pop(other, None)
        # Languages times communities; what a forged host name asks for is not kept
        # without end.
        if len(pages) < MAX_PAGES:
            pages[key] = (
                _TOKEN.sub(_TOKEN_MARK, html),
                now + min(PAGE_SECONDS, seconds),
            )

    def _flash_serve(self, html):
        """Return a kept page to a visitor."""
        now = fields.Datetime.now().isoformat() + "Z"
        html = _NOW.sub(rf"\g<1>{now}\g<2>", html)
        html = html.replace(_TOKEN_MARK, request.csrf_token())
        return request.make_response(
            html,
            headers=[
                ("Content-Type", "text/html; charset=utf-8"),
                ("Cache-Control", "no-store"),
            ],
        )

    def _prepare_campaign_values(self, campaign, lines):
        """Override of `community_groupbuy` to ask nothing while the sale is waited for.

        The page of a flash sale counts down by itself; its numbers do not change
        before the start.
        """
        values = super()._prepare_campaign_values(campaign, lines)
        if campaign.mode == "flash":
            values["flash_sale"] = campaign._flash_get_page_values()
            if campaign._flash_is_waiting():
                values["live_url"] = None
        return values
