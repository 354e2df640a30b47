# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    groupbuy_job_ids = fields.One2many(
        comodel_name="groupbuy.job",
        inverse_name="transaction_id",
        string="Group Buying Jobs",
    )

    def _post_process(self):
        """Override of `sale` to let group orders wait for their group.

        The parent no longer confirms them (see
        :meth:`sale.order._is_confirmation_amount_reached`); here the payment is
        registered: the order joins, or the money is sent back. It may run several
        times for the same state and changes nothing then.
        """
        result = super()._post_process()
        for tx in self.filtered(
            lambda tx: (
                tx.state in ("authorized", "done")
                and tx.operation not in ("refund", "validation")
            )
        ):
            order = tx.sale_order_ids.filtered("groupbuy_campaign_id")
            if len(order) == 1:
                order._groupbuy_register_payment(tx)
        return result

    # === MONEY OF GROUP ORDERS === #

    def _groupbuy_get_captured(self):
        """Return the transactions in which money actually came in.

        A payment that was captured in parts is represented by its captures.

        :rtype: payment.transaction
        """
        family = self | self.child_transaction_ids
        return family.filtered(
            lambda tx: (
                tx.state == "done"
                and tx.operation != "refund"
                and tx.amount > 0
                and not tx.child_transaction_ids.filtered(
                    lambda child: (
                        child.operation != "refund"
                        and child.state in ("done", "cancel")
                    )
                )
            )
        )

    def _groupbuy_get_refunds(self, states=("done",)):
        """Return the refunds of these transactions and of their captures."""
        family = self | self.child_transaction_ids
        return family.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state in states
        )

    def _groupbuy_get_refundable(self):
        """Return what can still go back, counting what is prepared or under way.

        :return: Amount in the transaction's currency.
        :rtype: float
        """
        self.ensure_one()
        captured = sum(self._groupbuy_get_captured().mapped("amount"))
        # Refunds have negative amounts.
        returned = -sum(
            self._groupbuy_get_refunds(("draft", "pending", "done")).mapped("amount")
        )
        by_hand = sum(
            job.amount
            for job in self._groupbuy_get_return_jobs()
            if job.method in ("wallet", "manual") and job.state in ("done", "manual")
        )
        return self.currency_id.round(captured - returned - by_hand)

    def _groupbuy_get_return_jobs(self):
        """Return the jobs that send money of these payments back, or have done so.

        Elevated: whoever may see a payment may learn what is left of it, and needs no
        rights on the queue for that.

        :rtype: groupbuy.job
        """
        return self.sudo().groupbuy_job_ids.filtered(
            lambda job: job.kind in ("refund", "difference")
        )

    def _groupbuy_get_promised(self):
        """Return what queued jobs are going to return and have not prepared yet.

        :return: Amount in the transaction's currency. What is prepared or under way
            is left out: :meth:`_groupbuy_get_refundable` counts it.
        :rtype: float
        """
        self.ensure_one()
        return self.currency_id.round(
            sum(
                job.amount
                for job in self._groupbuy_get_return_jobs()
                if job.state in ("pending", "failed")
                and job.result_transaction_id.state in (False, "error")
            )
        )

    def _groupbuy_get_voidable(self):
        """Return what is authorised and neither captured nor voided yet."""
        self.ensure_one()
        parts = self.child_transaction_ids.filtered(
            lambda tx: (
                tx.operation != "refund"
                and tx.state in ("draft", "pending", "done", "cancel")
            )
        )
        return self.currency_id.round(self.amount - sum(parts.mapped("amount")))

    def _groupbuy_can_capture_part(self):
        """Return whether provider and method can take less than was authorised.

        :rtype: bool
        """
        self.ensure_one()
        method = self.payment_method_id.primary_payment_method_id
        return (
            self.provider_id.support_manual_capture == "partial"
            and (method or self.payment_method_id).support_manual_capture == "partial"
        )

    def _groupbuy_can_refund(self, amount):
        """Return whether provider and method can send this amount back.

        :param float amount: In the transaction's currency.
        :rtype: bool
        """
        self.ensure_one()
        supports = {
            self.provider_id.support_refund or "none",
            (
                self.payment_method_id.primary_payment_method_id
                or self.payment_method_id
            ).support_refund
            or "none",
        }
        if "none" in supports:
            return False
        if "full_only" in supports:
            return not self.currency_id.compare_amounts(amount, self.amount)
        return True
