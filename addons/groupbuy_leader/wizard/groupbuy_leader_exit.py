# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.groupbuy_leader_exit import COMING_STATES


class GroupBuyLeaderExit(models.TransientModel):
    """What a leader hands over, and to whom: looked at before it is done."""

    _name = "groupbuy.leader.exit"
    _description = "Hand Over and Leave"

    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="leader_id.company_id")
    line_ids = fields.One2many(
        comodel_name="groupbuy.leader.exit.line",
        inverse_name="wizard_id",
        string="Points",
    )
    successor_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        string="Residents Go To",
        compute="_compute_successor_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id), ('id', '!=', leader_id),"
        " ('state', 'in', ('active', 'warned'))]",
        help="Empty: the residents belong to no leader until they choose one.",
    )
    resident_count = fields.Integer(related="leader_id.resident_count")
    reason = fields.Text(help="For the history; the leader does not read it.")

    @api.depends("line_ids.target_id")
    def _compute_successor_id(self):
        for wizard in self:
            wizard.successor_id = wizard.line_ids.target_id[:1].leader_id

    @api.model_create_multi
    def create(self, vals_list):
        """List the leader's points."""
        wizards = super().create(vals_list)
        for wizard in wizards.filtered(lambda wizard: not wizard.line_ids):
            points = wizard.leader_id.with_context(active_test=False).point_ids
            wizard.line_ids = [
                Command.create({"point_id": point.id}) for point in points
            ]
        return wizards

    def action_confirm(self):
        """Hand everything over.

        :return: The action that opens the leader.
        :rtype: dict
        """
        self.ensure_one()
        leader = self.leader_id
        leader._check_manager()
        if self.line_ids.point_id - leader.with_context(active_test=False).point_ids:
            raise UserError(self.env._("The points have changed. Open this again."))
        leader._leave(
            {line.point_id: line.target_id for line in self.line_ids if line.target_id},
            self.successor_id,
            self.reason,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "groupbuy.leader",
            "res_id": leader.id,
            "view_mode": "form",
        }


class GroupBuyLeaderExitLine(models.TransientModel):
    """A point of the leader, and the one that takes over."""

    _name = "groupbuy.leader.exit.line"
    _description = "Point Handed Over"

    wizard_id = fields.Many2one(
        comodel_name="groupbuy.leader.exit", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="wizard_id.company_id")
    leader_id = fields.Many2one(related="wizard_id.leader_id")
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    target_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Taken Over By",
        domain="[('company_id', '=', company_id), ('id', '!=', point_id),"
        " ('leader_id', '!=', leader_id), ('is_paused', '=', False)]",
    )
    campaign_text = fields.Char(string="Open Campaigns", compute="_compute_preview")
    order_count = fields.Integer(string="Orders to Collect", compute="_compute_preview")
    people_count = fields.Integer(string="Residents", compute="_compute_preview")
    goods_text = fields.Char(string="Goods Lying There", compute="_compute_preview")

    @api.depends("point_id")
    def _compute_preview(self):
        for line in self:
            leader = line.leader_id.sudo()
            orders = leader._get_open_orders(line.point_id)
            joined = orders.filtered(lambda order: order.groupbuy_state != "cart")
            campaigns = (
                self.env["groupbuy.campaign"]
                .sudo()
                .search(
                    [
                        ("pickup_point_ids", "in", line.point_id.ids),
                        ("state", "in", COMING_STATES),
                    ]
                )
                | joined.groupbuy_campaign_id
            )
            goods = (
                self.env["stock.quant"]
                .sudo()
                ._read_group(
                    [("location_id", "child_of", line.point_id.sudo().location_id.id)],
                    ["product_id"],
                    ["quantity:sum"],
                )
            )
            line.campaign_text = ", ".join(campaigns.mapped("name"))
            line.order_count = len(joined)
            line.people_count = len(joined.partner_id)
            line.goods_text = ", ".join(
                f"{product.display_name}: {quantity:g}"
                for product, quantity in goods
                if quantity
            )
