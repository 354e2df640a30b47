# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..brackets import exact, get_kept, get_percent, get_slice, to_unit
from ..periods import get_period, to_day

KINDS = [
    ("accrual", "Commission"),
    ("clawback", "Taken Back"),
    ("bonus", "Bonus"),
    ("adjustment", "Adjustment"),
    ("reversal", "Reversal"),
]
WAITING = [
    ("pickup", "Pickup"),
    ("case", "Open Case"),
    ("window", "After-sales Window"),
    ("payable", "Next Settlement"),
    ("settled", "Settled"),
]
# The columns that are written, with their type in the database.
TEXT, INTEGER = SQL("varchar"), SQL("int4")
TIMESTAMP, NUMERIC = SQL("timestamp"), SQL("numeric")
COLUMNS = {
    "key": TEXT,
    "kind": TEXT,
    "leader_id": INTEGER,
    "company_id": INTEGER,
    "currency_id": INTEGER,
    "date": TIMESTAMP,
    "order_id": INTEGER,
    "order_line_id": INTEGER,
    "campaign_id": INTEGER,
    "product_id": INTEGER,
    "categ_id": INTEGER,
    "allowance_id": INTEGER,
    "plan_id": INTEGER,
    "rule_id": INTEGER,
    "amount_type": TEXT,
    "quantity": NUMERIC,
    "base": NUMERIC,
    "order_base": NUMERIC,
    "order_currency_id": INTEGER,
    "percent": NUMERIC,
    "unit_amount": NUMERIC,
    "window_days": INTEGER,
    "amount": NUMERIC,
    "note": TEXT,
    "settlement_id": INTEGER,
}


