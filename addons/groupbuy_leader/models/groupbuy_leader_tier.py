# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyLeaderTier(models.Model):
    """A level of leaders, with what it takes and what it gives."""

    _name = "groupbuy.leader.tier"
    _description = "Leader Tier"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10, help="The best tier comes first.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company", index="btree_not_null")
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_currency_id"
    )
    grant_limit = fields.Monetary(
        help="Up to this amount, tax included, a leader may grant a refund without"
        " asking the staff."
    )

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is a tier with this code already."
    )

    def _compute_currency_id(self):
        for tier in self:
            tier.currency_id = (tier.company_id or self.env.company).currency_id
