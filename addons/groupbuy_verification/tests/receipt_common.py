# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
import io
from uuid import uuid4

from PIL import Image

from .common import VerificationCommon


def make_photo(kind="PNG", size=(40, 30)):
    """Return a picture as a browser sends it."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "tomato").save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


class ReceiptCommon(VerificationCommon):
    """What the tests of the receipt share: counting and confirming."""

    def _count(self, picking, **by_product):
        """Return what a browser sends: all arrived, but for some products.

        :param by_product: Name of a fixture product → values that differ.
        """
        different = {getattr(self, name): vals for name, vals in by_product.items()}
        return [
            {
                "product_id": product.id,
                "received": entry["quantity"],
                "damaged": 0,
                **different.get(product, {}),
            }
            for product, entry in picking._groupbuy_get_expected().items()
        ]

    def _confirm(self, picking, key=None, plan=None, note="", lines=None, **by_product):
        """Confirm a receipt as the manager of the point does."""
        return (
            self.env["groupbuy.receipt"]
            .with_user(self.point_manager)
            .sudo()
            ._confirm(
                picking.with_user(self.point_manager).sudo(),
                self._count(picking, **by_product) if lines is None else lines,
                request_key=key or uuid4().hex,
                plan=plan,
                note=note,
            )
        )

    def _receive_at_point(self, picking, **by_product):
        """Return the receipt that was confirmed."""
        answer = self._confirm(picking, **by_product)
        self.assertEqual(answer["status"], "confirmed", answer)
        self.env.invalidate_all()
        return self.env["groupbuy.receipt"].browse(answer["receipt_id"])

    def _send(self, campaign):
        """Close a campaign, buy, and put the goods aside for the points."""
        self._close(campaign)
        campaign.purchase_order_ids.button_confirm()
        for picking in campaign.purchase_order_ids.picking_ids:
            self._validate(picking)
        campaign.picking_ids.filtered(
            lambda picking: picking.groupbuy_role == "to_point"
        ).action_assign()

    def _get_stock(self, product, location):
        return self.env["stock.quant"]._get_available_quantity(
            product, location, allow_negative=True
        ) + sum(
            self.env["stock.quant"]
            .search(
                [("product_id", "=", product.id), ("location_id", "=", location.id)]
            )
            .mapped("reserved_quantity")
        )

    def _get_quantities(self, campaign):
        """Return what each order is still for, first joined first."""
        return [
            sum(order.order_line.filtered("groupbuy_line_id").mapped("product_uom_qty"))
            for order in campaign.order_ids.sorted("id")
        ]
