# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import binascii
import io
from collections import defaultdict

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..line_file import (
    COLUMN_OF,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MEASURE_OF,
    SCOPE_OF,
    normalize,
    parse_number,
    parse_tiers,
    read_rows,
)

# Problems beyond these are only counted: nobody reads a thousand of them.
MAX_PROBLEMS = 20
NUMBER_FIELDS = {
    "start_price": "start_price",
    "cap": "cap",
    "limit": "limit_per_resident",
    "min_per_order": "min_per_order",
    "min_quantity": "min_quantity",
    "case_size": "case_size",
}


class GroupBuyLineImport(models.TransientModel):
    """Lines of a campaign from a spreadsheet: all of them or none."""

    _name = "groupbuy.line.import"
    _description = "Import of Campaign Lines"

    campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign", required=True, ondelete="cascade"
    )
    file = fields.Binary(string="Spreadsheet", attachment=False)
    filename = fields.Char()

    # === ACTION METHODS === #

    def action_import(self):
        """Add a line to the campaign for each row of the file, or none.

        The products of all rows are looked up together, and the lines are created
        together: the number of queries does not grow with the number of rows.

        :return: an action that closes the dialog and tells how many were added
        :rtype: dict
        :raises UserError: one message with the numbers of the rows and what is wrong
            with them; nothing has been changed then
        """
        self.ensure_one()
        self.check_access("read")
        campaign = self.campaign_id
        campaign.check_access("write")
        if campaign.state not in ("draft", "scheduled"):
            raise UserError(
                self.env._(
                    "Lines can be imported until the campaign opens. “%s” has opened"
                    " already.",
                    campaign.name,
                )
            )
        vals_list = self._prepare_lines()
        self.env["groupbuy.campaign.line"].create(vals_list)
        campaign.message_post(
            body=self.env._(
                "%(count)s lines were imported from %(file)s.",
                count=len(vals_list),
                file=self.filename or self.env._("a spreadsheet"),
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s lines were imported.", len(vals_list)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_download_template(self):
        """Download a workbook with the columns, an example and their explanation.

        :return: an action dictionary
        :rtype: dict
        """
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": "/groupbuy/line_template.xlsx",
            "target": "download",
        }

    # === READING === #

    def _prepare_lines(self):
        """Read the file and return the values of its lines.

        :return: values for `groupbuy.campaign.line`, in the order of the file
        :rtype: list[dict]
        :raises UserError: when anything in the file is wrong
        """
        try:
            content = base64.b64decode(self.file or b"", validate=False)
        except binascii.Error:
            content = b""
        try:
            rows = read_rows(content, self.filename or "")
        except ValueError as error:
            raise UserError(self._get_file_message(str(error))) from None
        columns = self._get_columns(rows[0][1])
        if len(rows) == 1:
            raise UserError(self._get_file_message("empty"))
        if len(rows) - 1 > MAX_ROWS:
            raise UserError(self._get_file_message("rows"))
        problems = []
        parsed = []
        for number, row in rows[1:]:
            cells = {
                column: row[index] if index < len(row) else None
                for column, index in columns.items()
            }
            values, faults = self._read_cells(cells)
            problems += [(number, fault) for fault in faults]
            parsed.append((number, self._get_key(cells["product"]), values))
        problems += self._set_products(parsed)
        if problems:
            self._raise_problems(problems)
        return [values for _number, _key, values in parsed]

    def _get_columns(self, header):
        """Return which column stands where.

        :param list header: the cells of the first row
        :return: column name → index
        :rtype: dict[str, int]
        :raises UserError: when a needed column is missing or one is there twice
        """
        columns, unknown, twice = {}, [], []
        for index, cell in enumerate(header):
            name = normalize(cell)
            if not name:
                continue
            column = COLUMN_OF.get(name)
            if not column:
                unknown.append(str(cell))
            elif column in columns:
                twice.append(str(cell))
            else:
                columns[column] = index
        problems = []
        missing = [name for name in ("product", "start_price") if name not in columns]
        if missing:
            problems.append(
                self.env._("These columns are missing: %s.", ", ".join(missing))
            )
        if unknown:
            problems.append(
                self.env._("These columns are unknown: %s.", ", ".join(unknown[:20]))
            )
        if twice:
            problems.append(
                self.env._("These columns are there twice: %s.", ", ".join(twice[:20]))
            )
        if problems:
            problems.append(
                self.env._("Download the template to see the columns. Nothing changed.")
            )
            raise UserError("\n".join(problems))
        return columns

    def _read_cells(self, cells):
        """Read the cells of one row.

        :param dict cells: column name → cell
        :return: the values of the line without its product, and what is wrong
        :rtype: tuple[dict, list[str]]
        """
        faults = []
        values = {"campaign_id": self.campaign_id.id}
        for column, field in NUMBER_FIELDS.items():
            try:
                number = parse_number(cells.get(column))
            except ValueError as error:
                faults.append(self._get_number_fault(str(error), column, cells[column]))
                continue
            if number is not None:
                values[field] = number
        if "start_price" not in values and not faults:
            faults.append(self.env._("the start price is missing"))
        values.setdefault("start_price", 0.0)
        for column, words, field in (
            ("measure", MEASURE_OF, "tier_measure"),
            ("scope", SCOPE_OF, "tier_scope"),
        ):
            word = normalize(cells.get(column))
            if not word:
                continue
            if word in words:
                values[field] = words[word]
            else:
                faults.append(
                    self.env._(
                        "“%(value)s” is no %(column)s",
                        value=cells[column],
                        column=column,
                    )
                )
        tiers, fault = self._read_tiers(cells.get("tiers"), values["start_price"])
        if fault:
            faults.append(fault)
        elif tiers:
            values["tier_ids"] = [
                Command.create({"threshold": threshold, "price": price})
                for threshold, price in tiers
            ]
        highest = min(
            (
                quantity
                for quantity in (values.get("cap"), values.get("limit_per_resident"))
                if quantity
            ),
            default=0,
        )
        if highest and values.get("min_per_order", 0) > highest:
            faults.append(self.env._("the minimum per order is above the limit"))
        if values.get("cap") and values.get("min_quantity", 0) > values["cap"]:
            faults.append(self.env._("the minimum of the line is above its limit"))
        return values, faults

    def _read_tiers(self, cell, start_price):
        """Read the price ladder of a row.

        :param cell: the cell
        :param float start_price: the price that the first tier may not exceed
        :return: the tiers, and what is wrong with them or None
        :rtype: tuple[list, str | None]
        """
        try:
            tiers = parse_tiers(cell)
        except ValueError:
            return [], self.env._("“%s” is no price ladder like 10:9.50;50:8.90", cell)
        former = start_price
        for threshold, price in tiers:
            if price > former:
                return [], self.env._(
                    "the price from %(threshold)g on is higher than before it",
                    threshold=threshold,
                )
            former = price
        return tiers, None

    @api.model
    def _get_key(self, cell):
        """Return the code, barcode or name of a product as a text.

        A spreadsheet turns a code that looks like a number into one.
        """
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return str(cell).strip() if cell is not None else ""

    def _set_products(self, parsed):
        """Find the products of all rows and put them into their values.

        :param list parsed: (row number, code or name, values)
        :return: (row number, problem)
        :rtype: list[tuple[int, str]]
        """
        found = self._find_products({key for _number, key, _values in parsed if key})
        present = set(self.campaign_id.line_ids.product_id.ids)
        first_row = {}
        problems = []
        for number, key, values in parsed:
            if not key:
                problems.append((number, self.env._("the product is missing")))
                continue
            product_ids = found.get(key, ())
            if not product_ids:
                problems.append((number, self.env._("unknown product “%s”", key)))
            elif len(product_ids) > 1:
                problems.append(
                    (number, self.env._("several products are called “%s”", key))
                )
            elif product_ids[0] in first_row:
                problems.append(
                    (
                        number,
                        self.env._(
                            "“%(product)s” is already in row %(row)s",
                            product=key,
                            row=first_row[product_ids[0]],
                        ),
                    )
                )
            elif product_ids[0] in present:
                problems.append(
                    (number, self.env._("“%s” is already in the campaign", key))
                )
            else:
                values["product_id"] = product_ids[0]
                first_row[product_ids[0]] = number
        return problems

    def _find_products(self, keys):
        """Look up products by internal reference, else barcode, else exact name.

        One query for each of the three, and one more for each installed language of
        the names, whatever the number of keys.

        :param set[str] keys: what the file says
        :return: key → ids of the products found, several when it is ambiguous
        :rtype: dict[str, list[int]]
        """
        products = self.env["product.product"]
        base = [
            ("company_id", "in", (False, self.campaign_id.company_id.id)),
            ("sale_ok", "=", True),
            ("type", "=", "consu"),
        ]
        found = {}
        langs = {code for code, _name in self.env["res.lang"].get_installed()}
        lookups = [("default_code", None), ("barcode", None)]
        lookups += [("name", lang) for lang in sorted(langs)]
        by_name = defaultdict(set)
        for field, lang in lookups:
            missing = [key for key in keys if key not in found]
            if not missing:
                break
            if lang:
                products = products.with_context(lang=lang)
            records = products.search_fetch(base + [(field, "in", missing)], [field])
            hits = defaultdict(list)
            for product in records:
                hits[product[field]].append(product.id)
            if lang:
                for key, ids in hits.items():
                    by_name[key].update(ids)
            else:
                found.update(hits)
        for key, ids in by_name.items():
            found.setdefault(key, sorted(ids))
        return found

    # === MESSAGES === #

    def _get_file_message(self, code):
        """Return what is wrong with the file as a whole, in plain words."""
        return {
            "empty": self.env._("Choose a spreadsheet with at least one line."),
            "large_file": self.env._(
                "The file is larger than %s MB.", MAX_FILE_BYTES // 1024 // 1024
            ),
            "xls": self.env._("Save the old .xls file as .xlsx or .csv first."),
            "rows": self.env._("The file has more than %s lines. Split it.", MAX_ROWS),
        }.get(
            code,
            self.env._("This file cannot be read. Use an .xlsx or a .csv spreadsheet."),
        )

    def _get_number_fault(self, code, column, cell):
        """Return what is wrong with the number of a cell, in plain words."""
        if code == "negative":
            return self.env._(
                "%(column)s is negative: %(value)s", column=column, value=cell
            )
        if code == "large":
            return self.env._(
                "%(column)s is too large: %(value)s", column=column, value=cell
            )
        return self.env._(
            "%(column)s is no number: “%(value)s”", column=column, value=cell
        )

    def _raise_problems(self, problems):
        """Raise one message about all rows with problems.

        :param list problems: (row number, problem)
        :raises UserError: always
        """
        problems.sort(key=lambda problem: problem[0])
        lines = [
            self.env._("Row %(number)s: %(problem)s", number=number, problem=problem)
            for number, problem in problems[:MAX_PROBLEMS]
        ]
        if len(problems) > MAX_PROBLEMS:
            lines.append(
                self.env._("… and %s problems more.", len(problems) - MAX_PROBLEMS)
            )
        raise UserError(
            self.env._(
                "Nothing was imported, because of these rows:\n%s", "\n".join(lines)
            )
        )

    # === TEMPLATE === #

    @api.model
    def _render_template(self):
        """Return a workbook that shows how a file of lines looks.

        :rtype: bytes
        """
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer, {"in_memory": True})
        bold = book.add_format({"bold": True, "bg_color": "#E8F3EC", "border": 1})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(self.env._("Lines"))
        notes = book.add_worksheet(self.env._("Explanation"))
        notes.set_column(0, 0, 18)
        notes.set_column(1, 1, 90)
        for index, (column, example, note) in enumerate(self._get_template_columns()):
            sheet.write_string(0, index, column, bold)
            if isinstance(example, str):
                sheet.write_string(1, index, example)
            else:
                sheet.write_number(1, index, example)
            sheet.set_column(index, index, 18)
            notes.write_string(index, 0, column, bold)
            notes.write_string(index, 1, note, wrap)
        sheet.freeze_panes(1, 0)
        book.close()
        return buffer.getvalue()

    @api.model
    def _get_template_columns(self):
        """Return the columns of the template: name, example, explanation."""
        return [
            (
                "product",
                "APPLE-5KG",
                self.env._("Internal reference, barcode or exact name."),
            ),
            (
                "start_price",
                12.5,
                self.env._("Unit price without any tier, tax included."),
            ),
            (
                "tiers",
                "10:11.50;50:9.90",
                self.env._("From 10 on 11.50, from 50 on 9.90."),
            ),
            (
                "measure",
                "quantity",
                self.env._("The tiers count people, quantity or amount."),
            ),
            (
                "scope",
                "campaign",
                self.env._("Where they count it: campaign or group."),
            ),
            (
                "cap",
                200,
                self.env._("The most that can be sold; empty means no limit."),
            ),
            ("limit", 5, self.env._("The most that one resident can have.")),
            ("min_per_order", 1, self.env._("The least that one resident can order.")),
            (
                "min_quantity",
                20,
                self.env._("Below this total the line is dropped and refunded."),
            ),
            ("case_size", 10, self.env._("Units in a case of the supplier.")),
        ]
