# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyVerificationLine(models.Model):
    """A product and quantity of a verification: a fact, written once."""

    _name = "groupbuy.verification.line"
    _description = "Verified Quantity"
    _order = "verification_id, id"

    verification_id = fields.Many2one(
        comodel_name="groupbuy.verification",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="verification_id.company_id")
    move_id = fields.Many2one(
        comodel_name="stock.move",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    product_id = fields.Many2one(
        comodel_name="product.product", required=True, readonly=True, index=True
    )
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="Handed out; below zero where it was taken back. The sum of all lines is"
        " what residents have.",
    )
    claimed_quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What the scanner said it handed out.",
    )
    product_uom_id = fields.Many2one(
        comodel_name="uom.uom", string="Unit", required=True, readonly=True
    )

    def write(self, vals):
        if vals:
            raise UserError(self.env._("What was verified cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_verified(self):
        raise UserError(self.env._("What was verified cannot be deleted."))
