# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


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
    coupon_used_count = fields.Integer(
        string="Offers Used", compute="_compute_coupon_figures"
    )
    coupon_amount = fields.Monetary(
        string="Taken Off",
        compute="_compute_coupon_figures",
        help="What coupons and promotions have taken off the orders that succeeded.",
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

    def _compute_coupon_figures(self):
        figures = self._get_coupon_figures()
        for campaign in self:
            values = figures.get(campaign.id, {})
            campaign.coupon_used_count = values.get("used", 0)
            campaign.coupon_amount = values.get("amount", 0.0)

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

    def _get_coupon_figures(self):
        """Return what offers were used by the campaigns' orders that succeeded.

        One query for any number of campaigns. Wallets and gift cards are payments and
        do not count. The amount is what is left of the discounts after the close and
        after what was given back, as it stands in the invoices.

        :return: Campaign id → `used` (an offer in an order counts once) and `amount`
            in the orders' currency, tax included.
        :rtype: dict[int, dict]
        """
        if not self.ids:
            return {}
        for name in ("sale.order", "sale.order.line", "loyalty.reward"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.groupbuy_campaign_id,
                       COUNT(DISTINCT (o.id, r.program_id, l.coupon_id)),
                       -SUM(l.price_total)
                  FROM sale_order o
                  JOIN sale_order_line l ON l.order_id = o.id
                  JOIN loyalty_reward r ON r.id = l.reward_id
                  JOIN loyalty_program p ON p.id = r.program_id
                 WHERE o.groupbuy_campaign_id = ANY(%s)
                   AND o.groupbuy_state = 'confirmed'
                   AND p.program_type NOT IN ('ewallet', 'gift_card')
                 GROUP BY o.groupbuy_campaign_id
                """,
                self.ids,
            )
        )
        return {
            campaign_id: {"used": used, "amount": float(amount or 0)}
            for campaign_id, used, amount in rows
        }

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
