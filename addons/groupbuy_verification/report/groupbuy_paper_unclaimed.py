# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.tools import SQL, float_compare

from odoo.addons.community_groupbuy.report.groupbuy_paper import QUANTITY_DIGITS


class GroupBuyPaper(models.AbstractModel):
    """What came back from residents and points, on the papers of a campaign."""

    _inherit = "groupbuy.paper"

    @api.model
    def _get_explanations(self, campaign, kind, points=None):
        """Override of `community_groupbuy` to explain what came back.

        Goods that nobody collected, and goods that were given back after they had
        been brought, were brought and are on no order any more. Goods that residents
        returned, or that were handed out by mistake and taken back, were handed out,
        too.
        """
        facts = super()._get_explanations(campaign, kind, points)
        self.env.flush_all()
        if kind != "buy_by_supplier":
            facts += self._explain_returned(campaign, points)
        if kind in ("by_point", "pick_by_product"):
            facts += self._explain_unclaimed(campaign, points)
            facts += self._explain_given_back(campaign, points)
        elif kind == "by_resident":
            facts += self._explain_undone(campaign, points)
        return facts

    def _explain_unclaimed(self, campaign, points):
        """Explain what lay at points until it went back to the warehouse."""
        return self._explain_query(
            SQL(
                """
                SELECT m.product_id, p.groupbuy_point_id, SUM(m.product_qty)
                  FROM stock_picking p
                  JOIN stock_move m ON m.picking_id = p.id
                 WHERE p.groupbuy_campaign_id = %s AND p.groupbuy_role = 'from_point'
                   AND p.groupbuy_is_extra IS NOT TRUE AND m.state <> 'cancel' AND %s
                 GROUP BY 1, 2 ORDER BY 2, 1
                """,
                campaign.id,
                self._get_point_condition(SQL("p.groupbuy_point_id"), points),
            ),
            lambda values: self.env._(
                "%(quantity)g × %(product)s for %(point)s were not collected and go"
                " back.",
                **values,
            ),
        )

    def _explain_given_back(self, campaign, points):
        """Explain what was brought for orders that have become smaller since.

        No more than what lies there for nobody, and no more than was given back for
        other reasons than what receipts, returns and unclaimed goods explain; so a
        difference of another cause is still refused.
        """
        given = self.env.execute_query(
            SQL(
                """
                SELECT l.product_id, o.groupbuy_point_id,
                       SUM(a.quantity * uom.factor / product_uom.factor)
                  FROM groupbuy_allowance a
                  JOIN sale_order o ON o.id = a.order_id
                  JOIN sale_order_line l ON l.id = a.order_line_id
                  JOIN uom_uom uom ON uom.id = l.product_uom_id
                  JOIN product_product product ON product.id = l.product_id
                  JOIN product_template template
                       ON template.id = product.product_tmpl_id
                  JOIN uom_uom product_uom ON product_uom.id = template.uom_id
                 WHERE a.campaign_id = %s AND a.quantity > 0
                   AND a.reason NOT IN ('short', 'damaged', 'unclaimed')
                   AND a.reference !~ '^case/[0-9]+/[0-9]+$'
                   AND o.groupbuy_point_id IS NOT NULL AND %s
                 GROUP BY 1, 2 ORDER BY 2, 1
                """,
                campaign.id,
                self._get_point_condition(SQL("o.groupbuy_point_id"), points),
            )
        )
        if not given:
            return []
        wanted = campaign.sudo()._get_quantities_by_point("to_resident")
        brought = campaign.sudo()._get_quantities_by_point("to_point")
        rows = []
        for product_id, point_id, quantity in given:
            key = (point_id, product_id)
            spare = brought.get(key, 0.0) - wanted.get(key, 0.0)
            left = min(float(quantity), spare)
            if float_compare(left, 0, precision_digits=QUANTITY_DIGITS) > 0:
                rows.append((product_id, point_id, left))
        return self._explain(
            rows,
            lambda values: self.env._(
                "%(quantity)g × %(product)s were given back after they had been brought"
                " to %(point)s.",
                **values,
            ),
        )

    def _explain_returned(self, campaign, points):
        """Explain what residents brought back and got their money for."""
        return self._explain_moves(
            SQL(
                """
                EXISTS (
                    SELECT 1 FROM groupbuy_allowance a
                      JOIN stock_picking p ON p.id = m.picking_id
                     WHERE a.order_line_id = l.id AND a.campaign_id = %s
                       AND a.quantity > 0
                       AND a.reference = 'case/' || p.groupbuy_case_id || '/' || p.id)
                """,
                campaign.id,
            ),
            points,
            lambda values: self.env._(
                "%(quantity)g × %(product)s were returned by residents of %(point)s.",
                **values,
            ),
        )

    def _explain_undone(self, campaign, points):
        """Explain what was handed out by mistake, taken back, and waits once more."""
        return self._explain_moves(
            SQL(
                """
                m.picking_id IN (
                    SELECT return_picking_id FROM groupbuy_verification
                     WHERE campaign_id = %s AND kind = 'undo')
                """,
                campaign.id,
            ),
            points,
            lambda values: self.env._(
                "%(quantity)g × %(product)s were handed out at %(point)s by mistake and"
                " taken back.",
                **values,
            ),
        )

    def _explain_moves(self, condition, points, get_text):
        """Return the explanations of goods that came back from residents.

        :param SQL condition: Which moves `m` of order lines `l` it is about.
        :param groupbuy.pickup.point points: As of the paper.
        :param get_text: See :meth:`_explain`.
        """
        return self._explain_query(
            SQL(
                """
                SELECT m.product_id, o.groupbuy_point_id,
                       SUM(m.quantity * uom.factor / product_uom.factor)
                  FROM stock_move m
                  JOIN stock_location origin ON origin.id = m.location_id
                  JOIN sale_order_line l ON l.id = m.sale_line_id
                  JOIN sale_order o ON o.id = l.order_id
                  JOIN uom_uom uom ON uom.id = m.product_uom
                  JOIN product_product product ON product.id = m.product_id
                  JOIN product_template template
                       ON template.id = product.product_tmpl_id
                  JOIN uom_uom product_uom ON product_uom.id = template.uom_id
                 WHERE m.state = 'done' AND origin.usage = 'customer' AND %s AND %s
                 GROUP BY 1, 2 ORDER BY 2, 1
                """,
                condition,
                self._get_point_condition(SQL("o.groupbuy_point_id"), points),
            ),
            get_text,
        )

    def _explain_query(self, query, get_text):
        """Return the explanations that a query finds, see :meth:`_explain`."""
        return self._explain(self.env.execute_query(query), get_text)

    def _explain(self, rows, get_text):
        """Return the explanations of some quantities.

        :param list rows: Tuples of product id, pickup point id (may be none) and
            quantity in the product's unit.
        :param get_text: Function from quantity, product and point to a sentence.
        :rtype: list[dict]
        """
        products = self.env["product.product"].browse({row[0] for row in rows})
        points = self.env["groupbuy.pickup.point"].browse({r[1] for r in rows if r[1]})
        names = {point.id: point.name for point in points}
        by_id = {product.id: product for product in products}
        return [
            {
                "product_id": product_id,
                "quantity": float(quantity),
                "text": get_text(
                    {
                        "quantity": float(quantity),
                        "product": by_id[product_id].display_name,
                        "point": names.get(point_id) or self.env._("Home delivery"),
                    }
                ),
            }
            for product_id, point_id, quantity in rows
        ]
