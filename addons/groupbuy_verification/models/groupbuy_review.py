# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..photo import MAX_PHOTOS

MARKS = ("goods", "service", "logistics")
# From here on downwards a mark asks for somebody to look into it.
BAD_MARK = 2


class GroupBuyReview(models.Model):
    """What a resident thinks of an order that was collected (评价).

    One for each order. Marks and words are the resident's and never changed; staff
    may answer in public, or hide a review with a reason.
    """

    _name = "groupbuy.review"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Group Buying Review"
    _order = "id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        comodel_name="sale.order",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
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
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Pickup Point",
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    goods = fields.Integer(required=True, readonly=True, aggregator="avg")
    service = fields.Integer(required=True, readonly=True, aggregator="avg")
    logistics = fields.Integer(required=True, readonly=True, aggregator="avg")
    goods_text = fields.Text(string="About the Goods", readonly=True)
    service_text = fields.Text(string="About the Service", readonly=True)
    logistics_text = fields.Text(string="About the Logistics", readonly=True)
    lowest = fields.Integer(
        string="Lowest Mark",
        compute="_compute_lowest",
        store=True,
        precompute=True,
        aggregator="min",
    )
    photo_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="groupbuy_review_attachment_rel",
        column1="review_id",
        column2="attachment_id",
        string="Photos",
        readonly=True,
        bypass_search_access=True,
    )
    line_ids = fields.One2many(
        comodel_name="groupbuy.review.line",
        inverse_name="review_id",
        string="Products",
        readonly=True,
    )
    is_published = fields.Boolean(
        string="Published", default=True, readonly=True, tracking=True
    )
    hidden_reason = fields.Char(
        string="Why Hidden",
        tracking=True,
        help="Required to hide a review, such as abuse or personal data. A bad mark is"
        " no reason.",
    )
    answer = fields.Text(
        string="Public Answer",
        tracking=True,
        help="Everybody who sees the review reads it.",
    )
    answered_by_id = fields.Many2one(comodel_name="res.users", readonly=True)
    answered_at = fields.Datetime(readonly=True)
    case_id = fields.Many2one(
        comodel_name="groupbuy.case",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Opened because of a bad mark.",
    )

    _order_uniq = models.UniqueIndex(
        "(order_id)", "This order has been reviewed already."
    )
    _marks_range = models.Constraint(
        "CHECK (goods BETWEEN 1 AND 5 AND service BETWEEN 1 AND 5"
        " AND logistics BETWEEN 1 AND 5)",
        "A mark is a number from 1 to 5.",
    )
    _point_idx = models.Index(
        "(point_id) INCLUDE (goods, service, logistics)"
        " WHERE is_published AND point_id IS NOT NULL"
    )

    @api.depends(*MARKS)
    def _compute_lowest(self):
        for review in self:
            review.lowest = min(review[mark] for mark in MARKS)

    # === RESIDENT === #

    @api.model
    def _submit(self, order, marks, texts, photos=()):
        """Keep a resident's review of an order.

        Callers have checked that the visitor may see the order; it runs elevated.
        The order's row is locked, and there is one review for each order: two
        requests at once leave one.

        :param sale.order order: The order.
        :param dict marks: goods, service and logistics → whole number from 1 to 5.
        :param dict texts: The same keys → words, may be empty.
        :param photos: Pairs (file name, JPEG).
        :rtype: groupbuy.review
        :raise UserError: If the order was not collected or is reviewed already, or a
            mark is missing or made up.
        """
        self = self.sudo()
        order = order.sudo()
        order._groupbuy_lock_for_case()
        if not order._groupbuy_is_collected():
            raise UserError(
                self.env._("You can review an order once you have collected it.")
            )
        if self.search_count([("order_id", "=", order.id)], limit=1):
            raise UserError(self.env._("You have reviewed this order. Thank you."))
        if any(marks.get(mark) not in range(1, 6) for mark in MARKS):
            raise UserError(
                self.env._("Please give 1 to 5 stars to goods, service and logistics.")
            )
        review = self.create(
            {
                "order_id": order.id,
                "partner_id": order.partner_id.id,
                "campaign_id": order.groupbuy_campaign_id.id,
                "point_id": order.groupbuy_point_id.id,
                "company_id": order.company_id.id,
                **{mark: marks[mark] for mark in MARKS},
                **{
                    f"{mark}_text": (texts.get(mark) or "").strip()[:2000]
                    for mark in MARKS
                },
            }
        )
        review._add_photos(photos[:MAX_PHOTOS])
        review._add_products()
        review._report_bad()
        order._groupbuy_on_reviewed(bool(review.photo_ids))
        return review

    def _add_photos(self, photos):
        """Keep the photos of a review.

        :param photos: Pairs (file name, JPEG).
        """
        self.ensure_one()
        self.photo_ids = self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": raw,
                    "res_model": self._name,
                    "res_id": self.id,
                }
                for name, raw in photos
            ]
        )

    def _add_products(self):
        """Write down the products and suppliers that the review is about.

        The mark of the goods becomes a rating of each product, so that Odoo's shop
        shows it with its words, photos and our answer.
        """
        self.ensure_one()
        lines = self.order_id.order_line.filtered(
            lambda line: line.groupbuy_line_id and line.qty_delivered > 0
        )
        suppliers = self._get_suppliers(lines.product_id)
        by_template = {}
        for line in lines:
            template = line.product_id.product_tmpl_id
            by_template.setdefault(template, suppliers.get(line.product_id))
        vals_list = []
        for template, supplier in by_template.items():
            vals_list.append(
                {
                    "review_id": self.id,
                    "product_tmpl_id": template.id,
                    "supplier_id": supplier.id if supplier else False,
                    "rating_id": self._rate(template).id,
                }
            )
        self.env["groupbuy.review.line"].create(vals_list)

    def _get_suppliers(self, products):
        """Return who supplied products: the campaign's purchases, else the product.

        :return: Product → supplier.
        :rtype: dict
        """
        suppliers = {product: product.seller_ids[:1].partner_id for product in products}
        for po_line in self.env["purchase.order.line"].search(
            [
                ("groupbuy_campaign_id", "=", self.campaign_id.id),
                ("product_id", "in", products.ids),
                ("state", "!=", "cancel"),
            ]
        ):
            suppliers[po_line.product_id] = po_line.partner_id
        return suppliers

    def _rate(self, template):
        """Rate a product as the resident does in Odoo's shop.

        :param product.template template: The product.
        :rtype: rating.rating
        """
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(template._name),
                "res_id": template.id,
                "partner_id": self.partner_id.id,
                "rating": self.goods,
                "feedback": self.goods_text,
                "consumed": True,
            }
        )
        # As the system: Odoo drops the photos of portal users and visitors that were
        # not uploaded through its own composer.
        template.with_user(SUPERUSER_ID).message_post(
            body=self.goods_text or "",
            author_id=self.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            rating_id=rating.id,
            attachment_ids=self.photo_ids.ids,
        )
        return rating

    def _report_bad(self):
        """Open a case for somebody to look into a bad mark."""
        self.ensure_one()
        if self.lowest > BAD_MARK:
            return
        names = {
            mark: self._fields[mark]._description_string(self.env) for mark in MARKS
        }
        parts = [
            f"{names[mark]}: {self[mark]}/5 {self[f'{mark}_text'] or ''}".strip()
            for mark in MARKS
        ]
        self.case_id = self.env["groupbuy.case"]._open(
            "review",
            order=self.order_id,
            description="\n".join(parts),
            attachments=self.photo_ids,
            reference=f"review/{self.id}",
        )

    # === STAFF === #

    def write(self, vals):
        """Date the public answers of staff and show them in the shop."""
        if "answer" in vals and not {"answered_by_id", "answered_at"} & vals.keys():
            vals = vals | {
                "answered_by_id": self.env.uid if vals["answer"] else False,
                "answered_at": fields.Datetime.now() if vals["answer"] else False,
            }
        if not self.env.su and vals.keys() - {
            "answer",
            "answered_by_id",
            "answered_at",
            "hidden_reason",
            "activity_ids",
            "message_follower_ids",
        }:
            raise UserError(
                self.env._("What a resident has written cannot be changed.")
            )
        result = super().write(vals)
        if "answer" in vals:
            for review in self.sudo():
                review.line_ids.rating_id.write(
                    {
                        "publisher_comment": review.answer,
                        "publisher_id": review.answered_by_id.partner_id.id,
                        "publisher_datetime": review.answered_at,
                    }
                )
        return result

    def action_hide(self):
        """Take reviews off the website, with a reason."""
        self.check_access("write")
        for review in self:
            if not (review.hidden_reason or "").strip():
                raise UserError(
                    self.env._("Please enter why the review is hidden first.")
                )
        self.sudo()._set_published(False)

    def action_publish(self):
        """Show hidden reviews again."""
        self.check_access("write")
        self.sudo()._set_published(True)
        self.sudo().hidden_reason = False

    def _set_published(self, is_published):
        """Show or hide reviews here and in Odoo's shop.

        :param bool is_published: Whether everybody sees them.
        """
        self.write({"is_published": is_published})
        self.line_ids.rating_id.message_id.write({"is_internal": not is_published})

    # === WEBSITE === #

    def _get_author(self):
        """Return how the resident is named on the website.

        :rtype: str
        """
        self.ensure_one()
        if not self.order_id.groupbuy_show_name:
            return self.env._("A resident")
        return self.partner_id._groupbuy_public_name()
