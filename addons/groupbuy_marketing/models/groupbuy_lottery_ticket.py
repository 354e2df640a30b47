# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyLotteryTicket(models.Model):
    """A ticket of a draw: a fact. It gets its number when the draw is frozen."""

    _name = "groupbuy.lottery.ticket"
    _description = "Ticket of a Draw"
    _order = "lottery_id desc, number, id"
    _rec_name = "code"

    lottery_id = fields.Many2one(
        comodel_name="groupbuy.lottery",
        string="Draw",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="lottery_id.company_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    key = fields.Char(
        required=True, readonly=True, help="What the ticket was given for."
    )
    code = fields.Char(
        required=True,
        readonly=True,
        help="Random; the owner knows the ticket by it in the published list.",
    )
    number = fields.Integer(readonly=True, aggregator=None)
    participant = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Stands for the resident in the published list.",
    )

    _key_uniq = models.UniqueIndex(
        "(lottery_id, key)", "This ticket has been given already."
    )
    _code_uniq = models.UniqueIndex("(lottery_id, code)", "This code exists already.")
    _number_uniq = models.UniqueIndex(
        "(lottery_id, number) WHERE number > 0", "This number is taken."
    )
    _owner_idx = models.Index("(lottery_id, partner_id)")

    def write(self, vals):
        if vals:
            raise UserError(self.env._("Tickets cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        raise UserError(self.env._("Tickets cannot be taken back."))
