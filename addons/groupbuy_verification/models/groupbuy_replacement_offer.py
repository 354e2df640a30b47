# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL, float_compare

from odoo.addons.community_groupbuy.const import PRIVILEGE

PRECISION = 6
# Offers that one run of the scheduled job ends in one transaction each.
EXPIRY_BATCH = 50


class _OutOfStock(Exception):
    """Somebody else got the last pieces between the look and the reservation."""


class GroupBuyReplacementOffer(models.Model):
    """Another product that a resident may take for what did not arrive (换货).

    At no extra charge. Declined, or not answered in time, it becomes a refund.
    """

    _name = "groupbuy.replacement.offer"
    _description = "Offered Replacement"
    _order = "id desc"

    allotment_id = fields.Many2one(
        comodel_name="groupbuy.receipt.allotment",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    receipt_id = fields.Many2one(
        comodel_name="groupbuy.receipt",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Instead of",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(related="order_id.partner_id", string="Resident")
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Replacement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    replaced_product_id = fields.Many2one(
        related="order_line_id.product_id", string="Instead of Product", store=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    quantity = fields.Float(digits="Product Unit", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("offered", "Waiting for the Answer"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
            ("expired", "Not answered"),
            ("sold_out", "No longer in stock"),
        ],
        required=True,
        default="offered",
        readonly=True,
    )
    deadline = fields.Datetime(required=True, readonly=True)
    decided_at = fields.Datetime(readonly=True)
    new_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order Line of the Replacement",
        readonly=True,
        index="btree_not_null",
    )

    _allotment_uniq = models.UniqueIndex(
        "(allotment_id)", "This has been offered already."
    )
    _open_idx = models.Index("(deadline) WHERE state = 'offered'")
    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "Offer at least something."
    )

    # === OFFERING === #

    @api.model
    def _get_free(self, campaign, products):
        """Return what the warehouse of a campaign can offer of some replacements.

        What has been offered and not answered yet is counted as gone.

        :param groupbuy.campaign campaign: The campaign.
        :param product.product products: The replacements.
        :return: Product → quantity in its unit.
        :rtype: dict[product.product, float]
        """
        if not products:
            return {}
        offered = dict(
            self._read_group(
                [
                    ("product_id", "in", products.ids),
                    ("state", "=", "offered"),
                    ("campaign_id.warehouse_id", "=", campaign.warehouse_id.id),
                ],
                ["product_id"],
                ["quantity:sum"],
            )
        )
        stocked = products.with_context(warehouse_id=campaign.warehouse_id.id)
        return {
            product: stock.free_qty - offered.get(product, 0.0)
            for product, stock in zip(products, stocked, strict=True)
        }

    @api.model
    def _offer(self, allotments):
        """Offer the replacement of the campaign line for each allotment.

        The order keeps its quantity until the resident has answered; its transfer
        carries from now on only what really comes.

        :param groupbuy.receipt.allotment allotments: Who gets less.
        :return: The offers.
        :rtype: groupbuy.replacement.offer
        """
        if not allotments:
            return self.browse()
        campaign = allotments.campaign_id
        deadline = fields.Datetime.now() + timedelta(hours=campaign.replacement_hours)
        offers = self.create(
            [
                {
                    "allotment_id": fact.id,
                    "receipt_id": fact.receipt_id.id,
                    "campaign_id": fact.campaign_id.id,
                    "company_id": fact.company_id.id,
                    "order_id": fact.order_id.id,
                    "order_line_id": fact.order_line_id.id,
                    "product_id": (
                        fact.order_line_id.groupbuy_line_id.replacement_product_id.id
                    ),
                    "quantity": fact.quantity,
                    "deadline": deadline,
                }
                for fact in allotments
            ]
        )
        offers.order_line_id._groupbuy_shrink_moves()
        self.env.ref("groupbuy_verification.ir_cron_expire_offers").sudo()._trigger(
            at=deadline
        )
        return offers

    # === ANSWERS === #

    def action_accept(self):
        """Accept for a resident who has told it to staff."""
        self._check_staff()
        for offer in self.sudo():
            offer._answer(True)

    def action_decline(self):
        """Decline for a resident who has told it to staff."""
        self._check_staff()
        for offer in self.sudo():
            offer._answer(False)

    def _check_staff(self):
        self.check_access("read")
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_user"):
            raise AccessError(self.env._("Only group buying staff can do this."))

    def _lock(self):
        """Lock the resident's transfers, then the offer, and read its state anew."""
        self.ensure_one()
        self.flush_recordset()
        self.order_id._groupbuy_get_waiting_transfers()._groupbuy_lock_transfers()
        self.env.cr.execute(
            SQL(
                "SELECT 1 FROM groupbuy_replacement_offer WHERE id = %s"
                " FOR NO KEY UPDATE",
                self.id,
            )
        )
        self.invalidate_recordset(["state"])

    def _answer(self, is_accepted):
        """Do what the resident wants.

        Why it is safe: the offer's row is locked before its state is read, so that of
        two answers, or of an answer and the deadline, one counts. The same answer once
        more changes nothing.

        :param bool is_accepted: Whether the replacement is taken.
        :return: The state after it: accepted, declined, expired or sold_out.
        :rtype: str
        :raise UserError: If it was answered differently before.
        """
        self.ensure_one()
        self._lock()
        wanted = "accepted" if is_accepted else "declined"
        if self.state != "offered":
            if self.state == wanted:
                return self.state
            raise UserError(
                self.env._(
                    "This was decided already: %s.",
                    dict(self._fields["state"]._description_selection(self.env))[
                        self.state
                    ],
                )
            )
        if fields.Datetime.now() >= self.deadline:
            self._refund("expired")
        elif not is_accepted:
            self._refund("declined")
        elif not self._deliver():
            self._refund("sold_out")
        return self.state

    def _refund(self, state):
        """End an offer with the money back.

        :param str state: declined, expired or sold_out.
        """
        self.ensure_one()
        self.write({"state": state, "decided_at": fields.Datetime.now()})
        line = self.order_line_id
        fact = self.allotment_id
        quantity = line.product_id.uom_id._compute_quantity(
            self.quantity, line.product_uom_id, round=False
        )
        self.order_id._groupbuy_give_back(
            {line: quantity}, fact.kind, f"replacement/{self.id}", fact.responsible
        )
        if state != "declined":
            self.env["groupbuy.job"]._add(
                [
                    {
                        "key": f"notify/receipt/{self.receipt_id.id}"
                        f"/{self.order_id.id}/{self.id}",
                        "kind": "notify",
                        "order": self.order_id,
                        "reason": fact.kind,
                    }
                ]
            )
        self.campaign_id._finish_if_delivered()

    def _deliver(self):
        """Put the replacement on the order and on its way.

        It takes the place of what is missing at the same price, so that nothing is
        charged and nothing returned. A transfer brings it to the point, another hands
        it out.

        :return: False when the warehouse does not have it any more; nothing has
            changed then.
        :rtype: bool
        """
        self.ensure_one()
        campaign = self.campaign_id.with_company(self.company_id)
        # One acceptance after the other: each looks at what the other has left.
        self.env.cr.execute(
            SQL(
                "SELECT 1 FROM product_product WHERE id = %s FOR NO KEY UPDATE",
                self.product_id.id,
            )
        )
        stock = self.product_id.with_context(warehouse_id=campaign.warehouse_id.id)
        if float_compare(stock.free_qty, self.quantity, precision_digits=PRECISION) < 0:
            return False
        try:
            with self.env.cr.savepoint():
                self._deliver_or_raise(campaign)
        except _OutOfStock:
            return False
        return True

    def _deliver_or_raise(self, campaign):
        """Do what :meth:`_deliver` promises.

        :raise _OutOfStock: If the shop has sold the last pieces meanwhile.
        """
        order = self.order_id
        origin = self.order_line_id
        quantity = origin.product_id.uom_id._compute_quantity(
            self.quantity, origin.product_uom_id, round=False
        )
        order._groupbuy_lock()
        values = self._prepare_order_line(origin)
        self.write({"state": "accepted", "decided_at": fields.Datetime.now()})
        origin.with_context(groupbuy_allowance=PRIVILEGE).product_uom_qty -= quantity
        order.order_line = [Command.create(values)]
        self.new_line_id = order.order_line.sorted("id")[-1:]
        # Only the replacement: what is missing of other lines stays off the transfer.
        picking = order._groupbuy_get_or_create_pickings()[
            order._groupbuy_picking_key()
        ]
        self.env["stock.move"].create(
            self.new_line_id._groupbuy_prepare_move(
                picking, self.env.ref("stock.stock_location_customers")
            )
        )
        campaign._sync_transfers_to_points()
        self._check_reserved(campaign)
        if order.invoice_ids.filtered(lambda move: move.state == "posted"):
            order._groupbuy_invoice()

    def _check_reserved(self, campaign):
        """Check that the warehouse has put aside what is brought to the point.

        :raise _OutOfStock: If it has not.
        """
        moves = self.env["stock.move"].search(
            [
                ("picking_id.groupbuy_campaign_id", "=", campaign.id),
                (
                    "picking_id.groupbuy_point_id",
                    "=",
                    self.order_id.groupbuy_point_id.id,
                ),
                ("picking_id.groupbuy_role", "=", "to_point"),
                ("product_id", "=", self.product_id.id),
                ("state", "not in", ("done", "cancel")),
            ]
        )
        if any(move.state != "assigned" for move in moves):
            raise _OutOfStock

    def _prepare_order_line(self, origin):
        """Return the values of the order line of the replacement.

        :param sale.order.line origin: The line of what is missing.
        :rtype: dict
        """
        product = self.product_id.with_company(self.company_id)
        taxes = self.order_id.fiscal_position_id.map_tax(
            product.taxes_id._filter_taxes_by_company(self.company_id)
        )
        price = origin.price_unit
        if taxes != origin.tax_ids and origin.product_uom_qty:
            # Other taxes: what the resident pays for a unit in all stays the same.
            price = origin.price_total / origin.product_uom_qty
            if taxes and not all(tax.price_include for tax in taxes):
                price = taxes._get_tax_details(
                    price, 1.0, product=product, special_mode="total_included"
                )["total_excluded"]
        return {
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "product_uom_qty": self.quantity,
            "price_unit": price,
            # Another than the price: Odoo takes it for agreed and computes it no more.
            "technical_price_unit": 0.0,
            "tax_ids": [Command.set(taxes.ids)],
            "discount": origin.discount,
            "sequence": origin.sequence,
            "groupbuy_line_id": origin.groupbuy_line_id.id,
            "groupbuy_joined_price": origin.groupbuy_joined_price,
            "groupbuy_final_price": origin.groupbuy_final_price,
            "groupbuy_replaces_id": origin.id,
        }

    # === DEADLINE === #

    @api.model
    def _cron_expire(self):
        """End the offers that nobody has answered in time; each gets its money back.

        Each offer is committed by itself: one that fails does not keep the others.
        """
        commit = self.env["ir.cron"]._commit_progress
        domain = [
            ("state", "=", "offered"),
            ("deadline", "<=", fields.Datetime.now()),
        ]
        late = self.search(domain, order="deadline, id", limit=EXPIRY_BATCH)
        left = self.search_count(domain)
        commit(remaining=left)
        for offer in late:
            offer = offer[0].sudo()
            try:
                with self.env.cr.savepoint():
                    offer._lock()
                    if offer.state == "offered":
                        offer._refund("expired")
                    self.env.flush_all()
            except OperationalError:
                # Somebody answers at this very moment: the next run looks again.
                self.env.cr.rollback()
            except UserError as error:
                self.env.invalidate_all()
                offer.campaign_id._report_failure(error)
            if not commit(processed=1):
                break
