# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from base64 import b64encode
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .case_common import CaseCommon, make_photo


@tagged("post_install", "-at_install")
class TestCaseOpening(CaseCommon):
    def test_a_resident_s_report_goes_to_the_leader_with_a_deadline(self):
        order = self._order()
        with freeze_time("2027-01-05 08:00:00"):
            case = self._report(order, photos=[("bad.jpg", make_photo())])
        self.assertRegex(case.name, r"^CASE/\d{4}/\d{5}$")
        self.assertEqual(case.state, "leader")
        self.assertEqual(
            case.deadline, fields.Datetime.to_datetime("2027-01-05 20:00:00")
        )
        self.assertEqual(case.partner_id, self.anna)
        self.assertEqual(case.point_id, self.point)
        self.assertEqual(case.campaign_id, order.groupbuy_campaign_id)
        self.assertEqual(case.borne_by, "supplier")
        self.assertEqual(case.supplier_id, self.supplier)
        self.assertEqual(case.line_ids.quantity, 1)
        self.assertEqual(case.line_ids.collected_quantity, 1)
        self.assertEqual(len(case.evidence_ids), 1)
        self.assertIn(self.anna, case.message_partner_ids)
        self.assertIn("It is bad", case._get_conversation().body)

    def test_without_a_leader_it_goes_to_the_owner_in_the_back_office(self):
        self.point.manager_user_ids = False
        case_type = self.env["groupbuy.case.type"]._get("quality")
        case_type.user_id = self.user
        case = self._report(self._order())
        self.assertEqual((case.state, case.user_id), ("staff", self.user))

    def test_a_reference_opens_one_case(self):
        order = self._order()
        cases = [
            self.Case._open(
                "conflict", order=order, reference="conflict/abc", description=text
            )
            for text in ("first", "second")
        ]
        self.assertEqual(cases[0], cases[1])
        self.assertEqual(cases[0].description, "first")

    def test_other_parts_open_cases_about_many_residents(self):
        campaign = self._create_arriving((2, 1))
        transfer = self._get_transfer(campaign)
        lines = campaign.order_ids.order_line.filtered("groupbuy_line_id")
        attachment = self.env["ir.attachment"].create(
            {"name": "crate.jpg", "raw": make_photo()}
        )
        case = self.Case._open(
            "shortage",
            picking=transfer,
            lines=[
                {"order_line": ln, "product": ln.product_id, "quantity": 1}
                for ln in lines
            ],
            responsible="carrier",
            attachments=attachment,
            reference="receipt/1/2",
        )
        self.assertEqual(case.state, "staff")
        self.assertEqual(case.point_id, self.point)
        self.assertEqual(case.campaign_id, campaign)
        self.assertFalse(case.partner_id)
        self.assertEqual(case.borne_by, "carrier")
        self.assertEqual(case.evidence_ids, attachment)

    def test_more_than_was_ordered_is_refused(self):
        order = self._order()
        for quantity in (0, -1, 4):
            with self.assertRaises(UserError):
                self._report(order, quantity=quantity)
        self._report(order, quantity=2)
        with self.assertRaisesRegex(UserError, "at most 1"):
            self._report(order, quantity=2)
        self.assertEqual(len(order.groupbuy_case_ids), 1)

    def test_what_makes_no_sense_is_refused(self):
        order = self._order()
        line = self._line(order)
        other = self._order(campaign=self._create_campaign())
        waiting = self._join(self._create_campaign(), self.anna)
        for args in (
            (order, "conflict", {line.id: 1}, "x", ()),
            (order, "nonsense", {line.id: 1}, "x", ()),
            (order, "quality", {}, "x", ()),
            (order, "quality", {line.id: 1}, "   ", ()),
            (order, "quality", {self._line(other).id: 1}, "x", ()),
            (waiting, "quality", {self._line(waiting).id: 1}, "x", ()),
        ):
            with self.assertRaises(UserError, msg=args[1:4]):
                self.Case._open_by_resident(*args)
        self.assertFalse(self.Case.search([("order_id", "in", (order | other).ids)]))

    def test_an_unknown_type_is_said(self):
        with self.assertRaisesRegex(UserError, "no type of case"):
            self.Case._open("nonsense", point=self.point)

    def test_lines_belong_to_the_order_and_the_campaign(self):
        order = self._order()
        other = self._order(campaign=self._create_campaign())
        for values in (
            {"order": order},
            {"campaign": order.groupbuy_campaign_id},
        ):
            with self.assertRaises(ValidationError):
                self.Case._open(
                    "quality",
                    lines=[
                        {
                            "order_line": self._line(other),
                            "product": self.tomato,
                            "quantity": 1,
                        }
                    ],
                    **values,
                )


