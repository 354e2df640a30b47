# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import io
from collections import defaultdict

import xlsxwriter

from odoo import api, models
from odoo.tools import SQL, format_datetime

from ..models.groupbuy_commission_entry import KINDS

# A printed statement lists so many entries; the workbook lists all.
MAX_PRINTED = 500


class GroupBuyStatement(models.AbstractModel):
    """Statements of leaders (结算单明细) and the workbook of a period for finance.

    A document is plain data, from which the PDF and the workbook are made. Everything
    is read with the rights of who asks; names of what a leader may not open, such as
    an order, are read with elevated rights once the settlement itself was readable.
    No name of a resident appears.
    """

    _name = "groupbuy.statement"
    _description = "Statement of Commissions"

    # === STATEMENT OF A LEADER === #

    @api.model
    def _get_document(self, settlement):
        """Return the statement of a settlement as plain data.

        :param groupbuy.settlement settlement: The settlement; access is checked.
        :return: sums by campaign, entries, what was brought forward, totals.
        :rtype: dict
        """
        settlement.ensure_one()
        settlement.check_access("read")
        # Elevated: to name what a leader may not open; the settlement is checked.
        record = settlement.sudo()
        rows = [self._prepare_row(entry) for entry in record.entry_ids.sorted("id")]
        sums = defaultdict(float)
        for row in rows:
            sums[row["campaign"] or row["kind"]] += row["amount"]
        currency = record.currency_id
        return {
            "leader": record.partner_id.name,
            "company": record.company_id.name,
            "bill": record.bill_id.name,
            "rows": rows,
            "printed": rows[:MAX_PRINTED],
            "sums": [(name, currency.round(total)) for name, total in sums.items()],
            "carried": [
                (source.name, source.balance) for source in record.carried_from_ids
            ],
            "amount": record.amount,
            "amount_carried": record.amount_carried,
            "balance": record.balance,
            "tax": record.bill_id.amount_tax,
            "total": record.bill_id.amount_total if record.bill_id else record.balance,
            "residual": record.bill_id.amount_residual,
            "company_tz": record.company_id.partner_id.tz or "UTC",
        }

    @api.model
    def _prepare_row(self, entry):
        """Return what a statement says about a ledger entry."""
        kinds = dict(entry._fields["kind"]._description_selection(self.env))
        return {
            "date": entry.date,
            "kind": kinds[entry.kind],
            "campaign": entry.campaign_id.name or "",
            "order": entry.order_id.name or "",
            "product": entry.product_id.name or "",
            "quantity": entry.quantity,
            "base": entry.base,
            "rate": self._format_rate(entry),
            "amount": entry.amount,
            "reason": entry.note or entry.allowance_id.reference or "",
        }

    @api.model
    def _format_rate(self, entry):
        """Return the rate of an entry as it is read by people."""
        if not entry.order_line_id:
            return ""
        if entry.amount_type == "fixed":
            return self.env._("%(amount)g per unit", amount=entry.unit_amount)
        return f"{entry.percent:g} %"

    @api.model
    def _render_xlsx(self, settlement):
        """Return the statement of a settlement as a workbook.

        :param groupbuy.settlement settlement: The settlement; access is checked.
        :rtype: bytes
        """
        document = self._get_document(settlement)
        book = _Book(settlement.currency_id)
        sheet = book.add_sheet(self.env._("Statement"))
        sheet.write_line([settlement.name], "title")
        # Elevated: for names only; the document has checked the settlement.
        record = settlement.sudo()
        for label, text in (
            (self.env._("Leader"), record.partner_id.name),
            (self.env._("Period"), record._get_period_label()),
            (self.env._("Company"), record.company_id.name),
            (self.env._("Currency"), record.currency_id.name),
        ):
            sheet.write_line([label, text], "text")
        sheet.skip()
        sheet.write_line(
            [
                self.env._("Date"),
                self.env._("Kind"),
                self.env._("Campaign"),
                self.env._("Order"),
                self.env._("Product"),
                self.env._("Quantity"),
                self.env._("Base"),
                self.env._("Rate"),
                self.env._("Commission"),
                self.env._("Reason"),
            ],
            "head",
            widths=(18, 14, 28, 12, 28, 10, 12, 14, 14, 30),
        )
        first = sheet.row
        for row in document["rows"]:
            date = format_datetime(
                self.env, row["date"], tz=document["company_tz"], dt_format="short"
            )
            sheet.write_line([date, *list(row.values())[1:]], "row", money=(6, 8))
        total = f"=SUM(I{first + 1}:I{max(sheet.row, first + 1)})"
        sheet.write_total(self.env._("Earned"), 8, total, document["amount"])
        for label, amount in self._get_totals(record, document):
            sheet.write_total(label, 8, None, amount)
        return book.close()

    @api.model
    def _get_totals(self, settlement, document):
        """Return what stands below the entries: labels and amounts.

        :param groupbuy.settlement settlement: With elevated rights.
        :param dict document: Its statement.
        :rtype: list[tuple[str, float]]
        """
        totals = [
            (self.env._("Brought forward from %s", name), amount)
            for name, amount in document["carried"]
        ]
        totals.append((self.env._("Balance"), document["balance"]))
        if settlement.bill_id:
            totals.append((self.env._("Tax"), document["tax"]))
            totals.append((self.env._("Total"), document["total"]))
        return totals

    # === WORKBOOK OF A PERIOD === #

    @api.model
    def _render_period_xlsx(self, company, first, last):
        """Return the settlements that end in a period, beside their journal items.

        The sums of both are compared in the workbook itself; where they differ, the
        difference is shown, not hidden.

        :param res.company company: The company.
        :param date first: First day.
        :param date last: Last day.
        :rtype: bytes
        """
        settlements = self.env["groupbuy.settlement"].search(
            [
                ("company_id", "=", company.id),
                ("date_to", ">=", first),
                ("date_to", "<=", last),
            ],
            order="date_to, id",
        )
        items = self._read_journal_items(settlements)
        book = _Book(company.currency_id)
        self._write_settlements(book, settlements, items)
        self._write_items(book, items)
        self._write_sums(book, settlements)
        return book.close()

    @api.model
    def _read_journal_items(self, settlements):
        """Read the journal items of the bills and of their credit notes.

        :return: settlement_id, move, date, account, label, kind, debit, credit.
        :rtype: list[dict]
        """
        if not settlements:
            return []
        settlements.flush_recordset()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT s.id AS settlement_id, s.name AS settlement, m.name AS move,
                       m.id AS move_id, m.date, l.account_id, l.name AS label,
                       l.display_type AS kind, l.debit, l.credit
                  FROM groupbuy_settlement s
                  JOIN account_move m
                    ON m.id = s.bill_id OR m.reversed_entry_id = s.bill_id
                  JOIN account_move_line l ON l.move_id = m.id
                 WHERE s.id = ANY(%s) AND m.state = 'posted'
                   AND l.display_type IN ('product', 'tax', 'payment_term')
                 ORDER BY s.id, m.id, l.id
                """,
                settlements.ids,
            )
        )

    def _write_settlements(self, book, settlements, items):
        billed = defaultdict(float)
        for item in items:
            if item["kind"] == "product":
                billed[item["settlement_id"]] += item["debit"] - item["credit"]
        states = dict(settlements._fields["state"]._description_selection(self.env))
        sheet = book.add_sheet(self.env._("Settlements"))
        sheet.write_line(
            [
                self.env._("Number"),
                self.env._("Leader"),
                self.env._("From"),
                self.env._("To"),
                self.env._("Status"),
                self.env._("Entries"),
                self.env._("Earned"),
                self.env._("Brought Forward"),
                self.env._("Balance"),
                self.env._("Vendor Bill"),
                self.env._("Billed, Untaxed"),
                self.env._("Tax"),
                self.env._("Total"),
                self.env._("Still to Pay"),
            ],
            "head",
            widths=(20, 24, 12, 12, 16, 9, 14, 16, 14, 22, 16, 12, 14, 14),
        )
        first = sheet.row
        for rec in settlements:
            bill = rec.bill_id
            # A credit note takes back what the bill has charged.
            share = -1 if rec.step == "reversed" else 0
            sheet.write_line(
                [
                    rec.name,
                    rec.partner_id.name,
                    rec.date_from,
                    rec.date_to,
                    states[rec.state],
                    rec.entry_count,
                    rec.amount,
                    rec.amount_carried,
                    rec.balance,
                    bill.name or "",
                    billed.get(rec.id, 0.0),
                    0.0 if share else bill.amount_tax,
                    0.0 if share else bill.amount_total,
                    bill.amount_residual,
                ],
                "row",
                money=(6, 7, 8, 10, 11, 12, 13),
            )
        last = max(sheet.row, first + 1)
        totals = {6: rec_sum(settlements, "amount")}
        totals[10] = sum(billed.values())
        for column, value in totals.items():
            letter = "ABCDEFGHIJKLMN"[column]
            sheet.put(column, f"=SUM({letter}{first + 1}:{letter}{last})", value)
        sheet.label(self.env._("Total"))
        sheet.skip()
        journal = sum(
            item["debit"] - item["credit"]
            for item in items
            if item["kind"] == "product"
        )
        for label, value in (
            (
                self.env._("Billed by settlements in status billed or paid"),
                sum(rec.balance for rec in settlements if rec.step == "billed"),
            ),
            (self.env._("Expense according to the journal items"), journal),
        ):
            sheet.write_total(label, 10, None, value)
        sheet.write_total(
            self.env._("Difference"),
            10,
            f"=ROUND(K{sheet.row - 1}-K{sheet.row},2)",
            sum(rec.balance for rec in settlements if rec.step == "billed") - journal,
        )

    def _write_items(self, book, items):
        accounts = self.env["account.account"].browse(
            {item["account_id"] for item in items if item["account_id"]}
        )
        names = {account.id: account.display_name for account in accounts}
        sheet = book.add_sheet(self.env._("Journal Items"))
        sheet.write_line(
            [
                self.env._("Settlement"),
                self.env._("Journal Entry"),
                self.env._("Date"),
                self.env._("Account"),
                self.env._("Label"),
                self.env._("Debit"),
                self.env._("Credit"),
            ],
            "head",
            widths=(20, 24, 12, 34, 44, 14, 14),
        )
        first = sheet.row
        for item in items:
            sheet.write_line(
                [
                    item["settlement"],
                    item["move"],
                    item["date"],
                    names.get(item["account_id"], ""),
                    item["label"] or "",
                    item["debit"],
                    item["credit"],
                ],
                "row",
                money=(5, 6),
            )
        last = max(sheet.row, first + 1)
        for column, name in ((5, "debit"), (6, "credit")):
            letter = "ABCDEFG"[column]
            value = sum(item[name] for item in items)
            sheet.put(column, f"=SUM({letter}{first + 1}:{letter}{last})", value)
        sheet.label(self.env._("Total"))

    def _write_sums(self, book, settlements):
        """Write what the ledger says, by settlement, campaign and kind of entry."""
        groups = (
            self.env["groupbuy.commission.entry"]._read_group(
                [("settlement_id", "in", settlements.ids)],
                ["settlement_id", "campaign_id", "kind"],
                ["base:sum", "amount:sum"],
            )
            if settlements
            else []
        )
        kinds = dict(
            self.env["groupbuy.commission.entry"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        sheet = book.add_sheet(self.env._("Ledger"))
        sheet.write_line(
            [
                self.env._("Settlement"),
                self.env._("Leader"),
                self.env._("Campaign"),
                self.env._("Kind"),
                self.env._("Base"),
                self.env._("Commission"),
            ],
            "head",
            widths=(20, 24, 34, 14, 14, 14),
        )
        first = sheet.row
        order = {kind: number for number, (kind, _label) in enumerate(KINDS)}
        for settlement, campaign, kind, base, amount in sorted(
            groups, key=lambda row: (row[0].id, row[1].id, order[row[2]])
        ):
            sheet.write_line(
                [
                    settlement.name,
                    settlement.partner_id.name,
                    campaign.name or "",
                    kinds[kind],
                    base,
                    amount,
                ],
                "row",
                money=(4, 5),
            )
        last = max(sheet.row, first + 1)
        sheet.put(5, f"=SUM(F{first + 1}:F{last})", sum(row[4] for row in groups))
        sheet.label(self.env._("Total"))


def rec_sum(records, name):
    """Return the sum of a field over records."""
    return sum(records.mapped(name))


class _Book:
    """A workbook in memory, with the formats of a currency.

    :param res.currency currency: Whose digits amounts have.
    """

    def __init__(self, currency):
        self._buffer = io.BytesIO()
        self._book = xlsxwriter.Workbook(
            self._buffer, {"in_memory": True, "strings_to_formulas": False}
        )
        digits = currency.decimal_places
        money = "#,##0" + ("." + "0" * digits if digits else "")
        money = f"{money};[Red]-{money}"
        add = self._book.add_format
        self.formats = {
            "title": add({"bold": True, "font_size": 14}),
            "text": add({}),
            "row": add({}),
            "head": add({"bold": True, "bg_color": "#E8F3EC", "bottom": 1}),
            "date": add({"num_format": "yyyy-mm-dd", "align": "left"}),
            "money": add({"num_format": money}),
            "bold": add({"bold": True, "top": 1}),
            "total": add({"bold": True, "top": 1, "num_format": money}),
        }

    def add_sheet(self, title):
        """Return a new sheet."""
        return _Sheet(self._book.add_worksheet(title[:31]), self.formats)

    def close(self):
        """Return the workbook.

        :rtype: bytes
        """
        self._book.close()
        return self._buffer.getvalue()


class _Sheet:
    """A sheet that is written line by line."""

    def __init__(self, sheet, formats):
        self._sheet = sheet
        self._formats = formats
        self.row = 0

    def write_line(self, values, style, widths=(), money=()):
        """Write a line; text is never taken for a formula."""
        for column, value in enumerate(values):
            if column in money:
                self._sheet.write_number(
                    self.row, column, value, self._formats["money"]
                )
            elif hasattr(value, "isoformat"):
                self._sheet.write_datetime(
                    self.row, column, value, self._formats["date"]
                )
            elif isinstance(value, str):
                self._sheet.write_string(self.row, column, value, self._formats[style])
            else:
                self._sheet.write(self.row, column, value, self._formats[style])
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self.row += 1
        if style == "head":
            self._sheet.freeze_panes(self.row, 0)

    def put(self, column, formula, value):
        """Write a formula with its result into the line that is not ended yet."""
        self._sheet.write_formula(
            self.row, column, formula, self._formats["total"], value
        )

    def label(self, text):
        """End a line of sums with its label."""
        self._sheet.write_string(self.row, 0, text, self._formats["bold"])
        self.row += 1

    def write_total(self, label, column, formula, value):
        """Write a line with a label and one amount."""
        if formula:
            self.put(column, formula, value)
        else:
            self._sheet.write_number(self.row, column, value, self._formats["total"])
        self.label(label)

    def skip(self):
        """Leave a line empty."""
        self.row += 1
