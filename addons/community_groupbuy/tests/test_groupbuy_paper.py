# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import io

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.community_groupbuy.report.groupbuy_paper import KINDS
from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


class PaperCommon(GroupBuyCommon):
    def _create_closed_campaign(self):
        """Return a campaign of two products, two points and three orders."""
        campaign = self._create_campaign(
            lines=[
                {"product": self.tomato, "case_size": 6},
                {"product": self.egg, "start_price": 20.0},
            ]
        )
        tomato, egg = campaign.line_ids
        self.orders = self._join(campaign, self.resident, {tomato: 2, egg: 1})
        self.orders |= self._join(campaign, self.neighbour, {tomato: 3})
        self.orders |= self._join(
            campaign, self.third, {tomato: 4, egg: 5}, point=self.other_point
        )
        self._close(campaign)
        return campaign

    def _get_rows(self, campaign, kind, points=None):
        return self.env["groupbuy.paper"]._get_document(campaign, kind, points)


@tagged("post_install", "-at_install")
class TestGroupBuyPaper(PaperCommon):
    def setUp(self):
        super().setUp()
        self.campaign = self._create_closed_campaign()
        self.papers = self.env["groupbuy.paper"]

    def _get_quantities(self, section):
        return {row["product"]: row["quantity"] for row in section["rows"]}

    def test_picking_list_adds_up_products_across_points(self):
        document = self._get_rows(self.campaign, "pick_by_product")
        (section,) = document["sections"]
        self.assertEqual(self._get_quantities(section), {"Tomatoes": 9.0, "Eggs": 6.0})
        tomato = next(r for r in section["rows"] if r["product"] == "Tomatoes")
        self.assertEqual(tomato[f"point_{self.point.id}"], 5.0)
        self.assertEqual(tomato[f"point_{self.other_point.id}"], 4.0)
        self.assertEqual(section["totals"]["quantity"], 15.0)

    def test_delivery_notes_have_a_section_for_each_point(self):
        document = self._get_rows(self.campaign, "by_point")
        self.assertEqual(
            [self._get_quantities(section) for section in document["sections"]],
            [{"Tomatoes": 5.0, "Eggs": 1.0}, {"Tomatoes": 4.0, "Eggs": 5.0}],
        )

    def test_hand_out_list_names_each_resident_once_with_a_label(self):
        document = self._get_rows(self.campaign, "by_resident")
        first, second = document["sections"]
        self.assertEqual(
            [row["resident"] for row in first["rows"] if row["first"]],
            [self.resident.name, self.neighbour.name],
        )
        self.assertEqual(second["totals"]["quantity"], 9.0)
        self.assertEqual(len(document["labels"]), 3)
        self.assertEqual(
            [(line[0], line[1]) for line in document["labels"][0]["lines"]],
            [("Tomatoes", 2.0), ("Eggs", 1.0)],
        )

    def test_urgent_orders_are_handed_out_first(self):
        self.orders[1].groupbuy_priority = "2"
        document = self._get_rows(self.campaign, "by_resident")
        self.assertEqual(document["sections"][0]["rows"][0]["resident"], "Resident 2")
        self.assertTrue(document["labels"][0]["urgent"])

    def test_buying_list_shows_whole_cases_and_what_is_left_over(self):
        document = self._get_rows(self.campaign, "buy_by_supplier")
        (section,) = document["sections"]
        self.assertEqual(section["title"], self.supplier.name)
        rows = {row["product"]: row for row in section["rows"]}
        self.assertEqual(rows["Tomatoes"]["ordered"], 9.0)
        self.assertEqual(rows["Tomatoes"]["quantity"], 12.0)
        self.assertEqual(rows["Tomatoes"]["rest"], 3.0)
        self.assertEqual(rows["Eggs"]["rest"], 0.0)
        self.assertEqual(section["totals"]["amount"], 12 * 4.0 + 6 * 8.0)

    def test_paper_of_one_point_is_checked_against_the_orders_of_that_point(self):
        document = self._get_rows(self.campaign, "by_point", self.other_point)
        (section,) = document["sections"]
        self.assertEqual(self._get_quantities(section), {"Tomatoes": 4.0, "Eggs": 5.0})

    def test_paper_that_differs_from_the_orders_is_refused(self):
        move = self.campaign.picking_ids.move_ids.filtered(
            lambda m: (
                m.picking_id.groupbuy_role == "to_point" and m.product_id == self.tomato
            )
        )[:1]
        move.product_uom_qty -= 1
        for kind in ("pick_by_product", "by_point"):
            with self.assertRaises(UserError) as caught:
                self._get_rows(self.campaign, kind)
            self.assertIn("Tomatoes: ordered 9, on the paper 8", str(caught.exception))
            self.assertNotIn("Eggs", str(caught.exception))
        # The residents' transfers are untouched.
        self.assertTrue(self._get_rows(self.campaign, "by_resident"))

    def test_hand_out_list_without_a_cancelled_transfer_is_refused(self):
        self.orders[0].groupbuy_picking_ids.action_cancel()
        with self.assertRaisesRegex(UserError, "Eggs: ordered 6, on the paper 5"):
            self._get_rows(self.campaign, "by_resident")

    def test_buying_list_that_buys_too_little_is_refused(self):
        line = self.campaign.purchase_order_ids.order_line.filtered(
            lambda pol: pol.product_id == self.egg
        )
        line.product_qty = 5
        with self.assertRaisesRegex(UserError, "Eggs: ordered 6, on the paper 5"):
            self._get_rows(self.campaign, "buy_by_supplier")

    def test_campaign_without_orders_prints_nothing(self):
        empty = self._create_campaign(state="draft")
        for kind in KINDS:
            with self.assertRaisesRegex(UserError, "nothing to print"):
                self._get_rows(empty, kind)

    def test_papers_still_agree_after_everything_was_handed_out(self):
        self._receive(self.campaign)
        self._hand_out(self.orders)
        for kind in KINDS:
            self.assertTrue(self._get_rows(self.campaign, kind)["sections"], kind)

    def test_rest_of_a_transfer_stays_on_the_papers(self):
        self.campaign.purchase_order_ids.button_confirm()
        for picking in self.campaign.purchase_order_ids.picking_ids:
            self._validate(picking)
        picking = self.campaign.picking_ids.filtered(
            lambda p: (
                p.groupbuy_role == "to_point" and p.groupbuy_point_id == self.point
            )
        )
        picking.action_assign()
        for move in picking.move_ids:
            move.write({"quantity": 1.0, "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        self.assertTrue(picking.backorder_ids)
        self.assertEqual(picking.backorder_ids.groupbuy_campaign_id, self.campaign)
        document = self._get_rows(self.campaign, "by_point", self.point)
        self.assertEqual(document["sections"][0]["totals"]["quantity"], 6.0)
        # Making the transfers equal to the orders again adds nothing.
        self.campaign._sync_supply()
        self.assertTrue(self._get_rows(self.campaign, "by_point"))

    def test_workbook_holds_the_same_quantities(self):
        for kind in KINDS:
            content = self.papers._render_xlsx(self.campaign, kind)
            book = openpyxl.load_workbook(io.BytesIO(content))
            document = self._get_rows(self.campaign, kind)
            key = next(
                index
                for index, column in enumerate(document["columns"])
                if column[0] == "quantity"
            )
            for sheet, section in zip(
                book.worksheets, document["sections"], strict=False
            ):
                values = [row[key] for row in sheet.iter_rows(values_only=True)]
                self.assertEqual(values[-1], section["totals"]["quantity"], kind)
                self.assertEqual(
                    values[-len(section["rows"]) - 1 : -1],
                    [row["quantity"] for row in section["rows"]],
                )

    def test_formula_in_a_name_stays_a_text(self):
        self.tomato.name = "=1+1"
        content = self.papers._render_xlsx(self.campaign, "pick_by_product")
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [
            cell
            for row in book.active.iter_rows()
            for cell in row
            if cell.value == "=1+1"
        ]
        self.assertEqual([cell.data_type for cell in cells], ["s"])

    def test_sheet_names_are_allowed_and_different(self):
        self.point.name = "North/Gate: [the very long name of a pickup point]"
        self.other_point.name = "North/Gate: [the very long name of another point]"
        content = self.papers._render_xlsx(self.campaign, "by_point")
        names = openpyxl.load_workbook(io.BytesIO(content)).sheetnames
        self.assertEqual(len(set(names)), 2)

    def test_queries_do_not_grow_with_the_orders(self):
        def count_queries(campaign):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._get_rows(campaign, "by_resident")
            return self.env.cr.sql_log_count - before

        count_queries(self.campaign)
        small = count_queries(self.campaign)
        larger = self._create_campaign()
        for resident in self._create_residents(12):
            self._join(larger, resident)
        self._close(larger)
        self.assertLessEqual(count_queries(larger), small)

    def test_pdf_template_shows_every_row(self):
        for kind in KINDS:
            html = str(
                self.env["ir.actions.report"]._render_qweb_html(
                    f"community_groupbuy.action_report_paper_{kind}", self.campaign.ids
                )[0],
                "utf-8",
            )
            self.assertIn("Tomatoes", html)
            self.assertIn("Eggs", html)
            if kind == "by_resident":
                self.assertEqual(html.count('class="o_paper_label"'), 3)
                self.assertIn(self.third.name, html)

    def test_dialog_refuses_a_wrong_paper_before_the_download(self):
        wizard = (
            self.env["groupbuy.paper.wizard"]
            .with_user(self.user)
            .create({"campaign_id": self.campaign.id, "file_type": "xlsx"})
        )
        action = wizard.action_print()
        self.assertEqual(
            action["url"], f"/groupbuy/paper/{self.campaign.id}/pick_by_product.xlsx"
        )
        wizard.point_ids = self.point
        self.assertIn(f"points={self.point.id}", wizard.action_print()["url"])
        wizard.write({"file_type": "pdf", "point_ids": [(5, 0, 0)]})
        self.assertEqual(wizard.action_print()["type"], "ir.actions.report")
        self.orders[0].groupbuy_picking_ids.action_cancel()
        wizard.kind = "by_resident"
        with self.assertRaises(UserError):
            wizard.action_print()

    def test_stranger_gets_no_paper(self):
        stranger = new_test_user(self.env, login="stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.papers.with_user(stranger)._get_document(
                self.campaign.with_user(stranger), "by_resident"
            )

    def test_unknown_paper_is_refused(self):
        with self.assertRaises(UserError):
            self._get_rows(self.campaign, "raise_")


@tagged("post_install", "-at_install")
class TestGroupBuyPaperDownload(PaperCommon, HttpCase):
    def test_staff_download_a_paper_and_others_find_nothing(self):
        campaign = self._create_closed_campaign()
        url = f"/groupbuy/paper/{campaign.id}/by_resident.xlsx"
        new_test_user(
            self.env,
            login="portal_user",
            groups="base.group_portal",
            password="portal_user",
        )
        self.user.password = "groupbuy_user"
        self.env.flush_all()

        self.authenticate("portal_user", "portal_user")
        self.assertEqual(self.url_open(url).status_code, 404)
        self.assertEqual(self.url_open("/groupbuy/line_template.xlsx").status_code, 404)

        self.authenticate("groupbuy_user", "groupbuy_user")
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        self.assertEqual(len(book.sheetnames), 3)
        one = self.url_open(f"{url}?points={self.point.id}")
        book = openpyxl.load_workbook(io.BytesIO(one.content))
        self.assertEqual(len(book.sheetnames), 2)
        for bad in (
            f"{url}?points=999999",
            f"{url}?points=x",
            f"/groupbuy/paper/{campaign.id}/nothing.xlsx",
            "/groupbuy/paper/99999999/by_resident.xlsx",
        ):
            self.assertEqual(self.url_open(bad).status_code, 404, bad)
        template = self.url_open("/groupbuy/line_template.xlsx")
        self.assertTrue(openpyxl.load_workbook(io.BytesIO(template.content)))

        self.orders[0].groupbuy_picking_ids.action_cancel()
        self.env.flush_all()
        refused = self.url_open(url)
        self.assertEqual(refused.status_code, 409)
        self.assertIn("Tomatoes", refused.text)