@tagged("post_install", "-at_install")
class TestCaseBlocking(CaseCommon):
    def test_an_open_case_blocks_the_quantity_it_is_about(self):
        order = self._order(collected=False)
        picking = order.groupbuy_picking_ids
        self.assertEqual(picking._groupbuy_get_blocked_quantities(), {})
        case = self._report(order, quantity=2)
        self.assertEqual(
            picking._groupbuy_get_blocked_quantities(), {picking.move_ids.id: 2.0}
        )
        case._close("Settled")
        self.assertEqual(picking._groupbuy_get_blocked_quantities(), {})

    def test_a_case_about_what_was_collected_does_not_block_the_rest(self):
        order = self._order(collected=False)
        picking = order.groupbuy_picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        rest = order.groupbuy_picking_ids - picking
        self._report(order, quantity=1)
        self.assertEqual(rest._groupbuy_get_blocked_quantities(), {})
        self._report(order, quantity=2)
        # One of the two was never collected.
        self.assertEqual(
            rest._groupbuy_get_blocked_quantities(), {rest.move_ids.id: 1.0}
        )

    def test_goods_of_an_open_case_are_not_handed_out(self):
        order = self._order(collected=False)
        picking = order.groupbuy_picking_ids
        verification = self.env["groupbuy.verification"].with_user(self.point_manager)
        case = self._report(order, quantity=2)

        def verify(quantity, key):
            return verification._verify(
                self.point,
                picking,
                method="list",
                request_key=key,
                quantities={picking.move_ids[:1].id: quantity},
            )

        self.assertEqual(verify(2, "request-for-two")["refusal"], "case_open")
        self.assertEqual(self._line(order).qty_delivered, 0)
        self.assertEqual(verify(1, "request-for-one")["status"], "verified")
        case._withdraw()
        rest = order.groupbuy_picking_ids - picking
        answer = verification._verify(
            self.point, rest, method="list", request_key="request-for-the-rest"
        )
        self.assertEqual(answer["status"], "verified")
        self.assertEqual(self._line(order).qty_delivered, 3)

    def test_every_type_about_goods_blocks_them(self):
        order = self._order(collected=False)
        picking = order.groupbuy_picking_ids
        for case_type in self.env["groupbuy.case.type"].search(
            [("is_for_residents", "=", True)]
        ):
            case = self._report(order, case_type.code, quantity=2)
            blocked = picking._groupbuy_get_blocked_quantities()
            # Who complains of the delay or the service still wants the goods.
            expected = (
                {}
                if case_type.code in ("late", "complaint")
                else {picking.move_ids.id: 2.0}
            )
            self.assertEqual(blocked, expected, case_type.code)
            case._withdraw()

    def test_types_that_do_not_block_do_not(self):
        order = self._order(collected=False)
        self._report(order, "late", quantity=2)
        self.assertEqual(
            order.groupbuy_picking_ids._groupbuy_get_blocked_quantities(), {}
        )

    def test_a_case_about_a_transfer_blocks_all_of_it(self):
        order = self._order(collected=False)
        picking = order.groupbuy_picking_ids
        self.Case._open("wrong_address", picking=picking)
        self.assertEqual(
            picking._groupbuy_get_blocked_quantities(), {picking.move_ids.id: 3.0}
        )

    def test_the_question_costs_the_same_for_many_transfers(self):
        campaign = self._create_campaign()
        residents = self._create_residents(6)
        orders = self.env["sale.order"]
        for resident in residents:
            orders |= self._join(campaign, resident)
        self._close(campaign)
        for order in orders:
            self._report(order)
        pickings = orders.groupbuy_picking_ids
        counts = []
        for some in (pickings[:2], pickings):
            self.env.flush_all()
            self.env.invalidate_all()
            some.move_ids.sale_line_id.mapped("product_uom_id.factor")
            some.move_ids.mapped("product_uom.factor")
            before = self.env.cr.sql_log_count
            self.assertEqual(len(some._groupbuy_get_blocked_quantities()), len(some))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 4)


