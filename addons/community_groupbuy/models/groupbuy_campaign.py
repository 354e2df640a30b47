# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging
from datetime import timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_list

from odoo.addons.base.models.res_partner import _tz_get

from ..const import PRIVILEGE
from ..formatting import format_moment, format_window
from ..utils import has_privilege

_logger = logging.getLogger(__name__)


class GroupBuyCampaign(models.Model):
    _name = "groupbuy.campaign"
    _description = "Group Buying Campaign"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "image.mixin",
        "website.seo.metadata",
        "website.published.multi.mixin",
        "website.searchable.mixin",
    ]
    _order = "open_at desc, id desc"
    _check_company_auto = True

    # === FIELDS === #

    name = fields.Char(required=True, translate=True)
    reference = fields.Char(
        readonly=True, copy=False, index=True, default=lambda self: self.env._("New")
    )
    active = fields.Boolean(default=True)
    description = fields.Html(translate=True, sanitize_overridable=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    warehouse_id = fields.Many2one(
        comodel_name="stock.warehouse",
        required=True,
        check_company=True,
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        tracking=True,
    )
    tz = fields.Selection(
        selection=_tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: (
            self.env.company.partner_id.tz or self.env.user.tz or "UTC"
        ),
        help="The zone in which residents see the times of this campaign.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("scheduled", "Scheduled"),
            ("open", "Open"),
            ("closing", "Closing"),
            ("succeeded", "Succeeded"),
            ("delivering", "Delivering"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        group_expand=True,
    )
    open_at = fields.Datetime(
        string="Opens",
        required=True,
        default=lambda self: self._default_moment(days=0),
        tracking=True,
    )
    close_at = fields.Datetime(
        string="Closes",
        required=True,
        default=lambda self: self._default_moment(days=2),
        tracking=True,
    )
    closed_at = fields.Datetime(
        string="Closed", readonly=True, copy=False, help="When the close was decided."
    )
    pickup_from = fields.Datetime(
        required=True,
        default=lambda self: self._default_moment(days=4),
        tracking=True,
    )
    pickup_until = fields.Datetime(
        required=True,
        default=lambda self: self._default_moment(days=6),
        tracking=True,
    )
    community_ids = fields.Many2many(
        comodel_name="groupbuy.community",
        string="Communities",
        check_company=True,
        help="Who is offered the campaign; empty means all communities.",
    )
    pickup_point_ids = fields.Many2many(
        comodel_name="groupbuy.pickup.point",
        string="Pickup Points",
        check_company=True,
        compute="_compute_pickup_point_ids",
        store=True,
        readonly=False,
        precompute=True,
    )
    carrier_ids = fields.Many2many(
        comodel_name="delivery.carrier",
        string="Home Delivery",
        help="Delivery methods to the door that this campaign offers beside pickup.",
    )
    line_ids = fields.One2many(
        comodel_name="groupbuy.campaign.line", inverse_name="campaign_id", copy=True
    )
    line_count = fields.Integer(compute="_compute_line_count")
    group_ids = fields.One2many(
        comodel_name="groupbuy.group", inverse_name="campaign_id", copy=False
    )
    order_ids = fields.One2many(
        comodel_name="sale.order", inverse_name="groupbuy_campaign_id", copy=False
    )
    job_ids = fields.One2many(
        comodel_name="groupbuy.job", inverse_name="campaign_id", copy=False
    )
    waitlist_ids = fields.One2many(
        comodel_name="groupbuy.waitlist", inverse_name="campaign_id", copy=False
    )

    # Success and shortfall
    success_scope = fields.Selection(
        selection=[("campaign", "Whole campaign"), ("group", "Each group")],
        required=True,
        default="campaign",
    )
    min_people = fields.Integer(
        string="Minimum People", help="Different residents who have paid; 0: not asked."
    )
    min_quantity = fields.Float(
        string="Minimum Quantity",
        digits="Product Unit",
        help="Units of all lines together; 0: not asked.",
    )
    min_amount = fields.Monetary(
        string="Minimum Amount",
        help="Charged at joining, tax included, without delivery; 0: not asked.",
    )
    shortfall_policy = fields.Selection(
        selection=[
            ("cancel", "Cancel and refund everybody"),
            ("extend", "Extend, then cancel"),
            ("proceed", "Proceed at the price paid"),
        ],
        required=True,
        default="cancel",
    )
    extend_hours = fields.Float(default=24.0, help="Hours by which a close is put off.")
    extend_max = fields.Integer(
        string="Extensions at Most", default=1, help="How often it may be put off."
    )
    extend_count = fields.Integer(string="Extended", readonly=True, copy=False)

    # Payment
    hold_minutes = fields.Integer(
        string="Cart Hold",
        default=lambda self: self.env.company.groupbuy_hold_minutes,
        help="Minutes for which a cart holds its quantity without payment.",
    )
    payment_minutes = fields.Integer(
        string="Payment Hold",
        default=lambda self: self.env.company.groupbuy_payment_minutes,
        help="Minutes for which the quantity is held once a payment has been started.",
    )
    refund_fallback = fields.Selection(
        selection=[
            ("none", "Only refundable payments"),
            ("wallet", "Store credit"),
            ("manual", "By hand"),
        ],
        required=True,
        default="none",
        help="What happens to money that its payment provider cannot send back."
        " Providers that can neither capture later nor refund are offered only when"
        " store credit or refunds by hand are allowed.",
    )

    # Recurrence
    recurrence = fields.Selection(
        selection=[("none", "Once"), ("daily", "Every day"), ("weekly", "Every week")],
        required=True,
        default="none",
    )
    recurrence_until = fields.Date(copy=True)
    previous_campaign_id = fields.Many2one(
        comodel_name="groupbuy.campaign",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    next_campaign_ids = fields.One2many(
        comodel_name="groupbuy.campaign", inverse_name="previous_campaign_id"
    )

    # Progress, always counted from the paid holds
    people_count = fields.Integer(string="People", compute="_compute_tallies")
    order_count = fields.Integer(string="Orders", compute="_compute_tallies")
    quantity_sum = fields.Float(
        string="Quantity", digits="Product Unit", compute="_compute_tallies"
    )
    amount_sum = fields.Monetary(string="Amount", compute="_compute_tallies")
    progress_percent = fields.Float(string="Progress", compute="_compute_tallies")
    is_success_reached = fields.Boolean(compute="_compute_tallies")
    job_pending_count = fields.Integer(
        string="Jobs Waiting", compute="_compute_job_counts"
    )
    job_failed_count = fields.Integer(
        string="Jobs Stuck", compute="_compute_job_counts"
    )
    job_done_count = fields.Integer(string="Jobs Done", compute="_compute_job_counts")
    waitlist_count = fields.Integer(compute="_compute_waitlist_count")
    picking_ids = fields.One2many(
        comodel_name="stock.picking", inverse_name="groupbuy_campaign_id"
    )
    purchase_order_ids = fields.One2many(
        comodel_name="purchase.order", inverse_name="groupbuy_campaign_id"
    )
    picking_count = fields.Integer(compute="_compute_document_counts")
    purchase_order_count = fields.Integer(compute="_compute_document_counts")
    is_supply_launched = fields.Boolean(
        readonly=True, copy=False, help="Purchases and transfers to the points exist."
    )

    _due_idx = models.Index("(state, open_at, close_at)")
    _dates_order = models.Constraint(
        "CHECK (open_at < close_at)", "A campaign must close after it opens."
    )
    _pickup_order = models.Constraint(
        "CHECK (close_at <= pickup_from AND pickup_from < pickup_until)",
        "Pickup starts after the close and ends after it starts.",
    )
    _minimums_positive = models.Constraint(
        "CHECK (COALESCE(min_people, 0) >= 0 AND COALESCE(min_quantity, 0) >= 0"
        " AND COALESCE(min_amount, 0) >= 0)",
        "A minimum cannot be negative.",
    )
    _hold_positive = models.Constraint(
        "CHECK (hold_minutes > 0 AND payment_minutes > 0)",
        "A hold lasts at least one minute.",
    )
    _extension_positive = models.Constraint(
        "CHECK (extend_hours > 0 AND extend_max >= 0)",
        "An extension lasts longer than zero hours.",
    )

    # === DEFAULTS === #

    @api.model
    def _default_moment(self, days):
        """Return the next full hour, some days from now: nobody opens at 12:07."""
        hour = fields.Datetime.now().replace(minute=0, second=0)
        return hour + timedelta(days=days, hours=1)

    # === COMPUTE === #

    @api.depends("company_id", "website_id")
    def _compute_warehouse_id(self):
        for campaign in self:
            company = campaign.company_id or self.env.company
            warehouse = campaign.website_id.warehouse_id
            if not warehouse or warehouse.company_id != company:
                warehouse = self.env["stock.warehouse"].search(
                    [("company_id", "=", company.id)], limit=1
                )
            campaign.warehouse_id = warehouse

    @api.depends("community_ids")
    def _compute_pickup_point_ids(self):
        for campaign in self:
            campaign.pickup_point_ids = [
                Command.set(campaign.community_ids.pickup_point_ids.ids)
            ]

    def _compute_line_count(self):
        counts = dict(
            self.env["groupbuy.campaign.line"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]
            )
        )
        for campaign in self:
            campaign.line_count = counts.get(campaign, 0)

    def _compute_tallies(self):
        tallies = self._get_tallies()
        for campaign in self:
            tally = tallies.get(campaign.id, {})
            campaign.people_count = tally.get("people", 0)
            campaign.order_count = tally.get("orders", 0)
            campaign.quantity_sum = tally.get("quantity", 0.0)
            campaign.amount_sum = tally.get("amount", 0.0)
            parts = [
                min(have / need, 1.0)
                for have, need in campaign._get_progress(tally).values()
                if need
            ]
            campaign.progress_percent = 100 * min(parts, default=1.0)
            campaign.is_success_reached = all(part >= 1.0 for part in parts)

    def _compute_job_counts(self):
        counts = {
            (campaign.id, state): count
            for campaign, state, count in self.env["groupbuy.job"]._read_group(
                [("campaign_id", "in", self.ids)],
                ["campaign_id", "state"],
                ["__count"],
            )
        }
        for campaign in self:
            campaign.job_pending_count = counts.get((campaign.id, "pending"), 0)
            campaign.job_failed_count = sum(
                counts.get((campaign.id, state), 0) for state in ("failed", "manual")
            )
            campaign.job_done_count = counts.get((campaign.id, "done"), 0)

    def _compute_waitlist_count(self):
        counts = dict(
            self.env["groupbuy.waitlist"]._read_group(
                [
                    ("campaign_id", "in", self.ids),
                    ("state", "in", ("waiting", "offered")),
                ],
                ["campaign_id"],
                ["__count"],
            )
        )
        for campaign in self:
            campaign.waitlist_count = counts.get(campaign, 0)

    def _compute_document_counts(self):
        for field, model in (
            ("picking_count", "stock.picking"),
            ("purchase_order_count", "purchase.order"),
        ):
            counts = dict(
                self.env[model]
                .sudo()
                ._read_group(
                    [("groupbuy_campaign_id", "in", self.ids)],
                    ["groupbuy_campaign_id"],
                    ["__count"],
                )
            )
            for campaign in self:
                campaign[field] = counts.get(campaign, 0)

    @api.depends("name")
    def _compute_website_url(self):
        """Override of `website` to give the address of the campaign's page."""
        result = super()._compute_website_url()
        for campaign in self.filtered("id"):
            slug = self.env["ir.http"]._slug(campaign)
            campaign.website_url = f"/group-buy/{slug}"
        return result

    # === CONSTRAINTS AND CRUD === #

    @api.constrains("website_id", "company_id")
    def _check_website_company(self):
        for campaign in self:
            website = campaign.website_id
            if website and website.company_id != campaign.company_id:
                raise ValidationError(
                    self.env._("The website belongs to another company.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_facts(
            name
            for vals in vals_list
            for name, value in vals.items()
            if value and (name, value) != ("state", "draft")
        )
        for vals in vals_list:
            if not vals.get("reference"):
                vals["reference"] = self.env["ir.sequence"].next_by_code(
                    "groupbuy.campaign"
                ) or self.env._("New")
        return super().create(vals_list)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for campaign, vals in zip(self, vals_list, strict=True):
            if not default or "name" not in default:
                vals["name"] = self.env._("%s (copy)", campaign.name)
            if not default or "open_at" not in default:
                # A copy starts now and keeps the lengths of the original.
                shift = fields.Datetime.now() - campaign.open_at
                for name in ("open_at", "close_at", "pickup_from", "pickup_until"):
                    vals[name] = campaign[name] + shift
            vals["is_published"] = False
        return vals_list

    # Fields of an open campaign that only an edit with a reason may change.
    _guarded_fields = frozenset(
        ("open_at", "close_at", "pickup_from", "pickup_until", "community_ids",
         "pickup_point_ids", "carrier_ids", "success_scope", "min_people",
         "min_quantity", "min_amount", "shortfall_policy", "extend_hours",
         "extend_max", "refund_fallback", "warehouse_id", "company_id", "tz")
    )  # fmt: skip

    # What only the life of a campaign writes: its buttons and scheduled jobs.
    _fact_fields = frozenset(
        ("state", "closed_at", "extend_count", "previous_campaign_id",
         "is_supply_launched")
    )  # fmt: skip

    def _check_facts(self, names):
        """Refuse that somebody writes what follows from a campaign's life.

        Whoever may edit campaigns may call `write` by RPC, and a state written there
        would skip every check, lock and job that belongs to it.

        :param names: Names of the fields that are about to be written.
        :raise AccessError: If one of them is such a fact, unless our own code writes
            it.
        """
        if self.env.su or has_privilege(self.env.context, "groupbuy_system_write"):
            return
        if forged := self._fact_fields.intersection(names):
            raise AccessError(
                self.env._(
                    "%(fields)s cannot be written: a campaign changes its state by its"
                    " buttons and its times only.",
                    fields=", ".join(self._fields[n].string for n in sorted(forged)),
                )
            )

    def write(self, vals):
        self._check_facts(vals)
        guarded = self._guarded_fields & vals.keys()
        if guarded and not has_privilege(self.env.context, "groupbuy_system_write"):
            opened = self.filtered(lambda c: c.state not in ("draft", "scheduled"))
            if opened:
                opened._check_edit_reason()
                opened._check_promises(vals)
                opened._log_edit(self._get_field_names(guarded))
        result = super().write(vals)
        if {"pickup_point_ids", "carrier_ids"} & vals.keys():
            self.filtered(lambda c: c.state == "open")._create_groups()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(campaign.state not in ("draft", "cancelled") for campaign in self):
            raise UserError(
                self.env._("Only a draft or cancelled campaign can be deleted.")
            )
        if self.env["sale.order"].search_count(
            [("groupbuy_campaign_id", "in", self.ids)], limit=1
        ):
            raise UserError(
                self.env._(
                    "Residents have ordered in this campaign. Archive it instead."
                )
            )

    def _check_edit_reason(self):
        """Refuse an edit of an open campaign for which no reason is given.

        :raise UserError: If the context carries no reason.
        """
        if has_privilege(self.env.context, "groupbuy_system_write"):
            return
        if not (self.env.context.get("groupbuy_edit_reason") or "").strip():
            raise UserError(
                self.env._(
                    "Residents have joined this campaign. Use the button Edit with"
                    " Reason, so that everybody can see later what was changed and why."
                )
            )

    @api.model
    def _get_field_names(self, names):
        """Return how the reader knows some fields of this model, as a text."""
        labels = self.fields_get(names, ["string"])
        return format_list(self.env, [labels[name]["string"] for name in sorted(names)])

    def _log_edit(self, what):
        """Keep an edit of an open campaign and its reason in the chatter."""
        reason = self.env.context.get("groupbuy_edit_reason")
        if not reason:
            return
        for campaign in self:
            campaign.message_post(
                body=self.env._(
                    "Changed: %(what)s. Reason: %(reason)s", what=what, reason=reason
                )
            )

    def _check_promises(self, vals):
        """Refuse an edit that makes worse what joiners were promised.

        The pickup window may be widened, not moved or narrowed; points at which
        somebody collects stay; the price is guarded on the lines and tiers.

        :param dict vals: What is about to be written.
        :raise UserError: If it breaks a promise.
        """
        for campaign in self:
            start = fields.Datetime.to_datetime(
                vals.get("pickup_from", campaign.pickup_from)
            )
            end = fields.Datetime.to_datetime(
                vals.get("pickup_until", campaign.pickup_until)
            )
            if start > campaign.pickup_from or end < campaign.pickup_until:
                raise UserError(
                    self.env._(
                        "Residents joined for a pickup from %(start)s to %(end)s. The"
                        " window can be widened, not moved or narrowed.",
                        start=campaign._format_local(campaign.pickup_from),
                        end=campaign._format_local(campaign.pickup_until),
                    )
                )
            if campaign.state != "open" and "close_at" in vals:
                raise UserError(self.env._("The campaign has closed already."))

    # === TIME === #

    def _format_local(self, moment, lang=None):
        """Return a moment as residents read it, in the campaign's own zone.

        :param datetime moment: UTC.
        :param str lang: Language code; the user's by default.
        :rtype: str
        """
        self.ensure_one()
        if not moment:
            return ""
        env = self.with_context(lang=lang).env if lang else self.env
        return format_moment(env, moment, self.tz)

    def _format_pickup_window(self, lang=None):
        """Return when the goods are collected; a day that is the same only once.

        :param str lang: Language code; the user's by default.
        :rtype: str
        """
        self.ensure_one()
        env = self.with_context(lang=lang).env if lang else self.env
        return format_window(env, self.pickup_from, self.pickup_until, self.tz)

    def _is_joinable(self):
        """Return whether residents may join now.

        State and time are both asked, so that nobody joins after the close even while
        the job that closes is late.

        :rtype: bool
        """
        self.ensure_one()
        now = fields.Datetime.now()
        return self.state == "open" and self.open_at <= now < self.close_at

    def _groupbuy_get_refusal(self, partner):
        """Hook for other addons: why a resident may not join what others may.

        Asked when something is put into a cart and right before the payment; a payment
        that was begun before is not refused.

        :param res.partner partner: The resident; nobody while still anonymous.
        :return: A sentence for the resident, or an empty string.
        :rtype: str
        """
        self.ensure_one()
        return ""

    # === STATE CHANGES === #

    def _set_state(self, state, **values):
        """Write a state, and what changes with it, by right of our own code.

        :param str state: Selection value of `state`.
        :param values: Other fields, also those that need a reason in an open campaign.
        """
        self.with_context(groupbuy_system_write=PRIVILEGE).write(
            {"state": state, **values}
        )

    def action_schedule(self):
        """Check the campaign and let it open at its time.

        :raise UserError: If something is missing that joiners would stumble over.
        """
        self.check_access("write")
        for campaign in self:
            if campaign.state != "draft":
                raise UserError(self.env._("Only a draft campaign can be scheduled."))
            campaign._check_ready()
        self._set_state("scheduled")
        self.is_published = True
        self.env.ref("community_groupbuy.ir_cron_open_and_close")._trigger(
            at=list({moment for c in self for moment in (c.open_at, c.close_at)})
        )

    def action_open_now(self):
        """Open the campaign at once instead of at its time."""
        self.check_access("write")
        for campaign in self:
            if campaign.state not in ("draft", "scheduled"):
                raise UserError(self.env._("This campaign has been opened already."))
            campaign._check_ready()
            now = fields.Datetime.now()
            if campaign.close_at <= now:
                raise UserError(
                    self.env._("Set a closing time that lies in the future first.")
                )
            campaign.open_at = min(campaign.open_at, now)
        self.is_published = True
        self._open()

    def action_close_now(self):
        """Close the campaign at once instead of at its time."""
        self.check_access("write")
        for campaign in self:
            if campaign.state != "open":
                raise UserError(self.env._("Only an open campaign can be closed."))
        self._start_closing()
        self.env.ref("community_groupbuy.ir_cron_open_and_close")._trigger()

    def action_draft(self):
        """Take a campaign that has not opened back to draft."""
        self.check_access("write")
        if any(campaign.state not in ("scheduled", "cancelled") for campaign in self):
            raise UserError(
                self.env._("Only a campaign that nobody has joined can be draft again.")
            )
        if (
            self.env["sale.order"]
            .sudo()
            .search_count([("groupbuy_campaign_id", "in", self.ids)], limit=1)
        ):
            raise UserError(
                self.env._("Residents have ordered here. Duplicate it instead.")
            )
        self._set_state("draft")

    def action_cancel(self):
        """Cancel the campaign: everybody who has joined gets the money back.

        :raise UserError: If it has succeeded; then orders are cancelled one by one.
        """
        self.check_access("write")
        for campaign in self:
            if campaign.state not in ("draft", "scheduled", "open"):
                raise UserError(
                    self.env._(
                        "This campaign has closed. Cancel its orders one by one."
                    )
                )
        running = self.filtered(lambda campaign: campaign.state == "open")
        (self - running)._set_state("cancelled")
        for campaign in running:
            campaign._lock()
            campaign._set_state("cancelled", closed_at=fields.Datetime.now())
            # Elevated: staff cancel a campaign, but nobody writes a group by hand.
            campaign.group_ids.sudo().state = "cancelled"
            campaign._create_refund_jobs(campaign.group_ids, "cancelled")
        self.env["groupbuy.waitlist"].sudo()._close_for_campaigns(self)

    def _check_ready(self):
        """Check what must be there before residents see the campaign.

        :raise UserError: With everything that is missing, in one message.
        """
        self.ensure_one()
        problems = []
        if not self.line_ids:
            problems.append(self.env._("Add at least one product."))
        if not self.pickup_point_ids and not self.carrier_ids:
            problems.append(
                self.env._("Choose communities with pickup points, or home delivery.")
            )
        unapproved = self.line_ids.filtered(
            lambda line: line.is_below_cost and not line.below_cost_approved_by
        )
        if unapproved:
            problems.append(
                self.env._(
                    "The lowest price is below cost for: %s. A manager has to accept"
                    " it on the line.",
                    ", ".join(unapproved[:10].mapped("product_id.display_name")),
                )
            )
        problems += self._get_lead_time_problems()
        if problems:
            raise UserError("\n".join(problems))

    def _get_lead_time_problems(self):
        """Compare suppliers' lead times with the time between close and pickup.

        :return: A sentence for the lines that could not arrive in time.
        :rtype: list[str]
        """
        self.ensure_one()
        days = (self.pickup_from - self.close_at).total_seconds() / 86400
        late = self.line_ids.filtered(lambda line: line.supplier_delay > days)
        if not late:
            return []
        # What lies in stock need not arrive.
        stocked = late.filtered(
            lambda line: (
                line.cap
                and line.product_id.with_context(
                    warehouse_id=self.warehouse_id.id
                ).free_qty
                >= line.cap
            )
        )
        late -= stocked
        if not late:
            return []
        return [
            self.env._(
                "Suppliers need longer than the %(days).1f days between close and"
                " pickup: %(lines)s.",
                days=days,
                lines=", ".join(
                    f"{line.product_id.display_name} ({line.supplier_delay})"
                    for line in late[:10]
                ),
            )
        ]

    def _open(self):
        """Open campaigns: from now on residents may join."""
        self._create_groups()
        self._set_state("open")
        self.env.ref("community_groupbuy.ir_cron_open_and_close").sudo()._trigger(
            at=list(set(self.mapped("close_at")))
        )

    def _create_groups(self):
        """Create the group of each pickup point that has none yet.

        They exist before anybody joins, so that two first joiners of a point never
        make two groups.
        """
        vals_list = []
        for campaign in self:
            existing = campaign.group_ids.pickup_point_id
            vals_list += [
                {"campaign_id": campaign.id, "pickup_point_id": point.id}
                for point in campaign.pickup_point_ids - existing
            ]
            if campaign.carrier_ids and not campaign.group_ids.filtered(
                lambda group: not group.pickup_point_id
            ):
                vals_list.append({"campaign_id": campaign.id})
        self.env["groupbuy.group"].sudo().create(vals_list)

    def _lock(self):
        """Lock the campaigns' rows against payments that are just being registered.

        A registration holds a share lock on the row until it commits; this waits for
        it, and whoever comes later sees the new state (see
        :meth:`sale.order._groupbuy_lock_campaign`).
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM groupbuy_campaign WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )

    def _start_closing(self):
        """First step of the close: no more joins.

        Committed before anything is decided, so that the decision sees every payment
        that was registered and no other.
        """
        self._lock()
        self._set_state("closing")

    def _decide(self):
        """Second step of the close: decide, in one transaction, what becomes of all.

        Success or not by campaign or group, the outcome of each line, the state, and
        a job for each order are written together. Why it is safe: the rows of jobs
        and outcomes have unique keys and the state moves from *closing* once, so a
        process killed in the middle leaves nothing, and one that runs twice finds
        the state changed.
        """
        self.ensure_one()
        self._lock()
        self.invalidate_recordset(["state"])
        if self.state != "closing":
            return
        successful, failed = self._split_groups()
        if failed and self._is_extendable(successful):
            self._extend()
            return
        if self.shortfall_policy == "proceed":
            joined = failed.filtered("people_count")
            successful, failed = successful | joined, failed - joined
        outcomes = self._create_outcomes(successful)
        succeeded = bool(successful)
        self._set_state(
            "succeeded" if succeeded else "failed", closed_at=fields.Datetime.now()
        )
        successful.state = "succeeded"
        failed.state = "failed"
        self._create_success_jobs(successful)
        self._create_refund_jobs(failed, "shortfall")
        self._cancel_unpaid_carts()
        self.env["groupbuy.waitlist"].sudo()._close_for_campaigns(self)
        self._on_decided(successful, failed, outcomes)
        self._create_next()

    def _on_decided(self, successful, failed, outcomes):
        """Hook for other addons: the close has been decided, jobs are queued.

        :param groupbuy.group successful: Groups that go on.
        :param groupbuy.group failed: Groups that are refunded.
        :param groupbuy.line.outcome outcomes: Final prices.
        """
        self.ensure_one()

    def _get_progress(self, tally):
        """Return what is there and what is asked for success.

        :param dict tally: people, quantity, amount (company currency).
        :return: Measure → (have, need); need 0 means not asked.
        :rtype: dict[str, tuple[float, float]]
        """
        self.ensure_one()
        return {
            "people": (tally.get("people", 0), self.min_people),
            "quantity": (tally.get("quantity", 0.0), self.min_quantity),
            "amount": (tally.get("amount", 0.0), self.min_amount),
        }

    def _is_reached(self, tally):
        """Return whether a tally satisfies each condition; thresholds are inclusive."""
        return tally.get("orders", 0) > 0 and all(
            have >= need for have, need in self._get_progress(tally).values() if need
        )

    def _split_groups(self):
        """Split the groups into those that succeed and those that fall short.

        :return: Two recordsets of `groupbuy.group`.
        """
        self.ensure_one()
        groups = self.group_ids.filtered(lambda group: group.state == "open")
        tallies = groups._get_tallies()
        joined = groups.filtered(lambda group: group.id in tallies)
        if self.success_scope == "group":
            successful = joined.filtered(
                lambda group: self._is_reached(tallies[group.id])
            )
        elif self._is_reached(self._get_tallies().get(self.id, {})):
            # A group that nobody joined shares the campaign's success, emptily.
            successful = joined
        else:
            successful = groups.browse()
        return successful, groups - successful

    def _is_extendable(self, successful):
        """Return whether the shortfall policy puts the close off once more.

        With a condition for each group, the campaign is only put off while no group
        has succeeded: those that have should not wait for the others.
        """
        return (
            self.shortfall_policy == "extend"
            and self.extend_count < self.extend_max
            and not successful
        )

    def _extend(self):
        """Put the close off. The pickup window moves along only if it has to."""
        close_at = max(self.close_at, fields.Datetime.now()) + timedelta(
            hours=self.extend_hours
        )
        vals = {"close_at": close_at, "extend_count": self.extend_count + 1}
        if close_at > self.pickup_from:
            shift = close_at - self.pickup_from
            vals["pickup_from"] = self.pickup_from + shift
            vals["pickup_until"] = self.pickup_until + shift
        self._set_state("open", **vals)
        self.message_post(
            body=self.env._(
                "Not enough residents have joined yet: extended to %s.",
                self._format_local(close_at),
            )
        )
        self.env.ref("community_groupbuy.ir_cron_open_and_close").sudo()._trigger(
            at=close_at
        )

    def _create_outcomes(self, successful):
        """Write the final price of each line, and which lines missed their minimum.

        Everybody who had joined counts for the tiers, also those whose group fails:
        they saw the price fall, and so did the others.

        :param groupbuy.group successful: The groups that go on.
        :return: The outcomes.
        :rtype: groupbuy.line.outcome
        """
        lines = self.line_ids
        tallies = lines._get_tallies(by_group=True)
        vals_list = []
        for line in lines:
            tally = tallies.get(line.id, {"groups": {}})
            sold = sum(
                tally["groups"].get(group.id, {}).get("quantity", 0.0)
                for group in successful
            )
            dropped = bool(line.min_quantity) and sold < line.min_quantity
            scopes = (
                [(group.id, tally["groups"].get(group.id, {})) for group in successful]
                if line.tier_scope == "group"
                else [(False, tally)]
            )
            vals_list += [
                line._prepare_outcome(group_id, scope, dropped)
                for group_id, scope in scopes
            ]
        return self.env["groupbuy.line.outcome"].sudo().create(vals_list)

    def _create_success_jobs(self, groups):
        """Queue a capture or a confirmation for each waiting order of the groups.

        One statement for any number of orders. The unique key of a job makes a
        second run insert nothing.
        """
        self.env["groupbuy.job"].sudo()._create_for_groups(groups, "success")

    def _create_refund_jobs(self, groups, reason):
        """Queue the return of all money for each waiting order of the groups."""
        self.env["groupbuy.job"].sudo()._create_for_groups(groups, "refund", reason)

    def _cancel_unpaid_carts(self):
        """Free what carts still hold when the campaign closes.

        The carts stay, with their lines, so that their owners are told what happened
        instead of finding them empty.
        """
        carts = (
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("groupbuy_campaign_id", "in", self.ids),
                    ("groupbuy_state", "=", "cart"),
                ]
            )
        )
        self.env["groupbuy.hold"].sudo()._release_for_orders(carts.ids)

    def _create_next(self):
        """Schedule the next campaign of a daily or weekly series, once.

        The wall clock time of the campaign's zone is kept over a clock change.
        """
        for campaign in self:
            if campaign.recurrence == "none" or campaign.next_campaign_ids:
                continue
            step = relativedelta(days=1 if campaign.recurrence == "daily" else 7)
            dates = {
                name: campaign._shift_local(campaign[name], step)
                for name in ("open_at", "close_at", "pickup_from", "pickup_until")
            }
            # After downtime the series goes on from now; it does not open campaigns
            # whose time is over.
            while dates["close_at"] <= fields.Datetime.now():
                dates = {
                    name: campaign._shift_local(moment, step)
                    for name, moment in dates.items()
                }
            until = campaign.recurrence_until
            if until and dates["open_at"].date() > until:
                continue
            following = campaign.with_context(groupbuy_system_write=PRIVILEGE).copy(
                {
                    "name": campaign.name,
                    "previous_campaign_id": campaign.id,
                    "extend_count": 0,
                    **dates,
                }
            )
            for origin, line in zip(campaign.line_ids, following.line_ids, strict=True):
                # `following` carries the privilege of the copy.
                line.below_cost_approved_by = origin.below_cost_approved_by
            try:
                with self.env.cr.savepoint():
                    following.action_schedule()
            except UserError as error:
                following.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=campaign.user_id.id or SUPERUSER_ID,
                    summary=self.env._("The next campaign could not be scheduled"),
                    note=str(error),
                )

    def _shift_local(self, moment, step):
        """Add days to a moment by the wall clock of the campaign's zone.

        :param datetime moment: UTC.
        :param relativedelta step: Days to add.
        :return: UTC, at the same wall clock time also over a clock change. A time
            that the change skips becomes the one an hour later.
        :rtype: datetime
        """
        zone = pytz.timezone(self.tz)
        local = pytz.utc.localize(moment).astimezone(zone).replace(tzinfo=None) + step
        aware = zone.normalize(zone.localize(local))
        return aware.astimezone(pytz.utc).replace(tzinfo=None)

    # === TALLIES === #

    def _get_tallies(self):
        """Count who has joined each campaign, from the paid holds.

        :return: Campaign id → people, orders, quantity, and amount in the currency
            of the company, tax included, without delivery.
        :rtype: dict[int, dict]
        """
        if not self.ids:
            return {}
        self.env["groupbuy.hold"].flush_model()
        self.env.cr.execute(
            """
            SELECT campaign_id, COUNT(DISTINCT partner_id), COUNT(DISTINCT order_id),
                   SUM(quantity), SUM(amount)
              FROM groupbuy_hold
             WHERE campaign_id = ANY(%s) AND state = 'paid'
             GROUP BY campaign_id
            """,
            [self.ids],
        )
        return {
            campaign_id: {
                "people": people,
                "orders": orders,
                "quantity": float(quantity),
                "amount": float(amount or 0),
            }
            for campaign_id, people, orders, quantity, amount in self.env.cr.fetchall()
        }

    def _get_live_values(self, lines=None):
        """Return what the campaign's page shows and refreshes.

        A constant number of queries for any number of lines and orders.

        :param groupbuy.campaign.line lines: The lines on the page; all by default.
        :return: Plain values, times as ISO 8601 in UTC, money as numbers in the
            company's currency, tax included.
        :rtype: dict
        """
        self.ensure_one()
        lines = self.line_ids if lines is None else lines
        tally = self._get_tallies().get(self.id, {})
        return {
            "state": self.state,
            "joinable": self._is_joinable(),
            "server_now": fields.Datetime.now().isoformat() + "Z",
            "open_at": self.open_at.isoformat() + "Z",
            "close_at": self.close_at.isoformat() + "Z",
            "people": tally.get("people", 0),
            "orders": tally.get("orders", 0),
            "progress": {
                measure: list(pair)
                for measure, pair in self._get_progress(tally).items()
                if pair[1]
            },
            "reached": self._is_reached(tally),
            "lines": {
                line.id: {
                    "price": line.final_price or line.current_price,
                    "taken": line.taken_quantity,
                    "sold": line.sold_quantity,
                    "people": line.people_count,
                    "available": line.available_quantity if line.cap else None,
                    "next_price": line.next_price if line.next_threshold else None,
                    "missing": line.missing_to_next if line.next_threshold else None,
                    "measure": line.tier_measure,
                    "measured": {
                        "people": line.people_count,
                        "quantity": line.sold_quantity,
                        "amount": line.amount_sum,
                    }[line.tier_measure],
                }
                for line in lines
            },
            "joiners": self._get_joiner_names(),
        }

    def _get_joiner_names(self, limit=12):
        """Return the latest joiners who agreed to be shown, first name and initial.

        :param int limit: How many at most.
        :rtype: list[str]
        """
        orders = (
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("groupbuy_campaign_id", "=", self.id),
                    ("groupbuy_state", "in", ("waiting", "confirmed")),
                    ("groupbuy_show_name", "=", True),
                ],
                order="groupbuy_joined_at desc, id desc",
                limit=limit,
            )
        )
        return [order.partner_id._groupbuy_public_name() for order in orders]

    @api.model
    def _get_open_domain(self, website):
        """Return the domain of the campaigns that a website shows its residents.

        :param website website: The website.
        :rtype: Domain
        """
        return Domain(
            [
                ("website_id", "in", (False, website.id)),
                ("company_id", "=", website.company_id.id),
                ("is_published", "=", True),
                ("state", "in", ("scheduled", "open")),
            ]
        )

    # === SCHEDULED JOBS === #

    @api.model
    def _cron_open_and_close(self):
        """Open and close what is due, each campaign in a transaction of its own.

        What is due is chosen by state and `<= now`, never by a time window: after
        downtime everything is caught up, once. One campaign's failure is logged on
        it and stops no other.
        """
        now = fields.Datetime.now()
        steps = (
            ([("state", "=", "scheduled"), ("open_at", "<=", now)], "_open_if_due"),
            ([("state", "=", "open"), ("close_at", "<=", now)], "_start_closing"),
            ([("state", "=", "closing")], "_decide"),
        )
        commit = self.env["ir.cron"]._commit_progress
        for domain, step in steps:
            for campaign in self.search(domain, order="id"):
                campaign = campaign[0]
                try:
                    getattr(campaign, step)()
                except Exception as error:  # noqa: BLE001
                    self.env.cr.rollback()
                    _logger.exception("Campaign %s: %s failed", campaign.id, step)
                    campaign._report_failure(error)
                commit(processed=1)
        self.env.ref("community_groupbuy.ir_cron_process_jobs")._trigger()

    def _open_if_due(self):
        """Open a scheduled campaign, or fail it if its whole time passed meanwhile."""
        self.ensure_one()
        self._open()

    def _report_failure(self, error):
        """Tell the responsible that a scheduled step failed, once for each campaign."""
        self.ensure_one()
        summary = self.env._("A scheduled step of this campaign failed")
        if self.activity_ids.filtered(lambda a: a.summary == summary):
            return
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            user_id=self.user_id.id or SUPERUSER_ID,
            summary=summary,
            note=str(error),
        )