class GroupBuyCommissionEntry(models.Model):
    """A row of the commission ledger (佣金明细): a fact, written once.

    Entries come through :meth:`_post` only, which writes any number of them with one
    statement under a unique key, so that writing them again changes nothing. Nobody
    changes or deletes them; only which settlement they belong to is set later, once,
    by the settlement itself.

    Whether an entry can be settled is not stored: it follows from the transfers to
    the resident, the after-sales window and what is open about the goods (see
    :meth:`_query_status`), so it cannot be stale.
    """

    _name = "groupbuy.commission.entry"
    _description = "Commission Entry"
    _order = "id desc"
    _rec_name = "key"

    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    date = fields.Datetime(required=True, readonly=True)
    order_id = fields.Many2one(
        comodel_name="sale.order",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    product_id = fields.Many2one(
        comodel_name="product.product", readonly=True, ondelete="restrict"
    )
    categ_id = fields.Many2one(
        comodel_name="product.category",
        string="Product Category",
        readonly=True,
        ondelete="restrict",
        help="The category that the product had at confirmation.",
    )
    allowance_id = fields.Many2one(
        comodel_name="groupbuy.allowance",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="What the resident was given back.",
    )
    plan_id = fields.Many2one(
        comodel_name="groupbuy.commission.plan", readonly=True, ondelete="restrict"
    )
    rule_id = fields.Many2one(
        comodel_name="groupbuy.commission.rule", readonly=True, ondelete="restrict"
    )
    amount_type = fields.Selection(
        selection=lambda self: (
            self.env["groupbuy.commission.rule"]._fields["amount_type"].selection
        ),
        string="Kind of Rule",
        readonly=True,
    )
    quantity = fields.Float(digits="Product Unit", readonly=True)
    base = fields.Monetary(
        readonly=True,
        help="Untaxed amount after discounts, in the currency of the company.",
    )
    order_currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    order_base = fields.Monetary(
        string="Base in the Order's Currency",
        currency_field="order_currency_id",
        readonly=True,
    )
    percent = fields.Float(
        string="Rate (%)",
        digits=(7, 4),
        readonly=True,
        aggregator="avg",
        help="As frozen at confirmation; with brackets, the average of the slices.",
    )
    unit_amount = fields.Float(
        string="Per Unit", digits=(16, 4), readonly=True, aggregator="avg"
    )
    window_days = fields.Integer(
        string="After-sales Window", readonly=True, aggregator=None
    )
    amount = fields.Monetary(required=True, readonly=True)
    note = fields.Char(string="Reason", readonly=True)
    settlement_id = fields.Many2one(
        comodel_name="groupbuy.settlement",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    waiting_for = fields.Selection(
        selection=WAITING, compute="_compute_status", compute_sudo=True
    )
    payable_at = fields.Datetime(
        string="Payable From", compute="_compute_status", compute_sudo=True
    )

    _key_uniq = models.UniqueIndex("(key)", "This is in the ledger already.")
    _open_idx = models.Index("(company_id, leader_id) WHERE settlement_id IS NULL")
    _statement_idx = models.Index("(leader_id, id)")
    _source = models.Constraint(
        "CHECK (kind NOT IN ('accrual', 'clawback') OR order_line_id IS NOT NULL)",
        "A commission belongs to an order line.",
    )
    _sign = models.Constraint(
        "CHECK (kind <> 'accrual' OR amount >= 0)", "A commission cannot be negative."
    )

    # === NOBODY CHANGES THE LEDGER === #

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse entries that do not come from :meth:`_post`."""
        if vals_list:
            raise UserError(
                self.env._(
                    "The commission ledger writes itself. Use an adjustment with a"
                    " reason."
                )
            )
        return super().create(vals_list)

    def write(self, vals):
        """Refuse changes; see the class."""
        if vals:
            raise UserError(
                self.env._("The commission ledger cannot be changed, only added to.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ledger(self):
        raise UserError(self.env._("The commission ledger cannot be deleted."))

    @api.model
    def _post(self, vals_list):
        """Add entries to the ledger, all of them with one statement.

        Why it is safe: the unique key makes a repetition, or two transactions at once,
        write an entry once.

        :param list[dict] vals_list: Values of `COLUMNS`; amounts as exact numbers.
        :return: The entries that are new.
        :rtype: groupbuy.commission.entry
        """
        if not vals_list:
            return self.browse()
        now = fields.Datetime.to_string(fields.Datetime.now())
        rows = [
            {
                name: str(value) if type_ is NUMERIC and value is not None else value
                for name, type_ in COLUMNS.items()
                if (value := vals.get(name, now if name == "date" else None))
                is not False
            }
            for vals in vals_list
        ]
        columns = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
        made = self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_commission_entry (
                    %(columns)s, create_uid, create_date, write_uid, write_date)
                SELECT %(columns)s, %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (%(types)s)
                ON CONFLICT (key) DO NOTHING
                RETURNING id
                """,
                columns=columns,
                types=SQL(", ").join(
                    SQL("%s %s", SQL.identifier(name), type_)
                    for name, type_ in COLUMNS.items()
                ),
                uid=self.env.uid,
                rows=json.dumps(rows),
            )
        )
        self.invalidate_model()
        return self.browse(row[0] for row in made)

    # === ACCRUAL === #

    @api.model
    def _accrue(self, orders):
        """Write the commission of confirmed orders: one entry for each line of goods.

        The rate and the base are frozen here. The number of queries does not depend on
        the number of orders: one reads the lines, some read the rules, one counts the
        volumes where there are brackets, one writes the entries. Repeating it, as
        after a crash, writes nothing twice and counts no volume twice.

        :param sale.order orders: Confirmed orders; those of no leader earn nothing.
        :return: The new entries.
        :rtype: groupbuy.commission.entry
        """
        rows = self._read_lines(orders)
        if not rows:
            return self.browse()
        leaders = self.env["groupbuy.leader"].browse({row["leader_id"] for row in rows})
        plans = self.env["groupbuy.commission.plan"]._get_for_leaders(leaders)
        plan_of = {leader.id: plan for leader, plan in plans.items()}
        rules = self.env["groupbuy.commission.rule"]
        loaded = rules._load(
            self.env["groupbuy.commission.plan"].union(*plans.values())
        )
        tiers = {leader.id: leader.tier_id.id for leader in leaders.sudo()}
        self._set_bases(rows)
        chosen = {}
        vals_list = []
        for row in rows:
            plan = plan_of[row["leader_id"]]
            case = (row["leader_id"], row["campaign_id"], row["product_tmpl_id"])
            if case not in chosen:
                chosen[case] = rules._choose(
                    loaded.get(plan.id, []), row | {"tier_id": tiers[row["leader_id"]]}
                )
            vals_list.append(self._prepare_accrual(row, plan, chosen[case]))
        self._set_bracket_amounts(vals_list, chosen.values(), plan_of)
        for vals in vals_list:
            vals.pop("brackets")
        return self._post(vals_list)

    @api.model
    def _read_lines(self, orders):
        """Read the lines that earn a commission and have no entry yet.

        A line has a row for the leader of the order and one for the sharer.

        :rtype: list[dict]
        """
        orders.flush_recordset()
        self.env["sale.order.line"].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT l.id AS line_id, l.order_id, o.company_id, l.product_id,
                       earner.leader_id, earner.key,
                       o.groupbuy_campaign_id AS campaign_id,
                       p.product_tmpl_id, t.categ_id,
                       COALESCE(category.parent_path, '') AS categ_path,
                       l.product_uom_qty::text AS quantity,
                       GREATEST(l.price_subtotal, 0)::text AS subtotal,
                       COALESCE(NULLIF(o.currency_rate, 0), 1)::text AS rate,
                       o.currency_id AS order_currency_id,
                       order_currency.rounding::text AS order_unit,
                       c.currency_id, currency.rounding::text AS unit,
                       COALESCE(company_partner.tz, 'UTC') AS tz
                  FROM sale_order_line l
                  JOIN sale_order o ON o.id = l.order_id
                  CROSS JOIN LATERAL (
                       VALUES (o.groupbuy_leader_id, 'accrual/' || l.id),
                              (o.groupbuy_sharer_id, 'accrual/' || l.id || '/share')
                  ) AS earner (leader_id, key)
                  JOIN res_company c ON c.id = o.company_id
                  JOIN res_partner company_partner ON company_partner.id = c.partner_id
                  JOIN res_currency currency ON currency.id = c.currency_id
                  JOIN res_currency order_currency ON order_currency.id = o.currency_id
                  JOIN product_product p ON p.id = l.product_id
                  JOIN product_template t ON t.id = p.product_tmpl_id
                  LEFT JOIN product_category category ON category.id = t.categ_id
                 WHERE l.order_id = ANY(%s)
                   AND l.groupbuy_line_id IS NOT NULL
                   AND l.product_uom_qty > 0
                   AND earner.leader_id IS NOT NULL
                   AND NOT EXISTS (
                       SELECT 1 FROM groupbuy_commission_entry e
                        WHERE e.order_line_id = l.id AND e.kind = 'accrual'
                          AND e.leader_id = earner.leader_id)
                 ORDER BY l.order_id, l.id, earner.key
                """,
                orders.ids,
            )
        )

    @api.model
    def _set_bases(self, rows):
        """Add to each line what it is paid on: its amount after its share of coupons.

        `order_base` is the same in the currency of the order. Store credit and gift
        cards are a way to pay, and free transport is no discount on goods.
        """
        orders = self.env["sale.order"].browse({row["order_id"] for row in rows})
        discounts = orders._groupbuy_get_line_discounts()
        for row in rows:
            left = exact(row["subtotal"]) + discounts.get(row["line_id"], exact(0))
            row["order_base"] = max(left, exact(0))
            row["base"] = to_unit(
                row["order_base"] / exact(row["rate"]), exact(row["unit"])
            )

    @api.model
    def _prepare_accrual(self, row, plan, rule):
        """Return the values of an entry; brackets are filled in later.

        :param dict row: A line with its base.
        :param groupbuy.commission.plan plan: May be empty: then nothing is earned.
        :param rule: The rule that applies, or None: then nothing is earned.
        """
        quantity = exact(row["quantity"])
        unit = exact(row["unit"])
        amount, percent, unit_amount = exact(0), exact(0), exact(0)
        amount_type = rule["amount_type"] if rule else "percent"
        if rule and amount_type == "percent":
            percent = rule["percent"]
            amount = get_percent(row["base"], percent, unit)
        elif rule and amount_type == "fixed":
            unit_amount = rule["unit_amount"]
            amount = to_unit(quantity * unit_amount, unit)
        return {
            "key": row["key"],
            "kind": "accrual",
            "leader_id": row["leader_id"],
            "company_id": row["company_id"],
            "currency_id": row["currency_id"],
            "order_id": row["order_id"],
            "order_line_id": row["line_id"],
            "campaign_id": row["campaign_id"],
            "product_id": row["product_id"],
            "categ_id": row["categ_id"],
            "plan_id": plan.id or None,
            "rule_id": rule["id"] if rule else None,
            "amount_type": amount_type,
            "quantity": quantity,
            "base": row["base"],
            "order_base": row["order_base"],
            "order_currency_id": row["order_currency_id"],
            "percent": percent,
            "unit_amount": unit_amount,
            "window_days": plan.window_days if plan else 0,
            "amount": amount,
            "brackets": (unit, row["tz"]) if amount_type == "bracket" else None,
        }

    @api.model
    def _set_bracket_amounts(self, vals_list, rules, plan_of):
        """Fill in what lines earn whose rate depends on the volume of the period.

        The volume before each line is the counter's, plus the lines before it.

        :param list[dict] vals_list: Values of all entries.
        :param rules: The rules that were chosen.
        :param dict plan_of: Leader id → plan.
        """
        brackets = {
            rule["id"]: rule["brackets"]
            for rule in rules
            if rule and rule["amount_type"] == "bracket"
        }
        now = fields.Datetime.now()
        lines = [vals for vals in vals_list if vals["brackets"]]
        totals = defaultdict(lambda: exact(0))
        for vals in lines:
            _unit, tz = vals["brackets"]
            kind = plan_of[vals["leader_id"]]._get_period_kind()
            first, _last = get_period(kind, to_day(now, tz))
            vals["volume_key"] = (vals["leader_id"], vals["rule_id"], first)
            totals[vals["volume_key"]] += vals["base"]
        before = self.env["groupbuy.commission.volume"]._add(totals)
        for vals in lines:
            key = vals.pop("volume_key")
            unit, _tz = vals["brackets"]
            vals["amount"] = get_slice(
                before[key], vals["base"], brackets[vals["rule_id"]], unit
            )
            before[key] += vals["base"]
            if vals["base"]:
                vals["percent"] = round(100 * vals["amount"] / vals["base"], 4)

    # === TAKING BACK === #

    @api.model
    def _take_back(self, lines):
        """Take back the commission on what was given back of order lines.

        The ledger is brought to what the facts say: the commission of a line, times the
        part of its base that is left: base × (quantity − given back) ÷ quantity −
        compensated, of the base. Whatever way the parts were given back in, the
        sum of the entries of a line is that number to the cent, so repeating it adds
        nothing.

        :param sale.order.line lines: Lines with new allowances, or of cancelled orders.
        :return: The new entries.
        :rtype: groupbuy.commission.entry
        """
        if not lines:
            return self.browse()
        lines.flush_recordset()
        lines.order_id.flush_recordset()
        rows = self.env.execute_query_dict(
            SQL(
                "%s WHERE e.order_line_id = ANY(%s) AND e.kind = 'accrual'",
                self._query_recount(),
                lines.ids,
            )
        )
        vals_list = []
        for row in rows:
            unit = exact(row["unit"])
            kept, base_kept = self._count_kept(row, unit)
            amount = kept - exact(row["balance"])
            if not amount:
                continue
            event = "cancel" if row["is_cancelled"] else row["allowance_id"] or "none"
            vals_list.append(
                {
                    "key": f"clawback/{row['key'].removeprefix('accrual/')}/{event}",
                    "kind": "clawback",
                    "amount": amount,
                    "base": base_kept - exact(row["base_balance"]),
                    "quantity": -exact(row["taken_quantity"]),
                    "order_base": None,
                    "allowance_id": row["allowance_id"],
                }
                | {
                    name: row[name]
                    for name in (
                        "leader_id",
                        "company_id",
                        "currency_id",
                        "order_id",
                        "order_line_id",
                        "campaign_id",
                        "product_id",
                        "categ_id",
                        "plan_id",
                        "rule_id",
                        "amount_type",
                        "window_days",
                        "percent",
                        "unit_amount",
                    )
                }
            )
        return self._post(vals_list)

    @api.model
    def _count_kept(self, row, unit):
        """Return what is left of a line's commission and of its base.

        :param dict row: From :meth:`_query_recount`.
        :param unit: The smallest amount of the currency.
        :return: Both in the currency of the company.
        :rtype: tuple[decimal.Decimal, decimal.Decimal]
        """
        amount, base = exact(row["amount"]), exact(row["base"])
        quantity, given = exact(row["quantity"]), exact(row["given"])
        if row["is_cancelled"] or given >= quantity:
            return exact(0), exact(0)
        whole, compensated = exact(row["order_base"]), exact(row["compensated"])
        # What is given back by the piece, whoever paid it and with what; and beside
        # it the parts of the price. What costs nothing has pieces only.
        taken = whole * given + compensated * quantity
        whole = whole * quantity
        if not whole:
            whole, taken = quantity, given
        return get_kept(amount, whole, taken, unit), get_kept(base, whole, taken, unit)

    @api.model
    def _query_recount(self):
        """Return the query of accruals beside the facts that have come after them.

        :rtype: SQL
        """
        return SQL(
            """
            SELECT e.key, e.leader_id, e.company_id, e.currency_id, e.order_id,
                   e.order_line_id, e.campaign_id, e.product_id, e.categ_id,
                   e.plan_id, e.rule_id, e.amount_type, e.window_days,
                   e.percent::text, e.unit_amount::text, e.quantity::text,
                   e.amount::text, e.base::text, e.order_base::text,
                   currency.rounding::text AS unit,
                   o.state = 'cancel' AS is_cancelled,
                   fact.compensated::text AS compensated,
                   fact.quantity::text AS given,
                   fact.id AS allowance_id,
                   fact.last_quantity::text AS taken_quantity,
                   ledger.amount::text AS balance, ledger.base::text AS base_balance
              FROM groupbuy_commission_entry e
              JOIN sale_order o ON o.id = e.order_id
              JOIN res_currency currency ON currency.id = e.currency_id
              CROSS JOIN LATERAL (
                   SELECT COALESCE(SUM(f.amount_untaxed)
                              FILTER (WHERE f.quantity = 0), 0) AS compensated,
                          COALESCE(SUM(f.quantity), 0) AS quantity,
                          MAX(f.id) AS id,
                          COALESCE((ARRAY_AGG(f.quantity ORDER BY f.id DESC))[1], 0)
                              AS last_quantity
                     FROM groupbuy_allowance f
                    WHERE f.order_line_id = e.order_line_id
              ) fact
              CROSS JOIN LATERAL (
                   SELECT SUM(x.amount) AS amount, SUM(x.base) AS base
                     FROM groupbuy_commission_entry x
                    WHERE x.order_line_id = e.order_line_id
                      AND x.leader_id = e.leader_id
              ) ledger
            """
        )

    # === WHAT IS PAYABLE === #

    @api.depends("settlement_id")
    def _compute_status(self):
        """Read from the facts what each entry waits for, all entries at once."""
        rows = {}
        if self.ids:
            self.env["stock.move"].flush_model(["state", "date", "sale_line_id"])
            rows = {
                row[0]: row[1:]
                for row in self.env.execute_query(
                    SQL(
                        "SELECT e.id, status.waiting, status.payable_at"
                        " FROM groupbuy_commission_entry e %s WHERE e.id = ANY(%s)",
                        self._query_status(),
                        self.ids,
                    )
                )
            }
        now = fields.Datetime.now()
        for entry in self:
            waiting, payable_at = rows.get(entry.id, (False, False))
            if waiting == "payable" and payable_at > now:
                waiting = "window"
            entry.waiting_for = waiting
            entry.payable_at = payable_at

    @api.model
    def _query_status(self):
        """Return the joins that tell what an entry `e` waits for and since when.

        `status.waiting` is what it waits for, `status.payable_at` (UTC) the moment
        from which on it can be settled; in the future while the window runs. Both are
        derived from facts:

        - a commission waits until all that was not given back has been handed out,
          then for its window; goods without transfers wait for the window only;
        - what is taken back goes with its commission, or on its own once that has been
          settled: then it is a debt;
        - what was taken back entirely needs no pickup;
        - nothing about which something is open is payable, see
          :meth:`sale.order.line._groupbuy_query_disputed`.

        :rtype: SQL
        """
        return SQL(
            """
            LEFT JOIN LATERAL (
                SELECT bool_or(x.kind = 'accrual' AND x.settlement_id IS NOT NULL)
                           AS is_settled,
                       SUM(x.amount) AS balance, MAX(x.date) AS date,
                       bool_or(x.kind = 'clawback') AS is_reduced
                  FROM groupbuy_commission_entry x
                 -- Known before the rows are read: what is settled costs nothing.
                 WHERE e.settlement_id IS NULL
                   AND x.order_line_id = e.order_line_id
                   AND x.leader_id = e.leader_id
            ) ledger ON TRUE
            LEFT JOIN LATERAL (
                SELECT bool_or(m.state NOT IN ('done', 'cancel')) AS is_open,
                       MAX(m.date) FILTER (WHERE m.state = 'done') AS date
                  FROM stock_move m
                  JOIN stock_location destination
                    ON destination.id = m.location_dest_id
                   AND destination.usage = 'customer'
                 WHERE e.settlement_id IS NULL
                   AND m.sale_line_id = e.order_line_id
            ) pickup ON TRUE
            LEFT JOIN product_product product ON product.id = e.product_id
            LEFT JOIN product_template template
                   ON template.id = product.product_tmpl_id
            CROSS JOIN LATERAL (
                SELECT CASE
                    WHEN e.settlement_id IS NOT NULL THEN 'settled'
                    WHEN e.order_line_id IS NULL THEN 'payable'
                    WHEN e.order_line_id IN (%(disputed)s) THEN 'case'
                    WHEN ledger.is_settled THEN 'payable'
                    WHEN ledger.is_reduced AND ledger.balance = 0 THEN 'payable'
                    WHEN pickup.is_open THEN 'pickup'
                    WHEN pickup.date IS NULL AND template.type <> 'service'
                        THEN 'pickup'
                    ELSE 'payable'
                END AS waiting
            ) waits
            CROSS JOIN LATERAL (
                SELECT waits.waiting, CASE
                    WHEN waits.waiting <> 'payable' THEN NULL
                    WHEN e.order_line_id IS NULL OR ledger.is_settled THEN e.date
                    WHEN ledger.is_reduced AND ledger.balance = 0 THEN ledger.date
                    ELSE COALESCE(pickup.date, e.date)
                        + make_interval(days => COALESCE(e.window_days, 0))
                END AS payable_at
            ) status
            """,
            disputed=self.env["sale.order.line"]._groupbuy_query_disputed(),
        )

    # === SCREENS === #

    def action_open_order(self):
        """Open the order of the entry.

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