@tagged("post_install", "-at_install")
class TestCaseDeadline(CaseCommon):
    def _run_cron(self):
        self.env.flush_all()
        self.env.ref(
            "groupbuy_verification.ir_cron_escalate_cases"
        ).method_direct_trigger()
        self.env.invalidate_all()

    def test_what_the_leader_does_not_answer_goes_to_staff_then_to_an_alert(self):
        self.company.groupbuy_alert_user_id = self.manager
        self.env["groupbuy.case.type"]._get("quality").user_id = self.user
        case = self._report(self._order())
        start = fields.Datetime.now()
        self._run_cron()
        self.assertEqual(case.state, "leader")
        with freeze_time(start + timedelta(hours=13)):
            self._run_cron()
            self.assertEqual(case.state, "staff")
            activity = case.activity_ids
            self.assertEqual((case.user_id, activity.user_id), (self.user, self.user))
            self.assertEqual(activity.summary, "The leader has not answered")
            self.assertIn(case.name, activity.note)
            self.assertGreater(case.deadline, start + timedelta(hours=60))
            self._run_cron()
            self.assertFalse(case.is_alerted)
            self.assertEqual(case.activity_ids, activity)
        with freeze_time(start + timedelta(hours=62)):
            self._run_cron()
            self._run_cron()
            self.assertEqual(case.state, "staff")
            alert = case.activity_ids - activity
            self.assertEqual(len(alert), 1)
            self.assertEqual(alert.user_id, self.manager)
            self.assertTrue(case.is_overdue)
        self.assertIn(case, self.Case.search([("is_overdue", "=", False)]))
        case._decide("reject", level="staff", note="It was fine")
        self.assertFalse(case.activity_ids)

    def test_there_is_an_owner_even_if_the_type_names_none(self):
        order = self._order()
        case_type = self.env["groupbuy.case.type"]._get("complaint")
        order.groupbuy_campaign_id.user_id = self.manager
        admin = self.env.ref("base.user_admin")
        admin.company_ids |= self.company
        self.company.groupbuy_alert_user_id = admin

        def open_case():
            return self.Case._open("complaint", order=order).user_id

        case_type.user_id = self.user
        self.assertEqual(open_case(), self.user)
        # An owner who does not work for the company cannot decide.
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.assertEqual(open_case(), self.manager)
        case_type.user_id = False
        order.groupbuy_campaign_id.user_id = False
        self.assertEqual(open_case(), admin)

    def test_goods_that_do_not_come_back_raise_an_alert_once(self):
        self.company.groupbuy_alert_user_id = self.manager
        self.env["groupbuy.case.type"]._get("return").return_days = 3
        case = self._report(self._order(), "return")
        start = fields.Datetime.now()
        case._decide("return", level="staff")
        self._run_cron()
        self.assertFalse(case.activity_ids)
        with freeze_time(start + timedelta(days=4)):
            self._run_cron()
            self._run_cron()
            self.assertEqual(case.state, "returning")
            self.assertTrue(case.is_overdue)
            self.assertIn(case, self.Case.search([("is_overdue", "=", True)]))
            self.assertEqual(len(case.activity_ids), 1)
            self.assertEqual(case.activity_ids.summary, "Goods have not come back")
            case._receive_returns()
        self.assertEqual((case.state, case.deadline), ("resolved", False))
        self.assertFalse(case.activity_ids)

    def test_decided_cases_are_left_alone(self):
        case = self._report(self._order())
        case._decide("reject", level="staff", note="It was fine")
        with freeze_time(fields.Datetime.now() + timedelta(days=30)):
            self._run_cron()
        self.assertEqual(case.state, "rejected")
        self.assertFalse(case.activity_ids)

    def test_many_overdue_cases_do_not_cost_queries_each(self):
        order = self._order(quantity=9)
        for number in range(9):
            self.Case._open(
                "conflict",
                order=order,
                reference=f"conflict/{number}",
            )
        self.env.flush_all()
        with freeze_time(fields.Datetime.now() + timedelta(days=30)):
            self._run_cron()
        cases = self.Case.search([("reference", "like", "conflict/")])
        self.assertEqual(set(cases.mapped("is_alerted")), {True})
        self.assertEqual({len(case.activity_ids) for case in cases}, {1})


