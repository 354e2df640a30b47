# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json
import logging
from collections import Counter
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ..periods import get_end, get_last_complete, to_day

_logger = logging.getLogger(__name__)

STEPS = [
    ("draft", "Draft"),
    ("to_approve", "To Approve"),
    ("approved", "Approved"),
    ("billed", "Billed"),
    ("carried", "Carried Forward"),
    ("reversed", "Reversed"),
]
STATES = [*STEPS[:4], ("paid", "Paid"), *STEPS[4:]]
# What a person may write: anything else follows from the buttons.
FREE_FIELDS = {"note"}
# Leaders settled in one transaction of the scheduled job.
SLICE = 500
# How often a slice begins again because another run works on the same leaders.
MAX_ATTEMPTS = 5


class GroupBuySettlement(models.Model):
    """What a leader gets for a period: a header over ledger entries (结算单).

    Settlements are made by :meth:`_settle`, whose number of queries depends neither on
    the number of leaders nor on the length of the ledger. What is owed follows from the
    entries and from what earlier settlements carried forward; a negative balance is a
    debt of the leader that the next settlement takes over.
    """

    _name = "groupbuy.settlement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Leader Settlement"
    _order = "id desc"
    _check_company_auto = True

    # === FIELDS === #

    name = fields.Char(string="Number", required=True, readonly=True, copy=False)
    leader_id = fields.Many2one(
        comodel_name="groupbuy.leader",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(related="leader_id.partner_id", string="Resident")
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    plan_id = fields.Many2one(
        comodel_name="groupbuy.commission.plan", readonly=True, ondelete="restrict"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    entry_ids = fields.One2many(
        comodel_name="groupbuy.commission.entry",
        inverse_name="settlement_id",
        readonly=True,
    )
    entry_count = fields.Integer(string="Entries", readonly=True)
    amount = fields.Monetary(
        string="Earned", readonly=True, help="Sum of the ledger entries."
    )
    amount_carried = fields.Monetary(
        string="Brought Forward",
        readonly=True,
        help="Balance of earlier settlements that were not paid out: a debt if it is"
        " negative, else an amount below the minimum payout.",
    )
    balance = fields.Monetary(
        readonly=True, help="Earned and brought forward; without tax."
    )
    minimum = fields.Monetary(string="Minimum Payout", readonly=True)
    carried_into_id = fields.Many2one(
        comodel_name="groupbuy.settlement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    carried_from_ids = fields.One2many(
        comodel_name="groupbuy.settlement",
        inverse_name="carried_into_id",
        string="Brought Forward From",
        readonly=True,
    )
    step = fields.Selection(
        selection=STEPS, required=True, readonly=True, copy=False, default="draft"
    )
    state = fields.Selection(
        selection=STATES,
        string="Status",
        compute="_compute_state",
        store=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    is_held = fields.Boolean(string="On Hold", readonly=True, tracking=True)
    hold_reason = fields.Char(readonly=True, tracking=True)
    submitted_by_id = fields.Many2one(
        comodel_name="res.users", string="Prepared By", readonly=True, copy=False
    )
    approved_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    approved_at = fields.Datetime(readonly=True, copy=False)
    reversal_reason = fields.Char(readonly=True, copy=False)
    bill_id = fields.Many2one(
        comodel_name="account.move",
        string="Vendor Bill",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    payment_state = fields.Selection(
        related="bill_id.payment_state", string="Payment Status"
    )
    amount_residual = fields.Monetary(related="bill_id.amount_residual")
    is_debt = fields.Boolean(compute="_compute_is_debt", search="_search_is_debt")
    note = fields.Text(groups="groupbuy_leader.group_settlement_user")

    _period_uniq = models.UniqueIndex(
        "(leader_id, company_id, currency_id, date_from) WHERE step != 'reversed'",
        "The leader has a settlement of this period already.",
    )
    _open_idx = models.Index(
        "(leader_id, currency_id) WHERE step = 'carried' AND carried_into_id IS NULL"
    )
    _period_idx = models.Index("(company_id, leader_id, date_to)")
    _dates_in_order = models.Constraint(
        "CHECK (date_from <= date_to)", "A period ends after it begins."
    )
    _balance_is_sum = models.Constraint(
        "CHECK (balance = amount + amount_carried)",
        "The balance is what was earned and brought forward.",
    )
    _hold_has_reason = models.Constraint(
        "CHECK (is_held IS NOT TRUE OR hold_reason IS NOT NULL)",
        "Say why the settlement is held.",
    )

    # === COMPUTE === #

    @api.depends("step", "bill_id.payment_state")
    def _compute_state(self):
        """Take over from accounting whether the bill is paid, and no more is."""
        for settlement in self:
            is_paid = settlement.bill_id.payment_state in ("paid", "in_payment")
            settlement.state = (
                "paid" if settlement.step == "billed" and is_paid else settlement.step
            )

    @api.depends("step", "balance", "carried_into_id")
    def _compute_is_debt(self):
        for settlement in self:
            settlement.is_debt = (
                settlement.step == "carried"
                and not settlement.carried_into_id
                and settlement.balance < 0
            )

    def _search_is_debt(self, operator, value):
        if operator not in ("=", "!=", "in"):
            return NotImplemented
        values = value if operator == "in" else [value]
        wanted = (True in values) == (operator != "!=")
        domain = [
            ("step", "=", "carried"),
            ("carried_into_id", "=", False),
            ("balance", "<", 0),
        ]
        return domain if wanted else ["!", "&", "&", *domain]

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse settlements that do not come from :meth:`_settle`."""
        if vals_list:
            raise UserError(
                self.env._("Settlements are made by the settlement run of a period.")
            )
        return super().create(vals_list)

    def write(self, vals):
        """Refuse changes of what follows from the ledger and the buttons.

        :raise AccessError: if a person writes another field than a note.
        """
        protected = {
            name
            for name in vals
            if name in self._fields
            and name not in FREE_FIELDS
            and not name.startswith(("activity_", "message_"))
        }
        if protected and not self.env.su:
            raise AccessError(
                self.env._(
                    "A settlement changes by its buttons only, not field by field."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settlement(self):
        raise UserError(
            self.env._("A settlement cannot be deleted, only reversed with a reason.")
        )

    # === SETTLEMENT RUN === #

    @api.model
    def _cron_settle(self):
        """Settle, for each company, the latest period that is over of each plan.

        Leaders are taken in slices, each committed before the next. After hours of
        downtime the job catches up; a second run finds nothing to do.
        """
        commit = self.env["ir.cron"]._commit_progress
        waiting = self.env["groupbuy.commission.entry"]._read_group(
            [("settlement_id", "=", False)], ["company_id"]
        )
        for (company,) in waiting:
            done = self.env["groupbuy.leader"]
            attempts = 0
            while leaders := self._get_due_leaders(company, done, SLICE):
                try:
                    self._settle(company, leaders)
                except OperationalError:
                    # Another run was faster: begin again with what it has left.
                    self.env.cr.rollback()
                    attempts += 1
                    _logger.info("Another settlement run works on %s", company.name)
                    if attempts < MAX_ATTEMPTS:
                        continue
                    break
                done |= leaders
                is_rest = bool(self._get_due_leaders(company, done, 1))
                if not commit(processed=len(leaders), remaining=int(is_rest)):
                    # Out of time: what remains has the job start again at once.
                    return

    @api.model
    def _get_due_leaders(self, company, done, limit):
        """Return leaders with something in the ledger that is not settled.

        :param res.company company: The company.
        :param groupbuy.leader done: Leaders that this run has settled already.
        :param int limit: How many.
        :rtype: groupbuy.leader
        """
        return self.env["groupbuy.leader"].browse(
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT leader_id FROM groupbuy_commission_entry
                     WHERE company_id = %s AND settlement_id IS NULL
                       AND leader_id > %s
                     ORDER BY leader_id LIMIT %s
                    """,
                    company.id,
                    max(done.ids, default=0),
                    limit,
                )
            )
        )

    @api.model
    def _settle(self, company, leaders, period=None, is_final=False):
        """Settle what is payable of leaders for a period, in set-based steps.

        Why it is safe: runs of a company take turns (see
        :class:`GroupBuySettlementGuard`); an entry is taken only while it belongs to
        no settlement; a leader has one settlement for a period by a unique index; and
        header, entries and what is brought forward are written by one statement.

        :param res.company company: The company; its own currency is settled.
        :param groupbuy.leader leaders: Whose.
        :param tuple period: First and last day; by default the latest complete period
            of each leader's plan, shortened where an earlier settlement overlaps it.
        :param bool is_final: Whether the minimum payout does not matter.
        :return: The new settlements.
        :rtype: groupbuy.settlement
        :raise UserError: If a given period overlaps a settled one or has not begun.
        """
        self.env["groupbuy.settlement.guard"].sudo()._enter(company)
        self.flush_model()
        leaders = leaders.sudo().filtered(lambda rec: rec.company_id == company)
        targets = self._get_targets(company, leaders, period, is_final)
        if not targets:
            return self.browse()
        self.env["stock.move"].flush_model(["state", "date", "sale_line_id"])
        rows = self.env.execute_query(self._query_settle(company, targets))
        self.invalidate_model()
        self.env["groupbuy.commission.entry"].invalidate_model()
        return self.browse(row[0] for row in rows)

    @api.model
    def _get_targets(self, company, leaders, period, is_final):
        """Return whom to settle for which days.

        :return: leader_id, plan_id, date_from, date_to, ends_at, minimum of each.
        :rtype: list[dict]
        """
        now = fields.Datetime.now()
        tz = company.partner_id.tz or "UTC"
        today = to_day(now, tz)
        if period and period[1] > today:
            raise UserError(
                self.env._("The period ends in the future: settle it when it is over.")
            )
        settled = self._get_settled_until(company, leaders)
        plans = self.env["groupbuy.commission.plan"]._get_for_leaders(leaders)
        overlapping = leaders.filtered(
            lambda rec: period and rec in settled and settled[rec] >= period[0]
        )
        if overlapping:
            raise UserError(
                self.env._(
                    "The period overlaps one that is settled: %s.",
                    ", ".join(
                        f"{rec.display_name} ({format_date(self.env, settled[rec])})"
                        for rec in overlapping[:10]
                    ),
                )
            )
        targets = []
        for leader in leaders:
            plan = plans[leader]
            first, last = period or get_last_complete(plan._get_period_kind(), today)
            if leader in settled:
                first = max(first, settled[leader] + timedelta(days=1))
            if first > last:
                continue
            no_minimum = is_final or leader.state in ("exiting", "left")
            targets.append(
                {
                    "leader_id": leader.id,
                    "plan_id": plan.id or None,
                    "date_from": str(first),
                    "date_to": str(last),
                    # The day that is not over yet is settled until now, inclusive.
                    "ends_at": str(
                        min(get_end((first, last), tz), now + timedelta(seconds=1))
                    ),
                    "minimum": 0 if no_minimum else plan.minimum_payout or 0,
                }
            )
        return targets

    @api.model
    def _get_settled_until(self, company, leaders):
        """Return until which day leaders are settled.

        :return: Leader → day; without those that never were.
        :rtype: dict
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT leader_id, MAX(date_to) FROM groupbuy_settlement
                 WHERE company_id = %s AND leader_id = ANY(%s) AND step != 'reversed'
                 GROUP BY leader_id
                """,
                company.id,
                leaders.ids,
            )
        )
        return {leaders.browse(leader_id): day for leader_id, day in rows}

    @api.model
    def _query_settle(self, company, targets):
        """Return the statement that makes settlements and gives them their entries.

        :rtype: SQL
        """
        return SQL(
            """
            WITH target AS MATERIALIZED (
                SELECT * FROM jsonb_to_recordset(%(targets)s::jsonb) AS t (
                    leader_id int, plan_id int, date_from date, date_to date,
                    ends_at timestamp, minimum numeric)
            ), payable AS MATERIALIZED (
                SELECT e.id, e.leader_id, e.currency_id, e.amount
                  FROM groupbuy_commission_entry e
                  JOIN target ON target.leader_id = e.leader_id
                  %(status)s
                 WHERE e.company_id = %(company)s AND e.settlement_id IS NULL
                   AND status.payable_at < target.ends_at
            ), brought AS MATERIALIZED (
                SELECT s.id, s.leader_id, s.currency_id, s.balance
                  FROM groupbuy_settlement s
                  JOIN target ON target.leader_id = s.leader_id
                 WHERE s.company_id = %(company)s AND s.step = 'carried'
                   AND s.carried_into_id IS NULL
            ), total AS (
                SELECT leader_id, currency_id, SUM(amount) AS amount, COUNT(*) AS count
                  FROM payable GROUP BY leader_id, currency_id
            ), header AS (
                SELECT nextval('groupbuy_settlement_id_seq') AS id, total.leader_id,
                       total.currency_id, total.amount, total.count,
                       COALESCE(before.amount, 0) AS carried, target.plan_id,
                       target.date_from, target.date_to, target.minimum
                  FROM total
                  JOIN target ON target.leader_id = total.leader_id
                  LEFT JOIN LATERAL (
                       SELECT SUM(brought.balance) AS amount FROM brought
                        WHERE brought.leader_id = total.leader_id
                          AND brought.currency_id = total.currency_id
                  ) before ON TRUE
            ), made AS (
                INSERT INTO groupbuy_settlement (
                    id, name, leader_id, company_id, currency_id, plan_id, date_from,
                    date_to, entry_count, amount, amount_carried, balance, minimum,
                    step, state,
                    create_uid, create_date, write_uid, write_date)
                SELECT h.id,
                       'GBS/' || to_char(h.date_to, 'YYYY/MM') || '/'
                           || lpad(h.id::text, 5, '0'),
                       h.leader_id, %(company)s, h.currency_id, h.plan_id, h.date_from,
                       h.date_to, h.count, h.amount, h.carried, h.amount + h.carried,
                       h.minimum, step.value, step.value,
                       %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM header h
                  CROSS JOIN LATERAL (
                       SELECT CASE WHEN h.amount + h.carried <= 0
                                     OR h.amount + h.carried < h.minimum
                                   THEN 'carried' ELSE 'draft' END AS value
                  ) step
                ON CONFLICT DO NOTHING
                RETURNING id, leader_id, currency_id
            ), taken AS (
                UPDATE groupbuy_commission_entry e
                   SET settlement_id = made.id
                  FROM payable
                  JOIN made ON made.leader_id = payable.leader_id
                           AND made.currency_id = payable.currency_id
                 WHERE e.id = payable.id
            ), moved AS (
                UPDATE groupbuy_settlement s
                   SET carried_into_id = made.id
                  FROM brought
                  JOIN made ON made.leader_id = brought.leader_id
                           AND made.currency_id = brought.currency_id
                 WHERE s.id = brought.id
            )
            SELECT id FROM made ORDER BY id
            """,
            targets=json.dumps(targets),
            status=self.env["groupbuy.commission.entry"]._query_status(),
            company=company.id,
            uid=self.env.uid,
        )

    # === BUTTONS === #

    def _check_can(self, group, steps, message):
        """Check who presses a button, and on what.

        :param str group: Name of a group of this addon.
        :param steps: Steps from which the button leads on.
        :param str message: What to say when a settlement is at another step.
        :raise AccessError: If the user is not of the group or of the company.
        :raise UserError: If a settlement is at another step or held.
        """
        if not self.env.user.has_group(f"groupbuy_leader.{group}"):
            raise AccessError(
                self.env._("Only the staff who settle commissions can do this.")
            )
        self.check_access("read")
        self.sudo().lock_for_update()
        self.invalidate_recordset()
        if any(settlement.step not in steps for settlement in self):
            raise UserError(message)

    def action_submit(self):
        """Hand settlements over to approval; small ones need no second person."""
        self._check_can(
            "group_settlement_user",
            ("draft",),
            self.env._("Only drafts can be submitted."),
        )
        self._check_not_held()
        small = self.filtered(
            lambda rec: (
                rec.currency_id.compare_amounts(
                    rec.balance, rec.company_id.groupbuy_settlement_approval_amount
                )
                <= 0
            )
        )
        vals = {"submitted_by_id": self.env.uid}
        (self - small).sudo().write(vals | {"step": "to_approve"})
        small.sudo().write(
            vals | {"step": "approved", "approved_at": fields.Datetime.now()}
        )

    def action_approve(self):
        """Approve settlements that somebody else has prepared."""
        self._check_can(
            "group_settlement_approver",
            ("to_approve",),
            self.env._("Only settlements that wait for approval can be approved."),
        )
        self._check_not_held()
        own = self.filtered(
            lambda rec: self.env.user in (rec.submitted_by_id, rec.create_uid)
        )
        if own:
            raise UserError(
                self.env._(
                    "You have prepared %s yourself. Somebody else has to approve it.",
                    ", ".join(own[:10].mapped("name")),
                )
            )
        self.sudo().write(
            {
                "step": "approved",
                "approved_by_id": self.env.uid,
                "approved_at": fields.Datetime.now(),
            }
        )

    def _check_not_held(self):
        held = self.filtered("is_held")
        if held:
            raise UserError(
                self.env._(
                    "%(name)s is on hold: %(reason)s",
                    name=held[0].name,
                    reason=held[0].hold_reason,
                )
            )

    def _hold(self, reason):
        """Stop the payout of settlements until somebody releases them.

        :param str reason: Why; the leader can read it.
        :raise UserError: Without a reason, or after the bill.
        """
        self._check_can(
            "group_settlement_user",
            ("draft", "to_approve", "approved"),
            self.env._("Only settlements without a bill can be held."),
        )
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the settlement is held."))
        self.sudo().write({"is_held": True, "hold_reason": reason.strip()})

    def action_release(self):
        """Let held settlements go on."""
        self._check_can(
            "group_settlement_user",
            ("draft", "to_approve", "approved"),
            self.env._("Only settlements without a bill can be released."),
        )
        self.sudo().write({"is_held": False, "hold_reason": False})

    def _get_waiting_summary(self, company, leaders):
        """Say how many entries of leaders are not payable yet, and why.

        :rtype: str
        """
        entries = (
            self.env["groupbuy.commission.entry"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("leader_id", "in", leaders.ids),
                    ("settlement_id", "=", False),
                ],
                limit=5000,
            )
        )
        labels = dict(entries._fields["waiting_for"]._description_selection(self.env))
        counts = Counter(entries.mapped("waiting_for"))
        return ", ".join(
            f"{labels[waiting]}: {count}" for waiting, count in counts.most_common()
        )

    def action_open_entries(self):
        """Open the ledger entries of the settlement.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_leader.groupbuy_commission_entry_action"
        )
        return action | {
            "domain": [("settlement_id", "=", self.id)],
            "context": {},
            "display_name": self.name,
        }

    def action_download_xlsx(self):
        """Download the statement as a workbook.

        :return: an action dictionary
        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/groupbuy/settlement/{self.id}/statement.xlsx",
            "target": "download",
        }
