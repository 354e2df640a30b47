# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..const import CONFIRM_SLICE, MAX_ATTEMPTS, MONEY_SLICE, RETRY_MINUTES

_logger = logging.getLogger(__name__)


class GroupBuyJob(models.Model):
    """One thing to do once for one order.

    Exactly once means: a unique key stops a second job for the same thing; a job is
    worked on under a row lock and marked done in the transaction that does its work;
    and what leaves the database (a request to a payment provider) is prepared and
    committed first, as a transaction whose reference is the idempotency key of each
    attempt (see :meth:`_prepare_money` and :meth:`_send_money`).
    """

    _name = "groupbuy.job"
    _description = "Group Buying Job"
    _order = "id desc"

    key = fields.Char(required=True, readonly=True, copy=False)
    kind = fields.Selection(
        selection=[
            ("cancel", "Cancel"),
            ("capture", "Capture"),
            ("confirm", "Confirm"),
            ("void", "Void"),
            ("refund", "Refund"),
            ("difference", "Refund the difference"),
            ("invoice", "Invoice"),
            ("notify", "Tell the resident"),
        ],
        required=True,
        readonly=True,
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="order_id.partner_id")
    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    group_id = fields.Many2one(comodel_name="groupbuy.group", readonly=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    reason = fields.Selection(
        selection=[
            ("success", "The group succeeded"),
            ("shortfall", "Not enough joined"),
            ("cancelled", "The campaign was cancelled"),
            ("resident", "The resident cancelled"),
            ("reduced", "The resident reduced the order"),
            ("late", "Paid after the close"),
            ("sold_out", "Sold out before the payment arrived"),
            ("coupon", "The coupon had been used already"),
            ("duplicate", "Paid twice"),
            ("amount", "Another amount was paid"),
            ("price", "The price fell"),
            ("dropped", "A line missed its minimum"),
            ("staff", "Decided by staff"),
        ],
        readonly=True,
    )
    amount = fields.Monetary(readonly=True, help="In the currency of the payment.")
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    state = fields.Selection(
        selection=[
            ("pending", "Waiting"),
            ("done", "Done"),
            ("failed", "Stuck"),
            ("manual", "To do by hand"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="pending",
        readonly=True,
    )
    method = fields.Selection(
        selection=[
            ("provider", "Payment provider"),
            ("wallet", "Store credit"),
            ("manual", "By hand"),
        ],
        readonly=True,
        help="How the money went back.",
    )
    attempts = fields.Integer(readonly=True)
    last_error = fields.Text(readonly=True)
    next_try_at = fields.Datetime(readonly=True)
    done_at = fields.Datetime(readonly=True)
    transaction_id = fields.Many2one(
        comodel_name="payment.transaction",
        string="Payment",
        readonly=True,
        index="btree_not_null",
        help="The payment that is captured, voided or refunded.",
    )
    result_transaction_id = fields.Many2one(
        comodel_name="payment.transaction",
        string="Result",
        readonly=True,
        index="btree_not_null",
        help="The capture, void or refund sent to the provider.",
    )

    _key_uniq = models.UniqueIndex("(key)", "This job exists already.")
    _queue_idx = models.Index("(kind, id) WHERE state = 'pending'")
    _campaign_state_idx = models.Index("(campaign_id, state, kind)")

    @api.depends("kind", "order_id.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for job in self:
            job.display_name = f"{kinds.get(job.kind, '')} {job.order_id.name or ''}"

    # === CREATION === #

    @api.model
    def _create_for_groups(self, groups, purpose, reason=None):
        """Queue the first job of each waiting order of groups, in one statement.

        :param groupbuy.group groups: Groups that a close or cancellation decided on.
        :param str purpose: "success": capture what is authorised, else confirm;
            "refund": cancel, which then returns the money.
        :param str reason: Selection value of `reason`.
        """
        if not groups:
            return
        self.flush_model()
        self.env["sale.order"].flush_model()
        if purpose == "success":
            kind = SQL(
                """
                CASE WHEN EXISTS (
                    SELECT 1 FROM sale_order_transaction_rel r
                      JOIN payment_transaction t ON t.id = r.transaction_id
                     WHERE r.sale_order_id = o.id AND t.state = 'authorized'
                ) THEN 'capture' ELSE 'confirm' END
                """
            )
        else:
            kind = SQL("'cancel'")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO groupbuy_job (
                    key, kind, order_id, campaign_id, group_id, company_id, reason,
                    currency_id, state, attempts,
                    create_uid, create_date, write_uid, write_date)
                SELECT j.kind || '/' || o.id, j.kind, o.id, o.groupbuy_campaign_id,
                       o.groupbuy_group_id, o.company_id, %(reason)s,
                       o.currency_id, 'pending', 0,
                       %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM sale_order o
                  CROSS JOIN LATERAL (SELECT %(kind)s AS kind) j
                 WHERE o.groupbuy_group_id = ANY(%(groups)s)
                   AND o.groupbuy_state = 'waiting'
                 ORDER BY o.groupbuy_priority DESC, o.groupbuy_joined_at, o.id
                ON CONFLICT (key) DO NOTHING
                """,
                kind=kind,
                groups=groups.ids,
                reason=reason or "success",
                uid=self.env.uid,
            )
        )
        self.invalidate_model()
        self._trigger()

    @api.model
    def _add(self, vals_list):
        """Queue jobs; those whose key exists already are left as they are.

        :param list[dict] vals_list: key, kind, order (record), and optionally amount,
            reason, transaction (record).
        :return: The jobs that are new.
        :rtype: groupbuy.job
        """
        keys = [vals["key"] for vals in vals_list]
        existing = set(self.search([("key", "in", keys)]).mapped("key"))
        to_create = []
        for vals in vals_list:
            if vals["key"] in existing:
                continue
            existing.add(vals["key"])
            order = vals["order"]
            transaction = vals.get("transaction")
            to_create.append(
                {
                    "key": vals["key"],
                    "kind": vals["kind"],
                    "order_id": order.id,
                    "campaign_id": order.groupbuy_campaign_id.id,
                    "group_id": order.groupbuy_group_id.id,
                    "company_id": order.company_id.id,
                    "reason": vals.get("reason"),
                    "amount": vals.get("amount", 0.0),
                    "currency_id": (transaction or order).currency_id.id,
                    "transaction_id": transaction.id if transaction else False,
                }
            )
        jobs = self.create(to_create)
        if jobs:
            self._trigger()
        return jobs

    @api.model
    def _trigger(self):
        """Ask the scheduled job to work on the queue as soon as this commits."""
        # Not `env.ref`, which costs a query each time that goods are handed out.
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "community_groupbuy.ir_cron_process_jobs", raise_if_not_found=True
        )
        self.env["ir.cron"].sudo().browse(cron_id)._trigger()

    # === BUTTONS === #

    def action_retry(self):
        """Try stuck jobs again at once."""
        self.check_access("read")
        self._check_manager()
        jobs = self.filtered(lambda job: job.state in ("failed", "pending"))
        if not jobs:
            raise UserError(self.env._("Only waiting or stuck jobs can be retried."))
        jobs.sudo().write({"state": "pending", "attempts": 0, "next_try_at": False})
        self._trigger()

    def action_mark_done(self):
        """Record that staff have returned the money themselves."""
        self.check_access("read")
        self._check_manager()
        if any(job.state != "manual" for job in self):
            raise UserError(
                self.env._("Only jobs that are to be done by hand can be marked done.")
            )
        for job in self.sudo():
            job._finish(method="manual")
            job.order_id.message_post(
                body=self.env._(
                    "%(amount)s were returned by hand by %(user)s.",
                    amount=job.currency_id.format(job.amount),
                    user=self.env.user.name,
                )
            )

    def _check_manager(self):
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_user"):
            raise UserError(self.env._("Only group buying staff can do this."))

    # === QUEUE === #

    @api.model
    def _cron_process_jobs(self):
        """Work on the queue: first what decides, then supply, then money and mail.

        Slices of orders share a transaction; each is committed before the next, so
        that a process killed at any moment loses at most one slice's work, which is
        done again from its beginning.
        """
        if not self._process_orders():
            return
        for kinds, size, worker in (
            (("void", "refund", "difference"), MONEY_SLICE, self._work_money),
            (("invoice",), CONFIRM_SLICE, self._work_slice),
            (("notify",), CONFIRM_SLICE, self._work_slice),
        ):
            if not self._work_all(kinds, size, worker):
                return

    @api.model
    def _process_orders(self):
        """Do what a close has decided for each order, then buy and plan transport.

        :return: False when the scheduled job's time is over and it will be run again.
        :rtype: bool
        """
        for kinds, size, worker in (
            (("cancel",), CONFIRM_SLICE, self._work_slice),
            (("capture",), MONEY_SLICE, self._work_money),
            (("confirm",), CONFIRM_SLICE, self._work_slice),
        ):
            if not self._work_all(kinds, size, worker):
                return False
        self.env["groupbuy.campaign"]._sync_due_supplies()
        return True

    @api.model
    def _work_all(self, kinds, size, worker):
        """Work on all due jobs of some kinds, slice by slice.

        :return: False when the scheduled job's time is over and it will be run again.
        :rtype: bool
        """
        commit = self.env["ir.cron"]._commit_progress
        while jobs := self._lock_due(kinds, size):
            count = len(jobs)
            worker(jobs)
            # Nothing of this slice is needed again: keep the memory of a campaign of
            # 10,000 orders as small as that of 200.
            self.env.invalidate_all()
            if not commit(processed=count, remaining=self._count_due()):
                return False
        return True

    @api.model
    def _count_due(self):
        return self.search_count([("state", "=", "pending")], limit=10000)

    @api.model
    def _lock_due(self, kinds, limit):
        """Lock the next due jobs that nobody else is working on.

        Jobs that somebody else finished after this transaction's snapshot cannot be
        locked in it: then a new transaction looks again.
        """
        self.flush_model()
        query = SQL(
            """
            SELECT id FROM groupbuy_job
             WHERE state = 'pending' AND kind = ANY(%s)
               AND (next_try_at IS NULL OR next_try_at <= %s)
             ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
            """,
            list(kinds),
            fields.Datetime.now(),
            limit,
        )
        try:
            self.env.cr.execute(query, log_exceptions=False)
        except OperationalError:
            self.env.cr.rollback()
            self.env.cr.execute(query)
        return self.browse(row[0] for row in self.env.cr.fetchall())

    def _work_slice(self, jobs):
        """Do jobs whose whole effect is in the database, together if possible.

        If the slice fails, its jobs are done one by one, each in a savepoint of its
        own, so that only the order at fault stays behind.
        """
        try:
            with self.env.cr.savepoint():
                jobs._do()
                self.env.flush_all()
            return
        except OperationalError:
            # Somebody else changed the same rows: begin again with a new snapshot.
            self.env.cr.rollback()
            return
        except Exception as error:
            if len(jobs) == 1:
                self.env.invalidate_all()
                jobs._record_failure(error)
                return
            _logger.info("A slice of %s jobs is done one by one: %s", len(jobs), error)
        self.env.invalidate_all()
        for job in jobs:
            self._work_slice(job)

    def _do(self):
        """Dispatch jobs of one kind to `_do_<kind>` and mark them done."""
        for kind, jobs in self.grouped("kind").items():
            getattr(jobs, f"_do_{kind}")()
            jobs.filtered(lambda job: job.state == "pending")._finish()

    def _finish(self, method=None):
        """Mark jobs done."""
        vals = {
            "state": "done",
            "done_at": fields.Datetime.now(),
            "last_error": False,
            "next_try_at": False,
        }
        if method:
            vals["method"] = method
        self.write(vals)

    def _record_failure(self, error):
        """Keep the error, wait longer before each attempt, and alert when stuck.

        :param error: An exception or a text.
        """
        for job in self:
            attempts = job.attempts + 1
            stuck = attempts >= MAX_ATTEMPTS
            minutes = RETRY_MINUTES[min(attempts, len(RETRY_MINUTES)) - 1]
            job.write(
                {
                    "attempts": attempts,
                    "last_error": str(error) or type(error).__name__,
                    "state": "failed" if stuck else "pending",
                    "next_try_at": fields.Datetime.now() + timedelta(minutes=minutes),
                }
            )
            if stuck:
                job._alert(self.env._("A group buying job is stuck"))
            else:
                self.env.ref("community_groupbuy.ir_cron_process_jobs")._trigger(
                    at=job.next_try_at
                )

    def _alert(self, summary):
        """Put a to-do on the order, for whom the settings name or the responsible."""
        for job in self:
            user = job.company_id.groupbuy_alert_user_id or job.campaign_id.user_id
            job.order_id.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=user.id or SUPERUSER_ID,
                summary=summary,
                note=f"{job.display_name}: {job.last_error or ''}",
            )

    # === WORK IN THE DATABASE === #

    def _do_confirm(self):
        self.order_id._groupbuy_confirm()

    def _do_cancel(self):
        for reason, jobs in self.grouped("reason").items():
            jobs.order_id._groupbuy_fail(reason)

    def _do_invoice(self):
        self.order_id._groupbuy_invoice()

    def _do_notify(self):
        for reason, jobs in self.grouped("reason").items():
            jobs.order_id._groupbuy_notify(reason)

    # === MONEY === #

    def _work_money(self, jobs):
        """Capture, void or refund: prepare, commit, send, commit.

        Why it is safe: what is sent carries the reference of a transaction that was
        committed before it was sent. A process killed after the provider acted and
        before it was written down sends the same reference again, which the provider
        recognises; it never makes up a second one.
        """
        for job in jobs:
            try:
                with self.env.cr.savepoint():
                    job._prepare_money()
                    self.env.flush_all()
            except OperationalError:
                self.env.cr.rollback()
                return
            except Exception as error:
                self.env.invalidate_all()
                _logger.info("Job %s could not be prepared: %s", job.id, error)
                job._record_failure(error)
        commit = self.env["ir.cron"]._commit_progress
        commit()
        for job in jobs:
            job = self._relock(job)
            if not job:
                continue
            try:
                with self.env.cr.savepoint():
                    job._send_money()
                    self.env.flush_all()
            except OperationalError:
                # The reference that was sent is committed: it is sent again.
                self.env.cr.rollback()
                continue
            except Exception as error:
                self.env.invalidate_all()
                _logger.info("Job %s could not be sent: %s", job.id, error)
                job._record_failure(error)
            commit()

    @api.model
    def _relock(self, job):
        """Lock a prepared job again after the commit that made it durable."""
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM groupbuy_job
                 WHERE id = %s AND state = 'pending'
                   AND (next_try_at IS NULL OR next_try_at <= %s)
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                job.id,
                fields.Datetime.now(),
            )
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    def _prepare_money(self):
        """Make the transaction that is going to be sent, or settle without one.

        The amount is limited to what is still there, counting what other jobs have
        already sent or prepared, so that no more goes back than came in.
        """
        self.ensure_one()
        result = self.result_transaction_id
        if result and result.state != "error":
            return  # Sent before: repeat it with the same reference.
        if self.kind == "capture":
            self._prepare_capture()
            return
        source = self.transaction_id
        if self.kind == "void":
            if source.state != "authorized":
                self._finish()
                return
            amount = self.amount or source._groupbuy_get_voidable()
            amount = min(amount, source._groupbuy_get_voidable())
            if source.currency_id.is_zero(amount):
                self._finish()
                return
            self.write(
                {
                    "amount": amount,
                    "result_transaction_id": source._create_child_transaction(
                        amount
                    ).id,
                }
            )
            return
        amount = min(self.amount, source._groupbuy_get_refundable())
        if source.currency_id.compare_amounts(amount, 0) <= 0:
            self.amount = 0
            self._finish()
            return
        self.amount = amount
        if not source._groupbuy_can_refund(amount):
            self._fall_back()
            return
        self.result_transaction_id = source._create_child_transaction(
            amount, is_refund=True
        )

    def _prepare_capture(self):
        """Prepare the capture of what the order costs at its final price."""
        order = self.order_id
        order._groupbuy_apply_outcome()
        source = order._groupbuy_get_joining_payment()
        if source.state != "authorized":
            # Captured meanwhile, by hand or by an earlier attempt: go on. A second
            # authorisation is not what the order costs; it is voided.
            self._after_capture()
            return
        amount = source.amount
        if source._groupbuy_can_capture_part():
            amount = min(amount, order.amount_total)
        self.transaction_id = source
        if source.currency_id.is_zero(amount):
            self._after_capture()
            return
        self.amount = amount
        self.result_transaction_id = source._create_child_transaction(amount)

    def _send_money(self):
        """Send the prepared transaction to its provider and read the answer.

        :raise ValidationError: If the provider refuses or cannot be reached; the
            prepared transaction stays and is sent again with the same reference.
        """
        self.ensure_one()
        result = self.result_transaction_id
        if self.state != "pending" or not result:
            return
        if result.state == "draft":
            result._ensure_provider_is_not_disabled()
            result._log_sent_message()
            if self.kind == "capture":
                result._send_capture_request()
            elif self.kind == "void":
                result._send_void_request()
            else:
                result._send_refund_request()
        if result.state == "error":
            raise ValidationError(
                result.state_message or self.env._("The payment provider refused.")
            )
        if result.state in ("draft", "pending"):
            # The provider answers later; its notification moves the transaction.
            self.next_try_at = fields.Datetime.now() + timedelta(minutes=10)
            return
        if result.state != ("cancel" if self.kind == "void" else "done"):
            raise ValidationError(
                self.env._(
                    "The payment provider answered with an unexpected state: %s.",
                    result.state,
                )
            )
        if not result.is_post_processed:
            result._post_process()
        if self.kind == "capture":
            self._after_capture()
        else:
            self._finish(method="provider")
            self._after_return()

    def _after_capture(self):
        """Queue what follows a capture: the confirmation, and the void of the rest."""
        self._finish(method="provider" if self.result_transaction_id else None)
        order = self.order_id
        source = self.transaction_id
        vals_list = [
            {"key": f"confirm/{order.id}", "kind": "confirm", "order": order,
             "reason": self.reason}
        ]  # fmt: skip
        if source.state == "authorized" and source._groupbuy_get_voidable() > 0:
            vals_list.append(
                {
                    "key": f"void/{source.id}",
                    "kind": "void",
                    "order": order,
                    "transaction": source,
                    "amount": source._groupbuy_get_voidable(),
                    "reason": "price",
                }
            )
        self._add(vals_list)

    def _after_return(self):
        """Tell the resident's order that money went back."""
        for job in self.filtered("amount"):
            job.order_id._groupbuy_reconcile()

    def _fall_back(self):
        """Return money that its provider cannot send back.

        As store credit where the campaign says so, else as a visible to-do.
        """
        self.ensure_one()
        order = self.order_id
        if order.groupbuy_campaign_id.refund_fallback == "wallet":
            card = order._groupbuy_get_wallet()
            if card:
                order._groupbuy_credit_wallet(card, self.amount)
                self._finish(method="wallet")
                return
        self.write({"state": "manual", "method": "manual"})
        self._alert(
            self.env._(
                "Return %s by hand, then mark the job done",
                self.currency_id.format(self.amount),
            )
        )
