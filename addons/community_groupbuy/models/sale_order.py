# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging
from collections import defaultdict

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..const import JOINED_STATES, MAX_QUANTITY, PRIVILEGE
from ..utils import has_privilege, parse_id, parse_quantity, selection_of

_logger = logging.getLogger(__name__)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # === FIELDS === #

    groupbuy_campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        string="Group Campaign",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
        check_company=True,
    )
    groupbuy_group_id = fields.Many2one(
        comodel_name="groupbuy.group",
        string="Group",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    groupbuy_point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Pickup Point",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    groupbuy_state = fields.Selection(
        selection=[
            ("cart", "Cart"),
            ("waiting", "Waiting for the Group"),
            ("confirmed", "Group Succeeded"),
            ("failed", "Refunded"),
            ("cancelled", "Cancelled"),
        ],
        string="Group Status",
        readonly=True,
        copy=False,
        tracking=True,
    )
    groupbuy_failure = fields.Selection(
        selection=selection_of("groupbuy.job", "reason"),
        string="Why Refunded",
        readonly=True,
        copy=False,
    )
    groupbuy_joined_at = fields.Datetime(string="Joined On", readonly=True, copy=False)
    groupbuy_show_name = fields.Boolean(
        string="Show My Name",
        default=True,
        copy=False,
        help="Neighbours see the first name and initial on the campaign's page.",
    )
    groupbuy_priority = fields.Selection(
        selection=[("0", "Normal"), ("1", "Chilled Goods"), ("2", "Urgent")],
        string="Picking Priority",
        default="0",
        copy=False,
        help="Orders with a higher priority are picked and reserved first.",
    )
    groupbuy_job_ids = fields.One2many(
        comodel_name="groupbuy.job", inverse_name="order_id", copy=False
    )
    groupbuy_charged_total = fields.Monetary(
        string="Charged at Joining", readonly=True, copy=False
    )
    groupbuy_amount_charged = fields.Monetary(
        string="Charged", compute="_compute_groupbuy_amounts", compute_sudo=True
    )
    groupbuy_amount_refunded = fields.Monetary(
        string="Refunded", compute="_compute_groupbuy_amounts", compute_sudo=True
    )
    groupbuy_amount_invoiced = fields.Monetary(
        string="Invoiced in Group",
        compute="_compute_groupbuy_amounts",
        compute_sudo=True,
    )
    groupbuy_amount_owed = fields.Monetary(
        string="Still Owed",
        compute="_compute_groupbuy_amounts",
        compute_sudo=True,
        help="Charged, less invoiced and refunded: what the resident still has to get"
        " as goods, money or credit.",
    )
    groupbuy_picking_ids = fields.Many2many(
        comodel_name="stock.picking",
        string="Group Transfers",
        compute="_compute_groupbuy_picking_ids",
        help="Also the transfer that this order shares with the resident's others.",
    )

    _groupbuy_group_idx = models.Index(
        "(groupbuy_group_id, groupbuy_state) WHERE groupbuy_group_id IS NOT NULL"
    )
    _groupbuy_campaign_idx = models.Index(
        "(groupbuy_campaign_id, groupbuy_state, groupbuy_joined_at)"
        " WHERE groupbuy_campaign_id IS NOT NULL"
    )
    _groupbuy_partner_idx = models.Index(
        "(partner_id, groupbuy_campaign_id) WHERE groupbuy_campaign_id IS NOT NULL"
    )

    # === COMPUTE === #

    @api.depends(
        "transaction_ids.state",
        "transaction_ids.child_transaction_ids.state",
        "groupbuy_job_ids.state",
        "invoice_ids.state",
        "invoice_ids.amount_total_signed",
    )
    def _compute_groupbuy_amounts(self):
        for order in self:
            if not order.groupbuy_campaign_id:
                order.groupbuy_amount_charged = 0.0
                order.groupbuy_amount_refunded = 0.0
                order.groupbuy_amount_invoiced = 0.0
                order.groupbuy_amount_owed = 0.0
                continue
            txs = order.transaction_ids
            captured = sum(txs._groupbuy_get_captured().mapped("amount"))
            refunded = -sum(txs._groupbuy_get_refunds().mapped("amount")) + sum(
                order.groupbuy_job_ids.filtered(
                    lambda job: (
                        job.state == "done" and job.method in ("wallet", "manual")
                    )
                ).mapped("amount")
            )
            invoiced = sum(
                move.amount_total
                if move.move_type == "out_invoice"
                else -move.amount_total
                for move in order.invoice_ids
                if move.state == "posted"
            )
            order.groupbuy_amount_charged = captured
            order.groupbuy_amount_refunded = refunded
            order.groupbuy_amount_invoiced = invoiced
            order.groupbuy_amount_owed = order.currency_id.round(
                captured - refunded - invoiced
            )

    @api.depends("order_line.move_ids.picking_id")
    def _compute_groupbuy_picking_ids(self):
        for order in self:
            order.groupbuy_picking_ids = order.order_line.move_ids.picking_id

    def _groupbuy_to_company_currency(self, amount):
        """Convert an amount of the order to the campaign's currency.

        :param float amount: In the order's currency.
        :return: In the currency of the campaign's company.
        :rtype: float
        """
        self.ensure_one()
        currency = self.groupbuy_campaign_id.currency_id
        if self.currency_id == currency:
            return amount
        return self.currency_id._convert(
            amount, currency, self.company_id, fields.Date.context_today(self)
        )

    def _groupbuy_is_for_point(self):
        """Return whether the order is collected at a pickup point."""
        self.ensure_one()
        return bool(self.groupbuy_campaign_id and self.groupbuy_point_id)

    # === FACTS === #

    # What only our own code writes: how an order stands in its campaign.
    _groupbuy_fact_fields = frozenset(
        ("groupbuy_campaign_id", "groupbuy_group_id", "groupbuy_point_id",
         "groupbuy_state", "groupbuy_failure", "groupbuy_joined_at",
         "groupbuy_charged_total")
    )  # fmt: skip

    def _groupbuy_check_facts(self, names):
        """Refuse that somebody writes how an order stands in its campaign.

        Salespeople may write orders, and so may call `write` by RPC. A state written
        there would join without a payment, or leave without a refund.

        :param names: Names of the fields that are about to be written.
        :raise AccessError: If one of them is such a fact, unless our own code writes
            it.
        """
        if self.env.su or has_privilege(self.env.context, "groupbuy_system_write"):
            return
        if forged := self._groupbuy_fact_fields.intersection(names):
            raise AccessError(
                self.env._(
                    "%(fields)s of a group order cannot be written: it follows from"
                    " payments and from the close of the campaign.",
                    fields=", ".join(self._fields[n].string for n in sorted(forged)),
                )
            )

    def _groupbuy_check_lines_changeable(self):
        """Refuse that staff change what a waiting order was paid for.

        :raise UserError: If an order waits for its group, unless our own code asks.
        """
        if self.env.su:
            return
        for order in self:
            if order.groupbuy_state == "waiting":
                raise UserError(
                    self.env._(
                        "%s is paid and waits for its group: its lines are what was"
                        " paid for. Cancel the order instead; its money goes back.",
                        order.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._groupbuy_check_facts(
            name for vals in vals_list for name, value in vals.items() if value
        )
        return super().create(vals_list)

    def write(self, vals):
        self._groupbuy_check_facts(vals)
        if (
            vals.get("state") == "sale"
            and not self.env.su
            and not has_privilege(self.env.context, "groupbuy_confirm")
            and any(order.groupbuy_campaign_id for order in self)
        ):
            raise AccessError(
                self.env._("A group order is confirmed by the close of its campaign.")
            )
        return super().write(vals)

    # === CART === #

    def _cart_add(self, product_id, quantity=1.0, *, uom_id=None, **kwargs):
        """Override of `website_sale` to add an offer of a campaign to the cart.

        `groupbuy_line_id` comes from the browser: it is looked up, and the product,
        the unit and the price are taken from the line, never from the request.
        """
        line_id = kwargs.pop("groupbuy_line_id", None)
        if line_id is None:
            if self.groupbuy_campaign_id:
                raise UserError(self._groupbuy_mixed_cart_message())
            return super()._cart_add(product_id, quantity, uom_id=uom_id, **kwargs)
        campaign_line = self._groupbuy_find_line(line_id)
        if campaign_line.product_id.id != product_id:
            raise UserError(self.env._("This offer is for another product."))
        self._groupbuy_enter(campaign_line.campaign_id)
        return super()._cart_add(
            product_id,
            quantity,
            uom_id=campaign_line.product_uom_id.id,
            groupbuy_line=campaign_line,
            **kwargs,
        )

    def _groupbuy_find_line(self, line_id):
        """Look up an offer that a browser named.

        :param line_id: Anything.
        :return: The line, of a campaign that can be joined on this order's website.
        :rtype: groupbuy.campaign.line
        :raise UserError: If there is no such offer, or it cannot be joined now.
        """
        self.ensure_one()
        line = (
            self.env["groupbuy.campaign.line"].sudo().browse(parse_id(line_id) or [])
        ).exists()
        campaign = line.campaign_id
        if (
            not line
            or campaign.company_id != self.company_id
            or (campaign.website_id and campaign.website_id != self.website_id)
            or not campaign.is_published
        ):
            raise UserError(self.env._("This offer does not exist on this website."))
        if not campaign._is_joinable():
            raise UserError(self._groupbuy_not_joinable_message(campaign))
        if refusal := self._groupbuy_get_refusal(campaign):
            raise UserError(refusal)
        return line

    def _groupbuy_get_refusal(self, campaign):
        """Return why this order's owner may not join a campaign that others may.

        :param groupbuy.campaign campaign: The campaign.
        :return: A sentence, or an empty string.
        :rtype: str
        """
        resident = self._groupbuy_get_resident() or self.env["res.partner"]
        return campaign._groupbuy_get_refusal(resident)

    def _groupbuy_not_joinable_message(self, campaign):
        """Return a sentence that says why a campaign cannot be joined."""
        if campaign.state == "scheduled":
            return self.env._(
                "%(campaign)s opens on %(date)s.",
                campaign=campaign.name,
                date=campaign._format_local(campaign.open_at),
            )
        return self.env._(
            "%(campaign)s has closed. Nothing was charged; have a look at the campaigns"
            " that are open now.",
            campaign=campaign.name,
        )

    def _groupbuy_mixed_cart_message(self):
        """Return a sentence that says why something does not fit into the cart."""
        if self.groupbuy_campaign_id:
            return self.env._(
                "Your cart holds the campaign %s. Pay for it first, or start a new"
                " cart.",
                self.groupbuy_campaign_id.name,
            )
        return self.env._(
            "Your cart holds goods of the shop. Pay for them first, or start a new cart"
            " for the campaign."
        )

    def _groupbuy_conflicts_with(self, campaign):
        """Return whether this cart holds something that a campaign cannot join.

        :param groupbuy.campaign campaign: The campaign of what is to be added.
        :rtype: bool
        """
        self.ensure_one()
        if not self.order_line.filtered(lambda line: line._show_in_cart()):
            return False
        return self.groupbuy_campaign_id != campaign or self.groupbuy_state != "cart"

    def _groupbuy_enter(self, campaign):
        """Bind an empty cart to a campaign.

        :param groupbuy.campaign campaign: The campaign of what is being added.
        :raise UserError: If the cart holds something else.
        """
        self.ensure_one()
        if self.groupbuy_campaign_id == campaign and self.groupbuy_state == "cart":
            return
        if self.order_line.filtered(lambda line: line._show_in_cart()):
            raise UserError(self._groupbuy_mixed_cart_message())
        self._remove_delivery_line()
        self.write(
            {
                "groupbuy_campaign_id": campaign.id,
                "groupbuy_state": "cart",
                "groupbuy_group_id": False,
                "groupbuy_point_id": False,
                "carrier_id": False,
                "require_payment": True,
                "prepayment_percent": 1.0,
            }
        )

    def _groupbuy_leave(self):
        """Unbind a cart from its campaign and free what it holds."""
        self.ensure_one()
        self.env["groupbuy.hold"].sudo()._release_for_orders(self.ids)
        self.order_line.unlink()
        self.write(
            {
                "groupbuy_campaign_id": False,
                "groupbuy_state": False,
                "groupbuy_group_id": False,
                "groupbuy_point_id": False,
                "carrier_id": False,
                "pickup_location_data": False,
            }
        )

    def _cart_find_product_line(self, product_id, *args, groupbuy_line=None, **kwargs):
        """Override of `website_sale` to keep group lines and shop lines apart."""
        lines = super()._cart_find_product_line(product_id, *args, **kwargs)
        wanted = groupbuy_line or self.env["groupbuy.campaign.line"]
        return lines.filtered(lambda line: line.groupbuy_line_id == wanted)

    def _prepare_order_line_values(
        self, product_id, quantity, uom_id, *, groupbuy_line=None, **kwargs
    ):
        """Override of `website_sale` to bind the order line to the campaign line."""
        values = super()._prepare_order_line_values(
            product_id, quantity, uom_id, **kwargs
        )
        if groupbuy_line:
            values["groupbuy_line_id"] = groupbuy_line.id
            values["groupbuy_joined_price"] = groupbuy_line._get_current_prices(
                self.groupbuy_group_id
            )[groupbuy_line.id]
        return values

    def _verify_updated_quantity(
        self, order_line, product_id, new_qty, uom_id, *, groupbuy_line=None, **kwargs
    ):
        """Override of `website_sale_stock` to claim the quantity of a group line.

        All or nothing: what cannot be claimed leaves the cart as it was.
        """
        campaign_line = groupbuy_line or order_line.groupbuy_line_id
        if not campaign_line:
            return super()._verify_updated_quantity(
                order_line, product_id, new_qty, uom_id, **kwargs
            )
        old_qty = order_line.product_uom_qty if order_line else 0
        problem = self._groupbuy_claim(campaign_line, new_qty)
        return (old_qty, problem) if problem else (new_qty, "")

    def _groupbuy_claim(self, campaign_line, quantity):
        """Claim a quantity for this cart, or say why not.

        :param groupbuy.campaign.line campaign_line: An offer of this cart's campaign.
        :param float quantity: The quantity wanted in all.
        :return: A sentence, or an empty string when the quantity is held.
        :rtype: str
        """
        self.ensure_one()
        campaign = campaign_line.campaign_id
        if parse_quantity(quantity, MAX_QUANTITY) is None:
            return self.env._(
                "Please enter a whole number from 1 to %s as the quantity.",
                MAX_QUANTITY,
            )
        if not campaign._is_joinable():
            return self._groupbuy_not_joinable_message(campaign)
        if campaign_line.min_per_order and quantity < campaign_line.min_per_order:
            return self.env._(
                "%(product)s is sold from %(minimum)g on.",
                product=campaign_line.name,
                minimum=campaign_line.min_per_order,
            )
        result = self._groupbuy_hold(campaign_line, quantity, campaign.hold_minutes)
        if result == "limit":
            return self.env._(
                "Each resident may order %(limit)g of %(product)s in this campaign.",
                limit=campaign_line.limit_per_resident,
                product=campaign_line.name,
            )
        if result == "sold_out":
            left = campaign_line.available_quantity
            # What this transaction sees may be older than the refusal: then there is
            # nothing left to name.
            if 0 < left < quantity:
                return self.env._(
                    "Only %(left)g of %(product)s are left.",
                    left=left,
                    product=campaign_line.name,
                )
            return self.env._(
                "%s is sold out. Put yourself on the waitlist: quantities that become"
                " free are offered in order.",
                campaign_line.name,
            )
        return ""

    def _groupbuy_hold(self, campaign_line, quantity, minutes):
        """Claim a quantity for this cart, with what the waitlist keeps for its owner.

        :return: "ok", "sold_out" or "limit".
        :rtype: str
        """
        resident = self._groupbuy_get_resident()
        offers = (
            self.env["groupbuy.waitlist"].sudo()._get_offers(campaign_line, resident)
            if resident and campaign_line.cap
            else []
        )
        return (
            self.env["groupbuy.hold"]
            .sudo()
            ._claim(
                campaign_line,
                self.id,
                quantity,
                partner=resident,
                group=self.groupbuy_group_id,
                minutes=minutes,
                instead_of=[-offer.id for offer in offers],
            )
        )

    def _groupbuy_get_resident(self):
        """Return who joins, or nobody while the visitor is still anonymous."""
        self.ensure_one()
        public = self.website_id.sudo().partner_id
        return self.partner_id if self.partner_id != public else None

    def _verify_cart(self):
        """Override of `website_sale` to drop what a closed campaign no longer sells."""
        result = super()._verify_cart()
        if (
            self.groupbuy_state == "cart"
            and not self.groupbuy_campaign_id._is_joinable()
        ):
            self._groupbuy_leave()
        return result

    def _check_cart_is_ready_to_be_paid(self):
        """Override of `website_sale` to hold everything for the time of the payment.

        :raise ValidationError: If the campaign has closed, the price in the cart is
            not the one shown now, a limit is exceeded, or something is sold out.
        """
        if self.groupbuy_campaign_id:
            self._groupbuy_check_payable()
        return super()._check_cart_is_ready_to_be_paid()

    def _groupbuy_check_payable(self):
        """Check a cart right before its payment and renew its holds."""
        self.ensure_one()
        campaign = self.groupbuy_campaign_id
        if self.groupbuy_state != "cart":
            raise ValidationError(
                self.env._("This order has been paid or cancelled already.")
            )
        if not campaign._is_joinable():
            raise ValidationError(self._groupbuy_not_joinable_message(campaign))
        if refusal := self._groupbuy_get_refusal(campaign):
            raise ValidationError(refusal)
        lines = self.order_line.filtered("groupbuy_line_id")
        strange = self.order_line.filtered(
            lambda line: (
                line._show_in_cart()
                and not line.groupbuy_line_id
                and not line.is_reward_line
            )
        )
        if not lines and not strange:
            raise ValidationError(self.env._("Your cart is empty."))
        if strange:
            raise ValidationError(self._groupbuy_mixed_cart_message())
        for line in lines:
            problem = self._groupbuy_claim_for_payment(line)
            if problem:
                raise ValidationError(problem)
        self._groupbuy_check_delivery()

    def _groupbuy_claim_for_payment(self, line):
        """Renew the hold of a cart line for the time that a payment takes."""
        campaign_line = line.groupbuy_line_id
        result = self._groupbuy_hold(
            campaign_line,
            line.product_uom_qty,
            campaign_line.campaign_id.payment_minutes,
        )
        if result == "ok":
            return ""
        if result == "limit":
            return self.env._(
                "Each resident may order %(limit)g of %(product)s in this campaign."
                " Please reduce the quantity.",
                limit=campaign_line.limit_per_resident,
                product=campaign_line.name,
            )
        return self.env._(
            "%(product)s: only %(left)g are left. Please reduce the quantity.",
            product=campaign_line.name,
            left=campaign_line.available_quantity,
        )

    def _filter_can_send_abandoned_cart_mail(self):
        """Override of `website_sale`: a campaign's cart is not brought back by mail.

        Its price and its quantity are gone by then, and an order that was paid is not
        abandoned at all.
        """
        return super(
            SaleOrder, self.filtered(lambda order: not order.groupbuy_campaign_id)
        )._filter_can_send_abandoned_cart_mail()

    def _all_product_available(self):
        """Override of `website_sale_stock`: a group order sells a quota, not stock."""
        return bool(self.groupbuy_campaign_id) or super()._all_product_available()

    def _groupbuy_assign_group(self, point):
        """Put the order into the group of a pickup point.

        :param groupbuy.pickup.point point: A point of the campaign, or nothing for
            home delivery.
        """
        self.ensure_one()
        group = self.groupbuy_campaign_id.group_ids.filtered(
            lambda group: group.pickup_point_id == point and not group.initiator_id
        )[:1]
        if not group:
            self.groupbuy_campaign_id.sudo()._create_groups()
            group = self.groupbuy_campaign_id.group_ids.filtered(
                lambda group: group.pickup_point_id == point and not group.initiator_id
            )[:1]
        self.with_context(groupbuy_system_write=PRIVILEGE).write(
            {"groupbuy_group_id": group.id, "groupbuy_point_id": point.id or False}
        )

    # === CONFIRMATION GATE === #

    def _confirmation_error_message(self):
        """Override of `sale`: group orders are confirmed by their close only.

        The last line behind payment on delivery, the portal's signature, the back
        office and RPC; none of them can carry the privilege of the close.
        """
        self.ensure_one()
        if self.groupbuy_campaign_id and not has_privilege(
            self.env.context, "groupbuy_confirm"
        ):
            return self.env._(
                "%(order)s waits for its group: it is confirmed when the campaign"
                " %(campaign)s succeeds.",
                order=self.name,
                campaign=self.groupbuy_campaign_id.name,
            )
        return super()._confirmation_error_message()

    def _is_confirmation_amount_reached(self):
        """Override of `sale`: a payment does not confirm a group order."""
        if self.groupbuy_campaign_id:
            return False
        return super()._is_confirmation_amount_reached()

    def _validate_order(self):
        """Override of `sale` to let a group order that costs nothing join."""
        free = self.filtered("groupbuy_campaign_id")
        for order in free:
            order._groupbuy_register_payment(self.env["payment.transaction"])
        others = self - free
        return super(SaleOrder, others)._validate_order() if others else None

    def _has_to_be_signed(self):
        """Override of `sale`: joining is paying; there is nothing to sign."""
        return not self.groupbuy_campaign_id and super()._has_to_be_signed()

    def _has_to_be_paid(self):
        """Override of `sale`: group orders are paid in the shop's checkout only.

        The portal's payment page knows neither holds nor closing times.
        """
        return not self.groupbuy_campaign_id and super()._has_to_be_paid()

    def _send_payment_succeeded_for_order_mail(self):
        """Override of `sale` to say that the order waits for its group."""
        group_orders = self.filtered("groupbuy_campaign_id")
        return super(
            SaleOrder, self - group_orders
        )._send_payment_succeeded_for_order_mail()

    def action_quotation_sent(self):
        """Override of `sale`: a pending payment does not make a group order wait.

        It stays a cart until money has come in or is authorised.
        """
        group_orders = self.filtered("groupbuy_campaign_id")
        group_orders.check_access("write")
        return super(SaleOrder, self - group_orders).action_quotation_sent()

    def action_cancel(self):
        """Override of `sale`: cancelling a group order gives its money back."""
        group_orders = self.filtered(
            lambda order: order.groupbuy_state in JOINED_STATES
        )
        if any(order.locked for order in group_orders):
            raise UserError(self.env._("Unlock the order before you cancel it."))
        if group_orders:
            # Payments and stock are changed below with elevated rights.
            group_orders.check_access("write")
            group_orders._groupbuy_check_untouched()
            group_orders._groupbuy_fail("staff")
        others = self - group_orders
        return super(SaleOrder, others).action_cancel() if others else True

    def _groupbuy_check_untouched(self):
        """Check that orders may be cancelled as a whole, with all their money back.

        :raise UserError: If goods were handed out or invoiced: what the resident keeps
            is not paid back.
        """
        for order in self.sudo():
            if any(line.qty_delivered for line in order.order_line) or any(
                move.state == "posted" for move in order.invoice_ids
            ):
                raise UserError(
                    self.env._(
                        "Goods of %s have been handed out or invoiced. Take back what"
                        " has to come back, then use the button Give Back.",
                        order.name,
                    )
                )

    # === JOINING === #

    def _groupbuy_lock(self):
        """Lock orders in the order of their ids, so that who changes them takes turns.

        Two payments of an order are registered one after the other; two that lock many
        orders never wait for each other in a circle.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "SELECT 1 FROM sale_order WHERE id = ANY(%s) ORDER BY id"
                " FOR NO KEY UPDATE",
                self.ids,
            )
        )

    def _groupbuy_lock_campaign(self):
        """Read the campaign's state so that it holds until this commits.

        Joiners share the lock and never wait for each other. The close takes it
        exclusively: it waits for registrations under way, and those that come after
        it fail to serialise, are retried, and then see the campaign closed.

        :return: State and closing time (UTC).
        :rtype: tuple[str, datetime]
        """
        self.ensure_one()
        self.groupbuy_campaign_id.flush_recordset(["state", "close_at"])
        self.env.cr.execute(
            SQL(
                "SELECT state, close_at FROM groupbuy_campaign WHERE id = %s FOR SHARE",
                self.groupbuy_campaign_id.id,
            )
        )
        return self.env.cr.fetchone()

    def _groupbuy_register_payment(self, tx):
        """Let the order join with a payment, or send the money back.

        Why it is safe: the order's row is locked, what has been registered before is
        recognised by the order's state, and each refund has a key made of the payment
        it returns. Running it twice, or for two payments at once, joins once.

        :param payment.transaction tx: The payment, authorised or done; empty for an
            order that costs nothing.
        """
        self.ensure_one()
        self._groupbuy_lock()
        if self.groupbuy_state in JOINED_STATES:
            if tx and tx != self._groupbuy_get_joining_payment():
                self._groupbuy_return_payment(tx, "duplicate")
            return
        if self.groupbuy_state != "cart":
            self._groupbuy_return_payment(tx, self.groupbuy_failure or "late")
            return
        state, close_at = self._groupbuy_lock_campaign()
        started_at = tx.create_date or fields.Datetime.now()
        if state != "open" or min(fields.Datetime.now(), started_at) >= close_at:
            self._groupbuy_reject(tx, "late")
            return
        if not self._groupbuy_is_covered_by(tx):
            self._groupbuy_return_payment(tx, "amount")
            return
        if not self.groupbuy_group_id:
            # Before the holds are settled: they carry the group that they count for.
            self._groupbuy_assign_group(self.groupbuy_point_id)
        if reason := self._groupbuy_refuse_join(tx):
            self._groupbuy_reject(tx, reason)
            return
        if not self._groupbuy_are_coupons_left():
            self._groupbuy_reject(tx, "coupon")
            return
        missing = self.env["groupbuy.hold"].sudo()._settle(self)
        if missing:
            self._groupbuy_reject(tx, "sold_out", missing)
            return
        self._groupbuy_join(tx)

    def _groupbuy_refuse_join(self, tx):
        """Hook for other addons: why a paid order cannot join its group after all.

        Called while the order and its campaign are locked, before the holds are
        settled. What it refuses is sent back.

        :param payment.transaction tx: The payment; empty for an order that is free.
        :return: Selection value of the job's reason; empty when the order may join.
        :rtype: str
        """
        self.ensure_one()
        return ""

    def _groupbuy_is_covered_by(self, tx):
        """Return whether one payment alone pays for the order.

        `amount_paid` cannot be asked: refunds are not linked to orders, so it still
        counts a payment that has been sent back.

        :param payment.transaction tx: The payment; empty for an order that is free.
        :rtype: bool
        """
        self.ensure_one()
        if tx and tx.currency_id != self.currency_id:
            return False
        return self.currency_id.compare_amounts(tx.amount, self.amount_total) >= 0

    def _groupbuy_get_joining_payment(self):
        """Return the payment with which the order joined: its first good one."""
        self.ensure_one()
        return self.transaction_ids.filtered(
            lambda tx: (
                tx.operation not in ("refund", "validation")
                and tx.state in ("authorized", "done")
                and tx.amount >= self.groupbuy_charged_total
            )
        ).sorted("id")[:1]

    def _groupbuy_join(self, tx):
        """Make a paid order wait for its group, with the prices it was charged."""
        for line in self.order_line.filtered("groupbuy_line_id"):
            line.groupbuy_joined_price = self._groupbuy_to_company_currency(
                line.price_total / line.product_uom_qty if line.product_uom_qty else 0.0
            )
            line.groupbuy_joined_quantity = line.product_uom_qty
        self.with_context(tracking_disable=True).write(
            {
                "state": "sent",
                "groupbuy_state": "waiting",
                "groupbuy_joined_at": fields.Datetime.now(),
                "groupbuy_charged_total": self.amount_total,
            }
        )
        self._groupbuy_take_points()
        self.env["groupbuy.waitlist"].sudo()._mark_joined(self)
        surplus = self.currency_id.round(tx.amount - self.amount_total) if tx else 0
        if surplus > 0:
            self._groupbuy_return_payment(tx, "amount", surplus)
        self._groupbuy_on_joined()

    def _groupbuy_on_joined(self):
        """Hook for other addons: the order has joined its group."""
        self.ensure_one()
        self.env["groupbuy.job"].sudo()._add(
            [
                {
                    "key": f"notify/joined/{self.id}",
                    "kind": "notify",
                    "order": self,
                    "reason": False,
                }
            ]
        )

    def _groupbuy_reject(self, tx, reason, lines=None):
        """Refuse an order whose payment came too late, and send the money back."""
        self.env["groupbuy.hold"].sudo()._release_for_orders(self.ids)
        self._action_cancel()
        self.write({"groupbuy_state": "failed", "groupbuy_failure": reason})
        if lines:
            self.message_post(
                body=self.env._(
                    "Sold out before the payment arrived: %s.",
                    ", ".join(lines.mapped("name")),
                )
            )
        self._groupbuy_return_payment(tx, reason)
        self.env["groupbuy.job"].sudo()._add(
            [
                {
                    "key": f"notify/{reason}/{self.id}",
                    "kind": "notify",
                    "order": self,
                    "reason": reason,
                }
            ]
        )

    def _groupbuy_return_payment(self, txs, reason, amount=None):
        """Queue the return of payments: void what is authorised, refund what is paid.

        :param payment.transaction txs: The payments.
        :param str reason: Selection value of the job.
        :param float amount: A part of the payment, in its currency; all by default.
        """
        vals_list = []
        for tx in txs:
            if tx.state == "authorized":
                key, kind = f"void/{tx.id}", "void"
                value = 0.0 if amount is None else amount
                if amount is not None:
                    # A part of an authorisation is simply not captured.
                    continue
            else:
                kind = "refund"
                key = f"refund/{tx.id}/{reason}"
                value = tx.amount if amount is None else amount
            vals_list.append(
                {
                    "key": key,
                    "kind": kind,
                    "order": self,
                    "transaction": tx,
                    "amount": value,
                    "reason": reason,
                }
            )
        return self.env["groupbuy.job"].sudo()._add(vals_list)

    # === LEAVING === #

    def _groupbuy_check_changeable(self):
        """Check that a resident may still change an order.

        :raise UserError: If it is not waiting or the campaign has closed.
        """
        self.ensure_one()
        if self.groupbuy_state != "waiting":
            raise UserError(self.env._("This order can no longer be changed."))
        state, close_at = self._groupbuy_lock_campaign()
        if state != "open" or fields.Datetime.now() >= close_at:
            raise UserError(
                self.env._(
                    "The campaign has closed: the goods are being bought. Please ask"
                    " for help after you have received them."
                )
            )

    def _groupbuy_cancel_by_resident(self):
        """Cancel a waiting order for its resident: the money goes back, quota is free.

        :raise UserError: If it is too late.
        """
        self.ensure_one()
        self._groupbuy_lock()
        self._groupbuy_check_changeable()
        self._groupbuy_fail("resident")

    def _groupbuy_reduce(self, quantities):
        """Reduce a waiting order for its resident and return the price of the rest.

        :param dict[int, float] quantities: Order line id → the new quantity, from 0
            to the old one.
        :raise UserError: If a line or quantity is not of this order or too late.
        """
        self.ensure_one()
        self._groupbuy_lock()
        self._groupbuy_check_changeable()
        lines = self.order_line.filtered("groupbuy_line_id")
        wanted = {}
        for line_id, value in quantities.items():
            line = lines.filtered(lambda line, line_id=line_id: line.id == line_id)
            quantity = 0 if value in (0, "0") else parse_quantity(value, MAX_QUANTITY)
            if not line or quantity is None or quantity > line.product_uom_qty:
                raise UserError(
                    self.env._(
                        "Please enter a whole number from 0 to what you have ordered."
                        " To order more, simply join once more: both orders are handed"
                        " out together."
                    )
                )
            minimum = line.groupbuy_line_id.min_per_order
            if 0 < quantity < minimum:
                raise UserError(
                    self.env._(
                        "%(product)s is sold from %(minimum)g on.",
                        product=line.groupbuy_line_id.name,
                        minimum=minimum,
                    )
                )
            wanted[line] = quantity
        remaining = sum(wanted.get(line, line.product_uom_qty) for line in lines)
        if not remaining:
            self._groupbuy_fail("resident")
            return
        before = self.amount_total
        bases = self._groupbuy_get_reward_bases()
        self._groupbuy_give_points_back()
        for line, quantity in wanted.items():
            if quantity != line.product_uom_qty:
                self._groupbuy_reduce_line(line, quantity)
        self._groupbuy_scale_rewards(bases)
        self._groupbuy_take_points()
        difference = self.currency_id.round(before - self.amount_total)
        if difference <= 0:
            return
        self.groupbuy_charged_total = self.amount_total
        tx = self._groupbuy_get_joining_payment() or self.transaction_ids[:1]
        if tx.state == "done":
            sequence = len(self.groupbuy_job_ids)
            self.env["groupbuy.job"].sudo()._add(
                [
                    {
                        "key": f"refund/{tx.id}/reduced/{sequence}",
                        "kind": "refund",
                        "order": self,
                        "transaction": tx,
                        "amount": difference,
                        "reason": "reduced",
                    }
                ]
            )

    def _groupbuy_reduce_line(self, line, quantity):
        """Write a smaller quantity to a waiting line and to its hold."""
        campaign_line = line.groupbuy_line_id
        holds = self.env["groupbuy.hold"].sudo()
        line.write({"product_uom_qty": quantity, "groupbuy_joined_quantity": quantity})
        if quantity:
            holds._claim(campaign_line, self.id, quantity, partner=self.partner_id)
            amount = self._groupbuy_to_company_currency(line.price_total)
            with self.env["groupbuy.quota"]._short_transaction() as cr:
                cr.execute(
                    SQL(
                        "UPDATE groupbuy_hold SET amount = %s WHERE order_id = %s"
                        " AND line_id = %s AND state = 'paid'",
                        amount,
                        self.id,
                        campaign_line.id,
                    )
                )
            holds.invalidate_model()
        else:
            holds._release_for_orders(self.ids, campaign_line.ids)
        self.env["groupbuy.waitlist"].sudo()._promote(campaign_line.ids)

    def _groupbuy_fail(self, reason):
        """Cancel joined orders: free their quota, return their money, tell them.

        Idempotent: the jobs have keys, released holds are released once, and orders
        that have failed already are left as they are.

        :param str reason: Selection value of the job.
        """
        orders = self.sudo().filtered(
            lambda order: order.groupbuy_state in JOINED_STATES
        )
        if not orders:
            return
        for order in orders:
            order._groupbuy_return_payment(
                order.transaction_ids.filtered(
                    lambda tx: (
                        tx.operation not in ("refund", "validation")
                        and tx.state in ("authorized", "done")
                    )
                ),
                reason,
            )
        orders._groupbuy_cancel_moves()
        orders._groupbuy_give_points_back()
        orders.with_context(tracking_disable=True, mail_notrack=True)._action_cancel()
        orders.write(
            {
                "groupbuy_state": (
                    "cancelled" if reason in ("resident", "staff") else "failed"
                ),
                "groupbuy_failure": reason,
            }
        )
        freed = self.env["groupbuy.hold"].sudo()._release_for_orders(orders.ids)
        if reason in ("resident", "staff"):
            self.env["groupbuy.waitlist"].sudo()._promote(freed)
        self.env["groupbuy.job"].sudo()._add(
            [
                {
                    "key": f"notify/{reason}/{order.id}",
                    "kind": "notify",
                    "order": order,
                    "reason": reason,
                }
                for order in orders
            ]
        )
        # What was bought or is to be brought shrinks with them.
        orders.groupbuy_campaign_id._sync_launched_supply()

    def _groupbuy_cancel_moves(self):
        """Cancel the open moves of these orders only.

        A resident's transfer may carry the goods of several orders; the others stay.
        """
        self.order_line.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )._action_cancel()

    # === CLOSE === #

    def _groupbuy_apply_outcome(self):
        """Write the final prices that the close decided to the order lines.

        The price never rises: the lower of the price at joining and the final price
        of the line applies. A dropped line keeps its price and gets quantity zero.
        Repeating it changes nothing.
        """
        outcomes = {
            (outcome.line_id.id, outcome.group_id.id): outcome
            for outcome in self.env["groupbuy.line.outcome"]
            .sudo()
            .search(
                [
                    ("campaign_id", "in", self.groupbuy_campaign_id.ids),
                    # Not those of other groups, of which there may be thousands.
                    ("group_id", "in", [False, *self.groupbuy_group_id.ids]),
                ]
            )
        }
        bases = self._groupbuy_get_reward_bases()
        waiting = self.filtered(lambda order: order.groupbuy_state == "waiting")
        discounted = waiting & self.browse(line.order_id.id for line in bases)
        discounted._groupbuy_give_points_back()
        by_values = defaultdict(lambda: self.env["sale.order.line"])
        for line in self.order_line.filtered("groupbuy_line_id"):
            key = line.groupbuy_line_id.id
            outcome = outcomes.get((key, False)) or outcomes.get(
                (key, line.order_id.groupbuy_group_id.id)
            )
            if not outcome or line.qty_invoiced:
                continue
            final = min(line.groupbuy_joined_price, outcome.price)
            vals = {"groupbuy_final_price": final}
            if outcome.is_dropped:
                vals["product_uom_qty"] = 0.0
            changed = final < line.groupbuy_joined_price
            by_values[tuple(sorted(vals.items())), changed] |= line
        for (vals, changed), lines in by_values.items():
            # One write for all lines of the same final price: a query each would
            # make the close grow with what it does not have to touch.
            lines.with_context(sale_write_from_compute=True).write(dict(vals))
            if changed:
                lines._groupbuy_reprice()
        self._groupbuy_scale_rewards(bases)
        discounted._groupbuy_take_points()

    def _groupbuy_confirm(self):
        """Confirm orders whose group succeeded: final prices, transfers, money back.

        Works on many orders at once; idempotent, since it looks at waiting ones only.
        """
        orders = self.filtered(lambda order: order.groupbuy_state == "waiting")
        if not orders:
            return
        orders = orders.with_context(
            groupbuy_confirm=PRIVILEGE,
            tracking_disable=True,
            mail_notrack=True,
            mail_create_nolog=True,
            mail_auto_subscribe_no_notify=True,
        )
        orders._groupbuy_apply_outcome()
        empty = orders.filtered(
            lambda order: (
                not any(
                    line.product_uom_qty
                    for line in order.order_line
                    if line.groupbuy_line_id
                )
            )
        )
        if empty:
            empty._groupbuy_fail("dropped")
            orders -= empty
        if not orders:
            return
        orders._groupbuy_update_earned_points()
        orders._groupbuy_give_points_back()
        orders.write({"groupbuy_state": "confirmed"})
        orders.action_confirm()
        orders._groupbuy_create_pickings()
        orders._groupbuy_queue_after_confirm()
        orders._groupbuy_on_confirmed()
        # An order whose capture had been stuck comes after the others: its goods are
        # added to what is being bought and brought.
        orders.groupbuy_campaign_id._sync_launched_supply()

    def _groupbuy_on_confirmed(self):
        """Hook for other addons: the orders' groups have succeeded."""

    def _groupbuy_on_reviewed(self, has_photo):
        """Hook for other addons: residents have reviewed these orders.

        :param bool has_photo: Whether the review shows a photo.
        """

    def _groupbuy_queue_after_confirm(self):
        """Queue the return of the difference, and the mail, of confirmed orders."""
        vals_list = []
        for order in self:
            vals_list.append(
                {
                    "key": f"notify/success/{order.id}",
                    "kind": "notify",
                    "order": order,
                    "reason": "success",
                }
            )
            for tx, amount in order._groupbuy_get_surplus():
                vals_list.append(
                    {
                        "key": f"difference/{order.id}/{tx.id}",
                        "kind": "difference",
                        "order": order,
                        "transaction": tx,
                        "amount": amount,
                        "reason": "price",
                    }
                )
        self.env["groupbuy.job"].sudo()._add(vals_list)

    def _groupbuy_get_surplus(self):
        """Return what was paid beyond what the order costs now, payment by payment.

        Formula: captured − already returned, under way or queued − the order's total.

        :return: Pairs of payment and amount in its currency.
        :rtype: list[tuple[payment.transaction, float]]
        """
        self.ensure_one()
        surplus = []
        due = self.amount_total
        for tx in self.transaction_ids.filtered(
            lambda tx: (
                tx.operation not in ("refund", "validation") and tx.state == "done"
            )
        ).sorted("id"):
            paid = self.currency_id.round(
                tx._groupbuy_get_refundable() - tx._groupbuy_get_promised()
            )
            covered = min(paid, due)
            due = self.currency_id.round(due - covered)
            rest = self.currency_id.round(paid - covered)
            if rest > 0:
                surplus.append((tx, rest))
        return surplus

    # === TRANSFERS === #

    def _groupbuy_create_pickings(self):
        """Create the residents' transfers of orders collected at a point, in bulk.

        One transfer for a resident, campaign and point: several orders of one
        resident are handed out together. The moves wait for what is brought to the
        point's own location, whose stock belongs to no warehouse, so nothing else can
        take it.
        """
        orders = self.filtered(lambda order: order._groupbuy_is_for_point())
        if not orders:
            return
        pickings = orders._groupbuy_get_or_create_pickings()
        existing = set(orders.order_line.move_ids.filtered(
            lambda move: move.state != "cancel"
        ).sale_line_id.ids)  # fmt: skip
        customers = self.env.ref("stock.stock_location_customers")
        vals_list = []
        for order in orders:
            picking = pickings[order._groupbuy_picking_key()]
            for line in order.order_line:
                if (
                    not line.groupbuy_line_id
                    or line.product_uom_qty <= 0
                    or line.id in existing
                ):
                    continue
                vals_list.append(line._groupbuy_prepare_move(picking, customers))
        self.env["stock.move"].sudo().create(vals_list)

    def _groupbuy_picking_key(self):
        """Return what orders that are handed out together have in common."""
        self.ensure_one()
        return (self.groupbuy_campaign_id, self.groupbuy_point_id, self.partner_id)

    def _groupbuy_get_or_create_pickings(self):
        """Return the transfer of each resident, creating those that are missing.

        :return: Key of :meth:`_groupbuy_picking_key` → transfer.
        :rtype: dict
        """
        found = (
            self.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("groupbuy_campaign_id", "in", self.groupbuy_campaign_id.ids),
                    ("groupbuy_point_id", "in", self.groupbuy_point_id.ids),
                    ("groupbuy_role", "=", "to_resident"),
                    ("groupbuy_is_extra", "=", False),
                    ("partner_id", "in", self.partner_id.ids),
                    ("state", "not in", ("done", "cancel")),
                ]
            )
        )
        pickings = {
            (p.groupbuy_campaign_id, p.groupbuy_point_id, p.partner_id): p
            for p in found
        }
        vals_by_key = {}
        for order in self:
            key = order._groupbuy_picking_key()
            if key not in pickings and key not in vals_by_key:
                vals_by_key[key] = order._groupbuy_prepare_picking()
        created = self.env["stock.picking"].sudo().create(list(vals_by_key.values()))
        pickings.update(zip(vals_by_key, created, strict=True))
        return pickings

    def _groupbuy_prepare_picking(self):
        """Return the values of a resident's transfer."""
        self.ensure_one()
        campaign = self.groupbuy_campaign_id
        point = self.groupbuy_point_id
        return {
            "picking_type_id": campaign.warehouse_id.out_type_id.id,
            "partner_id": self.partner_id.id,
            "origin": self.name,
            "company_id": self.company_id.id,
            "location_id": point.location_id.id,
            # Not `env.ref`, which costs a query for each order.
            "location_dest_id": self.env["ir.model.data"]._xmlid_to_res_id(
                "stock.stock_location_customers", raise_if_not_found=True
            ),
            "groupbuy_campaign_id": campaign.id,
            "groupbuy_point_id": point.id,
            "groupbuy_role": "to_resident",
            "priority": "1" if self.groupbuy_priority != "0" else "0",
            "move_type": "direct",
            "user_id": False,
        }

    # === MONEY AFTER THE CLOSE === #

    def _groupbuy_invoice(self):
        """Invoice confirmed orders at their final price and reconcile the payments.

        One invoice for each order, made in one batch. What the payment exceeds the
        invoice by stays open on the resident's account until its refund is posted
        (see :meth:`groupbuy.job._after_return`).
        """
        orders = self.filtered(
            lambda order: (
                order.groupbuy_state == "confirmed"
                and order.invoice_status == "to invoice"
            )
        )
        if not orders:
            return
        # Final: lines that give back a part of a price are part of the invoice.
        invoices = orders._create_invoices(grouped=True, final=True)
        for invoice in invoices:
            invoice.groupbuy_campaign_id = (
                invoice.line_ids.sale_line_ids.order_id.groupbuy_campaign_id[:1]
            )
        invoices.action_post()
        orders._groupbuy_reconcile()

    def _groupbuy_reconcile(self):
        """Reconcile what is open of the orders' invoices, payments and refunds.

        Order by order, since one order's payment never pays another one's invoice,
        and in one batch for any number of orders.
        """
        plan = []
        for order in self:
            txs = order.transaction_ids
            family = txs | txs.child_transaction_ids
            family |= family.child_transaction_ids
            moves = family.payment_id.move_id | order.invoice_ids.filtered(
                lambda move: move.state == "posted"
            )
            open_lines = moves.line_ids.filtered(
                lambda line: (
                    line.account_id.account_type == "asset_receivable"
                    and not line.reconciled
                    and line.parent_state == "posted"
                )
            )
            plan += [
                lines
                for lines in open_lines.grouped("account_id").values()
                if len(lines) > 1
            ]
        if plan:
            self.env["account.move.line"]._reconcile_plan(plan)

    def _groupbuy_get_wallet(self):
        """Return the resident's store credit card, made if there is none.

        :return: A card of the company's wallet program, or nothing without one.
        :rtype: loyalty.card
        """
        self.ensure_one()
        program = self.company_id.sudo().groupbuy_wallet_program_id
        if program.currency_id != self.currency_id:
            program = (
                self.env["loyalty.program"]
                .sudo()
                .search(
                    [
                        ("program_type", "=", "ewallet"),
                        ("company_id", "in", (False, self.company_id.id)),
                        ("currency_id", "=", self.currency_id.id),
                    ],
                    limit=1,
                )
            )
        if not program:
            return self.env["loyalty.card"].sudo()
        cards = self.env["loyalty.card"].sudo().with_context(loyalty_no_mail=True)
        return cards.search(
            [("program_id", "=", program.id), ("partner_id", "=", self.partner_id.id)],
            limit=1,
        ) or cards.create({"program_id": program.id, "partner_id": self.partner_id.id})

    def _groupbuy_credit_wallet(self, card, amount, description=None):
        """Put money that is not sent back on the resident's store credit.

        :param loyalty.card card: The resident's wallet.
        :param float amount: In the order's currency.
        :param str description: What the resident reads in the history of the wallet.
        """
        self.ensure_one()
        card.points += amount
        self.env["loyalty.history"].sudo().create(
            {
                "card_id": card.id,
                "description": description or self.env._("Refund of %s", self.name),
                "issued": amount,
                "used": 0,
                "order_model": self._name,
                "order_id": self.id,
            }
        )

    def _groupbuy_notify(self, reason):
        """Tell residents by mail what became of their orders.

        Queued: the mail server's mood does not stop the queue of jobs.

        :param str reason: Reason of the job; empty for "paid and waiting".
        """
        if reason == "success":
            xmlid = "community_groupbuy.mail_template_succeeded"
        elif reason:
            xmlid = "community_groupbuy.mail_template_refunded"
        else:
            xmlid = "community_groupbuy.mail_template_joined"
        template = self.env.ref(xmlid, raise_if_not_found=False)
        reachable = self.filtered("partner_id.email")
        if template and reachable:
            template.with_user(SUPERUSER_ID).send_mail_batch(reachable.ids)
