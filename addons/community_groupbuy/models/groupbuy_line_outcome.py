# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyLineOutcome(models.Model):
    """What the close decided for a line: a fact, written once and never changed."""

    _name = "groupbuy.line.outcome"
    _description = "Outcome of a Group Buying Line"
    _order = "campaign_id desc, line_id, group_id"

    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="campaign_id.company_id")
    currency_id = fields.Many2one(related="campaign_id.currency_id")
    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        required=True,
        index=True,
        ondelete="cascade",
    )
    group_id = fields.Many2one(
        comodel_name="groupbuy.group",
        index="btree_not_null",
        ondelete="cascade",
        help="Set when the tiers of the line are counted group by group.",
    )
    measured = fields.Float(help="People, quantity or amount that the tiers saw.")
    sold_quantity = fields.Float(digits="Product Unit")
    price = fields.Monetary(string="Final Price", help="Unit price, tax included.")
    is_dropped = fields.Boolean(
        string="Dropped",
        help="The line missed its own minimum: it is refunded and not delivered.",
    )

    _line_uniq = models.UniqueIndex(
        "(line_id, COALESCE(group_id, 0))",
        "The outcome of a line is decided once.",
    )

    def write(self, vals):
        if vals:
            raise UserError(self.env._("The outcome of a close cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        raise UserError(self.env._("The outcome of a close cannot be deleted."))
