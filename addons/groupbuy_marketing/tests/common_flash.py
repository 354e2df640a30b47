# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from odoo.addons.community_groupbuy.tests.common import GroupBuyCommon

from ..models import groupbuy_flash_rate


class FlashCommon(GroupBuyCommon):
    """Flash sales with a queue, and the steps of those who stand in it."""

    @classmethod
    def _create_flash(cls, state="open", cap=2, limit=1, **values):
        """Return a flash sale of tomatoes; open by default."""
        now = fields.Datetime.now()
        campaign = cls._create_campaign(
            state="draft",
            **{
                "name": "Ten O'Clock Sale",
                "mode": "flash",
                "close_at": now + timedelta(hours=1),
                "lines": [{"cap": cap, "limit_per_resident": limit}],
                **values,
            },
        )
        if state == "open":
            campaign.action_open_now()
        elif state == "scheduled":
            campaign.action_schedule()
        return campaign

    def _ask(self, campaign, who, draw=True, line=None):
        """Return the status of a resident (record) or visitor (key) in line.

        The pause between two looks at what is free is skipped: time is not what these
        tests are about.
        """
        self._skip_pause()
        is_partner = not isinstance(who, str)
        return self.env["groupbuy.flash.ticket"]._ask(
            line or campaign.line_ids[:1],
            who.id if is_partner else None,
            None if is_partner else who,
            draw=draw,
        )

    def _skip_pause(self):
        self.env.cr.execute("UPDATE groupbuy_flash_gate SET checked_at = NULL")

    def _endless_minute(self):
        """Return a context in which no minute ends between two requests."""
        return patch.object(groupbuy_flash_rate, "SECONDS", 10**9)

    def _get_tickets(self, campaign):
        self.env.invalidate_all()
        return self.env["groupbuy.flash.ticket"].search(
            [("campaign_id", "=", campaign.id)], order="place"
        )

    def _expire_turns(self, campaign):
        """Let the time of all turns be over."""
        self.env.cr.execute(
            "UPDATE groupbuy_flash_ticket SET admitted_until = now() at time zone 'utc'"
            " - interval '1 minute' WHERE campaign_id = %s AND state = 'admitted'",
            [campaign.id],
        )

    def _expire_holds(self, campaign):
        """Let the time of all carts be over."""
        self.env.cr.execute(
            "UPDATE groupbuy_hold SET expires_at = now() at time zone 'utc'"
            " - interval '1 minute' WHERE campaign_id = %s AND state = 'held'",
            [campaign.id],
        )
