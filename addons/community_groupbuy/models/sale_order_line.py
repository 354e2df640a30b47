# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL, float_compare

from ..utils import has_privilege


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    groupbuy_line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line",
        string="Group Campaign Line",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )
    groupbuy_campaign_id = fields.Many2one(related="order_id.groupbuy_campaign_id")
    groupbuy_joined_price = fields.Monetary(
        string="Price at Joining",
        readonly=True,
        copy=False,
        help="Unit price that was shown and charged at joining, tax included, in the"
        " currency of the campaign. It can fall later, never rise.",
    )
    groupbuy_joined_quantity = fields.Float(
        string="Quantity at Joining",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="What was paid for; differs from the quantity when the line was dropped.",
    )
    groupbuy_final_price = fields.Monetary(
        string="Final Price",
        readonly=True,
        copy=False,
        help="Unit price that the close decided, tax included.",
    )

    groupbuy_allowance_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Reduces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The line of which this one gives back a part of the price.",
    )
    groupbuy_reduction_ids = fields.One2many(
        comodel_name="sale.order.line",
        inverse_name="groupbuy_allowance_line_id",
        string="Reductions",
    )

    groupbuy_allowance_ids = fields.One2many(
        comodel_name="groupbuy.allowance",
        inverse_name="order_line_id",
        string="Allowances",
    )

    @api.constrains("groupbuy_line_id", "product_id", "order_id")
    def _check_groupbuy_line(self):
        for line in self.filtered("groupbuy_line_id"):
            campaign_line = line.groupbuy_line_id
            if (
                line.product_id not in line._groupbuy_get_allowed_products()
                or campaign_line.campaign_id != line.order_id.groupbuy_campaign_id
            ):
                raise ValidationError(
                    self.env._("This product is not part of the order's campaign.")
                )

    # === FACTS === #

    _groupbuy_fact_fields = frozenset(
        ("groupbuy_line_id", "groupbuy_joined_price", "groupbuy_joined_quantity",
         "groupbuy_final_price")
    )  # fmt: skip
    # What a resident has paid for; changed by the resident and by the close only.
    _groupbuy_paid_fields = frozenset(
        ("product_id", "product_uom_qty", "product_uom_id", "price_unit", "discount",
         "tax_ids", "order_id")
    )  # fmt: skip

    def _groupbuy_check_facts(self, names):
        """Refuse that somebody writes what a resident was promised and charged.

        :param names: Names of the fields that are about to be written.
        :raise AccessError: If one of them is such a fact, unless our own code writes
            it.
        """
        if not self.env.su and self._groupbuy_fact_fields.intersection(names):
            raise AccessError(
                self.env._(
                    "The prices and quantities of a group order follow from its"
                    " campaign: they cannot be written."
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._groupbuy_check_facts(
            name for vals in vals_list for name, value in vals.items() if value
        )
        orders = self.env["sale.order"].browse(
            {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        )
        orders._groupbuy_check_lines_changeable()
        return super().create(vals_list)

    def write(self, vals):
        self._groupbuy_check_facts(vals)
        if self._groupbuy_paid_fields & vals.keys():
            orders = self.order_id | self.order_id.browse(vals.get("order_id") or [])
            orders._groupbuy_check_lines_changeable()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paid(self):
        self.order_id._groupbuy_check_lines_changeable()

    def _groupbuy_get_allowed_products(self):
        """Hook for other addons: what a line of the campaign may be delivered as.

        :rtype: product.product
        """
        self.ensure_one()
        return self.groupbuy_line_id.product_id

    # === PRICES === #

    def _get_display_price(self):
        """Override of `sale` to take the price of group lines from the campaign.

        While an order is a cart, the current tier applies, but a quantity that is
        still held keeps a better price shown before; once it has joined, the price
        of joining applies until the close decides the final one.
        """
        self.ensure_one()
        if not self.groupbuy_line_id:
            return super()._get_display_price()
        price = self._groupbuy_get_price()
        campaign_line = self.groupbuy_line_id
        return campaign_line.currency_id._convert(
            campaign_line._to_product_price(price),
            self.currency_id or campaign_line.currency_id,
            campaign_line.company_id,
            fields.Date.context_today(self),
            round=False,
        )

    def _groupbuy_get_price(self):
        """Return the unit price of a group line now.

        :return: Tax included, in the campaign's currency.
        :rtype: float
        """
        self.ensure_one()
        if self.groupbuy_final_price or self.order_id.groupbuy_state == "confirmed":
            return self.groupbuy_final_price
        if self.order_id.groupbuy_state == "waiting":
            return self.groupbuy_joined_price
        campaign_line = self.groupbuy_line_id
        prices = self.env.context.get("groupbuy_prices") or {}
        key = (campaign_line.id, self.order_id.groupbuy_group_id.id)
        if key in prices:
            price = prices[key]
        else:
            price = campaign_line._get_current_prices(self.order_id.groupbuy_group_id)[
                campaign_line.id
            ]
        if self.groupbuy_joined_price:
            price = min(price, self.groupbuy_joined_price)
        return price

    def _compute_price_unit(self):
        """Override of `sale` to read the current prices of all group lines at once."""
        carts = self.filtered(
            lambda line: (
                line.groupbuy_line_id and line.order_id.groupbuy_state == "cart"
            )
        )
        prices = {}
        for group, lines in carts.grouped(
            lambda line: line.order_id.groupbuy_group_id
        ).items():
            current = lines.groupbuy_line_id._get_current_prices(group)
            prices.update(
                {(line_id, group.id): price for line_id, price in current.items()}
            )
        records = self.with_context(groupbuy_prices=prices) if prices else self
        return super(SaleOrderLine, records)._compute_price_unit()

    def _compute_pricelist_item_id(self):
        """Override of `sale`: no pricelist rule applies to group lines."""
        group_lines = self.filtered("groupbuy_line_id")
        group_lines.pricelist_item_id = False
        others = self - group_lines
        return super(SaleOrderLine, others)._compute_pricelist_item_id()

    def _compute_discount(self):
        """Override of `sale`: a pricelist's discount does not apply to group lines."""
        group_lines = self.filtered("groupbuy_line_id")
        group_lines.discount = 0.0
        return super(SaleOrderLine, self - group_lines)._compute_discount()

    def _check_availability(self):
        """Override of `website_sale_stock`: a group line sells its quota, not stock."""
        if self.groupbuy_line_id:
            return True
        return super()._check_availability()

    def _get_max_available_qty(self):
        """Override of `website_sale_stock`: a group line sells its quota, not stock."""
        self.ensure_one()
        if self.groupbuy_line_id:
            line = self.groupbuy_line_id
            return line.available_quantity if line.cap else None
        return super()._get_max_available_qty()

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """Override of `sale_stock` to leave goods for pickup points to the campaign.

        Their transfers are made in bulk for all orders at once (see
        :meth:`sale.order._groupbuy_create_pickings`). Home delivery goes Odoo's way.
        """
        to_points = self.filtered(lambda line: line.order_id._groupbuy_is_for_point())
        return super(SaleOrderLine, self - to_points)._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )

    def _groupbuy_reprice(self):
        """Take the unit price of group lines anew from their final price."""
        self.with_context(force_price_recomputation=True)._compute_price_unit()

    def _groupbuy_prepare_move(self, picking, destination):
        """Return the values of the move that hands this line out to its resident.

        :param stock.picking picking: The resident's transfer.
        :param stock.location destination: The customers' location.
        :rtype: dict
        """
        self.ensure_one()
        return {
            "picking_id": picking.id,
            "picking_type_id": picking.picking_type_id.id,
            "product_id": self.product_id.id,
            "product_uom_qty": self.product_uom_qty,
            "product_uom": self.product_uom_id.id,
            "location_id": picking.location_id.id,
            "location_dest_id": destination.id,
            "partner_id": picking.partner_id.id,
            "company_id": picking.company_id.id,
            "sale_line_id": self.id,
            "origin": self.order_id.name,
            "procure_method": "make_to_stock",
            "date": self.groupbuy_campaign_id.pickup_from,
            "priority": picking.priority,
            # Confirmed here and not through `_action_confirm`, which would search,
            # merge and reserve move by move: there is nothing to merge or reserve
            # before the goods have been brought to the point.
            "state": "confirmed",
        }

    def _groupbuy_get_price_left(self):
        """Return what a group line still costs, with what was given back of it.

        :return: Tax included, in the order's currency.
        :rtype: float
        """
        self.ensure_one()
        return self.price_total + sum(self.groupbuy_reduction_ids.mapped("price_total"))

    def _groupbuy_get_paid(self):
        """Return what was paid for what is left of a group line.

        Formula: price left − Σ discounts left × (1 − base without the line ÷ base).

        :return: Tax included, in the order's currency, never below zero.
        :rtype: float
        """
        self.ensure_one()
        order = self.order_id
        paid = self._groupbuy_get_price_left()
        for reward_line, base in order._groupbuy_get_reward_bases().items():
            if base > 0:
                without = order._groupbuy_get_reward_base(reward_line, without=self)
                paid += reward_line._groupbuy_get_price_left() * (1 - without / base)
        return order.currency_id.round(max(paid, 0.0))

    def _groupbuy_prepare_discount(self, amount):
        """Return the values of a line that gives back a part of this line's price.

        It carries the taxes of this line, so that each tax shrinks by its part.

        :param float amount: Tax included, in the order's currency.
        :rtype: dict
        """
        self.ensure_one()
        product = self.env.ref("community_groupbuy.product_product_allowance")
        price = amount
        if self.tax_ids and not all(tax.price_include for tax in self.tax_ids):
            price = self.tax_ids._get_tax_details(
                amount, 1.0, product=product, special_mode="total_included"
            )["total_excluded"]
        return {
            "product_id": product.id,
            "name": self.env._("Allowance: %s", self.name),
            "product_uom_qty": 1.0,
            "price_unit": -price,
            "technical_price_unit": -price,
            "tax_ids": [fields.Command.set(self.tax_ids.ids)],
            "groupbuy_allowance_line_id": self.id,
            "sequence": self.sequence,
        }

    def _groupbuy_get_quantity_to_hand_out(self):
        """Return what transfers still have to carry to the resident.

        Hook for other addons: what is on the order and will not come is less.

        :return: In the unit of the line.
        :rtype: float
        """
        self.ensure_one()
        return self.product_uom_qty - self.qty_delivered

    def _groupbuy_shrink_moves(self):
        """Let open moves carry no more than what is still to be handed out.

        The moves to a pickup point's residents are made by the campaign and not by
        Odoo's procurement, so they are reduced here as well; those of many lines
        together.
        """
        superfluous = self.env["stock.move"]
        smaller = {}
        for line in self:
            # Read with the moves of all lines.
            moves = self.env["stock.move"].browse(
                move.id
                for move in line.move_ids
                if move.state not in ("done", "cancel")
                and move.location_dest_id.usage == "customer"
            )
            wanted = line._groupbuy_get_quantity_to_hand_out()
            for move in moves.sorted("id"):
                quantity = move.product_uom._compute_quantity(
                    move.product_uom_qty, line.product_uom_id
                )
                kept = min(quantity, max(wanted, 0.0))
                wanted -= kept
                if float_compare(kept, 0, precision_digits=6) <= 0:
                    superfluous |= move
                elif float_compare(kept, quantity, precision_digits=6) < 0:
                    demand = line.product_uom_id._compute_quantity(
                        kept, move.product_uom
                    )
                    smaller[demand] = smaller.get(demand, move.browse()) | move
        superfluous._action_cancel()
        for demand, moves in smaller.items():
            reserved = moves.filtered(
                lambda move: move.state in ("assigned", "partially_available")
            )
            moves.product_uom_qty = demand
            reserved._action_assign()

    def _groupbuy_check_open(self, quantity):
        """Check that so much is neither delivered nor given back yet.

        :param float quantity: In the unit of the line.
        :raise ValidationError: If it is not above zero, or more than there is.
        """
        self.ensure_one()
        left = self.product_uom_qty - self.qty_delivered
        if (
            float_compare(quantity, 0, precision_digits=6) <= 0
            or float_compare(quantity, left, precision_digits=6) > 0
        ):
            raise ValidationError(
                self.env._(
                    "%(quantity)g of %(product)s cannot be given back: %(open)g"
                    " are not handed out yet or have come back.",
                    quantity=quantity,
                    product=self.product_id.display_name,
                    open=max(left, 0.0),
                )
            )

    def _update_line_quantity(self, values):
        """Override of `sale`: an allowance is a record of its own, and no message."""
        if has_privilege(self.env.context, "groupbuy_allowance"):
            return None
        return super()._update_line_quantity(values)

    @api.model
    def _groupbuy_query_disputed(self):
        """Hook for other addons: the order lines about which something is open.

        Addons that open cases about goods override it, joined by UNION ALL; addons
        that pay for goods read it before they do. Neither has to know the other.

        :return: A query of ids of order lines.
        :rtype: SQL
        """
        return SQL("SELECT NULL::integer WHERE FALSE")

    def _is_reorder_allowed(self):
        """Override of `website_sale`: a campaign's offer cannot simply be repeated."""
        return not self.groupbuy_line_id and super()._is_reorder_allowed()

    def unlink(self):
        """Override of `sale` to take along what was given back of a line.

        Odoo removes the discounts of an order that is cancelled; what was taken off
        them by then goes with them.
        """
        return super(SaleOrderLine, self | self.groupbuy_reduction_ids).unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_groupbuy_hold(self):
        """Free what a removed cart line had held."""
        for order in self.filtered("groupbuy_line_id").order_id:
            lines = self.filtered(
                lambda line, order=order: (
                    line.order_id == order and line.groupbuy_line_id
                )
            )
            if order.groupbuy_state == "cart":
                self.env["groupbuy.hold"].sudo()._release_for_orders(
                    order.ids, lines.groupbuy_line_id.ids
                )

    # === DISCOUNTS === #

    def _groupbuy_get_discount_taxes(self):
        """Return the taxes by which Odoo groups the discounts of a line."""
        self.ensure_one()
        return self.tax_ids.flatten_taxes_hierarchy().filtered(
            lambda tax: tax.amount_type != "fixed"
        )

    def _groupbuy_get_reward_value(self, at_current_price):
        """Return what a line counts for in the base of a discount.

        :param bool at_current_price: Whether the price as it is now counts, or the one
            of joining.
        :rtype: float
        """
        self.ensure_one()
        if at_current_price:
            return self.price_total
        return self.groupbuy_joined_price * self.product_uom_qty

    def _groupbuy_scale_reward(self, factor):
        """Reduce a discount line, and what it costs on a card that pays by the point.

        :param float factor: From 0 to 1.
        """
        self.ensure_one()
        vals = {
            "price_unit": self.price_unit * factor,
            "technical_price_unit": self.price_unit * factor,
        }
        if self.reward_id.discount_mode == "per_point" and self.points_cost:
            vals["points_cost"] = self.coupon_id.currency_id.round(
                self.points_cost * factor
            )
        self.write(vals)
