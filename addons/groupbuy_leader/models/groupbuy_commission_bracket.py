# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyCommissionBracket(models.Model):
    """From which volume of a period on which rate applies, to that part only (阶梯).

    Only the lower bound is stored; a bracket ends where the next one begins. So there
    is neither a gap nor an overlap, whatever is entered.
    """

    _name = "groupbuy.commission.bracket"
    _description = "Commission Bracket"
    _order = "rule_id, lower_bound"

    rule_id = fields.Many2one(
        comodel_name="groupbuy.commission.rule",
        required=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="rule_id.currency_id")
    lower_bound = fields.Monetary(
        string="From",
        required=True,
        help="Untaxed sales of the period from which on the rate applies, inclusive.",
    )
    percent = fields.Float(string="Rate (%)", digits=(7, 4), required=True)

    _lower_bound_uniq = models.UniqueIndex(
        "(rule_id, lower_bound)", "Two brackets begin at the same volume."
    )
    _lower_bound_positive = models.Constraint(
        "CHECK (lower_bound >= 0)", "A bracket cannot begin below zero."
    )
    _percent_range = models.Constraint(
        "CHECK (percent BETWEEN 0 AND 100)", "A rate is 0 to 100 %."
    )
