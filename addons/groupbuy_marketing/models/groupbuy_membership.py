# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL


class GroupBuyMembership(models.Model):
    """A period of paid membership (付费会员): one for each paid order line.

    Periods of a resident follow one another without overlapping; the last day of all
    is `groupbuy.standing.member_until`. What was paid for is a fact; a refund of the
    unused days shortens `last_day` once.
    """

    _name = "groupbuy.membership"
    _description = "Group Buying Membership"
    _order = "start desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Member",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    order_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    order_id = fields.Many2one(
        related="order_line_id.order_id", store=True, index=True, readonly=True
    )
    product_id = fields.Many2one(related="order_line_id.product_id")
    start = fields.Date(required=True, readonly=True)
    end = fields.Date(
        required=True, readonly=True, help="Last day of the period that was paid for."
    )
    last_day = fields.Date(
        required=True,
        readonly=True,
        index=True,
        help="Last day of the membership; before the end where the rest was refunded.",
    )
    days = fields.Integer(compute="_compute_days")
    unused_days = fields.Integer(compute="_compute_days")
    state = fields.Selection(
        selection=[
            ("upcoming", "Upcoming"),
            ("running", "Running"),
            ("ended", "Ended"),
            ("refunded", "Refunded"),
        ],
        compute="_compute_state",
        search="_search_state",
    )
    reminded_on = fields.Date(readonly=True)
    refunded_on = fields.Date(readonly=True)
    refund_move_id = fields.Many2one(
        comodel_name="account.move",
        string="Credit Note",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    recognition_ids = fields.One2many(
        comodel_name="groupbuy.membership.recognition", inverse_name="membership_id"
    )

    _line_uniq = models.UniqueIndex(
        "(order_line_id)", "This order line has started a membership already."
    )
    _period_valid = models.Constraint(
        'CHECK ("end" >= start AND last_day <= "end")',
        "A membership ends after its start.",
    )

    @api.depends("start", "end", "last_day", "refunded_on")
    def _compute_days(self):
        today = fields.Date.context_today(self)
        for membership in self:
            membership.days = (membership.end - membership.start).days + 1
            first_unused = max(fields.Date.add(today, days=1), membership.start)
            membership.unused_days = (
                0
                if membership.refunded_on
                else max((membership.end - first_unused).days + 1, 0)
            )

    @api.depends("start", "last_day", "refunded_on")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for membership in self:
            if membership.refunded_on:
                membership.state = "refunded"
            elif membership.start > today:
                membership.state = "upcoming"
            else:
                membership.state = (
                    "running" if membership.last_day >= today else "ended"
                )

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        paid = [("refunded_on", "=", False)]
        domains = {
            "refunded": [("refunded_on", "!=", False)],
            "upcoming": [*paid, ("start", ">", today)],
            "running": [*paid, ("start", "<=", today), ("last_day", ">=", today)],
            "ended": [*paid, ("start", "<=", today), ("last_day", "<", today)],
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paid(self):
        raise UserError(
            self.env._("A membership was paid for: refund it instead of deleting it.")
        )

    # === REFUND === #

    def action_refund(self):
        """Give the unused days back: credit note, and the money through the queue.

        :raise AccessError: If the user is no manager of group buying.
        :raise UserError: If nothing is left to refund.
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("community_groupbuy.group_groupbuy_manager"):
            raise AccessError(
                self.env._("Only managers of group buying refund memberships.")
            )
        # Elevated: the credit note and the job follow from what was checked.
        self.sudo()._refund()

    def _refund(self):
        """End a membership today and credit the days that are left.

        Formula: price of the invoice line × share of it that was paid × unused days ÷
        days. Today counts as used.

        Why it is safe: the resident's standing is taken first, so that two requests
        come one after the other and the second finds `refunded_on`; the key of the
        money's job names the membership.

        :return: The posted credit note; empty where nothing had been paid.
        :rtype: account.move
        :raise UserError: If it was refunded already, has no unused day, or is followed
            by another paid period.
        """
        self.ensure_one()
        standing = self.env["groupbuy.standing"]._touch(
            self.company_id, self.partner_id
        )
        self.invalidate_recordset()
        if self.refunded_on:
            raise UserError(self.env._("This membership has been refunded already."))
        days, unused = self.days, self.unused_days
        if not unused:
            raise UserError(
                self.env._("All days of this membership are used: nothing is left.")
            )
        if standing.member_until > self.last_day:
            raise UserError(
                self.env._("Please refund the later period of this member first.")
            )
        move = self._create_credit_note(unused / days)
        last_day = fields.Date.subtract(self.end, days=unused)
        self.write(
            {
                "refunded_on": fields.Date.context_today(self),
                "last_day": last_day,
                "refund_move_id": move.id,
            }
        )
        standing.member_until = last_day
        self._queue_refund(move)
        return move

    def _create_credit_note(self, share):
        """Credit a share of what was paid for a membership.

        :param float share: Unused days ÷ days.
        :rtype: account.move
        """
        order = self.order_id
        if not self.order_line_id.invoice_lines.filtered(
            lambda line: line.parent_state == "posted"
        ):
            drafts = order.invoice_ids.filtered(lambda move: move.state == "draft")
            (drafts or order._create_invoices(final=True)).action_post()
        line = self.order_line_id.invoice_lines.filtered(
            lambda line: (
                line.parent_state == "posted"
                and line.move_id.move_type == "out_invoice"
            )
        )[:1]
        invoice = line.move_id
        price = line.price_unit * line.quantity * (1 - line.discount / 100)
        price = invoice.currency_id.round(price * share * self._get_paid_share(line))
        if invoice.currency_id.is_zero(price):
            return invoice.browse()
        credit = invoice.create(
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "currency_id": invoice.currency_id.id,
                "journal_id": invoice.journal_id.id,
                "company_id": invoice.company_id.id,
                "fiscal_position_id": invoice.fiscal_position_id.id,
                "reversed_entry_id": invoice.id,
                "invoice_origin": order.name,
                "ref": self.env._(
                    "Unused days of a membership, %s", invoice.name or order.name
                ),
                "invoice_date": fields.Date.context_today(self),
                "invoice_line_ids": [
                    fields.Command.create(
                        {
                            "product_id": line.product_id.id,
                            "name": line.name,
                            "account_id": line.account_id.id,
                            "quantity": 1,
                            "price_unit": price,
                            "tax_ids": [fields.Command.set(line.tax_ids.ids)],
                        }
                    )
                ],
            }
        )
        credit.action_post()
        return credit

    def _get_paid_share(self, line):
        """Return which part of an invoice's prices was paid after its discounts.

        :param account.move.line line: The membership's line.
        :return: 0 to 1.
        :rtype: float
        """
        totals = line.move_id.invoice_line_ids.filtered(
            lambda other: other.display_type == "product"
        ).mapped("price_total")
        full = sum(total for total in totals if total > 0)
        return min(max(sum(totals) / full, 0.0), 1.0) if full else 0.0

    def _queue_refund(self, move):
        """Send the money of a credit note back by the payment that it came with.

        Without such a payment the credit note stays open for accounting.
        """
        tx = self.order_id.transaction_ids.filtered(
            lambda tx: tx.state == "done" and tx.operation != "refund"
        )[:1]
        if not move or not tx or tx.currency_id != move.currency_id:
            return
        self.env["groupbuy.job"]._add(
            [
                {
                    "key": f"refund/{tx.id}/membership{self.id}",
                    "kind": "refund",
                    "order": self.order_id,
                    "transaction": tx,
                    "amount": move.amount_total,
                    "reason": "membership",
                }
            ]
        )

    # === REMINDERS === #

    @api.model
    def _cron_remind(self):
        """Remind members, once, that their membership ends soon.

        By "ends within the notice", never by a time window; who has paid for a later
        period already is not reminded.
        """
        today = fields.Date.context_today(self)
        self.flush_model()
        self.env["groupbuy.standing"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.id FROM groupbuy_membership m
                  JOIN res_company c ON c.id = m.company_id
                  JOIN groupbuy_standing s
                    ON s.company_id = m.company_id AND s.partner_id = m.partner_id
                   AND s.member_until = m.last_day
                 WHERE m.refunded_on IS NULL AND m.reminded_on IS NULL
                   AND m.last_day >= %(today)s
                   AND m.last_day <= %(today)s::date
                       + COALESCE(c.groupbuy_membership_notice_days, 14)
                 ORDER BY m.id LIMIT 1000 FOR NO KEY UPDATE OF m SKIP LOCKED
                """,
                today=today,
            )
        )
        memberships = self.browse(row[0] for row in rows)
        memberships.write({"reminded_on": today})
        template = self.env.ref(
            "groupbuy_marketing.mail_template_membership_ends", raise_if_not_found=False
        )
        reachable = memberships.filtered("partner_id.email")
        if template and reachable:
            template.send_mail_batch(reachable.ids)
        if memberships:
            self.env["ir.cron"]._commit_progress(
                processed=len(memberships), remaining=0 if len(rows) < 1000 else 1
            )
