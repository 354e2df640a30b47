# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import inspect

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from odoo.addons.community_groupbuy.const import PRIVILEGE
from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon

MODULE = "odoo.addons.community_groupbuy."
# What a forged context can hold: whatever JSON can say.
FORGED = (True, 1, "PRIVILEGE", {"a": 1}, [True])
# They override methods of Odoo, which keep whom they let in.
OPEN_TO_ALL = {("website", "get_suggested_controllers")}


@tagged("post_install", "-at_install")
class TestLeastPrivilege(GroupBuyCommon):
    """Who may do what by RPC, through the very function that the RPC routes call."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user = new_test_user(
            cls.env, login="groupbuy_portal", groups="base.group_portal"
        )
        cls.salesman = new_test_user(
            cls.env, login="salesman", groups="sales_team.group_sale_manager"
        )

    def _call(self, user, records, method, *args, context=None):
        """Call a public method as an RPC request of a user does."""
        model = records.with_env(self.env(user=user, su=False, context={})).browse()
        result = call_kw(
            model, method, [records.ids, *args], {"context": context or {}}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        return result

    # === FORGED CONTEXTS === #

    def test_no_context_of_a_request_confirms_a_waiting_order(self):
        order = self._join(self._create_campaign())
        for value in FORGED:
            for user in (self.salesman, self.manager):
                with self.assertRaisesRegex(UserError, "waits for its group"):
                    self._call(
                        user,
                        order,
                        "action_confirm",
                        context={"groupbuy_confirm": value},
                    )
        self.assertEqual((order.state, order.groupbuy_state), ("sent", "waiting"))
        self.assertFalse(order.order_line.move_ids)

    def test_a_waiting_order_is_not_sold_by_writing_its_state(self):
        order = self._join(self._create_campaign())
        for context in ({}, {"groupbuy_confirm": True}):
            with self.assertRaisesRegex(AccessError, "confirmed by the close"):
                self._call(
                    self.salesman, order, "write", {"state": "sale"}, context=context
                )
        self.assertEqual(order.state, "sent")

    def test_no_context_of_a_request_writes_the_state_of_a_campaign(self):
        campaign = self._create_campaign()
        for value in FORGED:
            for vals in (
                {"state": "succeeded"},
                {"closed_at": "2026-01-01 00:00:00"},
                {"extend_count": -9},
                {"is_supply_launched": True},
            ):
                with self.assertRaisesRegex(AccessError, "by its buttons"):
                    self._call(
                        self.manager,
                        campaign,
                        "write",
                        vals,
                        context={"groupbuy_system_write": value},
                    )
        self.assertEqual(campaign.state, "open")

    def test_no_context_of_a_request_makes_an_open_campaign_worse(self):
        campaign = self._create_campaign()
        later = fields.Datetime.to_string(campaign.pickup_until.replace(year=2090))
        for value in FORGED:
            context = {"groupbuy_system_write": value}
            with self.assertRaisesRegex(UserError, "Edit with Reason"):
                self._call(
                    self.manager,
                    campaign,
                    "write",
                    {"pickup_until": later},
                    context=context,
                )
            with self.assertRaisesRegex(UserError, "never made worse"):
                self._call(
                    self.manager,
                    campaign.line_ids,
                    "write",
                    {"start_price": 99.0},
                    context=context,
                )

    def test_a_campaign_is_not_born_open(self):
        vals = {"name": "Born open", "state": "open"}
        empty = self.env["groupbuy.campaign"].with_user(self.manager)
        for value in (None, *FORGED):
            with self.assertRaises(AccessError):
                call_kw(
                    empty,
                    "create",
                    [[vals]],
                    {"context": {"groupbuy_system_write": value}},
                )
        campaign = self._create_campaign()
        with self.assertRaises(AccessError):
            self._call(self.manager, campaign, "copy", {"state": "open"})

    def test_our_own_code_has_the_privilege(self):
        order = self._join(self._create_campaign())
        order.with_context(groupbuy_confirm=PRIVILEGE).action_confirm()
        self.assertEqual(order.state, "sale")

    # === FACTS === #

    def test_sales_staff_do_not_write_how_an_order_stands(self):
        order = self._join(self._create_campaign())
        other = self._create_campaign(name="Other", lines=[{"product": self.egg}])
        for vals in (
            {"groupbuy_state": "confirmed"},
            {"groupbuy_state": False},
            {"groupbuy_campaign_id": other.id},
            {"groupbuy_campaign_id": False},
            {"groupbuy_group_id": other.group_ids[0].id},
            {"groupbuy_point_id": self.other_point.id},
            {"groupbuy_charged_total": 0.0},
            {"groupbuy_joined_at": "2020-01-01 00:00:00"},
            {"groupbuy_failure": "staff"},
        ):
            with self.assertRaises(AccessError, msg=vals):
                self._call(
                    self.salesman,
                    order,
                    "write",
                    vals,
                    context={"groupbuy_system_write": True},
                )
        self.assertEqual(order.groupbuy_state, "waiting")
        # What staff decide stays theirs.
        self._call(self.salesman, order, "write", {"groupbuy_priority": "2"})
        self.assertEqual(order.groupbuy_priority, "2")

    def test_sales_staff_do_not_make_a_group_order(self):
        campaign = self._create_campaign()
        orders = self.env["sale.order"].with_user(self.salesman)
        with self.assertRaises(AccessError):
            orders.create(
                {
                    "partner_id": self.resident.id,
                    "groupbuy_campaign_id": campaign.id,
                    "groupbuy_state": "waiting",
                }
            )
        order = orders.create({"partner_id": self.resident.id})
        with self.assertRaises(AccessError):
            order.order_line.create(
                {
                    "order_id": order.id,
                    "product_id": self.tomato.id,
                    "groupbuy_line_id": campaign.line_ids.id,
                }
            )

    def test_sales_staff_do_not_change_what_was_paid_for(self):
        order = self._join(self._create_campaign())
        line = order.order_line.filtered("groupbuy_line_id")
        for vals in (
            {"groupbuy_joined_price": 1.0},
            {"groupbuy_final_price": 1.0},
            {"groupbuy_joined_quantity": 9.0},
        ):
            with self.assertRaises(AccessError, msg=vals):
                self._call(self.salesman, line, "write", vals)
        for vals in (
            {"price_unit": 1.0},
            {"product_uom_qty": 9.0},
            {"discount": 50.0},
        ):
            with self.assertRaisesRegex(UserError, "what was paid for", msg=vals):
                self._call(self.salesman, line, "write", vals)
        with self.assertRaisesRegex(UserError, "what was paid for"):
            self._call(self.salesman, line, "unlink")
        with self.assertRaisesRegex(UserError, "what was paid for"):
            order.order_line.with_user(self.salesman).create(
                {"order_id": order.id, "product_id": self.egg.id}
            )
        self.assertEqual(order.amount_total, 10.0)

    def test_a_price_below_cost_is_not_accepted_by_writing_it(self):
        campaign = self._create_campaign(state="draft", lines=[{"start_price": 3.0}])
        for user in (self.user, self.manager):
            with self.assertRaises(AccessError):
                self._call(
                    user,
                    campaign.line_ids,
                    "write",
                    {"below_cost_approved_by": self.manager.id},
                    context={"groupbuy_system_write": True},
                )
        with self.assertRaises(AccessError):
            campaign.line_ids.with_user(self.user).create(
                {
                    "campaign_id": campaign.id,
                    "product_id": self.egg.id,
                    "start_price": 1.0,
                    "below_cost_approved_by": self.user.id,
                }
            )

    def test_nobody_writes_jobs_holds_counters_groups_or_the_waitlist(self):
        campaign = self._create_campaign(lines=[{"cap": 1}])
        order = self._join(campaign)
        entry = self.env["groupbuy.waitlist"]._join(
            campaign.line_ids, self.neighbour, 1
        )
        records = {
            order.groupbuy_job_ids[:1]: {"state": "done"},
            self.env["groupbuy.hold"].search([("order_id", "=", order.id)]): {
                "state": "released"
            },
            campaign.line_ids.quota_id: {"taken": 0},
            order.groupbuy_group_id: {"state": "failed"},
            entry: {"state": "joined"},
        }
        for record, vals in records.items():
            self.assertTrue(record)
            for user in (self.portal_user, self.salesman, self.user, self.manager):
                with self.assertRaises(AccessError, msg=(record, user.login)):
                    self._call(user, record, "write", vals)
                with self.assertRaises(AccessError, msg=(record, user.login)):
                    self._call(user, record, "unlink")

    def test_staff_cancel_an_open_campaign(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        self._call(self.user, campaign, "action_cancel")
        self._run_jobs()
        self.assertEqual(campaign.state, "cancelled")
        self.assertEqual(set(campaign.group_ids.mapped("state")), {"cancelled"})
        self.assertEqual(order.groupbuy_failure, "cancelled")
        self.assertEqual(order.groupbuy_amount_refunded, 10.0)

    # === PUBLIC METHODS === #

    def _get_public_methods(self):
        """Yield each method of our models that an RPC request can name."""
        for name, model in self.env.registry.items():
            if model._abstract:
                continue
            own = {
                attribute
                for base in model.__mro__
                if base.__module__.startswith(MODULE)
                for attribute, value in vars(base).items()
                if inspect.isfunction(value) and not attribute.startswith("_")
            }
            for method in sorted(own):
                yield name, method

    def test_residents_call_no_method_of_ours(self):
        campaign = self._create_campaign(lines=[{"cap": 1, "tiers": [(1, 9.0)]}])
        order = self._join(campaign, self.portal_user.partner_id)
        self.env["groupbuy.waitlist"]._join(campaign.line_ids, self.neighbour, 1)
        self.portal_user.partner_id.groupbuy_community_id = self.community
        closed = self._create_campaign(lines=[{"product": self.egg}])
        collected = self._join(closed, self.neighbour)
        self._close(closed)
        goods = collected.order_line.filtered("groupbuy_line_id")
        collected._groupbuy_compensate({goods: 1.0}, "staff", "test/1")
        for wizard in ("paper.wizard", "line.import", "campaign.edit"):
            vals = {"campaign_id": campaign.id}
            if wizard == "campaign.edit":
                vals["reason"] = "Because"
            self.env[f"groupbuy.{wizard}"].create(vals)
        self.env["groupbuy.give.back"].create(
            {"order_id": collected.id, "reason": "Because"}
        )
        # The order is theirs: they may read it.
        order.with_user(self.portal_user).check_access("read")
        methods = list(self._get_public_methods())
        self.assertIn(("sale.order", "action_cancel"), methods)
        self.assertIn(("groupbuy.job", "action_mark_done"), methods)
        self.assertIn(("groupbuy.campaign", "action_close_now"), methods)
        before = self._snapshot(order)
        for name, method in methods:
            if (name, method) in OPEN_TO_ALL:
                continue
            records = order if name == "sale.order" else self.env[name].search([])[:1]
            self.assertTrue(records, name)
            arguments = {
                "create": [],
                "write": [{}],
                "copy_data": [],
                "groupbuy_pickup_rate_shipment": [order.id],
            }.get(method, [])
            with self.subTest(method=f"{name}.{method}"):
                if method == "create":
                    with self.assertRaises(AccessError):
                        call_kw(
                            self.env[name].with_user(self.portal_user),
                            "create",
                            [[{}]],
                            {},
                        )
                else:
                    with self.assertRaises(AccessError):
                        self._call(self.portal_user, records, method, *arguments)
                self.assertEqual(self._snapshot(order), before)

    def _snapshot(self, order):
        self.env.invalidate_all()
        campaign = order.groupbuy_campaign_id
        return (
            order.state,
            order.groupbuy_state,
            order.amount_total,
            campaign.state,
            campaign.line_ids.taken_quantity,
            order.groupbuy_job_ids.mapped("state"),
            self.env["groupbuy.campaign"].search_count([]),
            self.env["groupbuy.waitlist"].search([]).mapped("state"),
        )

    def test_private_methods_cannot_be_named_by_a_request(self):
        order = self._join(self._create_campaign())
        for records, method in (
            (order, "_groupbuy_confirm"),
            (order, "_groupbuy_fail"),
            (order.groupbuy_campaign_id, "_decide"),
            (order.groupbuy_campaign_id, "_set_state"),
            (self.env["groupbuy.job"], "_cron_process_jobs"),
            (self.env["groupbuy.hold"], "_claim"),
        ):
            with self.assertRaises(AccessError):
                self._call(self.manager, records, method)
        self.assertEqual(order.groupbuy_state, "waiting")
