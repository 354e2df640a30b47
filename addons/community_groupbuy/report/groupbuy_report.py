# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import SQL

from ..utils import selection_of


class GroupBuyReport(models.Model):
    """One row for each line of a paid group order.

    Money is in the currency of the company, tax included unless a field says
    otherwise, so that campaigns of several websites can be added up.
    """

    _name = "groupbuy.report"
    _description = "Group Buying Analysis"
    _auto = False
    _rec_name = "date"
    _order = "date desc, id desc"

    date = fields.Datetime(string="Joined On", readonly=True)
    order_id = fields.Many2one(
        comodel_name="sale.order", readonly=True, aggregator="count_distinct"
    )
    campaign_id = fields.Many2one(comodel_name="groupbuy.campaign", readonly=True)
    campaign_state = fields.Selection(
        selection=selection_of("groupbuy.campaign", "state"),
        string="Campaign Status",
        readonly=True,
    )
    line_id = fields.Many2one(
        comodel_name="groupbuy.campaign.line", string="Campaign Line", readonly=True
    )
    group_id = fields.Many2one(comodel_name="groupbuy.group", readonly=True)
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point", string="Pickup Point", readonly=True
    )
    community_id = fields.Many2one(comodel_name="groupbuy.community", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        readonly=True,
        aggregator="count_distinct",
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    website_id = fields.Many2one(comodel_name="website", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template", string="Product Template", readonly=True
    )
    categ_id = fields.Many2one(
        comodel_name="product.category", string="Product Category", readonly=True
    )
    state = fields.Selection(
        selection=[
            ("waiting", "Waiting for the Group"),
            ("confirmed", "Confirmed"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        string="Order Status",
        readonly=True,
    )
    quantity = fields.Float(digits="Product Unit", readonly=True)
    qty_delivered = fields.Float(
        string="Delivered", digits="Product Unit", readonly=True
    )
    amount_joined = fields.Monetary(string="Charged at Joining", readonly=True)
    amount_final = fields.Monetary(
        string="Revenue",
        readonly=True,
        help="At the final price once it is known, at the price of joining before.",
    )
    amount_saved = fields.Monetary(
        string="Price Fall",
        readonly=True,
        help="What the residents get back because the price fell after they joined.",
    )
    amount_untaxed = fields.Monetary(string="Revenue Without Tax", readonly=True)
    amount_cost = fields.Monetary(string="Cost", readonly=True)
    margin = fields.Monetary(readonly=True, help="Revenue without tax, less the cost.")

    @property
    def _table_query(self):
        """Return the query of the rows."""
        return SQL(
            "SELECT %s FROM %s WHERE %s", self._select(), self._from(), self._where()
        )

    def _select(self):
        """Return the columns; other addons append theirs.

        :rtype: SQL
        """
        return SQL(
            """
            l.id AS id,
            o.groupbuy_joined_at AS date,
            o.id AS order_id,
            o.groupbuy_campaign_id AS campaign_id,
            c.state AS campaign_state,
            l.groupbuy_line_id AS line_id,
            o.groupbuy_group_id AS group_id,
            o.groupbuy_point_id AS point_id,
            partner.groupbuy_community_id AS community_id,
            partner.id AS partner_id,
            o.company_id AS company_id,
            company.currency_id AS currency_id,
            o.website_id AS website_id,
            l.product_id AS product_id,
            product.product_tmpl_id AS product_tmpl_id,
            template.categ_id AS categ_id,
            o.groupbuy_state AS state,
            l.product_uom_qty * uom.factor / product_uom.factor AS quantity,
            l.qty_delivered * uom.factor / product_uom.factor AS qty_delivered,
            %(joined)s / %(rate)s AS amount_joined,
            l.price_total / %(rate)s AS amount_final,
            CASE WHEN o.groupbuy_state = 'confirmed'
                 THEN (%(joined)s - l.price_total) / %(rate)s
                 ELSE 0 END AS amount_saved,
            l.price_subtotal / %(rate)s AS amount_untaxed,
            %(cost)s / %(rate)s AS amount_cost,
            (l.price_subtotal - %(cost)s) / %(rate)s AS margin
            """,
            joined=SQL(
                "(COALESCE(l.groupbuy_joined_price, 0) * l.product_uom_qty"
                " * (1 - COALESCE(l.discount, 0) / 100.0))"
            ),
            cost=SQL("(COALESCE(l.purchase_price, 0) * l.product_uom_qty)"),
            rate=SQL("COALESCE(NULLIF(o.currency_rate, 0), 1)"),
        )

    def _from(self):
        """Return the joined tables.

        :rtype: SQL
        """
        return SQL(
            """
            sale_order_line l
            JOIN sale_order o ON o.id = l.order_id
            JOIN groupbuy_campaign c ON c.id = o.groupbuy_campaign_id
            JOIN res_company company ON company.id = o.company_id
            JOIN res_partner partner ON partner.id = o.partner_id
            JOIN product_product product ON product.id = l.product_id
            JOIN product_template template ON template.id = product.product_tmpl_id
            JOIN uom_uom uom ON uom.id = l.product_uom_id
            JOIN uom_uom product_uom ON product_uom.id = template.uom_id
            """
        )

    def _where(self):
        """Return the condition: lines bound to a campaign, of orders that were paid.

        :rtype: SQL
        """
        return SQL(
            """
            l.groupbuy_line_id IS NOT NULL
            AND o.groupbuy_campaign_id IS NOT NULL
            AND o.groupbuy_state IN ('waiting', 'confirmed', 'failed', 'cancelled')
            """
        )

    def action_open_order(self):
        """Open the order of the row.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }
