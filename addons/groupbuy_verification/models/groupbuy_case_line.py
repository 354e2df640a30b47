# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class GroupBuyCaseLine(models.Model):
    """Goods that a case is about."""

    _name = "groupbuy.case.line"
    _description = "After-Sales Case Line"

    case_id = fields.Many2one(
        comodel_name="groupbuy.case", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id")
    currency_id = fields.Many2one(related="case_id.currency_id")
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('order_id', '=', parent.order_id),"
        " ('groupbuy_line_id', '!=', False)]",
    )
    order_id = fields.Many2one(related="order_line_id.order_id")
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
    )
    quantity = fields.Float(
        digits="Product Unit",
        required=True,
        default=1.0,
        help="In the unit of the order line.",
    )
    uom_id = fields.Many2one(
        comodel_name="uom.uom", string="Unit", compute="_compute_uom_id"
    )
    collected_quantity = fields.Float(
        string="Of It Collected",
        digits="Product Unit",
        readonly=True,
        help="What of it the resident had collected when the case was opened; the rest"
        " is what the case blocks.",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The quantity must be above zero."
    )

    @api.depends("order_line_id")
    def _compute_product_id(self):
        for line in self.filtered("order_line_id"):
            line.product_id = line.order_line_id.product_id

    @api.depends("order_line_id.product_uom_id", "product_id.uom_id")
    def _compute_uom_id(self):
        for line in self:
            line.uom_id = line.order_line_id.product_uom_id or line.product_id.uom_id

    @api.model_create_multi
    def create(self, vals_list):
        """Remember how much of the goods the resident had collected."""
        lines = super().create(vals_list)
        for line in lines.filtered("order_line_id"):
            line.collected_quantity = min(
                line.quantity, max(line.order_line_id.qty_delivered, 0.0)
            )
        lines.case_id._lock_goods()
        return lines

    @api.constrains("order_line_id", "case_id")
    def _check_order_line(self):
        for line in self.filtered("order_line_id"):
            case = line.case_id
            if case.order_id and line.order_id != case.order_id:
                raise ValidationError(
                    self.env._("These goods are part of another order.")
                )
            if case.campaign_id and (
                line.order_line_id.groupbuy_campaign_id != case.campaign_id
            ):
                raise ValidationError(
                    self.env._("These goods are part of another campaign.")
                )

    def write(self, vals):
        """Keep the goods of a case that was decided."""
        self._check_case_open()
        result = super().write(vals)
        self.case_id._lock_goods()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_case_open()

    def _check_case_open(self):
        """Refuse changes to decided cases by users; decisions run elevated."""
        if not self.env.su and self.filtered(lambda line: not line.case_id.is_open):
            raise ValidationError(
                self.env._("The goods of a decided case cannot be changed.")
            )

    def _get_price(self):
        """Return what was paid for the goods of the line, less what was returned.

        :return: Tax included, in the order's currency.
        :rtype: float
        """
        self.ensure_one()
        return self.order_line_id._groupbuy_get_paid_for(self.quantity)

    def _get_worth(self):
        """Return what handing the goods out once more is worth.

        :return: Tax included, in the order's currency; the price as it was sold at,
            whatever was given back of it.
        :rtype: float
        """
        self.ensure_one()
        line = self.order_line_id
        if not line.product_uom_qty:
            return 0.0
        return line.currency_id.round(
            line.price_total / line.product_uom_qty * self.quantity
        )
