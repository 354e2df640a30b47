# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyLeaderCheckItem(models.Model):
    """Something the staff look at before they approve an application."""

    _name = "groupbuy.leader.check.item"
    _description = "Checklist Item"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company", index="btree_not_null")
    kind = fields.Selection(
        selection=[
            ("leader", "Leaders only"),
            ("koc", "Sharers only"),
        ],
        help="Empty for every applicant.",
    )
    is_training = fields.Boolean(
        string="Is the Training",
        help="Ticked by hand; where a course with a certification is set up, that"
        " takes its place.",
    )
