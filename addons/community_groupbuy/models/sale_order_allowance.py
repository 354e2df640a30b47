# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

PRECISION = 6


class SaleOrder(models.Model):
    """What is taken off a group order after its group has succeeded."""

    _inherit = "sale.order"

    groupbuy_allowance_ids = fields.One2many(
        comodel_name="groupbuy.allowance",
        inverse_name="order_id",
        string="Allowances",
        copy=False,
    )

    def _groupbuy_give_back(self, quantities, reason, reference, borne_by="platform"):
        """Take goods off an order that its resident does not get or has returned.

        The order lines and the open moves shrink, what was invoiced is credited, and
        one refund job is queued for each payment that now exceeds the order.

        Why it is safe: the order's row is locked; the fact has a unique key made of
        the reference and the line, so a repetition changes nothing; the refund is
        what the payments exceed the order by, less what other jobs have promised
        already, so no more goes back than was paid for the goods.

        :param dict quantities: `sale.order.line` of this order → quantity in its
            unit, above zero, at most what is neither delivered nor given back.
        :param str reason: Selection value of the job's reason.
        :param str reference: What it is given back for, such as "receipt/7".
        :param str borne_by: Who bears it, selection value of the allowance.
        :return: The facts of this reference, old and new.
        :rtype: groupbuy.allowance
        :raise ValidationError: If the order is not confirmed, or a quantity is more
            than there is.
        """
        self.ensure_one()
        lines = self._groupbuy_get_allowable_lines(quantities, reference)
        for line in lines:
            open_quantity = line.product_uom_qty - line.qty_delivered
            quantity = quantities[line]
            if (
                float_compare(quantity, 0, precision_digits=PRECISION) <= 0
                or float_compare(quantity, open_quantity, precision_digits=PRECISION)
                > 0
            ):
                raise ValidationError(
                    self.env._(
                        "%(quantity)g of %(product)s cannot be given back: %(open)g"
                        " are not handed out yet or have come back.",
                        quantity=quantity,
                        product=line.product_id.display_name,
                        open=max(open_quantity, 0.0),
                    )
                )

        def shrink(line):
            line.product_uom_qty -= quantities[line]
            line._groupbuy_shrink_moves()

        return self._groupbuy_allow(
            lines, shrink, quantities, reason, reference, borne_by
        )

    def _groupbuy_compensate(self, amounts, reason, reference, borne_by="platform"):
        """Give back a part of the price of goods that the resident keeps.

        Each part becomes an order line of its own with the taxes of the goods, so
        that invoices, credit notes and refunds follow in Odoo's own way. Safe for
        the reasons given in :meth:`_groupbuy_give_back`.

        :param dict amounts: `sale.order.line` of this order → amount in the order's
            currency, tax included, above zero, at most what was paid for what is left
            of the line.
        :param str reason: Selection value of the job's reason.
        :param str reference: What it is given for, such as "case/7".
        :param str borne_by: Who bears it, selection value of the allowance.
        :return: The facts of this reference, old and new.
        :rtype: groupbuy.allowance
        :raise ValidationError: If the order is not confirmed, or an amount is more
            than was paid for the goods.
        """
        self.ensure_one()
        lines = self._groupbuy_get_allowable_lines(amounts, reference)
        for line in lines:
            left = line._groupbuy_get_paid()
            amount = amounts[line]
            if (
                self.currency_id.compare_amounts(amount, 0) <= 0
                or self.currency_id.compare_amounts(amount, left) > 0
            ):
                raise ValidationError(
                    self.env._(
                        "%(amount)s cannot be given back for %(product)s: %(left)s were"
                        " paid for it.",
                        amount=self.currency_id.format(amount),
                        product=line.product_id.display_name,
                        left=self.currency_id.format(left),
                    )
                )

        def compensate(line):
            self.order_line = [
                fields.Command.create(line._groupbuy_prepare_discount(amounts[line]))
            ]

        return self._groupbuy_allow(lines, compensate, {}, reason, reference, borne_by)

    def _groupbuy_get_allowable_lines(self, values, reference):
        """Lock the order and return its lines that the reference is new for.

        :param dict values: Order line → quantity or amount.
        :param str reference: What something is given back for.
        :rtype: sale.order.line
        :raise ValidationError: If the order or a line cannot be given anything for.
        """
        self._groupbuy_lock()
        self.invalidate_recordset(["groupbuy_allowance_ids"])
        if self.groupbuy_state != "confirmed":
            raise ValidationError(
                self.env._(
                    "%s has not been confirmed by its group: there is nothing to give"
                    " back.",
                    self.name,
                )
            )
        lines = self.env["sale.order.line"].union(*values)
        if lines.order_id - self or lines.filtered(lambda ln: not ln.groupbuy_line_id):
            raise ValidationError(
                self.env._("This product is not part of the order's campaign.")
            )
        given = self.groupbuy_allowance_ids.filtered(
            lambda fact: fact.reference == reference
        )
        return lines - given.order_line_id

    def _groupbuy_allow(self, lines, reduce, quantities, reason, reference, borne_by):
        """Reduce lines one by one, write down what each became cheaper by, settle.

        :param sale.order.line lines: Lines that were checked.
        :param reduce: Function that reduces one line.
        :param dict quantities: Order line → quantity that is taken off.
        :rtype: groupbuy.allowance
        """
        vals_list = []
        for line in lines:
            total, untaxed = self.amount_total, self.amount_untaxed
            bases = self._groupbuy_get_reward_bases()
            reduce(line)
            self._groupbuy_share_rewards(bases)
            vals_list.append(
                {
                    "order_id": self.id,
                    "order_line_id": line.id,
                    "campaign_id": self.groupbuy_campaign_id.id,
                    "company_id": self.company_id.id,
                    "currency_id": self.currency_id.id,
                    "quantity": quantities.get(line, 0.0),
                    "amount": self.currency_id.round(total - self.amount_total),
                    "amount_untaxed": self.currency_id.round(
                        untaxed - self.amount_untaxed
                    ),
                    "reason": reason,
                    "reference": reference,
                    "borne_by": borne_by,
                }
            )
        # Elevated: facts are written by this method only, nobody has the right to.
        facts = self.env["groupbuy.allowance"].sudo().create(vals_list)
        if facts:
            self._groupbuy_settle_allowances(reason, reference)
            self._groupbuy_on_allowed(facts)
            # What is bought and brought shrinks with what is owed.
            self.groupbuy_campaign_id._sync_launched_supply()
        return self.groupbuy_allowance_ids.filtered(
            lambda fact: fact.reference == reference
        )

    def _groupbuy_share_rewards(self, bases):
        """Take back the share that discounts had in the price of what is given back.

        A coupon also lowered the price of these goods: what is given back is what was
        paid for them. Before the close a discount simply shrinks with its goods (see
        :meth:`_groupbuy_scale_rewards`); by now it may be on an invoice, so that its
        share is a line of its own, as the reduction is. The share of a wallet goes
        back to the wallet.

        Formula: what is left of the discount × (1 − base after ÷ base before).

        :param dict bases: What :meth:`_groupbuy_get_reward_bases` gave before.
        """
        for reward_line, before in bases.items():
            after = self._groupbuy_get_reward_base(reward_line)
            if after >= before:
                continue
            left = -reward_line._groupbuy_get_price_left()
            share = self.currency_id.round(left * (1 - after / before))
            if self.currency_id.compare_amounts(share, 0) <= 0:
                continue
            self.order_line = [
                fields.Command.create(reward_line._groupbuy_prepare_discount(-share))
            ]
            if reward_line.reward_id.program_id.is_payment_program:
                points = -share / reward_line.price_total * reward_line.points_cost
                self._groupbuy_credit_wallet(reward_line.coupon_id, points)

    def _groupbuy_settle_allowances(self, reason, reference):
        """Credit what was invoiced and queue the return of what was paid too much."""
        # Elevated: payments and invoices follow from the facts just written, whoever
        # was allowed to have those written.
        order = self.sudo()
        if order.invoice_ids.filtered(lambda move: move.state == "posted"):
            invoices = order.with_context(
                raise_if_nothing_to_invoice=False
            )._create_invoices(grouped=True, final=True)
            invoices.groupbuy_campaign_id = order.groupbuy_campaign_id
            invoices.action_post()
        order.env["groupbuy.job"]._add(
            [
                {
                    "key": f"refund/{tx.id}/{reference}",
                    "kind": "refund",
                    "order": order,
                    "transaction": tx,
                    "amount": amount,
                    "reason": reason,
                }
                for tx, amount in order._groupbuy_get_surplus()
            ]
        )
        order._groupbuy_reconcile()

    def _groupbuy_on_allowed(self, allowances):
        """Hook for other addons: something was taken off a confirmed order.

        :param groupbuy.allowance allowances: The new facts.
        """
        self.ensure_one()
