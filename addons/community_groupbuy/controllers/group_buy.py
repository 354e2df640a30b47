# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import Controller, request, route
from odoo.tools.translate import LazyTranslate

from ..flash import put_message, take_message
from ..formatting import format_zone
from ..models.groupbuy_campaign_website import CAMPAIGNS_PER_PAGE, LINES_PER_PAGE
from ..utils import parse_id, parse_quantity

_lt = LazyTranslate(__name__)

# The most lines that one refresh may ask for: a page and a little.
MAX_LIVE_LINES = 100


def sitemap_group_buy(env, rule, qs):
    """Yield the list of campaigns for the site map."""
    if not qs or qs.lower() in "/group-buy":
        yield {"loc": "/group-buy"}


def sitemap_campaign(env, rule, qs):
    """Yield the pages of the campaigns that a website lists."""
    website = env["website"].get_current_website()
    campaigns = env["groupbuy.campaign"].sudo()
    for campaign in campaigns.search(campaigns._get_open_domain(website)):
        if not qs or qs.lower() in campaign.website_url:
            yield {"loc": campaign.website_url, "lastmod": campaign.write_date.date()}


def clean_search(value):
    """Return a text to search for, without what a database cannot hold.

    :param value: Anything that a browser sent.
    :rtype: str
    """
    return str(value or "").replace("\x00", "").strip()


