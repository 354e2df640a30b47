# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_duration

from odoo.addons.base.models.res_partner import _tz_get

from ..const import JOINED_STATES
from ..utils import parse_id

# Longest pickup window whose days are looked at, so that a typing error in a year
# does not make a page walk through centuries.
MAX_WINDOW_DAYS = 366


class GroupBuyPickupPoint(models.Model):
    """A place where residents collect their goods (自提点).

    Its stock lies in a location of its own outside all warehouses: what waits there
    for residents is never free for the shop.
    """

    _name = "groupbuy.pickup.point"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Pickup Point"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(copy=False, help="Short name on labels and papers.")
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="Address, telephone and position of the point.",
    )
    street = fields.Char(related="partner_id.street", readonly=False)
    street2 = fields.Char(related="partner_id.street2", readonly=False)
    zip = fields.Char(related="partner_id.zip", readonly=False)
    city = fields.Char(related="partner_id.city", readonly=False)
    state_id = fields.Many2one(related="partner_id.state_id", readonly=False)
    country_id = fields.Many2one(related="partner_id.country_id", readonly=False)
    phone = fields.Char(related="partner_id.phone", readonly=False)
    latitude = fields.Float(related="partner_id.partner_latitude", readonly=False)
    longitude = fields.Float(related="partner_id.partner_longitude", readonly=False)
    location_id = fields.Many2one(
        comodel_name="stock.location",
        string="Stock Location",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    community_ids = fields.Many2many(
        comodel_name="groupbuy.community",
        relation="groupbuy_community_pickup_point_rel",
        column1="point_id",
        column2="community_id",
        string="Communities",
        check_company=True,
    )
    manager_user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="groupbuy_pickup_point_manager_rel",
        column1="point_id",
        column2="user_id",
        string="Managers",
        help="Who receives and hands out the goods here.",
    )
    tz = fields.Selection(
        selection=_tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: (
            self.env.company.partner_id.tz or self.env.user.tz or "UTC"
        ),
        help="Opening hours and days off are meant in this time zone.",
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Opening Hours",
        check_company=True,
        help="Empty means that it is always open.",
    )
    day_off_ids = fields.One2many(
        comodel_name="groupbuy.day.off", inverse_name="point_id", string="Days Off"
    )
    daily_capacity = fields.Integer(
        string="Residents a Day",
        tracking=True,
        help="How many residents can collect here on one day; 0 means any number.",
    )
    is_paused = fields.Boolean(
        string="Paused",
        tracking=True,
        help="Residents cannot choose it; what was ordered is still collected here.",
    )
    note = fields.Text(
        string="How to Find It",
        translate=True,
        help="Shown to residents with the address.",
    )
    waiting_count = fields.Integer(
        string="Waiting Orders",
        compute="_compute_waiting_count",
        help="Orders of residents that are to be collected here.",
    )

    _location_uniq = models.UniqueIndex("(location_id)")
    _code_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL AND code != ''",
        "Another pickup point of the company has this code.",
    )
    _daily_capacity_positive = models.Constraint(
        "CHECK (daily_capacity >= 0)", "The capacity cannot be negative."
    )

    def _compute_waiting_count(self):
        counts = dict(
            self.env["sale.order"]
            .sudo()
            ._read_group(
                [
                    ("groupbuy_point_id", "in", self.ids),
                    ("groupbuy_state", "in", JOINED_STATES),
                    ("groupbuy_campaign_id.state", "!=", "done"),
                ],
                ["groupbuy_point_id"],
                ["__count"],
            )
        )
        for point in self:
            point.waiting_count = counts.get(point, 0)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Create points with their address, where none is given, and stock location."""
        vals_list = [dict(vals) for vals in vals_list]
        self._add_partners(vals_list)
        self._add_locations(vals_list)
        return super().create(vals_list)

    def _add_partners(self, vals_list):
        """Make the address of the points that were given none."""
        missing = [vals for vals in vals_list if not vals.get("partner_id")]
        partners = self.env["res.partner"].create(
            [
                {
                    "name": vals.get("name"),
                    "type": "other",
                    "company_id": vals.get("company_id") or self.env.company.id,
                    "country_id": vals.get("country_id")
                    or self.env.company.country_id.id,
                }
                for vals in missing
            ]
        )
        for vals, partner in zip(missing, partners, strict=True):
            vals["partner_id"] = partner.id

    def _add_locations(self, vals_list):
        """Make the stock locations; elevated, as staff need not manage locations."""
        parent = self.env.ref("community_groupbuy.stock_location_pickup_points")
        locations = (
            self.env["stock.location"]
            .sudo()
            .create(
                [
                    {
                        "name": vals.get("code") or vals.get("name"),
                        "usage": "internal",
                        "location_id": parent.id,
                        "company_id": vals.get("company_id") or self.env.company.id,
                    }
                    for vals in vals_list
                ]
            )
        )
        for vals, location in zip(vals_list, locations, strict=True):
            vals["location_id"] = location.id

    def write(self, vals):
        """Keep the company of a point, whose stock and moves are that company's."""
        if "company_id" in vals and any(
            point.company_id.id != vals["company_id"] for point in self
        ):
            raise ValidationError(
                self.env._("Make a new pickup point instead of changing its company.")
            )
        result = super().write(vals)
        if "code" in vals or "name" in vals:
            for point in self.with_context(lang=None):
                point.sudo().location_id.name = point.code or point.name
        return result

    def copy_data(self, default=None):
        """Give the copy an address of its own, so that editing it is harmless."""
        vals_list = super().copy_data(default=default)
        for point, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%s (copy)", point.name)
            if not (default or {}).get("partner_id"):
                vals["partner_id"] = point.partner_id.copy({"name": vals["name"]}).id
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.filtered(
            lambda point: (
                self.env["sale.order"]
                .sudo()
                .search_count([("groupbuy_point_id", "=", point.id)], limit=1)
            )
        )
        if used:
            raise ValidationError(
                self.env._(
                    "Residents have ordered to %s. Archive it instead.",
                    ", ".join(used.mapped("name")),
                )
            )

    @api.depends("code", "name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for point in self:
            point.display_name = (
                f"[{point.code}] {point.name}" if point.code else point.name
            )

    # === OPENING HOURS === #

    def _get_open_days(self, start, end):
        """Return the days on which residents can collect within a time.

        Walks the opening hours in the point's own time zone, so that a night of clock
        change neither loses nor doubles a day.

        :param datetime start: Naive UTC.
        :param datetime end: Naive UTC, after the start.
        :return: Dates in the point's time zone, ascending.
        :rtype: list[date]
        """
        self.ensure_one()
        zone = pytz.timezone(self.tz)
        end = min(end, start + timedelta(days=MAX_WINDOW_DAYS))
        local_start = pytz.utc.localize(start).astimezone(zone)
        local_end = pytz.utc.localize(end).astimezone(zone)
        if not self.calendar_id:
            days = set()
            day = local_start.date()
            # A window that ends at midnight has nothing of the day after it.
            last = (local_end - timedelta(microseconds=1)).date()
            while day <= last:
                days.add(day)
                day += timedelta(days=1)
        else:
            intervals = self.calendar_id.sudo()._work_intervals_batch(
                local_start, local_end, tz=zone
            )[False]
            days = {begin.astimezone(zone).date() for begin, _stop, _rest in intervals}
        closed = self.day_off_ids.sudo()
        return sorted(
            day
            for day in days
            if not any(off.date_from <= day <= off.date_to for off in closed)
        )

    def _is_open_at(self, moment):
        """Tell whether the point is open at a moment.

        :param datetime moment: Naive UTC.
        :rtype: bool
        """
        self.ensure_one()
        return bool(self._get_open_days(moment, moment + timedelta(minutes=1)))

    def _get_opening_hours(self):
        """Return the opening hours as Odoo's location selector wants them.

        :return: Day of the week, "0" is Monday → periods such as "08:00 - 21:00";
            empty when the point has no opening hours.
        :rtype: dict[str, list[str]]
        """
        self.ensure_one()
        if not self.calendar_id:
            return {}
        hours = {str(day): [] for day in range(7)}
        for attendance in self.calendar_id.sudo().attendance_ids.sorted("hour_from"):
            if attendance.day_period == "lunch" or attendance.display_type:
                continue
            period = (
                f"{format_duration(attendance.hour_from)} - "
                f"{format_duration(attendance.hour_to)}"
            )
            # Calendars of two weeks have each day twice.
            if period not in hours[attendance.dayofweek]:
                hours[attendance.dayofweek].append(period)
        return hours

    # === CAPACITY === #

    def _get_free_capacity(self, campaign):
        """Return how many more residents can collect a campaign's goods here.

        The residents of a campaign are taken to come evenly over the days on which
        the point is open within the pickup window. With *c* as the capacity of a day
        and n_k the residents of campaign k over d_k open days, what is free is the
        sum of max(0, c - Σ n_k / d_k) over the open days of this campaign.

        Two residents who pay at the same moment for the last place both get it: a
        point copes with one more, so this is no quota with a lock.

        :param groupbuy.campaign campaign: The campaign that is asked for.
        :return: Residents; None without a limit.
        :rtype: float | None
        """
        self.ensure_one()
        if not self.daily_capacity:
            return None
        days = self._get_open_days(campaign.pickup_from, campaign.pickup_until)
        load = dict.fromkeys(days, 0.0)
        groups = (
            self.env["sale.order"]
            .sudo()
            ._read_group(
                [
                    ("groupbuy_point_id", "=", self.id),
                    ("groupbuy_state", "in", JOINED_STATES),
                    ("groupbuy_campaign_id.pickup_from", "<=", campaign.pickup_until),
                    ("groupbuy_campaign_id.pickup_until", ">=", campaign.pickup_from),
                    ("groupbuy_campaign_id.state", "!=", "done"),
                ],
                ["groupbuy_campaign_id"],
                ["partner_id:count_distinct"],
            )
        )
        for other, people in groups:
            other_days = self._get_open_days(other.pickup_from, other.pickup_until)
            for day in other_days:
                if day in load:
                    load[day] += people / len(other_days)
        return sum(max(0.0, self.daily_capacity - value) for value in load.values())

    # === RESIDENTS' CHOICE === #

    @api.model
    def _get_for_order(self, order, location_id):
        """Look up the point that a browser names, for an order of a campaign.

        Only the id is taken from the browser. Read with elevated rights: residents
        have none on the model.

        :param sale.order order: A cart of one campaign.
        :param location_id: Anything that came from a browser.
        :rtype: groupbuy.pickup.point
        :raise ValidationError: If there is no such point, if it is not of this
            campaign, closed or full.
        """
        point = self.sudo().browse(parse_id(location_id) or []).exists()
        if not point or point not in order.groupbuy_campaign_id.sudo().pickup_point_ids:
            raise ValidationError(
                self.env._(
                    "This pickup point does not take part in the campaign. Please"
                    " choose another one."
                )
            )
        if reason := point._get_refusal_reason(order):
            raise ValidationError(reason)
        return point

    def _get_refusal_reason(self, order):
        """Tell why a resident cannot have an order brought here.

        :param sale.order order: A cart of one campaign.
        :return: A sentence for the resident; empty when the point can be chosen.
        :rtype: str
        """
        self.ensure_one()
        campaign = order.groupbuy_campaign_id
        if not self.active or self.is_paused:
            return self.env._(
                "%s takes no new orders at the moment. Please choose another pickup"
                " point.",
                self.name,
            )
        if not self._get_open_days(campaign.pickup_from, campaign.pickup_until):
            return self.env._(
                "%s is closed on the days of this campaign's pickup. Please choose"
                " another pickup point.",
                self.name,
            )
        free = self._get_free_capacity(campaign)
        if free is not None and free < 1 and not self._is_expecting(order):
            return self.env._(
                "%s is full on the days of this campaign's pickup. Please choose"
                " another pickup point.",
                self.name,
            )
        return ""

    def _is_expecting(self, order):
        """Tell whether the resident comes here for the campaign anyway."""
        return bool(
            self.env["sale.order"]
            .sudo()
            .search_count(
                [
                    ("groupbuy_campaign_id", "=", order.groupbuy_campaign_id.id),
                    ("groupbuy_point_id", "=", self.id),
                    ("partner_id", "=", order.partner_id.id),
                    ("groupbuy_state", "in", JOINED_STATES),
                ],
                limit=1,
            )
        )

    def _get_address_text(self):
        """Return the address in one line, in the order of the point's country.

        :rtype: str
        """
        self.ensure_one()
        # Elevated: a point's address is shown to all, its contact is not theirs.
        partner = self.partner_id.sudo()
        street = ", ".join(filter(None, (partner.street, partner.street2)))
        parts = [street, partner.city]
        layout = partner.country_id.address_format or ""
        if -1 < layout.find("(city)") < layout.find("(street)"):
            parts.reverse()
            return " ".join(filter(None, parts))
        return ", ".join(filter(None, parts))

    def _prepare_pickup_location_data(self):
        """Return the point as Odoo's location selector and the order want it.

        :return: id, name, street, city, state (code), zip_code, country_code,
            latitude and longitude (degrees), opening_hours, additional_data.
        :rtype: dict
        """
        self.ensure_one()
        partner = self.partner_id.sudo()
        return {
            "id": self.id,
            "name": self.name,
            "street": ", ".join(filter(None, (partner.street, partner.street2))),
            "city": partner.city or "",
            "state": partner.state_id.code or "",
            "zip_code": partner.zip or "",
            "country_code": partner.country_code or "",
            "latitude": partner.partner_latitude,
            "longitude": partner.partner_longitude,
            "opening_hours": self._get_opening_hours(),
            "additional_data": {"groupbuy": True, "note": self.note or ""},
        }

    # === HOOKS === #

    def _get_service_figures(self, date_from, date_to):
        """Hook for other addons: how well points served residents in a time.

        What reads it asks for many points at once: answer with a constant number of
        queries.

        :param datetime date_from: Naive UTC, inclusive.
        :param datetime date_to: Naive UTC, exclusive.
        :return: Point id → review_count, review_sum (1 to 5 each) and cases (against
            whoever runs the point); what nobody can tell is absent.
        :rtype: dict[int, dict]
        """
        return {}

    def _get_todos(self):
        """Hook for other addons: what whoever runs these points has to answer.

        Asked for all points of a person at once: answer with a constant number of
        queries. Who may see it is checked by the page that shows it.

        :return: Dicts of label (a short text in the user's language), count (above 0)
            and url (a page that checks the user's rights itself).
        :rtype: list[dict]
        """
        return []

    def _get_grant_limit(self, user):
        """Hook for other addons: what who runs the point may give back without asking.

        :param res.users user: Who wants to grant something.
        :return: In the company's currency, tax included; None when nobody can tell.
        :rtype: float | None
        """
        self.ensure_one()
        return None

    # === ACTIONS === #

    def action_view_orders(self):
        """Open the orders that are to be collected here.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "community_groupbuy.sale_order_action"
        )
        action["domain"] = [
            ("groupbuy_point_id", "=", self.id),
            ("groupbuy_state", "in", JOINED_STATES),
        ]
        action["context"] = {}
        return action

    def action_view_stock(self):
        """Open what lies at the point.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Stock at %s", self.name),
            "res_model": "stock.quant",
            "view_mode": "list",
            "domain": [("location_id", "child_of", self.location_id.id)],
            "help": self.env._(
                "<p class='o_view_nocontent_smiling_face'>Nothing lies here</p>"
                "<p>Goods appear when a campaign's transfer to the point is done.</p>"
            ),
        }
