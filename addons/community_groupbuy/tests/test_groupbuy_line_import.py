# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import io

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, new_test_user, tagged

from odoo.addons.community_groupbuy import line_file
from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestLineFile(BaseCase):
    def test_numbers_are_read_as_people_write_them(self):
        for text, number in (
            (12, 12.0),
            (9.5, 9.5),
            ("9.50", 9.5),
            ("¥1,234.50", 1234.5),
            ("９.５元", 9.5),
            ("  7 ", 7.0),
            ("", None),
            (None, None),
        ):
            self.assertEqual(line_file.parse_number(text), number, text)

    def test_what_is_no_price_is_refused(self):
        for text, code in (
            ("abc", "number"),
            ("nan", "number"),
            (float("nan"), "number"),
            ("inf", "number"),
            (float("inf"), "number"),
            (True, "number"),
            ("1,2,3", "number"),
            ("#DIV/0!", "number"),
            (-1, "negative"),
            ("-0.01", "negative"),
            (1e12, "large"),
        ):
            with self.assertRaises(ValueError, msg=text) as caught:
                line_file.parse_number(text)
            self.assertEqual(str(caught.exception), code, text)

    def test_tiers_are_read_in_any_order_and_separator(self):
        expected = [(10.0, 9.5), (50.0, 8.9)]
        for text in ("10:9.50;50:8.90", "50:8.9；10：9.5", "10=9.5|50=8.9"):
            self.assertEqual(line_file.parse_tiers(text), expected, text)
        # An empty cell of a spreadsheet, and one of a form.
        self.assertEqual(line_file.parse_tiers(None), [])
        self.assertEqual(line_file.parse_tiers(False), [])
        written = line_file.format_tiers(expected)
        self.assertEqual(line_file.parse_tiers(written), expected)

    def test_tiers_that_make_no_sense_are_refused(self):
        for text in ("10", "10:", "0:5", "10:9;10:8", "10:9:8", "a:b", "10:-1"):
            with self.assertRaises(ValueError, msg=text):
                line_file.parse_tiers(text)

    def test_text_files_are_read_in_the_usual_encodings(self):
        text = "商品,起始价\n苹果,12.5\n"
        for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
            rows = line_file.read_rows(text.encode(encoding))
            self.assertEqual(rows[1], (2, ["苹果", "12.5"]), encoding)

    def test_separator_is_found_although_tiers_hold_semicolons(self):
        for delimiter in (",", "\t", ";"):
            header = delimiter.join(("product", "start_price", "tiers"))
            cells = delimiter.join(("A1", "10", '"5:9;9:8;20:7;30:6"'))
            rows = line_file.read_rows(f"{header}\n{cells}\n".encode())
            self.assertEqual(rows[1][1], ["A1", "10", "5:9;9:8;20:7;30:6"])

    def test_files_that_cannot_be_read_are_named(self):
        for content, code in (
            (b"", "empty"),
            (b"\n\n , ,\n", "empty"),
            (b"PK\x03\x04broken", "unreadable"),
            (b"\xd0\xcf\x11\xe0 old excel", "xls"),
            (b"\x00\x01\x02\x03", "unreadable"),
            (b"x" * (line_file.MAX_FILE_BYTES + 1), "large_file"),
        ):
            with self.assertRaises(ValueError) as caught:
                line_file.read_rows(content)
            self.assertEqual(str(caught.exception), code)

    def test_too_many_rows_are_refused(self):
        content = b"product,start_price\n" + b"A,1\n" * (line_file.MAX_ROWS + 1)
        with self.assertRaises(ValueError) as caught:
            line_file.read_rows(content)
        self.assertEqual(str(caught.exception), "rows")


