# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL


class GroupBuyStanding(models.Model):
    """How a resident stands with a company: purchases, level, membership.

    One row for each company and resident. Whatever changes points, level or membership
    of a resident writes this row first (see :meth:`_touch`), so that two such changes
    never happen side by side. The figures are derived from the orders by
    :meth:`_refresh`; nobody types them in.
    """

    _name = "groupbuy.standing"
    _description = "Group Buying Resident Standing"
    _order = "amount desc, id"
    _rec_name = "partner_id"
    _log_access = False

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Resident",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    community_id = fields.Many2one(related="partner_id.groupbuy_community_id")
    level_id = fields.Many2one(
        comodel_name="groupbuy.level",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    amount = fields.Monetary(
        string="Spent", readonly=True, help="Confirmed group orders of twelve months."
    )
    orders = fields.Integer(readonly=True)
    last_order_at = fields.Datetime(string="Last Order", readonly=True)
    active_hour = fields.Integer(
        readonly=True,
        aggregator=None,
        help="The hour, 0 to 23 in the campaigns' own zone, in which the resident joins"
        " most often; -1 without orders.",
    )
    member_until = fields.Date(
        readonly=True, help="The last day that the resident has paid for as a member."
    )
    touched_at = fields.Datetime(readonly=True)

    _resident_uniq = models.UniqueIndex(
        "(company_id, partner_id)", "This resident has a standing already."
    )

    def _touch(self, company, partners):
        """Take the rows of residents, made where there are none, until the commit.

        Why it is safe: the rows are written. Whoever works on a snapshot from before
        another such transaction's commit fails to serialise here, before anything was
        decided on old figures, and is repeated.

        :param res.company company: The company.
        :param res.partner partners: Residents, any number; one statement.
        :return: The rows.
        :rtype: groupbuy.standing
        """
        if not partners:
            return self.browse()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_standing AS s
                       (company_id, partner_id, amount, orders, active_hour, touched_at)
                SELECT %(company)s, id, 0, 0, -1, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(partners)s) AS id ORDER BY id
                ON CONFLICT (company_id, partner_id) DO UPDATE
                   SET touched_at = EXCLUDED.touched_at
                RETURNING id
                """,
                company=company.id,
                partners=partners.ids,
            )
        )
        self.invalidate_model()
        return self.sudo().browse(row[0] for row in rows)

    # === NIGHTLY === #

    def _cron_refresh(self):
        """Count standings, levels and segments anew, company by company.

        A run that was missed is made up for by the next: everything is counted from the
        orders, nothing from the last run. Each company is committed on its own.
        """
        segments = self.env["groupbuy.segment"].search([])
        companies = segments.company_id | self.env["res.company"].browse(
            self.env["groupbuy.campaign"]._get_company_ids()
        )
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(companies))
        for company in companies:
            self._refresh(company)
            self.env["groupbuy.segment"]._refresh(company)
            if not commit(processed=1):
                return

    def _refresh(self, company):
        """Count amount, frequency, recency and active hour of a year, and levels.

        A constant number of statements, for any number of residents. An order counts
        from its joining as soon as it is confirmed, with what it costs now, after
        refunds, in the company's currency. A level is reached by whoever meets all of
        its conditions; of several the highest counts.

        Why it is safe: rows whose figures are the same are not written, a change of
        the level is noted in the transaction that makes it, so a repetition adds
        nothing. An order that changes meanwhile is seen by the next run.

        :param res.company company: The company.
        """
        self.env["sale.order"].flush_model()
        self.flush_model()
        now = fields.Datetime.now()
        levels = self.env["groupbuy.level"].search(
            [("company_id", "in", (False, company.id))], order="sequence desc, id desc"
        )
        # What those have reached who have not ordered for a year.
        lowest = levels.filtered(
            lambda level: (
                not (level.min_amount or level.min_orders or level.max_idle_days)
            )
        )[:1]
        params = {
            "company": company.id,
            "since": fields.Datetime.subtract(now, years=1),
            "now": now,
            "level": self._get_level_sql(levels, now),
            "lowest": lowest.id or None,
        }
        cr = self.env.cr
        cr.execute("DROP TABLE IF EXISTS groupbuy_standing_new")
        cr.execute(
            SQL(
                """
                CREATE TEMP TABLE groupbuy_standing_new ON COMMIT DROP AS
                SELECT figures.*, %(level)s AS level_id
                  FROM (
                        SELECT o.partner_id,
                               round(SUM(o.amount_total
                                     / COALESCE(NULLIF(o.currency_rate, 0), 1)
                               )::numeric, 2) AS amount,
                               COUNT(*)::int AS orders,
                               MAX(o.groupbuy_joined_at) AS last_order_at,
                               mode() WITHIN GROUP (ORDER BY EXTRACT(hour FROM
                                   o.groupbuy_joined_at AT TIME ZONE 'UTC'
                                   AT TIME ZONE c.tz)::int) AS active_hour
                          FROM sale_order o
                          JOIN groupbuy_campaign c ON c.id = o.groupbuy_campaign_id
                         WHERE o.company_id = %(company)s
                           AND o.groupbuy_state = 'confirmed'
                           AND o.groupbuy_joined_at >= %(since)s
                         GROUP BY o.partner_id
                  ) figures
                """,
                **params,
            )
        )
        # The server knows nothing of a new table: without these it may compare each row
        # with each.
        cr.execute("CREATE UNIQUE INDEX ON groupbuy_standing_new (partner_id)")
        cr.execute("ANALYZE groupbuy_standing_new")
        cr.execute(
            SQL(
                """
                INSERT INTO groupbuy_standing_new
                SELECT s.partner_id, 0, 0, s.last_order_at, s.active_hour,
                       %(lowest)s
                  FROM groupbuy_standing s
                  LEFT JOIN groupbuy_standing_new n ON n.partner_id = s.partner_id
                 WHERE s.company_id = %(company)s AND n.partner_id IS NULL
                """,
                **params,
            )
        )
        cr.execute(
            SQL(
                """
                INSERT INTO groupbuy_level_change (
                       company_id, partner_id, from_level_id, level_id, changed_at,
                       amount, orders)
                SELECT %(company)s, n.partner_id, s.level_id, n.level_id, %(now)s,
                       n.amount, n.orders
                  FROM groupbuy_standing_new n
                  LEFT JOIN groupbuy_standing s ON s.partner_id = n.partner_id
                       AND s.company_id = %(company)s
                 WHERE s.level_id IS DISTINCT FROM n.level_id
                """,
                **params,
            )
        )
        cr.execute(
            SQL(
                """
                INSERT INTO groupbuy_standing AS s (
                       company_id, partner_id, level_id, amount, orders,
                       last_order_at, active_hour)
                SELECT %(company)s, n.partner_id, n.level_id, n.amount, n.orders,
                       n.last_order_at, n.active_hour
                  FROM groupbuy_standing_new n
                  LEFT JOIN groupbuy_standing old ON old.partner_id = n.partner_id
                       AND old.company_id = %(company)s
                 -- Of all others not even the rows are locked.
                 WHERE old.id IS NULL
                    OR (old.level_id, old.amount, old.orders, old.last_order_at,
                        old.active_hour)
                       IS DISTINCT FROM
                       (n.level_id, n.amount, n.orders, n.last_order_at,
                        n.active_hour)
                ON CONFLICT (company_id, partner_id) DO UPDATE
                   SET level_id = EXCLUDED.level_id, amount = EXCLUDED.amount,
                       orders = EXCLUDED.orders,
                       last_order_at = EXCLUDED.last_order_at,
                       active_hour = EXCLUDED.active_hour
                """,
                **params,
            )
        )
        self.env.invalidate_all()

    def _get_level_sql(self, levels, now):
        """Return the expression of the level that `figures` of a resident reach.

        :param groupbuy.level levels: The highest first.
        :param datetime now: UTC.
        :rtype: SQL
        """
        cases = []
        for level in levels:
            conditions = [
                SQL("figures.amount >= %s", level.min_amount),
                SQL("figures.orders >= %s", level.min_orders),
            ]
            if level.max_idle_days:
                since = fields.Datetime.subtract(now, days=level.max_idle_days)
                conditions.append(SQL("figures.last_order_at >= %s", since))
            cases.append(
                SQL("WHEN %s THEN %s", SQL(" AND ").join(conditions), level.id)
            )
        if not cases:
            return SQL("NULL::int")
        return SQL("CASE %s END", SQL(" ").join(cases))
