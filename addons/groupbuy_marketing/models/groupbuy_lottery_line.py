# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyLotteryLine(models.Model):
    """How many of a prize can be won in a draw; the first line is drawn first."""

    _name = "groupbuy.lottery.line"
    _description = "Prize of a Draw"
    _order = "lottery_id, sequence, id"
    _rec_name = "prize_id"

    lottery_id = fields.Many2one(
        comodel_name="groupbuy.lottery",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    prize_id = fields.Many2one(
        comodel_name="groupbuy.prize", required=True, index=True, ondelete="restrict"
    )
    quantity = fields.Integer(required=True, default=1)
    left = fields.Integer(related="prize_id.left", string="In Stock")

    _quantity_valid = models.Constraint(
        "CHECK (quantity BETWEEN 1 AND 1000)",
        "A draw offers 1 to 1000 of a prize.",
    )

    def _check_draft(self):
        if any(line.lottery_id.published_at for line in self):
            raise UserError(
                self.env._("The prizes of a published draw cannot be changed.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        self._check_draft()
        result = super().write(vals)
        self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()
