# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_list, ormcache

from odoo.addons.community_groupbuy.utils import has_privilege

# What a flash sale starts from; staff may change it.
FLASH_HOLD_MINUTES = 5


class GroupBuyCampaign(models.Model):
    """Flash sales: a mode of the campaign.

    Quotas, holds, limits and prices are the core's. What a flash sale adds is a window
    to the second and, in front of the quota, a queue (`groupbuy.flash.ticket`).
    """

    _inherit = "groupbuy.campaign"

    flash_queue = fields.Boolean(
        string="Fair Queue",
        default=True,
        help="Residents get in line for each product of the flash sale and are let to"
        " the checkout in the order they came, as many as there are units left.",
    )
    flash_admission_minutes = fields.Integer(
        string="Turn",
        default=3,
        help="Minutes that somebody whose turn it is has to take the product. Who does"
        " not loses the turn to the next in line.",
    )
    flash_signed_in_only = fields.Boolean(
        string="Only Signed-in Residents",
        help="Visitors have to sign in before they get in line: the only sure way to"
        " one place for each resident.",
    )
    flash_requests = fields.Integer(
        string="Requests per Minute",
        default=60,
        help="How often one resident or visitor may ask in a minute; 0: no limit.",
    )
    flash_address_requests = fields.Integer(
        string="Requests per Address",
        default=1200,
        help="How often all visitors who are not signed in and share one internet"
        " address may ask in a minute; 0: no limit.",
    )
    flash_ticket_ids = fields.One2many(
        comodel_name="groupbuy.flash.ticket", inverse_name="campaign_id", copy=False
    )
    flash_ticket_count = fields.Integer(
        string="In Line", compute="_compute_flash_ticket_count"
    )

    _flash_admission_positive = models.Constraint(
        "CHECK (flash_admission_minutes > 0)", "A turn lasts at least one minute."
    )
    _flash_requests_positive = models.Constraint(
        "CHECK (COALESCE(flash_requests, 0) >= 0"
        " AND COALESCE(flash_address_requests, 0) >= 0)",
        "A number of requests cannot be negative.",
    )

    def _compute_flash_ticket_count(self):
        counts = dict(
            self.env["groupbuy.flash.ticket"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]
            )
        )
        for campaign in self:
            campaign.flash_ticket_count = counts.get(campaign, 0)

    @api.onchange("mode")
    def _onchange_mode_flash(self):
        """Suggest short holds: units that nobody pays for go to the next in line."""
        if self.mode == "flash":
            self.hold_minutes = min(self.hold_minutes, FLASH_HOLD_MINUTES)

    def write(self, vals):
        """Override to keep the mode of a campaign that has opened."""
        if "mode" in vals:
            changed = self.filtered(
                lambda campaign: (
                    campaign.state not in ("draft", "scheduled")
                    and "flash" in (campaign.mode, vals["mode"])
                    and campaign.mode != vals["mode"]
                )
            )
            if changed:
                raise UserError(
                    self.env._(
                        "Residents have seen this campaign open: it cannot become a"
                        " flash sale, or stop being one. Duplicate it instead."
                    )
                )
        return super().write(vals)

    # === TIME === #

    def _flash_is_waiting(self):
        """Return whether this is a flash sale whose start is still to come.

        :rtype: bool
        """
        self.ensure_one()
        return (
            self.mode == "flash"
            and self.state == "scheduled"
            and fields.Datetime.now() < self.open_at
        )

    def _is_joinable(self):
        """Override of `community_groupbuy` to open a flash sale to the second.

        The scheduled job opens campaigns once a minute; until it has, the time alone
        decides. Only a campaign that was scheduled, and so was checked, opens so.
        """
        self.ensure_one()
        now = fields.Datetime.now()
        if has_privilege(self.env.context, "groupbuy_flash_grace"):
            # A cart that was in time, see `sale.order._flash_with_grace`.
            return (
                self.state == "open" and now < self.close_at + self._flash_get_grace()
            )
        if self.mode == "flash" and self.state == "scheduled":
            return self.open_at <= now < self.close_at
        return super()._is_joinable()

    def _open_if_due(self):
        """Override of `community_groupbuy` to open once, whoever comes first.

        A request may open the campaign in the same second as the scheduled job.
        """
        self.ensure_one()
        if self.mode == "flash" and fields.Datetime.now() < self.close_at:
            self._flash_open_if_due(self.id)
            return None
        return super()._open_if_due()

    @api.model
    def _flash_open_if_due(self, campaign_id):
        """Let the state of a flash sale follow its time, in a transaction of its own.

        Why it is safe: of many first visitors at once the one who gets the row's lock
        opens the campaign, and only from *scheduled* and after its time; nobody waits
        for that, and no request's snapshot conflicts with it.

        :param int campaign_id: The campaign; any other state is left as it is.
        :return: Whether this call opened it.
        :rtype: bool
        """
        now = fields.Datetime.now()
        with self.env["groupbuy.quota"]._short_transaction() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT id FROM groupbuy_campaign
                     WHERE id = %s AND mode = 'flash' AND state = 'scheduled'
                       AND open_at <= %s AND close_at > %s
                       FOR NO KEY UPDATE SKIP LOCKED
                    """,
                    campaign_id,
                    now,
                    now,
                )
            )
            if not cr.fetchone():
                return False
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["groupbuy.campaign"].browse(campaign_id)._open()
            env.flush_all()
        self.browse(campaign_id).invalidate_recordset(["state"], flush=False)
        return True

    def _start_closing(self):
        """Override of `community_groupbuy` to wait for payments that are under way.

        A flash sale may last a minute, a payment may last longer. What was taken into
        a cart before the end is held for its minutes; the close waits for it, and
        nothing new can be taken meanwhile.
        """
        waiting = self.filtered(lambda campaign: campaign._flash_get_grace_end())
        for campaign in waiting:
            self.env.ref("community_groupbuy.ir_cron_open_and_close").sudo()._trigger(
                at=campaign._flash_get_grace_end()
            )
        if others := self - waiting:
            return super(GroupBuyCampaign, others)._start_closing()
        return None

    def _flash_get_grace_end(self):
        """Return until when the close waits for carts whose time is not over.

        :return: UTC; nothing when the close need not wait. Never later than one cart's
            and one payment's hold after the end of the sale.
        :rtype: datetime | None
        """
        self.ensure_one()
        now = fields.Datetime.now()
        if self.mode != "flash" or now < self.close_at:
            return None
        latest = self.close_at + self._flash_get_grace()
        self.env.cr.execute(
            SQL(
                """
                SELECT max(expires_at) FROM groupbuy_hold
                 WHERE campaign_id = %s AND state = 'held' AND expires_at > %s
                """,
                self.id,
                now,
            )
        )
        until = self.env.cr.fetchone()[0]
        if not until or latest <= now:
            return None
        return min(until, latest)

    def _flash_get_grace(self):
        """Return how long after its end the payments of a flash sale are taken.

        :rtype: timedelta
        """
        self.ensure_one()
        return timedelta(minutes=self.hold_minutes + self.payment_minutes)

    # === READINESS === #

    def action_schedule(self):
        """Override of `community_groupbuy` to make the groups of flash sales early.

        A flash sale opens on a request; the groups are there by then, so that no two
        requests make them.
        """
        result = super().action_schedule()
        self.filtered(lambda campaign: campaign.mode == "flash")._create_groups()
        return result

    def _check_ready(self):
        """Override of `community_groupbuy` to check what a flash sale needs."""
        super()._check_ready()
        if self.mode != "flash":
            return
        loose = self.line_ids.filtered(lambda line: not line.cap)
        if self.flash_queue:
            loose |= self.line_ids.filtered(lambda line: not line.limit_per_resident)
        if loose:
            raise UserError(
                self.env._(
                    "In a flash sale each product has a cap, and with the fair queue a"
                    " limit per resident, too. Please add them to: %s.",
                    format_list(self.env, loose[:10].mapped("product_id.display_name")),
                )
            )

    # === WEBSITE === #

    def _get_goal_text(self, values):
        """Override of `community_groupbuy`: what is open by its time says so."""
        if self.mode == "flash" and self.state == "scheduled" and values["joinable"]:
            return self.env._("The flash sale is open.")
        return super()._get_goal_text(values)

    def _flash_get_page_values(self):
        """Return what the page of a flash sale shows besides the core's.

        :return: is_waiting, is_on (can be bought now), has_queue, is_signed_in_only,
            and the end as residents read it (closes).
        :rtype: dict
        """
        self.ensure_one()
        return {
            "is_waiting": self._flash_is_waiting(),
            "is_on": self._is_joinable(),
            "has_queue": self.flash_queue,
            "is_signed_in_only": self.flash_signed_in_only,
            "closes": self._format_local(self.close_at),
        }

    @api.model
    @ormcache("campaign_id")
    def _flash_get_kept_pages(self, campaign_id):
        """Return the place where the pages of a waiting flash sale are kept.

        Made once in each process, and forgotten with Odoo's caches. Who reads it looks
        at the age of a page: what one node renders need not be told to another.

        :param int campaign_id: The campaign.
        :return: What a page depends on → (HTML, until when in epoch seconds).
        :rtype: dict[tuple, tuple[str, float]]
        """
        return {}
