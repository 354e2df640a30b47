# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..utils import selection_of


class GroupBuyGiveBack(models.TransientModel):
    """What staff take off a confirmed order: goods, or a part of their price."""

    _name = "groupbuy.give.back"
    _description = "Give Back"

    order_id = fields.Many2one(
        comodel_name="sale.order", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    line_ids = fields.One2many(
        comodel_name="groupbuy.give.back.line",
        inverse_name="wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    borne_by = fields.Selection(
        selection=selection_of("groupbuy.allowance", "borne_by"),
        required=True,
        default="platform",
    )
    reason = fields.Char(required=True, help="The resident reads it.")

    @api.depends("order_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                Command.create({"order_line_id": line.id})
                for line in wizard.order_id.order_line
                if line.groupbuy_line_id and line.product_uom_qty
            ]

    def action_give_back(self):
        """Take off what was entered; the money goes back through the queue.

        Pressed twice, it is done once: the facts carry the number of this dialog.

        :raise UserError: If nothing was entered, or no reason is given.
        :raise ValidationError: If a quantity or an amount is more than there is.
        """
        self.ensure_one()
        self.check_access("write")
        self.order_id.check_access("write")
        if not (self.reason or "").strip():
            raise UserError(self.env._("Please say why, the resident reads it."))
        # Elevated after the checks above: payments, stock and invoices follow.
        order = self.order_id.sudo()
        quantities = {
            line.order_line_id.sudo(): line.quantity
            for line in self.line_ids
            if line.quantity
        }
        amounts = {
            line.order_line_id.sudo(): line.amount
            for line in self.line_ids
            if line.amount
        }
        if not quantities and not amounts:
            raise UserError(
                self.env._("Enter a quantity or an amount for at least one product.")
            )
        facts = self.env["groupbuy.allowance"]
        if quantities:
            facts |= order._groupbuy_give_back(
                quantities, "staff", f"staff/{self.id}/goods", self.borne_by
            )
        if amounts:
            facts |= order._groupbuy_compensate(
                amounts, "staff", f"staff/{self.id}/price", self.borne_by
            )
        self._tell_resident(order, facts)
        return {"type": "ir.actions.act_window_close"}

    def _tell_resident(self, order, facts):
        """Write to the resident what comes back and why, in their language.

        :param sale.order order: The order, with elevated rights.
        :param groupbuy.allowance facts: What was given back.
        """
        order = order.with_context(lang=order.partner_id.lang or self.env.lang)
        order.message_post(
            body=order.env._(
                "%(amount)s of your order %(order)s go back to you. %(reason)s",
                amount=order.currency_id.format(sum(facts.mapped("amount"))),
                order=order.name,
                reason=self.reason.strip(),
            ),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=order.partner_id.ids,
        )


class GroupBuyGiveBackLine(models.TransientModel):
    _name = "groupbuy.give.back.line"
    _description = "Give Back: Product"

    wizard_id = fields.Many2one(
        comodel_name="groupbuy.give.back",
        required=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    product_id = fields.Many2one(related="order_line_id.product_id")
    ordered_quantity = fields.Float(
        string="Ordered", related="order_line_id.product_uom_qty"
    )
    delivered_quantity = fields.Float(
        string="Handed Out", related="order_line_id.qty_delivered"
    )
    paid = fields.Monetary(
        compute="_compute_paid", help="What was paid for it, less what came back."
    )
    quantity = fields.Float(
        string="Not Delivered or Returned",
        digits="Product Unit",
        help="Taken off the order; at most what is not handed out.",
    )
    amount = fields.Monetary(
        string="Part of the Price",
        help="Given back for goods that the resident keeps, tax included.",
    )

    @api.depends("order_line_id")
    def _compute_paid(self):
        for line in self:
            line.paid = line.order_line_id._groupbuy_get_paid()
