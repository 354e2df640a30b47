# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class GroupBuyReviewLine(models.Model):
    """A product that a review is about, with the marks to count averages from."""

    _name = "groupbuy.review.line"
    _description = "Group Buying Review Line"
    _rec_name = "product_tmpl_id"

    review_id = fields.Many2one(
        comodel_name="groupbuy.review",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template",
        string="Product",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    supplier_id = fields.Many2one(
        comodel_name="res.partner",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    goods = fields.Integer(related="review_id.goods", store=True, aggregator="avg")
    service = fields.Integer(related="review_id.service", store=True, aggregator="avg")
    logistics = fields.Integer(
        related="review_id.logistics", store=True, aggregator="avg"
    )
    is_published = fields.Boolean(related="review_id.is_published", store=True)
    company_id = fields.Many2one(related="review_id.company_id", store=True, index=True)
    rating_id = fields.Many2one(
        comodel_name="rating.rating",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What Odoo's shop shows.",
    )

    _product_idx = models.Index(
        "(product_tmpl_id) INCLUDE (goods, service, logistics) WHERE is_published"
    )
    _supplier_idx = models.Index(
        "(supplier_id) INCLUDE (goods, service, logistics)"
        " WHERE is_published AND supplier_id IS NOT NULL"
    )
