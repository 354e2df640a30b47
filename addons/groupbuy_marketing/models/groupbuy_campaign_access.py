# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class GroupBuyCampaign(models.Model):
    """Who may join a campaign before others, or alone."""

    _inherit = "groupbuy.campaign"

    public_at = fields.Datetime(
        string="Open to Everybody",
        copy=False,
        help="Until then only residents whose level has an early access may join, each"
        " level by its own hours before this moment. Empty: no early access.",
    )
    segment_ids = fields.Many2many(
        comodel_name="groupbuy.segment",
        relation="groupbuy_campaign_segment_rel",
        string="Segments",
        # An archived segment still restricts, and what restricts is not deleted: else
        # the campaign would be for everybody.
        context={"active_test": False},
        ondelete="restrict",
        help="Offered to residents of these segments only. Empty: to all.",
    )

    _public_order = models.Constraint(
        "CHECK (public_at IS NULL OR (public_at >= open_at AND public_at < close_at))",
        "A campaign opens to everybody after its opening and before its close.",
    )

    @api.constrains("segment_ids", "company_id")
    def _check_segment_company(self):
        for campaign in self:
            if any(s.company_id != campaign.company_id for s in campaign.segment_ids):
                raise ValidationError(
                    self.env._("A segment of another company cannot be used here.")
                )

    @api.model
    def _get_company_ids(self):
        """Return the companies that have campaigns.

        :rtype: list[int]
        """
        return [
            company.id
            for [company] in self.sudo()
            .with_context(active_test=False)
            ._read_group([], ["company_id"])
        ]

    def _get_early_opening(self, level):
        """Return from when on residents of a level may join.

        :param groupbuy.level level: A level, or nothing.
        :rtype: datetime
        """
        self.ensure_one()
        if not self.public_at:
            return self.open_at
        early = self.public_at - timedelta(hours=level.early_hours if level else 0)
        return max(early, self.open_at)

    def _groupbuy_get_refusal(self, partner):
        """Override of `community_groupbuy`: early access, and segments.

        :param res.partner partner: The resident; nobody while still anonymous.
        """
        if refusal := super()._groupbuy_get_refusal(partner):
            return refusal
        # Elevated: residents have no rights on levels and segments.
        campaign = self.sudo()
        if campaign.segment_ids and not campaign.segment_ids._contains(partner):
            if not partner:
                return self.env._(
                    "%s is offered to some residents only. Please sign in first.",
                    campaign.name,
                )
            return self.env._(
                "%s is offered to other residents. Have a look at the campaigns that"
                " are open to all.",
                campaign.name,
            )
        if not campaign.public_at or fields.Datetime.now() >= campaign.public_at:
            return ""
        level = (
            partner._groupbuy_get_level(campaign.company_id)
            if partner
            else self.env["groupbuy.level"]
        )
        opening = campaign._get_early_opening(level)
        if fields.Datetime.now() >= opening and (level or opening < campaign.public_at):
            return ""
        if not partner:
            return self.env._(
                "%(campaign)s opens to everybody on %(date)s. Sign in to see whether"
                " your level may join before.",
                campaign=campaign.name,
                date=campaign._format_local(campaign.public_at),
            )
        return self.env._(
            "%(campaign)s opens for you on %(date)s.",
            campaign=campaign.name,
            date=campaign._format_local(opening),
        )

    def _groupbuy_get_access_note(self, partner):
        """Return what a visitor of the page should know before joining.

        :param res.partner partner: The visitor; nobody while anonymous.
        :return: A sentence, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        if self.state not in ("scheduled", "open"):
            return ""
        if refusal := self._groupbuy_get_refusal(partner):
            return refusal
        if self.public_at and fields.Datetime.now() < self.public_at:
            return self.env._(
                "Early access: your level may join before everybody else, who can from"
                " %s on.",
                self._format_local(self.public_at),
            )
        return ""

    @api.model
    def _get_listed_domain(self, website, community=None):
        """Override of `community_groupbuy` to list what a segment is offered to it."""
        domain = super()._get_listed_domain(website, community)
        user = self.env.user
        segments = (
            [] if user._is_public() else user.partner_id.sudo().groupbuy_segment_ids.ids
        )
        return domain & (
            Domain("segment_ids", "=", False) | Domain("segment_ids", "in", segments)
        )