@tagged("post_install", "-at_install")
class TestCaseAccess(CaseCommon):
    def test_state_and_outcome_cannot_be_written_by_hand(self):
        case = self._report(self._order()).with_user(self.manager)
        for values in (
            {"state": "resolved"},
            {"outcome": "refund", "amount": 100.0},
            {"deadline": False},
            {"decided_by_id": self.manager.id},
            {"reference": "x"},
        ):
            with self.assertRaises(UserError):
                case.write(values)
        with self.assertRaises(UserError):
            self.Case.with_user(self.manager).create(
                {"type_id": case.type_id.id, "state": "resolved"}
            )
        with self.assertRaises(UserError):
            case.unlink()
        self.assertEqual(case.state, "leader")

    def test_what_a_case_is_about_stays_once_it_was_started(self):
        order = self._order()
        other = self._order(campaign=self._create_campaign())
        case = self._report(order).with_user(self.manager)
        for values in (
            {"order_id": other.id},
            {"partner_id": self.neighbour.id},
            {"point_id": self.other_point.id},
            {"currency_id": self.env.ref("base.JPY").id},
        ):
            with self.assertRaises(UserError):
                case.write(values)
        case.write({"borne_by": "warehouse", "user_id": self.user.id})
        case.sudo()._decide("refund", level="staff")
        for values in ({"borne_by": "leader"}, {"type_id": case.type_id.id}):
            with self.assertRaises(UserError):
                case.write(values)
        self.assertEqual((case.order_id, case.borne_by), (order, "warehouse"))

    def test_residents_and_leaders_have_no_right_on_the_models(self):
        case = self._report(self._order())
        for user in (self.resident_user, self.point_manager):
            for model in (
                "groupbuy.case",
                "groupbuy.case.line",
                "groupbuy.case.type",
                "groupbuy.case.decide",
                "groupbuy.review",
                "groupbuy.review.line",
                "groupbuy.return.report",
                "groupbuy.survey.report",
            ):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                case.with_user(user).read(["name"])
            for method in ("action_start", "action_close", "action_goods_back"):
                with self.assertRaises(AccessError):
                    getattr(case.with_user(user), method)()

    def test_users_of_another_company_do_not_see_it(self):
        case = self._report(self._order())
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.assertFalse(self.Case.with_user(self.user).search([("id", "=", case.id)]))

    def test_types_are_changed_by_managers_and_kept(self):
        case_type = self.env["groupbuy.case.type"]._get("quality")
        case_type.with_user(self.manager).leader_hours = 3
        with self.assertRaises(AccessError):
            case_type.with_user(self.user).leader_hours = 4
        with self.assertRaises(UserError):
            case_type.with_user(self.manager).unlink()
        self.assertEqual(case_type.leader_hours, 3)

    def test_staff_open_a_case_in_the_back_office(self):
        order = self._order()
        line = self._line(order)
        case = self.Case.with_user(self.user).create(
            {
                "type_id": self.env["groupbuy.case.type"]._get("damage").id,
                "order_id": order.id,
                "line_ids": [Command.create({"order_line_id": line.id})],
            }
        )
        self.assertEqual((case.state, case.partner_id), ("new", self.anna))
        case.action_start()
        self.assertEqual(case.state, "leader")
        self.assertEqual(case.supplier_id, self.supplier)
        case.action_take_over()
        self.assertEqual((case.state, case.user_id), ("staff", self.user))
        with self.assertRaises(UserError):
            case.action_start()
        case.action_close()
        self.assertEqual(case.state, "closed")
        with self.assertRaises(ValidationError):
            case.line_ids.quantity = 2
        with self.assertRaises(UserError):
            case.action_close()

    def test_smart_buttons_count_what_they_open(self):
        order = self._order()
        case = self._report(order)
        for record in (
            order,
            order.groupbuy_campaign_id,
            order.groupbuy_point_id,
        ):
            record = record.with_user(self.user)
            name = (
                "action_view_groupbuy_cases"
                if record._name == "sale.order"
                else "action_view_cases"
            )
            action = getattr(record, name)()
            self.assertEqual(self.Case.search(action["domain"]), case)
        self.assertEqual(order.groupbuy_case_count, 1)
        self.assertEqual(order.groupbuy_campaign_id.case_count, 1)
        self.assertEqual(order.groupbuy_point_id.case_count, 1)


