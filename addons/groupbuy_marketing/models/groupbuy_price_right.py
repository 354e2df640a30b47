# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.community_groupbuy.const import JOINED_STATES


class GroupBuyPriceRight(models.Model):
    """A resident's right to buy a product of a campaign at a low price, once.

    It works like a tier that only this resident has reached: the price at joining is
    the lower of both, and when the group's price falls below it, the close gives the
    difference back as always.

    A right is in one order. A cart takes it when its payment begins and has it for the
    time that a payment takes; an order that has joined keeps it. When the order is
    cancelled or fails, the right is free again.
    """

    _name = "groupbuy.price.right"
    _description = "Right to a Low Price"
    _order = "id desc"
    _rec_name = "line_id"

    key = fields.Char(required=True, readonly=True, help="What it was given for.")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        string="Product",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(related="line_id.campaign_id")
    company_id = fields.Many2one(related="line_id.company_id")
    currency_id = fields.Many2one(related="line_id.currency_id")
    price = fields.Monetary(required=True, readonly=True, help="Of one unit.")
    quantity = fields.Integer(
        string="Units",
        required=True,
        readonly=True,
        default=1,
        help="The most units in an order; a larger order pays the price of the"
        " campaign for all.",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The order that has or had it last.",
    )
    held_until = fields.Datetime(
        readonly=True, help="Until then a cart that is being paid has it."
    )
    is_used = fields.Boolean(
        compute="_compute_is_used", search="_search_is_used", compute_sudo=True
    )

    _key_uniq = models.UniqueIndex("(key)", "This right has been given already.")
    _resident_idx = models.Index("(partner_id, line_id)")
    _price_positive = models.Constraint(
        "CHECK (price > 0 AND quantity > 0)",
        "A low price is above zero, for one unit at least.",
    )

    @api.depends("order_id.groupbuy_state")
    def _compute_is_used(self):
        for right in self:
            right.is_used = right.order_id.groupbuy_state in JOINED_STATES

    def _search_is_used(self, operator, value):
        if operator != "in":
            return NotImplemented
        joined = self._search_orders_joined()
        domains = {
            frozenset([True]): [("order_id", "in", joined)],
            frozenset([False]): [
                "|",
                ("order_id", "=", False),
                ("order_id", "not in", joined),
            ],
        }
        return domains.get(frozenset(value), [])

    def _search_orders_joined(self):
        """Return the query of the orders that have joined.

        :rtype: Query
        """
        # Elevated: whether a right is used is for whoever may see the right.
        return (
            self.env["sale.order"]
            .sudo()
            ._search([("groupbuy_state", "in", JOINED_STATES)])
        )

    @api.model
    def _get_free_sql(self, order_id):
        """Return the condition that a right is free for an order.

        :param int order_id: The order; its own right is free for it.
        :rtype: SQL
        """
        return SQL(
            """
            (groupbuy_price_right.order_id IS NULL
             OR groupbuy_price_right.order_id = %(order)s
             OR NOT EXISTS (
                SELECT 1 FROM sale_order o
                 WHERE o.id = groupbuy_price_right.order_id
                   AND (o.groupbuy_state = ANY(%(joined)s)
                        OR (o.groupbuy_state = 'cart'
                            AND groupbuy_price_right.held_until > %(now)s))))
            """,
            order=order_id,
            joined=list(JOINED_STATES),
            now=fields.Datetime.now(),
        )

    @api.model
    def _find(self, order, lines):
        """Return the rights that an order's owner can use for products.

        One query for all of them.

        :param sale.order order: A cart; it need not be saved.
        :param groupbuy.campaign.line lines: Products of its campaign.
        :return: Line id → the best right, with elevated rights.
        :rtype: dict[int, groupbuy.price.right]
        """
        partner = order.partner_id
        if not lines.ids or not partner.ids:
            return {}
        self.flush_model()
        self.env["sale.order"].flush_model(["groupbuy_state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (line_id) line_id, id
                  FROM groupbuy_price_right
                 WHERE partner_id = %s AND line_id = ANY(%s) AND %s
                 ORDER BY line_id, price, id
                """,
                partner.ids[0],
                lines.ids,
                self._get_free_sql(order._origin.id or 0),
            )
        )
        # Elevated: residents have no rights on these; only the owner's were looked up.
        rights = self.sudo()
        return {line_id: rights.browse(right_id) for line_id, right_id in rows}

    def _hold(self, order, minutes):
        """Keep the right for an order while it is being paid.

        Why it is safe: one conditional update in the transaction that begins the
        payment. Of two carts that do so at the same moment the second fails to
        serialise, is repeated, and finds the right taken.

        :param sale.order order: A cart of the right's owner.
        :param int minutes: How long a payment takes.
        :return: Whether the order has it.
        :rtype: bool
        """
        self.ensure_one()
        return self._bind(
            order, fields.Datetime.now() + timedelta(minutes=minutes), any_free=True
        )

    def _use(self, order):
        """Use the right up with an order that joins.

        Why it is safe: as :meth:`_hold`; a cart whose payment came so late that
        another one took the right meanwhile does not get it.

        :param sale.order order: The order, locked.
        :return: Whether the order had it.
        :rtype: bool
        """
        self.ensure_one()
        return self._bind(order, fields.Datetime.now(), any_free=False)

    def _bind(self, order, until, any_free):
        self.flush_recordset()
        # Of the order that has it, too.
        self.env["sale.order"].flush_model(["groupbuy_state"])
        condition = (
            self._get_free_sql(order.id) if any_free else SQL("order_id = %s", order.id)
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE groupbuy_price_right SET order_id = %s, held_until = %s
                 WHERE id = %s AND partner_id = %s AND %s
                """,
                order.id,
                until,
                self.id,
                order.partner_id.id,
                condition,
            )
        )
        is_bound = bool(self.env.cr.rowcount)
        self.invalidate_recordset(flush=False)
        return is_bound

    def _get_status_text(self):
        """Return how the right stands, in the reader's language.

        :rtype: str
        """
        self.ensure_one()
        if self.is_used:
            return self.env._("Used in %s", self.order_id.name)
        campaign = self.campaign_id
        if campaign.state in ("draft", "scheduled"):
            return self.env._(
                "Good from %s on", campaign._format_local(campaign.open_at)
            )
        if not campaign._is_joinable():
            return self.env._("Over: the campaign has closed")
        return self.env._("Good until %s", campaign._format_local(campaign.close_at))

    def write(self, vals):
        if not self.env.su and vals:
            raise UserError(self.env._("Rights to a low price cannot be changed."))
        return super().write(vals)
