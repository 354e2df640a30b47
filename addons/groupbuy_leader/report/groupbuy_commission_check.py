# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL


class GroupBuyCommissionCheck(models.Model):
    """One row for each order line and who earns on it: facts ↔ ledger.

    The expected commission is counted again in SQL, from the frozen rate and from what
    was given back since; it uses nothing that the ledger's own code has computed later
    than the confirmation.
    """

    _name = "groupbuy.commission.check"
    _description = "Orders and Ledger"
    _auto = False
    _rec_name = "order_id"
    _order = "id desc"

    order_id = fields.Many2one(comodel_name="sale.order", readonly=True)
    order_line_id = fields.Many2one(comodel_name="sale.order.line", readonly=True)
    campaign_id = fields.Many2one(comodel_name="groupbuy.campaign", readonly=True)
    leader_id = fields.Many2one(comodel_name="groupbuy.leader", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    date = fields.Datetime(string="Joined On", readonly=True)
    amount_accrued = fields.Monetary(string="Accrued", readonly=True)
    amount_expected = fields.Monetary(string="Expected", readonly=True)
    amount_ledger = fields.Monetary(string="Ledger", readonly=True)
    difference = fields.Monetary(readonly=True)
    cause = fields.Selection(
        selection=[
            ("none", "Agrees"),
            ("missing", "Confirmed without a commission"),
            ("too_much", "Refund not taken back"),
            ("too_little", "Too much taken back"),
        ],
        readonly=True,
    )

    @property
    def _table_query(self):
        """Return the query of the rows."""
        return SQL(
            """
            SELECT 2 * l.id + earner.number AS id, l.id AS order_line_id,
                   o.id AS order_id, o.groupbuy_campaign_id AS campaign_id,
                   earner.leader_id AS leader_id, o.company_id AS company_id,
                   company.currency_id AS currency_id,
                   o.groupbuy_joined_at AS date,
                   e.amount AS amount_accrued, expected.amount AS amount_expected,
                   ledger.amount AS amount_ledger,
                   COALESCE(ledger.amount, 0) - COALESCE(expected.amount, 0)
                       AS difference,
                   CASE WHEN e.id IS NULL THEN 'missing'
                        WHEN ledger.amount > expected.amount THEN 'too_much'
                        WHEN ledger.amount < expected.amount THEN 'too_little'
                        ELSE 'none' END AS cause
              FROM sale_order o
              JOIN sale_order_line l ON l.order_id = o.id
              CROSS JOIN LATERAL (
                   VALUES (o.groupbuy_leader_id, 0), (o.groupbuy_sharer_id, 1)
              ) AS earner (leader_id, number)
              JOIN res_company company ON company.id = o.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
              LEFT JOIN groupbuy_commission_entry e
                     ON e.order_line_id = l.id AND e.kind = 'accrual'
                    AND e.leader_id = earner.leader_id
              LEFT JOIN LATERAL (
                   SELECT SUM(x.amount) AS amount FROM groupbuy_commission_entry x
                    WHERE x.order_line_id = l.id AND x.leader_id = earner.leader_id
              ) ledger ON TRUE
              LEFT JOIN LATERAL (
                   SELECT COALESCE(SUM(f.amount_untaxed)
                              FILTER (WHERE f.quantity = 0), 0) AS compensated,
                          COALESCE(SUM(f.quantity), 0) AS given
                     FROM groupbuy_allowance f WHERE f.order_line_id = l.id
              ) fact ON TRUE
              LEFT JOIN LATERAL (
                   SELECT CASE WHEN o.state = 'cancel' OR fact.given >= e.quantity
                               THEN 0
                          WHEN e.order_base = 0
                               THEN e.amount * (e.quantity - fact.given) / e.quantity
                          ELSE e.amount * GREATEST(
                               (e.quantity - fact.given) * e.order_base
                               - fact.compensated * e.quantity, 0)
                               / (e.order_base * e.quantity)
                          END AS amount
              ) exact ON TRUE
              LEFT JOIN LATERAL (
                   SELECT round(exact.amount / currency.rounding::numeric)
                       * currency.rounding::numeric AS amount
              ) expected ON TRUE
             WHERE earner.leader_id IS NOT NULL
               AND l.groupbuy_line_id IS NOT NULL
               AND (e.id IS NOT NULL
                    OR (o.groupbuy_state = 'confirmed' AND l.product_uom_qty > 0))
            """
        )

    def action_open_order(self):
        """Open the order of the row.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }
