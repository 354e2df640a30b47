# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, float_compare

from odoo.addons.community_groupbuy.const import PRIVILEGE

from .groupbuy_leader import WORKING_STATES

PRECISION = 6

# Campaigns that residents can still join, or will be able to.
COMING_STATES = ("draft", "scheduled", "open")


class GroupBuyLeader(models.Model):
    """How a leader goes: groups, goods and residents are handed over."""

    _inherit = "groupbuy.leader"

    def _leave(self, targets, successor, reason):
        """Hand everything over to other points and end the work of a leader.

        One transaction: either all of it is handed over or nothing. Why it is safe:
        the leader's row is locked, so it happens once; the campaigns that can still
        be joined are locked as the close does it, so a payment that is just being
        registered is waited for and moves with the others.

        :param dict targets: Pickup point of the leader → point that takes over.
        :param groupbuy.leader successor: Whom the residents are bound to; may be
            empty.
        :param str reason: Why, for the history.
        :raise UserError: If a point has no one to take over, or a campaign is just
            being closed.
        """
        self.ensure_one()
        self._check_manager()
        leader = self.sudo().with_company(self.company_id)
        leader._lock_row()
        if leader.state == "left":
            raise UserError(self.env._("This leader has left already."))
        if not (reason or "").strip():
            raise UserError(self.env._("Enter the reason."))
        points = leader.with_context(active_test=False).point_ids
        leader._check_targets(points, targets, successor)
        for point in points:
            target = targets.get(point)
            if target:
                leader._hand_over_point(point, target)
        residents = (
            self.env["res.partner"]
            .sudo()
            .search([("groupbuy_leader_id", "=", leader.id)])
        )
        residents._groupbuy_bind(successor.sudo(), "exit")
        points.write(
            {
                "leader_id": False,
                "manager_user_ids": [
                    Command.unlink(user.id) for user in leader.partner_id.user_ids
                ],
                "is_paused": True,
                "active": False,
            }
        )
        leader.write(
            {
                "state": "left",
                "date_end": fields.Date.context_today(leader),
                "warning_deadline": False,
                "is_paused_by_staff": False,
                "pause_reason": False,
            }
        )
        leader.activity_unlink(["mail.mail_activity_data_todo"])
        leader.message_post(
            body=self.env._("Left. Reason: %s", reason.strip()),
            author_id=self.env.user.partner_id.id,
        )
        leader._on_left()

    def _lock_row(self):
        """Lock the leader's row, and read it again."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL("SELECT 1 FROM groupbuy_leader WHERE id = %s FOR UPDATE", self.id)
        )
        self.invalidate_recordset()

    def _check_targets(self, points, targets, successor):
        """Check that everything has somewhere to go.

        :raise UserError: If not.
        """
        orders = self._get_open_orders(points)
        for point in points:
            target = targets.get(point)
            if not target:
                if point.active or orders.filtered(
                    lambda order, point=point: order.groupbuy_point_id == point
                ):
                    raise UserError(
                        self.env._("Choose which point takes over from %s.", point.name)
                    )
                continue
            target = target.sudo()
            if (
                target in points
                or target.company_id != self.company_id
                or not target.active
                or target.is_paused
                or (target.leader_id and target.leader_id.state not in WORKING_STATES)
            ):
                raise UserError(
                    self.env._(
                        "%s cannot take over: choose another point.", target.name
                    )
                )
        if successor and (
            successor == self
            or successor.sudo().company_id != self.company_id
            or successor.sudo().state not in WORKING_STATES
        ):
            raise UserError(self.env._("The residents need a leader who works."))
        closing = orders.groupbuy_campaign_id.filtered(lambda c: c.state == "closing")
        if closing:
            raise UserError(
                self.env._(
                    "%s is just being closed. Try again in a minute.",
                    ", ".join(closing.mapped("name")),
                )
            )

    def _get_open_orders(self, points):
        """Return the orders of points that are not collected yet.

        :param groupbuy.pickup.point points: The points.
        :return: Carts and orders that wait in campaigns under way, and confirmed ones
            of which something has still to be handed out.
        :rtype: sale.order
        """
        orders = self.env["sale.order"].sudo()
        waiting = orders.search(
            [
                ("groupbuy_point_id", "in", points.ids),
                ("groupbuy_state", "in", ("cart", "waiting")),
                ("groupbuy_campaign_id.state", "not in", ("done", "cancelled")),
            ]
        )
        confirmed = orders.search(
            [
                ("groupbuy_point_id", "in", points.ids),
                ("groupbuy_state", "=", "confirmed"),
                (
                    "order_line.move_ids",
                    "any",
                    [
                        ("state", "not in", ("done", "cancel")),
                        ("picking_id.groupbuy_role", "=", "to_resident"),
                    ],
                ),
            ]
        )
        return waiting | confirmed

    def _hand_over_point(self, point, target):
        """Move groups, orders and goods of a point to another one.

        :param groupbuy.pickup.point point: The leader's point.
        :param groupbuy.pickup.point target: The point that takes over.
        """
        target = target.sudo()
        campaigns = (
            self.env["groupbuy.campaign"]
            .sudo()
            .search(
                [
                    ("pickup_point_ids", "in", point.ids),
                    ("state", "in", COMING_STATES),
                ],
                order="id",
            )
        )
        campaigns.filtered(lambda c: c.state == "open")._lock()
        # After the lock: who has joined meanwhile moves too.
        orders = self._get_open_orders(point)
        self._move_groups(campaigns | orders.groupbuy_campaign_id, point, target)
        self._move_campaigns(campaigns, point, target)
        self._move_orders(orders, point, target)
        self._move_goods(point, target)
        joined = orders.filtered(lambda order: order.groupbuy_state != "cart")
        if joined:
            self.env.ref("groupbuy_leader.mail_template_point_changed").with_user(
                SUPERUSER_ID
            ).send_mail_batch(joined.ids)

    def _move_groups(self, campaigns, point, target):
        """Give the groups of a point to another one.

        Where the other point has no group in the campaign, the group itself moves.
        Where it has one and the campaign can still be joined, the joiners become one
        group, with what they hold. After the close, what was decided for a group
        stays with its joiners.
        """
        holds = self.env["groupbuy.hold"].sudo()
        for campaign in campaigns:
            groups = campaign.group_ids.filtered(lambda group: not group.initiator_id)
            mine = groups.filtered(lambda group: group.pickup_point_id == point)
            theirs = groups.filtered(lambda group: group.pickup_point_id == target)
            if mine and not theirs:
                mine.pickup_point_id = target
            elif mine and campaign.state in COMING_STATES:
                mine.order_ids.filtered(
                    lambda order: order.groupbuy_state in ("cart", "waiting")
                ).groupbuy_group_id = theirs
                holds.search(
                    [("campaign_id", "=", campaign.id), ("group_id", "=", mine.id)]
                ).group_id = theirs
            # Teams keep their initiator and collect at the other point.
            campaign.group_ids.filtered(
                lambda group: group.initiator_id and group.pickup_point_id == point
            ).pickup_point_id = target

    def _move_campaigns(self, campaigns, point, target):
        """Offer the other point in the campaigns that can still be joined."""
        for campaign in campaigns:
            campaign.with_context(groupbuy_system_write=PRIVILEGE).pickup_point_ids = [
                Command.unlink(point.id),
                Command.link(target.id),
            ]
            campaign.message_post(
                body=self.env._(
                    "%(leader)s leaves: %(target)s takes over from %(point)s.",
                    leader=self.partner_id.name,
                    target=target.name,
                    point=point.name,
                ),
                author_id=self.env.user.partner_id.id,
            )

    def _move_orders(self, orders, point, target):
        """Have orders collected at another point, at the price they have.

        The fiscal position is that of the point where the resident joined: nobody
        pays another tax because a leader goes.
        """
        if not orders:
            return
        orders = orders.with_context(tracking_disable=True)
        field = orders._fields["fiscal_position_id"]
        with self.env.protecting([field], orders):
            orders.write({"groupbuy_point_id": target.id})
            orders.flush_recordset()
        orders.filtered(
            lambda order: order.groupbuy_state != "confirmed"
        ).pickup_location_data = target._prepare_pickup_location_data()
        pickings = (
            self.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("groupbuy_point_id", "=", point.id),
                    ("groupbuy_role", "=", "to_resident"),
                    ("state", "not in", ("done", "cancel")),
                    ("move_ids.sale_line_id.order_id", "in", orders.ids),
                ]
            )
        )
        pickings.move_ids.filtered(
            lambda move: move.state in ("assigned", "partially_available")
        )._do_unreserve()
        pickings.write(
            {"groupbuy_point_id": target.id, "location_id": target.location_id.id}
        )

    # === GOODS === #

    def _move_goods(self, point, target):
        """Bring what lies at a point to another one, and send there what still comes.

        What residents are owed from a campaign goes as a transfer of the campaign, so
        that the campaign counts it; what else lies there goes as one more transfer.
        Transfers from the warehouse follow from the residents' by
        :meth:`groupbuy.campaign._sync_supply`.
        """
        lying = self._get_lying_quantities(point)
        wanted = self._get_wanted_quantities(target)
        by_campaign = {}
        for (campaign_id, product_id), quantity in lying.items():
            share = min(quantity, wanted.get((campaign_id, product_id), 0.0))
            if float_compare(share, 0, precision_digits=PRECISION) > 0:
                by_campaign.setdefault(campaign_id, {})[product_id] = share
        for campaign_id, quantities in by_campaign.items():
            campaign = self.env["groupbuy.campaign"].sudo().browse(campaign_id)
            self._create_handover(point, target, quantities, campaign)
        campaigns = (
            self.env["stock.picking"]
            .sudo()
            .search(
                [
                    ("groupbuy_point_id", "in", (point | target).ids),
                    ("groupbuy_role", "in", ("to_point", "to_resident")),
                    ("state", "not in", ("done", "cancel")),
                ]
            )
            .groupbuy_campaign_id.filtered("is_supply_launched")
        )
        campaigns._sync_supply()
        rest = self._get_unreserved_stock(point)
        if rest:
            self._create_handover(
                point, target, rest, self.env["groupbuy.campaign"].sudo()
            )

    def _get_lying_quantities(self, point):
        """Return what has arrived at a point and was not handed out, by campaign.

        :return: (campaign id, product id) → quantity in the product's unit.
        :rtype: dict[tuple[int, int], float]
        """
        self.env["stock.move"].flush_model()
        self.env["stock.picking"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT p.groupbuy_campaign_id, m.product_id,
                       SUM(CASE WHEN m.location_dest_id = %(location)s
                                THEN m.product_qty ELSE -m.product_qty END)
                  FROM stock_move m
                  JOIN stock_picking p ON p.id = m.picking_id
                 WHERE m.state = 'done' AND p.groupbuy_campaign_id IS NOT NULL
                   AND (m.location_id = %(location)s
                        OR m.location_dest_id = %(location)s)
                 GROUP BY p.groupbuy_campaign_id, m.product_id
                """,
                location=point.location_id.id,
            )
        )
        return {
            (campaign_id, product_id): float(quantity)
            for campaign_id, product_id, quantity in self.env.cr.fetchall()
        }

    def _get_wanted_quantities(self, target):
        """Return what the residents' open transfers at a point want, less what comes.

        What the other point has and expects for its own residents is taken off, so
        that only what was handed over is brought.

        :return: (campaign id, product id) → quantity in the product's unit.
        :rtype: dict[tuple[int, int], float]
        """
        self.env["stock.move"].flush_model()
        self.env["stock.picking"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT p.groupbuy_campaign_id, m.product_id,
                       SUM(CASE p.groupbuy_role WHEN 'to_resident' THEN m.product_qty
                           ELSE -m.product_qty END)
                  FROM stock_picking p
                  JOIN stock_move m ON m.picking_id = p.id
                 WHERE p.groupbuy_point_id = %s AND m.state != 'cancel'
                   AND p.groupbuy_role IN ('to_point', 'to_resident')
                   AND p.groupbuy_campaign_id IS NOT NULL
                 GROUP BY p.groupbuy_campaign_id, m.product_id
                """,
                target.id,
            )
        )
        return {
            (campaign_id, product_id): float(quantity)
            for campaign_id, product_id, quantity in self.env.cr.fetchall()
        }

    def _get_unreserved_stock(self, point):
        """Return what lies at a point and is not on its way yet.

        :return: Product id → quantity in the product's unit.
        :rtype: dict[int, float]
        """
        rows = (
            self.env["stock.quant"]
            .sudo()
            ._read_group(
                [("location_id", "child_of", point.location_id.id)],
                ["product_id"],
                ["quantity:sum", "reserved_quantity:sum"],
            )
        )
        return {
            product.id: quantity - reserved
            for product, quantity, reserved in rows
            if float_compare(quantity - reserved, 0, precision_digits=PRECISION) > 0
        }

    def _create_handover(self, point, target, quantities, campaign):
        """Make the transfer of goods from a point to another one.

        :param dict quantities: Product id → quantity in the product's unit.
        :param groupbuy.campaign campaign: What they were bought for; may be empty.
        :rtype: stock.picking
        """
        warehouse = campaign.warehouse_id or self.env["stock.warehouse"].sudo().search(
            [("company_id", "=", self.company_id.id)], limit=1
        )
        origin = campaign.reference or self.env._("Handover %s", point.name)
        picking = (
            self.env["stock.picking"]
            .sudo()
            .create(
                {
                    "picking_type_id": warehouse.int_type_id.id,
                    "partner_id": target.partner_id.id,
                    "origin": origin,
                    "company_id": self.company_id.id,
                    "location_id": point.location_id.id,
                    "location_dest_id": target.location_id.id,
                    "groupbuy_campaign_id": campaign.id,
                    "groupbuy_point_id": target.id,
                    "groupbuy_from_point_id": point.id,
                    "groupbuy_role": "to_point" if campaign else False,
                    "user_id": False,
                }
            )
        )
        products = self.env["product.product"].browse(quantities)
        moves = (
            self.env["stock.move"]
            .sudo()
            .create(
                [
                    {
                        "picking_id": picking.id,
                        "picking_type_id": picking.picking_type_id.id,
                        "product_id": product.id,
                        "product_uom_qty": quantities[product.id],
                        "product_uom": product.uom_id.id,
                        "location_id": point.location_id.id,
                        "location_dest_id": target.location_id.id,
                        "company_id": self.company_id.id,
                        "origin": origin,
                        "procure_method": "make_to_stock",
                    }
                    for product in products
                ]
            )
        )
        moves._action_confirm(merge=False)
        moves._action_assign()
        return picking
