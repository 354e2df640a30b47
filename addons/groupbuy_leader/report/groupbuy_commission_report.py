# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL

from ..models.groupbuy_commission_entry import KINDS


class GroupBuyCommissionReport(models.Model):
    """One row for each ledger entry: where its money stands (佣金分析).

    accrued = waiting + payable + in settlements + paid + carried forward; what is
    carried forward and negative is what leaders owe.
    """

    _name = "groupbuy.commission.report"
    _description = "Commission Analysis"
    _auto = False
    _rec_name = "date"
    _order = "date desc, id desc"

    date = fields.Datetime(readonly=True)
    kind = fields.Selection(selection=KINDS, readonly=True)
    leader_id = fields.Many2one(comodel_name="groupbuy.leader", readonly=True)
    tier_id = fields.Many2one(comodel_name="groupbuy.leader.tier", readonly=True)
    community_id = fields.Many2one(comodel_name="groupbuy.community", readonly=True)
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point", string="Pickup Point", readonly=True
    )
    campaign_id = fields.Many2one(comodel_name="groupbuy.campaign", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    categ_id = fields.Many2one(
        comodel_name="product.category", string="Product Category", readonly=True
    )
    settlement_id = fields.Many2one(comodel_name="groupbuy.settlement", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    state = fields.Selection(
        selection=[
            ("pickup", "Waits for Pickup"),
            ("case", "Open Case"),
            ("window", "After-sales Window"),
            ("payable", "Payable"),
            ("settled", "In Settlement"),
            ("paid", "Paid"),
            ("below", "Below the Minimum"),
            ("owed", "Owed by the Leader"),
            ("reversed", "Reversed"),
        ],
        string="Status",
        readonly=True,
    )
    base = fields.Monetary(readonly=True)
    amount = fields.Monetary(string="Accrued", readonly=True)
    amount_waiting = fields.Monetary(
        string="Waiting",
        readonly=True,
        help="For the pickup, the after-sales window or an open case.",
    )
    amount_payable = fields.Monetary(string="Payable", readonly=True)
    amount_settled = fields.Monetary(
        string="In Settlements", readonly=True, help="Settled and not paid yet."
    )
    amount_paid = fields.Monetary(string="Paid", readonly=True)
    amount_below = fields.Monetary(string="Below the Minimum", readonly=True)
    amount_owed = fields.Monetary(string="Owed by Leaders", readonly=True)

    @property
    def _table_query(self):
        """Return the query of the rows."""
        return SQL("%s SELECT %s FROM %s", self._with(), self._select(), self._from())

    def _with(self):
        """Return for each settlement the one in which its balance ended up.

        :rtype: SQL
        """
        return SQL(
            """
            WITH RECURSIVE ended AS (
                SELECT id, id AS last_id FROM groupbuy_settlement
                 WHERE carried_into_id IS NULL
                 UNION ALL
                SELECT s.id, ended.last_id FROM groupbuy_settlement s
                  JOIN ended ON ended.id = s.carried_into_id
            )
            """
        )

    def _select(self):
        """Return the columns; other addons append theirs.

        :rtype: SQL
        """
        return SQL(
            """
            e.id AS id, e.date AS date, e.kind AS kind, e.leader_id AS leader_id,
            leader.tier_id AS tier_id, partner.groupbuy_community_id AS community_id,
            o.groupbuy_point_id AS point_id, e.campaign_id AS campaign_id,
            e.product_id AS product_id, e.categ_id AS categ_id,
            e.settlement_id AS settlement_id, e.company_id AS company_id,
            e.currency_id AS currency_id, place.state AS state,
            e.base AS base, e.amount AS amount,
            CASE WHEN place.state IN ('pickup', 'case', 'window')
                 THEN e.amount ELSE 0 END AS amount_waiting,
            CASE WHEN place.state = 'payable' THEN e.amount ELSE 0 END
                AS amount_payable,
            CASE WHEN place.state IN ('settled', 'reversed') THEN e.amount ELSE 0 END
                AS amount_settled,
            CASE WHEN place.state = 'paid' THEN e.amount ELSE 0 END AS amount_paid,
            CASE WHEN place.state = 'below' THEN e.amount ELSE 0 END AS amount_below,
            CASE WHEN place.state = 'owed' THEN -e.amount ELSE 0 END AS amount_owed
            """
        )

    def _from(self):
        """Return the joined tables.

        :rtype: SQL
        """
        return SQL(
            """
            groupbuy_commission_entry e
            JOIN groupbuy_leader leader ON leader.id = e.leader_id
            LEFT JOIN sale_order o ON o.id = e.order_id
            LEFT JOIN res_partner partner ON partner.id = o.partner_id
            LEFT JOIN ended ON ended.id = e.settlement_id
            LEFT JOIN groupbuy_settlement s ON s.id = ended.last_id
            %s
            CROSS JOIN LATERAL (
                SELECT CASE
                    WHEN s.id IS NULL AND status.waiting = 'payable'
                         AND status.payable_at
                             > statement_timestamp() AT TIME ZONE 'UTC'
                        THEN 'window'
                    WHEN s.id IS NULL THEN status.waiting
                    WHEN s.step = 'reversed' THEN 'reversed'
                    WHEN s.step = 'carried' AND s.balance < 0 THEN 'owed'
                    WHEN s.step = 'carried' THEN 'below'
                    WHEN s.state = 'paid' THEN 'paid'
                    ELSE 'settled'
                END AS state
            ) place
            """,
            self.env["groupbuy.commission.entry"]._query_status(),
        )
