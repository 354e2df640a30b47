# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_compare

from odoo.addons.community_groupbuy.const import BEARERS

PRECISION = 6

# Goods are not lost by the platform itself.
RESPONSIBLE_SELECTION = [pair for pair in BEARERS if pair[0] != "platform"]


class Loss(NamedTuple):
    """What was lost of a product at a point, in its unit.

    :param missing: Did not arrive, and nothing follows.
    :param damaged: Arrived and was scrapped.
    :param allotted: By how much residents get less; the rest lay at the point already.
    """

    missing: float
    damaged: float
    allotted: float

    @property
    def covered(self):
        """What lay at the point for nobody and made up for a part of the loss."""
        return self.missing + self.damaged - self.allotted


class GroupBuyReceiptLine(models.Model):
    """What arrived of one product: a fact, written once."""

    _name = "groupbuy.receipt.line"
    _description = "Receipt Line"
    _order = "receipt_id desc, id"

    receipt_id = fields.Many2one(
        comodel_name="groupbuy.receipt",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        related="receipt_id.campaign_id", store=True, index=True
    )
    point_id = fields.Many2one(related="receipt_id.point_id", store=True, index=True)
    company_id = fields.Many2one(related="receipt_id.company_id", store=True)
    received_at = fields.Datetime(
        related="receipt_id.received_at", string="Received on"
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    expected = fields.Float(digits="Product Unit", readonly=True)
    received = fields.Float(
        digits="Product Unit", readonly=True, help="With what is damaged."
    )
    damaged = fields.Float(digits="Product Unit", readonly=True)
    short = fields.Float(
        string="Missing",
        digits="Product Unit",
        readonly=True,
        help="Expected and not received.",
    )
    rest_follows = fields.Boolean(
        readonly=True, help="What is missing comes later: nothing is refunded for it."
    )
    short_responsible = fields.Selection(
        selection=RESPONSIBLE_SELECTION,
        string="Responsible for Missing",
        readonly=True,
    )
    damaged_responsible = fields.Selection(
        selection=RESPONSIBLE_SELECTION,
        string="Responsible for Damage",
        readonly=True,
    )
    note = fields.Char(readonly=True)
    photo_ids = fields.One2many(
        comodel_name="ir.attachment",
        inverse_name="res_id",
        string="Photos",
        domain=[("res_model", "=", "groupbuy.receipt.line")],
        readonly=True,
    )
    allotment_ids = fields.One2many(
        comodel_name="groupbuy.receipt.allotment",
        inverse_name="line_id",
        readonly=True,
    )
    scrap_ids = fields.One2many(
        comodel_name="stock.scrap",
        inverse_name="groupbuy_receipt_line_id",
        readonly=True,
    )

    _product_uniq = models.UniqueIndex(
        "(receipt_id, product_id)", "A receipt names each product once."
    )
    _quantities_add_up = models.Constraint(
        "CHECK (received >= 0 AND damaged >= 0 AND short >= 0 AND damaged <= received"
        " AND received <= expected)",
        "No more can be received than was expected, nor be damaged than was received.",
    )

    @api.depends("product_id", "receipt_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (
                f"{line.receipt_id.name}: {line.product_id.display_name}"
            )

    def write(self, vals):
        """Refuse changes: what was received is a fact."""
        if vals:
            raise UserError(self.env._("What was received cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_received(self):
        raise UserError(self.env._("What was received cannot be deleted."))

    # === SUPPLY === #

    @api.model
    def _get_losses(self, campaign):
        """Return what was lost of the goods of a campaign, by point and product.

        What goes beyond the orders, such as a replacement, is left out, as it is of
        what the campaign plans and of its papers.

        :param groupbuy.campaign campaign: The campaign.
        :return: (point, product) → :class:`Loss`.
        :rtype: dict
        """
        self.flush_model()
        self.env["groupbuy.receipt.allotment"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT r.point_id, l.product_id,
                       COALESCE(SUM(l.short) FILTER (WHERE NOT l.rest_follows), 0),
                       SUM(l.damaged), COALESCE(SUM(a.quantity), 0)
                  FROM groupbuy_receipt_line l
                  JOIN groupbuy_receipt r ON r.id = l.receipt_id
                  JOIN stock_picking p ON p.id = r.picking_id
                  LEFT JOIN (SELECT line_id, SUM(quantity) AS quantity
                               FROM groupbuy_receipt_allotment
                              GROUP BY line_id) a ON a.line_id = l.id
                 WHERE r.campaign_id = %s AND p.groupbuy_is_extra IS NOT TRUE
                   AND (l.short > 0 OR l.damaged > 0)
                 GROUP BY r.point_id, l.product_id
                """,
                campaign.id,
            )
        )
        rows = self.env.cr.fetchall()
        points = self.env["groupbuy.pickup.point"].with_prefetch(
            {row[0] for row in rows}
        )
        products = self.env["product.product"].with_prefetch({row[1] for row in rows})
        return {
            (points.browse(point_id), products.browse(product_id)): Loss(
                *map(float, quantities)
            )
            for point_id, product_id, *quantities in rows
        }

    # === CLAIMS ON SUPPLIERS === #

    def _get_claims(self):
        """Return what the supplier of the product owes for this line.

        What the supplier has neither delivered to the warehouse nor billed is no
        claim: it is never paid for.

        :return: Pairs of purchase order line and quantity in its unit.
        :rtype: list[tuple[purchase.order.line, float]]
        """
        self.ensure_one()
        short = (
            self.short
            if self.short_responsible == "supplier" and not self.rest_follows
            else 0.0
        )
        damaged = self.damaged if self.damaged_responsible == "supplier" else 0.0
        if short + damaged <= 0:
            return []
        po_lines = self._get_purchase_lines()
        paid = {po_line: po_line._groupbuy_get_paid_for() for po_line in po_lines}
        unpaid = sum(
            po_line.product_uom_id._compute_quantity(
                max(po_line.product_qty - paid[po_line], 0.0), self.uom_id, round=False
            )
            for po_line in po_lines
        )
        unpaid = max(unpaid - self._get_former_shortage(), 0.0)
        claimed = max(short - unpaid, 0.0) + damaged
        claims = []
        for po_line in po_lines:
            quantity = min(
                self.uom_id._compute_quantity(
                    claimed, po_line.product_uom_id, round=False
                ),
                paid[po_line] - sum(po_line.groupbuy_claim_line_ids.mapped("quantity")),
            )
            if float_compare(quantity, 0, precision_digits=PRECISION) <= 0:
                continue
            claims.append((po_line, quantity))
            claimed -= po_line.product_uom_id._compute_quantity(
                quantity, self.uom_id, round=False
            )
        return claims

    def _get_purchase_lines(self):
        """Return with what the product was bought for the campaign, latest first."""
        return (
            self.env["purchase.order.line"]
            .sudo()
            .search(
                [
                    ("groupbuy_campaign_id", "=", self.campaign_id.id),
                    ("product_id", "=", self.product_id.id),
                    ("state", "=", "purchase"),
                ],
                order="id desc",
            )
        )

    def _get_former_shortage(self):
        """Return what earlier receipts of the campaign missed because of the supplier.

        :return: In the unit of the product.
        :rtype: float
        """
        groups = self._read_group(
            [
                ("campaign_id", "=", self.campaign_id.id),
                ("product_id", "=", self.product_id.id),
                ("short_responsible", "=", "supplier"),
                ("rest_follows", "=", False),
                ("id", "!=", self.id),
            ],
            [],
            ["short:sum"],
        )
        return groups[0][0] or 0.0
