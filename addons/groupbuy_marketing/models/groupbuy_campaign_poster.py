# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64

from odoo import api, models
from odoo.tools import format_list

from ..poster import Offer, PosterContent

# Products that are looked at for a poster; as many are shown as there is room for.
POSTER_OFFERS = 4
POSTER_POINTS = 3


class GroupBuyCampaign(models.Model):
    """What the posters of a campaign say, and where they are found."""

    _inherit = "groupbuy.campaign"

    def _get_poster_lines(self):
        """Return the products that the posters of the campaign show.

        :rtype: groupbuy.campaign.line
        """
        self.ensure_one()
        return (
            self.env["groupbuy.campaign.line"]
            .sudo()
            .search(
                self._get_website_line_domain(),
                order="sequence, id",
                limit=POSTER_OFFERS,
            )
        )

    def _get_poster_picture(self, lines):
        """Return the picture of the campaign, else of its first product that has one.

        :param groupbuy.campaign.line lines: Its products.
        :rtype: bytes
        """
        self.ensure_one()
        # A view of the back office may ask for sizes instead of pictures.
        campaign = self.with_context(bin_size=False)
        picture = campaign.image_1024
        for line in lines.with_context(bin_size=False):
            picture = picture or line.product_id.image_1024
        return base64.b64decode(picture) if picture else b""

    def _get_poster_facts(self, until):
        """Return until when to order, and when and where to collect.

        :param datetime until: When the campaign or the team ends (UTC).
        :return: Pairs (label, text).
        :rtype: tuple
        """
        self.ensure_one()
        points = self.pickup_point_ids.filtered("active")[:POSTER_POINTS]
        places = (
            format_list(self.env, points.mapped("name"))
            if points
            else self._get_places_text(limit=POSTER_POINTS)
        )
        return (
            (self.env._("Order until"), self._format_local(until)),
            (self.env._("Collect"), self._format_pickup_window()),
            (self.env._("Where"), places),
        )

    def _get_poster_content(self, website, url, team=None):
        """Return what a poster of the campaign, or of one of its teams, says.

        :param website website: The website.
        :param str url: Absolute address for the code.
        :param groupbuy.group team: A team of the campaign.
        :return: The content, in the language of `env`.
        :rtype: PosterContent
        """
        self.ensure_one()
        lines = self._get_poster_lines()
        if team:
            measures = lines._get_team_measures(team, is_joining=True)
        else:
            live = self._get_live_values(lines)["lines"]
            measures = {line: line._get_shown_measure(live[line.id]) for line in lines}
        offers = tuple(
            Offer(
                line.name,
                tuple(
                    (step["label"], step["price"], step["is_current"])
                    for step in line._get_website_ladder(measures[line])
                ),
            )
            for line in lines
        )
        return PosterContent(
            brand=website.name or "",
            title=self.name or "",
            subtitle=team._get_public_title()
            if team
            else self._get_places_text(limit=POSTER_POINTS),
            offers=offers,
            facts=self._get_poster_facts(team.team_ends_at if team else self.close_at),
            call=self.env._("Scan and join my team")
            if team
            else self.env._("Scan and join"),
            note=self.env._("The more neighbours join, the lower the price for all."),
            url=url,
            picture=self._get_poster_picture(lines),
        )

    def _get_poster(self, website, kind, url, team=None):
        """Return a poster of the campaign or of a team, drawn or kept.

        :param website website: The website.
        :param str kind: "png", "pdf" or "card".
        :param str url: Absolute address for the code.
        :param groupbuy.group team: A team of the campaign.
        :rtype: bytes
        :raise UserError: When it cannot be drawn on this server.
        """
        self.ensure_one()
        content = self._get_poster_content(website, url, team)
        return self.env["groupbuy.poster"]._get_file(content, kind, self)

    @api.model
    def _get_invitation_poster(self, website, kind, url, title, facts=(), note=""):
        """Return the poster of an invitation: for the addon's other slices.

        It shows the first campaigns that are open, one product of each.

        :param website website: The website.
        :param str kind: "png", "pdf" or "card".
        :param str url: Absolute address for the code; it must not name the resident.
        :param str title: Such as "Anna M. invites you", in the language of `env`.
        :param facts: Pairs (label, text), such as what both get for it.
        :param str note: A sentence below the code.
        :rtype: bytes
        :raise UserError: When it cannot be drawn on this server.
        """
        # Elevated: visitors have no rights on campaigns; the domain says which of them
        # the website lists.
        campaigns = self.sudo()
        shown = campaigns.search(
            campaigns._get_listed_domain(website),
            order="state, close_at, id",
            limit=POSTER_OFFERS,
        )
        firsts = shown._get_preview_lines(1)
        lines = (
            self.env["groupbuy.campaign.line"]
            .sudo()
            .browse([line_id for ids in firsts.values() for line_id in ids])
        )
        content = PosterContent(
            brand=website.name or "",
            title=title,
            subtitle="",
            offers=tuple(
                Offer(
                    line.name,
                    tuple(
                        (step["label"], step["price"], False)
                        for step in line._get_website_ladder(0.0)
                    ),
                )
                for line in lines
            ),
            facts=tuple(tuple(fact) for fact in facts),
            call=self.env._("Scan and look around"),
            note=note,
            url=url,
            picture=shown[:1]._get_poster_picture(lines) if shown else b"",
        )
        return self.env["groupbuy.poster"]._get_file(content, kind)

    @api.ondelete(at_uninstall=False)
    def _unlink_posters(self):
        """Delete the posters with the campaign, and so their files.

        The database alone would delete the rows and leave the attachments.
        """
        # Elevated: whoever may delete the campaign may delete what was drawn of it.
        self.env["groupbuy.poster"].sudo().search(
            [("campaign_id", "in", self.ids)]
        ).unlink()

    # === ADDRESSES === #

    def _get_poster_url(self, website, team=None, token=None):
        """Return the address for the code of a poster.

        :param website website: The website.
        :param groupbuy.group team: A team of the campaign.
        :param token: Token of a neighbour's link, from a browser. One that leads
            elsewhere is left out: nobody can put a foreign address on a poster.
        :return: The neighbour's link, or the page itself; absolute.
        :rtype: str
        """
        self.ensure_one()
        link = self.env["groupbuy.share.link"]._find_by_token(token, website)
        team = team or self.env["groupbuy.group"]
        if link and link.campaign_id == self and link.group_id == team:
            return link._get_url(website)
        path = team._get_path() if team else self.website_url
        return website.get_base_url() + path

    def _get_share_path(self, team=None):
        """Return the address of the page with poster and link.

        :param groupbuy.group team: A team of the campaign.
        :rtype: str
        """
        self.ensure_one()
        return f"{team._get_path() if team else self.website_url}/share"

    def _get_share_values(self, website):
        """Override to offer the poster, and a resident's own link."""
        values = super()._get_share_values(website)
        values["page"] = self._get_share_path()
        values["campaign_id"] = False if self.env.user._is_public() else self.id
        return values

    def action_groupbuy_share_page(self):
        """Open the page with poster and link, where both can be downloaded.

        :return: An action.
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": self._get_share_path(),
            "target": "new",
        }

    # === LINK PREVIEWS === #

    def _default_website_meta(self):
        """Override of `website`: the preview of a link shows picture and price."""
        meta = super()._default_website_meta()
        self._groupbuy_set_card(meta, f"/group-buy/{self.id}/card.jpg")
        return meta

    def _groupbuy_set_card(self, meta, path):
        """Put the picture of a link's preview into the meta data of a page.

        :param dict meta: What `_default_website_meta` returned; changed.
        :param str path: Address of the picture.
        """
        self.ensure_one()
        meta["default_opengraph"].update(
            {
                "og:image": path,
                "og:image:width": "1200",
                "og:image:height": "630",
            }
        )
        meta["default_twitter"]["twitter:image"] = path


class GroupBuyGroup(models.Model):
    _inherit = "groupbuy.group"

    def _get_share_values(self, website):
        """Override to offer the team's poster, and a resident's own link."""
        values = super()._get_share_values(website)
        values["page"] = self.campaign_id._get_share_path(self)
        values["campaign_id"] = (
            False if self.env.user._is_public() else self.campaign_id.id
        )
        values["team"] = self.sudo().share_token
        return values

    # === LINK PREVIEWS === #

    def get_website_meta(self):
        """Return the meta data of a team's page, in the shape of `website`.

        Its layout asks the object of a page for them, with elevated rights. By RPC it
        says no more than the page does, and it needs a request for a website.

        :return: opengraph_meta, twitter_meta, meta_description.
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        campaign = self.campaign_id
        meta = campaign.get_website_meta()
        title = self._get_public_title()
        text = self._get_goal_text(self._get_tallies().get(self.id, {}))
        for name, prefix in (("opengraph_meta", "og"), ("twitter_meta", "twitter")):
            meta[name][f"{prefix}:title"] = f"{title} | {campaign.name}"
            meta[name][f"{prefix}:description"] = text
            # Unless somebody has chosen another picture for the campaign.
            base, found, _rest = meta[name][f"{prefix}:image"].partition(
                f"/group-buy/{campaign.id}/card.jpg"
            )
            if found:
                meta[name][f"{prefix}:image"] = f"{base}{self._get_path()}/card.jpg"
        meta["meta_description"] = text
        return meta
