# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import io
import json
from datetime import timedelta

import openpyxl
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .commission_common import CommissionCommon

OWN_MODELS = (
    "groupbuy.commission.adjustment",
    "groupbuy.commission.bracket",
    "groupbuy.commission.check",
    "groupbuy.commission.entry",
    "groupbuy.commission.plan",
    "groupbuy.commission.report",
    "groupbuy.commission.rule",
    "groupbuy.commission.volume",
    "groupbuy.settlement",
    "groupbuy.settlement.export",
    "groupbuy.settlement.guard",
    "groupbuy.settlement.reason",
    "groupbuy.settlement.reconciliation",
    "groupbuy.settlement.run",
    "groupbuy.statement",
)
READABLE = ("groupbuy.commission.entry", "groupbuy.settlement")


@tagged("post_install", "-at_install")
class TestCommissionAccess(CommissionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader_manager = new_test_user(
            cls.env,
            login="leader_manager",
            groups="groupbuy_leader.group_leader_manager",
        )
        with freeze_time(fields.Datetime.now() - timedelta(days=20)):
            cls.leader._grant_bonus(10, "a", "First")
            cls.other_leader._grant_bonus(20, "b", "Second")
        cls.settlements = cls.env["groupbuy.settlement"]._settle(
            cls.company, cls.leader | cls.other_leader
        )
        cls.env.flush_all()
        cls.mine, cls.theirs = cls.settlements.sorted("balance")

    def test_a_leader_sees_the_own_ledger_and_settlements_only(self):
        for model in READABLE:
            records = self.env[model].with_user(self.leader_user).search([])
            self.assertEqual(records.leader_id, self.leader, model)
        entry = self.theirs.entry_ids.with_user(self.leader_user)
        with self.assertRaises(AccessError):
            entry.read(["amount"])
        with self.assertRaises(AccessError):
            self.theirs.with_user(self.leader_user).read(["balance"])

    def test_a_resident_sees_nothing_of_it(self):
        resident = new_test_user(self.env, login="res", groups="base.group_portal")
        for model in READABLE:
            with self.assertRaises(AccessError):
                self.env[model].with_user(resident).search([])

    def test_a_leader_can_call_no_method_that_changes_something(self):
        records = {
            "groupbuy.settlement": self.mine | self.theirs,
            "groupbuy.commission.entry": self.settlements.entry_ids,
        }
        before = self.settlements.read(["state", "balance", "is_held"])
        own_methods = 0
        for model in OWN_MODELS:
            cls = type(self.env[model])
            names = {
                name
                for base in cls.__mro__
                if base.__module__.startswith("odoo.addons.groupbuy_leader")
                for name in vars(base)
                if callable(getattr(base, name)) and not name.startswith("_")
            }
            for name in sorted(names):
                get_public_method(self.env[model], name)
                target = records.get(model, self.env[model]).with_user(self.leader_user)
                if name in ("create", "write"):
                    continue
                own_methods += 1
                for record in target or [target]:
                    with self.env.cr.savepoint() as savepoint:
                        try:
                            result = getattr(record, name)()
                        except (AccessError, UserError, ValueError):
                            result = None
                        self.env.flush_all()
                        self.env.invalidate_all()
                        self.assertNotIn("balance", json.dumps(result, default=str))
                        self.assertEqual(
                            self.settlements.read(["state", "balance", "is_held"]),
                            before,
                            f"{model}.{name}",
                        )
                        savepoint.rollback()
        self.assertGreater(own_methods, 12)

    def test_a_leader_can_write_nothing(self):
        for model in OWN_MODELS:
            if self.env[model]._abstract:
                continue
            records = self.env[model].with_user(self.leader_user)
            with self.assertRaises(UserError, msg=model):
                records.create({})
            if model in READABLE:
                for change in (
                    lambda rec=records: rec.search([]).write({"company_id": 1}),
                    lambda rec=records: rec.search([]).unlink(),
                ):
                    with self.assertRaises(UserError):
                        change()
            else:
                with self.assertRaises(AccessError, msg=model):
                    records.search([])

    def test_staff_of_campaigns_see_neither_ledger_nor_settlements(self):
        for model in READABLE:
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.manager).search([])

    def test_leader_managers_read_and_cannot_settle(self):
        settlement = self.mine.with_user(self.leader_manager)
        self.assertEqual(settlement.balance, 10)
        for call in (
            settlement.action_submit,
            settlement.action_approve,
            settlement.action_bill,
            settlement.action_release,
            settlement.action_register_payment,
            lambda: settlement._hold("x"),
            lambda: settlement._reverse("x"),
            lambda: settlement.write({"note": "x"}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_only_managers_of_leaders_and_approvers_change_plans(self):
        for user in (self.leader_manager, self.approver):
            self.plan.with_user(user).window_days += 1
        for user in (self.finance, self.manager):
            with self.assertRaises(AccessError):
                self.plan.with_user(user).window_days = 1
            with self.assertRaises(AccessError):
                self.plan.rule_ids.with_user(user).percent = 1

    def test_finance_of_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            login="stranger",
            groups="groupbuy_leader.group_settlement_approver",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in (*READABLE, "groupbuy.settlement.reconciliation"):
            self.assertFalse(self.env[model].with_user(stranger).search([]), model)
        with self.assertRaises(AccessError):
            self.mine.with_user(stranger).action_submit()

    def _call(self, model, method, ids, args=()):
        response = self.url_open(
            "/web/dataset/call_kw",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": [ids, *args],
                        "kwargs": {},
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    @mute_logger("odoo.http")
    def test_a_browser_can_forge_neither_states_nor_private_calls(self):
        self.authenticate(self.leader_user.login, self.leader_user.login)
        ids = self.theirs.ids
        for method, args in (
            ("action_submit", ()),
            ("action_approve", ()),
            ("action_bill", ()),
            ("_hold", ("x",)),
            ("_settle", ()),
            ("_query_settle", ()),
            ("write", ({"step": "billed"},)),
            ("unlink", ()),
            ("read", (["balance"],)),
        ):
            answer = self._call("groupbuy.settlement", method, ids, args)
            self.assertIn("error", answer, method)
        for method, args in (("_post", ([],)), ("write", ({"amount": 1},))):
            answer = self._call(
                "groupbuy.commission.entry", method, self.theirs.entry_ids.ids, args
            )
            self.assertIn("error", answer, method)
        self.env.invalidate_all()
        self.assertEqual(self.theirs.state, "draft")

    def test_a_forged_context_opens_nothing(self):
        forged = self.mine.with_user(self.finance).with_context(
            su=True, force=True, install_mode=True, import_file=True
        )
        with self.assertRaises(AccessError):
            forged.write({"step": "billed"})

    @mute_logger("odoo.http")
    def test_statements_are_downloaded_by_their_leader_only(self):
        self.authenticate(self.leader_user.login, self.leader_user.login)
        own = self.url_open(f"/groupbuy/settlement/{self.mine.id}/statement.xlsx")
        self.assertEqual(own.status_code, 200)
        sheet = openpyxl.load_workbook(io.BytesIO(own.content)).active
        self.assertEqual(sheet["A1"].value, self.mine.name)
        for url in (
            f"/groupbuy/settlement/{self.theirs.id}/statement.xlsx",
            "/groupbuy/settlement/0/statement.xlsx",
            f"/groupbuy/settlements/{self.company.id}/2020-01-01/2040-01-01.xlsx",
            f"/report/html/groupbuy_leader.report_statement/{self.theirs.id}",
        ):
            answer = self.url_open(url)
            self.assertNotEqual(answer.status_code, 200, url)
            self.assertNotIn(self.theirs.name, answer.text, url)

    @mute_logger("odoo.http")
    def test_the_workbook_of_a_period_is_for_finance(self):
        self.authenticate(self.finance.login, self.finance.login)
        base = f"/groupbuy/settlements/{self.company.id}"
        answer = self.url_open(f"{base}/2020-01-01/2040-01-01.xlsx")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(
            openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames[0],
            "Settlements",
        )
        for url in (
            f"{base}/2040-01-01/2020-01-01.xlsx",
            f"{base}/yesterday/2020-01-01.xlsx",
            "/groupbuy/settlements/999999/2020-01-01/2040-01-01.xlsx",
        ):
            self.assertEqual(self.url_open(url).status_code, 404, url)
