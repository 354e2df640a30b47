# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a decision about a case does, in one transaction."""

from collections import defaultdict
from datetime import timedelta

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare
from odoo.tools.mail import plaintext2html

from odoo.addons.community_groupbuy.const import BEARERS

from .groupbuy_case import OPEN_STATES, OUTCOMES, PRECISION

# Outcomes for which the resident brings the goods back.
RETURNING = ("return", "exchange")
# Outcomes whose value is what the decider enters.
WITH_AMOUNT = ("partial", "wallet")


class GroupBuyCase(models.Model):
    _inherit = "groupbuy.case"

    # === DECISION === #

    def _decide(
        self,
        outcome,
        *,
        level,
        note="",
        amount=None,
        borne_by=None,
        product=None,
        goods_are_back=False,
        return_to="point",
    ):
        """Decide a case and do what the outcome says.

        Callers have checked that the user manages the case's point, or is staff; it
        runs elevated.

        Why it is safe: the case's row is locked before its state is looked at, then
        the residents' transfers and their orders, always in this order: two who
        decide at once, and a pickup at the same moment, come one after the other.
        The second finds the case decided. Money goes through the facts of the core,
        whose reference names the case, so none of it is given twice.

        :param str outcome: Selection value of the outcome.
        :param str level: "leader" or "staff", as whom the user decides.
        :param str note: What the resident is told; required for a rejection.
        :param float amount: For a refund in part and for store credit, in the
            currency of the case, tax included.
        :param str borne_by: Who bears it; what the case or its type says if empty.
        :param product.product product: What is handed out instead, if it is not the
            same product.
        :param bool goods_are_back: The resident has brought the goods already.
        :param str return_to: "point" or "warehouse", where they are brought.
        :raise UserError: If somebody has decided already, it is not the user's turn,
            or there is not as much left as is to be granted. Nothing is changed then.
        """
        self.ensure_one()
        self = self.sudo()
        note = (note or "").strip()[:4000]
        self._check_decision(outcome, note, borne_by, return_to)
        self._lock_case()
        self._check_turn(level)
        self.line_ids.order_line_id.move_ids.picking_id.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )._groupbuy_renew_transfers()
        self.line_ids.order_id._groupbuy_lock()
        value = self._get_value(outcome, amount)
        if level == "leader":
            self._check_grant(value)
        self.write(
            {
                "outcome": outcome,
                "outcome_note": note,
                "amount": value,
                "borne_by": borne_by or self.borne_by or self.type_id.default_borne_by,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "decided_level": level,
                "is_alerted": False,
                "state": self._get_decided_state(outcome),
                "deadline": outcome in RETURNING
                and fields.Datetime.now() + timedelta(days=self.type_id.return_days),
            }
        )
        self.activity_ids.unlink()
        self._grant(outcome, value, product, goods_are_back, return_to)
        self._tell_outcome()

    def _check_decision(self, outcome, note, borne_by, return_to):
        """Refuse a decision that is not complete, or was made up.

        :raise UserError: If so.
        """
        if (
            outcome not in dict(OUTCOMES)
            or (borne_by and borne_by not in dict(BEARERS))
            or return_to not in ("point", "warehouse")
        ):
            raise UserError(self.env._("Please choose one of the outcomes."))
        if outcome == "reject" and not note:
            raise UserError(
                self.env._("Please give the resident the reason for the rejection.")
            )

    def _check_turn(self, level):
        """Refuse who cannot decide the case now.

        :param str level: "leader" or "staff".
        :raise UserError: If it is decided, or lies with somebody else.
        """
        allowed = ("leader",) if level == "leader" else OPEN_STATES
        if self.state not in allowed:
            raise UserError(self._get_closed_message())

    def _check_grant(self, value):
        """Refuse more than a leader may grant.

        :param float value: In the currency of the case.
        :raise UserError: If it is more.
        """
        limit = self._get_grant_limit(self.env.user)
        currency = self.company_id.currency_id
        worth = self.currency_id._convert(
            value, currency, self.company_id, fields.Date.context_today(self)
        )
        if currency.compare_amounts(worth, limit) > 0:
            raise UserError(
                self.env._(
                    "You may grant up to %(limit)s; this is worth %(worth)s. Please"
                    " pass the case on to the shop.",
                    limit=currency.format(limit),
                    worth=currency.format(worth),
                )
            )

    def _get_grant_limit(self, user):
        """Return up to which value a leader may decide a case.

        :param res.users user: The leader.
        :return: In the currency of the case's company, for one case: what an addon
            that knows leaders answers for the point, else the limit of the settings.
        :rtype: float
        """
        self.ensure_one()
        limit = self.point_id._get_grant_limit(user) if self.point_id else None
        return self.company_id.groupbuy_leader_grant_limit if limit is None else limit

    def _get_decided_state(self, outcome):
        """Return the state of a case right after it was decided."""
        if outcome == "reject":
            return "rejected"
        return "returning" if outcome in RETURNING else "resolved"

    # === WORTH === #

    def _get_quantities(self):
        """Return what the case is about, order line by order line.

        :return: Order line → quantity in its unit.
        :rtype: dict[sale.order.line, float]
        """
        quantities = defaultdict(float)
        for line in self.line_ids.filtered("order_line_id"):
            quantities[line.order_line_id] += line.quantity
        return dict(quantities)

    def _get_goods_value(self):
        """Return what the goods of the case still cost their residents.

        :return: Tax included, in the currency of the case.
        :rtype: float
        """
        return self.currency_id.round(
            sum(line._get_price() for line in self.line_ids if line.order_line_id)
        )

    def _get_value(self, outcome, amount):
        """Return what an outcome is worth, having checked that there is so much.

        :param str outcome: Selection value.
        :param float amount: What was entered, for the outcomes that need it.
        :return: In the currency of the case, tax included.
        :rtype: float
        :raise UserError: If there are no goods for it, or the amount is too large.
        """
        if outcome == "reject":
            return 0.0
        if outcome == "coupon":
            return self._get_coupon_value()
        goods = self._get_goods_value()
        if outcome not in WITH_AMOUNT:
            quantities = self._get_quantities()
            if not quantities:
                raise UserError(
                    self.env._(
                        "Please enter first which goods of which order it is about."
                    )
                )
            self._check_ordered(quantities)
            if outcome in ("exchange", "replacement"):
                return self.currency_id.round(
                    sum(line._get_worth() for line in self.line_ids)
                )
            if outcome in ("refund", "return") and not goods:
                raise UserError(
                    self.env._("All that these goods cost has been given back already.")
                )
            return goods
        if outcome == "wallet" and not self.line_ids:
            goods = self.order_id.amount_total
        if not amount or self.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Please enter an amount above zero."))
        if self.currency_id.compare_amounts(amount, goods) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s is more than what is left: the goods cost %(goods)s.",
                    amount=self.currency_id.format(amount),
                    goods=self.currency_id.format(goods),
                )
            )
        return self.currency_id.round(amount)

    def _check_ordered(self, quantities):
        """Refuse more than is left of the orders, as staff may have entered.

        :param dict quantities: Order line → quantity.
        :raise UserError: If so.
        """
        for line, quantity in quantities.items():
            left = line.product_uom_qty
            if float_compare(quantity, left, precision_digits=PRECISION) > 0:
                raise UserError(
                    self.env._(
                        "The case is about %(quantity)g of %(product)s, and the order"
                        " has %(left)g. Please correct the goods of the case first.",
                        quantity=quantity,
                        product=line.product_id.display_name,
                        left=left,
                    )
                )

    # === DOING IT === #

    def _grant(self, outcome, value, product, goods_are_back, return_to):
        """Do what the outcome says.

        :param str outcome: Selection value.
        :param float value: What it is worth.
        """
        if outcome == "refund":
            self._grant_refund()
        elif outcome == "partial":
            self._grant_partial(value)
        elif outcome == "return":
            self._grant_return(goods_are_back, return_to)
        elif outcome == "exchange":
            self._grant_exchange(product, goods_are_back, return_to)
        elif outcome == "replacement":
            self._grant_replacement(product)
        elif outcome == "coupon":
            self._grant_coupon()
        elif outcome == "wallet":
            self._grant_wallet(value)

    def _split(self):
        """Return what is still to be handed out, and what was, of each line.

        :return: Two dicts: order line → quantity in its unit, above zero.
        :rtype: tuple[dict, dict]
        """
        waiting, collected = {}, {}
        for line, quantity in self._get_quantities().items():
            undelivered = max(line.product_uom_qty - line.qty_delivered, 0.0)
            # What the resident had when the case was opened is meant first.
            had = sum(
                case_line.collected_quantity
                for case_line in self.line_ids
                if case_line.order_line_id == line
            )
            open_quantity = min(max(quantity - had, 0.0), undelivered)
            if float_compare(open_quantity, 0, precision_digits=PRECISION) > 0:
                waiting[line] = open_quantity
            rest = quantity - open_quantity
            if float_compare(rest, 0, precision_digits=PRECISION) > 0:
                collected[line] = rest
        return waiting, collected

    def _by_order(self, values):
        """Return the entries of a dict by order line, order by order.

        :param dict values: Order line → anything.
        :rtype: list[tuple[sale.order, dict]]
        """
        orders = {}
        for line, value in values.items():
            orders.setdefault(line.order_id, {})[line] = value
        return sorted(orders.items(), key=lambda item: item[0].id)

    def _grant_refund(self):
        """Give all back: goods not collected are taken off, collected ones are kept."""
        waiting, collected = self._split()
        self._give_back_waiting(waiting)
        # Counted now: coupons have shrunk with what was taken off.
        self._compensate(
            {
                line: line._groupbuy_get_paid_for(quantity)
                for line, quantity in collected.items()
            }
        )

    def _give_back_waiting(self, quantities):
        """Take goods off their orders that are not handed out any more.

        :param dict quantities: Order line → quantity.
        """
        at_point = self._get_reserved(quantities)
        for order, values in self._by_order(quantities):
            order._groupbuy_give_back(values, "case", f"case/{self.id}", self.borne_by)
        if self.type_id.is_unfit:
            self._set_aside(at_point)

    def _compensate(self, amounts):
        """Give back a price, or a part of it, of goods that the residents keep.

        :param dict amounts: Order line → amount, tax included.
        """
        amounts = {line: amount for line, amount in amounts.items() if amount}
        for order, values in self._by_order(amounts):
            order._groupbuy_compensate(
                values, "case", f"case/{self.id}/kept", self.borne_by
            )

    def _grant_partial(self, amount):
        """Give back a part of the price, shared out by what the goods cost."""
        prices = defaultdict(float)
        for line in self.line_ids.filtered("order_line_id"):
            prices[line.order_line_id] += line._get_price()
        total = sum(prices.values())
        amounts = {}
        left = amount
        for line, price in sorted(prices.items(), key=lambda item: item[1]):
            share = self.currency_id.round(min(amount * price / total, left))
            amounts[line] = share
            left = self.currency_id.round(left - share)
        if left:
            # The dearest goods take what rounding has left over.
            amounts[line] = self.currency_id.round(amounts[line] + left)
        self._compensate(amounts)

    def _grant_return(self, goods_are_back, return_to):
        """Let the resident bring the goods; the money follows when they are back."""
        waiting, collected = self._split()
        if not collected:
            raise UserError(
                self.env._(
                    "The goods have not been collected: there is nothing to bring"
                    " back. Please refund them instead."
                )
            )
        self._give_back_waiting(waiting)
        self._create_returns(collected, True, return_to)
        if goods_are_back:
            self._receive_returns()

    def _grant_exchange(self, product, goods_are_back, return_to):
        """Let the resident bring the goods and get others for them."""
        _waiting, collected = self._split()
        if not collected:
            raise UserError(
                self.env._(
                    "The goods have not been collected: there is nothing to bring"
                    " back. Please replace them instead."
                )
            )
        self._create_returns(collected, False, return_to)
        self._grant_replacement(product)
        if goods_are_back:
            self._receive_returns()

    def _grant_replacement(self, product):
        """Hand out goods once more, at no charge.

        What was collected is replaced by a transfer of its own; what still waits for
        the resident is put aside at the point, and its own transfer waits for what is
        brought instead.
        """
        waiting, collected = self._split()
        if waiting and product and product not in {ln.product_id for ln in waiting}:
            raise UserError(
                self.env._(
                    "What has not been collected can be replaced by the same product"
                    " only. Refund it, or let the resident collect it first."
                )
            )
        extra = self.env["stock.picking"]
        for order, quantities in self._by_order(collected):
            extra |= self._create_extra_picking(order, quantities, product)
        missing = self._replace_waiting(waiting)
        for move in extra.filtered("groupbuy_point_id").move_ids:
            key = (move.picking_id.groupbuy_point_id, move.product_id)
            missing[key] += max(move.product_qty - move._groupbuy_get_reserved(), 0.0)
        self._bring_to_points(missing)
        extra._groupbuy_on_extra_planned()

    # === TRANSFERS === #

    def _create_returns(self, quantities, to_refund, return_to):
        """Create the transfers by which goods come back, with Odoo's own wizard.

        :param dict quantities: Order line → quantity in its unit.
        :param bool to_refund: Whether the order counts them as not delivered then.
        :param str return_to: "point" or "warehouse".
        :raise UserError: If less was handed out, or some has come back before.
        """
        by_picking = defaultdict(dict)
        for line, quantity in quantities.items():
            for move, part in line._groupbuy_get_returnable(quantity):
                by_picking[move.picking_id][move] = part
        for picking, moves in by_picking.items():
            location = self.env["stock.location"]
            if return_to == "point" and picking.groupbuy_point_id:
                location = picking.groupbuy_point_id._groupbuy_get_return_location()
            wizard = (
                self.env["stock.return.picking"]
                .with_context(
                    active_id=picking.id,
                    active_ids=picking.ids,
                    active_model="stock.picking",
                    groupbuy_return={
                        "case_id": self.id,
                        "location_id": location.id,
                        "to_refund": to_refund,
                    },
                )
                .create({"picking_id": picking.id})
            )
            for line in wizard.product_return_moves:
                line.quantity = moves.get(line.move_id, 0.0)
            wizard._create_return()

    def _is_back_to_point(self):
        """Return whether goods of the case are brought back to its pickup point.

        :rtype: bool
        """
        self.ensure_one()
        returns = self.extra_picking_ids.filtered("return_id")
        location = self.point_id.return_location_id
        return bool(location) and returns.location_dest_id == location

    def _get_return_address(self):
        """Return to where goods are sent that are not brought to a point.

        :return: On one line.
        :rtype: str
        """
        self.ensure_one()
        warehouse = self.extra_picking_ids.filtered(
            "return_id"
        ).location_dest_id.warehouse_id[:1]
        partner = warehouse.partner_id or self.company_id.partner_id
        lines = partner._display_address(without_company=True).splitlines()
        return ", ".join([partner.name, *(line for line in lines if line.strip())])

    def _get_open_returns(self):
        """Return the transfers by which goods are still to come back."""
        return self.extra_picking_ids.filtered(
            lambda picking: (
                picking.return_id and picking.state not in ("done", "cancel")
            )
        )

    def _receive_returns(self):
        """Validate the returns: the goods are here.

        :raise UserError: If none is open.
        """
        self.invalidate_recordset(["extra_picking_ids"])
        pickings = self._get_open_returns()
        if not pickings:
            raise UserError(self.env._("No goods are to come back."))
        for picking in pickings:
            picking._groupbuy_validate_all()

    def _on_goods_returned(self, picking):
        """Give back what has come back, and end the case when all of it has.

        Called in the transaction that validates the return, whoever does so.

        :param stock.picking picking: The return, done.
        """
        self.ensure_one()
        self = self.sudo()
        self._lock_case()
        if self.state != "returning":
            return
        if self.outcome == "return":
            quantities = defaultdict(float)
            for move in picking.move_ids.filtered(
                lambda move: move.state == "done" and move.sale_line_id
            ):
                quantities[move.sale_line_id] += move.product_uom._compute_quantity(
                    move.quantity, move.sale_line_id.product_uom_id
                )
            for order, values in self._by_order(quantities):
                order._groupbuy_give_back(
                    values, "case", f"case/{self.id}/{picking.id}", self.borne_by
                )
        self.invalidate_recordset(["extra_picking_ids"])
        if not self._get_open_returns():
            self.write({"state": "resolved", "deadline": False})
            self.activity_ids.unlink()
            self._tell_resident(
                self.env._("The goods have come back. Thank you.")
                if self.outcome == "exchange"
                else self.env._(
                    "The goods have come back. Your money is on its way to you."
                )
            )

    def _create_extra_picking(self, order, quantities, product):
        """Create the transfer that hands out goods instead of those of the case.

        Its moves are not those of the order: they change neither what was delivered
        for it nor what it is invoiced.

        :param sale.order order: The resident's order.
        :param dict quantities: Order line → quantity in its unit.
        :param product.product product: What is handed out; the same if empty.
        :rtype: stock.picking
        """
        values = order._groupbuy_prepare_picking() | {
            "origin": f"{self.name}, {order.name}",
            "groupbuy_is_extra": True,
            "groupbuy_case_id": self.id,
        }
        if not order.groupbuy_point_id:
            values |= {
                "location_id": order.groupbuy_campaign_id.warehouse_id.lot_stock_id.id,
                "groupbuy_role": False,
                "partner_id": order.partner_shipping_id.id,
            }
        picking = self.env["stock.picking"].create(values)
        moves = self.env["stock.move"].create(
            [
                {
                    "picking_id": picking.id,
                    "picking_type_id": picking.picking_type_id.id,
                    "product_id": (product or line.product_id).id,
                    "product_uom_qty": quantity,
                    "product_uom": (
                        product.uom_id if product else line.product_uom_id
                    ).id,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                    "partner_id": picking.partner_id.id,
                    "company_id": picking.company_id.id,
                    "origin": self.name,
                    "procure_method": "make_to_stock",
                }
                for line, quantity in quantities.items()
            ]
        )
        moves._action_confirm(merge=False)
        moves._action_assign()
        return picking

    def _get_reserved(self, quantities):
        """Return what of goods to hand out lies at its point already.

        :param dict quantities: Order line → quantity in its unit.
        :return: (pickup point, product) → quantity in the product's unit.
        :rtype: dict
        """
        result = defaultdict(float)
        for line, quantity in quantities.items():
            wanted = line.product_uom_id._compute_quantity(
                quantity, line.product_id.uom_id
            )
            for move in line._groupbuy_get_open_moves():
                part = min(move._groupbuy_get_reserved(), wanted)
                wanted -= part
                if part > 0 and move.picking_id.groupbuy_point_id:
                    key = (move.picking_id.groupbuy_point_id, move.product_id)
                    result[key] += part
        return result

    def _set_aside(self, quantities):
        """Move goods that are unfit out of reach of the next resident.

        They stay at the point, in its location for returns.

        :param dict quantities: (pickup point, product) → quantity.
        """
        for (point, product), quantity in quantities.items():
            picking = self._create_internal_picking(
                point,
                point.location_id,
                point._groupbuy_get_return_location(),
                {product: quantity},
            )
            picking.action_assign()
            picking._groupbuy_validate_all()

    def _replace_waiting(self, quantities):
        """Put goods aside that wait for their resident, so that others are brought.

        :param dict quantities: Order line → quantity in its unit.
        :return: (pickup point, product) → what is to be brought.
        :rtype: defaultdict
        """
        missing = defaultdict(float)
        lines = self.env["sale.order.line"].union(*quantities)
        moves = lines._groupbuy_get_open_moves().filtered(
            "picking_id.groupbuy_point_id"
        )
        at_point = self._get_reserved(quantities)
        if self.type_id.is_unfit:
            moves._do_unreserve()
            self._set_aside(at_point)
            moves._action_assign()
        coming = self._get_coming(moves)
        for line, quantity in quantities.items():
            wanted = line.product_uom_id._compute_quantity(
                quantity, line.product_id.uom_id
            )
            for move in line._groupbuy_get_open_moves() & moves:
                key = (move.picking_id.groupbuy_point_id, move.product_id)
                short = min(
                    wanted, max(move.product_qty - move._groupbuy_get_reserved(), 0.0)
                )
                wanted -= short
                if key not in coming:
                    missing[key] += short
        return missing

    def _get_coming(self, moves):
        """Return what the campaign's own transfers still bring to the points.

        :param stock.move moves: Moves of residents.
        :return: Pairs of pickup point and product.
        :rtype: set
        """
        pickings = moves.picking_id
        coming = self.env["stock.move"].search(
            [
                (
                    "picking_id.groupbuy_campaign_id",
                    "in",
                    pickings.groupbuy_campaign_id.ids,
                ),
                ("picking_id.groupbuy_point_id", "in", pickings.groupbuy_point_id.ids),
                ("picking_id.groupbuy_role", "=", "to_point"),
                ("product_id", "in", moves.product_id.ids),
                ("state", "not in", ("done", "cancel")),
            ]
        )
        return {(move.picking_id.groupbuy_point_id, move.product_id) for move in coming}

    def _bring_to_points(self, quantities):
        """Create the transfers that bring to points what they do not have.

        :param dict quantities: (pickup point, product) → quantity in its unit.
        """
        by_point = defaultdict(dict)
        for (point, product), quantity in quantities.items():
            if float_compare(quantity, 0, precision_digits=PRECISION) > 0:
                by_point[point][product] = quantity
        for point, products in by_point.items():
            warehouse = self.campaign_id.warehouse_id
            picking = self._create_internal_picking(
                point, warehouse.lot_stock_id, point.location_id, products
            )
            picking.write(
                {
                    "groupbuy_campaign_id": self.campaign_id.id,
                    "groupbuy_point_id": point.id,
                    "groupbuy_role": "to_point",
                    "groupbuy_is_extra": True,
                    "partner_id": point.partner_id.id,
                }
            )
            picking.action_assign()
            if picking.state != "assigned":
                self._report_missing(picking)

    def _create_internal_picking(self, point, source, destination, products):
        """Create an internal transfer of this case, confirmed.

        :param groupbuy.pickup.point point: The point it is about.
        :param stock.location source: From where.
        :param stock.location destination: To where.
        :param dict products: Product → quantity in its unit.
        :rtype: stock.picking
        """
        warehouse = self.campaign_id.warehouse_id or self.env["stock.warehouse"].search(
            [("company_id", "=", point.company_id.id)], limit=1
        )
        picking_type = warehouse.int_type_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "origin": self.name,
                "company_id": point.company_id.id,
                "location_id": source.id,
                "location_dest_id": destination.id,
                "groupbuy_case_id": self.id,
                "user_id": False,
                "move_ids": [
                    fields.Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "product_uom": product.uom_id.id,
                            "location_id": source.id,
                            "location_dest_id": destination.id,
                            "company_id": point.company_id.id,
                            "picking_type_id": picking_type.id,
                            "procure_method": "make_to_stock",
                        }
                    )
                    for product, quantity in products.items()
                ],
            }
        )
        picking.move_ids._action_confirm(merge=False)
        return picking

    def _report_missing(self, picking):
        """Ask the owner to buy what the warehouse does not have for a replacement."""
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=(self.user_id or self.campaign_id.user_id).id or SUPERUSER_ID,
            summary=self.env._("Buy goods for a replacement"),
            note=self.env._("%s waits for goods that are not in stock.", picking.name),
        )

    def _release_goods(self):
        """Cancel the returns and replacements of a closed case that are still open."""
        self.extra_picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        ).action_cancel()

    # === CREDIT === #

    def _get_coupon_program(self):
        """Return the program of which residents get a coupon.

        :rtype: loyalty.program
        :raise UserError: If the settings name none.
        """
        program = self.company_id.groupbuy_case_program_id
        if program.reward_ids[:1].reward_type != "discount":
            raise UserError(
                self.env._("No coupon has been chosen in the settings of group buying.")
            )
        if not self.partner_id:
            raise UserError(self.env._("Nobody is named who could get a coupon."))
        return program

    def _get_coupon_value(self):
        """Return what the coupon is worth, for the limit of what a leader may grant.

        :return: In the currency of the case.
        :rtype: float
        """
        reward = self._get_coupon_program().reward_ids[:1]
        if reward.discount_mode == "percent":
            goods = self._get_goods_value() or self.order_id.amount_total
            return self.currency_id.round(goods * reward.discount / 100)
        points = reward.required_points if reward.discount_mode == "per_point" else 1
        return reward.currency_id._convert(
            reward.discount * points,
            self.currency_id,
            self.company_id,
            fields.Date.context_today(self),
        )

    def _grant_coupon(self):
        """Give the resident a coupon of the program that the settings name."""
        program = self._get_coupon_program()
        self.loyalty_card_id = self.env["loyalty.card"].create(
            {
                "program_id": program.id,
                "partner_id": self.partner_id.id,
                "points": program.reward_ids[:1].required_points,
            }
        )

    def _grant_wallet(self, amount):
        """Put an amount on the resident's store credit."""
        order = self.order_id
        if not order:
            raise UserError(
                self.env._("The case names no order whose resident could get it.")
            )
        card = order._groupbuy_get_wallet()
        if not card:
            raise UserError(
                self.env._("There is no store credit: choose one in the settings.")
            )
        order._groupbuy_credit_wallet(
            card, amount, description=self.env._("Compensation: %s", self.name)
        )
        self.loyalty_card_id = card

    # === TELLING === #

    def _tell_outcome(self):
        """Tell the resident what was decided, by mail and on the page of the case."""
        case = self.with_context(lang=self.partner_id.lang or self.env.lang)
        amount = case.currency_id.format(case.amount)
        texts = {
            "refund": case.env._("You get %s back.", amount),
            "partial": case.env._("You get %s back.", amount),
            "return": case.env._(
                "Please bring the goods back to where you collected them. You get"
                " %s back then.",
                amount,
            )
            if case._is_back_to_point()
            else case.env._(
                "Please send the goods back to %(address)s. You get %(amount)s back"
                " then.",
                address=case._get_return_address(),
                amount=amount,
            ),
            "exchange": case.env._(
                "Please bring the goods back. You get others for them."
            )
            if case._is_back_to_point()
            else case.env._(
                "Please send the goods back to %s. You get others for them.",
                case._get_return_address(),
            ),
            "replacement": case.env._("You get other goods for them, at no charge."),
            "wallet": case.env._("%s were added to your store credit.", amount),
            "reject": case.env._("We cannot grant what you asked for."),
        }
        if case.outcome == "coupon":
            text = case.env._(
                "You get a coupon for your next order: %s", case.loyalty_card_id.code
            )
        elif case.outcome == "return" and case.state == "resolved":
            # The goods were there when it was decided: the message said so.
            text = ""
        elif case.outcome == "exchange" and case.state == "resolved":
            text = texts["replacement"]
        else:
            text = texts[case.outcome]
        body = "\n".join(filter(None, (text, case.outcome_note)))
        if body:
            case._tell_resident(body)

    def _tell_resident(self, text):
        """Post a message that the resident gets by mail.

        :param str text: Plain text, in the resident's language.
        """
        self.ensure_one()
        self.message_post(
            body=plaintext2html(text),
            author_id=self.env.user.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
