# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import const


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
        self._groupbuy_give_back_many(
            [
                {
                    "order": self,
                    "quantities": quantities,
                    "reason": reason,
                    "reference": reference,
                    "borne_by": borne_by,
                }
            ]
        )
        return self.groupbuy_allowance_ids.filtered(
            lambda fact: fact.reference == reference
        )

    @api.model
    def _groupbuy_give_back_many(self, calls):
        """Take goods off many orders in one go, each as :meth:`_groupbuy_give_back`.

        Safe for the same reasons; the orders are locked in the order of their ids, so
        that two of these never wait for each other. All or nothing.

        :param list[dict] calls: order, and the arguments of
            :meth:`_groupbuy_give_back`. An order may come several times, with other
            references.
        :raise ValidationError: If an order is not confirmed, or a quantity is more
            than there is.
        """
        orders = self.union(*(call["order"] for call in calls)).sorted("id")
        orders._groupbuy_lock_for_allowance()
        by_id = {order.id: order for order in orders}
        vals_list = []
        shrunk = self.env["sale.order.line"]
        for call in calls:
            order = by_id[call["order"].id]
            quantities = call["quantities"]
            lines = order._groupbuy_get_allowable_lines(quantities, call["reference"])
            for line in lines:
                line._groupbuy_check_open(quantities[line])

            def shrink(line, quantities=quantities):
                line.with_context(
                    groupbuy_allowance=const.PRIVILEGE
                ).product_uom_qty -= quantities[line]

            vals_list += order._groupbuy_reduce_lines(
                lines,
                shrink,
                quantities,
                call["reason"],
                call["reference"],
                call["borne_by"],
            )
            shrunk |= lines
        shrunk._groupbuy_shrink_moves()
        self._groupbuy_write_allowances(vals_list)

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
        self._groupbuy_lock_for_allowance()
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

        self._groupbuy_write_allowances(
            self._groupbuy_reduce_lines(
                lines, compensate, {}, reason, reference, borne_by
            )
        )
        return self.groupbuy_allowance_ids.filtered(
            lambda fact: fact.reference == reference
        )

    def _groupbuy_lock_for_allowance(self):
        """Lock orders, and read their allowances anew."""
        self._groupbuy_lock()
        self.invalidate_recordset(["groupbuy_allowance_ids"])

    def _groupbuy_get_allowable_lines(self, values, reference):
        """Return the lines of a locked order that the reference is new for.

        :param dict values: Order line → quantity or amount.
        :param str reference: What something is given back for.
        :rtype: sale.order.line
        :raise ValidationError: If the order or a line cannot be given anything for.
        """
        self.ensure_one()
        if self.groupbuy_state != "confirmed":
            raise ValidationError(
                self.env._(
                    "%s has not been confirmed by its group: there is nothing to give"
                    " back.",
                    self.name,
                )
            )
        if any(line.order_id != self or not line.groupbuy_line_id for line in values):
            raise ValidationError(
                self.env._("This product is not part of the order's campaign.")
            )
        given = self.groupbuy_allowance_ids.filtered(
            lambda fact: fact.reference == reference
        ).order_line_id
        lines = self.order_line
        # What is read of a line is read of the lines of all orders at hand.
        return lines.filtered(
            lambda line: line in values and line not in given
        ).with_prefetch(lines._prefetch_ids)

    def _groupbuy_reduce_lines(
        self, lines, reduce, quantities, reason, reference, borne_by
    ):
        """Reduce lines one by one and say what each became cheaper by.

        :param sale.order.line lines: Lines that were checked.
        :param reduce: Function that reduces one line.
        :param dict quantities: Order line → quantity that is taken off.
        :return: Values of the facts.
        :rtype: list[dict]
        """
        self.ensure_one()
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
        return vals_list

    @api.model
    def _groupbuy_write_allowances(self, vals_list):
        """Write facts, and settle each order with each reference.

        :param list[dict] vals_list: What :meth:`_groupbuy_reduce_lines` returned.
        """
        # Elevated: facts, payments and invoices follow from what was checked, whoever
        # was allowed to have them written; nobody has the right to.
        facts = self.env["groupbuy.allowance"].sudo().create(vals_list)
        jobs = []
        promised = {}
        for (order, reference), allowed in facts.grouped(
            lambda fact: (fact.order_id, fact.reference)
        ).items():
            order._groupbuy_credit_invoices()
            for tx, amount in order._groupbuy_get_surplus():
                # What an earlier reference of this very call returns is promised.
                amount = order.currency_id.round(amount - promised.get(tx, 0.0))
                if amount <= 0:
                    continue
                promised[tx] = promised.get(tx, 0.0) + amount
                jobs.append(
                    {
                        "key": f"refund/{tx.id}/{reference}",
                        "kind": "refund",
                        "order": order,
                        "transaction": tx,
                        "amount": amount,
                        "reason": allowed[0].reason,
                    }
                )
        if jobs:
            self.env["groupbuy.job"].sudo()._add(jobs)
        for order, allowed in facts.grouped("order_id").items():
            order._groupbuy_on_allowed(allowed)
        # What is bought and brought shrinks with what is owed.
        facts.campaign_id._sync_launched_supply()

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

    def _groupbuy_credit_invoices(self):
        """Credit what was invoiced and is no longer on the order."""
        order = self.sudo()
        if not order.invoice_ids.filtered(lambda move: move.state == "posted"):
            return
        invoices = order.with_context(
            raise_if_nothing_to_invoice=False
        )._create_invoices(grouped=True, final=True)
        invoices.groupbuy_campaign_id = order.groupbuy_campaign_id
        invoices.action_post()
        order._groupbuy_reconcile()

    def _groupbuy_on_allowed(self, allowances):
        """Hook for other addons: something was taken off a confirmed order.

        :param groupbuy.allowance allowances: The new facts.
        """
        self.ensure_one()
