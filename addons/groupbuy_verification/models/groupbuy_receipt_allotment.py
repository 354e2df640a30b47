# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from .groupbuy_receipt_line import RESPONSIBLE_SELECTION


class GroupBuyReceiptAllotment(models.Model):
    """By how much an order line gets less because of a receipt: written once."""

    _name = "groupbuy.receipt.allotment"
    _description = "Share of a Resident in a Shortage"
    _order = "receipt_id desc, id"

    receipt_id = fields.Many2one(
        comodel_name="groupbuy.receipt",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    line_id = fields.Many2one(
        comodel_name="groupbuy.receipt.line",
        string="Receipt Line",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="receipt_id.company_id", store=True)
    campaign_id = fields.Many2one(related="receipt_id.campaign_id", store=True)
    product_id = fields.Many2one(related="line_id.product_id")
    uom_id = fields.Many2one(related="line_id.product_id.uom_id")
    order_id = fields.Many2one(
        comodel_name="sale.order",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(related="order_id.partner_id", string="Resident")
    quantity = fields.Float(
        string="Less",
        digits="Product Unit",
        readonly=True,
        help="In the unit of the product.",
    )
    kind = fields.Selection(
        selection=[("short", "Missing"), ("damaged", "Damaged")],
        required=True,
        readonly=True,
    )
    way = fields.Selection(
        selection=[("refund", "Refund"), ("replacement", "Replacement offered")],
        string="Made Good by",
        required=True,
        readonly=True,
    )
    responsible = fields.Selection(
        selection=RESPONSIBLE_SELECTION, required=True, readonly=True
    )
    offer_ids = fields.One2many(
        comodel_name="groupbuy.replacement.offer",
        inverse_name="allotment_id",
        readonly=True,
    )

    _line_uniq = models.UniqueIndex("(line_id, order_line_id, kind)")
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A resident gets less or not."
    )

    def write(self, vals):
        """Refuse changes: who got less is a fact."""
        if vals:
            raise UserError(self.env._("What was allotted cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_allotted(self):
        raise UserError(self.env._("What was allotted cannot be deleted."))
