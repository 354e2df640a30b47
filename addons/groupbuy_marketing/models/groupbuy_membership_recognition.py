# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class GroupBuyMembershipRecognition(models.Model):
    """Which income of a membership was recognised, and until when: a fact.

    Odoo Community can move one entry to one other date; it spreads nothing over a
    period. So invoices of memberships go to an account of deferred income, and every
    month one entry for each income account brings over what the days that have passed
    are worth.
    """

    _name = "groupbuy.membership.recognition"
    _description = "Group Buying Membership Income"
    _order = "through desc, id desc"

    membership_id = fields.Many2one(
        comodel_name="groupbuy.membership",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    through = fields.Date(
        required=True, readonly=True, help="The days up to this one are recognised."
    )
    amount = fields.Monetary(readonly=True, help="In the company's currency.")
    move_id = fields.Many2one(
        comodel_name="account.move",
        string="Entry",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )

    _period_uniq = models.UniqueIndex(
        "(membership_id, through)", "This month has been recognised already."
    )

    def write(self, vals):
        if vals:
            raise UserError(self.env._("What was recognised cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        raise UserError(self.env._("What was recognised cannot be deleted."))

    @api.model
    def _cron_recognise(self):
        """Recognise the income of all months that are over, company by company.

        Months without the job are made up for in one entry.
        """
        companies = self.env["res.company"].search(
            [("groupbuy_membership_deferred_account_id", "!=", False)]
        )
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(companies))
        today = fields.Date.context_today(self)
        through = fields.Date.subtract(today.replace(day=1), days=1)
        for company in companies:
            self.with_company(company)._recognise(company, through)
            if not commit(processed=1):
                return

    @api.model
    def _recognise(self, company, through):
        """Recognise what memberships have earned up to a day.

        Formula: deferred × days passed ÷ days − recognised before; all that is left
        where the rest was refunded, and after the last day.

        Why it is safe: it is a difference to the facts, so a second run finds zero; two
        runs at once meet at the unique key of membership and day, and one is undone as
        a whole, with its entry.

        :param res.company company: The company.
        :param date through: Last day that counts.
        :return: The posted entry, or nothing.
        :rtype: account.move
        """
        moves = self.env["account.move"]
        journal = company.groupbuy_membership_journal_id or self.env[
            "account.journal"
        ].search(
            [
                *self.env["account.journal"]._check_company_domain(company),
                ("type", "=", "general"),
            ],
            limit=1,
        )
        deferred = company.groupbuy_membership_deferred_account_id
        due = {
            membership_id: amount
            for membership_id, amount in self._get_due(company, deferred, through)
            if not company.currency_id.is_zero(amount)
        }
        if not due:
            return moves
        memberships = self.env["groupbuy.membership"].browse(due)
        amounts = defaultdict(float)
        for membership in memberships:
            product = membership.product_id.with_company(company)
            accounts = product.product_tmpl_id.get_product_accounts()
            amounts[accounts["income"]] += due[membership.id]
        label = self.env._("Memberships until %s", fields.Date.to_string(through))
        lines = []
        for account, amount in amounts.items():
            amount = company.currency_id.round(amount)
            for account_id, balance in ((account.id, -amount), (deferred.id, amount)):
                lines.append(
                    fields.Command.create(
                        {
                            "name": label,
                            "account_id": account_id,
                            "debit": max(balance, 0.0),
                            "credit": max(-balance, 0.0),
                        }
                    )
                )
        move = moves.create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "company_id": company.id,
                "date": through,
                "ref": label,
                "line_ids": lines,
            }
        )
        # A month that accounting has closed gets nothing more: the first open day does.
        move.date = move._get_accounting_date(through, False)
        move.action_post()
        self.create(
            [
                {
                    "membership_id": membership_id,
                    "company_id": company.id,
                    "through": through,
                    "amount": amount,
                    "move_id": move.id,
                }
                for membership_id, amount in due.items()
            ]
        )
        return move

    @api.model
    def _get_due(self, company, deferred, through):
        """Return what is to be recognised of each membership, in one query.

        :param res.company company: The company.
        :param account.account deferred: The account of deferred income.
        :param date through: Last day that counts.
        :return: Pairs (membership id, amount in the company's currency).
        :rtype: list[tuple[int, float]]
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.id,
                       round(d.amount * CASE
                            WHEN m.refunded_on <= %(through)s
                              OR m.last_day <= %(through)s THEN 1
                            ELSE (%(through)s::date - m.start + 1)::numeric
                                 / (m.last_day - m.start + 1)
                            END, %(digits)s) - COALESCE(r.amount, 0)
                  FROM groupbuy_membership m
                  JOIN LATERAL (
                        SELECT -SUM(aml.balance) AS amount
                          FROM account_move_line aml
                         WHERE aml.parent_state = 'posted'
                           AND aml.account_id = %(account)s
                           AND (aml.move_id = m.refund_move_id OR aml.id IN (
                                SELECT rel.invoice_line_id
                                  FROM sale_order_line_invoice_rel rel
                                 WHERE rel.order_line_id = m.order_line_id))
                  ) d ON d.amount IS NOT NULL
                  LEFT JOIN LATERAL (
                        SELECT SUM(amount) AS amount
                          FROM groupbuy_membership_recognition
                         WHERE membership_id = m.id
                  ) r ON true
                 WHERE m.company_id = %(company)s AND m.start <= %(through)s
                   AND NOT EXISTS (
                        SELECT 1 FROM groupbuy_membership_recognition
                         WHERE membership_id = m.id AND through >= %(through)s)
                 ORDER BY m.id
                """,
                through=through,
                digits=company.currency_id.decimal_places,
                account=deferred.id,
                company=company.id,
            )
        )
        return [(membership_id, float(amount)) for membership_id, amount in rows]
