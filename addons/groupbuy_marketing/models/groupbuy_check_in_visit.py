# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyCheckInVisit(models.Model):
    """A resident was at an event: a fact, once for each."""

    _name = "groupbuy.check.in.visit"
    _description = "Check-in at an Event"
    _order = "id desc"
    _rec_name = "partner_id"

    event_id = fields.Many2one(
        comodel_name="groupbuy.check.in.event",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    points = fields.Float(digits=(16, 2), readonly=True)
    ticket_id = fields.Many2one(
        comodel_name="groupbuy.lottery.ticket",
        string="Ticket",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    _event_partner_uniq = models.UniqueIndex(
        "(event_id, partner_id)", "A resident checks in once at an event."
    )

    def _give_points(self):
        """Book the points of the event on the resident's card.

        The caller holds the resident's standing.
        """
        self.ensure_one()
        event = self.event_id
        program = event.points_program_id
        if not program.active or event.points <= 0:
            return
        cards = program._groupbuy_get_cards(self.partner_id)
        self.env["groupbuy.points.entry"]._book(
            [
                {
                    "key": f"check_in/{self.id}",
                    "kind": "check_in",
                    "card": cards[program, self.partner_id],
                    "company": self.company_id,
                    "points": event.points,
                    "description": event.display_name,
                }
            ]
        )
        self.points = event.points

    def _give_ticket(self):
        """Give the resident a ticket of the event's draw, while it is open."""
        self.ensure_one()
        lottery = self.event_id.lottery_id
        if lottery.state != "open" or lottery.draw_at <= fields.Datetime.now():
            return
        self.ticket_id = lottery._issue([(self.partner_id, f"check_in/{self.id}")])

    def _get_text(self):
        """Return what the resident got, in the reader's language.

        :rtype: str
        """
        self.ensure_one()
        env = self.env
        if self.points and self.ticket_id:
            return env._(
                "You are checked in. You got %(points)s points and a ticket of the"
                " draw “%(draw)s”.",
                points=f"{self.points:g}",
                draw=self.ticket_id.lottery_id.name,
            )
        if self.points:
            return env._("You are checked in. You got %s points.", f"{self.points:g}")
        if self.ticket_id:
            return env._(
                "You are checked in. You got a ticket of the draw “%s”.",
                self.ticket_id.lottery_id.name,
            )
        return env._("You are checked in. Nice to see you.")

    def write(self, vals):
        if not self.env.su and vals:
            raise UserError(self.env._("Check-ins cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_visited(self):
        raise UserError(self.env._("Check-ins cannot be deleted."))
