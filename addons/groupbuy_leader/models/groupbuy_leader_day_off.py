# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..periods import to_day

# A longer break is agreed upon with the staff, who hand the point over for a while.
MAX_DAYS = 31
MAX_AHEAD = 366


class GroupBuyLeader(models.Model):
    """The days on which a leader closes the own point."""

    _inherit = "groupbuy.leader"

    def _add_day_off(self, point, first, last, reason=""):
        """Close an own point on some days.

        :param groupbuy.pickup.point point: One of the leader's.
        :param date first: First day, in the time zone of the point.
        :param date last: Last day, inclusive.
        :param str reason: What residents may read.
        :return: The days off.
        :rtype: groupbuy.day.off
        :raise UserError: If the days make no sense, are closed already, or would leave
            residents without a day to collect what they have ordered.
        """
        self.ensure_one()
        if point not in self.point_ids:
            raise UserError(self.env._("Please choose one of your pickup points."))
        self._check_days_off(point, first, last)
        expected = self._get_expected_pickups()[point]
        open_before = expected.filtered(lambda c: self._has_open_day(point, c))
        day_off = (
            self.sudo()
            .env["groupbuy.day.off"]
            .create(
                {
                    "point_id": point.id,
                    "date_from": first,
                    "date_to": last,
                    "name": reason or False,
                }
            )
        )
        stranded = open_before.filtered(lambda c: not self._has_open_day(point, c))
        if stranded:
            raise UserError(
                self.env._(
                    "Residents could not collect any more what they have ordered in %s."
                    " Leave one of its pickup days open, or ask the staff.",
                    ", ".join(stranded.mapped("name")),
                )
            )
        return day_off

    def _check_days_off(self, point, first, last):
        """Check the days themselves.

        :raise UserError: See :meth:`_add_day_off`.
        """
        today = to_day(fields.Datetime.now(), point.tz)
        if last < first:
            raise UserError(
                self.env._("The last day off cannot be before the first one.")
            )
        if first < today:
            raise UserError(self.env._("Please choose days that are not over yet."))
        if (last - first).days >= MAX_DAYS:
            raise UserError(
                self.env._(
                    "At most %s days in a row. Ask the staff for a longer break.",
                    MAX_DAYS,
                )
            )
        if last > today + timedelta(days=MAX_AHEAD):
            raise UserError(self.env._("Please choose days within a year from today."))
        overlapping = point.day_off_ids.filtered(
            lambda off: off.date_from <= last and off.date_to >= first
        )
        if overlapping:
            raise UserError(
                self.env._("The point is closed on some of these days already.")
            )

    def _has_open_day(self, point, campaign):
        """Tell whether a day is left to collect the goods of a campaign."""
        start = max(campaign.pickup_from, fields.Datetime.now())
        return bool(point._get_open_days(start, campaign.pickup_until))

    def _remove_day_off(self, day_off_id):
        """Open an own point again on days that are not over.

        :param int day_off_id: Anything that a browser named.
        :return: Whether there were such days.
        :rtype: bool
        """
        self.ensure_one()
        day_off = self._get_days_off().filtered(lambda off: off.id == day_off_id)
        found = bool(day_off)
        day_off.unlink()
        return found
