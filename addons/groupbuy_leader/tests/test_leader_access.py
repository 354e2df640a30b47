# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import base64
import inspect
import json
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .test_application import ApplicationCommon

# Methods that only read, and of which Odoo's own tests are the judge.
FRAMEWORK = ("create", "write", "unlink", "copy", "read", "search", "init")


@tagged("post_install", "-at_install")
class TestLeaderAccess(ApplicationCommon, HttpCase):
    """A leader calls whatever there is, with the ids of another leader."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_leader.inviter_id = cls.leader
        cls.invitation = cls.env["groupbuy.leader.invitation"].create(
            {
                "inviter_id": cls.leader.id,
                "invited_id": cls.other_leader.id,
                "company_id": cls.company.id,
                "date_start": "2031-01-01",
                "date_end": "2031-02-01",
                "amount_per_order": 1.0,
                "amount_max": 9.0,
            }
        )
        cls.resident._groupbuy_bind(cls.other_leader, "link")
        with freeze_time(fields.Datetime.now() - timedelta(days=60)):
            cls.other_leader._grant_bonus(2000, "test", "For the test")
        cls.env["groupbuy.settlement"]._settle(cls.company, cls.other_leader)
        cls.env["groupbuy.commission.adjustment"].create(
            {"leader_id": cls.other_leader.id, "amount": 500, "reason": "A mistake"}
        ).action_submit()
        cls.other_leader._decide_by_staff(cls.other_leader.tier_id, "Looked at it")

    def setUp(self):
        super().setUp()
        self.application = self._create_application()
        self.application.paper_ids[0].copy({"leader_id": self.other_leader.id})
        self.env["groupbuy.leader.exit"].create({"leader_id": self.other_leader.id})
        self.env["groupbuy.leader.decision"].create(
            {
                "leader_id": self.other_leader.id,
                "kind": "pause",
                "reason": "For the test",
            }
        )
        self.env.flush_all()

    def _get_models(self):
        """Return the models that the addons about leaders have brought."""
        return sorted(
            name
            for name, cls in self.env.registry.items()
            if (cls._original_module or "").startswith("groupbuy_leader")
        )

    def _get_methods(self, model):
        """Return what of a model our addons let a browser call."""
        names = {
            name
            for base in type(self.env[model]).__mro__
            if base.__module__.startswith("odoo.addons.groupbuy_leader")
            for name, value in vars(base).items()
            if inspect.isfunction(value) and not name.startswith("_")
        }
        return sorted(names - set(FRAMEWORK))

    def _take_picture(self):
        """Return a fingerprint of every table that matters here."""
        self.env.flush_all()
        tables = [
            self.env[model]._table
            for model in (*self._get_models(), "groupbuy.pickup.point", "account.move")
            if self.env[model]._auto and not self.env[model]._abstract
        ]
        picture = {}
        for table in tables:
            [(digest,)] = self.env.execute_query(
                SQL(
                    "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM %s t",
                    SQL.identifier(table),
                )
            )
            picture[table] = digest
        return picture

    def test_no_method_of_any_model_can_be_used_on_what_is_anothers(self):
        before = self._take_picture()
        self.assertGreater(sum(map(bool, before.values())), 12)
        called = 0
        for model in self._get_models():
            names = self._get_methods(model)
            if self.env[model]._abstract or not self.env[model]._auto:
                records = [self.env[model].with_user(self.leader_user)]
            else:
                records = self.env[model].sudo().search([]).with_user(self.leader_user)
            for name in names:
                get_public_method(self.env[model], name)
                for record in list(records) or [records]:
                    if record.sudo()._fields.get("leader_id") and (
                        record.sudo().leader_id == self.leader
                    ):
                        continue
                    if record == self.leader:
                        continue
                    called += 1
                    with self.env.cr.savepoint() as savepoint:
                        try:
                            answer = getattr(record, name)()
                        except (AccessError, UserError, TypeError, ValueError):
                            answer = None
                        self.assertNotIn("2000", json.dumps(answer, default=str))
                        self.assertEqual(
                            self._take_picture(), before, f"{model}.{name}"
                        )
                        savepoint.rollback()
                        self.env.invalidate_all()
        self.assertGreater(called, 30)

    def test_nothing_of_anothers_can_be_written_or_read(self):
        before = self._take_picture()
        for model in self._get_models():
            records = self.env[model]
            if records._abstract or not records._auto:
                continue
            foreign = records.sudo().search([]).filtered(self._is_foreign)
            mine = foreign.with_user(self.leader_user)
            for operation in ("write", "unlink"):
                for record in mine:
                    self.assertFalse(record.has_access(operation), model)
            for record in mine:
                if "leader_id" in records._fields or model == "groupbuy.leader":
                    self.assertFalse(record.has_access("read"), model)
            self.assertFalse(records.with_user(self.leader_user).has_access("create"))
        self.assertEqual(self._take_picture(), before)

    def _is_foreign(self, record):
        if record._name == "groupbuy.leader":
            return record != self.leader
        return "leader_id" not in record._fields or record.leader_id != self.leader

    @mute_logger("odoo.http")
    def test_pages_show_a_leader_the_own_papers_only(self):
        paper = self.other_leader.paper_ids
        self.assertTrue(paper)
        self.authenticate(self.leader_user.login, self.leader_user.login)
        page = self.url_open("/my/leader/papers")
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(paper.number, page.text)
        for url in (
            f"/web/content/groupbuy.leader.paper/{paper.id}/file",
            f"/web/content/groupbuy.leader.paper/{self.application.paper_ids[0].id}/file",
        ):
            self.assertEqual(self.url_open(url).status_code, 404, url)
        # Instead of a picture that may not be seen, Odoo answers with a placeholder.
        image = self.url_open(f"/web/image/groupbuy.leader.paper/{paper.id}/file")
        self.assertNotEqual(image.content, base64.b64decode(paper.file))
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "groupbuy.leader.paper"),
                    ("res_field", "=", "file"),
                    ("res_id", "=", paper.id),
                ]
            )
        )
        self.assertTrue(attachment)
        answer = self.url_open(f"/web/content/{attachment.id}")
        self.assertEqual(answer.status_code, 404)

    @mute_logger("odoo.http")
    def test_who_is_no_leader_has_no_papers_page(self):
        new_test_user(self.env, login="nobody_here", groups="base.group_portal")
        self.authenticate("nobody_here", "nobody_here")
        self.assertEqual(self.url_open("/my/leader/papers").status_code, 404)
