# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user


class GroupBuyCommon(TransactionCase):
    """A community with two pickup points, suppliers, and the demo payment provider.

    The registry is in test mode: the short transactions of the quota and the scheduled
    jobs run on the test's own connection. What needs real connections is tested in
    the folder tests/ of the project.
    """

    registry_test_mode = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No mail, no tracking noise: mails have tests of their own.
        cls.env = cls.env(
            context=dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        )
        cls.company = cls._setup_company()
        if cls.company != cls.env.company:
            cls.env = cls.env(
                context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
            )
            cls.company = cls.company.with_env(cls.env)
        cls.currency = cls.company.currency_id
        cls.website = cls.env["website"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.provider = cls._setup_provider()
        cls.payment_method = cls.provider.payment_method_ids[:1]
        cls.supplier = cls.env["res.partner"].create({"name": "Green Valley Farm"})
        cls.community = cls.env["groupbuy.community"].create(
            {"name": "Sunny Garden", "company_id": cls.company.id}
        )
        cls.point, cls.other_point = cls.env["groupbuy.pickup.point"].create(
            [
                {
                    "name": name,
                    "company_id": cls.company.id,
                    "community_ids": [Command.set(cls.community.ids)],
                    "tz": "Asia/Shanghai",
                }
                for name in ("North Gate", "South Gate")
            ]
        )
        cls.carrier = cls.env.ref("community_groupbuy.delivery_carrier_pickup_point")
        cls.tomato = cls._create_product("Tomatoes", cost=4.0)
        cls.egg = cls._create_product("Eggs", cost=8.0)
        cls.resident, cls.neighbour, cls.third = cls._create_residents(3)
        cls.user = new_test_user(
            cls.env,
            login="groupbuy_user",
            groups="community_groupbuy.group_groupbuy_user",
        )
        cls.manager = new_test_user(
            cls.env,
            login="groupbuy_manager",
            groups="community_groupbuy.group_groupbuy_manager",
        )

    def setUp(self):
        super().setUp()
        if not type(self)._registry_patched:
            self.env.flush_all()
            self.registry_enter_test_mode()

    # === FACTORIES === #

    @classmethod
    def _setup_company(cls):
        """Return the company of the test."""
        return cls.env.company

    @classmethod
    def _setup_provider(cls):
        """Return the demo provider, the only real one that runs without a network."""
        provider = cls.env.ref("payment.payment_provider_demo")
        if provider.state == "disabled":
            provider.state = "test"
        provider.write({"is_published": True, "capture_manually": False})
        return provider

    @classmethod
    def _create_product(cls, name, cost=4.0, price=12.0, **values):
        """Return a storable product with a supplier, without taxes by default."""
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "is_published": True,
                "list_price": price,
                "standard_price": cost,
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
                "supplier_taxes_id": [Command.clear()],
                "allow_out_of_stock_order": False,
                "seller_ids": [
                    Command.create(
                        {"partner_id": cls.supplier.id, "price": cost, "delay": 1}
                    )
                ],
                **values,
            }
        )

    @classmethod
    def _create_residents_with_login(cls, *names):
        """Return residents who can sign in and check out; the login is the first name.

        :param names: Such as "Anna Miller".
        """
        users = cls.env["res.users"]
        for name in names:
            login = name.split()[0].lower()
            users |= new_test_user(
                cls.env,
                login=login,
                name=name,
                groups="base.group_portal",
                email=f"{login}@example.com",
            )
        users.partner_id.write(
            {
                "street": "1 Garden Road",
                "city": "Hangzhou",
                "zip": "310000",
                "phone": "+86 571 5550 0199",
                "country_id": cls.env.ref("base.cn").id,
                "state_id": cls.env.ref("base.state_cn_ZJ").id,
                "groupbuy_community_id": cls.community.id,
            }
        )
        return users.mapped("partner_id")

    @classmethod
    def _create_wallet_program(cls):
        """Return a program of store credit that pays an order, point by point."""
        return cls.env["loyalty.program"].create(
            {
                "name": "Store credit",
                "program_type": "ewallet",
                "trigger": "auto",
                "applies_on": "future",
                "company_id": cls.company.id,
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "per_point",
                            "discount": 1,
                            "discount_applicability": "order",
                            "required_points": 0.1,
                        }
                    )
                ],
            }
        )

    @classmethod
    def _create_residents(cls, count, **values):
        return cls.env["res.partner"].create(
            [
                {
                    "name": f"Resident {number}",
                    "email": f"resident{number}@example.com",
                    "street": "1 Garden Road",
                    "city": "Hangzhou",
                    "zip": "310000",
                    "country_id": cls.env.ref("base.cn").id,
                    "groupbuy_community_id": cls.community.id,
                    **values,
                }
                for number in range(1, count + 1)
            ]
        )

    @classmethod
    def _create_campaign(cls, state="open", **values):
        """Return a campaign; open by default, with no conditions."""
        now = fields.Datetime.now()
        lines = values.pop("lines", None)
        campaign = cls.env["groupbuy.campaign"].create(
            {
                "name": "Weekend Vegetables",
                "company_id": cls.company.id,
                "website_id": cls.website.id,
                "warehouse_id": cls.warehouse.id,
                "tz": "Asia/Shanghai",
                "open_at": now - timedelta(hours=1),
                "close_at": now + timedelta(days=1),
                "pickup_from": now + timedelta(days=4),
                "pickup_until": now + timedelta(days=6),
                "community_ids": [Command.set(cls.community.ids)],
                **values,
            }
        )
        for line in lines or []:
            cls._create_line(campaign, **line)
        if state == "open":
            if not campaign.line_ids:
                cls._create_line(campaign)
            campaign.action_open_now()
        return campaign

    @classmethod
    def _create_line(cls, campaign, product=None, start_price=10.0, tiers=(), **values):
        """Return a line of a campaign.

        :param tiers: Pairs (threshold, price).
        """
        return cls.env["groupbuy.campaign.line"].create(
            {
                "campaign_id": campaign.id,
                "product_id": (product or cls.tomato).id,
                "start_price": start_price,
                "tier_ids": [
                    Command.create({"threshold": threshold, "price": price})
                    for threshold, price in tiers
                ],
                **values,
            }
        )

    # === FLOWS === #

    @classmethod
    def _prepare(cls, create):
        """Return what most tests of a class start with, made once for all of them.

        To be called at the end of `setUpClass`. Each test finds it as it was made.

        :param create: A function without parameters that returns records.
        """
        if not cls._registry_patched:
            cls.env.flush_all()
            cls.registry_enter_test_mode_cls()
        records = create()
        cls.env.flush_all()
        return records

    @classmethod
    def _create_cart(cls, campaign, partner=None, quantities=None, point=None):
        """Return a resident's cart, made by the methods that the shop calls.

        :param dict quantities: Campaign line → quantity; one of the first by default.
        """
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.resident).id,
                "website_id": cls.website.id,
                "company_id": cls.company.id,
            }
        )
        for line, quantity in (quantities or {campaign.line_ids[:1]: 1}).items():
            values = order._cart_add(
                line.product_id.id, quantity, groupbuy_line_id=line.id
            )
            if values["warning"]:
                return order
        order.carrier_id = cls.carrier
        order._groupbuy_assign_group(point or cls.point)
        return order

    @classmethod
    def _pay(cls, order, state="done", amount=None, post_process=True):
        """Pay an order through the provider.

        :param str state: "done", "authorized", "pending", "cancel" or "error".
        """
        tx = cls.env["payment.transaction"].create(
            {
                "provider_id": cls.provider.id,
                "payment_method_id": cls.payment_method.id,
                "reference": cls.env["payment.transaction"]._compute_reference(
                    cls.provider.code, prefix=order.name
                ),
                "amount": order.amount_total if amount is None else amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "operation": "online_direct",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        cls.provider.capture_manually = state == "authorized"
        simulated = "done" if state == "authorized" else state
        tx._process(
            cls.provider.code,
            {"reference": tx.reference, "simulated_state": simulated},
        )
        # The demo provider would answer a refund as an authorisation otherwise.
        cls.provider.capture_manually = False
        if post_process:
            tx._post_process()
        return tx

    @classmethod
    def _join(cls, campaign, partner=None, quantities=None, point=None, state="done"):
        """Return an order that has joined, paid through the provider."""
        order = cls._create_cart(campaign, partner, quantities, point)
        order._check_cart_is_ready_to_be_paid()
        cls._pay(order, state)
        return order

    @classmethod
    def _run_jobs(cls):
        """Run the scheduled job of the queue until nothing is due."""
        cls.env.flush_all()
        cls.env.ref("community_groupbuy.ir_cron_process_jobs").method_direct_trigger()
        cls.env.invalidate_all()
        # A test never commits, so this cursor would remember the last number of a
        # journal although the job's cursor has gone on.
        cls.env.cr.precommit.data.pop("sequence.mixin", None)

    @classmethod
    def _run_open_and_close(cls):
        """Run the scheduled job that opens and closes campaigns."""
        cls.env.flush_all()
        cls.env.ref("community_groupbuy.ir_cron_open_and_close").method_direct_trigger()
        cls.env.invalidate_all()

    @classmethod
    def _close(cls, campaign):
        """Close a campaign and work on everything that follows."""
        campaign.action_close_now()
        cls._run_open_and_close()
        cls._run_jobs()
        return campaign

    @classmethod
    def _receive(cls, campaign):
        """Confirm the requests, receive the goods and bring them to the points."""
        campaign.purchase_order_ids.button_confirm()
        for picking in campaign.purchase_order_ids.picking_ids:
            cls._validate(picking)
        cls._bring(campaign)

    @classmethod
    def _bring(cls, campaign):
        """Validate the transfers to the pickup points."""
        cls.env.invalidate_all()
        for picking in campaign.picking_ids.filtered(
            lambda p: (
                p.groupbuy_role == "to_point" and p.state not in ("done", "cancel")
            )
        ):
            picking.action_assign()
            cls._validate(picking)

    @classmethod
    def _hand_out(cls, orders):
        """Validate the residents' transfers."""
        for picking in orders.groupbuy_picking_ids:
            cls._validate(picking)

    @classmethod
    def _validate(cls, picking):
        """Validate a transfer with all of its quantities."""
        for move in picking.move_ids.filtered(lambda m: m.state != "cancel"):
            move.quantity = move.product_uom_qty
            move.picked = True
        result = picking.with_context(skip_backorder=True).button_validate()
        assert result is True, result  # noqa: S101

    # === ASSERTIONS === #

    def assertQuotaMatchesHolds(self, campaign):
        """Assert that each counter equals the living holds of its line."""
        self.env.cr.execute(
            """
            SELECT q.line_id, q.taken, COALESCE(SUM(h.quantity), 0)
              FROM groupbuy_quota q
              LEFT JOIN groupbuy_hold h ON h.line_id = q.line_id
                   AND h.state IN ('held', 'paid')
             WHERE q.line_id = ANY(%s)
             GROUP BY q.line_id, q.taken
            HAVING COALESCE(q.taken, 0) != COALESCE(SUM(h.quantity), 0)
            """,
            [campaign.line_ids.ids],
        )
        self.assertFalse(self.env.cr.fetchall(), "A counter differs from its holds")

    def assertMoneyReconciles(self, orders):
        """Assert charged = invoiced + refunded + owed, and nothing owed by mistake."""
        for order in orders:
            self.assertEqual(
                order.currency_id.round(
                    order.groupbuy_amount_charged
                    - order.groupbuy_amount_invoiced
                    - order.groupbuy_amount_refunded
                    - order.groupbuy_amount_owed
                ),
                0,
                order.name,
            )
