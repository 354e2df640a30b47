# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, format_date


class GroupBuySettlement(models.Model):
    """The vendor bill of a settlement, and how it is taken back."""

    _inherit = "groupbuy.settlement"

    # === BILL === #

    def action_bill(self):
        """Bill approved settlements in the name of their leaders (自开票).

        One bill for each settlement, all made and posted together: a line for each
        campaign, charged to the campaign's analytic account.

        Why it is safe: the settlements are locked and must be approved; they are
        billed in the same transaction, and an index allows one bill for each.

        :return: an action that shows the bills
        :rtype: dict
        """
        self._check_can(
            "group_settlement_user",
            ("approved",),
            self.env._("Only approved settlements can be billed."),
        )
        self._check_not_held()
        for company, settlements in self.grouped("company_id").items():
            bills = settlements._create_bills(company)
            bills.action_post()
            for settlement, bill in zip(settlements, bills, strict=True):
                # Elevated: nobody writes steps by hand; right and step were checked.
                settlement.sudo().write({"bill_id": bill.id, "step": "billed"})
        return self.action_open_bills()

    def _create_bills(self, company):
        """Create the bills of settlements, not posted yet.

        :param res.company company: The company of all of them.
        :return: The bills, in the order of the settlements.
        :rtype: account.move
        """
        lines = self._get_bill_lines()
        return (
            self.env["account.move"]
            .with_company(company)
            .create([rec._prepare_bill(lines[rec.id]) for rec in self])
        )

    def _prepare_bill(self, lines):
        """Return the values of the vendor bill of a settlement.

        :param list[dict] lines: Values of its lines.
        :rtype: dict
        """
        self.ensure_one()
        return {
            "move_type": "in_invoice",
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "journal_id": self.company_id._groupbuy_get_commission_journal().id,
            "invoice_date": fields.Date.context_today(
                self.with_context(tz=self.company_id.partner_id.tz or "UTC")
            ),
            "ref": self.name,
            "invoice_origin": self.name,
            "groupbuy_settlement_id": self.id,
            "invoice_line_ids": [Command.create(vals) for vals in lines],
        }

    def _get_bill_lines(self):
        """Return the lines of the bills: one for each campaign and kind of entry.

        What was brought forward is split up like what was earned, so that each
        campaign bears what is its own, but is named by where it comes from.

        :return: Settlement id → values of bill lines.
        :rtype: dict[int, list[dict]]
        """
        rows = self._read_sums()
        campaigns = (
            self.env["groupbuy.campaign"]
            .sudo()
            .browse({row["campaign_id"] for row in rows if row["campaign_id"]})
        )
        accounts = campaigns._groupbuy_get_analytic_accounts()
        names = {campaign.id: campaign.display_name for campaign in campaigns}
        kinds = dict(
            self.env["groupbuy.commission.entry"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        product = self.env.ref("groupbuy_leader.product_product_commission").sudo()
        result = defaultdict(list)
        for row in rows:
            campaign_id = row["campaign_id"]
            text = names.get(campaign_id) or kinds[row["kind"]]
            if row["source_id"] != row["settlement_id"]:
                text = self.env._(
                    "%(text)s, brought forward from %(settlement)s",
                    text=text,
                    settlement=row["source_name"],
                )
            account = accounts.get(campaign_id)
            result[row["settlement_id"]].append(
                {
                    "product_id": product.id,
                    "name": text,
                    "quantity": 1.0,
                    "price_unit": row["amount"],
                    "analytic_distribution": (
                        {str(account.id): 100.0} if account else False
                    ),
                }
            )
        return result

    def _read_sums(self):
        """Read what the settlements consist of, with what was brought forward.

        :return: settlement_id, source_id, source_name, campaign_id, kind, amount.
        :rtype: list[dict]
        """
        self.flush_recordset()
        return self.env.execute_query_dict(
            SQL(
                """
                WITH RECURSIVE source AS (
                    SELECT id AS settlement_id, id, name FROM groupbuy_settlement
                     WHERE id = ANY(%s)
                     UNION ALL
                    SELECT source.settlement_id, s.id, s.name
                      FROM groupbuy_settlement s
                      JOIN source ON source.id = s.carried_into_id
                )
                SELECT source.settlement_id, source.id AS source_id,
                       source.name AS source_name, e.campaign_id,
                       CASE WHEN e.campaign_id IS NULL THEN e.kind
                            ELSE 'accrual' END AS kind,
                       SUM(e.amount) AS amount
                  FROM source
                  JOIN groupbuy_commission_entry e ON e.settlement_id = source.id
                 GROUP BY 1, 2, 3, 4, 5
                HAVING SUM(e.amount) <> 0
                 ORDER BY 1, source.id = source.settlement_id DESC, 2, 4, 5
                """,
                self.ids,
            )
        )

    def action_open_bills(self):
        """Open the bills of the settlements.

        :return: an action dictionary
        :rtype: dict
        """
        self.check_access("read")
        bills = self.bill_id
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Bills of Leaders"),
            "res_model": "account.move",
            "context": {"create": False},
        }
        if len(bills) == 1:
            return action | {"res_id": bills.id, "views": [(False, "form")]}
        return action | {
            "domain": [("id", "in", bills.ids)],
            "views": [(False, "list"), (False, "form")],
        }

    def action_register_payment(self):
        """Pay the bills with Odoo's own wizard.

        :return: an action dictionary
        :rtype: dict
        """
        self._check_can(
            "group_settlement_user",
            ("billed",),
            self.env._("Only billed settlements can be paid."),
        )
        return self.bill_id.action_register_payment()

    # === REVERSAL === #

    def _reverse(self, reason):
        """Take settlements back: by reversing entries, never by deleting anything.

        The bill gets a credit note; the ledger gets entries that bring the settlement
        to zero, and others of the same sum that the next settlement takes. What had
        been brought forward waits to be brought forward again.

        :param str reason: Why.
        :raise UserError: Without a reason, or if money has been paid.
        """
        self._check_can(
            "group_settlement_approver",
            ("draft", "to_approve", "approved", "billed", "carried"),
            self.env._("This settlement has been reversed already."),
        )
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the settlement is taken back."))
        paid = self.filtered(
            lambda rec: (
                rec.bill_id
                and rec.bill_id.payment_state not in ("not_paid", "reversed")
            )
        )
        if paid:
            raise UserError(
                self.env._(
                    "%s has been paid, at least in part. Correct it with an adjustment,"
                    " which the next settlement takes.",
                    ", ".join(paid[:10].mapped("name")),
                )
            )
        if used := self.filtered("carried_into_id"):
            raise UserError(
                self.env._(
                    "%(name)s was brought forward into %(next)s. Reverse that one"
                    " first.",
                    name=used[0].name,
                    next=used[0].carried_into_id.name,
                )
            )
        self._reverse_bills()
        self._reverse_entries(reason.strip())
        settlements = self.sudo()
        settlements.carried_from_ids.write({"carried_into_id": False})
        settlements.write({"step": "reversed", "reversal_reason": reason.strip()})

    def _reverse_bills(self):
        """Credit the posted bills in full."""
        bills = self.bill_id.filtered(
            lambda bill: bill.state == "posted" and bill.payment_state == "not_paid"
        )
        if bills:
            bills._reverse_moves(
                [
                    {
                        "ref": self.env._("Reversal of %s", bill.ref),
                        "date": fields.Date.context_today(self),
                        "invoice_date": fields.Date.context_today(self),
                    }
                    for bill in bills
                ],
                cancel=True,
            )

    def _reverse_entries(self, reason):
        """Bring the settlements to zero in the ledger, and open the same sums again."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT e.settlement_id, e.leader_id, e.company_id, e.currency_id,
                       e.campaign_id, MAX(e.date)::text AS date,
                       SUM(e.amount)::text AS amount
                  FROM groupbuy_commission_entry e
                 WHERE e.settlement_id = ANY(%s)
                 GROUP BY 1, 2, 3, 4, 5
                """,
                self.ids,
            )
        )
        names = {settlement.id: settlement.name for settlement in self}
        vals_list = []
        for row in rows:
            settlement_id = row.pop("settlement_id")
            amount, date = row.pop("amount"), row.pop("date")
            key = f"{settlement_id}/{row['campaign_id'] or 'none'}"
            note = f"{names[settlement_id]}: {reason}"
            negated = amount[1:] if amount.startswith("-") else f"-{amount}"
            vals_list += [
                row
                | {
                    "key": f"reversal/{key}",
                    "kind": "reversal",
                    "amount": negated,
                    "settlement_id": settlement_id,
                    "note": note,
                },
                row
                | {
                    "key": f"reopened/{key}",
                    "kind": "reversal",
                    "amount": amount,
                    # As of then: the period can be settled anew with it.
                    "date": date,
                    "note": note,
                },
            ]
        self.env["groupbuy.commission.entry"].sudo()._post(vals_list)

    def _get_period_label(self):
        """Return the days of the settlement in the user's language."""
        self.ensure_one()
        first, last = (
            format_date(self.env, day) for day in (self.date_from, self.date_to)
        )
        return f"{first} – {last}"