class GroupBuy(Controller):
    """The pages of campaigns.

    Visitors have no rights on any model of group buying, so that costs and margins
    cannot be read by RPC. Each `sudo()` below is followed by a search in a domain of
    this website, of one of its campaigns, or of the visitor's own records, and what a
    page shows of the result is chosen by the models (see
    `models/groupbuy_campaign_website.py`).
    """

    # === LOOKING UP WHAT A BROWSER SENT === #

    def _get_campaign(self, value):
        """Look up the campaign that a request names.

        :param value: An id or a slug.
        :return: A campaign of this website, with elevated rights, or nothing.
        :rtype: groupbuy.campaign
        """
        if isinstance(value, str):
            value = request.env["ir.http"]._unslug(value)[1]
        return request.env["groupbuy.campaign"]._find_for_website(
            request.website, parse_id(value)
        )

    def _get_filter(self, model, value, domain):
        """Look up the record that a filter of the address names by its slug.

        :param str model: The model of the filter.
        :param value: A slug, or anything.
        :param Domain domain: Which records the filter offers.
        :return: The record with elevated rights, or nothing.
        """
        records = request.env[model].sudo()
        record_id = parse_id(request.env["ir.http"]._unslug(str(value or ""))[1])
        if not record_id:
            return records
        return records.search(Domain("id", "=", record_id) & Domain(domain), limit=1)

    # === LIST === #

    @route(
        ["/group-buy", "/group-buy/page/<int:page>"],
        type="http",
        auth="public",
        website=True,
        sitemap=sitemap_group_buy,
        list_as_website_content=_lt("Group Campaigns"),
    )
    def group_buys(
        self, page=1, search="", community=None, category=None, point=None, **kwargs
    ):
        """Show the campaigns that are open or announced.

        Without a filter these are the campaigns of the visitor's community; "all"
        shows those of every community.

        :param int page: Page of the list, from 1.
        :param str search: Text in the name of a campaign or of a product.
        :param str community: Slug of a community, or "all".
        :param str category: Slug of a shop category.
        :param str point: Slug of a pickup point.
        """
        search = clean_search(search)
        website = request.website
        communities = website._get_groupbuy_communities()
        own_community = website._get_groupbuy_community()
        chosen = own_community
        if community == "all":
            chosen = communities.browse()
        elif community:
            chosen = self._get_filter(
                "groupbuy.community",
                community,
                website._get_groupbuy_community_domain(),
            )
        campaigns = request.env["groupbuy.campaign"].sudo()
        base_domain = campaigns._get_listed_domain(website, chosen)
        offered = campaigns.search(base_domain)
        categories = offered._get_website_categories(website)
        points = offered.pickup_point_ids.filtered("active")
        category = self._get_filter(
            "product.public.category", category, [("id", "in", categories.ids)]
        )
        point = self._get_filter(
            "groupbuy.pickup.point", point, [("id", "in", points.ids)]
        )
        domain = self._get_list_domain(base_domain, search, category, point)
        filters = {
            "search": search or None,
            "community": community or None,
            "category": category and request.env["ir.http"]._slug(category) or None,
            "point": point and request.env["ir.http"]._slug(point) or None,
        }
        total = campaigns.search_count(domain)
        pager = website.pager(
            url="/group-buy",
            total=total,
            page=page,
            step=CAMPAIGNS_PER_PAGE,
            url_args={name: value for name, value in filters.items() if value},
        )
        shown = campaigns.search(
            domain,
            # Open campaigns come first, the one that closes next at the top.
            order="state, close_at, id",
            limit=CAMPAIGNS_PER_PAGE,
            offset=pager["offset"],
        )
        return request.render(
            "community_groupbuy.group_buys",
            {
                "campaigns_open": shown.filtered(lambda c: c.state == "open"),
                "campaigns_coming": shown.filtered(lambda c: c.state != "open"),
                "cards": shown._get_card_values(),
                "total": total,
                "pager": pager,
                "search": search,
                "communities": communities,
                "community": chosen,
                "own_community": own_community,
                "shows_all": community == "all",
                "categories": categories,
                "category": category,
                "points": points,
                "point": point,
                "is_filtered": bool(search or category or point),
                "nothing_text": request.env._(
                    "No campaign for %s right now", chosen.name or ""
                ),
                "slug": request.env["ir.http"]._slug,
                "flash": take_message(),
            },
        )

    def _get_list_domain(self, domain, search, category, point):
        """Return the domain of the list with its filters."""
        lines = []
        if search:
            lines.append(
                Domain("name", "ilike", search)
                | Domain("line_ids", "any", [("product_id.name", "ilike", search)])
            )
        if category:
            lines.append(
                Domain(
                    "line_ids",
                    "any",
                    [("product_id.public_categ_ids", "child_of", category.ids)],
                )
            )
        if point:
            lines.append(Domain("pickup_point_ids", "in", point.ids))
        return Domain.AND([domain, *lines])

    @route(
        "/group-buy/community",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def choose_community(self, community=None, **kwargs):
        """Remember the visitor's community: on the contact, or in the session.

        :param str community: Slug of a community of this website; empty to forget.
        """
        website = request.website
        record = self._get_filter(
            "groupbuy.community", community, website._get_groupbuy_community_domain()
        )
        if community and not record:
            put_message(request.env._("This community does not exist."), "warning")
        else:
            website._set_groupbuy_community(record)
        return request.redirect("/group-buy")

    # === CAMPAIGN === #

    @route(
        ["/group-buy/<string:slug>", "/group-buy/<string:slug>/page/<int:page>"],
        type="http",
        auth="public",
        website=True,
        sitemap=sitemap_campaign,
    )
    def group_buy(self, slug, page=1, search="", category=None, **kwargs):
        """Show a campaign: its ladder, its progress and what it offers.

        :param str slug: Slug of the campaign.
        :param int page: Page of its products, from 1.
        :param str search: Text in the name or reference of a product.
        :param str category: Slug of a shop category.
        """
        campaign = self._get_campaign(slug)
        if not campaign:
            raise request.not_found()
        if slug != request.env["ir.http"]._slug(campaign):
            return request.redirect(campaign.website_url, code=301)
        search = clean_search(search)
        lines = request.env["groupbuy.campaign.line"].sudo()
        line_count = lines.search_count(campaign._get_website_line_domain())
        categories = campaign._get_website_categories(request.website)
        category = self._get_filter(
            "product.public.category", category, [("id", "in", categories.ids)]
        )
        domain = campaign._get_website_line_domain(search, category)
        total = lines.search_count(domain) if search or category else line_count
        filters = {
            "search": search,
            "category": category and request.env["ir.http"]._slug(category),
        }
        pager = request.website.pager(
            url=campaign.website_url,
            total=total,
            page=page,
            step=LINES_PER_PAGE,
            url_args={name: value for name, value in filters.items() if value},
        )
        shown = lines.search(
            domain, order="sequence, id", limit=LINES_PER_PAGE, offset=pager["offset"]
        )
        return request.render(
            "community_groupbuy.group_buy",
            self._prepare_campaign_values(campaign, shown)
            | {
                "line_count": line_count,
                "total": total,
                "pager": pager,
                "search": search,
                "categories": categories,
                "category": category,
                "slug": request.env["ir.http"]._slug,
                "flash": take_message(),
            },
        )

    def _prepare_campaign_values(self, campaign, lines):
        """Return the values of a campaign's page that do not depend on its filters.

        :param groupbuy.campaign campaign: The campaign.
        :param groupbuy.campaign.line lines: The lines on the page.
        :rtype: dict
        """
        live = campaign._get_website_values(lines)
        community = request.website._get_groupbuy_community()
        points = campaign.pickup_point_ids.filtered("active")
        return {
            "main_object": campaign,
            "campaign": campaign,
            "lines": lines,
            "live": live,
            "live_url": request.env["ir.http"]._url_for(
                f"/group-buy/{campaign.id}/live"
            ),
            "points": points,
            "point_people": self._get_point_people(campaign),
            "share": campaign._get_share_values(request.website),
            "community": community,
            "others_text": request.env._(
                "This campaign is offered to %s. Please check that you can collect"
                " there.",
                campaign._get_places_text(),
            ),
            "own_campaigns_text": request.env._(
                "Campaigns for %s", community.name or ""
            ),
            "zone_name": format_zone(request.env, campaign.close_at, campaign.tz),
            "is_for_others": bool(
                community
                and campaign.community_ids
                and community not in campaign.community_ids
            ),
            "waitlisted": self._get_waitlist_entries(campaign).line_id,
            "is_public": request.env.user._is_public(),
        }

    def _get_point_people(self, campaign):
        """Return how many have joined at each pickup point, in one query."""
        groups = campaign.group_ids.filtered("pickup_point_id")
        tallies = groups._get_tallies()
        return {
            group.pickup_point_id.id: tallies.get(group.id, {}).get("people", 0)
            for group in groups
        }

    def _get_waitlist_entries(self, campaign):
        """Return the visitor's own places on the waitlists of a campaign."""
        entries = request.env["groupbuy.waitlist"].sudo()
        if request.env.user._is_public():
            return entries
        return entries.search(
            [
                ("campaign_id", "=", campaign.id),
                ("partner_id", "=", request.env.user.partner_id.id),
                ("state", "in", ("waiting", "offered")),
            ]
        )

    @route(
        "/group-buy/<int:campaign_id>/live",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def group_buy_live(self, campaign_id, lines="", **kwargs):
        """Return the numbers of a campaign's page as JSON.

        Asked again and again by each open page, so it only reads: a constant number
        of queries, for the lines on the page only.

        :param int campaign_id: The campaign.
        :param str lines: Ids of the lines on the page, separated by commas.
        """
        campaign = self._get_campaign(campaign_id)
        if not campaign:
            raise request.not_found()
        ids = [parse_id(value) for value in lines.split(",")[:MAX_LIVE_LINES]]
        shown = request.env["groupbuy.campaign.line"].sudo()
        if any(ids):
            shown = shown.search(
                campaign._get_website_line_domain()
                & Domain("id", "in", [line_id for line_id in ids if line_id])
            )
        return request.make_json_response(
            campaign._get_website_values(shown),
            headers={"Cache-Control": "no-store"},
        )

    @route(
        "/group-buy/<int:campaign_id>/qr.svg",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
        save_session=False,
    )
    def group_buy_qr(self, campaign_id, **kwargs):
        """Return the QR code of a campaign's page as a picture.

        :param int campaign_id: The campaign.
        """
        campaign = self._get_campaign(campaign_id)
        if not campaign:
            raise request.not_found()
        return request.make_response(
            campaign._render_share_code(request.website),
            headers=[
                ("Content-Type", "image/svg+xml"),
                ("Cache-Control", "public, max-age=86400"),
            ],
        )

    @route(
        "/group-buy/<int:campaign_id>/waitlist",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def group_buy_waitlist(self, campaign_id, line_id=None, quantity=1, **kwargs):
        """Put the resident on the waitlist of a line that is sold out.

        :param int campaign_id: The campaign.
        :param line_id: The line; looked up in the campaign.
        :param quantity: How much the resident would take.
        """
        campaign, line = self._get_waitlist_line(campaign_id, line_id)
        try:
            request.env["groupbuy.waitlist"].sudo()._join(
                line, request.env.user.partner_id, quantity
            )
        except UserError as error:
            put_message(error, "warning")
        else:
            put_message(
                request.env._(
                    "You are on the waitlist for %s. We write to you as soon as"
                    " something becomes free.",
                    line.name,
                )
            )
        return request.redirect(campaign.website_url)

    @route(
        "/group-buy/<int:campaign_id>/waitlist/leave",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def group_buy_leave_waitlist(self, campaign_id, line_id=None, **kwargs):
        """Take the resident off the waitlist; what was kept for them is offered on.

        :param int campaign_id: The campaign.
        :param line_id: The line; looked up in the campaign.
        """
        campaign, line = self._get_waitlist_line(campaign_id, line_id)
        self._get_waitlist_entries(campaign).filtered(
            lambda entry: entry.line_id == line
        )._leave()
        put_message(
            request.env._("You are not on the waitlist for %s any more.", line.name)
        )
        return request.redirect(campaign.website_url)

    def _get_waitlist_line(self, campaign_id, line_id):
        """Return a campaign and the line of it that a browser named.

        :raise NotFound: If there is none, or it is of another campaign.
        """
        campaign = self._get_campaign(campaign_id)
        line = campaign.line_ids.browse(parse_id(line_id) or []).exists()
        if not campaign or line.campaign_id != campaign:
            raise request.not_found()
        return campaign, line

    # === BUILDING BLOCK === #

    @route(
        "/group-buy/snippet",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
    )
    def group_buy_snippet(self, limit=3, **kwargs):
        """Return the cards that the building block of the website builder shows.

        :param limit: How many campaigns, from 1 to 12.
        """
        campaigns = request.env["groupbuy.campaign"].sudo()
        shown = campaigns.search(
            campaigns._get_listed_domain(
                request.website, request.website._get_groupbuy_community()
            ),
            order="state, close_at, id",
            limit=parse_quantity(limit, CAMPAIGNS_PER_PAGE) or 3,
        )
        return request.render(
            "community_groupbuy.group_buy_cards",
            {"campaigns": shown, "cards": shown._get_card_values()},
        )

    # === CART === #

    @route(
        "/group-buy/show-name",
        type="jsonrpc",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def show_name(self, show=False):
        """Let the resident decide whether neighbours see who has joined.

        :param bool show: Whether the first name and initial may be shown.
        :return: What was kept.
        :rtype: bool
        """
        order_sudo = request.cart
        if order_sudo.groupbuy_state != "cart":
            return False
        order_sudo.groupbuy_show_name = show is True
        return order_sudo.groupbuy_show_name
