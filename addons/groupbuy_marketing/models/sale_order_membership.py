# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import fields, models


class SaleOrder(models.Model):
    """Memberships that orders of the shop pay for."""

    _inherit = "sale.order"

    def _groupbuy_is_settled(self):
        """Return whether an order was paid for, by payments or by its invoices.

        :rtype: bool
        """
        self.ensure_one()
        captured = sum(
            self.transaction_ids.filtered(lambda tx: tx.state == "done").mapped(
                "amount"
            )
        )
        if self.currency_id.compare_amounts(captured, self.amount_total) >= 0:
            return True
        posted = self.invoice_ids.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        return (
            bool(posted)
            and all(move.payment_state in ("paid", "in_payment") for move in posted)
            and self.currency_id.compare_amounts(
                sum(posted.mapped("amount_total")), self.amount_total
            )
            >= 0
        )

    def _groupbuy_start_memberships(self):
        """Start the memberships of orders that are confirmed and paid.

        Why it is safe: the resident's standing is taken before what there is already
        is read, and the order line is unique, so a line starts one membership whatever
        says that it was paid, and however often. A period begins today, or after the
        one that the resident has.
        """
        # Elevated: called by whatever confirms or pays; what follows is derived.
        lines = self.sudo().order_line.filtered(
            lambda line: (
                line.product_id.groupbuy_membership_days > 0
                and line.product_uom_qty > 0
                and not line.groupbuy_line_id
            )
        )
        lines = lines.filtered(
            lambda line: (
                line.order_id.state == "sale" and line.order_id._groupbuy_is_settled()
            )
        )
        memberships = self.env["groupbuy.membership"].sudo()
        today = fields.Date.context_today(self)
        for company, due in lines.grouped("company_id").items():
            standings = self.env["groupbuy.standing"]._touch(
                company, due.order_id.partner_id
            )
            ends = {
                standing.partner_id: standing.member_until for standing in standings
            }
            started = memberships.search(
                [("order_line_id", "in", due.ids)]
            ).order_line_id
            vals_list = []
            latest = defaultdict(lambda: False)
            for line in (due - started).sorted("id"):
                partner = line.order_id.partner_id
                former = ends.get(partner)
                start = today
                if former and former >= today:
                    start = fields.Date.add(former, days=1)
                days = int(
                    line.product_id.groupbuy_membership_days * line.product_uom_qty
                )
                end = fields.Date.add(start, days=max(days, 1) - 1)
                ends[partner] = latest[partner] = end
                vals_list.append(
                    {
                        "partner_id": partner.id,
                        "company_id": company.id,
                        "order_line_id": line.id,
                        "start": start,
                        "end": end,
                        "last_day": end,
                    }
                )
            memberships.create(vals_list)
            for standing in standings:
                if latest[standing.partner_id]:
                    standing.member_until = latest[standing.partner_id]

    def _action_confirm(self):
        """Override of `sale` to start what was paid for before the confirmation."""
        result = super()._action_confirm()
        self._groupbuy_start_memberships()
        return result


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _prepare_invoice_line(self, **optional_values):
        """Override of `sale` to defer the income of memberships."""
        values = super()._prepare_invoice_line(**optional_values)
        # Elevated: who invoices needs no right on the settings.
        account = self.company_id.sudo().groupbuy_membership_deferred_account_id
        if account and self.product_id.groupbuy_membership_days:
            values["account_id"] = account.id
        return values
