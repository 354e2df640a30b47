# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.tools import SQL


class GroupBuyReconciliation(models.Model):
    """One row for each group order: its money and its goods, and what is left open.

    The rule is: charged = invoiced + returned + credit still owed. What is still to
    come (an authorised amount, an invoice not made yet) is named as such, and what no
    cause explains is in `unexplained`, which is the column to look at first.

    Every figure is read from the documents themselves: payments and refunds from the
    payment transactions, invoices and credit notes from the posted journal items,
    bookings from the payments' journal entries, returned store credit and open work
    from the jobs. Nothing is stored, so nothing can be stale.

    The parts are joined laterally: filtered by campaign, each costs one look into an
    index for each order of that campaign, however many orders there are in all.
    """

    _name = "groupbuy.reconciliation"
    _description = "Group Buying Reconciliation"
    _auto = False
    _rec_name = "order_id"
    # The order of the primary key: a page of the list reads its own rows only.
    _order = "id desc"

    order_id = fields.Many2one(
        comodel_name="sale.order", readonly=True, aggregator="count_distinct"
    )
    date = fields.Datetime(string="Joined On", readonly=True)
    campaign_id = fields.Many2one(comodel_name="groupbuy.campaign", readonly=True)
    group_id = fields.Many2one(comodel_name="groupbuy.group", readonly=True)
    point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point", string="Pickup Point", readonly=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Resident", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    state = fields.Selection(
        selection=[
            ("cart", "Cart"),
            ("waiting", "Waiting for the Group"),
            ("confirmed", "Confirmed"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        string="Order Status",
        readonly=True,
    )
    amount_total = fields.Monetary(string="Order Total", readonly=True)
    amount_authorized = fields.Monetary(
        string="Authorised", readonly=True, help="Reserved, neither taken nor released."
    )
    amount_charged = fields.Monetary(
        string="Charged", readonly=True, help="Taken from the resident."
    )
    amount_refunded = fields.Monetary(
        string="Sent Back", readonly=True, help="By the payment provider."
    )
    amount_credited = fields.Monetary(
        string="Credit and Cash",
        readonly=True,
        help="Returned as store credit or by hand.",
    )
    amount_invoiced = fields.Monetary(
        string="Invoiced",
        readonly=True,
        help="Posted invoices less credit notes, tax included.",
    )
    amount_owed = fields.Monetary(
        string="Still Owed",
        readonly=True,
        help="Jobs that are going to return this to the resident.",
    )
    amount_residual = fields.Monetary(
        string="Unpaid on Invoices",
        readonly=True,
        help="Open on the invoices and credit notes of the order.",
    )
    amount_booked = fields.Monetary(
        string="Booked",
        readonly=True,
        help="What the journal entries of the payments say was taken and sent back.",
    )
    amount_to_invoice = fields.Monetary(string="To Invoice", readonly=True)
    difference = fields.Monetary(
        readonly=True, help="Charged, less sent back, returned and invoiced."
    )
    unexplained = fields.Monetary(
        readonly=True,
        help="What is left of the difference after what is owed and to be invoiced.",
    )
    quantity_ordered = fields.Float(
        string="Ordered", digits="Product Unit", readonly=True
    )
    quantity_delivered = fields.Float(
        string="Delivered", digits="Product Unit", readonly=True
    )
    cause = fields.Selection(
        selection=[
            ("none", "Agrees"),
            ("unexplained", "Unexplained"),
            ("refund_failed", "Job stuck"),
            ("refund_manual", "Refund by hand to do"),
            ("refund_waiting", "Waiting for the refund job"),
            ("in_work", "Confirmation under way"),
            ("not_booked", "Payment not booked"),
            ("not_captured", "Authorised, not captured yet"),
            ("not_invoiced", "Not invoiced yet"),
            ("invoice_open", "Invoice not paid or reconciled"),
            ("delivery", "Delivered is not what was ordered"),
        ],
        readonly=True,
    )

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
            o.id AS id,
            o.id AS order_id,
            o.groupbuy_joined_at AS date,
            o.groupbuy_campaign_id AS campaign_id,
            o.groupbuy_group_id AS group_id,
            o.groupbuy_point_id AS point_id,
            o.partner_id AS partner_id,
            o.company_id AS company_id,
            o.currency_id AS currency_id,
            o.groupbuy_state AS state,
            o.amount_total AS amount_total,
            paid.authorized AS amount_authorized,
            paid.charged AS amount_charged,
            paid.refunded AS amount_refunded,
            job.credited AS amount_credited,
            invoiced.amount AS amount_invoiced,
            sums.owed AS amount_owed,
            residual.amount AS amount_residual,
            paid.booked AS amount_booked,
            sums.to_invoice AS amount_to_invoice,
            sums.difference AS difference,
            sums.unexplained AS unexplained,
            goods.ordered AS quantity_ordered,
            goods.delivered AS quantity_delivered,
            %s AS cause
            """,
            self._case_cause(),
        )

    def _case_cause(self):
        """Return the expression that names the most pressing cause of a row.

        :rtype: SQL
        """
        return SQL(
            """
            CASE
                WHEN abs(sums.unexplained) >= sums.epsilon THEN 'unexplained'
                WHEN job.failed THEN 'refund_failed'
                WHEN job.manual THEN 'refund_manual'
                WHEN job.pending OR sums.owed >= sums.epsilon THEN 'refund_waiting'
                WHEN job.deciding THEN 'in_work'
                WHEN abs(paid.booked - (paid.charged - paid.refunded))
                     >= sums.epsilon THEN 'not_booked'
                WHEN paid.authorized >= sums.epsilon THEN 'not_captured'
                WHEN sums.to_invoice >= sums.epsilon THEN 'not_invoiced'
                WHEN abs(residual.amount) >= sums.epsilon THEN 'invoice_open'
                WHEN (o.delivery_status = 'full' OR c.state = 'done')
                     AND o.state = 'sale'
                     AND abs(goods.ordered - goods.delivered) > 0.000001
                     THEN 'delivery'
                ELSE 'none'
            END
            """
        )

    def _from(self):
        """Return the joined tables.

        :rtype: SQL
        """
        return SQL(
            """
            sale_order o
            JOIN groupbuy_campaign c ON c.id = o.groupbuy_campaign_id
            JOIN res_currency currency ON currency.id = o.currency_id
            CROSS JOIN LATERAL (%(paid)s) paid
            CROSS JOIN LATERAL (%(invoiced)s) invoiced
            CROSS JOIN LATERAL (%(residual)s) residual
            CROSS JOIN LATERAL (%(job)s) job
            CROSS JOIN LATERAL (%(goods)s) goods
            CROSS JOIN LATERAL (%(sums)s) sums
            """,
            paid=self._query_paid(),
            invoiced=self._query_invoiced(),
            residual=self._query_residual(),
            job=self._query_job(),
            goods=self._query_goods(),
            sums=self._query_sums(),
        )

    def _where(self):
        """Return the condition: group orders with which money had to do.

        A cart appears as soon as a payment was taken for it.

        :rtype: SQL
        """
        return SQL(
            """
            o.groupbuy_campaign_id IS NOT NULL
            AND (
                o.groupbuy_state IN ('waiting', 'confirmed', 'failed', 'cancelled')
                OR paid.charged <> 0
                OR paid.authorized <> 0
            )
            """
        )

    # === PARTS, EACH ONE ROW FOR AN ORDER `o` === #

    def _query_paid(self):
        """Return what the payments of the order say.

        Only the source of a payment is linked to the order. A source that was
        captured in parts has children: then the children count instead of it. Refunds
        hang on the source or on one of its captures and have negative amounts.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT COALESCE(SUM(
                       CASE WHEN part.finished THEN part.captured
                            WHEN t.state = 'done' THEN t.amount
                            ELSE 0 END), 0) AS charged,
                   COALESCE(SUM(
                       CASE WHEN t.state = 'authorized'
                            THEN t.amount - part.settled ELSE 0 END), 0) AS authorized,
                   COALESCE(SUM(back.amount), 0) AS refunded,
                   COALESCE(SUM(book.amount), 0) AS booked
              FROM sale_order_transaction_rel rel
              JOIN payment_transaction t ON t.id = rel.transaction_id
              CROSS JOIN LATERAL (
                   SELECT COALESCE(bool_or(child.state IN ('done', 'cancel')), FALSE)
                              AS finished,
                          COALESCE(SUM(child.amount)
                              FILTER (WHERE child.state = 'done'), 0) AS captured,
                          COALESCE(SUM(child.amount)
                              FILTER (WHERE child.state IN ('done', 'cancel')), 0)
                              AS settled,
                          array_agg(child.id) AS ids
                     FROM payment_transaction child
                    WHERE child.source_transaction_id = t.id
                      AND child.operation IS DISTINCT FROM 'refund'
              ) part
              CROSS JOIN LATERAL (
                   SELECT COALESCE(SUM(-refund.amount), 0) AS amount,
                          array_agg(refund.id) AS ids
                     FROM payment_transaction refund
                    WHERE refund.source_transaction_id
                          = ANY(ARRAY[t.id] || part.ids)
                      AND refund.operation = 'refund'
                      AND refund.state = 'done'
              ) back
              CROSS JOIN LATERAL (
                   SELECT SUM(CASE WHEN payment.payment_type = 'inbound'
                                   THEN payment.amount ELSE -payment.amount END)
                              AS amount
                     FROM payment_transaction booked
                     JOIN account_payment payment ON payment.id = booked.payment_id
                    WHERE booked.id = ANY(ARRAY[t.id] || part.ids || back.ids)
                      AND payment.state IN ('in_process', 'paid')
              ) book
             WHERE rel.sale_order_id = o.id
               AND t.source_transaction_id IS NULL
               AND t.operation NOT IN ('refund', 'validation')
            """
        )

    def _query_invoiced(self):
        """Return what the posted invoices less the credit notes ask, tax included.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT COALESCE(SUM(
                       CASE WHEN m.move_type = 'out_refund' THEN -ml.price_total
                            ELSE ml.price_total END), 0) AS amount
              FROM account_move_line ml
              JOIN account_move m ON m.id = ml.move_id
             WHERE m.state = 'posted'
               AND m.move_type IN ('out_invoice', 'out_refund')
               AND ml.id IN (
                   SELECT link.invoice_line_id
                     FROM sale_order_line l
                     JOIN sale_order_line_invoice_rel link ON link.order_line_id = l.id
                    WHERE l.order_id = o.id
               )
            """
        )

    def _query_residual(self):
        """Return what is open on the invoices and credit notes of the order.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT COALESCE(SUM(
                       CASE WHEN m.move_type = 'out_refund' THEN -m.amount_residual
                            ELSE m.amount_residual END), 0) AS amount
              FROM account_move m
             WHERE m.state = 'posted'
               AND m.move_type IN ('out_invoice', 'out_refund')
               AND m.id IN (
                   SELECT ml.move_id
                     FROM sale_order_line l
                     JOIN sale_order_line_invoice_rel link ON link.order_line_id = l.id
                     JOIN account_move_line ml ON ml.id = link.invoice_line_id
                    WHERE l.order_id = o.id
               )
            """
        )

    def _query_job(self):
        """Return what the jobs have returned and still have to return.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT COALESCE(SUM(j.amount) FILTER (
                       WHERE j.kind IN ('refund', 'difference') AND j.state = 'done'
                         AND j.method IN ('wallet', 'manual')), 0) AS credited,
                   COALESCE(SUM(j.amount) FILTER (
                       WHERE j.kind IN ('refund', 'difference')
                         AND j.state IN ('pending', 'failed', 'manual')), 0) AS owed,
                   COALESCE(bool_or(j.kind = 'cancel'), FALSE) AS cancelling,
                   COALESCE(bool_or(j.kind = 'void'), FALSE) AS voiding,
                   COALESCE(bool_or(j.kind IN ('capture', 'confirm')), FALSE)
                       AS deciding,
                   COALESCE(bool_or(j.state = 'failed'), FALSE) AS failed,
                   COALESCE(bool_or(j.state = 'manual'), FALSE) AS manual,
                   COALESCE(bool_or(j.state = 'pending'
                       AND j.kind NOT IN ('capture', 'confirm')), FALSE) AS pending
              FROM (
                   SELECT kind, state, method, amount
                     FROM groupbuy_job
                    WHERE order_id = o.id
                      AND (
                          (kind IN ('refund', 'difference') AND state <> 'cancelled')
                          OR (kind IN ('cancel', 'void', 'capture', 'confirm')
                              AND state IN ('pending', 'failed', 'manual'))
                      )
              ) j
            """
        )

    def _query_goods(self):
        """Return the quantities of the goods of the order.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT COALESCE(SUM(l.product_uom_qty), 0) AS ordered,
                   COALESCE(SUM(l.qty_delivered), 0) AS delivered
              FROM sale_order_line l
             WHERE l.order_id = o.id AND l.groupbuy_line_id IS NOT NULL
            """
        )

    def _query_sums(self):
        """Return what follows from the parts.

        A waiting order is going to be invoiced in full, a confirmed one for what its
        invoices do not ask yet, a failed one not at all: the money of that one is
        owed, also while the job that cancels it has not queued the refund yet. While
        an order is being captured or confirmed its price is changing, so that nothing
        can be called unexplained.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT base.epsilon, base.owed, base.to_invoice, base.difference,
                   CASE WHEN job.deciding THEN 0
                        ELSE base.difference + paid.authorized
                             - base.owed - base.to_invoice - base.released
                   END AS unexplained
              FROM (
                   SELECT currency.rounding / 2 AS epsilon,
                          CASE WHEN job.cancelling
                               THEN paid.charged - paid.refunded - job.credited
                               ELSE job.owed END AS owed,
                          CASE WHEN job.cancelling THEN 0
                               WHEN o.state IN ('sent', 'sale')
                                    AND o.groupbuy_state IN ('waiting', 'confirmed')
                               THEN GREATEST(o.amount_total - invoiced.amount, 0)
                               ELSE 0 END AS to_invoice,
                          CASE WHEN job.cancelling OR job.voiding
                               THEN paid.authorized ELSE 0 END AS released,
                          paid.charged - paid.refunded - job.credited
                              - invoiced.amount AS difference
              ) base
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
