# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyLotteryAward(models.Model):
    """A prize that a ticket has won: a fact, written by the draw.

    Coupons, points and rights follow at once; goods are handed over by staff.
    """

    _name = "groupbuy.lottery.award"
    _inherit = ["groupbuy.reward.claim.mixin"]
    _description = "Prize That Was Won"
    _order = "lottery_id desc, unit"
    _rec_name = "prize_id"
    _rule_field = "prize_id"
    _points_kind = "prize"
    _mail_template = "groupbuy_marketing.mail_template_prize_won"

    lottery_id = fields.Many2one(
        comodel_name="groupbuy.lottery",
        string="Draw",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    unit = fields.Integer(
        string="No.",
        required=True,
        readonly=True,
        aggregator=None,
        help="The prizes are drawn in this order.",
    )
    prize_id = fields.Many2one(
        comodel_name="groupbuy.prize",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    ticket_id = fields.Many2one(
        comodel_name="groupbuy.lottery.ticket",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    ticket_number = fields.Integer(related="ticket_id.number", string="Ticket No.")
    is_goods = fields.Boolean(compute="_compute_is_goods")
    handed_at = fields.Datetime(string="Handed Over", readonly=True)
    handed_by_id = fields.Many2one(
        comodel_name="res.users", string="Handed Over By", readonly=True
    )

    _unit_uniq = models.UniqueIndex("(lottery_id, unit)", "This prize was won already.")
    _ticket_uniq = models.UniqueIndex("(ticket_id)", "A ticket wins once.")
    _queue_idx = models.Index("(id) WHERE state = 'pending'")

    @api.depends("prize_id.reward_type")
    def _compute_is_goods(self):
        for award in self:
            award.is_goods = award.prize_id.reward_type == "goods"

    def action_hand_over(self):
        """Note that goods were handed to their winners.

        :raise UserError: If one is no goods, or was handed over already.
        """
        # Whoever may see the winners stands at the counter.
        self.check_access("read")
        # Elevated: awards are nobody's to write otherwise.
        awards = self.sudo()
        awards.lock_for_update()
        awards.invalidate_recordset(["handed_at"])
        for award in awards:
            if not award.is_goods:
                raise UserError(
                    self.env._("%s needs no handing over.", award.prize_id.name)
                )
            if award.handed_at:
                raise UserError(
                    self.env._(
                        "%(prize)s was handed to %(resident)s already.",
                        prize=award.prize_id.name,
                        resident=award.partner_id.name,
                    )
                )
        awards.write({"handed_at": fields.Datetime.now(), "handed_by_id": self.env.uid})

    def _get_status_text(self):
        """Return what became of the prize, in the reader's language.

        :rtype: str
        """
        self.ensure_one()
        env = self.env
        if self.is_goods:
            if self.handed_at:
                return env._("Handed over")
            return env._("Yours: show this page to our staff to get it")
        if self.state == "granted":
            return env._("You got: %s", self.prize_id._get_reward_text())
        if self.state == "failed":
            return env._("It got stuck; we are looking into it")
        return env._("Being prepared")

    def write(self, vals):
        if not self.env.su and vals:
            raise UserError(self.env._("Prizes that were won cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_won(self):
        raise UserError(self.env._("Prizes that were won cannot be deleted."))
