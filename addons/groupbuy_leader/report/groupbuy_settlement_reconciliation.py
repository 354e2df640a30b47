# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL

from ..models.groupbuy_settlement import STATES


class GroupBuySettlementReconciliation(models.Model):
    """One row for each settlement: ledger ↔ settlement ↔ bill ↔ payment.

    Every figure is read from the documents themselves: the ledger's entries, the
    settlement, the journal items of the bill and of its credit note, and what the
    payments have left open. Each difference has a cause; what no cause explains is
    called so.
    """

    _name = "groupbuy.settlement.reconciliation"
    _description = "Reconciliation of Settlements"
    _auto = False
    _rec_name = "settlement_id"
    _order = "id desc"

    settlement_id = fields.Many2one(comodel_name="groupbuy.settlement", readonly=True)
    leader_id = fields.Many2one(comodel_name="groupbuy.leader", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    date_to = fields.Date(string="Period Ends", readonly=True)
    state = fields.Selection(selection=STATES, string="Status", readonly=True)
    bill_id = fields.Many2one(
        comodel_name="account.move", string="Vendor Bill", readonly=True
    )
    amount_ledger = fields.Monetary(string="Ledger", readonly=True)
    amount_carried = fields.Monetary(string="Brought Forward", readonly=True)
    balance = fields.Monetary(readonly=True)
    amount_billed = fields.Monetary(
        string="Billed, Untaxed", readonly=True, help="Journal items of the expense."
    )
    amount_total = fields.Monetary(string="Billed, With Tax", readonly=True)
    amount_paid = fields.Monetary(string="Paid", readonly=True)
    amount_open = fields.Monetary(string="Still to Pay", readonly=True)
    difference = fields.Monetary(
        readonly=True, help="Ledger and brought forward, less what was billed."
    )
    cause = fields.Selection(
        selection=[
            ("none", "Agrees"),
            ("ledger", "Ledger differs from the settlement"),
            ("carried", "Brought forward differs from its source"),
            ("bill_missing", "Billed, but the bill is not posted"),
            ("bill_differs", "Bill differs from the settlement"),
            ("reversal_missing", "Reversed, but not credited"),
            ("held", "On hold"),
            ("not_approved", "Not approved yet"),
            ("not_billed", "Not billed yet"),
            ("debt", "Debt of the leader, for the next settlement"),
            ("below_minimum", "Below the minimum, for the next settlement"),
            ("part_paid", "Paid in part"),
            ("not_paid", "Not paid yet"),
        ],
        readonly=True,
    )

    @property
    def _table_query(self):
        """Return the query of the rows."""
        return SQL("SELECT %s FROM %s", self._select(), self._from())

    def _select(self):
        """Return the columns; other addons append theirs.

        :rtype: SQL
        """
        return SQL(
            """
            s.id AS id, s.id AS settlement_id, s.leader_id AS leader_id,
            s.company_id AS company_id, s.currency_id AS currency_id,
            s.date_to AS date_to, s.state AS state, s.bill_id AS bill_id,
            ledger.amount AS amount_ledger, s.amount_carried AS amount_carried,
            s.balance AS balance, bill.untaxed AS amount_billed,
            bill.total AS amount_total, bill.total - bill.residual AS amount_paid,
            bill.residual AS amount_open,
            due.amount - bill.untaxed AS difference,
            CASE
                WHEN ledger.amount <> due.earned THEN 'ledger'
                WHEN s.step <> 'reversed' AND s.amount_carried <> brought.amount
                    THEN 'carried'
                WHEN s.step = 'reversed' AND bill.untaxed <> 0
                    THEN 'reversal_missing'
                WHEN s.step = 'billed' AND bill.posted IS NOT TRUE
                    THEN 'bill_missing'
                WHEN s.step IN ('billed', 'reversed') AND bill.untaxed <> due.amount
                    THEN 'bill_differs'
                WHEN s.is_held THEN 'held'
                WHEN s.step IN ('draft', 'to_approve') THEN 'not_approved'
                WHEN s.step = 'approved' THEN 'not_billed'
                WHEN s.step = 'carried' AND s.carried_into_id IS NULL
                     AND s.balance < 0 THEN 'debt'
                WHEN s.step = 'carried' AND s.carried_into_id IS NULL
                     AND s.balance > 0 THEN 'below_minimum'
                WHEN s.step = 'billed' AND bill.residual <> 0
                     AND bill.residual <> bill.total THEN 'part_paid'
                WHEN s.step = 'billed' AND bill.residual <> 0 THEN 'not_paid'
                ELSE 'none'
            END AS cause
            """
        )

    def _from(self):
        """Return the joined tables.

        :rtype: SQL
        """
        return SQL(
            """
            groupbuy_settlement s
            CROSS JOIN LATERAL (
                SELECT COALESCE(SUM(e.amount), 0) AS amount
                  FROM groupbuy_commission_entry e WHERE e.settlement_id = s.id
            ) ledger
            CROSS JOIN LATERAL (
                SELECT COALESCE(SUM(c.balance), 0) AS amount
                  FROM groupbuy_settlement c WHERE c.carried_into_id = s.id
            ) brought
            CROSS JOIN LATERAL (
                SELECT CASE WHEN s.step = 'reversed' THEN 0 ELSE s.amount END
                           AS earned,
                       CASE WHEN s.step IN ('reversed', 'carried') THEN 0
                            ELSE ledger.amount + s.amount_carried END AS amount
            ) due
            CROSS JOIN LATERAL (
                SELECT COALESCE(SUM(item.untaxed), 0) AS untaxed,
                       COALESCE(SUM(-m.amount_total_signed), 0) AS total,
                       COALESCE(SUM(-m.amount_residual_signed), 0) AS residual,
                       bool_or(m.id = s.bill_id) AS posted
                  FROM account_move m
                  CROSS JOIN LATERAL (
                       SELECT SUM(l.amount_currency) AS untaxed
                         FROM account_move_line l
                        WHERE l.move_id = m.id AND l.display_type = 'product'
                  ) item
                 WHERE (m.id = s.bill_id OR m.reversed_entry_id = s.bill_id)
                   AND m.state = 'posted'
            ) bill
            """
        )

    def action_open_settlement(self):
        """Open the settlement of the row.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "groupbuy.settlement",
            "res_id": self.settlement_id.id,
            "views": [(False, "form")],
        }
