# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import BEARERS
from ..utils import selection_of


class GroupBuyAllowance(models.Model):
    """What a confirmed order was reduced by (折让): a fact, written once.

    Either a quantity that the resident did not get or has returned, or a part of the
    price of goods that the resident keeps. Facts are written by
    :meth:`sale.order._groupbuy_give_back` and :meth:`sale.order._groupbuy_compensate`
    only; the money follows through jobs.
    """

    _name = "groupbuy.allowance"
    _description = "Group Buying Allowance"
    _order = "id desc"

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
        help="The line of the goods, not the one that carries the reduction.",
    )
    product_id = fields.Many2one(related="order_line_id.product_id")
    partner_id = fields.Many2one(related="order_id.partner_id")
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="In the unit of the order line; 0 when only a part of the price was"
        " given back.",
    )
    amount = fields.Monetary(
        readonly=True, help="What the order costs less, tax included."
    )
    amount_untaxed = fields.Monetary(readonly=True)
    reason = fields.Selection(
        selection=selection_of("groupbuy.job", "reason"),
        readonly=True,
    )
    reference = fields.Char(
        required=True,
        readonly=True,
        help="What the allowance was given for, such as a receipt or a case. Nothing"
        " is given twice for the same thing.",
    )
    borne_by = fields.Selection(
        selection=BEARERS,
        required=True,
        default="platform",
        readonly=True,
    )

    _reference_uniq = models.UniqueIndex(
        "(reference, order_line_id)", "This has been given back already."
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity >= 0)", "The quantity given back cannot be negative."
    )

    def _get_text(self):
        """Return what was given back of one order line, as its resident reads it.

        :return: A sentence; empty when nothing was.
        :rtype: str
        """
        if not self:
            return ""
        amount = self.currency_id.format(sum(self.mapped("amount")))
        quantity = sum(self.mapped("quantity"))
        if not quantity:
            return self.env._("%s of it back", amount)
        return self.env._(
            "%(quantity)s not delivered or returned: %(amount)s back",
            quantity=self.campaign_id._format_number(quantity),
            amount=amount,
        )

    def write(self, vals):
        if vals:
            raise UserError(self.env._("What was given back cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        raise UserError(self.env._("What was given back cannot be deleted."))
