# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from ..utils import great_circle_km


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    delivery_type = fields.Selection(
        selection_add=[("groupbuy_pickup", "Pickup Point of a Campaign")],
        ondelete={"groupbuy_pickup": "set default"},
    )
    groupbuy_pickup_use_locations = fields.Boolean(
        compute="_compute_groupbuy_pickup_use_locations"
    )

    @api.depends("delivery_type")
    def _compute_groupbuy_pickup_use_locations(self):
        for carrier in self:
            carrier.groupbuy_pickup_use_locations = (
                carrier.delivery_type == "groupbuy_pickup"
            )

    def _is_available_for_order(self, order):
        """Override of `delivery`: campaigns say how their goods are delivered.

        Pickup points are for group orders only; other methods serve a group order
        only where its campaign offers them.
        """
        campaign = order.groupbuy_campaign_id.sudo()
        if self.delivery_type == "groupbuy_pickup":
            if not campaign.pickup_point_ids:
                return False
        elif campaign and self not in campaign.carrier_ids:
            return False
        return super()._is_available_for_order(order)

    def groupbuy_pickup_rate_shipment(self, order):
        """Return the price of bringing an order to its pickup point.

        Called by `delivery`; the price is that of the method's product.

        :param sale.order order: The order.
        :return: success, price (order's currency), error_message, warning_message.
        :rtype: dict
        """
        self.check_access("read")
        return self.fixed_rate_shipment(order)

    def _groupbuy_pickup_get_close_locations(self, partner_address, **kwargs):
        """Return the points that an order can be brought to, the best ones first.

        Called by `delivery` for its location selector. Points that serve the
        resident's community come first, then by distance as the crow flies. Positions
        are those entered in the back office: no map or geocoder is asked.

        :param res.partner partner_address: Where to look, with a postal code and
            perhaps a position.
        :return: Points as `_prepare_pickup_location_data` gives them, with distance
            (km, False where a position is unknown).
        :rtype: list[dict]
        """
        order = self.env["sale.order"].browse(self.env.context.get("groupbuy_order_id"))
        points = order.groupbuy_campaign_id.sudo().pickup_point_ids.filtered(
            lambda point: not point._get_refusal_reason(order)
        )
        community = order._groupbuy_get_community()
        position = self._groupbuy_get_position(partner_address, community, points)
        found = []
        for point in points:
            distance = False
            if position and (point.latitude or point.longitude):
                distance = round(
                    great_circle_km(*position, point.latitude, point.longitude), 2
                )
            found.append(
                (
                    community not in point.community_ids,
                    distance is False,
                    distance,
                    point.sequence,
                    point.id,
                    point._prepare_pickup_location_data() | {"distance": distance},
                )
            )
        return [values[-1] for values in sorted(found, key=lambda values: values[:-1])]

    def _groupbuy_get_position(self, address, community, points):
        """Return where distances are measured from.

        :param res.partner address: The address asked for.
        :param groupbuy.community community: The resident's community, may be empty.
        :param groupbuy.pickup.point points: The points; their communities' postal
            codes are known.
        :return: Latitude and longitude in degrees, None where nothing is known.
        :rtype: tuple[float, float] | None
        """
        if address.partner_latitude or address.partner_longitude:
            return address.partner_latitude, address.partner_longitude
        by_zip = (points.community_ids | community).filtered(
            lambda place: place.latitude or place.longitude
        )
        zip_code = address.zip or ""
        nearest = max(
            by_zip, key=lambda place: place._get_zip_match(zip_code), default=None
        )
        if nearest is not None and nearest._get_zip_match(zip_code):
            return nearest.latitude, nearest.longitude
        if community.latitude or community.longitude:
            return community.latitude, community.longitude
        return None
