# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    groupbuy_campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        string="Group Campaign",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    groupbuy_point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Pickup Point",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    groupbuy_role = fields.Selection(
        selection=[
            ("to_point", "To the pickup point"),
            ("to_resident", "To the resident"),
        ],
        readonly=True,
        copy=False,
    )
    groupbuy_is_extra = fields.Boolean(
        string="Beyond the Orders",
        readonly=True,
        copy=False,
        help="Carries what no order asks for, such as a replacement. What the campaign"
        " plans from its orders, and its papers, leave this transfer out.",
    )

    groupbuy_from_point_id = fields.Many2one(
        comodel_name="groupbuy.pickup.point",
        string="Handed Over From",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="The goods come from this pickup point instead of the warehouse.",
    )

    _groupbuy_idx = models.Index(
        "(groupbuy_campaign_id, groupbuy_point_id, groupbuy_role, partner_id)"
        " WHERE groupbuy_campaign_id IS NOT NULL"
    )

    def _create_backorder_picking(self):
        """Override of `stock` to keep the rest of a transfer in its campaign.

        A copy made by hand belongs to no campaign, but what is still to be brought or
        handed out does: the papers and the sums of the campaign count it.
        """
        backorder = super()._create_backorder_picking()
        if self.groupbuy_campaign_id:
            backorder.write(
                {
                    "groupbuy_campaign_id": self.groupbuy_campaign_id.id,
                    "groupbuy_point_id": self.groupbuy_point_id.id,
                    "groupbuy_from_point_id": self.groupbuy_from_point_id.id,
                    "groupbuy_role": self.groupbuy_role,
                    "groupbuy_is_extra": self.groupbuy_is_extra,
                }
            )
        return backorder

    def _action_done(self):
        """Override of `stock` to hand over what has arrived at a pickup point.

        The residents' transfers are reserved in the order of their priority, and the
        campaign is done when nobody waits for anything any more.
        """
        result = super()._action_done()
        arrived = self.filtered(
            lambda p: p.groupbuy_role == "to_point" and p.state == "done"
        )
        if arrived:
            arrived._groupbuy_reserve_for_residents()
        self._groupbuy_queue_invoices()
        handed = self.filtered(
            lambda p: p.groupbuy_role == "to_resident" and p.state == "done"
        )
        if handed:
            handed._groupbuy_on_handed_out()
            handed.groupbuy_campaign_id._finish_if_delivered()
        if arrived:
            arrived._groupbuy_on_arrived()
        return result

    def _groupbuy_on_arrived(self):
        """Hook for other addons: these transfers have arrived at their points."""

    def _groupbuy_on_handed_out(self):
        """Hook for other addons: residents have got what these transfers carry."""

    def _groupbuy_on_extra_planned(self):
        """Hook for other addons: residents get these transfers beyond their orders."""

    def _groupbuy_queue_invoices(self):
        """Queue the invoices of group orders whose goods were just handed out.

        The key names the transfer, so that a part that is handed out later gets an
        invoice of its own where products are invoiced by what was delivered.
        """
        vals_list = []
        for picking in self.filtered(lambda p: p.state == "done"):
            orders = picking.move_ids.sale_line_id.order_id.filtered(
                "groupbuy_campaign_id"
            )
            vals_list += [
                {
                    "key": f"invoice/{order.id}/{picking.id}",
                    "kind": "invoice",
                    "order": order,
                }
                for order in orders
            ]
        if vals_list:
            self.env["groupbuy.job"].sudo()._add(vals_list)

    def _groupbuy_reserve_for_residents(self):
        """Reserve what has arrived for the residents, first come first served."""
        for picking in self:
            waiting = self.search(
                [
                    ("groupbuy_campaign_id", "=", picking.groupbuy_campaign_id.id),
                    ("groupbuy_point_id", "=", picking.groupbuy_point_id.id),
                    ("groupbuy_role", "=", "to_resident"),
                    ("state", "in", ("confirmed", "waiting", "assigned")),
                ],
                order="priority desc, id",
            )
            waiting.move_ids._groupbuy_reserve_in_order()
