# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import json

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.http import request

from ..const import PRIVILEGE
from ..utils import parse_id


class SaleOrder(models.Model):
    """Where a group order is delivered to."""

    _inherit = "sale.order"

    @api.depends("groupbuy_point_id")
    def _compute_fiscal_position_id(self):
        """Override of `sale`: what is collected at a point is delivered there."""
        at_point = self.filtered("groupbuy_point_id")
        positions = self.env["account.fiscal.position"].sudo()
        for order in at_point:
            order.fiscal_position_id = positions.with_company(
                order.company_id
            )._get_fiscal_position(
                order.partner_id, delivery=order.groupbuy_point_id.sudo().partner_id
            )
        return super(SaleOrder, self - at_point)._compute_fiscal_position_id()

    def _groupbuy_get_community(self):
        """Return the community that the resident belongs to or looks at.

        :rtype: groupbuy.community
        """
        self.ensure_one()
        community = self.sudo().partner_id.groupbuy_community_id
        if not community and request and getattr(request, "website", None):
            community = request.website._get_groupbuy_community()
        return community

    def _get_pickup_locations(self, zip_code=None, country=None, **kwargs):
        """Override of `delivery` to pass the campaign on and to distrust the request.

        :param str zip_code: What the visitor typed; anything else is ignored.
        """
        if self.carrier_id.delivery_type != "groupbuy_pickup":
            return super()._get_pickup_locations(zip_code, country, **kwargs)
        zip_code = zip_code[:24].strip() if isinstance(zip_code, str) else None
        country = (
            country or self.partner_shipping_id.country_id or self.company_id.country_id
        )
        result = super(
            SaleOrder, self.with_context(groupbuy_order_id=self.id)
        )._get_pickup_locations(zip_code if country else None, country)
        if "error" in result:
            result["error"] = self.env._(
                "All pickup points of this campaign are full or closed."
            )
        return result

    def _set_pickup_location(self, pickup_location_data):
        """Override of `delivery`: a browser names a point, the rest is derived.

        :raise ValidationError: If there is no such point in the campaign, or if it is
            closed or full.
        """
        if self.carrier_id.delivery_type != "groupbuy_pickup":
            return super()._set_pickup_location(pickup_location_data)
        if self.groupbuy_campaign_id and self.groupbuy_state != "cart":
            raise ValidationError(
                self.env._(
                    "The order has joined the group of its pickup point. It can no"
                    " longer be moved to another one."
                )
            )
        if not pickup_location_data:
            self._groupbuy_set_point(self.env["groupbuy.pickup.point"])
            return None
        try:
            location = json.loads(pickup_location_data)
        except (TypeError, ValueError):
            location = None
        if location == {}:
            # What the checkout sends as long as nothing was chosen.
            self._groupbuy_set_point(self.env["groupbuy.pickup.point"])
            return None
        location_id = location.get("id") if isinstance(location, dict) else None
        self._groupbuy_set_point(
            self.env["groupbuy.pickup.point"]._get_for_order(self, location_id)
        )
        return None

    def _groupbuy_set_point(self, point):
        """Have the order brought to a point of its campaign.

        :param groupbuy.pickup.point point: A point that was checked; may be empty.
        """
        self.ensure_one()
        position = self.fiscal_position_id
        self.pickup_location_data = (
            point._prepare_pickup_location_data() if point else False
        )
        if point:
            self._groupbuy_assign_group(point)
        else:
            self.with_context(groupbuy_system_write=PRIVILEGE).write(
                {"groupbuy_group_id": False, "groupbuy_point_id": False}
            )
        if self.fiscal_position_id != position:
            self._recompute_taxes()

    def _set_delivery_method(self, delivery_method, rate=None):
        """Override of `website_sale` to keep the group in line with the delivery."""
        if not self.groupbuy_campaign_id:
            return super()._set_delivery_method(delivery_method, rate=rate)
        result = super()._set_delivery_method(delivery_method, rate=rate)
        if self.carrier_id.delivery_type == "groupbuy_pickup":
            point = self._groupbuy_get_default_point()
            self._groupbuy_set_point(point)
        else:
            self._groupbuy_set_point(self.env["groupbuy.pickup.point"])
            if self.carrier_id:
                self._groupbuy_assign_group(self.env["groupbuy.pickup.point"])
        return result

    def _groupbuy_get_default_point(self):
        """Return the point to propose: the one chosen before, or the only one.

        :rtype: groupbuy.pickup.point
        """
        self.ensure_one()
        points = self.groupbuy_campaign_id.sudo().pickup_point_ids
        chosen = self.groupbuy_point_id.sudo()
        if chosen in points and not chosen._get_refusal_reason(self):
            return chosen
        community = self._groupbuy_get_community()
        for candidates in (
            points.filtered(lambda point: community in point.community_ids),
            points,
        ):
            if len(candidates) == 1 and not candidates._get_refusal_reason(self):
                return candidates
        return points.browse()

    def _groupbuy_check_delivery(self):
        """Check right before the payment that the order can be delivered.

        :raise ValidationError: If no point was chosen, or if it has closed or is
            full since.
        """
        self.ensure_one()
        if not self._has_deliverable_products():
            return
        if self.carrier_id.delivery_type == "groupbuy_pickup":
            if not self.groupbuy_point_id:
                raise ValidationError(self.env._("Please choose a pickup point."))
            self.env["groupbuy.pickup.point"]._get_for_order(
                self, parse_id(self.groupbuy_point_id.id)
            )

    def _action_confirm(self):
        """Override of `delivery`: no address of the resident is made for a point.

        The point has an address already, and one more contact for each order would
        only fill the address books.
        """
        self.filtered("groupbuy_point_id").pickup_location_data = False
        return super()._action_confirm()
