# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from odoo.addons.community_groupbuy.const import BEARERS

from ..models.groupbuy_case import OUTCOMES

# Outcomes that need no goods of an order.
NO_GOODS = ("coupon", "wallet", "reject")


class GroupBuyCaseDecide(models.TransientModel):
    """The dialog in which staff decide a case."""

    _name = "groupbuy.case.decide"
    _description = "Decide a Case"

    case_id = fields.Many2one(
        comodel_name="groupbuy.case", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="case_id.currency_id")
    goods_value = fields.Monetary(
        string="The Goods Cost",
        compute="_compute_goods_value",
        help="What the goods of the case still cost, tax included.",
    )
    outcome = fields.Selection(
        selection=OUTCOMES,
        required=True,
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
    )
    borne_by = fields.Selection(
        selection=BEARERS,
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="Who bears what it costs.",
    )
    amount = fields.Monetary(help="Tax included.")
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Instead",
        domain="[('sale_ok', '=', True), ('type', '=', 'consu')]",
        help="What is handed out instead, if it is not the same product.",
    )
    return_to = fields.Selection(
        selection=[("point", "Pickup Point"), ("warehouse", "Warehouse")],
        required=True,
        default="point",
        string="Brought To",
    )
    goods_are_back = fields.Boolean(
        string="The Goods Are Here",
        help="The resident has brought them already: the money goes back at once.",
    )
    note = fields.Text(string="What the Resident Is Told")

    @api.depends("case_id")
    def _compute_goods_value(self):
        for dialog in self:
            dialog.goods_value = dialog.case_id._get_goods_value()

    @api.depends("case_id")
    def _compute_defaults(self):
        for dialog in self:
            case = dialog.case_id
            outcome = case.type_id.default_outcome or "refund"
            if not case.line_ids.order_line_id and outcome not in NO_GOODS:
                # Without goods of an order there is nothing to refund or replace.
                outcome = "wallet" if case.order_id else "reject"
            dialog.outcome = outcome
            dialog.borne_by = case.borne_by or case.type_id.default_borne_by

    def action_apply(self):
        """Decide the case as the dialog says."""
        self.ensure_one()
        self.case_id.check_access("write")
        self.case_id._decide(
            self.outcome,
            level="staff",
            note=self.note,
            amount=self.amount,
            borne_by=self.borne_by,
            product=self.product_id
            if self.outcome in ("exchange", "replacement")
            else None,
            goods_are_back=self.goods_are_back,
            return_to=self.return_to,
        )
        return {"type": "ir.actions.act_window_close"}
