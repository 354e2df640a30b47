# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..code_text import format_code


class SaleOrder(models.Model):
    """What opens a resident's goods, and what the order's page says about it."""

    _inherit = "sale.order"

    groupbuy_verification_count = fields.Integer(
        string="Verifications", compute="_compute_groupbuy_verification_count"
    )

    def _compute_groupbuy_verification_count(self):
        pickings = self.groupbuy_picking_ids
        counts = dict(
            self.env["groupbuy.verification"]._read_group(
                [("picking_id", "in", pickings.ids)], ["picking_id"], ["__count"]
            )
        )
        for order in self:
            order.groupbuy_verification_count = sum(
                counts.get(picking, 0) for picking in order.groupbuy_picking_ids
            )

    def _groupbuy_get_or_create_pickings(self):
        """Override of `community_groupbuy` to give each new transfer its code."""
        pickings = super()._groupbuy_get_or_create_pickings()
        self.env["groupbuy.pickup.code"].sudo()._issue(
            self.env["stock.picking"].union(*pickings.values())
        )
        return pickings

    @api.model
    def _groupbuy_give_back_many(self, calls):
        """Override of `community_groupbuy` to lock transfers before orders.

        A verification locks in this order; two that lock the same rows the other way
        round would wait for each other.
        """
        lines = self.env["sale.order.line"].union(
            *(line for call in calls for line in call["quantities"])
        )
        # Elevated: locking changes nothing, and who gives back may not read transfers.
        lines.sudo().move_ids.picking_id._groupbuy_lock_transfers()
        return super()._groupbuy_give_back_many(calls)

    # === THE ORDER'S PAGE === #

    def _groupbuy_get_open_codes(self):
        """Return the codes that open what is still to be collected.

        More than one where a replacement waits beside what was ordered.

        :rtype: groupbuy.pickup.code
        """
        self.ensure_one()
        # Elevated: the caller has checked whose order it is.
        pickings = self.sudo().groupbuy_picking_ids.filtered(
            lambda picking: (
                picking.groupbuy_role == "to_resident"
                and picking.state not in ("done", "cancel")
            )
        )
        return pickings.groupbuy_code_ids.filtered(
            lambda code: code.state == "open"
        ).sorted("id")

    def _groupbuy_get_code_values(self):
        """Return what the order's page shows to collect the goods with.

        :return: For each code: code, qr (data URI), items, place, address, hours,
            last_day, terms, is_arrived; empty when there is nothing to collect.
        :rtype: list[dict]
        """
        return [
            self._groupbuy_prepare_code_values(code)
            for code in self._groupbuy_get_open_codes()
            if code._is_readable()
        ]

    def _groupbuy_prepare_code_values(self, code):
        """Return what the order's page shows of one code."""
        picking = code.picking_id
        point = picking.groupbuy_point_id
        partner = point.partner_id
        campaign = picking.groupbuy_campaign_id
        return {
            "code": format_code(code._get_text()),
            "qr": code._get_qr_data_uri(),
            "items": ", ".join(
                f"{move.product_uom_qty:g} × {move.product_id.display_name}"
                # Residents know no internal references.
                for move in picking.with_context(display_default_code=False).move_ids
                if move.state not in ("done", "cancel")
            ),
            "point": point,
            "place": point.name,
            "address": ", ".join(
                part for part in (partner.street, partner.street2, partner.city) if part
            ),
            "hours": point._get_hours_rows(),
            "last_day": point._format_local(code.expires_at),
            "terms": campaign._get_unclaimed_terms(),
            "is_arrived": picking.state == "assigned",
            "is_moved": point != self.sudo().groupbuy_point_id,
        }

    def _groupbuy_reissue_code(self):
        """Replace the codes of this order for its resident.

        :raise UserError: If there is nothing to collect.
        """
        if not self._groupbuy_get_open_codes()._reissue():
            raise UserError(
                self.env._("There is nothing to collect, so there is no code.")
            )

    def _groupbuy_get_handed_out(self):
        """Return what was handed out of this order, for its page.

        :return: Dicts with text, by the latest first.
        :rtype: list[dict]
        """
        self.ensure_one()
        rows = (
            self.env["groupbuy.verification"]
            .sudo()
            .search([("picking_id", "in", self.sudo().groupbuy_picking_ids.ids)])
        )
        texts = []
        for row in rows.filtered(
            lambda row: row.kind == "pickup" and not row.undone_by_ids
        ):
            zone = row.point_id or row.campaign_id
            texts.append(
                self.env._(
                    "%(time)s: %(what)s",
                    time=zone._format_local(row.at),
                    what=", ".join(
                        f"{line.quantity:g} × {line.product_id.display_name}"
                        for line in row.with_context(
                            display_default_code=False
                        ).line_ids
                        if line.move_id.sale_line_id.order_id == self
                    ),
                )
            )
        return texts

    # === PARCELS === #

    def _groupbuy_get_unconfirmed_parcels(self):
        """Return the delivered parcels whose receipt the resident can confirm.

        :rtype: stock.picking
        """
        self.ensure_one()
        if self.groupbuy_point_id or not self.groupbuy_campaign_id:
            return self.env["stock.picking"]
        return (
            self.env["groupbuy.verification"]
            .sudo()
            ._get_unconfirmed(self.sudo().groupbuy_picking_ids)
        )

    def _groupbuy_confirm_receipt(self):
        """Log that the resident has received what was brought to the door.

        :raise UserError: If nothing was delivered, or all of it is confirmed.
        """
        self.ensure_one()
        parcels = self._groupbuy_get_unconfirmed_parcels()
        if not self.env["groupbuy.verification"]._confirm_receipt(parcels, "receipt"):
            raise UserError(
                self.env._("There is no delivered parcel that you could confirm.")
            )

    def action_view_groupbuy_verifications(self):
        """Open what was handed out of this order.

        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "groupbuy_verification.groupbuy_verification_action"
        )
        action["domain"] = [("picking_id", "in", self.groupbuy_picking_ids.ids)]
        action["context"] = {}
        return action
