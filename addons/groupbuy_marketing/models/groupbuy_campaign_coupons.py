# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GroupBuyCampaign(models.Model):
    """Which offers go with a campaign, and what its success is rewarded with."""

    _inherit = "groupbuy.campaign"

    coupon_policy = fields.Selection(
        selection=[
            ("programs", "As the programs say"),
            ("one", "One for each order"),
            ("none", "None"),
        ],
        string="Coupons and Promotions",
        required=True,
        default="programs",
        help="Wallets and gift cards are payments and always accepted.",
    )
    success_program_id = fields.Many2one(
        comodel_name="loyalty.program",
        string="Success Coupon",
        domain="[('program_type', '=', 'coupons'),"
        " ('company_id', 'in', (False, company_id))]",
        index="btree_not_null",
        ondelete="restrict",
        help="Each resident whose group succeeds gets one such coupon, such as a coffee"
        " at a local merchant's.",
    )
    success_coupon_days = fields.Integer(
        string="Coupon Lasts", default=30, help="Days after it was given; 0: no end."
    )
    success_coupon_count = fields.Integer(
        string="Coupons Given", compute="_compute_success_coupon_count"
    )

    _success_coupon_days_positive = models.Constraint(
        "CHECK (COALESCE(success_coupon_days, 0) >= 0)",
        "A coupon cannot last less than no day.",
    )

    def _compute_success_coupon_count(self):
        counts = dict(
            self.env["groupbuy.coupon.issue"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]
            )
        )
        for campaign in self:
            campaign.success_coupon_count = counts.get(campaign, 0)

    @api.constrains("success_program_id", "company_id")
    def _check_success_program(self):
        for campaign in self:
            # Elevated: whoever makes campaigns need not own the shop's programs.
            program = campaign.success_program_id.sudo()
            if not program:
                continue
            if program.program_type != "coupons":
                raise ValidationError(
                    self.env._("%s: choose a program of coupons.", program.name)
                )
            if program.company_id and program.company_id != campaign.company_id:
                raise ValidationError(
                    self.env._("%s belongs to another company.", program.name)
                )

    def _groupbuy_get_success_text(self):
        """Return what joiners get when their group succeeds, for the campaign's page.

        :return: A sentence in the reader's language, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        # Elevated: visitors have no rights on programs; what is promised is public.
        program = self.sudo().success_program_id
        if not program.active or self.state not in ("scheduled", "open"):
            return ""
        if program.groupbuy_merchant_id:
            return self.env._(
                "When the group succeeds, each joiner gets a coupon: %(gift)s at"
                " %(merchant)s.",
                gift=program.groupbuy_gift,
                merchant=program.groupbuy_merchant_id.name,
            )
        return self.env._(
            "When the group succeeds, each joiner gets a coupon: %s.", program.name
        )

    def _groupbuy_sync_success_coupons(self, partners):
        """Give residents the campaign's success coupon, or withdraw it.

        Entitled is who has a confirmed order in the campaign; one coupon each, however
        many orders. Derived anew each time, so that repeating it changes nothing. What
        a merchant or an order has used is not taken back.

        :param res.partner partners: Residents whose orders were confirmed or cancelled.
        """
        self.ensure_one()
        program = self.success_program_id
        issues = self.env["groupbuy.coupon.issue"].sudo()
        entitled = self.env["res.partner"].browse(
            partner.id
            for [partner] in self.env["sale.order"]._read_group(
                [
                    ("groupbuy_campaign_id", "=", self.id),
                    ("groupbuy_state", "=", "confirmed"),
                    ("partner_id", "in", partners.ids),
                ],
                ["partner_id"],
            )
        )
        if program and program.active:
            cards = issues._issue(
                program,
                entitled,
                "success",
                f"success/{self.id}/{program.id}",
                self.company_id,
                campaign=self,
                days=self.success_coupon_days,
            )
            cards._groupbuy_tell_owners()
        given = issues.search(
            [
                ("campaign_id", "=", self.id),
                ("kind", "=", "success"),
                ("partner_id", "in", partners.ids),
            ]
        )
        unused = given.filtered(lambda issue: issue.card_id.points > 0)
        # Writing the rows makes a redemption at the same moment fail to serialise.
        withdrawn = unused.filtered(lambda issue: issue.partner_id not in entitled)
        again = unused - withdrawn
        withdrawn.card_id.filtered("active").active = False
        again.card_id.filtered(lambda card: not card.active).active = True
