# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import secrets

import pytz

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL
from odoo.tools.misc import hmac

from ..const_sharing import TOKEN

# Visits that one step of the scheduled job copies.
SLICE = 500


class GroupBuyShareLink(models.Model):
    """The link by which a resident shares a campaign or a team.

    Its token is random and says nothing about the resident. Visits are facts
    (`groupbuy.share.visit`), orders keep by which link they came; what is shown of both
    is counted from them.
    """

    _name = "groupbuy.share.link"
    _description = "Shared Link"
    _order = "id desc"
    _rec_name = "token"

    token = fields.Char(required=True, readonly=True, copy=False)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Shared By",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    group_id = fields.Many2one(
        comodel_name="groupbuy.group",
        string="Team",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    role = fields.Selection(
        selection=[("leader", "Leader"), ("resident", "Resident")],
        required=True,
        readonly=True,
        help="What whoever shares was when the link was made: a leader manages a pickup"
        " point of the campaign.",
    )
    pickup_point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The pickup point that a leader manages.",
    )
    tracker_id = fields.Many2one(
        comodel_name="link.tracker",
        string="Link Tracker",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Where Odoo's own statistics show the visits; made with the first visit.",
    )
    visit_ids = fields.One2many(
        comodel_name="groupbuy.share.visit", inverse_name="link_id"
    )
    visit_count = fields.Integer(
        string="Visits", compute="_compute_visits", help="Visitors of each day."
    )
    visitor_count = fields.Integer(string="Visitors", compute="_compute_visits")
    resident_count = fields.Integer(
        string="Residents", compute="_compute_visits", help="Visitors with an account."
    )
    order_ids = fields.One2many(
        comodel_name="sale.order", inverse_name="groupbuy_share_link_id"
    )
    order_count = fields.Integer(
        string="Orders", compute="_compute_order_count", help="Paid group orders."
    )

    _token_uniq = models.UniqueIndex("(token)")
    _owner_uniq = models.UniqueIndex(
        "(partner_id, campaign_id, COALESCE(group_id, 0))",
        "A resident has one link for a campaign or team.",
    )

    def _compute_visits(self):
        counts = self._get_visit_counts()
        for link in self:
            visits, visitors, residents = counts.get(link.id, (0, 0, 0))
            link.visit_count = visits
            link.visitor_count = visitors
            link.resident_count = residents

    def _get_visit_counts(self):
        """Count the visits of links, in one query.

        :return: Link id → visits, different visitors, and those of them who have an
            account.
        :rtype: dict[int, tuple[int, int, int]]
        """
        if not self.ids:
            return {}
        return {
            link_id: (visits, visitors, residents)
            for link_id, visits, visitors, residents in self.env.execute_query(
                SQL(
                    """
                    SELECT link_id, COUNT(*), COUNT(DISTINCT visitor),
                           COUNT(DISTINCT visitor) FILTER (WHERE is_resident)
                      FROM groupbuy_share_visit
                     WHERE link_id = ANY(%s)
                     GROUP BY link_id
                    """,
                    self.ids,
                )
            )
        }

    def _compute_order_count(self):
        counts = dict(
            self.env["sale.order"]
            # Elevated: a count, of links that may be read.
            .sudo()
            ._read_group(
                [
                    ("groupbuy_share_link_id", "in", self.ids),
                    ("groupbuy_state", "in", ("waiting", "confirmed")),
                ],
                ["groupbuy_share_link_id"],
                ["__count"],
            )
        )
        for link in self:
            link.order_count = counts.get(link._origin, 0)

    # === MAKING AND FINDING === #

    @api.model
    def _get_link(self, partner, campaign, team=None):
        """Return a resident's link for a campaign or team, made when there is none.

        Why it is safe: of two requests at once one inserts; the other waits at the
        unique index, fails to serialise, is repeated by Odoo and finds the link.

        :param res.partner partner: The resident.
        :param groupbuy.campaign campaign: A campaign that the resident may see.
        :param groupbuy.group team: A team of it.
        :return: The link, with elevated rights.
        :rtype: groupbuy.share.link
        """
        links = self.sudo()
        team = team or self.env["groupbuy.group"]
        domain = [
            ("partner_id", "=", partner.id),
            ("campaign_id", "=", campaign.id),
            ("group_id", "=", team.id),
        ]
        if link := links.search(domain, limit=1):
            return link
        point = links._find_managed_point(partner, campaign)
        self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_share_link (
                       token, partner_id, campaign_id, group_id, company_id, role,
                       pickup_point_id, create_uid, create_date, write_uid, write_date)
                VALUES (%(token)s, %(partner)s, %(campaign)s, %(team)s, %(company)s,
                        %(role)s, %(point)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s,
                        now() AT TIME ZONE 'UTC')
                ON CONFLICT DO NOTHING RETURNING id
                """,
                token=secrets.token_urlsafe(12),
                partner=partner.id,
                campaign=campaign.id,
                team=team.id or None,
                company=campaign.company_id.id,
                role="leader" if point else "resident",
                point=point.id or None,
                uid=self.env.uid,
            )
        )
        return links.search(domain, limit=1)

    def _find_managed_point(self, partner, campaign):
        """Return the pickup point of a campaign that a contact manages, if any."""
        return campaign.sudo().pickup_point_ids.filtered(
            lambda point: partner in point.manager_user_ids.partner_id
        )[:1]

    @api.model
    def _find_by_token(self, token, website):
        """Look up a link that a browser named.

        :param token: Anything.
        :param website website: The website that was asked.
        :return: A link to a campaign that the website shows, with elevated rights, or
            nothing.
        :rtype: groupbuy.share.link
        """
        links = self.sudo()
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            return links
        link = links.search([("token", "=", token)], limit=1)
        campaigns = self.env["groupbuy.campaign"]
        return link.filtered(
            lambda link: campaigns._find_for_website(website, link.campaign_id.id)
        )

    def _get_url(self, website):
        """Return the absolute address to share, in the language of `env`.

        :param website website: The website.
        :rtype: str
        """
        self.ensure_one()
        path = f"/s/{self.token}"
        if request:
            path = self.env["ir.http"]._url_for(path)
        return website.get_base_url() + path

    def _get_target(self):
        """Return where the link leads: the campaign's or the team's page.

        :rtype: str
        """
        self.ensure_one()
        team = self.group_id
        if team and team.team_started_at:
            return team._get_path()
        return self.campaign_id.website_url

    def _get_utm_values(self):
        """Return by which names Odoo notes where an order came from.

        They name the campaign and the role of who shared, nobody.

        :return: Field of `utm.mixin` → name.
        :rtype: dict[str, str]
        """
        self.ensure_one()
        source, medium = self._get_utm(self.role)
        values = {
            "campaign_id": self.campaign_id._get_utm_campaign(create=False).name,
            "source_id": source.name,
            "medium_id": medium.name,
        }
        return {name: value for name, value in values.items() if value}

    @api.model
    def _get_utm(self, role):
        """Return source and medium of the links of leaders or residents.

        Empty when somebody has deleted them.

        :param str role: "leader" or "resident".
        :rtype: tuple[utm.source, utm.medium]
        """
        find = self.sudo().env.ref
        return (
            find(f"groupbuy_marketing.utm_source_{role}", raise_if_not_found=False)
            or self.env["utm.source"],
            find("groupbuy_marketing.utm_medium_share", raise_if_not_found=False)
            or self.env["utm.medium"],
        )

    # === VISITS === #

    @api.model
    def _get_partner_visitor(self, partner):
        """Return the digest by which a resident is known again as a visitor.

        One-way: the resident cannot be read from it, neither in the cookie nor in the
        database.

        :param res.partner partner: A resident.
        :rtype: str
        """
        # Elevated: the secret is nobody's to read.
        return hmac(self.env(su=True), "groupbuy-visitor", str(partner.id))[:32]

    def _count_visit(self, partner, visitor, address):
        """Count that somebody follows the link. Its owner never counts.

        Who is signed in is known by the account, on any device, and each device keeps
        that in its cookie: an owner who signs out is still the owner.

        :param res.partner partner: Who is signed in; nobody for a stranger.
        :param str visitor: The value of the visitor's cookie.
        :param str address: The network address.
        :return: Whether the visit was counted.
        :rtype: bool
        """
        self.ensure_one()
        if partner == self.partner_id or visitor == self._get_partner_visitor(
            self.partner_id
        ):
            return False
        zone = pytz.timezone(self.campaign_id.tz or "UTC")
        day = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
        digest = ""
        if not partner and address:
            digest = hmac(
                self.env(su=True), "groupbuy-address", f"{day}/{self.id}/{address}"
            )[:32]
        visits = self.env["groupbuy.share.visit"]
        is_new = visits._count(self, day, visitor, digest, bool(partner))
        # A request that is repeated finds its visit counted, but what it wrote for the
        # task was rolled back.
        if partner and (is_new or visits._is_counted(self, day, visitor)):
            self._count_resident(partner)
        return is_new

    def _count_resident(self, partner):
        """Count a resident who came by the link for a task that asks for so many.

        Only who is known counts: signed in, or by an order that was paid. A stranger is
        a value in a cookie, and as many strangers as anybody likes are made up.

        :param res.partner partner: Who came; never the link's owner.
        """
        self.ensure_one()
        if partner == self.partner_id:
            return
        self.env["groupbuy.task"]._groupbuy_count(
            "share",
            self.partner_id,
            f"visitor/{self._get_partner_visitor(partner)}",
            company=self.campaign_id.company_id,
        )

    # === ODOO'S OWN STATISTICS === #

    @api.model
    def _cron_copy_visits(self):
        """Show new visits in Odoo's link tracker, in slices.

        In the background and not with the visit: each click writes the counter of its
        tracker, where visitors of a popular link would wait for each other.

        Why it is safe: a visit has one click at most (a unique index), and what a run
        that was killed has not committed is found again by the next.
        """
        # Elevated: run by the scheduled job.
        visits = self.env["groupbuy.share.visit"].sudo()
        commit = self.env["ir.cron"]._commit_progress
        while batch := visits._find_uncopied(SLICE):
            batch.link_id._ensure_trackers()
            self.env["link.tracker.click"].sudo().create(
                [
                    {
                        "link_id": visit.link_id.tracker_id.id,
                        "groupbuy_visit_id": visit.id,
                    }
                    for visit in batch
                ]
            )
            if not commit(processed=len(batch), remaining=int(len(batch) == SLICE)):
                return

    def _ensure_trackers(self):
        """Make the link trackers of links that have none, in one go."""
        missing = self.filtered(lambda link: not link.tracker_id)
        if not missing:
            return
        sources = {role: self._get_utm(role)[0] for role in ("leader", "resident")}
        medium = self._get_utm("resident")[1]
        utm_campaigns = missing.campaign_id._get_utm_campaign()
        by_campaign = {utm.groupbuy_campaign_id: utm for utm in utm_campaigns}
        base = {
            campaign: (campaign.website_id or campaign).get_base_url()
            for campaign in missing.campaign_id
        }
        trackers = (
            self.env["link.tracker"]
            .sudo()
            .create(
                [
                    {
                        "url": f"{base[link.campaign_id]}/s/{link.token}",
                        # With a title Odoo does not fetch the page.
                        "title": link.campaign_id.name,
                        "label": link.token,
                        "campaign_id": by_campaign[link.campaign_id].id,
                        "medium_id": medium.id,
                        "source_id": sources[link.role].id,
                    }
                    for link in missing
                ]
            )
        )
        for link, tracker in zip(missing, trackers, strict=True):
            link.tracker_id = tracker


class GroupBuyCampaign(models.Model):
    _inherit = "groupbuy.campaign"

    share_visit_count = fields.Integer(
        string="Visits by Links", compute="_compute_share_counts"
    )

    def _compute_share_counts(self):
        counts = {}
        if self.ids:
            counts = dict(
                self.env.execute_query(
                    SQL(
                        """
                        SELECT l.campaign_id, COUNT(*)
                          FROM groupbuy_share_link l
                          JOIN groupbuy_share_visit v ON v.link_id = l.id
                         WHERE l.campaign_id = ANY(%s)
                         GROUP BY l.campaign_id
                        """,
                        self.ids,
                    )
                )
            )
        for campaign in self:
            campaign.share_visit_count = counts.get(campaign._origin.id, 0)

    def _get_utm_campaign(self, create=True):
        """Return the marketing campaigns of group campaigns.

        :param bool create: Whether to make those that are missing.
        :return: With elevated rights.
        :rtype: utm.campaign
        """
        # Elevated: visitors and residents have no rights on marketing campaigns.
        utm = self.env["utm.campaign"].sudo()
        found = utm.search([("groupbuy_campaign_id", "in", self.ids)])
        missing = self - found.groupbuy_campaign_id
        if create and missing:
            found |= utm.create(
                [
                    {
                        "title": campaign.name,
                        "is_auto_campaign": True,
                        "groupbuy_campaign_id": campaign.id,
                        "user_id": (campaign.user_id or self.env.user).id,
                    }
                    for campaign in missing
                ]
            )
        return found

    def action_groupbuy_share_links(self):
        """Show the links by which the campaign is shared.

        :return: An action.
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_marketing.groupbuy_share_link_action"
        )
        return {
            **action,
            "domain": [("campaign_id", "=", self.id)],
            "context": {},
        }
