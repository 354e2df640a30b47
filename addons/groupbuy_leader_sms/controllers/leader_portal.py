# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.addons.groupbuy_leader.controllers.leader_portal import LeaderPortal


class LeaderPortalSms(LeaderPortal):
    def _read_announcements(self, leader, mode, hour, form):
        """Override of `groupbuy_leader` to read whether text messages are wanted."""
        vals = super()._read_announcements(leader, mode, hour, form)
        return vals | {"announce_by_sms": bool(form.get("by_sms"))}
