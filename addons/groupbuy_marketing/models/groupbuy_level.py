# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class GroupBuyLevel(models.Model):
    """A level of residents (会员等级): what it asks for, and what it gives.

    Who has which level is counted every night from twelve months of purchases. What a
    level gives in money is a promotion of `loyalty` that is kept for it; there is no
    price of its own here.
    """

    _name = "groupbuy.level"
    _description = "Group Buying Resident Level"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The higher, the better the level.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company", help="Empty: the level of all companies."
    )
    color = fields.Integer()
    min_amount = fields.Float(
        string="Spent at Least",
        digits="Product Price",
        help="In twelve months, in the currency of the company, after refunds.",
    )
    min_orders = fields.Integer(
        string="Orders at Least", help="Confirmed group orders in twelve months."
    )
    max_idle_days = fields.Integer(
        string="Last Order Within",
        help="Days since the last order, at most; 0 for any time in twelve months.",
    )
    early_hours = fields.Float(
        string="Early Access",
        help="Hours by which residents of this level may join campaigns with an early"
        " access before everybody else.",
    )
    is_priority = fields.Boolean(
        string="Served First",
        help="Orders are reserved and complaints are answered before those of others.",
    )
    program_ids = fields.Many2many(
        comodel_name="loyalty.program",
        relation="groupbuy_level_loyalty_program_rel",
        string="Promotions",
        help="Promotions that only residents of this level get.",
    )
    resident_count = fields.Integer(compute="_compute_resident_count")

    _conditions_positive = models.Constraint(
        "CHECK (min_amount >= 0 AND min_orders >= 0 AND max_idle_days >= 0"
        " AND early_hours >= 0)",
        "The conditions of a level cannot be negative.",
    )

    def _compute_resident_count(self):
        counts = dict(
            self.env["groupbuy.standing"]._read_group(
                [("level_id", "in", self.ids)], ["level_id"], ["__count"]
            )
        )
        for level in self:
            level.resident_count = counts.get(level, 0)

    def action_open_residents(self):
        """Open the residents of a level."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "groupbuy.standing",
            "view_mode": "list,pivot,graph",
            "domain": [("level_id", "=", self.id)],
        }

    @api.model
    def _get_next(self, level, company):
        """Return the level above another one.

        :param groupbuy.level level: A level, or nothing for the lowest one.
        :param res.company company: The company.
        :rtype: groupbuy.level
        """
        domain = [("company_id", "in", (False, company.id))]
        if level:
            domain.append(("sequence", ">", level.sequence))
        return self.search(domain, limit=1)
