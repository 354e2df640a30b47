# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from ast import literal_eval

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon


@tagged("post_install", "-at_install")
class TestBackOfficeViews(GroupBuyCommon):
    def _get_actions(self, user):
        """Return the window actions of the menus that a user sees in the app."""
        root = self.env.ref("community_groupbuy.groupbuy_menu_root")
        menus = (
            self.env["ir.ui.menu"].with_user(user).search([("id", "child_of", root.id)])
        )
        visible = menus._filter_visible_menus()
        if root not in visible:
            # The client does not show what lies below a hidden menu.
            visible = visible.browse()
        return visible, [
            action
            for action in visible.mapped("action")
            if action and action._name == "ir.actions.act_window"
        ]

    def test_every_menu_opens_for_the_user_and_the_manager(self):
        campaign = self._create_campaign()
        self._join(campaign)
        self._close(campaign)
        self.env.flush_all()
        for user in (self.user, self.manager):
            _menus, actions = self._get_actions(user)
            models = {action.res_model for action in actions}
            self.assertLessEqual(
                {
                    "groupbuy.campaign",
                    "groupbuy.group",
                    "groupbuy.job",
                    "groupbuy.waitlist",
                    "groupbuy.report",
                    "groupbuy.reconciliation",
                    "groupbuy.community",
                    "groupbuy.pickup.point",
                    "sale.order",
                    "stock.picking",
                },
                models,
            )
            for action in actions:
                self._open(action, user)

    def _open(self, action, user):
        """Load each view of an action and read with it, as the web client does."""
        model = self.env[action.res_model].with_user(user)
        # The server reads actions for everybody; only their models are guarded.
        action = action.sudo()
        context = literal_eval(action.context.replace("uid", str(user.id)) or "{}")
        result = model.with_context(**context).get_views(
            action.views + [(action.search_view_id.id or False, "search")],
            {"load_filters": True},
        )
        domain = literal_eval(action.domain or "[]")
        for view_type, view in result["views"].items():
            self.assertTrue(view["arch"], view_type)
        fields = result["models"][action.res_model]["fields"]
        names = [
            name
            for name in fields
            if name in model._fields and f'name="{name}"' in str(result["views"])
        ]
        records = model.search(domain, limit=3)
        records.read(names)

    def test_purchases_are_shown_to_buyers_only(self):
        buyer_menu = self.env.ref("community_groupbuy.purchase_order_menu")
        menus, _actions = self._get_actions(self.user)
        self.assertNotIn(buyer_menu, menus)
        menus, _actions = self._get_actions(self.manager)
        self.assertIn(buyer_menu, menus)

    def test_app_is_hidden_from_others(self):
        stranger = new_test_user(self.env, login="stranger", groups="base.group_user")
        menus, _actions = self._get_actions(stranger)
        self.assertFalse(menus)
        for model in ("groupbuy.campaign", "groupbuy.job", "groupbuy.report"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(stranger).search([])

    def test_stat_buttons_open_what_they_count(self):
        campaign = self._create_campaign().with_user(self.manager)
        order = self._join(campaign.sudo())
        self._close(campaign.sudo())
        for name, records in (
            ("orders", order),
            ("lines", campaign.line_ids),
            ("jobs", order.groupbuy_job_ids),
            ("groups", campaign.group_ids),
            ("pickings", campaign.sudo().picking_ids),
            ("purchases", campaign.sudo().purchase_order_ids),
        ):
            action = getattr(campaign, f"action_view_{name}")()
            found = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(found, records, name)
            self.assertTrue(found, name)
        for name in ("waitlist", "reconciliation"):
            action = getattr(campaign, f"action_view_{name}")()
            self.assertEqual(action["type"], "ir.actions.act_window")

    def test_user_makes_a_campaign_in_the_form(self):
        form = Form(self.env["groupbuy.campaign"].with_user(self.user))
        form.name = "Sunday Fruit"
        form.community_ids.add(self.community)
        with form.line_ids.new() as line:
            line.product_id = self.tomato
            line.start_price = 10.0
            line.tier_text = "10: 9.5; 50: 8.9"
        campaign = form.save()
        self.assertEqual(campaign.line_ids._get_tiers(), [(10.0, 9.5), (50.0, 8.9)])
        self.assertEqual(campaign.pickup_point_ids, self.point | self.other_point)
        with self.assertRaises(UserError):
            campaign.line_ids.tier_text = "nonsense"

    def test_typed_ladder_keeps_the_tiers_that_stay(self):
        campaign = self._create_campaign(
            state="draft",
            lines=[{"product": self.tomato, "tiers": [(10, 9.5), (50, 8.9)]}],
        )
        line = campaign.line_ids
        first = line.tier_ids.sorted("threshold")[0]
        line.tier_text = "10: 9.4; 80: 8.5"
        self.assertEqual(line._get_tiers(), [(10.0, 9.4), (80.0, 8.5)])
        self.assertEqual(line.tier_ids.sorted("threshold")[0], first)

    def test_emptied_ladder_leaves_the_start_price(self):
        campaign = self._create_campaign(state="draft", lines=[{"tiers": [(5, 8.0)]}])
        campaign.line_ids.tier_text = False
        self.assertFalse(campaign.line_ids.tier_ids)
        self.assertEqual(campaign.line_ids.current_price, 10.0)

    def test_building_block_lies_among_the_blocks_of_the_website_builder(self):
        arch = self.env.ref("website.snippets")._get_combined_arch()
        blocks = arch.xpath(
            "//snippets[@id='snippet_structure']"
            "/t[@t-snippet='community_groupbuy.s_groupbuy_campaigns']"
        )
        self.assertEqual([block.get("group") for block in blocks], ["catalog"])

    def test_settings_choose_who_is_alerted_and_which_wallet_pays(self):
        wallet = self.env["loyalty.program"].create(
            {
                "name": "Neighbour Wallet",
                "program_type": "ewallet",
                "company_id": self.company.id,
                "currency_id": self.currency.id,
            }
        )
        self.env["res.config.settings"].create(
            {
                "groupbuy_alert_user_id": self.user.id,
                "groupbuy_wallet_program_id": wallet.id,
                "groupbuy_hold_minutes": 20,
            }
        ).execute()
        order = self._join(self._create_campaign())
        self.assertEqual(order.groupbuy_campaign_id.hold_minutes, 20)
        self.assertEqual(order._groupbuy_get_wallet().program_id, wallet)
        self._close(order.groupbuy_campaign_id)
        order.groupbuy_job_ids[:1]._alert("Stuck")
        self.assertEqual(order.activity_ids.user_id, self.user)

    def test_minutes_that_make_no_sense_are_refused(self):
        for minutes in (0, -1, 1441):
            with self.assertRaises(ValidationError):
                self.company.groupbuy_hold_minutes = minutes

    def test_jobs_cannot_be_changed_but_by_their_buttons(self):
        campaign = self._create_campaign()
        order = self._join(campaign)
        self._close(campaign)
        job = order.groupbuy_job_ids[:1].with_user(self.manager)
        for operation in ("write", "create", "unlink"):
            with self.assertRaises(AccessError):
                job.check_access(operation)

    def test_waiting_order_cannot_be_confirmed_by_hand_in_its_form(self):
        arch = self.env["sale.order"].get_view(view_type="form")["arch"]
        buttons = etree.fromstring(arch).xpath(
            "//header/button[@name='action_confirm']"
        )
        self.assertEqual(len(buttons), 2)
        for button in buttons:
            self.assertIn("waiting", button.get("invisible"))

    def test_campaign_is_deleted_by_managers_only(self):
        campaign = self._create_campaign(state="draft")
        with self.assertRaises(AccessError):
            campaign.with_user(self.user).unlink()
        campaign.with_user(self.manager).unlink()
        self.assertFalse(campaign.exists())

    def test_dashboard_reads_fields_that_exist(self):
        dashboard = self.env.ref("community_groupbuy.spreadsheet_dashboard")
        data = json.loads(dashboard.with_user(self.user).spreadsheet_data)
        sources = [
            (
                pivot["model"],
                [field["fieldName"] for field in pivot["rows"] + pivot["columns"]]
                + [measure["fieldName"] for measure in pivot["measures"]],
            )
            for pivot in data["pivots"].values()
        ]
        sources += [
            (
                figure["data"]["metaData"]["resModel"],
                figure["data"]["metaData"]["groupBy"]
                + [figure["data"]["metaData"]["measure"]],
            )
            for figure in data["sheets"][0]["figures"]
            if "metaData" in figure["data"]
        ]
        self.assertGreaterEqual(len(sources), 6)
        for model, names in sources:
            for name in names:
                if name != "__count":
                    self.assertIn(name.split(":")[0], self.env[model]._fields)


@tagged("post_install", "-at_install")
class TestCampaignEdit(GroupBuyCommon):
    def setUp(self):
        super().setUp()
        self.campaign = self._create_campaign(
            lines=[
                {
                    "product": self.tomato,
                    "start_price": 10.0,
                    "tiers": [(10, 9.0)],
                    "cap": 20,
                },
                {"product": self.egg},
            ]
        )

    def _create_edit(self, **values):
        return (
            self.env["groupbuy.campaign.edit"]
            .with_user(self.user)
            .create({"campaign_id": self.campaign.id, "reason": "More came", **values})
        )

    def test_dialog_starts_with_what_is_there(self):
        edit = self._create_edit()
        self.assertEqual(edit.close_at, self.campaign.close_at)
        self.assertEqual(edit.pickup_point_ids, self.campaign.pickup_point_ids)
        self.assertEqual(edit.line_ids.line_id, self.campaign.line_ids)
        self.assertEqual(edit.line_ids[0].tier_text, "10: 9")

    def test_change_is_kept_with_its_reason(self):
        edit = self._create_edit()
        edit.line_ids[0].write({"cap": 50, "tier_text": "10: 8.5; 30: 8"})
        before = self.campaign.message_ids
        edit.action_apply()
        line = self.campaign.line_ids[0]
        self.assertEqual(line.cap, 50)
        self.assertEqual(line._get_tiers(), [(10.0, 8.5), (30.0, 8.0)])
        bodies = " ".join((self.campaign.message_ids - before).mapped("body"))
        self.assertIn("More came", bodies)

    def test_reason_is_asked(self):
        edit = self._create_edit(reason="   ")
        edit.line_ids[0].cap = 50
        with self.assertRaisesRegex(UserError, "why"):
            edit.action_apply()
        self.assertEqual(self.campaign.line_ids[0].cap, 20)

    def test_nothing_changed_is_said(self):
        with self.assertRaisesRegex(UserError, "Nothing was changed"):
            self._create_edit().action_apply()

    def test_promises_cannot_be_made_worse(self):
        for values in (
            {"start_price": 11.0},
            {"tier_text": "10: 9.5"},
            {"tier_text": "20: 9"},
            {"tier_text": ""},
        ):
            edit = self._create_edit()
            edit.line_ids[0].write(values)
            with self.assertRaises(UserError, msg=values):
                edit.action_apply()
            self.env.invalidate_all()
        edit = self._create_edit()
        edit.pickup_until = self.campaign.pickup_from
        with self.assertRaises(UserError):
            edit.action_apply()
        self.env.invalidate_all()
        line = self.campaign.line_ids[0]
        self.assertEqual(line.start_price, 10.0)
        self.assertEqual(line._get_tiers(), [(10.0, 9.0)])

    def test_line_of_another_campaign_is_refused(self):
        other = self._create_campaign()
        edit = self._create_edit()
        edit.line_ids[0].line_id = other.line_ids
        with self.assertRaisesRegex(UserError, "another campaign"):
            edit.action_apply()
