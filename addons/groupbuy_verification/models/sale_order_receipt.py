# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class SaleOrder(models.Model):
    """What residents learn about goods that did not arrive in full."""

    _inherit = "sale.order"

    groupbuy_allotment_ids = fields.One2many(
        comodel_name="groupbuy.receipt.allotment",
        inverse_name="order_id",
        string="Missing Goods",
        readonly=True,
        copy=False,
    )

    def _groupbuy_get_waiting_transfers(self):
        """Return the open transfers that wait for the residents of these orders.

        :rtype: stock.picking
        """
        return self.env["stock.picking"].search(
            [
                ("groupbuy_campaign_id", "in", self.groupbuy_campaign_id.ids),
                ("groupbuy_point_id", "in", self.groupbuy_point_id.ids),
                ("groupbuy_role", "=", "to_resident"),
                ("partner_id", "in", self.partner_id.ids),
                ("state", "not in", ("done", "cancel")),
            ]
        )

    def _groupbuy_get_shortage_rows(self, receipt_id=None):
        """Return what the resident gets less, and how it is made good.

        :param int receipt_id: Only because of this receipt; of all by default.
        :return: Dicts with product, quantity, unit, kind, state (refund, offered,
            accepted, declined, expired, sold_out), offer (a record or None),
            replacement (a name), deadline (a text).
        :rtype: list[dict]
        """
        self.ensure_one()
        order = self.sudo()
        rows = []
        for fact in order.groupbuy_allotment_ids.sorted("id"):
            if receipt_id and fact.receipt_id.id != receipt_id:
                continue
            offer = fact.offer_ids[:1]
            rows.append(
                {
                    "product": fact.product_id.with_context(
                        display_default_code=False
                    ).display_name,
                    "quantity": order.groupbuy_campaign_id._format_number(
                        fact.quantity
                    ),
                    "unit": fact.uom_id.name,
                    "kind": fact.kind,
                    "state": offer.state if offer else "refund",
                    "offer": offer,
                    "is_open": bool(
                        offer
                        and offer.state == "offered"
                        and offer.deadline > fields.Datetime.now()
                    ),
                    "replacement": (
                        offer.product_id.with_context(
                            display_default_code=False
                        ).display_name
                        if offer
                        else ""
                    ),
                    "deadline": (
                        order.groupbuy_campaign_id._format_local(
                            offer.deadline, self.env.lang
                        )
                        if offer
                        else ""
                    ),
                }
            )
        return rows
