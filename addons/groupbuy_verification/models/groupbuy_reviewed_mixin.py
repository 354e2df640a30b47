# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

# How many reviews a page shows.
SHOWN_REVIEWS = 5


class GroupBuyReviewedMixin(models.AbstractModel):
    """Something that residents' reviews are about: a product, a point, a supplier.

    The averages are aggregates over published reviews, read when they are shown, in
    one query for all records. Nothing that many transactions change is stored.
    """

    _name = "groupbuy.reviewed.mixin"
    _description = "Reviewed by Residents"
    # Where the reviews of a record are: model, field that names it, what is counted.
    _groupbuy_review_source = ()

    groupbuy_review_count = fields.Integer(
        string="Residents' Reviews",
        compute="_compute_groupbuy_reviews",
        compute_sudo=True,
    )
    groupbuy_goods_avg = fields.Float(
        string="Goods",
        digits=(3, 1),
        compute="_compute_groupbuy_reviews",
        compute_sudo=True,
        help="Average of published reviews, 1 to 5; 0 without any.",
    )
    groupbuy_service_avg = fields.Float(
        string="Service",
        digits=(3, 1),
        compute="_compute_groupbuy_reviews",
        compute_sudo=True,
        help="Average of published reviews, 1 to 5; 0 without any.",
    )
    groupbuy_logistics_avg = fields.Float(
        string="Logistics",
        digits=(3, 1),
        compute="_compute_groupbuy_reviews",
        compute_sudo=True,
        help="Average of published reviews, 1 to 5; 0 without any.",
    )

    def _compute_groupbuy_reviews(self):
        model, name, count = self._groupbuy_review_source
        stats = {
            record.id: values
            for record, *values in self.env[model]._read_group(
                [(name, "in", self.ids), ("is_published", "=", True)],
                [name],
                [count, "goods:avg", "service:avg", "logistics:avg"],
            )
        }
        for record in self:
            number, goods, service, logistics = stats.get(record.id, (0, 0, 0, 0))
            record.groupbuy_review_count = number
            record.groupbuy_goods_avg = goods
            record.groupbuy_service_avg = service
            record.groupbuy_logistics_avg = logistics

    def _groupbuy_get_shown_reviews(self, limit=SHOWN_REVIEWS):
        """Return the latest published reviews that are about a record.

        Elevated: everybody may read published reviews.

        :param int limit: How many.
        :rtype: groupbuy.review
        """
        self.ensure_one()
        model, name, _count = self._groupbuy_review_source
        path = name if model == "groupbuy.review" else f"line_ids.{name}"
        return (
            self.env["groupbuy.review"]
            .sudo()
            .search([(path, "=", self.id), ("is_published", "=", True)], limit=limit)
        )

    def action_view_groupbuy_reviews(self):
        """Open the reviews that are about these records.

        :rtype: dict
        """
        model, name, _count = self._groupbuy_review_source
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_verification.groupbuy_review_action"
        )
        path = name if model == "groupbuy.review" else f"line_ids.{name}"
        action["domain"] = [(path, "in", self.ids)]
        action["context"] = {}
        return action
