# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import qrcode
from qrcode.image.svg import SvgPathImage

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_list, formatLang
from odoo.tools.mail import html_to_inner_content

# Lines on a page of a campaign; campaigns on a page of the list.
LINES_PER_PAGE = 24
CAMPAIGNS_PER_PAGE = 12

# Residents may look at a campaign from its announcement on, also when it is over:
# its address has been shared.
VISIBLE_STATES = (
    "scheduled",
    "open",
    "closing",
    "succeeded",
    "failed",
    "delivering",
    "done",
)


class GroupBuyCampaign(models.Model):
    """What residents see of campaigns on the website.

    Visitors have no access rights on campaigns, so that costs and margins can never
    be read by RPC. The website looks campaigns up with elevated rights, through the
    domains below, and shows the values prepared here.
    """

    _inherit = "groupbuy.campaign"

    # === LOOKING UP === #

    @api.model
    def _get_visible_domain(self, website):
        """Return the domain of the campaigns whose page a website shows.

        :param website website: The website.
        :rtype: Domain
        """
        return Domain(
            [
                ("website_id", "in", (False, website.id)),
                ("company_id", "=", website.company_id.id),
                ("is_published", "=", True),
                ("state", "in", VISIBLE_STATES),
            ]
        )

    @api.model
    def _find_for_website(self, website, campaign_id):
        """Look up a campaign that a browser named.

        Staff see the pages of their drafts, too, so that they can be prepared in the
        website builder.

        :param website website: The website that was asked.
        :param int campaign_id: The id in the request; None when it was nonsense.
        :return: The campaign with elevated rights, or nothing.
        :rtype: groupbuy.campaign
        """
        if not campaign_id:
            return self.sudo().browse()
        domain = self._get_visible_domain(website)
        if self.env.user.has_group("community_groupbuy.group_groupbuy_user"):
            domain = Domain(
                [
                    ("website_id", "in", (False, website.id)),
                    ("company_id", "=", website.company_id.id),
                ]
            )
        return self.sudo().search(domain & Domain("id", "=", campaign_id), limit=1)

    @api.model
    def _get_listed_domain(self, website, community=None):
        """Return the domain of the campaigns to list: open ones and those to come.

        :param website website: The website.
        :param groupbuy.community community: Only what is offered to this community.
        :rtype: Domain
        """
        domain = self._get_open_domain(website) & Domain(
            "close_at", ">", fields.Datetime.now()
        )
        if community:
            domain &= Domain("community_ids", "in", community.ids) | Domain(
                "community_ids", "=", False
            )
        return domain

    def _get_website_line_domain(self, search=None, category=None):
        """Return the domain of the lines of a campaign's page.

        :param str search: Only products whose name or reference contains this text.
        :param product.public.category category: Only products of this category.
        :rtype: Domain
        """
        self.ensure_one()
        domain = Domain(
            [
                ("campaign_id", "=", self.id),
                ("product_id.active", "=", True),
                ("product_id.sale_ok", "=", True),
                ("product_id.is_published", "=", True),
            ]
        )
        if search:
            domain &= Domain("product_id.name", "ilike", search) | Domain(
                "product_id.default_code", "ilike", search
            )
        if category:
            domain &= Domain("product_id.public_categ_ids", "child_of", category.ids)
        return domain

    def _get_website_categories(self, website):
        """Return the shop categories of what these campaigns offer, in one query.

        :param website website: The website.
        :rtype: product.public.category
        """
        categories = self.env["product.public.category"].sudo()
        if not self.ids:
            return categories
        self.env["groupbuy.campaign.line"].flush_model(["campaign_id", "product_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT rel.product_public_category_id
                  FROM groupbuy_campaign_line line
                  JOIN product_product product ON product.id = line.product_id
                  JOIN product_public_category_product_template_rel rel
                    ON rel.product_template_id = product.product_tmpl_id
                 WHERE line.campaign_id = ANY(%s)
                """,
                self.ids,
            )
        )
        return categories.search(
            Domain("id", "in", [row[0] for row in rows])
            & Domain("website_id", "in", (False, website.id))
        )

    # === VALUES OF THE PAGES === #

    def _get_website_values(self, lines=None):
        """Return what a campaign's page shows and what its script refreshes.

        The numbers come from :meth:`_get_live_values`; the sentences are added here,
        in the visitor's language, so that the page and its refresh never differ.

        :param groupbuy.campaign.line lines: The lines on the page.
        :return: JSON-able values.
        :rtype: dict
        """
        self.ensure_one()
        lines = self.line_ids.browse() if lines is None else lines
        values = self._get_live_values(lines)
        values["bars"] = self._get_bars(values["progress"])
        values["people_text"] = self._get_people_text(values["people"])
        values["goal_text"] = self._get_goal_text(values)
        for line in lines:
            values["lines"][line.id].update(
                line._get_website_texts(values["lines"][line.id])
            )
        return values

    def _get_bars(self, progress):
        """Return the bars towards success of the whole campaign.

        None where each pickup point has to succeed on its own, for the sum of all
        points says nothing then, and none when the money has gone back.

        :param dict progress: Measure → (have, need).
        :rtype: list[dict]
        """
        self.ensure_one()
        if self.success_scope == "group" or self.state in ("failed", "cancelled"):
            return []
        return [
            self._get_bar(measure, have, need)
            for measure, (have, need) in progress.items()
            if need
        ]

    def _get_bar(self, measure, have, need):
        """Return a progress bar towards one condition of success.

        :param str measure: people, quantity or amount.
        :param float have: What is there.
        :param float need: What is asked for.
        :return: measure, percent (0 to 100, whole), text.
        :rtype: dict
        """
        self.ensure_one()
        shown = {
            "have": self._format_measure(measure, have),
            "need": self._format_measure(measure, need),
        }
        texts = {
            "people": self.env._("%(have)s of %(need)s neighbours", **shown),
            "quantity": self.env._("%(have)s of %(need)s items", **shown),
            "amount": self.env._("%(have)s of %(need)s", **shown),
        }
        return {
            "measure": measure,
            # Rounded down: 100 % is only shown when it is reached.
            "percent": int(min(have / need, 1.0) * 100) if need else 100,
            "text": texts[measure],
        }

    def _get_people_text(self, people):
        """Return how many have joined, as a sentence."""
        if not people:
            return (
                self.env._("Nobody has joined yet – be the first!")
                if self.state == "open"
                else ""
            )
        if people == 1:
            return self.env._("1 neighbour has joined")
        return self.env._("%s neighbours have joined", self._format_number(people))

    def _get_goal_text(self, values):
        """Return what is still missing for success, as a sentence.

        :param dict values: What :meth:`_get_live_values` returns.
        :rtype: str
        """
        texts = {
            "draft": self.env._("Draft: residents do not see this page yet."),
            "scheduled": self.env._("This campaign has not opened yet."),
            "closing": self.env._("This campaign is being closed."),
            "succeeded": self.env._("Success! The goods are being bought."),
            "delivering": self.env._("Success! The goods are on their way."),
            "done": self.env._("Success! Everything has been handed out."),
            "failed": self.env._(
                "Not enough neighbours joined. Everybody gets their money back."
            ),
            "cancelled": self.env._("This campaign was cancelled."),
        }
        if self.state in texts:
            return texts[self.state]
        if not values["joinable"]:
            return texts["closing"]
        if self.success_scope == "group":
            needed = self._format_amounts(
                {measure: need for measure, (_have, need) in values["progress"].items()}
            )
            if not needed:
                return self.env._("The goods will be bought at the close.")
            return self.env._(
                "Each pickup point needs %s of its own. Bring your neighbours!",
                needed,
            )
        missing = {
            measure: need - have
            for measure, (have, need) in values["progress"].items()
            if have < need
        }
        if not missing:
            return self.env._("Goal reached: the goods will be bought at the close.")
        return self.env._(
            "Still needed: %s. Otherwise everybody gets their money back.",
            self._format_amounts(missing),
        )

    def _format_amounts(self, measures):
        """Return people, quantity and amount together, as a part of a sentence.

        :param dict measures: Measure → how much of it.
        :rtype: str
        """
        self.ensure_one()
        shown = {
            measure: self._format_measure(measure, value)
            for measure, value in measures.items()
            if value
        }
        parts = []
        if "people" in shown:
            parts.append(self.env._("%s neighbours", shown["people"]))
        if "quantity" in shown:
            parts.append(self.env._("%s items", shown["quantity"]))
        if "amount" in shown:
            parts.append(self.env._("%s in orders", shown["amount"]))
        return format_list(self.env, parts)

    def _get_places_text(self, limit=None):
        """Return to which communities the campaign is offered.

        :param int limit: How many names at most.
        :rtype: str
        """
        self.ensure_one()
        names = self.community_ids.mapped("name")
        if not names:
            return self.env._("For all communities")
        if limit and len(names) > limit:
            return self.env._(
                "%(names)s and %(count)s more",
                names=format_list(self.env, names[:limit], "unit"),
                count=len(names) - limit,
            )
        return format_list(self.env, names)

    def _format_number(self, value):
        """Return a count or quantity as the visitor's language writes it."""
        return formatLang(self.env, value, digits=0 if value == int(value) else 2)

    def _format_measure(self, measure, value):
        """Return people, a quantity or an amount as the visitor reads it."""
        self.ensure_one()
        if measure == "amount":
            return self.currency_id.format(value)
        return self._format_number(value)

    def _get_share_values(self, website):
        """Return what the share button and its QR code need.

        :param website website: The website.
        :return: url (absolute), title, text, qr (address of the picture).
        :rtype: dict
        """
        self.ensure_one()
        url = website.get_base_url() + self.env["ir.http"]._url_for(self.website_url)
        return {
            "url": url,
            "title": self.name,
            "text": self.env._(
                "Let us buy together: %(campaign)s, until %(close)s",
                campaign=self.name,
                close=self._format_local(self.close_at),
            ),
            "qr": f"/group-buy/{self.id}/qr.svg",
        }

    def _render_share_code(self, website):
        """Return the QR code of the campaign's page, for a phone held to a screen.

        Drawn here and not by the report engine, whose pictures need a package that
        not every Python has.

        :param website website: The website.
        :return: An SVG picture.
        :rtype: bytes
        """
        self.ensure_one()
        return qrcode.make(
            website.get_base_url() + self.website_url,
            image_factory=SvgPathImage,
            border=2,
        ).to_string()

    def _get_card_values(self, previews=3):
        """Return what the cards of the list show, for any number of campaigns.

        A constant number of queries: one for the tallies of the campaigns, one each
        for the first lines, their tiers and their tallies.

        :param int previews: Products shown on a card.
        :return: Campaign id → people, people_text, bar, line_count, offers (lines),
            prices (texts), and the times as texts and as ISO 8601 in UTC.
        :rtype: dict[int, dict]
        """
        tallies = self._get_tallies()
        offers = self._get_preview_lines(previews)
        # One computation for the lines of all cards together.
        lines = (
            self.env["groupbuy.campaign.line"]
            .sudo()
            .browse([line_id for ids in offers.values() for line_id in ids])
        )
        now = fields.Datetime.now().isoformat() + "Z"
        values = {}
        for campaign in self:
            tally = tallies.get(campaign.id, {})
            offered = lines.filtered(
                lambda line, campaign=campaign: line.campaign_id == campaign
            )
            bars = campaign._get_bars(campaign._get_progress(tally))
            values[campaign.id] = {
                "people": tally.get("people", 0),
                "people_text": campaign._get_people_text(tally.get("people", 0)),
                "places": campaign._get_places_text(limit=3),
                "bar": min(bars, key=lambda bar: bar["percent"], default=None),
                "line_count": campaign.line_count,
                "offers": offered,
                "prices": {
                    line.id: line.currency_id.format(line.current_price)
                    for line in offered
                },
                "server_now": now,
                "close_at": campaign.close_at.isoformat() + "Z",
                "closes": campaign._format_local(campaign.close_at),
                "opens": campaign._format_local(campaign.open_at),
            }
        return values

    def _get_preview_lines(self, limit):
        """Return the first lines of each campaign, in one query.

        :param int limit: Lines for a campaign.
        :return: Campaign id → line ids.
        :rtype: dict[int, list[int]]
        """
        previews = {campaign_id: [] for campaign_id in self.ids}
        if not self.ids:
            return previews
        lines = self.env["groupbuy.campaign.line"]
        lines.flush_model(["campaign_id", "sequence", "product_id"])
        self.env["product.template"].flush_model(["is_published", "sale_ok"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT campaign.id, line.id
                  FROM unnest(%s) AS campaign(id)
                  JOIN LATERAL (
                        SELECT line.id
                          FROM groupbuy_campaign_line line
                          JOIN product_product product ON product.id = line.product_id
                          JOIN product_template template
                            ON template.id = product.product_tmpl_id
                         WHERE line.campaign_id = campaign.id AND product.active
                           AND template.sale_ok AND template.is_published
                         ORDER BY line.sequence, line.id
                         LIMIT %s
                  ) line ON true
                """,
                self.ids,
                limit,
            )
        )
        for campaign_id, line_id in rows:
            previews[campaign_id].append(line_id)
        return previews

    # === SEARCH ENGINES AND SEARCH === #

    def _default_website_meta(self):
        """Override of `website` to share a campaign with its own picture and text."""
        meta = super()._default_website_meta()
        description = html_to_inner_content(self.description or "")[:200] or (
            self._get_share_text()
        )
        for name, prefix in (
            ("default_opengraph", "og"),
            ("default_twitter", "twitter"),
        ):
            meta[name][f"{prefix}:description"] = description
            if self.image_1920:
                website = self.env["website"].get_current_website()
                meta[name][f"{prefix}:image"] = website.image_url(self, "image_1024")
        meta["default_meta_description"] = description
        return meta

    def _get_share_text(self):
        """Return a sentence that introduces the campaign where nothing is written."""
        self.ensure_one()
        return self.env._(
            "Buy together with your neighbours until %(close)s and collect from"
            " %(pickup)s on.",
            close=self._format_local(self.close_at),
            pickup=self._format_local(self.pickup_from),
        )

    @api.model
    def _search_get_detail(self, website, order, options):
        """Override of `website` to search the campaigns that a website shows."""
        with_description = options.get("displayDescription")
        search_fields = ["name", "line_ids.product_id.name"]
        fetch_fields = ["id", "name", "website_url"]
        mapping = {
            "name": {"name": "name", "type": "text", "match": True},
            "website_url": {"name": "website_url", "type": "text", "truncate": False},
        }
        if with_description:
            search_fields.append("description")
            fetch_fields.append("description")
            mapping["description"] = {
                "name": "description",
                "type": "text",
                "html": True,
                "match": True,
            }
        return {
            "model": "groupbuy.campaign",
            # Visitors have no rights on the model; the domain says what they may see.
            "requires_sudo": True,
            "base_domain": [
                self._get_listed_domain(website, website._get_groupbuy_community())
            ],
            "search_fields": search_fields,
            "fetch_fields": fetch_fields,
            "mapping": mapping,
            "icon": "fa-shopping-basket",
            "order": "name desc" if "name desc" in order else "name asc",
        }


class GroupBuyCampaignLine(models.Model):
    _inherit = "groupbuy.campaign.line"

    def _get_website_ladder(self, measured):
        """Return the steps of the price ladder, the start price first.

        :param float measured: People, quantity or amount reached so far.
        :return: Dicts with threshold, label, price (text), is_reached, is_current.
        :rtype: list[dict]
        """
        self.ensure_one()
        steps = [(0.0, self.start_price), *self._get_tiers()]
        current = max(
            i for i, (threshold, _) in enumerate(steps) if measured >= threshold
        )
        return [
            {
                "threshold": threshold,
                "label": self._format_threshold(threshold),
                "price": self.currency_id.format(price),
                "is_reached": position <= current,
                "is_current": position == current,
            }
            for position, (threshold, price) in enumerate(steps)
        ]

    def _format_threshold(self, threshold):
        """Return from when on a step of the ladder applies, in a few letters."""
        self.ensure_one()
        if not threshold:
            return self.env._("Start")
        value = self.campaign_id._format_measure(self.tier_measure, threshold)
        if self.tier_measure == "people":
            return self.env._("%s people", value)
        if self.tier_measure == "quantity":
            return self.env._(
                "%(quantity)s %(unit)s", quantity=value, unit=self._get_unit_name()
            )
        return value

    def _get_unit_name(self):
        """Return the unit as residents read it.

        :rtype: str
        """
        self.ensure_one()
        return self.env._("pcs") if self._is_by_piece() else self.product_uom_id.name

    def _is_by_piece(self):
        """Return whether the product is counted in pieces, Odoo's unit "Units"."""
        self.ensure_one()
        # Not `env.ref`, which asks the database each time whether the unit is there.
        pieces = self.env["ir.model.data"]._xmlid_to_res_id(
            "uom.product_uom_unit", raise_if_not_found=False
        )
        return self.product_uom_id.id == pieces

    def _get_website_texts(self, values):
        """Return the sentences of a line on its campaign's page.

        :param dict values: The line's part of the campaign's live values.
        :return: Texts in the visitor's language, and the width of the bar.
        :rtype: dict
        """
        self.ensure_one()
        campaign = self.campaign_id
        measured = self._get_shown_measure(values)
        start, goal = self._get_step_bounds(measured)
        is_sold_out = values["available"] is not None and values["available"] <= 0
        left_text = ""
        if campaign.state not in ("draft", "scheduled", "open"):
            # Over: nobody asks any more what is left.
            is_sold_out = False
        elif is_sold_out:
            left_text = self.env._("Sold out")
        elif values["available"] is not None:
            left_text = self.env._(
                "%(quantity)s %(unit)s left",
                quantity=campaign._format_number(values["available"]),
                unit=self._get_unit_name(),
            )
        return {
            "price_text": self.currency_id.format(values["price"]),
            "is_lower": values["price"] < self.start_price,
            "missing_text": self._get_missing_text(values),
            "left_text": left_text,
            "sold_text": (
                self.env._(
                    "%(quantity)s %(unit)s ordered",
                    quantity=campaign._format_number(values["sold"]),
                    unit=self._get_unit_name(),
                )
                if values["sold"]
                else ""
            ),
            "is_sold_out": is_sold_out,
            "step": sum(
                threshold <= measured for threshold, _price in self._get_tiers()
            ),
            "percent": (
                int((measured - start) / (goal - start) * 100) if goal else 100
            ),
        }

    def _get_shown_measure(self, values):
        """Return how far the ladder of the page has been climbed.

        A ladder that each group climbs on its own is shown from its start: which
        group a visitor will join is only known at the checkout.
        """
        self.ensure_one()
        return values["measured"] if self.tier_scope == "campaign" else 0.0

    def _get_step_bounds(self, measured):
        """Return the thresholds below and above a measure; 0 where there is none."""
        thresholds = [threshold for threshold, _price in self._get_tiers()]
        return (
            max((value for value in thresholds if value <= measured), default=0.0),
            min((value for value in thresholds if value > measured), default=0.0),
        )

    def _get_missing_text(self, values):
        """Return what is missing for the next lower price, as a sentence."""
        self.ensure_one()
        if values["missing"] is None:
            return self.env._("Lowest price reached") if self._get_tiers() else ""
        shown = {
            "missing": self.campaign_id._format_measure(
                self.tier_measure, values["missing"]
            ),
            "price": self.currency_id.format(values["next_price"]),
            "unit": self._get_unit_name(),
        }
        if self.tier_scope == "group":
            return self.env._(
                "From %(threshold)s at a pickup point on: %(price)s",
                threshold=self._format_threshold(self.next_threshold),
                price=shown["price"],
            )
        if self.tier_measure == "people":
            return self.env._("%(missing)s more people for %(price)s", **shown)
        if self.tier_measure == "quantity":
            return self.env._("%(missing)s %(unit)s more for %(price)s", **shown)
        return self.env._("%(missing)s more in orders for %(price)s", **shown)

    def _get_rule_texts(self):
        """Return the limits that a resident should know before ordering.

        :return: Short texts in the visitor's language.
        :rtype: list[str]
        """
        self.ensure_one()
        campaign = self.campaign_id
        texts = []
        if self.limit_per_resident:
            texts.append(
                self.env._(
                    "at most %s for each resident",
                    campaign._format_number(self.limit_per_resident),
                )
            )
        if self.min_per_order:
            texts.append(
                self.env._("at least %s", campaign._format_number(self.min_per_order))
            )
        return texts

    def _get_max_quantity(self, available):
        """Return the largest quantity that the quantity box accepts.

        Only a help for the visitor: what may really be ordered is checked when it is
        claimed.

        :param float available: What is left; None without a limit.
        :rtype: int
        """
        self.ensure_one()
        limits = [
            limit
            for limit in (available, self.limit_per_resident or None)
            if limit is not None
        ]
        return int(max(min(limits, default=999), 1))