@tagged("post_install", "-at_install")
class TestCaseMail(CaseCommon):
    def test_a_photo_that_is_mailed_is_shown_and_a_script_is_not(self):
        case = self._report(self._order())
        parts = "".join(
            f'--cut\r\nContent-Type: {mimetype}; name="{name}"\r\n'
            f'Content-Disposition: attachment; filename="{name}"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n"
            f"{b64encode(raw).decode()}\r\n"
            for name, mimetype, raw in (
                ("bad.png", "image/png", make_photo("PNG")),
                ("draw.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
            )
        )
        case_id = self.env["mail.thread"].message_process(
            None,
            f"From: {self.anna.email_formatted}\r\nTo: after-sales@example.org\r\n"
            f"Subject: Photo for {case.name}\r\nMessage-Id: <p@mail.example>\r\n"
            "MIME-Version: 1.0\r\n"
            'Content-Type: multipart/mixed; boundary="cut"\r\n\r\n'
            "--cut\r\nContent-Type: text/plain\r\n\r\nSee the photo\r\n"
            f"{parts}--cut--\r\n",
        )
        self.assertEqual(case_id, case.id)
        message = case._get_conversation()[-1]
        self.assertEqual(len(message.attachment_ids), 2)
        self.assertEqual(case._get_shown_photos().mapped("name"), ["bad.png"])

    def _receive_mail(self, subject, sender, headers="", to="after-sales@example.org"):
        return self.env["mail.thread"].message_process(
            None,
            f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n"
            f"Message-Id: <{subject.encode().hex()}{len(headers)}@mail.example>\r\n"
            f"{headers}Content-Type: text/plain\r\n\r\n"
            "Here is what I wanted to say.\r\n",
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("groupbuy_verification.mail_alias_case").alias_domain_id = cls.env[
            "mail.alias.domain"
        ].create({"name": "example.org"})

    def test_a_reply_to_a_mail_goes_into_the_case(self):
        case = self._report(self._order())
        case.with_user(self.user).message_post(
            body="When did you notice it?", subtype_xmlid="mail.mt_comment"
        )
        asked = case.message_ids[0]
        case_id = self._receive_mail(
            "Re: question",
            self.anna.email_formatted,
            headers=f"In-Reply-To: {asked.message_id}\r\n"
            f"References: {asked.message_id}\r\n",
        )
        self.assertEqual(case_id, case.id)
        answer = case._get_conversation()[-1]
        self.assertIn("Here is what I wanted to say", answer.body)
        self.assertEqual(answer.author_id, self.anna)

    def test_a_mail_that_names_a_case_goes_into_it(self):
        case = self._report(self._order())
        case_id = self._receive_mail(f"About {case.name}", self.anna.email_formatted)
        self.assertEqual(case_id, case.id)
        self.assertIn("Here is what I wanted to say", case._get_conversation()[-1].body)

    def test_a_stranger_s_mail_does_not_get_into_another_s_case(self):
        case = self._report(self._order())
        before = case.message_ids
        case_id = self._receive_mail(
            f"About {case.name}", "Mallory <mallory@example.net>"
        )
        self.assertNotEqual(case_id, case.id)
        self.assertEqual(case.message_ids, before)
        other = self.Case.browse(case_id)
        self.assertEqual((other.type_code, other.state), ("complaint", "staff"))
