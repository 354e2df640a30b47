# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.community_groupbuy.utils import has_privilege

# What residents are promised at joining about goods that they do not collect.
PROMISES = frozenset(
    (
        "unclaimed_rule",
        "unclaimed_days",
        "unclaimed_point_id",
        "unclaimed_fee_kind",
        "unclaimed_fee_percent",
        "unclaimed_fee_amount",
    )
)


class GroupBuyCampaign(models.Model):
    """What becomes of goods that nobody collects."""

    _inherit = "groupbuy.campaign"

    unclaimed_rule = fields.Selection(
        selection=[
            ("return", "Return to stock"),
            ("stay", "Keep longer, then return to stock"),
            ("transfer", "Bring to another point, then return to stock"),
        ],
        string="Goods Not Collected",
        required=True,
        default="return",
        tracking=True,
        help="What happens after the pickup window. What is returned to stock is"
        " refunded, less the fee.",
    )
    unclaimed_days = fields.Integer(
        string="Days Longer",
        default=3,
        tracking=True,
        help="How long they are kept, or can be collected at the other point.",
    )
    unclaimed_point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Other Point",
        check_company=True,
        tracking=True,
    )
    unclaimed_fee_kind = fields.Selection(
        selection=[
            ("none", "No fee"),
            ("percent", "Percent of the goods"),
            ("amount", "Amount for each resident"),
        ],
        string="Fee",
        required=True,
        default="none",
        tracking=True,
        help="What is kept of the refund. Residents read it before they join.",
    )
    unclaimed_fee_percent = fields.Float(
        string="Fee Percent", digits=(5, 2), tracking=True
    )
    unclaimed_fee_amount = fields.Monetary(
        string="Fee Amount", tracking=True, help="Tax included."
    )
    reminder_hours = fields.Integer(
        string="Reminder",
        default=24,
        help="Hours before the end of the pickup window; 0 sends none.",
    )
    verification_count = fields.Integer(
        string="Verifications", compute="_compute_verification_count"
    )

    _unclaimed_bounds = models.Constraint(
        "CHECK (COALESCE(unclaimed_days, 0) BETWEEN 0 AND 60"
        " AND COALESCE(unclaimed_fee_percent, 0) BETWEEN 0 AND 100"
        " AND COALESCE(unclaimed_fee_amount, 0) >= 0"
        " AND COALESCE(reminder_hours, 0) BETWEEN 0 AND 240)",
        "Goods are kept for up to 60 days, a fee is 0 to 100 % or no negative amount,"
        " and a reminder is sent up to 240 hours before.",
    )

    def _compute_verification_count(self):
        counts = dict(
            self.env["groupbuy.verification"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]
            )
        )
        for campaign in self:
            campaign.verification_count = counts.get(campaign, 0)

    @api.constrains("unclaimed_rule", "unclaimed_point_id", "unclaimed_days")
    def _check_unclaimed_rule(self):
        for campaign in self:
            if campaign.unclaimed_rule == "return":
                continue
            if campaign.unclaimed_days < 1:
                raise ValidationError(
                    self.env._("Goods that are kept longer are kept for a day or more.")
                )
            if campaign.unclaimed_rule == "transfer" and (
                not campaign.unclaimed_point_id
            ):
                raise ValidationError(
                    self.env._(
                        "Choose the point to which goods that are not collected are"
                        " brought."
                    )
                )

    def write(self, vals):
        """Keep what residents were promised when they joined."""
        changed = PROMISES & vals.keys()
        if changed and not has_privilege(self.env.context, "groupbuy_system_write"):
            self.filtered(
                lambda campaign: campaign.state not in ("draft", "scheduled")
            )._check_unclaimed_promises(vals)
        return super().write(vals)

    def _check_unclaimed_promises(self, vals):
        """Refuse to make worse what joiners were told about unclaimed goods.

        :param dict vals: What is about to be written.
        :raise UserError: If a fee rises, a time becomes shorter, or the rule changes
            to anything but a longer stay.
        """
        for campaign in self:
            new = {
                name: vals.get(name, campaign[name])
                for name in PROMISES - {"unclaimed_point_id"}
            }
            rank = {"return": 0, "transfer": 1, "stay": 1}
            is_worse = (
                rank.get(new["unclaimed_rule"], 0) < rank[campaign.unclaimed_rule]
                or (
                    campaign.unclaimed_rule != "return"
                    and new["unclaimed_days"] < campaign.unclaimed_days
                )
                or (
                    campaign.unclaimed_rule == "transfer"
                    and vals.get("unclaimed_point_id", campaign.unclaimed_point_id.id)
                    != campaign.unclaimed_point_id.id
                )
                or (
                    new["unclaimed_fee_kind"] != "none"
                    and (
                        new["unclaimed_fee_kind"] != campaign.unclaimed_fee_kind
                        or new["unclaimed_fee_percent"] > campaign.unclaimed_fee_percent
                        or new["unclaimed_fee_amount"] > campaign.unclaimed_fee_amount
                    )
                )
            )
            if is_worse:
                raise UserError(
                    self.env._(
                        "Residents joined under other terms for goods that they do not"
                        " collect. A fee can fall and a stay become longer, not the"
                        " other way round."
                    )
                )

    def _get_last_pickup(self):
        """Return the last moment at which goods of the campaign can be collected.

        :return: Naive UTC; False for no campaign.
        :rtype: datetime
        """
        if self.unclaimed_rule == "stay":
            return self.pickup_until + timedelta(days=self.unclaimed_days)
        return self.pickup_until

    def _get_unclaimed_terms(self):
        """Return what happens to goods that are not collected, for residents.

        :rtype: str
        """
        self.ensure_one()
        if self.unclaimed_rule == "stay":
            what = self.env._(
                "Goods that are not collected by %(until)s are kept for %(days)s more"
                " days, then they go back.",
                until=self._format_local(self.pickup_until),
                days=self.unclaimed_days,
            )
        elif self.unclaimed_rule == "transfer":
            what = self.env._(
                "Goods that are not collected by %(until)s are brought to %(point)s,"
                " where they can be collected for %(days)s more days; then they go"
                " back.",
                until=self._format_local(self.pickup_until),
                point=self.unclaimed_point_id.sudo().name,
                days=self.unclaimed_days,
            )
        else:
            what = self.env._(
                "Goods that are not collected by %s go back.",
                self._format_local(self.pickup_until),
            )
        return f"{what} {self._get_unclaimed_fee_text()}"

    def _get_unclaimed_fee_text(self):
        """Return what is kept of the refund, as a sentence.

        :rtype: str
        """
        self.ensure_one()
        if self.unclaimed_fee_kind == "percent" and self.unclaimed_fee_percent:
            return self.env._(
                "You get your money back, less a fee of %s %% of the goods.",
                f"{self.unclaimed_fee_percent:g}",
            )
        if self.unclaimed_fee_kind == "amount" and self.unclaimed_fee_amount:
            return self.env._(
                "You get your money back, less a fee of %s.",
                self.currency_id.format(self.unclaimed_fee_amount),
            )
        return self.env._("You get all your money back.")

    def _get_unclaimed_fee(self, order, value):
        """Return the fee for goods of an order, never more than they cost.

        :param sale.order order: The order.
        :param float value: What the goods cost, tax included, in its currency.
        :return: In the order's currency.
        :rtype: float
        """
        self.ensure_one()
        fee = 0.0
        if self.unclaimed_fee_kind == "percent":
            fee = value * self.unclaimed_fee_percent / 100
        elif self.unclaimed_fee_kind == "amount":
            fee = self.currency_id._convert(
                self.unclaimed_fee_amount,
                order.currency_id,
                order.company_id,
                fields.Date.context_today(self),
            )
        return order.currency_id.round(min(fee, value))

    def _get_quantities_by_point(self, role):
        """Override of `community_groupbuy`: goods that nobody collected.

        What was sent on to another point is still what the orders of the first one
        asked for, and was brought there once; the transfer between the points is
        beyond the orders. What went back is at the point no longer. So a later order
        is brought in full.
        """
        quantities = super()._get_quantities_by_point(role)
        if role == "to_resident":
            # Counted where it was ordered, wherever it is collected now.
            query = SQL(
                """
                SELECT p.groupbuy_point_id, o.groupbuy_point_id, m.product_id,
                       SUM(m.product_qty)
                  FROM stock_picking p
                  JOIN stock_move m ON m.picking_id = p.id
                  JOIN sale_order_line l ON l.id = m.sale_line_id
                  JOIN sale_order o ON o.id = l.order_id
                 WHERE p.groupbuy_campaign_id = %s
                   AND p.groupbuy_role = 'to_resident'
                   AND p.groupbuy_is_extra IS NOT TRUE AND m.state != 'cancel'
                   AND o.groupbuy_point_id != p.groupbuy_point_id
                 GROUP BY p.groupbuy_point_id, o.groupbuy_point_id, m.product_id
                """,
                self.id,
            )
        else:
            query = SQL(
                """
                SELECT p.groupbuy_point_id, NULL, m.product_id, SUM(m.product_qty)
                  FROM stock_picking p
                  JOIN stock_move m ON m.picking_id = p.id
                 WHERE p.groupbuy_campaign_id = %s AND p.groupbuy_role = 'from_point'
                   AND p.groupbuy_is_extra IS NOT TRUE AND m.state != 'cancel'
                 GROUP BY p.groupbuy_point_id, m.product_id
                """,
                self.id,
            )
        # The query of the core has flushed what this one reads.
        self.env.cr.execute(query)
        for here, ordered, product_id, quantity in self.env.cr.fetchall():
            for point_id, change in ((here, -quantity), (ordered, quantity)):
                if point_id:
                    key = (point_id, product_id)
                    quantities[key] = quantities.get(key, 0.0) + float(change)
        return quantities

    def action_view_verifications(self):
        """Open what was handed out of this campaign.

        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_verification.groupbuy_verification_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        action["context"] = {}
        return action
