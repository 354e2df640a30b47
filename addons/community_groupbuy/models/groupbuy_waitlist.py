# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import MAX_QUANTITY
from ..utils import parse_quantity

# Hours for which a quantity that became free is kept for the next in line.
OFFER_HOURS = 2


class GroupBuyWaitlist(models.Model):
    """Residents who wait for a sold out line, served in the order they came."""

    _name = "groupbuy.waitlist"
    _description = "Group Buying Waitlist"
    _order = "line_id, id"

    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    campaign_id = fields.Many2one(related="line_id.campaign_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    quantity = fields.Float(digits="Product Unit", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("waiting", "Waiting"),
            ("offered", "Offered"),
            ("joined", "Joined"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="waiting",
        readonly=True,
    )
    offered_until = fields.Datetime(readonly=True)
    position = fields.Integer(string="Place in Line", compute="_compute_position")

    _waiting_uniq = models.UniqueIndex(
        "(line_id, partner_id) WHERE state IN ('waiting', 'offered')",
        "You are on the waitlist of this product already.",
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "Wait for at least one."
    )

    def _compute_position(self):
        waiting = self.filtered(lambda entry: entry.state == "waiting")
        (self - waiting).position = 0
        if not waiting.ids:
            waiting.position = 0
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT id, position FROM (
                    SELECT id, ROW_NUMBER() OVER (PARTITION BY line_id ORDER BY id)
                               AS position
                      FROM groupbuy_waitlist
                     WHERE line_id = ANY(%s) AND state = 'waiting') w
                 WHERE id = ANY(%s)
                """,
                waiting.line_id.ids,
                waiting.ids,
            )
        )
        positions = dict(self.env.cr.fetchall())
        for entry in waiting:
            entry.position = positions.get(entry.id, 0)

    # === RESIDENTS === #

    @api.model
    def _join(self, line, partner, quantity):
        """Put a resident on the waitlist of a sold out line.

        :param groupbuy.campaign.line line: A line of an open campaign.
        :param res.partner partner: The resident.
        :param quantity: What was typed.
        :return: The entry.
        :rtype: groupbuy.waitlist
        :raise UserError: If the line can be bought, the campaign cannot be joined,
            the quantity is none, or the resident waits already.
        """
        number = parse_quantity(quantity, MAX_QUANTITY)
        if number is None:
            raise UserError(
                self.env._(
                    "Please enter a whole number from 1 to %s as the quantity.",
                    MAX_QUANTITY,
                )
            )
        if not line.campaign_id._is_joinable():
            raise UserError(self.env._("This campaign cannot be joined now."))
        if line.cap and number > line.cap:
            raise UserError(self.env._("There are only %g of it in all.", line.cap))
        if line.limit_per_resident and number > line.limit_per_resident:
            raise UserError(
                self.env._(
                    "Each resident may order %g of it in this campaign.",
                    line.limit_per_resident,
                )
            )
        if not line.cap or line.available_quantity >= number:
            raise UserError(
                self.env._("It is not sold out: simply put it into your cart.")
            )
        if self.search_count(
            [
                ("line_id", "=", line.id),
                ("partner_id", "=", partner.id),
                ("state", "in", ("waiting", "offered")),
            ],
            limit=1,
        ):
            raise UserError(
                self.env._("You are on the waitlist of this product already.")
            )
        return self.create(
            {"line_id": line.id, "partner_id": partner.id, "quantity": number}
        )

    def _leave(self):
        """Take residents off the waitlist; what was kept for them is offered on."""
        offered = self.filtered(lambda entry: entry.state == "offered")
        self.filtered(lambda e: e.state in ("waiting", "offered")).state = "cancelled"
        self._release_offers(offered)

    # === PROMOTION === #

    @api.model
    def _promote(self, line_ids):
        """Offer what became free to those who wait, in order.

        The quantity is claimed for them like for a cart, under a key of its own (the
        negative id of the entry stands for the order), so that nobody overtakes them
        while they are told. Who does not take it in time loses it to the next.

        :param list[int] line_ids: Campaign lines on which something became free.
        """
        if not line_ids:
            return
        entries = self.search(
            [("line_id", "in", line_ids), ("state", "=", "waiting")], order="id"
        )
        holds = self.env["groupbuy.hold"].sudo()
        exhausted = set()
        for entry in entries:
            line = entry.line_id
            if line.id in exhausted or not line.campaign_id._is_joinable():
                continue
            result = holds._claim(
                line,
                -entry.id,
                entry.quantity,
                partner=entry.partner_id,
                minutes=OFFER_HOURS * 60,
            )
            if result == "sold_out":
                # In order: a smaller wish behind does not overtake a larger one.
                exhausted.add(line.id)
                continue
            if result == "limit":
                entry.state = "cancelled"
                continue
            entry.write(
                {
                    "state": "offered",
                    "offered_until": fields.Datetime.now()
                    + timedelta(hours=OFFER_HOURS),
                }
            )
            entry._notify_offer()

    def _notify_offer(self):
        """Tell the next in line that a quantity is kept for them, and until when."""
        template = self.env.ref(
            "community_groupbuy.mail_template_waitlist_offer", raise_if_not_found=False
        )
        for entry in self:
            if template and entry.partner_id.email:
                template.with_user(SUPERUSER_ID).send_mail(entry.id, force_send=False)

    @api.model
    def _get_offers(self, line, partner):
        """Return what is kept for a resident of a line.

        :param groupbuy.campaign.line line: The line.
        :param res.partner partner: Who adds it to the cart.
        :rtype: groupbuy.waitlist
        """
        return self.search(
            [
                ("line_id", "=", line.id),
                ("partner_id", "=", partner.id),
                ("state", "=", "offered"),
            ]
        )

    @api.model
    def _mark_joined(self, order):
        """Note that residents who waited have joined.

        :param sale.order order: An order that has just joined.
        """
        self.search(
            [
                ("line_id", "in", order.order_line.groupbuy_line_id.ids),
                ("partner_id", "=", order.partner_id.id),
                ("state", "in", ("waiting", "offered")),
            ]
        ).state = "joined"

    @api.model
    def _release_offers(self, entries, promote=True):
        """Free what was kept for entries, and offer it on."""
        freed = (
            self.env["groupbuy.hold"]
            .sudo()
            ._release_for_orders([-entry.id for entry in entries])
        )
        if promote:
            self._promote(freed)

    @api.model
    def _expire_offers(self):
        """End the offers that nobody took in time, and promote the next."""
        late = self.search(
            [("state", "=", "offered"), ("offered_until", "<", fields.Datetime.now())]
        )
        late.state = "expired"
        self._release_offers(late)

    @api.model
    def _close_for_campaigns(self, campaigns):
        """End the waitlists of campaigns that have closed."""
        entries = self.search(
            [
                ("campaign_id", "in", campaigns.ids),
                ("state", "in", ("waiting", "offered")),
            ]
        )
        entries.state = "expired"
        self._release_offers(entries, promote=False)
