# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.exceptions import UserError


class GroupBuyLevelChange(models.Model):
    """When a resident's level changed, and on which figures: a fact."""

    _name = "groupbuy.level.change"
    _description = "Group Buying Level Change"
    _order = "id desc"
    _log_access = False
    _rec_name = "partner_id"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    from_level_id = fields.Many2one(
        comodel_name="groupbuy.level", string="From", readonly=True, ondelete="set null"
    )
    level_id = fields.Many2one(
        comodel_name="groupbuy.level", string="To", readonly=True, ondelete="set null"
    )
    changed_at = fields.Datetime(required=True, readonly=True)
    amount = fields.Monetary(string="Spent", readonly=True)
    orders = fields.Integer(readonly=True)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("The history of levels cannot be changed."))
        return super().write(vals)
