# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import SEND_SLICE, UNCLAIMED_SLICE


class GroupBuyPickupCode(models.Model):
    """Goods that nobody collects: reminders, and where they go."""

    _inherit = "groupbuy.pickup.code"

    reminded_at = fields.Datetime(string="Reminded", readonly=True)
    overdue_at = fields.Datetime(
        string="Told It Is Overdue",
        readonly=True,
        help="When the resident was told that the pickup window is over.",
    )
    moved_at = fields.Datetime(
        string="Moved",
        readonly=True,
        help="When the goods were sent on to another point.",
    )

    @api.model
    def _cron_unclaimed(self):
        """Remind residents, then do what the campaigns say; slice by slice.

        By state and `<= now`, never by a window of time: after a night in which
        nothing ran, all of it is done once.
        """
        for kind, template in (
            ("reminded_at", "groupbuy_verification.mail_template_reminder"),
            ("overdue_at", "groupbuy_verification.mail_template_overdue"),
        ):
            if not self._remind(kind, template):
                return
        self._clear_unclaimed()

    # === REMINDERS === #

    @api.model
    def _remind(self, kind, xmlid):
        """Send one kind of reminder to everybody who is due for it.

        :param str kind: The field that says it was sent.
        :param str xmlid: The mail.
        :return: False when the scheduled job's time is over.
        :rtype: bool
        """
        commit = self.env["ir.cron"]._commit_progress
        template = self.env.ref(xmlid, raise_if_not_found=False)
        while codes := self._lock_due_reminders(kind):
            codes[kind] = fields.Datetime.now()
            reachable = codes.filtered("partner_id.email")
            if template and reachable:
                template.send_mail_batch(reachable.ids, force_send=False)
            if not commit(processed=len(codes)):
                return False
        return True

    @api.model
    def _lock_due_reminders(self, kind):
        """Lock the next codes whose residents are to be reminded."""
        now = fields.Datetime.now()
        stay = SQL(
            "CASE WHEN g.unclaimed_rule = 'stay'"
            " THEN make_interval(days => g.unclaimed_days)"
            " ELSE make_interval() END"
        )
        until = SQL("COALESCE(c.extended_until, g.pickup_until + %s)", stay)
        if kind == "reminded_at":
            due = SQL(
                "COALESCE(g.reminder_hours, 0) > 0 AND g.pickup_until > %(now)s AND"
                " g.pickup_until - make_interval(hours => g.reminder_hours) <= %(now)s",
                now=now,
            )
        else:
            due = SQL(
                "g.unclaimed_rule = 'stay' AND g.pickup_until <= %(now)s"
                " AND %(until)s > %(now)s",
                now=now,
                until=until,
            )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id
                  FROM groupbuy_pickup_code c
                  JOIN stock_picking p ON p.id = c.picking_id
                  JOIN groupbuy_campaign g ON g.id = p.groupbuy_campaign_id
                 WHERE c.state = 'open' AND c.moved_at IS NULL AND %(field)s IS NULL
                   AND p.state = 'assigned' AND p.groupbuy_role = 'to_resident'
                   AND %(due)s
                 ORDER BY c.id LIMIT %(limit)s
                   FOR NO KEY UPDATE OF c SKIP LOCKED
                """,
                field=SQL.identifier("c", kind),
                due=due,
                limit=SEND_SLICE,
            )
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    # === WHAT BECOMES OF THEM === #

    @api.model
    def _get_expired(self):
        """Return the open codes whose goods can no longer be collected.

        :rtype: groupbuy.pickup.code
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id
                  FROM groupbuy_pickup_code c
                  JOIN stock_picking p ON p.id = c.picking_id
                  JOIN groupbuy_campaign g ON g.id = p.groupbuy_campaign_id
                 WHERE c.state = 'open' AND p.state = 'assigned'
                   AND p.groupbuy_role = 'to_resident'
                   AND COALESCE(c.extended_until, g.pickup_until +
                       CASE WHEN g.unclaimed_rule = 'stay'
                            THEN make_interval(days => g.unclaimed_days)
                            ELSE make_interval() END) <= %s
                 ORDER BY p.groupbuy_campaign_id, p.groupbuy_point_id, c.id
                """,
                fields.Datetime.now(),
            )
        )
        return self.browse(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _clear_unclaimed(self):
        """Send unclaimed goods on or back, a slice of one campaign and point at once.

        Why it is safe: the rows that a verification locks are locked in the same
        order, so each parcel is either handed out or sent away. What somebody is
        handing out at this moment is left for the next run, as is what an open case
        is about. A slice that fails is reported and stops no other one.
        """
        commit = self.env["ir.cron"]._commit_progress
        expired = self._get_expired()
        groups = expired.grouped(lambda code: (code.campaign_id, code.point_id))
        for codes in groups.values():
            for start in range(0, len(codes), UNCLAIMED_SLICE):
                # A commit lies between: look again at what is there now.
                self.env.invalidate_all()
                part = (codes[start : start + UNCLAIMED_SLICE]) & self._get_expired()
                verification = self.env["groupbuy.verification"].sudo()
                if part and verification._lock(part.picking_id, part) is not None:
                    part._clear_slice()
                if not commit(processed=len(part)):
                    return

    def _clear_slice(self):
        """Send the goods of codes of one campaign and point on, or back."""
        blocked = self.picking_id._groupbuy_get_blocked_quantities()
        codes = self.filtered(
            lambda code: (
                not any(blocked.get(move.id) for move in code.picking_id.move_ids)
            )
        )
        if not codes:
            return
        campaign, point = codes[0].campaign_id, codes[0].point_id
        try:
            with self.env.cr.savepoint():
                other = campaign.unclaimed_point_id
                waiting = codes.filtered(lambda code: not code.moved_at)
                if campaign.unclaimed_rule != "transfer" or other == point:
                    waiting = self.browse()
                waiting._send_on(campaign, point, other)
                (codes - waiting)._send_back(campaign, point)
                self.env.flush_all()
        except OperationalError:
            raise
        except Exception as error:
            # Whatever it is: the goods of other campaigns and points are cleared, and
            # the responsible gets to know of these.
            self.env.invalidate_all()
            campaign._report_failure(error)

    def _send_on(self, campaign, point, other):
        """Bring goods to another point, where their residents can still collect them.

        :param groupbuy.campaign campaign: Their campaign.
        :param groupbuy.pickup.point point: Where they lie.
        :param groupbuy.pickup.point other: Where they are brought.
        """
        if not self:
            return
        pickings = self.picking_id
        moves = pickings.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        quantities = moves._groupbuy_sum_reserved()
        moves._do_unreserve()
        pickings.write(
            {
                "groupbuy_point_id": other.id,
                "location_id": other.location_id.id,
            }
        )
        moves.write({"location_id": other.location_id.id})
        self._make_transfer(
            point,
            other.location_id,
            quantities,
            {
                "partner_id": other.partner_id.id,
                "groupbuy_campaign_id": campaign.id,
                "groupbuy_point_id": other.id,
                "groupbuy_role": "to_point",
                # The orders have asked for it once, at the first point.
                "groupbuy_is_extra": True,
            },
        )
        now = fields.Datetime.now()
        self.write(
            {
                "moved_at": now,
                # Counted again from the arrival, see `stock.picking`.
                "extended_until": now + timedelta(days=campaign.unclaimed_days),
                "sent_at": False,
                "event_count": self[0].event_count + 1,
            }
        )

    def _send_back(self, campaign, point):
        """Return goods to the warehouse and their price, less the fee.

        :param groupbuy.campaign campaign: Their campaign.
        :param groupbuy.pickup.point point: Where they lie.
        """
        if not self:
            return
        moves = self.picking_id.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        # Kept apart by the point that they were brought to for their orders, which is
        # another one when they were sent on.
        parts = [
            (*origin, some._groupbuy_sum_reserved())
            for origin, some in moves.grouped(
                lambda move: (
                    move.sale_line_id.order_id.groupbuy_point_id or point,
                    move.picking_id.groupbuy_is_extra,
                )
            ).items()
        ]
        template = self.env.ref(
            "groupbuy_verification.mail_template_returned", raise_if_not_found=False
        )
        self.picking_id._groupbuy_refund_unclaimed()
        self.write({"state": "cancelled", "event_count": self[0].event_count + 1})
        for origin, is_extra, quantities in parts:
            self._make_transfer(
                point,
                campaign.warehouse_id.lot_stock_id,
                quantities,
                {
                    "partner_id": point.partner_id.id,
                    "groupbuy_campaign_id": campaign.id,
                    "groupbuy_point_id": origin.id,
                    "groupbuy_role": "from_point",
                    "groupbuy_is_extra": is_extra,
                },
            )
        reachable = self.filtered("partner_id.email")
        if template and reachable:
            template.send_mail_batch(reachable.ids, force_send=False)
        campaign._finish_if_delivered()

    @api.model
    def _make_transfer(self, point, destination, quantities, values):
        """Make the real transfer of unclaimed goods, ready to be carried.

        :param groupbuy.pickup.point point: Where they lie.
        :param stock.location destination: Where they are brought.
        :param dict quantities: Product → quantity in its unit.
        :param dict values: What else the transfer says, with its campaign.
        :rtype: stock.picking
        """
        campaign = self.env["groupbuy.campaign"].browse(values["groupbuy_campaign_id"])
        if not quantities:
            return self.env["stock.picking"]
        picking = (
            self.env["stock.picking"]
            .with_context(tracking_disable=True)
            .create(
                {
                    "picking_type_id": campaign.warehouse_id.int_type_id.id,
                    "origin": campaign.reference,
                    "company_id": campaign.company_id.id,
                    "location_id": point.location_id.id,
                    "location_dest_id": destination.id,
                    "user_id": False,
                    **values,
                }
            )
        )
        self.env["stock.move"].create(
            [
                {
                    "picking_id": picking.id,
                    "picking_type_id": picking.picking_type_id.id,
                    "product_id": product.id,
                    "product_uom_qty": quantity,
                    "product_uom": product.uom_id.id,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                    "company_id": picking.company_id.id,
                    "origin": campaign.reference,
                    "procure_method": "make_to_stock",
                }
                for product, quantity in quantities.items()
            ]
        )
        picking.action_confirm()
        picking.action_assign()
        return picking
