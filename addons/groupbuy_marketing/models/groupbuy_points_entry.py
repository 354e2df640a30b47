# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class GroupBuyPointsEntry(models.Model):
    """What moved a resident's points: a fact, written once for its key.

    The card's balance is `loyalty.card.points`, and each move is in `loyalty.history`,
    too; this ledger says why, and that it happened once. What is earned by an order is
    derived from what was collected of it (see
    :meth:`sale.order._groupbuy_sync_points`): `earned` is what an event changed that
    by, `points` what moved on the card. They differ while points that are to be taken
    back have been spent: a card is never overdrawn, what is missing is set off against
    what is earned next.
    """

    _name = "groupbuy.points.entry"
    _description = "Group Buying Points Entry"
    _order = "id desc"

    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        selection=[
            ("order", "Order"),
            ("exchange", "Exchange"),
            ("expiry", "Expiry"),
            ("reminder", "Reminder of an expiry"),
        ],
        required=True,
        readonly=True,
    )
    card_id = fields.Many2one(
        comodel_name="loyalty.card",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    program_id = fields.Many2one(
        comodel_name="loyalty.program",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    points = fields.Float(
        readonly=True, help="What moved on the card; below zero: taken off it."
    )
    earned = fields.Float(readonly=True, help="What the event changed the earnings by.")
    coupon_id = fields.Many2one(
        comodel_name="loyalty.card",
        readonly=True,
        index="btree_not_null",
        help="What the points were exchanged for.",
    )
    expiring = fields.Float(
        readonly=True, help="How many points the reminder was about."
    )
    expires_on = fields.Date(readonly=True)

    _key_uniq = models.UniqueIndex("(key)", "These points have been booked already.")
    _card_kind_idx = models.Index("(card_id, kind, create_date)")

    def _get_text(self):
        """Return what an entry is about, in the reader's language.

        :rtype: str
        """
        self.ensure_one()
        if self.kind == "order":
            if self.earned < 0:
                return self.env._("Taken back: %s was refunded", self.order_id.name)
            return self.env._("Collected: %s", self.order_id.name)
        if self.kind == "exchange":
            return self.env._("Exchanged for a coupon")
        if self.kind == "expiry":
            return self.env._("Expired")
        return self.env._("Reminder of an expiry")

    @api.model
    def _book(self, moves):
        """Write entries, the history of their cards and the balances.

        The caller holds the residents' standings (`groupbuy.standing._touch`) or the
        cards, so that no balance is written on old figures.

        :param list[dict] moves: card (record), description, and values of the entry:
            key, kind, points, and optionally earned, order_id, coupon_id, company.
        :return: The entries.
        :rtype: groupbuy.points.entry
        """
        vals_list, history = [], []
        for move in moves:
            card = move["card"]
            points = move["points"]
            vals_list.append(
                {
                    "key": move["key"],
                    "kind": move["kind"],
                    "card_id": card.id,
                    "program_id": card.program_id.id,
                    "partner_id": card.partner_id.id,
                    "company_id": move["company"].id,
                    "order_id": move.get("order_id"),
                    "points": points,
                    "earned": move.get("earned", 0.0),
                    "coupon_id": move.get("coupon_id"),
                }
            )
            if points:
                card.with_context(tracking_disable=True).points += points
                history.append(
                    {
                        "card_id": card.id,
                        "description": move["description"],
                        "issued": max(points, 0.0),
                        "used": max(-points, 0.0),
                        "order_model": "sale.order" if move.get("order_id") else False,
                        "order_id": move.get("order_id"),
                    }
                )
        # Elevated: the ledger is nobody's to write; the callers checked who asks.
        self.env["loyalty.history"].sudo().create(history)
        return self.sudo().create(vals_list)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("Entries of points cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        raise UserError(self.env._("Entries of points cannot be deleted."))