@tagged("post_install", "-at_install")
class TestGroupBuyLineImport(GroupBuyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls._create_campaign(state="draft")
        cls.tomato.write({"default_code": "TOM-1", "barcode": "6900000000017"})
        cls.egg.write({"default_code": "EGG-30"})
        cls.rice = cls._create_product("Rice 5 kg", default_code="0042")

    def _import(self, content, filename="lines.csv", user=None):
        """Import a file into the campaign as the user of the back office."""
        if isinstance(content, str):
            content = content.encode()
        wizard = (
            self.env["groupbuy.line.import"]
            .with_user(user or self.user)
            .create(
                {
                    "campaign_id": self.campaign.id,
                    "file": base64.b64encode(content),
                    "filename": filename,
                }
            )
        )
        return wizard.action_import()

    def _workbook(self, *rows):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def assertRefused(self, content, *words, filename="lines.csv"):
        """Assert that a file is refused with these words and changes nothing."""
        with self.assertRaises(UserError) as caught:
            self._import(content, filename)
        for word in words:
            self.assertIn(word, str(caught.exception))
        self.assertFalse(self.campaign.line_ids)

    def test_every_column_reaches_its_field(self):
        self._import(
            "product,start_price,tiers,measure,scope,cap,limit,min_per_order,"
            "min_quantity,case_size\n"
            "TOM-1,12.50,10:11.5;50:9.9,people,group,200,5,1,20,10\n"
        )
        line = self.campaign.line_ids
        self.assertRecordValues(
            line,
            [
                {
                    "product_id": self.tomato.id,
                    "start_price": 12.5,
                    "tier_measure": "people",
                    "tier_scope": "group",
                    "cap": 200.0,
                    "limit_per_resident": 5.0,
                    "min_per_order": 1.0,
                    "min_quantity": 20.0,
                    "case_size": 10.0,
                }
            ],
        )
        self.assertEqual(line._get_tiers(), [(10.0, 11.5), (50.0, 9.9)])

    def test_chinese_headers_and_words_are_understood(self):
        self._import(
            "商品,起始价,阶梯价,计量方式,范围,每人限购\n"
            "TOM-1,¥12.50,10：11.5；50：9.9,人数,整个活动,3\n".encode("gb18030")
        )
        line = self.campaign.line_ids
        self.assertEqual(line._get_tiers(), [(10.0, 11.5), (50.0, 9.9)])
        self.assertEqual(line.tier_measure, "people")
        self.assertEqual(line.limit_per_resident, 3)

    def test_product_is_found_by_code_barcode_or_exact_name(self):
        self._import(
            self._workbook(
                ["product", "start_price"],
                ["EGG-30", 9],
                [6900000000017, 10],
                ["Rice 5 kg", 30],
            ),
            "lines.xlsx",
        )
        self.assertEqual(
            self.campaign.line_ids.mapped("product_id"),
            self.egg + self.tomato + self.rice,
        )

    def test_missing_and_unknown_columns_are_named(self):
        self.assertRefused("name_of_it,cost\nTOM-1,5\n", "start_price", "name_of_it")
        self.assertRefused("product,price,单价\nTOM-1,5,5\n", "twice", "单价")

    def test_each_bad_row_is_named_with_its_number(self):
        self.assertRefused(
            "product,start_price,tiers,cap\n"
            "TOM-1,abc,,\n"
            "EGG-30,5,10:6,\n"
            "NOPE,5,,\n"
            "0042,nan,,\n"
            "0042,5,,-4\n"
            ",5,,\n",
            "Row 2",
            "abc",
            "Row 3",
            "higher",
            "Row 4",
            "NOPE",
            "Row 5",
            "nan",
            "Row 6",
            "negative",
            "Row 7",
        )

    def test_product_that_is_there_twice_is_refused(self):
        self.assertRefused(
            "product,start_price\nTOM-1,5\n6900000000017,6\n", "Row 3", "row 2"
        )

    def test_product_that_is_already_in_the_campaign_is_refused(self):
        self._create_line(self.campaign, self.tomato)
        with self.assertRaisesRegex(UserError, "Row 2: .*already in the campaign"):
            self._import("product,start_price\nTOM-1,5\n")
        self.assertEqual(len(self.campaign.line_ids), 1)

    def test_name_of_two_products_is_refused(self):
        self._create_product("Rice 5 kg")
        self.assertRefused("product,start_price\nRice 5 kg,5\n", "several products")

    def test_product_of_another_company_is_unknown(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._create_product("Foreign", default_code="FOR-1", company_id=company.id)
        self.assertRefused("product,start_price\nFOR-1,5\n", "unknown product")

    def test_limits_that_nobody_could_meet_are_refused(self):
        self.assertRefused(
            "product,start_price,cap,min_per_order,min_quantity\n"
            "TOM-1,5,10,11,\nEGG-30,5,10,,11\n",
            "Row 2",
            "Row 3",
        )

    def test_broken_workbook_and_empty_file_are_refused(self):
        self.assertRefused(b"PK\x03\x04no workbook", "cannot be read")
        self.assertRefused("product,start_price\n", "at least one line")
        self.assertRefused(b"", "at least one line")

    def test_long_list_of_problems_is_cut(self):
        rows = "".join(f"NOPE{number},5\n" for number in range(100))
        with self.assertRaises(UserError) as caught:
            self._import("product,start_price\n" + rows)
        self.assertIn("80 problems more", str(caught.exception))

    def test_open_campaign_takes_no_import(self):
        self._create_line(self.campaign, self.tomato)
        self.campaign.action_open_now()
        with self.assertRaisesRegex(UserError, "until the campaign opens"):
            self._import("product,start_price\nEGG-30,5\n")

    def test_stranger_cannot_import(self):
        stranger = new_test_user(self.env, login="stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._import("product,start_price\nTOM-1,5\n", user=stranger)

    def test_template_can_be_filled_in_and_imported(self):
        content = self.env["groupbuy.line.import"]._render_template()
        book = openpyxl.load_workbook(io.BytesIO(content))
        book.worksheets[0]["A2"] = "TOM-1"
        buffer = io.BytesIO()
        book.save(buffer)
        self._import(buffer.getvalue(), "lines.xlsx")
        self.assertEqual(self.campaign.line_ids.product_id, self.tomato)

    def test_lookups_do_not_grow_with_the_file(self):
        products = self.env["product.product"].create(
            [
                {"name": f"Item {number}", "default_code": f"IT-{number}"}
                for number in range(300)
            ]
        )

        def count_queries(number):
            wizard = self.env["groupbuy.line.import"].create(
                {
                    "campaign_id": self.campaign.id,
                    "file": base64.b64encode(
                        (
                            "product,start_price,tiers\n"
                            + "".join(f"IT-{i},10,5:9;10:8\n" for i in range(number))
                        ).encode()
                    ),
                }
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines = wizard._prepare_lines()
            return self.env.cr.sql_log_count - before, lines

        small, _lines = count_queries(10)
        large, lines = count_queries(300)
        self.assertEqual(large, small)
        self.assertEqual([values["product_id"] for values in lines], products.ids)
