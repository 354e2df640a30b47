# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.community_groupbuy.formatting import format_moment

# What residents do is counted, and rewards are given, so many in a transaction.
WORK_SLICE = 500
# Longest text that names something that was done.
MAX_KEY = 128

KINDS = [
    ("share", "Share and be visited"),
    ("on_time", "Collect on time"),
    ("review", "Review with a photo"),
]


class GroupBuyTask(models.Model):
    """Something that residents do a number of times, for a reward (任务).

    What they do is in `groupbuy.task.event`, that they have done it often enough in
    `groupbuy.task.completion`: both are facts under unique keys. How far somebody has
    come is counted from them when it is asked for.
    """

    _name = "groupbuy.task"
    _inherit = ["mail.thread", "groupbuy.reward.mixin"]
    _description = "Task for Residents"
    _order = "sequence, id desc"

    name = fields.Char(required=True, translate=True, tracking=True)
    description = fields.Text(
        translate=True, help="Shown to residents below the name of the task."
    )
    sequence = fields.Integer(default=10)
    state = fields.Selection(
        selection=[("draft", "Draft"), ("open", "Open"), ("closed", "Closed")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    kind = fields.Selection(
        selection=KINDS,
        required=True,
        default="on_time",
        tracking=True,
        help="Share: so many different residents come by what was shared.\n"
        "Collect on time: everything ordered in a campaign is collected in its pickup"
        " window; each campaign counts once.\n"
        "Review: an order that was collected is reviewed with a photo; each order"
        " counts once.",
    )
    target = fields.Integer(string="How Often", required=True, default=5, tracking=True)
    period = fields.Selection(
        selection=[
            ("once", "Once"),
            ("day", "Every day"),
            ("week", "Every week"),
            ("month", "Every month"),
        ],
        required=True,
        default="once",
        tracking=True,
        help="In each period, which begins at midnight of the task's time zone, the"
        " counting begins anew and the reward can be earned once.",
    )
    start_at = fields.Datetime(
        string="From",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        help="What was done before does not count.",
    )
    end_at = fields.Datetime(string="Until", copy=False, help="Empty: without end.")
    tz = fields.Selection(
        selection=_tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "Asia/Shanghai",
    )
    opened_at = fields.Datetime(readonly=True, copy=False)
    closed_at = fields.Datetime(readonly=True, copy=False)
    community_ids = fields.Many2many(
        comodel_name="groupbuy.community",
        relation="groupbuy_task_community_rel",
        string="Communities",
        # What is archived still restricts, and what restricts is not deleted: else the
        # task would be for everybody.
        context={"active_test": False},
        ondelete="restrict",
        domain="[('company_id', 'in', (False, company_id))]",
        help="Empty: all communities.",
    )
    segment_ids = fields.Many2many(
        comodel_name="groupbuy.segment",
        relation="groupbuy_task_segment_rel",
        string="Segments",
        context={"active_test": False},
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
        help="Empty: all residents.",
    )
    reward_type = fields.Selection(
        selection_add=[("ticket", "Tickets of a draw")],
        ondelete={"ticket": "set default"},
    )
    lottery_id = fields.Many2one(
        comodel_name="groupbuy.lottery",
        string="Draw",
        domain="[('company_id', '=', company_id), ('state', 'in', ('draft', 'open'))]",
        index="btree_not_null",
        ondelete="restrict",
    )
    ticket_count = fields.Integer(string="Tickets", default=1)
    reward_limit = fields.Integer(
        string="Rewards at Most", help="For all residents together; 0: no limit."
    )
    counter_ids = fields.One2many(
        comodel_name="groupbuy.reward.counter",
        inverse_name="task_id",
        groups="base.group_system",
    )
    completion_ids = fields.One2many(
        comodel_name="groupbuy.task.completion", inverse_name="task_id"
    )
    completion_count = fields.Integer(
        string="Completed", compute="_compute_completion_count"
    )
    reward_text = fields.Char(compute="_compute_reward_text")

    _numbers_valid = models.Constraint(
        "CHECK (target BETWEEN 1 AND 10000 AND COALESCE(reward_limit, 0) >= 0"
        " AND COALESCE(ticket_count, 0) BETWEEN 0 AND 100)",
        "A task is done 1 to 10000 times and gives at most 100 tickets.",
    )
    _window_valid = models.Constraint(
        "CHECK (end_at IS NULL OR end_at > start_at)",
        "The end of a task must be after its beginning.",
    )
    _open_idx = models.Index("(company_id, kind) WHERE state = 'open'")

    # === COMPUTE === #

    def _compute_completion_count(self):
        counts = dict(
            self.env["groupbuy.task.completion"]._read_group(
                [("task_id", "in", self.ids)], ["task_id"], ["__count"]
            )
        )
        for task in self:
            task.completion_count = counts.get(task, 0)

    @api.depends(
        "reward_type",
        "coupon_program_id.name",
        "points",
        "offer_line_id",
        "offer_price",
        "lottery_id.name",
        "ticket_count",
    )
    @api.depends_context("lang")
    def _compute_reward_text(self):
        for task in self:
            task.reward_text = task._get_reward_text()

    # === REWARD === #

    def _get_reward_text(self):
        """Override to name the tickets of a draw."""
        if self.reward_type != "ticket":
            return super()._get_reward_text()
        # Elevated: residents have no rights on draws; the name is shown to all.
        name = self.sudo().lottery_id.name or ""
        if self.ticket_count == 1:
            return self.env._("One ticket of the draw “%s”", name)
        return self.env._(
            "%(count)s tickets of the draw “%(draw)s”",
            count=self.ticket_count,
            draw=name,
        )

    def _get_reward_problem(self):
        """Override to look at the draw whose tickets are given."""
        problem = super()._get_reward_problem()
        if problem or self.reward_type != "ticket":
            return problem
        lottery = self.lottery_id
        if not lottery or lottery.company_id != self.company_id:
            return self.env._("Choose a draw of this company.")
        if self.ticket_count < 1:
            return self.env._("Enter how many tickets of the draw are given.")
        return ""

    def _give_ticket(self, claims):
        """Give tickets of the draw; refused when its tickets are frozen already.

        What was done before the time of the draw is in it, even if it is counted
        later: the scheduled job gives rewards before it draws.

        :raise UserError: If the draw has been made, or its time was over.
        """
        if any(claim.completed_at > self.lottery_id.draw_at for claim in claims):
            raise UserError(
                self.env._(
                    "The task was done after the time of the draw “%s”.",
                    self.lottery_id.name,
                )
            )
        self.lottery_id._issue(
            [
                (claim.partner_id, f"{claim._get_claim_key()}/{number}")
                for claim in claims
                for number in range(1, self.ticket_count + 1)
            ]
        )

    # === STAFF === #

    def action_open(self):
        """Offer tasks to residents from now on.

        :raise UserError: If something is missing for the reward to be given.
        """
        self.check_access("write")
        # Elevated: a manager of tasks may have no rights on programs; the right to
        # write the task was checked.
        for task in self.sudo():
            if task.state == "open":
                continue
            if problem := task._get_reward_problem():
                raise UserError(problem)
            if task.end_at and task.end_at <= fields.Datetime.now():
                raise UserError(
                    self.env._(
                        "The end of “%s” is over: choose a later one.", task.name
                    )
                )
            if task.reward_type == "ticket" and task.lottery_id.state != "open":
                raise UserError(
                    self.env._(
                        "Publish the draw “%s” first: only then can residents get"
                        " tickets of it.",
                        task.lottery_id.name,
                    )
                )
        self.sudo()._set_state("open")

    def action_close(self):
        """End tasks; what was done until now still counts."""
        self.check_access("write")
        # Elevated as above.
        self.sudo()._set_state("closed")
        self._trigger_work()

    def _set_state(self, state):
        now = fields.Datetime.now()
        vals = {"state": state}
        if state == "open":
            vals |= {"opened_at": now, "closed_at": False}
        else:
            vals["closed_at"] = now
        super().write(vals)

    def action_open_completions(self):
        """Show who has done the task."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Completed: %s", self.name),
            "res_model": "groupbuy.task.completion",
            "view_mode": "list,pivot",
            "domain": [("task_id", "=", self.id)],
            "context": {"create": False},
        }

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        tasks.sudo()._sync_limit()
        return tasks

    # What residents were told: no longer changed once a task is open.
    _promised_fields = frozenset(
        ("kind", "target", "period", "start_at", "tz", "company_id", "reward_type",
         "coupon_program_id", "points_program_id", "points", "offer_line_id",
         "offer_price", "offer_quantity", "lottery_id", "ticket_count")
    )  # fmt: skip

    def write(self, vals):
        """Keep what residents were promised, and the state to its buttons.

        :raise UserError: If a task that was opened would promise something else.
        """
        if {"state", "opened_at", "closed_at"} & vals.keys() and not self.env.su:
            raise UserError(
                self.env._("Open and close tasks with their buttons, please.")
            )
        if self._promised_fields & vals.keys() and any(
            task.opened_at for task in self.sudo()
        ):
            raise UserError(
                self.env._(
                    "Residents have been told what this task asks for and what it"
                    " gives. Close it and make another one instead."
                )
            )
        result = super().write(vals)
        if "reward_limit" in vals:
            # Elevated: counters are nobody's to write.
            self.sudo()._sync_limit()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_opened(self):
        if any(task.opened_at for task in self):
            raise UserError(
                self.env._("A task that was open is kept: close it instead.")
            )

    def _sync_limit(self):
        """Make the counters say what the limits of the tasks are."""
        counters = self.env["groupbuy.reward.counter"]
        for task in self:
            counter = task.counter_ids
            if task.reward_limit and counter:
                counter.cap = task.reward_limit
            elif task.reward_limit:
                # What was given before there was a limit counts.
                counters.create(
                    {
                        "task_id": task.id,
                        "cap": task.reward_limit,
                        "taken": len(
                            task.completion_ids.filtered(lambda c: c.state == "granted")
                        ),
                    }
                )
            else:
                counter.unlink()

    @api.constrains("company_id", "community_ids", "segment_ids")
    def _check_audience(self):
        for task in self:
            companies = task.community_ids.company_id | task.segment_ids.company_id
            if companies - task.company_id:
                raise ValidationError(
                    self.env._(
                        "The communities and segments of a task are of its company."
                    )
                )

    # === COUNTING === #

    @api.model
    def _groupbuy_count(self, kind, partner, key, company=None):
        """Write down that a resident has done something that tasks ask for.

        For other parts of the addon and other addons. Sharing calls it with "share",
        the resident who shared, and a key that names the visitor and is the same for
        each visit of the same visitor; whether the visitor is a person of their own,
        and not the resident, is for the caller to see to.

        Why it is safe: one INSERT under a unique key of company, kind, resident and
        key, so each thing counts once, whoever asks how often. Nothing is locked that
        others write, so visits at the same moment never wait for each other; the
        counting is done by the scheduled job, which is one at a time.

        :param str kind: "share", "on_time" or "review".
        :param res.partner partner: Who has done it; nobody: nothing happens.
        :param str key: Names what was done, at most 128 characters.
        :param res.company company: The company; that of the environment by default.
        :return: Whether it was new, and some open task asks for it.
        :rtype: bool
        """
        return bool(self._groupbuy_count_many(kind, [(partner, key)], company=company))

    @api.model
    def _groupbuy_count_many(self, kind, doings, company=None, at=None):
        """Write down what residents have done, in one statement.

        As :meth:`_groupbuy_count`, for any number of residents.

        :param str kind: "share", "on_time" or "review".
        :param list[tuple] doings: Pairs of resident and key.
        :param res.company company: The company; that of the environment by default.
        :param datetime at: When it was done; now by default (UTC).
        :return: How many were new.
        :rtype: int
        :raise ValueError: If the kind is none of ours, or a key is empty or too long.
        """
        company = company or self.env.company
        if kind not in dict(KINDS):
            raise ValueError(f"Unknown kind of task: {kind!r}")
        if any(not key or len(str(key)) > MAX_KEY for _partner, key in doings):
            raise ValueError("What was done needs a key of 1 to 128 characters")
        doings = [(partner.id, str(key)) for partner, key in doings if partner]
        # Elevated: who looks at a poster or hands out goods has no rights on tasks;
        # what is written is derived from what happened.
        if not doings or not self.sudo()._is_asked_for(kind, company):
            return 0
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_task_event
                       (company_id, kind, partner_id, key, at, is_pending)
                SELECT %(company)s, %(kind)s, d.partner_id, d.key, %(at)s, true
                  FROM unnest(%(partners)s::int[], %(keys)s::varchar[])
                       AS d(partner_id, key)
                 ORDER BY d.partner_id, d.key
                ON CONFLICT (company_id, kind, partner_id, key) DO NOTHING
                RETURNING id
                """,
                company=company.id,
                kind=kind,
                at=at or fields.Datetime.now(),
                partners=[partner_id for partner_id, _key in doings],
                keys=[key for _partner_id, key in doings],
            )
        )
        if rows:
            self.env["groupbuy.task.event"].invalidate_model(flush=False)
            self._trigger_work()
        return len(rows)

    @api.model
    def _groupbuy_uncount(self, kind, doings, company):
        """Note that what residents have done was taken back: it counts no more.

        The fact stays, and so does a reward that was earned with it. One statement.

        :param str kind: "share", "on_time" or "review".
        :param list[tuple] doings: Pairs of resident and key.
        :param res.company company: The company.
        """
        self._set_undone(kind, doings, company, fields.Datetime.now())

    @api.model
    def _groupbuy_recount(self, kind, doings, company):
        """Let what was taken back count again: residents have done it once more.

        :param str kind: "share", "on_time" or "review".
        :param list[tuple] doings: Pairs of resident and key.
        :param res.company company: The company.
        """
        if self._set_undone(kind, doings, company, None):
            self._trigger_work()

    @api.model
    def _set_undone(self, kind, doings, company, undone_at):
        """Say when things were taken back, or that they have been done again.

        :return: How many were changed.
        :rtype: int
        """
        if not doings:
            return 0
        events = self.env["groupbuy.task.event"]
        events.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE groupbuy_task_event e
                   SET undone_at = %(undone_at)s,
                       at = CASE WHEN %(again)s THEN %(now)s ELSE e.at END,
                       is_pending = e.is_pending OR %(again)s
                  FROM unnest(%(partners)s::int[], %(keys)s::varchar[])
                       AS d(partner_id, key)
                 WHERE e.company_id = %(company)s AND e.kind = %(kind)s
                   AND e.partner_id = d.partner_id AND e.key = d.key
                   AND (e.undone_at IS NOT NULL) = %(again)s
                RETURNING e.id
                """,
                undone_at=undone_at,
                again=not undone_at,
                now=fields.Datetime.now(),
                partners=[partner.id for partner, _key in doings],
                keys=[str(key) for _partner, key in doings],
                company=company.id,
                kind=kind,
            )
        )
        events.invalidate_model(flush=False)
        return len(rows)

    @api.model
    def _is_asked_for(self, kind, company):
        """Return whether an open task asks for something; nothing is kept otherwise.

        :rtype: bool
        """
        return bool(
            self.search_count(
                [
                    ("company_id", "=", company.id),
                    ("kind", "=", kind),
                    ("state", "=", "open"),
                    "|",
                    ("end_at", "=", False),
                    ("end_at", ">", fields.Datetime.now()),
                ],
                limit=1,
            )
        )

    @api.model
    def _trigger_work(self):
        """Let the scheduled job run as soon as this transaction is committed."""
        # Elevated: nobody has rights on scheduled jobs; it only runs earlier.
        cron = self.env.ref(
            "groupbuy_marketing.ir_cron_work_on_tasks", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _cron_work(self):
        """Count what residents have done, give rewards, and draw what is due.

        By what waits and by "due by now", never by a time window, so that a run that
        was missed is made up for. Each slice is committed on its own.
        """
        commit = self.env["ir.cron"]._commit_progress
        steps = [
            self._count_slice,
            self.env["groupbuy.task.completion"]._grant_slice,
            self.env["groupbuy.lottery"]._draw_due,
            self.env["groupbuy.lottery.award"]._grant_slice,
        ]
        commit(remaining=len(steps))
        for step in steps:
            count = WORK_SLICE
            while count >= WORK_SLICE:
                count = self._run_step(step)
                # A draw must not overtake tickets that were earned before it.
                if count is None or not commit(processed=0):
                    return
            commit(processed=1)

    @api.model
    def _run_step(self, step):
        """Run one slice; one that somebody else got in the way of is put off.

        :param step: A function of the most that it works on, which returns how much
            that was.
        :return: What the step returns; None when it is to be tried again.
        :rtype: int | None
        """
        try:
            count = step(WORK_SLICE)
            # What is written later would fail where nobody catches it.
            self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            self._trigger_work()
            return None
        return count

    @api.model
    def _count_slice(self, limit):
        """Count some of what was done, and write down who has done a task.

        Two statements for any number of residents and tasks. Whoever was done with a
        task before it was closed has done it, even if it is counted later.

        Why it is safe: events are marked in the transaction that counts them, and a
        completion has a unique key of task, resident and period. One scheduled job
        runs at a time; would two, each event would still be seen with all before it
        by whoever comes last.

        :param int limit: Events, at most.
        :return: How many were counted.
        :rtype: int
        """
        self.flush_model()
        self.env["groupbuy.task.event"].flush_model()
        touched = self.env.execute_query(
            SQL(
                """
                UPDATE groupbuy_task_event SET is_pending = false
                 WHERE id IN (SELECT id FROM groupbuy_task_event WHERE is_pending
                               ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                RETURNING company_id, kind, partner_id
                """,
                limit,
            )
        )
        if not touched:
            return 0
        companies, kinds, partners = zip(*sorted(set(touched)), strict=True)
        self.env.execute_query(
            SQL(
                """
                INSERT INTO groupbuy_task_completion
                       (task_id, partner_id, company_id, period_key, state,
                        completed_at, create_date)
                SELECT t.id, e.partner_id, t.company_id, %(period)s, 'pending',
                       max(e.at), %(now)s
                  FROM unnest(%(companies)s::int[], %(kinds)s::varchar[],
                              %(partners)s::int[]) AS d(company_id, kind, partner_id)
                  JOIN groupbuy_task_event e
                    ON e.company_id = d.company_id AND e.kind = d.kind
                   AND e.partner_id = d.partner_id
                  JOIN groupbuy_task t
                    ON t.company_id = e.company_id AND t.kind = e.kind
                   AND t.state IN ('open', 'closed') AND t.opened_at IS NOT NULL
                  JOIN res_partner p ON p.id = e.partner_id
                 WHERE %(counts)s AND %(audience)s
                 GROUP BY t.id, e.partner_id, %(period)s
                HAVING count(*) >= t.target
                 ORDER BY t.id, e.partner_id
                ON CONFLICT (task_id, partner_id, period_key) DO NOTHING
                RETURNING id
                """,
                companies=list(companies),
                kinds=list(kinds),
                partners=list(partners),
                now=fields.Datetime.now(),
                period=self._get_period_sql(),
                counts=self._get_counts_sql(),
                audience=self._get_audience_sql(),
            )
        )
        self.env["groupbuy.task.completion"].invalidate_model()
        self.env["groupbuy.task.event"].invalidate_model()
        return len(touched)

    @api.model
    def _get_period_sql(self):
        """Return which period an event `e` of a task `t` belongs to.

        :rtype: SQL
        """
        local = SQL("(e.at AT TIME ZONE 'UTC' AT TIME ZONE t.tz)")
        return SQL(
            """
            CASE t.period WHEN 'day' THEN to_char(%(local)s, 'YYYY-MM-DD')
                          WHEN 'week' THEN to_char(%(local)s, 'IYYY-"W"IW')
                          WHEN 'month' THEN to_char(%(local)s, 'YYYY-MM')
                          ELSE 'once' END
            """,
            local=local,
        )

    @api.model
    def _get_counts_sql(self):
        """Return the condition that an event `e` counts for a task `t`."""
        return SQL(
            """
            (e.undone_at IS NULL
             AND e.at >= t.start_at AND (t.end_at IS NULL OR e.at < t.end_at)
             AND (t.closed_at IS NULL OR e.at <= t.closed_at))
            """
        )

    @api.model
    def _get_audience_sql(self):
        """Return the condition that a task `t` is for a resident `p`."""
        return SQL(
            """
            ((NOT EXISTS (SELECT 1 FROM groupbuy_task_community_rel r
                           WHERE r.groupbuy_task_id = t.id)
              OR EXISTS (SELECT 1 FROM groupbuy_task_community_rel r
                          WHERE r.groupbuy_task_id = t.id
                            AND r.groupbuy_community_id = p.groupbuy_community_id))
             AND (NOT EXISTS (SELECT 1 FROM groupbuy_task_segment_rel r
                               WHERE r.groupbuy_task_id = t.id)
                  OR EXISTS (SELECT 1 FROM groupbuy_task_segment_rel r
                               JOIN groupbuy_segment_member m
                                 ON m.segment_id = r.groupbuy_segment_id
                              WHERE r.groupbuy_task_id = t.id
                                AND m.partner_id = p.id)))
            """
        )

    # === RESIDENT === #

    @api.model
    def _get_for_resident(self, partner, company):
        """Return the tasks that a resident can do now, in their order.

        :param res.partner partner: The resident.
        :param res.company company: The company of the website.
        :return: With elevated rights: residents have none; the page chooses what it
            shows.
        :rtype: groupbuy.task
        """
        now = fields.Datetime.now()
        domain = Domain(
            [("company_id", "=", company.id), ("state", "=", "open")]
        ) & Domain("start_at", "<=", now)
        domain &= Domain("end_at", "=", False) | Domain("end_at", ">", now)
        tasks = self.sudo().search(domain, limit=50)
        community = partner.sudo().groupbuy_community_id
        segments = partner.sudo().groupbuy_segment_ids
        return tasks.filtered(
            lambda task: (
                (not task.community_ids or community in task.community_ids)
                and (not task.segment_ids or task.segment_ids & segments)
            )
        )

    def _get_progress(self, partner):
        """Return how often a resident has done each task in its present period.

        One query for all tasks.

        :param res.partner partner: The resident.
        :return: Task id → count.
        :rtype: dict[int, int]
        """
        if not self:
            return {}
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.id, count(*)
                  FROM groupbuy_task t
                  JOIN unnest(%(tasks)s::int[], %(since)s::timestamp[])
                       AS d(task_id, since) ON d.task_id = t.id
                  JOIN groupbuy_task_event e
                    ON e.company_id = t.company_id AND e.kind = t.kind
                   AND e.partner_id = %(partner)s AND e.at >= d.since
                 WHERE %(counts)s
                 GROUP BY t.id
                """,
                tasks=self.ids,
                since=[task._get_period_start() for task in self],
                partner=partner.id,
                counts=self._get_counts_sql(),
            )
        )
        return dict(rows)

    def _get_period_start(self):
        """Return when the present period of the task began (UTC).

        :rtype: datetime
        """
        self.ensure_one()
        if self.period == "once":
            return self.start_at
        zone = pytz.timezone(self.tz)
        day = pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
        if self.period == "week":
            day -= timedelta(days=day.weekday())
        elif self.period == "month":
            day = day.replace(day=1)
        midnight = zone.localize(datetime.combine(day, time.min))
        return midnight.astimezone(pytz.utc).replace(tzinfo=None)

    def _get_period_key(self):
        """Return the key of the task's present period, as completions have it.

        :rtype: str
        """
        self.ensure_one()
        local = pytz.utc.localize(fields.Datetime.now()).astimezone(
            pytz.timezone(self.tz)
        )
        # "once" has nothing to fill in.
        formats = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
        return local.strftime(formats.get(self.period, "once"))

    def _get_goal_text(self):
        """Return what has to be done, in the reader's language.

        :rtype: str
        """
        self.ensure_one()
        env = self.env
        texts = {
            "share": env._(
                "Share a campaign and be visited by %s different residents", self.target
            ),
            "on_time": env._("Collect the orders of %s campaigns on time", self.target),
            "review": env._("Review %s orders with a photo", self.target),
        }
        return texts[self.kind]

    def _get_period_text(self):
        """Return how often the reward can be earned, and until when.

        :rtype: str
        """
        self.ensure_one()
        env = self.env
        text = {
            "once": env._("Once for each resident"),
            "day": env._("Again every day"),
            "week": env._("Again every week"),
            "month": env._("Again every month"),
        }[self.period]
        if not self.end_at:
            return text
        return env._(
            "%(how_often)s, until %(date)s",
            how_often=text,
            date=format_moment(env, self.end_at, self.tz),
        )

    def _get_cards(self, partner):
        """Return what a resident's page shows of these tasks.

        :param res.partner partner: The resident.
        :return: Dicts with task, name, description, goal, reward, period, done,
            target, percent, text and state ("open", "done", "used_up").
        :rtype: list[dict]
        """
        progress = self._get_progress(partner)
        completions = (
            self.env["groupbuy.task.completion"]
            .sudo()
            .search([("task_id", "in", self.ids), ("partner_id", "=", partner.id)])
        )
        # Two tasks may have periods of the same name.
        earned = {(c.task_id.id, c.period_key): c for c in completions}
        cards = []
        for task in self:
            completion = earned.get((task.id, task._get_period_key()))
            # Who got the reward keeps it, even if something was taken back since.
            done = task.target if completion else progress.get(task.id, 0)
            done = min(done, task.target)
            cards.append(
                {
                    "task": task,
                    "name": task.name,
                    "description": task.description,
                    "goal": task._get_goal_text(),
                    "reward": task._get_reward_text(),
                    "period": task._get_period_text(),
                    "done": done,
                    "target": task.target,
                    "percent": done * 100 // task.target,
                    "text": self.env._(
                        "%(done)s of %(target)s", done=done, target=task.target
                    ),
                    "completion": completion,
                    "status": completion._get_status_text() if completion else "",
                }
            )
        return cards
