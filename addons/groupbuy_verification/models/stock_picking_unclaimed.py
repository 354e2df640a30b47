# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields, models


class StockPicking(models.Model):
    """Goods that nobody collects."""

    _inherit = "stock.picking"

    groupbuy_role = fields.Selection(
        selection_add=[("from_point", "Back from the pickup point")],
        ondelete={"from_point": "set null"},
    )

    def _groupbuy_on_arrived(self):
        """Override of `community_groupbuy`: goods sent on can be collected for the
        days that the campaign states, from now on.
        """
        result = super()._groupbuy_on_arrived()
        codes = (
            self.env["groupbuy.pickup.code"]
            .sudo()
            .search(
                [
                    ("state", "=", "open"),
                    ("moved_at", "!=", False),
                    (
                        "picking_id.groupbuy_campaign_id",
                        "in",
                        self.groupbuy_campaign_id.ids,
                    ),
                    ("picking_id.groupbuy_point_id", "in", self.groupbuy_point_id.ids),
                    ("picking_id.groupbuy_role", "=", "to_resident"),
                ]
            )
        )
        now = fields.Datetime.now()
        for campaign, moved in codes.grouped("campaign_id").items():
            moved.extended_until = now + timedelta(days=campaign.unclaimed_days)
        return result

    def _groupbuy_refund_unclaimed(self):
        """Give back the price of what residents did not collect, less the fee.

        The fee is a line of the order with an invoice of its own, so that what was
        charged is still what is invoiced and refunded. The goods are given back by
        the core under a reference to the transfer, so nothing is given twice.
        """
        owed = {picking: picking._groupbuy_get_owed() for picking in self}
        calls, jobs = [], []
        for picking, by_order in owed.items():
            reference = f"unclaimed/{picking.id}"
            fees = picking._groupbuy_get_unclaimed_fees(by_order)
            for order, quantities in by_order.items():
                order._groupbuy_add_fee(fees[order], picking)
                calls.append(
                    {
                        "order": order,
                        "quantities": quantities,
                        "reason": "unclaimed",
                        "reference": reference,
                        "borne_by": "platform",
                    }
                )
                if fees[order]:
                    jobs.append(
                        {
                            "key": f"invoice/{order.id}/{reference}",
                            "kind": "invoice",
                            "order": order,
                        }
                    )
        # All of them together: what is bought and brought is derived anew only once.
        self.env["sale.order"]._groupbuy_give_back_many(calls)
        if jobs:
            self.env["groupbuy.job"].sudo()._add(jobs)
        for picking, by_order in owed.items():
            picking._groupbuy_close_unclaimed(by_order)

    def _groupbuy_get_owed(self):
        """Return what the resident of a transfer paid for and has not got.

        :return: Order → order line → quantity in its unit.
        :rtype: dict
        """
        return self._groupbuy_get_open_order_moves()._groupbuy_sum_by_order_line(
            "product_uom_qty"
        )

    def _groupbuy_get_open_order_moves(self):
        return self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel") and move.sale_line_id
        )

    def _groupbuy_get_unclaimed_fees(self, by_order):
        """Return the fee of each order of a transfer.

        :param dict by_order: What is owed.
        :return: Order → fee in its currency.
        :rtype: dict
        """
        self.ensure_one()
        campaign = self.groupbuy_campaign_id
        # No fee for goods that were never there to be collected.
        arrived = self._groupbuy_get_open_order_moves()._groupbuy_sum_by_order_line(
            "quantity"
        )
        fees, left = {}, None
        for order in by_order:
            value = order._groupbuy_get_goods_value(arrived.get(order, {}))
            if campaign.unclaimed_fee_kind == "amount":
                # Once for the resident, not once for each order.
                if left is None:
                    left = campaign._get_unclaimed_fee(order, float("inf"))
                fees[order] = min(left, value)
                left -= fees[order]
            else:
                fees[order] = campaign._get_unclaimed_fee(order, value)
        return fees

    def _groupbuy_close_unclaimed(self, by_order):
        """End a transfer that nobody collected, and say so in a case.

        :param dict by_order: What was given back: order → order line → quantity.
        """
        self.ensure_one()
        lines = [
            {"order_line": line, "product": line.product_id, "quantity": quantity}
            for quantities in by_order.values()
            for line, quantity in quantities.items()
        ]
        # What is beyond the orders costs nothing: staff see it in the case.
        extra = self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        lines += [
            {
                "order_line": None,
                "product": move.product_id,
                "quantity": move.product_qty,
            }
            for move in extra
        ]
        extra._action_cancel()
        self._groupbuy_open_unclaimed_case(f"unclaimed/{self.id}", lines)

    def _groupbuy_open_unclaimed_case(self, reference, lines):
        """Open a case, so that somebody knows why the goods came back.

        :param str reference: Opens it once.
        :param list[dict] lines: What came back, as `groupbuy.case` wants it.
        """
        self.env["groupbuy.case"].sudo()._open(
            "unclaimed",
            point=self.groupbuy_point_id,
            campaign=self.groupbuy_campaign_id,
            picking=self,
            lines=lines,
            description=self.env._(
                "Not collected in time: the goods go back to the warehouse, the price"
                " less the fee to the resident."
            ),
            reference=reference,
        )
