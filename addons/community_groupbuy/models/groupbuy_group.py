# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import secrets

from odoo import api, fields, models


class GroupBuyGroup(models.Model):
    """The joiners who share one fate and one pickup point."""

    _name = "groupbuy.group"
    _description = "Group"
    _order = "campaign_id desc, id"
    _check_company_auto = True

    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    currency_id = fields.Many2one(related="campaign_id.currency_id")
    pickup_point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        index="btree_not_null",
        check_company=True,
        help="Empty for the joiners whose goods are delivered to their door.",
    )
    initiator_id = fields.Many2one(comodel_name="res.partner", index="btree_not_null")
    name = fields.Char(compute="_compute_name")
    share_token = fields.Char(
        required=True,
        copy=False,
        readonly=True,
        default=lambda self: self._default_share_token(),
        groups="community_groupbuy.group_groupbuy_user",
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("succeeded", "Succeeded"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="open",
        index=True,
    )
    order_ids = fields.One2many(
        comodel_name="sale.order", inverse_name="groupbuy_group_id"
    )
    people_count = fields.Integer(string="People", compute="_compute_tallies")
    order_count = fields.Integer(string="Orders", compute="_compute_tallies")
    quantity_sum = fields.Float(
        string="Quantity", digits="Product Unit", compute="_compute_tallies"
    )
    amount_sum = fields.Monetary(string="Amount", compute="_compute_tallies")

    _share_token_uniq = models.UniqueIndex("(share_token)")
    _point_uniq = models.UniqueIndex(
        "(campaign_id, COALESCE(pickup_point_id, 0)) WHERE initiator_id IS NULL",
        "A campaign has one group for a pickup point.",
    )

    @api.model
    def _default_share_token(self):
        return secrets.token_urlsafe(12)

    @api.depends("campaign_id.name", "pickup_point_id.name", "initiator_id.name")
    def _compute_name(self):
        for group in self:
            group.name = (
                group.initiator_id.name
                or group.pickup_point_id.name
                or self.env._("Home delivery")
            )

    @api.depends("campaign_id.name", "name")
    def _compute_display_name(self):
        for group in self:
            group.display_name = f"{group.campaign_id.name} / {group.name}"

    def _compute_tallies(self):
        tallies = self._get_tallies()
        for group in self:
            tally = tallies.get(group.id, {})
            group.people_count = tally.get("people", 0)
            group.order_count = tally.get("orders", 0)
            group.quantity_sum = tally.get("quantity", 0.0)
            group.amount_sum = tally.get("amount", 0.0)

    def _get_tallies(self):
        """Count who has joined each group, from the paid holds.

        :return: Group id → people, orders, quantity, and amount in the currency of
            the company, tax included.
        :rtype: dict[int, dict]
        """
        if not self.ids:
            return {}
        self.env["groupbuy.hold"].flush_model()
        self.env.cr.execute(
            """
            SELECT group_id, COUNT(DISTINCT partner_id), COUNT(DISTINCT order_id),
                   SUM(quantity), SUM(amount)
              FROM groupbuy_hold
             WHERE campaign_id = ANY(%s) AND group_id = ANY(%s) AND state = 'paid'
             GROUP BY group_id
            """,
            [self.campaign_id.ids, self.ids],
        )
        return {
            group_id: {
                "people": people,
                "orders": orders,
                "quantity": float(quantity),
                "amount": float(amount or 0),
            }
            for group_id, people, orders, quantity, amount in self.env.cr.fetchall()
        }
