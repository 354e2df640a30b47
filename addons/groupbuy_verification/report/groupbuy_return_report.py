# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL

# Outcomes that say that something was wrong with the goods.
UPHELD = ("refund", "partial", "return", "exchange", "replacement", "coupon", "wallet")


class GroupBuyReturnReport(models.Model):
    """How much of what was sold came back, was refunded or replaced.

    A row is a line of a confirmed order. The rate of a group of rows is the sum of
    what was returned over the sum of what was ordered, not an average of rates.
    """

    _name = "groupbuy.return.report"
    _description = "Return Analysis"
    _auto = False
    _order = "date desc"
    _rec_name = "product_id"

    order_id = fields.Many2one(comodel_name="sale.order", readonly=True)
    date = fields.Datetime(string="Ordered", readonly=True)
    campaign_id = fields.Many2one(comodel_name="groupbuy.campaign", readonly=True)
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point", string="Pickup Point", readonly=True
    )
    leader_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Leader",
        readonly=True,
        help="The first of the point's managers.",
    )
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template", string="Product Template", readonly=True
    )
    categ_id = fields.Many2one(
        comodel_name="product.category", string="Product Category", readonly=True
    )
    supplier_id = fields.Many2one(comodel_name="res.partner", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    quantity = fields.Float(
        string="Ordered Quantity",
        readonly=True,
        help="What the close confirmed, in the unit of the product.",
    )
    case_count = fields.Integer(string="Cases", readonly=True)
    claimed_quantity = fields.Float(readonly=True, help="What cases are or were about.")
    returned_quantity = fields.Float(
        readonly=True,
        help="What was refunded, replaced, or compensated for after a case.",
    )
    refunded_amount = fields.Monetary(
        string="Refunded", readonly=True, help="Tax included, because of cases."
    )
    return_rate = fields.Float(readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        """Return the query behind the report.

        :rtype: SQL
        """
        return SQL(
            "SELECT %s FROM %s WHERE %s", self._select(), self._from(), self._where()
        )

    def _select(self):
        """Return the columns.

        :rtype: SQL
        """
        return SQL(
            """
            l.id AS id,
            o.id AS order_id,
            o.groupbuy_joined_at AS date,
            o.groupbuy_campaign_id AS campaign_id,
            o.groupbuy_point_id AS point_id,
            manager.user_id AS leader_user_id,
            l.product_id AS product_id,
            product.product_tmpl_id AS product_tmpl_id,
            template.categ_id AS categ_id,
            COALESCE(bought.partner_id, seller.partner_id) AS supplier_id,
            o.company_id AS company_id,
            o.currency_id AS currency_id,
            ordered.quantity * unit.factor AS quantity,
            COALESCE(cases.count, 0) AS case_count,
            COALESCE(cases.claimed, 0) * unit.factor AS claimed_quantity,
            cases.returned * unit.factor AS returned_quantity,
            COALESCE(given.case_amount, 0) AS refunded_amount,
            cases.returned / NULLIF(ordered.quantity, 0) AS return_rate
            """
        )

    def _from(self):
        """Return the joined tables; each subquery has an index to go by.

        :rtype: SQL
        """
        return SQL(
            """
            sale_order_line l
            JOIN sale_order o ON o.id = l.order_id
            JOIN product_product product ON product.id = l.product_id
            JOIN product_template template ON template.id = product.product_tmpl_id
            JOIN uom_uom uom ON uom.id = l.product_uom_id
            JOIN uom_uom product_uom ON product_uom.id = template.uom_id
            CROSS JOIN LATERAL (
                SELECT uom.factor / product_uom.factor AS factor
            ) unit
            LEFT JOIN LATERAL (
                SELECT SUM(a.quantity) AS quantity,
                       SUM(a.amount) FILTER (WHERE a.reason = 'case') AS case_amount
                  FROM groupbuy_allowance a
                 WHERE a.order_line_id = l.id
            ) given ON TRUE
            CROSS JOIN LATERAL (
                SELECT l.product_uom_qty + COALESCE(given.quantity, 0) AS quantity
            ) ordered
            LEFT JOIN LATERAL (
                SELECT COUNT(DISTINCT c.id) AS count,
                       SUM(cl.quantity) AS claimed,
                       -- Goods that were wrong twice came back once.
                       LEAST(COALESCE(SUM(cl.quantity) FILTER (
                           WHERE c.state = 'resolved' AND c.outcome = ANY(%(upheld)s)
                       ), 0), ordered.quantity) AS returned
                  FROM groupbuy_case_line cl
                  JOIN groupbuy_case c ON c.id = cl.case_id
                 WHERE cl.order_line_id = l.id
            ) cases ON TRUE
            LEFT JOIN LATERAL (
                SELECT po.partner_id
                  FROM purchase_order_line pol
                  JOIN purchase_order po ON po.id = pol.order_id
                 WHERE po.groupbuy_campaign_id = o.groupbuy_campaign_id
                   AND pol.product_id = l.product_id AND po.state <> 'cancel'
                 ORDER BY pol.id LIMIT 1
            ) bought ON TRUE
            LEFT JOIN LATERAL (
                SELECT s.partner_id FROM product_supplierinfo s
                 WHERE s.product_tmpl_id = product.product_tmpl_id
                 ORDER BY s.sequence, s.id LIMIT 1
            ) seller ON TRUE
            LEFT JOIN LATERAL (
                SELECT MIN(m.user_id) AS user_id
                  FROM groupbuy_pickup_point_manager_rel m
                 WHERE m.point_id = o.groupbuy_point_id
            ) manager ON TRUE
            """,
            upheld=list(UPHELD),
        )

    def _where(self):
        """Return the condition: goods of orders whose group succeeded.

        :rtype: SQL
        """
        return SQL("l.groupbuy_line_id IS NOT NULL AND o.groupbuy_state = 'confirmed'")

    def _read_group_select(self, aggregate_spec, query):
        """Override of `base` to weight the rate by what was ordered."""
        if aggregate_spec == "return_rate:avg":
            returned = self._field_to_sql(self._table, "returned_quantity", query)
            quantity = self._field_to_sql(self._table, "quantity", query)
            return SQL("SUM(%s) / NULLIF(SUM(%s), 0)", returned, quantity)
        return super()._read_group_select(aggregate_spec, query)

    def action_open_order(self):
        """Open the order of the row.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }
